/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketengine.h: one stream to many clients
 *
 * Here: the engine's interface: clients in and out, buffers in, limits, what
 * it reports.
 * Not here: elements, listening, connecting.
 */
#pragma once

#include <gst/socket/gstsocketframing.h>
#include <gst/socket/gstsocketpolicy.h>

#include <gio/gio.h>
#include <sys/socket.h>

G_BEGIN_DECLS

typedef struct _GstSocketEngine GstSocketEngine;
typedef struct _GstSocketClient GstSocketClient;
typedef struct _GstSocketHandle GstSocketHandle;

/**
 * GstSocketClientStatus:
 * @GST_SOCKET_CLIENT_OK: it is being served
 * @GST_SOCKET_CLIENT_CLOSED: the peer has closed
 * @GST_SOCKET_CLIENT_REMOVED: the application has removed it
 * @GST_SOCKET_CLIENT_SLOW: it was too slow, or inactive for too long
 * @GST_SOCKET_CLIENT_ERROR: its descriptor failed
 * @GST_SOCKET_CLIENT_DUPLICATE: the same handle was added before
 * @GST_SOCKET_CLIENT_FLUSHING: it gets what is queued and then goes
 *
 * Why a client goes. The numbers are those of the stock plugin's
 * GstMultiHandleSinkClientStatus.
 */
typedef enum
{
  GST_SOCKET_CLIENT_OK = 0,
  GST_SOCKET_CLIENT_CLOSED = 1,
  GST_SOCKET_CLIENT_REMOVED = 2,
  GST_SOCKET_CLIENT_SLOW = 3,
  GST_SOCKET_CLIENT_ERROR = 4,
  GST_SOCKET_CLIENT_DUPLICATE = 5,
  GST_SOCKET_CLIENT_FLUSHING = 6,
} GstSocketClientStatus;

/**
 * GstSocketHandleFlags:
 * @GST_SOCKET_HANDLE_SOCKET: the descriptor is a socket
 * @GST_SOCKET_HANDLE_MESSAGES: it keeps message borders (datagrams)
 * @GST_SOCKET_HANDLE_DATAGRAM: it has no connection that could end
 * @GST_SOCKET_HANDLE_READ: what the peer sends is read
 * @GST_SOCKET_HANDLE_GSOCKET: the object is the #GSocket of the descriptor
 *
 * What a descriptor can do.
 */
typedef enum /*< flags >*/
{
  GST_SOCKET_HANDLE_SOCKET = (1 << 0),
  GST_SOCKET_HANDLE_MESSAGES = (1 << 1),
  GST_SOCKET_HANDLE_DATAGRAM = (1 << 2),
  GST_SOCKET_HANDLE_READ = (1 << 3),
  GST_SOCKET_HANDLE_GSOCKET = (1 << 4),
} GstSocketHandleFlags;

/**
 * GstSocketHandle: (skip)
 * @key: what the application knows the client by; unique in an engine
 * @fd: the descriptor, non-blocking
 * @flags: #GstSocketHandleFlags
 * @object: (nullable): kept alive as long as the client
 * @send: (nullable): sends instead of sendmsg(); returns the bytes taken or a
 *     negative errno, never blocks
 * @receive: (nullable): receives instead of recv(), in the same way
 *
 * How the engine reaches a client. It never closes the descriptor.
 */
struct _GstSocketHandle
{
  gpointer key;
  gint fd;
  guint flags;
  GObject *object;
  gssize (*send) (const GstSocketHandle *handle, const struct msghdr *msg);
  gssize (*receive) (const GstSocketHandle *handle, gpointer data, gsize size);
};

