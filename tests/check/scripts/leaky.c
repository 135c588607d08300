/* SPDX-License-Identifier: LGPL-2.1-or-later
 * leaky.c: leaks a string and an element
 *
 * Here: what a sanitized run must report, by the names of the functions.
 * Not here: Check, so that nothing stands between the leak and the exit.
 */
#include <gst/gst.h>

void lose_string (void);
void lose_element (void);

void
lose_string (void)
{
  gchar *string = g_strdup ("nobody frees this");

  string[0] = 'N';
}

void
lose_element (void)
{
  GstElement *element = gst_element_factory_make ("fakesink", NULL);

  g_object_set (element, "sync", TRUE, NULL);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  lose_string ();
  lose_element ();
  gst_deinit ();
  return 0;
}
