/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testfolder.h: folders for tests that write files
 *
 * Here: filling and removing them. Not here: what is right.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): a new, empty folder. */
gchar *test_folder_new (void);
/* Removes it and all that is in it; follows no links. */
void test_folder_remove (const gchar *folder);
/* Writes a file below it, and the folders it needs. */
void test_folder_put (
    const gchar *folder, const gchar *name, gconstpointer data, gssize size);
/* As test_folder_put(), with bytes that differ from place to place. */
void test_folder_fill (const gchar *folder, const gchar *name, gsize size);
/* The byte that is at a place of such a file. */
guint8 test_folder_byte (gsize at);

G_END_DECLS
