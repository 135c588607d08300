/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpusers.c: a file of names and hashed passwords
 *
 * Here: reading it, reading it again, comparing passwords; what a field with
 * credentials says.
 * Not here: requests, threads.
 *
 * Threads   one at a time; comparing is for any
 * Locks     none
 *
 * The file is what htpasswd and mkpasswd make: a line a user, NAME:HASH, where
 * the hash is one of crypt(3)'s that is worth its name. {PLAIN}SECRET stands
 * for a password that is not hashed. Empty lines and those that begin with #
 * are skipped; of two lines for a name the first counts.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttpusers.h"

#include <crypt.h>
#include <string.h>
#include <sys/stat.h>

#define PLAIN "{PLAIN}"

/* What a name that nobody has is compared with, in a file without names. */
#define NOBODY PLAIN

/* What tells whether the file has changed. */
typedef struct
{
  struct timespec changed;
  goffset size;
  guint64 inode;
} Stamp;

struct _HttpUsers
{
  gchar *path;
  Stamp stamp;
  GHashTable *hashes; /* name -> hash */
  gchar *decoy;       /* the first hash of the file */
};

/* --- credentials --- */

void
http_secret_free (gchar *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

/* Returns: (transfer full) (nullable): what follows the scheme's name in the
 * value of a field, NULL when it is of another scheme */
gchar *
http_credentials_dup (const gchar *field, const gchar *scheme)
{
  gsize size = strlen (scheme);

  if (field == NULL || g_ascii_strncasecmp (field, scheme, size) != 0
      || field[size] != ' ')
    return NULL;
  return g_strstrip (g_strdup (field + size));
}

/* Takes the name and the password, if there are any. */
gboolean
http_credentials_read_basic (
    const gchar *field, gchar **ret_name, gchar **ret_password)
{
  gchar *coded = http_credentials_dup (field, "Basic");
  gsize size = 0;
  guchar *text = coded != NULL ? g_base64_decode (coded, &size) : NULL;
  guchar *colon = text != NULL ? memchr (text, ':', size) : NULL;
  gboolean is_sound = colon != NULL && memchr (text, '\0', size) == NULL;

  if (is_sound) {
    *ret_name = g_strndup ((gchar *) text, colon - text);
    *ret_password = g_strndup ((gchar *) colon + 1, text + size - colon - 1);
  }
  if (text != NULL)
    explicit_bzero (text, size);
  g_free (text);
  http_secret_free (coded);
  return is_sound;
}

/* --- passwords --- */

static gchar *
digest_of (const gchar *key, const gchar *text)
{
  return g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *) key,
      strlen (key), text, strlen (text));
}

/* Takes as long wherever they differ: digests are compared, whose length and
 * content tell nothing. */
gboolean
http_secrets_are_equal (const gchar *a, const gchar *b)
{
  g_autofree gchar *key = g_uuid_string_random ();
  g_autofree gchar *digest_a = digest_of (key, a);
  g_autofree gchar *digest_b = digest_of (key, b);
  guint different = 0;

  for (gsize i = 0; digest_a[i] != '\0' && digest_b[i] != '\0'; i++)
    different |= (guchar) digest_a[i] ^ (guchar) digest_b[i];
  return different == 0;
}

/* Slow on purpose, as the hash says. Any thread. */
gboolean
http_password_matches (const gchar *password, const gchar *hash)
{
  g_autofree struct crypt_data *data = NULL;
  const gchar *made;
  gboolean matches;

  if (g_str_has_prefix (hash, PLAIN))
    return http_secrets_are_equal (password, hash + strlen (PLAIN));
  data = g_new0 (struct crypt_data, 1);
#ifdef HAVE_CRYPT_RN
  made = crypt_rn (password, hash, data, sizeof *data);
#else
  made = crypt_r (password, hash, data);
#endif
  matches =
      made != NULL && made[0] != '*' && http_secrets_are_equal (made, hash);
  explicit_bzero (data, sizeof *data);
  return matches;
}

/* --- the file --- */

