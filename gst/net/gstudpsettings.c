/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpsettings.c: the properties of udpserversrc
 *
 * Here: what each is called, means and defaults to; where its value is kept.
 * Not here: what an element does with them; locks.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstudpsettings.h"
#include "gstudpuri.h"

#define DEFAULT_ADDRESS "0.0.0.0"
#define DEFAULT_PORT 5004
#define DEFAULT_MTU 1492
#define DEFAULT_BATCH_SIZE 32
#define MAX_BATCH_SIZE 1024
#define DEFAULT_BATCH_TIME (100 * GST_USECOND)

#define RW (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)
#define RW_READY (RW | GST_PARAM_MUTABLE_READY)
#define RW_PLAYING (RW | GST_PARAM_MUTABLE_PLAYING)
#define RO (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static GParamSpec *pspecs[GST_UDP_N_PROPS];

/* The values are those of udpsrc's GstSocketTimestampMode. That name cannot be
 * used: a type name can be registered once in a process, and if it were taken
 * here first, udpsrc could not be made any more. */
static GType
timestamp_mode_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_UDP_TIMESTAMP_DISABLED, "Disable additional timestamps", "disabled"},
      {GST_UDP_TIMESTAMP_REALTIME,
          "Timestamp with the time the kernel received the packet", "realtime"},
      {0, NULL, NULL}};
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstUDPServerSrcTimestampMode", values));
  return type;
}

static GType
gro_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_UDP_GRO_AUTO, "On the element's own sockets", "auto"},
      {GST_UDP_GRO_ON, "Also on sockets set by the application", "on"},
      {GST_UDP_GRO_OFF, "Never", "off"}, {0, NULL, NULL}};
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstUDPServerSrcGro", values));
  return type;
}

/* ---- installing ---- */

static void
add_boolean (guint id, const gchar *name, const gchar *blurb,
    gboolean otherwise, GParamFlags flags)
{
  pspecs[id] = g_param_spec_boolean (name, NULL, blurb, otherwise, flags);
}

static void
add_string (guint id, const gchar *name, const gchar *blurb,
    const gchar *otherwise, GParamFlags flags)
{
  pspecs[id] = g_param_spec_string (name, NULL, blurb, otherwise, flags);
}

static void
add_address_properties (void)
{
  add_string (GST_UDP_PROP_ADDRESS, "address",
      "Local address or multicast group to receive packets for; \"::\" takes "
      "IPv6 and IPv4. Default: any IPv4 address. Change it in NULL",
      DEFAULT_ADDRESS, RW_READY);
  add_string (GST_UDP_PROP_MULTICAST_GROUP, "multicast-group",
      "The same as address (DEPRECATED: use address)", DEFAULT_ADDRESS,
      RW_READY | G_PARAM_DEPRECATED);
  pspecs[GST_UDP_PROP_PORT] = g_param_spec_int ("port", NULL,
      "Port to receive packets on; 0 lets the kernel choose, and the choice "
      "can then be read here from READY on. Change it in NULL",
      0, G_MAXUINT16, DEFAULT_PORT, RW_READY);
  add_string (GST_UDP_PROP_URI, "uri",
      "Address and port as udp://[source@]host:port, with optional "
      "?multicast-source= and iface=. Follows address and port. Change it in "
      "NULL",
      "udp://" DEFAULT_ADDRESS ":5004", RW_READY);
  pspecs[GST_UDP_PROP_CAPS] = g_param_spec_boxed ("caps", NULL,
      "What the packets contain; NULL leaves it to downstream. May change at "
      "any time",
      GST_TYPE_CAPS, RW_PLAYING);
}

