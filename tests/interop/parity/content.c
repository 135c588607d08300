/* SPDX-License-Identifier: LGPL-2.1-or-later
 * content.c: bytes that tell which buffer they are of
 *
 * Here: see content.h. Pure. Not here: buffers, elements, clients.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "content.h"

#include <string.h>

typedef struct
{
  gchar *name;
  GBytes *bytes;
} Content;

static void
content_free (Content *content)
{
  g_free (content->name);
  g_bytes_unref (content->bytes);
  g_free (content);
}

GPtrArray *
contents_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) content_free);
}

GBytes *
content_make (GPtrArray *all, const gchar *name, gsize size)
{
  Content *content = g_new0 (Content, 1);
  guint8 *data = g_malloc (MAX (size, 1));
  gsize len = strlen (name);

  for (gsize i = 0; i < size; i++)
    data[i] = name[i % len];
  content->name = g_strdup (name);
  content->bytes = g_bytes_new_take (data, size);
  g_ptr_array_add (all, content);
  return content->bytes;
}

/* Returns the content the bytes begin with, whole or cut; NULL for none. */
static Content *
find (GPtrArray *all, const guint8 *data, gsize size)
{
  for (guint i = 0; i < all->len; i++) {
    Content *content = g_ptr_array_index (all, i);
    gsize len;
    const guint8 *bytes = g_bytes_get_data (content->bytes, &len);

    if (len > 0 && memcmp (bytes, data, MIN (len, size)) == 0)
      return content;
  }
  return NULL;
}

void
content_decode (GPtrArray *all, const guint8 *data, gsize size, GString *line)
{
  while (size > 0) {
    Content *content = find (all, data, size);
    gsize len;

    if (content == NULL) {
      g_string_append_printf (line, " ?(%" G_GSIZE_FORMAT " bytes)", size);
      return;
    }
    len = g_bytes_get_size (content->bytes);
    g_string_append_printf (
        line, " %s%s", content->name, len > size ? "(part)" : "");
    data += MIN (len, size);
    size -= MIN (len, size);
  }
}
