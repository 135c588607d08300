/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpplaces.c: to how many files are being sent
 *
 * Here: counting them, in all and by address.
 * Not here: listeners to a live stream, the limits (gsthttpfilesend.c).
 *
 * Threads   any: all of it
 * Locks     lock guards all fields; nothing is called while it is held
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpplaces.h"

struct _GstHttpPlaces
{
  GMutex lock;
  guint n;
  GHashTable *by_ip; /* text -> how many, never 0 */
};

GstHttpPlaces *
gst_http_places_new (void)
{
  GstHttpPlaces *self = g_new0 (GstHttpPlaces, 1);

  g_mutex_init (&self->lock);
  self->by_ip = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
gst_http_places_free (GstHttpPlaces *self)
{
  g_hash_table_unref (self->by_ip);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static guint
count_locked (GstHttpPlaces *self, const gchar *ip)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->by_ip, ip));
}

gboolean
gst_http_places_take (
    GstHttpPlaces *self, const gchar *ip, guint max, guint max_per_ip)
{
  gboolean is_free;
  guint n;

  g_mutex_lock (&self->lock);
  n = count_locked (self, ip);
  is_free = (max == 0 || self->n < max) && (max_per_ip == 0 || n < max_per_ip);
  if (is_free) {
    self->n++;
    g_hash_table_insert (self->by_ip, g_strdup (ip), GUINT_TO_POINTER (n + 1));
  }
  g_mutex_unlock (&self->lock);
  return is_free;
}

void
gst_http_places_leave (GstHttpPlaces *self, const gchar *ip)
{
  guint n;

  g_mutex_lock (&self->lock);
  self->n--;
  n = count_locked (self, ip);
  if (n > 1)
    g_hash_table_insert (self->by_ip, g_strdup (ip), GUINT_TO_POINTER (n - 1));
  else
    g_hash_table_remove (self->by_ip, ip);
  g_mutex_unlock (&self->lock);
}