/* Those that are quick to try, as MD5 and DES, are as good as none. */
static gboolean
is_known_scheme (const gchar *hash)
{
  static const gchar *const schemes[] = {
      "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$7$", "$y$", "$gy$"};

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++) {
    if (g_str_has_prefix (hash, schemes[i]))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_usable (const gchar *hash)
{
  if (!is_known_scheme (hash))
    return FALSE;
#ifdef HAVE_CRYPT_CHECKSALT
  switch (crypt_checksalt (hash)) {
    case CRYPT_SALT_INVALID:
    case CRYPT_SALT_METHOD_DISABLED:
      return FALSE;
    default:
      break;
  }
#endif
  return TRUE;
}

/* What is behind a second colon of a hashed line is a comment. */
static gboolean
take_line (HttpUsers *self, gchar *line)
{
  gchar *colon = strchr (line, ':');
  gchar *hash = colon + 1;

  if (colon == NULL || colon == line)
    return FALSE;
  if (!g_str_has_prefix (hash, PLAIN)) {
    hash[strcspn (hash, ":")] = '\0';
    if (!is_usable (hash))
      return FALSE;
  }
  *colon = '\0';
  if (self->decoy == NULL)
    self->decoy = g_strdup (hash);
  if (!g_hash_table_contains (self->hashes, line))
    g_hash_table_insert (self->hashes, g_strdup (line), g_strdup (hash));
  return TRUE;
}

/* Takes the lines that are sound; fails with the first that is not. */
static gboolean
take_lines (HttpUsers *self, const gchar *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint first_bad = 0;

  for (guint i = 0; lines[i] != NULL; i++) {
    g_strchomp (lines[i]);
    if (lines[i][0] == '\0' || lines[i][0] == '#')
      continue;
    if (!take_line (self, lines[i]) && first_bad == 0)
      first_bad = i + 1;
    explicit_bzero (lines[i], strlen (lines[i]));
  }
  if (first_bad == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      "%s, line %u: it is to be NAME:HASH, with a hash that begins with $2y$, "
      "$5$, $6$ or $y$, or NAME:" PLAIN "PASSWORD",
      self->path, first_bad);
  return FALSE;
}

static void
take_stamp (const gchar *path, Stamp *ret_stamp)
{
  struct stat st;

  memset (ret_stamp, 0, sizeof *ret_stamp);
  if (stat (path, &st) != 0)
    return;
  ret_stamp->changed = st.st_ctim;
  ret_stamp->size = st.st_size;
  ret_stamp->inode = st.st_ino;
}

static gboolean
load (HttpUsers *self, GError **error)
{
  g_autofree gchar *text = NULL;
  gsize size;
  gboolean is_sound;

  g_hash_table_remove_all (self->hashes);
  g_clear_pointer (&self->decoy, g_free);
  take_stamp (self->path, &self->stamp);
  if (self->stamp.size > HTTP_USERS_FILE_MAX) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is too large",
        self->path);
    return FALSE;
  }
  if (!g_file_get_contents (self->path, &text, &size, error))
    return FALSE;
  is_sound = take_lines (self, text, error);
  explicit_bzero (text, size);
  return is_sound;
}

/* Fails when the file cannot be read, or has a line that is not sound. */
HttpUsers *
http_users_new (const gchar *path, GError **error)
{
  HttpUsers *self = g_new0 (HttpUsers, 1);

  self->path = g_strdup (path);
  self->hashes =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!load (self, error))
    g_clear_pointer (&self, http_users_free);
  return self;
}

void
http_users_free (HttpUsers *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->hashes);
  g_free (self->decoy);
  g_free (self->path);
  g_free (self);
}

/* Reads the file again if it has changed. Where it cannot be read now, nobody
 * is left; where a line is not sound, the others count. */
gboolean
http_users_refresh (HttpUsers *self, gboolean *ret_changed, GError **error)
{
  Stamp stamp;

  take_stamp (self->path, &stamp);
  *ret_changed = memcmp (&stamp, &self->stamp, sizeof stamp) != 0;
  return !*ret_changed || load (self, error);
}

/* Returns: (nullable): what the password of a name is hashed to */
const gchar *
http_users_get_hash (HttpUsers *self, const gchar *name)
{
  return g_hash_table_lookup (self->hashes, name);
}

/* A hash of the same price as the others, to compare with where there is no
 * such name: who asks is not to find out which names there are. */
const gchar *
http_users_get_decoy (HttpUsers *self)
{
  return self->decoy != NULL ? self->decoy : NOBODY;
}
