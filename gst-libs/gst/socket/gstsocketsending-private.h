/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketsending-private.h: one thing that is being sent
 *
 * Here: what the sender's thread may do with it.
 * Not here: waiting (gstsocketsender.c).
 */
#pragma once

#include "gstsocketpieces.h"

G_BEGIN_DECLS

typedef enum
{
  GST_SOCKET_SENDING_BLOCKED, /* its socket has no room, or others' turn */
  GST_SOCKET_SENDING_WAITING, /* its blob has no more as yet */
  GST_SOCKET_SENDING_DONE,
  GST_SOCKET_SENDING_FAILED,
} GstSocketSendingState;

typedef struct _GstSocketJob GstSocketJob;

G_GNUC_INTERNAL
GstSocketJob *gst_socket_job_new (const GstSocketSending *sending);
G_GNUC_INTERNAL
void gst_socket_job_free (GstSocketJob *job);
G_GNUC_INTERNAL
GstSocketSending *gst_socket_job_get_sending (GstSocketJob *job);
G_GNUC_INTERNAL
GstSocketSendingState gst_socket_job_run (GstSocketJob *job);

G_END_DECLS
