/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttppage.c: answers that the application makes itself
 *
 * Here: a signal that answers a request with what a structure says.
 * Not here: asking the application (gsthttpguard.c).
 *
 * Threads   any
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttppage.h"

#include <string.h>

#define DEFAULT_TYPE "text/plain; charset=utf-8"

/* What a language has for a whole number. */
static guint
status_of (const GstStructure *answer)
{
  const GValue *value = gst_structure_get_value (answer, "status");
  g_auto (GValue) number = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_UINT);
  if (value == NULL)
    return 200;
  return g_value_transform (value, &number) ? g_value_get_uint (&number) : 0;
}

static GBytes *
bytes_of_buffer (GstBuffer *buffer)
{
  gsize size = gst_buffer_get_size (buffer);
  gpointer data = g_malloc (size);

  gst_buffer_extract (buffer, 0, data, size);
  return g_bytes_new_take (data, size);
}

/* Returns NULL for what can be no body. */
static GBytes *
body_of (const GstStructure *answer)
{
  const GValue *value = gst_structure_get_value (answer, "body");

  if (value == NULL)
    return g_bytes_new (NULL, 0);
  if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value) != NULL)
    return g_bytes_new (
        g_value_get_string (value), strlen (g_value_get_string (value)));
  if (G_VALUE_HOLDS (value, G_TYPE_BYTES) && g_value_get_boxed (value) != NULL)
    return g_value_dup_boxed (value);
  if (GST_VALUE_HOLDS_BUFFER (value) && gst_value_get_buffer (value) != NULL)
    return bytes_of_buffer (gst_value_get_buffer (value));
  return NULL;
}

static gboolean
add_field_cb (GQuark quark, const GValue *value, gpointer headers)
{
  const gchar *name = g_quark_to_string (quark);
  const gchar *text =
      G_VALUE_HOLDS_STRING (value) ? g_value_get_string (value) : NULL;

  if (text != NULL)
    gst_http_headers_add_own (headers, name, text);
  return TRUE;
}

static GPtrArray *
headers_of (GstHttpServerSink *self, GstSocketHttpRequest *request,
    const GstStructure *answer)
{
  GPtrArray *headers = gst_http_headers_new (self, request);
  const GValue *value = gst_structure_get_value (answer, "headers");

  if (value != NULL && GST_VALUE_HOLDS_STRUCTURE (value))
    gst_structure_foreach (
        gst_value_get_structure (value), add_field_cb, headers);
  return headers;
}

static gboolean
on_answer_with (GstHttpServerSink *self, guint id, const GstStructure *answer)
{
  g_autoptr (GBytes) body = answer != NULL ? body_of (answer) : NULL;
  guint status = answer != NULL ? status_of (answer) : 0;
  GstSocketHttpRequest *request;
  const gchar *type;

  if (body == NULL || status < 200 || status > 599) {
    g_warning ("%s: answer-with needs a status from 200 to 599, and a body "
               "that is text, bytes or a buffer",
        GST_OBJECT_NAME (self));
    return FALSE;
  }
  request = gst_http_guard_take (self, id);
  if (request == NULL)
    return FALSE;
  type = gst_structure_get_string (answer, "content-type");
  gst_http_answer (self, request, status, headers_of (self, request, answer),
      type != NULL && gst_http_headers_is_value (type) ? type : DEFAULT_TYPE,
      body);
  self->http->unref (request);
  return TRUE;
}

void
gst_http_page_install_signals (GType type)
{
  /**
   * GstHttpServerSink::answer-with:
   * @self: the sink
   * @id: the number that authorize-request has told
   * @answer: what to answer, with the fields "status" (default 200), "body"
   *     (text, #GBytes or a #GstBuffer), "content-type" (default plain text)
   *     and "headers" (a #GstStructure of texts)
   *
   * Answers what was asked with #GstHttpServerSink::authorize-request, or with
   * a message of that name, with a page of the application's own: at a path
   * where there is nothing, or in the place of what there is. A handler of the
   * signal returns 0 then. From any thread.
   *
   * Returns: whether the request still waited for that
   */
  g_signal_new_class_handler ("answer-with", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (on_answer_with), NULL,
      NULL, NULL, G_TYPE_BOOLEAN, 2, G_TYPE_UINT,
      GST_TYPE_STRUCTURE | G_SIGNAL_TYPE_STATIC_SCOPE);
}