/**
 * GstSocketLimits: (skip)
 * @sync: sync method of clients that name none; keyframe methods make the
 *     queue keep the newest keyframe
 * @recover: what happens at the soft limit
 * @unit_format: unit of @units_max and @units_soft_max
 * @units_max: hard limit, 0 or less for none
 * @units_soft_max: soft limit, 0 or less for none
 * @buffers_min: buffers to keep, 0 or less for none
 * @bytes_min: bytes to keep, 0 or less for none
 * @time_min: ns to keep, 0 or less for none
 * @timeout: ns without progress after which a client goes, 0 for ever
 * @queue_max_bytes: ceiling of the queue in bytes, 0 for none
 * @max_latency: ns a client may be behind, 0 for any
 * @batch_time: ns for which buffers may be gathered, 0 for none
 * @keyframe_interval: least ns between two requests for a keyframe,
 *     %GST_CLOCK_TIME_NONE for no requests
 * @max_clients: most clients, 0 for any number
 * @workers: threads that send, 0 to choose
 * @resend_headers: whether a client gets headers again when they change
 * @notify_sent: whether #GstSocketEngineFuncs.sent is wanted
 * @notify_received: whether #GstSocketEngineFuncs.received is wanted
 * @hangup_first: a reset counts as closed, not as an error
 * @flush_counts: a client that is flushed gets as many buffers as are queued,
 *     newer ones for those that it has to skip, and not just these
 *
 * Settings of an engine. They may change at any time, but for @workers.
 */
typedef struct
{
  GstSocketSync sync;
  GstSocketRecover recover;
  GstFormat unit_format;
  gint64 units_max;
  gint64 units_soft_max;
  gint64 buffers_min;
  gint64 bytes_min;
  gint64 time_min;
  guint64 timeout;
  guint64 queue_max_bytes;
  guint64 max_latency;
  guint64 batch_time;
  guint64 keyframe_interval;
  guint max_clients;
  guint workers;
  gboolean resend_headers;
  gboolean notify_sent;
  gboolean notify_received;
  gboolean hangup_first;
  gboolean flush_counts;
} GstSocketLimits;

/**
 * GstSocketSlowReport: (skip)
 * @client: who
 * @buffers: units it was behind
 * @bytes: payload bytes it was behind
 * @time: ns it was behind, %GST_CLOCK_TIME_NONE without timestamps
 * @dropped: units skipped for it just now
 * @removed: whether it was removed
 * @limit: name of the setting that decided, a property of the sinks
 *
 * Tells of a client that lagged too far. At most one every 10 s a client.
 */
typedef struct
{
  GstSocketClient *client;
  guint64 buffers;
  guint64 bytes;
  GstClockTime time;
  guint64 dropped;
  gboolean removed;
  const gchar *limit;
} GstSocketSlowReport;

/**
 * GstSocketEngineFuncs: (skip)
 * @removed: a client goes; it is still listed and its figures can be had
 * @gone: it is no longer listed; its handle is not used any more
 * @received: (nullable): a client has sent something
 * @sent: (nullable): a client has been sent all of a buffer
 * @slow: (nullable): a client lags too far
 * @need_keyframe: (nullable): a client waits for a keyframe
 *
 * What an engine reports. Called from the application's, the streaming or a
 * worker's thread, with no lock held; any function of the engine may be called
 * from them but for gst_socket_engine_push(), and for gst_socket_engine_stop()
 * from a worker's thread.
 */
typedef struct
{
  void (*removed) (GstSocketEngine *engine, GstSocketClient *client,
      GstSocketClientStatus status, gpointer user_data);
  void (*gone) (GstSocketEngine *engine, GstSocketClient *client,
      GstSocketClientStatus status, gpointer user_data);
  void (*received) (GstSocketEngine *engine, GstSocketClient *client,
      GstBuffer *buffer, gpointer user_data);
  void (*sent) (GstSocketEngine *engine, GstSocketClient *client,
      GstBuffer *buffer, gpointer user_data);
  void (*slow) (GstSocketEngine *engine, const GstSocketSlowReport *report,
      gpointer user_data);
  void (*need_keyframe) (GstSocketEngine *engine, gpointer user_data);
} GstSocketEngineFuncs;

/**
 * GstSocketAddResult:
 * @GST_SOCKET_ADD_OK: it is a client now
 * @GST_SOCKET_ADD_DUPLICATE: its key is a client already
 * @GST_SOCKET_ADD_FULL: there are as many clients as are allowed
 * @GST_SOCKET_ADD_STOPPED: the engine is not running
 *
 * What became of a handle that was added.
 */
