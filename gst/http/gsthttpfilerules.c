/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfilerules.c: who may read and write the files of httpserversink
 *
 * Here: reading the file of rules, asking it about a request.
 * Not here: what the rules mean (gstsocketrules.c), who somebody is (the
 * guard), answers.
 *
 * Threads   app: reading    server: asking
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpfiles.h"

/* A file of rules is no longer than this. */
#define RULES_MAX (256 * 1024)

/* Reads the rules, if there is a file of them. */
gboolean
gst_http_files_read_rules (GstHttpFiles *self, GError **error)
{
  const gchar *file = self->settings.directory_rules;
  g_autofree gchar *text = NULL;
  gsize size;

  if (file == NULL)
    return TRUE;
  if (!g_file_get_contents (file, &text, &size, error))
    return FALSE;
  if (size > RULES_MAX) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "\"%s\" is too long", file);
    return FALSE;
  }
  self->rules = gst_socket_rules_new (text, size, error);
  if (self->rules == NULL)
    g_prefix_error (error, "%s: ", file);
  return self->rules != NULL;
}

/* Returns: (nullable) (transfer full): where that is on disk, as it is named:
 * links are not followed */
static gchar *
dup_place (GstSocketRoot *root, const gchar *rest)
{
  g_autofree gchar *joined = NULL;

  if (root == NULL)
    return NULL;
  joined = g_build_filename (gst_socket_root_get_folder (root), rest, NULL);
  return g_canonicalize_filename (joined, NULL);
}

/* Whether the rules let the sender of a request read what is at its path. */
gboolean
gst_http_files_may_read (GstHttpFiles *self, GstSocketHttpRequest *request,
    GstSocketRoot *root, const gchar *rest)
{
  g_autofree gchar *file = dup_place (root, rest);

  return self->rules == NULL
      || gst_socket_rules_may_read (self->rules, self->http->get_path (request),
          file, self->http->get_user (request));
}

/* Whether they let it write there. */
gboolean
gst_http_files_may_write (GstHttpFiles *self, GstSocketHttpRequest *request,
    GstSocketRoot *root, const gchar *rest)
{
  g_autofree gchar *file = dup_place (root, rest);

  return self->rules == NULL
      || gst_socket_rules_may_write (self->rules,
          self->http->get_path (request), file, self->http->get_user (request));
}
