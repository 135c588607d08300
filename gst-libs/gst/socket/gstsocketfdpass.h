/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketfdpass.h: records with descriptors over a UNIX socket
 *
 * Here: sending and receiving one record with SCM_RIGHTS, bounded, without a
 * leak on any path.
 * Not here: what the records mean (gstsocketwire.h), connections
 * (gstsocketunix.h), memory (gstsocketmemfd.h).
 */
#pragma once

#include <gio/gio.h>
#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

#define GST_SOCKET_FDPASS_MAX_FDS 16
#define GST_SOCKET_FDPASS_MAX_VECTORS 4
#define GST_SOCKET_FDPASS_MAX_RECORDS 2

/**
 * GstSocketFds: (skip)
 *
 * Descriptors received, owned. Clear closes what was not taken.
 */
typedef struct
{
  guint n;
  gint fds[GST_SOCKET_FDPASS_MAX_FDS];
} GstSocketFds;

/**
 * GstSocketRecord: (skip)
 *
 * One record to send; nothing in it is owned.
 */
typedef struct
{
  guint n_vectors;
  GOutputVector vectors[GST_SOCKET_FDPASS_MAX_VECTORS];
  guint n_fds;
  const gint *fds;
} GstSocketRecord;

/**
 * GstSocketFdpassResult:
 * @GST_SOCKET_FDPASS_OK: a record was received
 * @GST_SOCKET_FDPASS_AGAIN: none is there yet
 * @GST_SOCKET_FDPASS_EOF: the peer has closed, and all it sent was read
 * @GST_SOCKET_FDPASS_ERROR: the connection is of no use any more
 */
typedef enum
{
  GST_SOCKET_FDPASS_OK,
  GST_SOCKET_FDPASS_AGAIN,
  GST_SOCKET_FDPASS_EOF,
  GST_SOCKET_FDPASS_ERROR,
} GstSocketFdpassResult;

GST_SOCKET_API
gint gst_socket_fdpass_send (
    gint sock, const GstSocketRecord *records, guint n_records, GError **error);
GST_SOCKET_API
GstSocketFdpassResult gst_socket_fdpass_receive (
    gint sock, guint8 *data, gsize *size, GstSocketFds *fds, GError **error);
GST_SOCKET_API
gint gst_socket_fds_take (GstSocketFds *fds, guint i);
GST_SOCKET_API
void gst_socket_fds_clear (GstSocketFds *fds);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstSocketFds, gst_socket_fds_clear)

G_END_DECLS
