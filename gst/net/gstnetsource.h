/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetsource.h: what the elements that read a socket have in common
 *
 * Here: the socket in use, reading it, cancelling, counting.
 * Not here: where the socket comes from; pads, properties, states.
 */
#pragma once

#include <gst/base/gstbasesrc.h>
#include <gst/socket/gstsocketreader.h>

G_BEGIN_DECLS

/* Part of an element; every field belongs to gstnetsource.c. */
typedef struct
{
  /* immutable */
  GstBaseSrc *element;
  const gchar *stats_name;
  GCancellable *cancellable;

  /* atomic */
  guint blocksize;
  guint timeout_s;

  /* guarded by the element's OBJECT_LOCK */
  GSocket *socket;
  gchar *peer; /* whose the last socket is, or was; for people */
  guint64 bytes_received;
  gboolean has_info;
  guint info[6];

  /* streaming thread; state changes while it does not run */
  GstSocketWait *wait;
  GstSocketReader *reader;
  guint reader_size;
  guint64 truncated;
  gboolean is_discont;
} GstNetSource;

void gst_net_source_init (
    GstNetSource *self, GstBaseSrc *element, const gchar *stats_name);
void gst_net_source_clear (GstNetSource *self);

gboolean gst_net_source_open (GstNetSource *self);
void gst_net_source_close (GstNetSource *self);
void gst_net_source_cancel (GstNetSource *self);
void gst_net_source_resume (GstNetSource *self);

void gst_net_source_set_blocksize (GstNetSource *self, guint blocksize);
void gst_net_source_set_timeout (GstNetSource *self, guint timeout_s);
guint gst_net_source_get_timeout (GstNetSource *self);
void gst_net_source_mark_discont (GstNetSource *self);
void gst_net_source_set_socket (GstNetSource *self, GSocket *socket);
GSocket *gst_net_source_ref_socket (GstNetSource *self);
GSocket *gst_net_source_steal_socket (GstNetSource *self);
void gst_net_source_drop_socket (GstNetSource *self);

GstSocketReadResult gst_net_source_read (GstNetSource *self, GSocket *socket,
    GstBuffer **ret_buffer, GError **error);
GstFlowReturn gst_net_source_fail (GstNetSource *self, const GError *error);
GstStructure *gst_net_source_get_stats (GstNetSource *self);
GstCaps *gst_net_source_any_caps (GstCaps *filter);

G_END_DECLS
