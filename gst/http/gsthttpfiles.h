/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfiles.h: the files that httpserversink serves
 *
 * Here: settings, roots, answering requests, writing the stream to a file.
 * Not here: live streams (gsthttplive.c).
 */
#pragma once

#include "gsthttpcodings.h"
#include "gsthttplibrary.h"
#include "gsthttpplaces.h"
#include "gsthttpstore.h"
#include "gsthttpwatch.h"

#include <gst/socket/gstsocketrules.h>

G_BEGIN_DECLS

typedef enum
{
  GST_HTTP_MODE_LIVE,
  GST_HTTP_MODE_FILE,
} GstHttpMode;

typedef enum
{
  GST_HTTP_STORAGE_DISK,
  GST_HTTP_STORAGE_MEMORY,
} GstHttpStorage;

/* Settings; copied when the element opens. */
typedef struct
{
  gint mode;    /* GstHttpMode */
  gint storage; /* GstHttpStorage */
  gchar *root;
  gchar *directory_rules;
  gchar *cache_control;
  gboolean directory_listing;
  gboolean compress;
  gboolean watch;
  guint max_segments;
  guint64 max_memory;
  guint64 send_timeout;
} GstHttpFileSettings;

/* A folder, and what it is called in the URL. */
typedef struct
{
  gchar *prefix; /* without "/" at its end: "" for all */
  GstSocketRoot *root;
} GstHttpRoot;

/* Threads, locks: immutable but for what is marked. */
typedef struct
{
  GstHttpFileSettings settings; /* its texts are owned */
  const GstSocketHttpApi *http;
  GstSocketHttpMount *mount; /* atomic; NULL until it is mounted */
  gpointer owner;            /* the element */
  GPtrArray *roots;          /* GstHttpRoot, those with longer prefixes first */
  GstSocketRules *rules;
  GstSocketSender *sender;
  GstHttpStore *store;
  GstHttpWatch *watch;     /* NULL: none */
  GstHttpCodings *codings; /* server thread */
  GstHttpPlaces *places;
  gchar **prefixes;          /* what it is asked for, for the server */
  gchar **names;             /* the same without "/" at their ends */
  GstHttpWriter *writer;     /* streaming thread */
  gboolean is_writer_broken; /* streaming thread */
} GstHttpFiles;

/* What a request for a file is answered with. */
typedef struct
{
  guint status;
  GPtrArray *headers; /* names and values in turn */
  const gchar *type;
  GPtrArray *pieces;
  gchar *own_type; /* where type is made for this reply */
  guint64 length;  /* GST_SOCKET_SIZE_UNKNOWN while it grows */
} GstHttpReply;

/* Whether there is anything to serve: a root, memory, or a stream to write. */
gboolean gst_http_file_settings_are_used (const GstHttpFileSettings *settings);
void gst_http_file_settings_clear (GstHttpFileSettings *settings);

/* App thread. */
GstHttpFiles *gst_http_files_new (const GstHttpFileSettings *settings,
    const GstSocketHttpApi *http, gpointer owner, GError **error);
/* Before the mount goes: ends what is being sent. */
void gst_http_files_stop (GstHttpFiles *self);
void gst_http_files_free (GstHttpFiles *self);

/* Any thread. The root that a path in the URL is below, and the rest of it. */
GstHttpRoot *gst_http_files_find_root (
    GstHttpFiles *self, const gchar *path, const gchar **ret_rest);
GstHttpWriter *gst_http_files_create (
    GstHttpFiles *self, const gchar *path, GError **error);
gboolean gst_http_files_delete (
    GstHttpFiles *self, const gchar *path, GError **error);

/* gsthttpfilerules.c */
gboolean gst_http_files_read_rules (GstHttpFiles *self, GError **error);
/* Server thread: what is at a path below a folder, or NULL for none. */
gboolean gst_http_files_may_read (GstHttpFiles *self,
    GstSocketHttpRequest *request, GstSocketRoot *root, const gchar *rest);
gboolean gst_http_files_may_write (GstHttpFiles *self,
    GstSocketHttpRequest *request, GstSocketRoot *root, const gchar *rest);

/* Server thread. */
gboolean gst_http_files_have (GstHttpFiles *self, const gchar *path);
gboolean gst_http_files_have_index (GstHttpFiles *self);
void gst_http_files_answer (GstHttpFiles *self, GstSocketHttpRequest *request);
void gst_http_files_list (
    GstHttpFiles *self, GstSocketHttpRequest *request, GPtrArray *entries);
void gst_http_files_deliver (
    GstHttpFiles *self, GstSocketHttpRequest *request, GstHttpReply *reply);
/* The function of the sender. */
void gst_http_files_sent (
    GstSocketSending *sending, gboolean done, gpointer user_data);

G_END_DECLS
