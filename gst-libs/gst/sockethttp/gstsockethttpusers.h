/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpusers.h: a file of names and hashed passwords
 *
 * Here: reading it, reading it again, comparing passwords; what a field with
 * credentials says.
 * Not here: requests, threads.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Bytes of such a file, at most. */
#define HTTP_USERS_FILE_MAX (1024 * 1024)

typedef struct _HttpUsers HttpUsers;

G_GNUC_INTERNAL
HttpUsers *http_users_new (const gchar *path, GError **error);
G_GNUC_INTERNAL
void http_users_free (HttpUsers *self);
G_GNUC_INTERNAL
gboolean http_users_refresh (
    HttpUsers *self, gboolean *ret_changed, GError **error);
G_GNUC_INTERNAL
const gchar *http_users_get_hash (HttpUsers *self, const gchar *name);
G_GNUC_INTERNAL
const gchar *http_users_get_decoy (HttpUsers *self);

G_GNUC_INTERNAL
gchar *http_credentials_dup (const gchar *field, const gchar *scheme);
G_GNUC_INTERNAL
gboolean http_credentials_read_basic (
    const gchar *field, gchar **ret_name, gchar **ret_password);
G_GNUC_INTERNAL
void http_secret_free (gchar *secret);

G_GNUC_INTERNAL
gboolean http_secrets_are_equal (const gchar *a, const gchar *b);
G_GNUC_INTERNAL
gboolean http_password_matches (const gchar *password, const gchar *hash);

G_END_DECLS