typedef enum
{
  GST_SOCKET_ADD_OK,
  GST_SOCKET_ADD_DUPLICATE,
  GST_SOCKET_ADD_FULL,
  GST_SOCKET_ADD_STOPPED,
} GstSocketAddResult;

/**
 * GstSocketTotals: (skip)
 * @clients: clients now
 * @clients_served: clients ever added
 * @clients_slow: clients removed as too slow
 * @bytes_served: bytes sent to all clients
 * @buffers_dropped: buffers skipped for lagging clients
 * @bytes_pushed: payload bytes of all buffers pushed
 * @buffers_queued: length of the queue after the last push
 * @bytes_queued: payload bytes in the queue
 * @furthest: units the furthest client is behind
 *
 * Figures of an engine since it was started.
 */
typedef struct
{
  guint clients;
  guint64 clients_served;
  guint64 clients_slow;
  guint64 bytes_served;
  guint64 bytes_pushed;
  guint64 buffers_dropped;
  guint buffers_queued;
  guint64 bytes_queued;
  guint64 furthest;
} GstSocketTotals;

GST_SOCKET_API
GstSocketEngine *gst_socket_engine_new (
    const GstSocketEngineFuncs *funcs, gpointer user_data);
GST_SOCKET_API
void gst_socket_engine_free (GstSocketEngine *engine);
GST_SOCKET_API
void gst_socket_engine_set_limits (
    GstSocketEngine *engine, const GstSocketLimits *limits);
GST_SOCKET_API
gboolean gst_socket_engine_start (GstSocketEngine *engine, GError **error);
GST_SOCKET_API
void gst_socket_engine_stop (GstSocketEngine *engine);
GST_SOCKET_API
gboolean gst_socket_engine_is_worker (GstSocketEngine *engine);

GST_SOCKET_API
GstSocketAddResult gst_socket_engine_add (GstSocketEngine *engine,
    const GstSocketHandle *handle, const GstSocketStart *start,
    GstSocketFraming *framing);
GST_SOCKET_API
gboolean gst_socket_engine_remove (
    GstSocketEngine *engine, gpointer key, GstSocketClientStatus status);
GST_SOCKET_API
gboolean gst_socket_engine_remove_id (
    GstSocketEngine *engine, guint64 id, GstSocketClientStatus status);
GST_SOCKET_API
gboolean gst_socket_engine_remove_flush (GstSocketEngine *engine, gpointer key);
GST_SOCKET_API
void gst_socket_engine_clear (GstSocketEngine *engine);
GST_SOCKET_API
void gst_socket_engine_foreach (
    GstSocketEngine *engine, GFunc func, gpointer user_data);

GST_SOCKET_API
gboolean gst_socket_engine_push (GstSocketEngine *engine, GstBuffer *buffer,
    guint flags, GstSocketHeaders *headers);
GST_SOCKET_API
void gst_socket_engine_admit (GstSocketEngine *engine);
GST_SOCKET_API
guint64 gst_socket_engine_get_newest (GstSocketEngine *engine);

GST_SOCKET_API
GstStructure *gst_socket_engine_get_stats (
    GstSocketEngine *engine, gpointer key);
GST_SOCKET_API
void gst_socket_engine_get_totals (
    GstSocketEngine *engine, GstSocketTotals *ret_totals);
GST_SOCKET_API
GPtrArray *gst_socket_engine_list_clients (GstSocketEngine *engine);

GST_SOCKET_API
gpointer gst_socket_client_get_key (GstSocketClient *client);
GST_SOCKET_API
GObject *gst_socket_client_get_object (GstSocketClient *client);
GST_SOCKET_API
gboolean gst_socket_client_hold (GstSocketClient *client);
GST_SOCKET_API
void gst_socket_client_release (GstSocketClient *client);
GST_SOCKET_API
gint gst_socket_client_get_fd (GstSocketClient *client);
GST_SOCKET_API
void gst_socket_client_set_reading (GstSocketClient *client, gboolean reading);
GST_SOCKET_API
guint64 gst_socket_client_get_id (GstSocketClient *client);
GST_SOCKET_API
gchar *gst_socket_client_dup_peer (GstSocketClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketEngine, gst_socket_engine_free)

G_END_DECLS