static void
add_socket_properties (void)
{
  pspecs[GST_UDP_PROP_SOCKET] = g_param_spec_object ("socket", NULL,
      "Socket to receive from; NULL makes one for address and port. Change it "
      "in NULL",
      G_TYPE_SOCKET, RW_READY);
  pspecs[GST_UDP_PROP_USED_SOCKET] = g_param_spec_object ("used-socket", NULL,
      "Socket in use, from READY on; otherwise NULL", G_TYPE_SOCKET, RO);
  add_boolean (GST_UDP_PROP_CLOSE_SOCKET, "close-socket",
      "Close a socket that was set from outside in NULL. Turn off when the "
      "application goes on using it",
      TRUE, RW_READY);
  pspecs[GST_UDP_PROP_BUFFER_SIZE] = g_param_spec_int ("buffer-size", NULL,
      "Size of the kernel's receive buffer in bytes; 0 asks for 2 MiB and "
      "takes what it gets. A warning says what to type when the kernel allows "
      "less. Raise it when stats shows kernel-drops; change it in NULL",
      0, G_MAXINT, 0, RW_READY);
  add_boolean (GST_UDP_PROP_REUSE, "reuse",
      "Let other sockets use the port too. Never done for a unicast port that "
      "the kernel chooses. Change it in NULL",
      TRUE, RW_READY);
}

static void
add_packet_properties (void)
{
  pspecs[GST_UDP_PROP_TIMEOUT] = g_param_spec_uint64 ("timeout", NULL,
      "Post a GstUDPSrcTimeout message after so many ns without a packet, and "
      "again each time; 0 never does. Multicast groups are then joined again, "
      "too, see rejoin. May change at any time",
      0, G_MAXUINT64, 0, RW_PLAYING);
  pspecs[GST_UDP_PROP_SKIP_FIRST_BYTES] = g_param_spec_int ("skip-first-bytes",
      NULL,
      "Bytes to leave out at the start of each packet, as a header of "
      "another protocol. A shorter packet is an error. May change at any time",
      0, G_MAXINT, 0, RW_PLAYING);
  pspecs[GST_UDP_PROP_MTU] = g_param_spec_uint ("mtu", NULL,
      "Usual size of packets in bytes, for which memory is laid out. Longer "
      "ones arrive whole, too. Change it in READY for jumbo frames",
      0, G_MAXINT, DEFAULT_MTU, RW_READY);
  add_boolean (GST_UDP_PROP_RETRIEVE_SENDER_ADDRESS, "retrieve-sender-address",
      "Attach the sender's address to each buffer as GstNetAddressMeta. May "
      "change at any time",
      TRUE, RW_PLAYING);
  pspecs[GST_UDP_PROP_SOCKET_TIMESTAMP] = g_param_spec_enum ("socket-timestamp",
      NULL,
      "Stamp buffers with the time the kernel received the packet, instead of "
      "the time it was read. Use it when timing matters more than a little "
      "CPU. Change it in NULL",
      timestamp_mode_get_type (), GST_UDP_TIMESTAMP_DISABLED, RW_READY);
}

static void
add_multicast_properties (void)
{
  add_boolean (GST_UDP_PROP_AUTO_MULTICAST, "auto-multicast",
      "Join the group when address is one, and leave it at the end. Change it "
      "in NULL",
      TRUE, RW_READY);
  add_string (GST_UDP_PROP_MULTICAST_IFACE, "multicast-iface",
      "Network interfaces on which to join the group: names or addresses, "
      "separated by commas, or \"all\". NULL takes the one the routing table "
      "leads to. Change it in NULL",
      NULL, RW_READY);
  add_string (GST_UDP_PROP_MULTICAST_SOURCE, "multicast-source",
      "Senders to receive the group from, and with \"-\" in front those not "
      "to, as in +10.0.0.1+10.0.0.2 or -10.0.0.3. NULL takes any. Change it "
      "in NULL",
      NULL, RW_READY);
  add_boolean (GST_UDP_PROP_LOOP, "loop",
      "Let packets that this socket sends to a group come back to this host. "
      "Change it in NULL",
      TRUE, RW_READY);
  add_boolean (GST_UDP_PROP_REJOIN, "rejoin",
      "Join the group again when a network link comes back, the route "
      "changes, or nothing came for timeout. Change it in NULL",
      TRUE, RW_READY);
}

