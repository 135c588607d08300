/* SPDX-License-Identifier: LGPL-2.1-or-later
 * users.c: fuzz target of gstsockethttpusers.c
 *
 * Here: that any bytes are read as a file of users and as a field with
 * credentials without harm, and that no name has a colon.
 * Not here: which lines are sound (tests/check/elements/httpauth.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include "sockethttp/gstsockethttpusers.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
check_file (const uint8_t *data, size_t size)
{
  gint fd = memfd_create ("users", MFD_CLOEXEC);
  g_autofree gchar *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GError) error = NULL;
  HttpUsers *users;

  g_assert (fd >= 0);
  g_assert (write (fd, data, size) == (gssize) size);
  users = http_users_new (path, &error);
  g_assert ((users == NULL) == (error != NULL));
  if (users != NULL) {
    g_assert (http_users_get_hash (users, "") == NULL);
    g_assert (http_users_get_hash (users, "a:b") == NULL);
    g_assert (http_users_get_decoy (users) != NULL);
  }
  http_users_free (users);
  close (fd);
}

static void
check_field (const uint8_t *data, size_t size)
{
  g_autofree gchar *field = g_strndup ((const gchar *) data, size);
  g_autofree gchar *coded = g_base64_encode (data, size);
  g_autofree gchar *sound = g_strconcat ("bASIC  ", coded, " ", NULL);
  const gchar *const fields[] = {field, sound};

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    g_autofree gchar *name = NULL;
    g_autofree gchar *password = NULL;

    if (http_credentials_read_basic (fields[i], &name, &password))
      g_assert (strchr (name, ':') == NULL && password != NULL);
    else
      g_assert (name == NULL && password == NULL);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  check_file (data, size);
  check_field (data, size);
  return 0;
}
