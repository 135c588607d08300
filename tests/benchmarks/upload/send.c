/* SPDX-License-Identifier: LGPL-2.1-or-later
 * send.c: one upload, as fast as it is taken
 *
 * Here: the request, its body, the status of the answer.
 * Not here: what it costs the receiver.
 */
#include "upload.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECE (256 * 1024)

static gint
connect_to (guint port)
{
  struct sockaddr_in address = {.sin_family = AF_INET,
      .sin_port = htons (port),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

static gboolean
write_all (gint fd, const gchar *data, gsize size)
{
  while (size > 0) {
    gssize n = send (fd, data, size, MSG_NOSIGNAL);

    if (n <= 0)
      return FALSE;
    data += n;
    size -= n;
  }
  return TRUE;
}

/* As many chunks as go into a piece; a chunk is longer than its line. */
static GString *
make_piece (gsize chunk, gsize *ret_payload)
{
  GString *piece = g_string_new (NULL);
  g_autofree gchar *payload = g_strnfill (chunk > 0 ? chunk : PIECE, 'x');

  *ret_payload = 0;
  if (chunk == 0) {
    *ret_payload = PIECE;
    return g_string_append (piece, payload);
  }
  while (piece->len < PIECE) {
    g_string_append_printf (
        piece, "%" G_GSIZE_MODIFIER "x\r\n%s\r\n", chunk, payload);
    *ret_payload += chunk;
  }
  return piece;
}

static gboolean
send_head (gint fd, const UploadRow *row, guint64 bytes)
{
  g_autofree gchar *length = row->chunk > 0
      ? g_strdup ("Transfer-Encoding: chunked")
      : g_strdup_printf ("Content-Length: %" G_GUINT64_FORMAT, bytes);
  g_autofree gchar *head =
      g_strdup_printf ("PUT /upload HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n", length);

  return write_all (fd, head, strlen (head));
}

static guint
read_status (gint fd)
{
  gchar answer[512] = "";
  gssize n = recv (fd, answer, sizeof answer - 1, 0);

  return n > 12 ? atoi (answer + strlen ("HTTP/1.1 ")) : 0;
}

/* A whole number of pieces is sent, which may be a little more. */
static guint64
round_up (guint64 bytes, gsize payload)
{
  return (bytes + payload - 1) / payload * payload;
}

gboolean
upload_send (guint port, const UploadRow *row, guint64 bytes)
{
  gsize payload;
  g_autoptr (GString) piece = make_piece (row->chunk, &payload);
  gint fd = connect_to (port);
  guint64 total = round_up (bytes, payload), sent = 0;
  gboolean ok = fd >= 0 && send_head (fd, row, total);
  guint status = 0;

  for (; ok && sent < total; sent += payload)
    ok = write_all (fd, piece->str, piece->len);
  if (ok && row->chunk > 0)
    ok = write_all (fd, "0\r\n\r\n", strlen ("0\r\n\r\n"));
  if (ok && row->launch == NULL)
    shutdown (fd, SHUT_WR);
  if (ok)
    status = read_status (fd);
  if (fd >= 0)
    close (fd);
  return status / 100 == 2;
}
