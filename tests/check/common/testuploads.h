/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testuploads.h: what comes out of httpserversrc, for tests
 *
 * Here: the element in a pipeline, and what each of its pads has pushed.
 * Not here: senders (testhttp.h), what is right.
 */
#pragma once

#include "testhttp.h"

G_BEGIN_DECLS

/* What a pad has pushed so far. */
typedef struct
{
  gchar *name;
  GString *bytes;
  gchar *caps; /* "none" before any */
  GString *tags;
  GString *order; /* a letter each: Start Caps segment Tags Buffer End */
  guint n_starts;
  guint n_segments;
  guint n_discont;
  gboolean is_eos;
  gboolean is_removed;
} TestStream;

typedef struct
{
  GstElement *pipeline;
  GstElement *src;
  guint16 port;
  const gchar *next; /* what each pad is linked to, a fakesink if NULL */
  gboolean is_unlinked;

  GMutex lock;
  GCond changed;
  gboolean is_held;    /* pads wait before they push */
  gboolean is_counted; /* bytes are counted, not kept */
  guint64 n_bytes;
  GPtrArray *streams; /* TestStream */
  GString *finished;  /* of all requests: method, path, status */
} TestUploads;

/* Starts it, in PLAYING. */
void test_uploads_start (TestUploads *self, const gchar *properties);
void test_uploads_stop (TestUploads *self);
void test_uploads_hold (TestUploads *self, gboolean hold);
/* The stream of a pad; NULL when there is none. To be looked at once it has
 * come to an end, or with the lock held. */
TestStream *test_uploads_get (TestUploads *self, const gchar *pad);
void test_uploads_wait_stream (TestUploads *self, const gchar *pad);
void test_uploads_wait_eos (TestUploads *self, const gchar *pad);
void test_uploads_wait_removed (TestUploads *self, const gchar *pad);
void test_uploads_wait_bytes (
    TestUploads *self, const gchar *pad, const gchar *bytes);
void test_uploads_wait_finished (TestUploads *self, const gchar *text);
/* Sends a request and expects a status. */
void test_uploads_expect (
    TestUploads *self, const gchar *request, guint status);

G_END_DECLS
