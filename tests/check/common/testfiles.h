/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testfiles.h: httpserversink with a folder, for tests
 *
 * Here: starting it without a stream, asking it, what is expected.
 * Not here: what is right.
 */
#pragma once

#include "testfolder.h"
#include "testhttp.h"

G_BEGIN_DECLS

typedef struct
{
  gchar *folder; /* with "root" in it, which is served, and room beside it */
  gchar *root;
  GstElement *sink;
  guint16 port;
  guint16 tls_port;
} TestFiles;

/* Without a stream; for @properties see gst-launch-1.0, %s is the root. */
TestFiles test_files_begin (const gchar *properties);
void test_files_end (TestFiles *self);
void test_files_put (TestFiles *self, const gchar *name, const gchar *text);
/* Returns: (transfer full): an answer to GET of a path, with more fields of the
 * request if they are not NULL, each with its line end. */
TestAnswer *test_files_get (
    TestFiles *self, const gchar *path, const gchar *fields);
void test_files_expect_status (
    TestFiles *self, const gchar *path, const gchar *fields, guint status);
void test_files_expect_text (
    TestFiles *self, const gchar *path, const gchar *fields, const gchar *text);
void test_files_expect_field (
    TestAnswer *answer, const gchar *name, const gchar *value);
/* Returns: (transfer full): a stream that stands behind the head of an answer
 * of status 200 to GET. */
GIOStream *test_files_follow (TestFiles *self, const gchar *path);
/* A condition, and what it is about. */
typedef struct
{
  TestFiles *files;
  const gchar *path;
  gboolean is_growing;
} TestFilesWanted;

/* Whether there is such a file, and it is growing, or not. */
gboolean test_files_are_as_wanted (gpointer data);
/* Reads a chunk, or the last one ("") and its end. */
void test_files_expect_chunk (GIOStream *stream, const gchar *text);
G_END_DECLS