static void
add_batch_properties (void)
{
  pspecs[GST_UDP_PROP_BATCH_SIZE] = g_param_spec_uint ("batch-size", NULL,
      "Most packets to take from the kernel at once; what is there is never "
      "waited for. 1 hands on single buffers. Change it in READY",
      1, MAX_BATCH_SIZE, DEFAULT_BATCH_SIZE, RW_READY);
  pspecs[GST_UDP_PROP_BATCH_TIME] = g_param_spec_uint64 ("batch-time", NULL,
      "When packets come more often than this, in ns, let them collect for as "
      "long before they are read, which saves CPU; slower streams are not "
      "delayed. 0 never waits. Raise it to 1000000 (1 ms) where delay does not "
      "matter. May change at any time",
      0, GST_SECOND, DEFAULT_BATCH_TIME, RW_PLAYING);
  pspecs[GST_UDP_PROP_GRO] = g_param_spec_enum ("gro", NULL,
      "Let the kernel hand over trains of packets as one, which saves much "
      "CPU; they are split again without copying. Change it in NULL",
      gro_get_type (), GST_UDP_GRO_AUTO, RW_READY);
  add_boolean (GST_UDP_PROP_PRESERVE_PACKETIZATION, "preserve-packetization",
      "Make one buffer of each packet. Off, a train of packets becomes one "
      "buffer: right for streams that do not care, as MPEG-TS. May change at "
      "any time",
      TRUE, RW_PLAYING);
  add_string (GST_UDP_PROP_ACCEPT_FROM, "accept-from",
      "Take packets only from these IP addresses or networks (10.0.0.0/8), "
      "separated by commas. NULL takes any. Change it in NULL",
      NULL, RW_READY);
  pspecs[GST_UDP_PROP_STATS] = g_param_spec_boxed ("stats", NULL,
      "Packets, bytes, drops and more since the last start", GST_TYPE_STRUCTURE,
      RO);
}

/**
 * gst_udp_settings_install:
 * @klass: an element class
 *
 * Adds all properties.
 */
void
gst_udp_settings_install (GObjectClass *klass)
{
  add_address_properties ();
  add_socket_properties ();
  add_packet_properties ();
  add_multicast_properties ();
  add_batch_properties ();
  g_object_class_install_properties (klass, GST_UDP_N_PROPS, pspecs);
}

GParamSpec *
gst_udp_settings_get_pspec (guint id)
{
  return pspecs[id];
}

/* ---- values ---- */

/* Where the plain ones live. Those without a place have functions below. */
static const gsize places[GST_UDP_N_PROPS] = {
#define PLACE(field) G_STRUCT_OFFSET (GstUdpSettings, field)
    [GST_UDP_PROP_CAPS] = PLACE (caps),
    [GST_UDP_PROP_SOCKET] = PLACE (socket),
    [GST_UDP_PROP_CLOSE_SOCKET] = PLACE (close_socket),
    [GST_UDP_PROP_BUFFER_SIZE] = PLACE (buffer_size),
    [GST_UDP_PROP_REUSE] = PLACE (reuse),
    [GST_UDP_PROP_TIMEOUT] = PLACE (timeout_ns),
    [GST_UDP_PROP_SKIP_FIRST_BYTES] = PLACE (skip_first_bytes),
    [GST_UDP_PROP_MTU] = PLACE (mtu),
    [GST_UDP_PROP_RETRIEVE_SENDER_ADDRESS] = PLACE (retrieve_sender_address),
    [GST_UDP_PROP_SOCKET_TIMESTAMP] = PLACE (socket_timestamp),
    [GST_UDP_PROP_AUTO_MULTICAST] = PLACE (auto_multicast),
    [GST_UDP_PROP_MULTICAST_IFACE] = PLACE (multicast_iface),
    [GST_UDP_PROP_MULTICAST_SOURCE] = PLACE (multicast_source),
    [GST_UDP_PROP_LOOP] = PLACE (loop),
    [GST_UDP_PROP_BATCH_SIZE] = PLACE (batch_size),
    [GST_UDP_PROP_BATCH_TIME] = PLACE (batch_time_ns),
    [GST_UDP_PROP_GRO] = PLACE (gro),
    [GST_UDP_PROP_PRESERVE_PACKETIZATION] = PLACE (preserve_packetization),
    [GST_UDP_PROP_ACCEPT_FROM] = PLACE (accept_from),
    [GST_UDP_PROP_REJOIN] = PLACE (rejoin),
#undef PLACE
};

