/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpgate.h: lets only sound requests through
 *
 * Here: a stream between a connection and the HTTP library.
 * Not here: what is sound (gstsocketrequest.h), answers, time-outs.
 */
#pragma once

#include <gio/gio.h>
#include <gst/socket/gstsocketrequest.h>

G_BEGIN_DECLS

typedef struct _GstSocketHttpGate GstSocketHttpGate;

/**
 * GstSocketHttpGateFuncs: (skip)
 * @begins: the first byte of a request has come
 * @passed: a sound head has come
 * @refused: a head was refused; nothing more gets through
 *
 * What a gate reports while it is read from.
 */
typedef struct
{
  void (*begins) (gpointer user_data);
  void (*passed) (gpointer user_data);
  void (*refused) (GstSocketRequestVerdict verdict, gpointer user_data);
} GstSocketHttpGateFuncs;

G_GNUC_INTERNAL
GIOStream *gst_socket_http_gate_new (GIOStream *base, GByteArray *bytes,
    const GstSocketHttpGateFuncs *funcs, gpointer user_data);
G_GNUC_INTERNAL
gchar *gst_socket_http_gate_dup_target (GIOStream *gate);
G_GNUC_INTERNAL
gboolean gst_socket_http_gate_has_body (GIOStream *gate);
G_GNUC_INTERNAL
void gst_socket_http_gate_shut (GIOStream *gate);

G_END_DECLS
