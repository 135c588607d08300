/* SPDX-License-Identifier: LGPL-2.1-or-later
 * replay.c: runs a fuzz target without a fuzzer
 *
 * Here: the target on every file of a corpus, and on a fixed number of
 * changed copies of them, the same in every run.
 * Not here: any target. Coverage-guided search is libFuzzer's (-Dfuzzers).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include <string.h>

#define N_CHANGED 20000
#define MAX_CHANGES 4
#define SEED 20231

static GPtrArray *
read_corpus (const gchar *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  GPtrArray *files =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const gchar *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);
    gchar *data;
    gsize size;

    g_file_get_contents (path, &data, &size, &error);
    g_assert_no_error (error);
    g_ptr_array_add (files, g_bytes_new_take (data, size));
  }
  g_assert_cmpuint (files->len, >, 0);
  return files;
}

static void
run (gconstpointer data, gsize size)
{
  /* A copy of just this size, so that a sanitizer sees a read beyond it. */
  g_autofree uint8_t *exact = g_memdup2 (data, size);

  LLVMFuzzerTestOneInput (exact != NULL ? exact : (const uint8_t *) "", size);
}

static void
change (GByteArray *bytes, GBytes *other, GRand *rand)
{
  guint at = bytes->len > 0 ? g_rand_int_range (rand, 0, bytes->len) : 0;
  guint8 byte = g_rand_int_range (rand, 0, 256);
  gsize other_size;
  const guint8 *other_data = g_bytes_get_data (other, &other_size);

  switch (g_rand_int_range (rand, 0, 4)) {
    case 0:
      g_byte_array_append (bytes, &byte, 1);
      break;
    case 1:
      if (bytes->len > 0)
        bytes->data[at] = byte;
      break;
    case 2:
      if (bytes->len > 0)
        g_byte_array_remove_index (bytes, at);
      break;
    default:
      g_byte_array_set_size (bytes, at);
      g_byte_array_append (bytes, other_data, other_size);
  }
}

static void
run_changed (GPtrArray *files, GRand *rand)
{
  GBytes *file =
      g_ptr_array_index (files, g_rand_int_range (rand, 0, files->len));
  GBytes *other =
      g_ptr_array_index (files, g_rand_int_range (rand, 0, files->len));
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gint n = g_rand_int_range (rand, 1, MAX_CHANGES + 1);

  g_byte_array_append (
      bytes, g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  for (gint i = 0; i < n; i++)
    change (bytes, other, rand);
  run (bytes->data, bytes->len);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

  g_assert_cmpint (argc, ==, 2);
  files = read_corpus (argv[1]);
  for (guint i = 0; i < files->len; i++) {
    GBytes *file = g_ptr_array_index (files, i);

    run (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  }
  for (guint i = 0; i < N_CHANGED; i++)
    run_changed (files, rand);
  return 0;
}