static void
set_place (gpointer place, const GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value))) {
    case G_TYPE_BOOLEAN:
      *(gboolean *) place = g_value_get_boolean (value);
      break;
    case G_TYPE_INT:
      *(gint *) place = g_value_get_int (value);
      break;
    case G_TYPE_UINT:
      *(guint *) place = g_value_get_uint (value);
      break;
    case G_TYPE_UINT64:
      *(guint64 *) place = g_value_get_uint64 (value);
      break;
    case G_TYPE_ENUM:
      *(gint *) place = g_value_get_enum (value);
      break;
    case G_TYPE_STRING:
      g_free (*(gchar **) place);
      *(gchar **) place = g_value_dup_string (value);
      break;
    case G_TYPE_OBJECT:
      g_set_object ((GObject **) place, g_value_get_object (value));
      break;
    default:
      gst_caps_replace ((GstCaps **) place, g_value_get_boxed (value));
      break;
  }
}

static void
get_place (gconstpointer place, GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value))) {
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, *(const gboolean *) place);
      break;
    case G_TYPE_INT:
      g_value_set_int (value, *(const gint *) place);
      break;
    case G_TYPE_UINT:
      g_value_set_uint (value, *(const guint *) place);
      break;
    case G_TYPE_UINT64:
      g_value_set_uint64 (value, *(const guint64 *) place);
      break;
    case G_TYPE_ENUM:
      g_value_set_enum (value, *(const gint *) place);
      break;
    case G_TYPE_STRING:
      g_value_set_string (value, *(gchar *const *) place);
      break;
    case G_TYPE_OBJECT:
      g_value_set_object (value, *(GObject *const *) place);
      break;
    default:
      g_value_set_boxed (value, *(GstCaps *const *) place);
      break;
  }
}

static void
take_uri (GstUdpSettings *settings, const gchar *uri)
{
  if (uri == NULL || gst_udp_settings_set_uri (settings, uri, NULL))
    return;
  g_free (settings->refused_uri);
  settings->refused_uri = g_strdup (uri);
}

/**
 * gst_udp_settings_set:
 * @settings: the settings
 * @id: a property
 * @value: its new value
 *
 * A malformed URI changes nothing, and is kept to be told of.
 *
 * Returns: whether it is kept in the settings
 */
gboolean
gst_udp_settings_set (GstUdpSettings *settings, guint id, const GValue *value)
{
  switch (id) {
    case GST_UDP_PROP_ADDRESS:
    case GST_UDP_PROP_MULTICAST_GROUP:
      gst_udp_settings_set_address (settings, g_value_get_string (value));
      return TRUE;
    case GST_UDP_PROP_PORT:
      gst_udp_settings_set_port (settings, g_value_get_int (value));
      return TRUE;
    case GST_UDP_PROP_URI:
      take_uri (settings, g_value_get_string (value));
      return TRUE;
    default:
      if (id >= GST_UDP_N_PROPS || places[id] == 0)
        return FALSE;
      set_place (G_STRUCT_MEMBER_P (settings, places[id]), value);
      return TRUE;
  }
}

/**
 * gst_udp_settings_get:
 * @settings: the settings
 * @id: a property
 * @value: (out): where its value goes
 *
 * Returns: whether it is kept in the settings
 */
gboolean
gst_udp_settings_get (const GstUdpSettings *settings, guint id, GValue *value)
{
  switch (id) {
    case GST_UDP_PROP_ADDRESS:
    case GST_UDP_PROP_MULTICAST_GROUP:
      g_value_set_string (value, settings->address);
      return TRUE;
    case GST_UDP_PROP_PORT:
      g_value_set_int (value, settings->port);
      return TRUE;
    case GST_UDP_PROP_URI:
      g_value_take_string (value, gst_udp_settings_dup_uri (settings));
      return TRUE;
    default:
      if (id >= GST_UDP_N_PROPS || places[id] == 0)
        return FALSE;
      get_place (G_STRUCT_MEMBER_P (settings, places[id]), value);
      return TRUE;
  }
}

