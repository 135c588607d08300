/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpcertificate.c: a certificate that follows its files
 *
 * Here: reading it, and reading it again when the files have changed.
 * Not here: connections.
 *
 * Threads   any
 * Locks     lock guards what is marked; held while the files are read, so
 *           that they are read once for each change
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"

#include <sys/stat.h>

/* What tells whether files have changed. */
typedef struct
{
  struct timespec certificate_time;
  struct timespec key_time;
  goffset certificate_size;
  goffset key_size;
} Stamp;

struct _HttpCertificate
{
  /* immutable */
  gchar *certificate_file;
  gchar *key_file;

  GMutex lock;
  /* guarded by lock */
  GTlsCertificate *certificate;
  Stamp stamp;
};

static void
stat_file (const gchar *path, struct timespec *ret_time, goffset *ret_size)
{
  struct stat st;

  if (stat (path, &st) != 0)
    return;
  *ret_time = st.st_mtim;
  *ret_size = st.st_size;
}

static void
take_stamp (const HttpCertificate *self, Stamp *ret_stamp)
{
  memset (ret_stamp, 0, sizeof *ret_stamp);
  stat_file (self->certificate_file, &ret_stamp->certificate_time,
      &ret_stamp->certificate_size);
  stat_file (self->key_file, &ret_stamp->key_time, &ret_stamp->key_size);
}

/* Reading a pair does not tell that its halves do not belong together; making
 * a connection does. */
static gboolean
is_pair (GTlsCertificate *certificate, GError **error)
{
  g_autoptr (GInputStream) in = g_memory_input_stream_new ();
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) stream = g_simple_io_stream_new (in, out);
  g_autoptr (GIOStream) tls =
      g_tls_server_connection_new (stream, certificate, error);

  return tls != NULL;
}

static GTlsCertificate *
load (const HttpCertificate *self, GError **error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;

  certificate = g_tls_certificate_new_from_files (
      self->certificate_file, self->key_file, error);
  if (certificate == NULL)
    g_prefix_error (error, "%s: ", self->certificate_file);
  if (certificate == NULL || !is_pair (certificate, error))
    return NULL;
  return g_steal_pointer (&certificate);
}

/* Fails when the files cannot be read, or do not hold a certificate and its
 * key. */
HttpCertificate *
http_certificate_new (
    const gchar *certificate_file, const gchar *key_file, GError **error)
{
  HttpCertificate *self = g_new0 (HttpCertificate, 1);

  self->certificate_file = g_strdup (certificate_file);
  self->key_file = g_strdup (key_file != NULL ? key_file : certificate_file);
  g_mutex_init (&self->lock);
  take_stamp (self, &self->stamp);
  self->certificate = load (self, error);
  if (self->certificate == NULL)
    g_clear_pointer (&self, http_certificate_free);
  return self;
}

void
http_certificate_free (HttpCertificate *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->certificate);
  g_mutex_clear (&self->lock);
  g_free (self->certificate_file);
  g_free (self->key_file);
  g_free (self);
}

/* Whether it is of these files; of none when both are NULL. */
gboolean
http_certificate_is_of (const HttpCertificate *self,
    const gchar *certificate_file, const gchar *key_file)
{
  if (self == NULL || certificate_file == NULL)
    return self == NULL && certificate_file == NULL;
  return g_str_equal (self->certificate_file, certificate_file)
      && g_str_equal (
          self->key_file, key_file != NULL ? key_file : certificate_file);
}

/* Reads the files again. FALSE when they are no good; the old certificate
 * stays then, and they are not tried again before they change. */
gboolean
http_certificate_reload (
    HttpCertificate *self, gboolean only_if_changed, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);
  g_autoptr (GTlsCertificate) certificate = NULL;
  Stamp stamp;

  take_stamp (self, &stamp);
  if (only_if_changed && memcmp (&stamp, &self->stamp, sizeof stamp) == 0)
    return TRUE;
  self->stamp = stamp;
  certificate = load (self, error);
  if (certificate == NULL)
    return FALSE;
  g_set_object (&self->certificate, certificate);
  return TRUE;
}

/* Returns: (transfer full): the certificate to use now */
GTlsCertificate *
http_certificate_get (HttpCertificate *self)
{
  GTlsCertificate *certificate;

  g_mutex_lock (&self->lock);
  certificate = g_object_ref (self->certificate);
  g_mutex_unlock (&self->lock);
  return certificate;
}
