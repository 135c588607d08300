/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testupload.h: a server for uploads that does what a test says
 *
 * Here: a pipeline that uploads to it; what comes, byte for byte, and answers.
 * Not here: a correct server: those are in tests/interop.
 */
#pragma once

#include "testhttp.h"

G_BEGIN_DECLS

typedef struct
{
  GSocket *listener;
  guint16 port;
  GIOStream *stream; /* the connection that came last */
  GstElement *pipeline;
  GstElement *src;  /* not owned */
  GstElement *sink; /* not owned */
} TestUpload;

void test_upload_listen (TestUpload *self);
void test_upload_forget (TestUpload *self);

/* An appsrc and httpclientsink, to /up here, or to a path below "/". */
void test_upload_prepare (
    TestUpload *self, const gchar *properties, const gchar *caps);
void test_upload_play (TestUpload *self);
void test_upload_launch (
    TestUpload *self, const gchar *properties, const gchar *caps);
void test_upload_launch_at (TestUpload *self, const gchar *path,
    const gchar *properties, const gchar *caps);
void test_upload_push (TestUpload *self, const gchar *text, guint flags);
void test_upload_push_size (TestUpload *self, gsize size);
void test_upload_end (TestUpload *self);
/* Ends the pipeline, and fails when that takes half a second. */
void test_upload_stop (TestUpload *self);

/* Returns: (transfer full): the head of a request, on another connection or
 * the same. */
gchar *test_upload_accept_head (TestUpload *self);
gchar *test_upload_read_head (TestUpload *self);
void test_upload_expect_line (const gchar *head, const gchar *line);
gchar *test_upload_read (TestUpload *self, gsize size);
/* What the chunks hold, up to the last. */
gchar *test_upload_read_body (TestUpload *self);
gchar *test_upload_read_all (TestUpload *self);
gboolean test_upload_has_input (TestUpload *self);
void test_upload_answer (TestUpload *self, const gchar *answer);
void test_upload_hang_up (TestUpload *self);

G_END_DECLS