void
gst_udp_settings_init (GstUdpSettings *settings)
{
  *settings = (GstUdpSettings){
      .address = g_strdup (DEFAULT_ADDRESS),
      .port = DEFAULT_PORT,
      .close_socket = TRUE,
      .reuse = TRUE,
      .mtu = DEFAULT_MTU,
      .retrieve_sender_address = TRUE,
      .socket_timestamp = GST_UDP_TIMESTAMP_DISABLED,
      .auto_multicast = TRUE,
      .loop = TRUE,
      .batch_size = DEFAULT_BATCH_SIZE,
      .batch_time_ns = DEFAULT_BATCH_TIME,
      .gro = GST_UDP_GRO_AUTO,
      .preserve_packetization = TRUE,
      .rejoin = TRUE,
  };
}

void
gst_udp_settings_clear (GstUdpSettings *settings)
{
  g_clear_pointer (&settings->address, g_free);
  g_clear_pointer (&settings->uri, g_free);
  g_clear_pointer (&settings->refused_uri, g_free);
  gst_caps_replace (&settings->caps, NULL);
  g_clear_object (&settings->socket);
  g_clear_pointer (&settings->multicast_iface, g_free);
  g_clear_pointer (&settings->multicast_source, g_free);
  g_clear_pointer (&settings->accept_from, g_free);
}

/**
 * gst_udp_settings_copy:
 * @settings: the settings
 * @ret_copy: (out caller-allocates): a copy that owns what it points to
 */
void
gst_udp_settings_copy (const GstUdpSettings *settings, GstUdpSettings *ret_copy)
{
  *ret_copy = *settings;
  ret_copy->address = g_strdup (settings->address);
  ret_copy->uri = g_strdup (settings->uri);
  ret_copy->refused_uri = g_strdup (settings->refused_uri);
  ret_copy->caps = settings->caps ? gst_caps_ref (settings->caps) : NULL;
  ret_copy->socket = settings->socket ? g_object_ref (settings->socket) : NULL;
  ret_copy->multicast_iface = g_strdup (settings->multicast_iface);
  ret_copy->multicast_source = g_strdup (settings->multicast_source);
  ret_copy->accept_from = g_strdup (settings->accept_from);
}

/**
 * gst_udp_settings_set_address:
 * @settings: the settings
 * @address: (nullable): the new address; %NULL for the default
 */
void
gst_udp_settings_set_address (GstUdpSettings *settings, const gchar *address)
{
  g_free (settings->address);
  settings->address = g_strdup (address != NULL ? address : DEFAULT_ADDRESS);
  g_clear_pointer (&settings->uri, g_free);
  g_clear_pointer (&settings->refused_uri, g_free);
}

void
gst_udp_settings_set_port (GstUdpSettings *settings, gint port)
{
  settings->port = port;
  g_clear_pointer (&settings->uri, g_free);
  g_clear_pointer (&settings->refused_uri, g_free);
}

/**
 * gst_udp_settings_set_uri:
 * @settings: the settings
 * @uri: see gst_udp_uri_parse()
 * @error: return location for a %GST_URI_ERROR
 *
 * Sets address, port and multicast source, and the interface if @uri names
 * one.
 *
 * Returns: whether @uri was understood; if not, nothing changes
 */
gboolean
gst_udp_settings_set_uri (
    GstUdpSettings *settings, const gchar *uri, GError **error)
{
  g_auto (GstUdpUri) parsed = {0};

  if (!gst_udp_uri_parse (uri, &parsed, error))
    return FALSE;
  gst_udp_settings_set_address (settings, parsed.address);
  gst_udp_settings_set_port (settings, parsed.port);
  g_free (settings->multicast_source);
  settings->multicast_source = g_steal_pointer (&parsed.sources);
  if (parsed.iface != NULL) {
    g_free (settings->multicast_iface);
    settings->multicast_iface = g_steal_pointer (&parsed.iface);
  }
  settings->uri = g_strdup (uri);
  return TRUE;
}

/**
 * gst_udp_settings_dup_uri:
 * @settings: the settings
 *
 * Returns: (transfer full): the URI as it was set, or one that says address
 *     and port
 */
gchar *
gst_udp_settings_dup_uri (const GstUdpSettings *settings)
{
  if (settings->uri != NULL)
    return g_strdup (settings->uri);
  return gst_udp_uri_format ("udp", settings->address, settings->port);
}
