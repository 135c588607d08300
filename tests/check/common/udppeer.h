/* SPDX-License-Identifier: LGPL-2.1-or-later
 * udppeer.h: a sender of datagrams, and a receiving element under test
 *
 * Here: what tests of udpserversrc and of its stock model share.
 * Not here: assertions about either.
 */
#pragma once

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GSocket *socket; /* bound to a port of its own */
  GSocketAddress *to;
} UdpPeer;

/* Sends from @from (an address of this host) to @to. */
void udp_peer_init (
    UdpPeer *peer, const gchar *from, const gchar *to, guint port);
void udp_peer_clear (UdpPeer *peer);
void udp_peer_send (UdpPeer *peer, gconstpointer data, gsize size);
/* One call, so that the kernel can keep the packets together. */
void udp_peer_send_train (
    UdpPeer *peer, gconstpointer data, gsize size, guint segment_size);

/* An element that listens on a port of 127.0.0.1, up to READY. */
typedef struct
{
  GstHarness *harness;
  GstElement *element; /* the harness's */
  GstBus *bus;
  guint port;
  UdpPeer peer;
} UdpTest;

/* @first_property as in g_object_set (). */
void udp_test_init (UdpTest *test, const gchar *factory,
    const gchar *first_property, ...) G_GNUC_NULL_TERMINATED;
void udp_test_play (UdpTest *test);
void udp_test_clear (UdpTest *test);

/* Fails unless the next buffer has exactly these bytes. */
void udp_test_expect (UdpTest *test, gconstpointer data, gsize size);
/* The next message of these types; fails when there is none. */
GstMessage *udp_test_pop_message (UdpTest *test, GstMessageType types);
guint64 udp_test_get_stat (UdpTest *test, const gchar *name);

G_END_DECLS
