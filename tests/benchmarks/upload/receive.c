/* SPDX-License-Identifier: LGPL-2.1-or-later
 * receive.c: what takes uploads
 *
 * Here: a pipeline, or a loop of read (), and the CPU time they have used.
 * Not here: sending.
 *
 * Threads   main: requests    loop: receives; ends with the process
 */
#include "upload.h"
#include "../common/benchproc.h"
#include "../common/benchsys.h"

#include <arpa/inet.h>
#include <gst/gst.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE (64 * 1024)

/* --- the floor --- */

static gpointer
read_all (gpointer data)
{
  gint listener = GPOINTER_TO_INT (data);
  g_autofree gchar *memory = g_malloc (READ_SIZE);
  const gchar *answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  for (;;) {
    gint fd = accept (listener, NULL, NULL);

    while (read (fd, memory, READ_SIZE) > 0)
      continue;
    send (fd, answer, strlen (answer), MSG_NOSIGNAL);
    close (fd);
  }
  return NULL;
}

static guint
start_floor (void)
{
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (bind (fd, (struct sockaddr *) &address, size) < 0 || listen (fd, 8) < 0)
    return 0;
  getsockname (fd, (struct sockaddr *) &address, &size);
  g_thread_unref (g_thread_new ("loop", read_all, GINT_TO_POINTER (fd)));
  return ntohs (address.sin_port);
}

/* --- ours --- */

static guint
start_pipeline (const gchar *launch, const gchar *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPlugin) plugin = gst_plugin_load_file (path, &error);
  GstElement *pipeline =
      plugin != NULL ? gst_parse_launch (launch, &error) : NULL;
  GstElement *server;
  guint port = 0;

  if (pipeline == NULL) {
    g_printerr ("%s\n", error != NULL ? error->message : path);
    return 0;
  }
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  server = gst_bin_get_by_name (GST_BIN (pipeline), "server");
  g_object_get (server, "current-port", &port, NULL);
  gst_object_unref (server);
  return port;
}

static void
answer (const gchar *const *words, GString *reply, gpointer data)
{
  g_string_append_printf (
      reply, " cpu_us=%" G_GINT64_FORMAT, bench_sys_cpu_us ());
}

gint
upload_receiver_main (const gchar *launch, const gchar *plugin)
{
  BenchControl control;
  guint port;

  bench_sys_pin (FALSE);
  port = launch[0] != '\0' ? start_pipeline (launch, plugin) : start_floor ();
  if (port == 0)
    return 1;
  bench_control_init (&control, answer, NULL);
  bench_control_ready ("port=%u", port);
  while (bench_control_read (&control))
    continue;
  bench_control_clear (&control);
  return 0;
}
