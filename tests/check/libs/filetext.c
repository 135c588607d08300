/* SPDX-License-Identifier: LGPL-2.1-or-later
 * filetext.c: tests of what requests for files and their answers say
 *
 * Here: dates, entity tags, conditions, several ranges, codings, content types
 * by name, rules for folders.
 * Not here: files, connections.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketbyteranges.h>
#include <gst/socket/gstsocketcoding.h>
#include <gst/socket/gstsocketcondition.h>
#include <gst/socket/gstsocketfiletype.h>
#include <gst/socket/gstsocketrules.h>

#include <string.h>

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define DATE_SECONDS 784111777
#define ETAG "\"abc\""

/* --- dates --- */

GST_START_TEST (test_dates_of_all_three_kinds_are_read)
{
  static const gchar *const texts[] = {
      DATE, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
  g_autofree gchar *written = gst_socket_http_date_format (DATE_SECONDS);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    gint64 seconds = 0;

    fail_unless (
        gst_socket_http_date_parse (texts[i], &seconds), "%s", texts[i]);
    fail_unless_equals_int64 (seconds, DATE_SECONDS);
  }
  fail_unless_equals_string (written, DATE);
}
GST_END_TEST;

GST_START_TEST (test_what_is_no_date_is_refused)
{
  static const gchar *const texts[] = {"", " ", "Sun, ", "0", "yesterday",
      "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49:37 GMTX",
      "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994"};

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    gint64 seconds = -5;

    fail_if (gst_socket_http_date_parse (texts[i], &seconds), "%s", texts[i]);
    fail_unless_equals_int64 (seconds, -5);
  }
}
GST_END_TEST;

/* --- entity tags and conditions --- */

GST_START_TEST (test_entity_tags_are_compared_weakly_and_strongly)
{
  static const struct
  {
    const gchar *field;
    const gchar *etag;
    gboolean weak;
    gboolean strong;
  } cases[] = {
      {ETAG, ETAG, TRUE, TRUE},
      {"W/" ETAG, ETAG, TRUE, FALSE},
      {ETAG, "W/" ETAG, TRUE, FALSE},
      {"*", ETAG, TRUE, TRUE},
      {"*", NULL, FALSE, FALSE},
      {"\"x\", " ETAG, ETAG, TRUE, TRUE},
      {"\"x\"," ETAG, ETAG, TRUE, TRUE},
      {"\"x,y\" , W/" ETAG, ETAG, TRUE, FALSE},
      {"abc", ETAG, FALSE, FALSE},
      {"\"abc", ETAG, FALSE, FALSE},
      {"abc, " ETAG, ETAG, FALSE, FALSE},
      {"\"abcd\"", ETAG, FALSE, FALSE},
      {"", ETAG, FALSE, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    fail_unless_equals_int (
        gst_socket_etags_match (cases[i].field, cases[i].etag, TRUE),
        cases[i].weak);
    fail_unless_equals_int (
        gst_socket_etags_match (cases[i].field, cases[i].etag, FALSE),
        cases[i].strong);
  }
}
GST_END_TEST;

static GstSocketConditionResult
check (const GstSocketConditions *conditions)
{
  return gst_socket_conditions_check (conditions, ETAG, DATE_SECONDS);
}

#define EARLIER "Sun, 06 Nov 1994 08:49:36 GMT"

GST_START_TEST (test_conditions_are_checked_in_the_order_of_the_rfc)
{
  static const struct
  {
    GstSocketConditions conditions;
    GstSocketConditionResult result;
  } cases[] = {
      {{TRUE, NULL, NULL, NULL, NULL}, GST_SOCKET_CONDITION_PASS},
      {{TRUE, ETAG, NULL, NULL, NULL}, GST_SOCKET_CONDITION_PASS},
      {{TRUE, "\"x\"", NULL, NULL, NULL}, GST_SOCKET_CONDITION_FAILED},
      {{TRUE, "W/" ETAG, NULL, NULL, NULL}, GST_SOCKET_CONDITION_FAILED},
      {{TRUE, NULL, "W/" ETAG, NULL, NULL}, GST_SOCKET_CONDITION_NOT_MODIFIED},
      {{FALSE, NULL, ETAG, NULL, NULL}, GST_SOCKET_CONDITION_FAILED},
      {{FALSE, NULL, "*", NULL, NULL}, GST_SOCKET_CONDITION_FAILED},
      {{TRUE, NULL, "\"x\"", DATE, NULL}, GST_SOCKET_CONDITION_PASS},
      {{TRUE, NULL, NULL, DATE, NULL}, GST_SOCKET_CONDITION_NOT_MODIFIED},
      {{TRUE, NULL, NULL, EARLIER, NULL}, GST_SOCKET_CONDITION_PASS},
      {{FALSE, NULL, NULL, DATE, NULL}, GST_SOCKET_CONDITION_PASS},
      {{TRUE, NULL, NULL, "soon", NULL}, GST_SOCKET_CONDITION_PASS},
      {{TRUE, NULL, NULL, NULL, DATE}, GST_SOCKET_CONDITION_PASS},
      {{TRUE, NULL, NULL, NULL, EARLIER}, GST_SOCKET_CONDITION_FAILED},
      {{TRUE, ETAG, NULL, NULL, EARLIER}, GST_SOCKET_CONDITION_PASS},
      {{TRUE, "\"x\"", ETAG, NULL, NULL}, GST_SOCKET_CONDITION_FAILED},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    fail_unless_equals_int (check (&cases[i].conditions), cases[i].result);
}
GST_END_TEST;

GST_START_TEST (test_if_range_needs_the_very_same_file)
{
  gint64 now = DATE_SECONDS + 100;

  fail_unless (
      gst_socket_conditions_allow_range (NULL, ETAG, DATE_SECONDS, now));
  fail_unless (
      gst_socket_conditions_allow_range (ETAG, ETAG, DATE_SECONDS, now));
  fail_if (
      gst_socket_conditions_allow_range ("\"x\"", ETAG, DATE_SECONDS, now));
  fail_if (gst_socket_conditions_allow_range (
      "W/" ETAG, "W/" ETAG, DATE_SECONDS, now));
  fail_unless (
      gst_socket_conditions_allow_range (DATE, ETAG, DATE_SECONDS, now));
  fail_if (
      gst_socket_conditions_allow_range (EARLIER, ETAG, DATE_SECONDS, now));
  fail_if (gst_socket_conditions_allow_range (
      DATE, ETAG, DATE_SECONDS, DATE_SECONDS + 1));
  fail_if (gst_socket_conditions_allow_range ("soon", ETAG, DATE_SECONDS, now));
}
GST_END_TEST;

/* --- ranges --- */

GST_START_TEST (test_ranges_that_overlap_become_one)
{
  GstSocketRange apart[] = {{5000, 5999}, {0, 9}};
  GstSocketRange near[] = {{200, 299}, {0, 99}};
  GstSocketRange bomb[GST_SOCKET_RANGES_MAX];

  fail_unless_equals_int (gst_socket_ranges_coalesce (apart, 2), 2);
  fail_unless_equals_uint64 (apart[0].first, 5000);
  fail_unless_equals_int (gst_socket_ranges_coalesce (near, 2), 1);
  fail_unless_equals_uint64 (near[0].first, 0);
  fail_unless_equals_uint64 (near[0].last, 299);
  for (guint i = 0; i < G_N_ELEMENTS (bomb); i++)
    bomb[i] = (GstSocketRange){i, 999999};
  fail_unless_equals_int (
      gst_socket_ranges_coalesce (bomb, G_N_ELEMENTS (bomb)), 1);
  fail_unless_equals_uint64 (bomb[0].first, 0);
  fail_unless_equals_uint64 (bomb[0].last, 999999);
}
GST_END_TEST;

GST_START_TEST (test_parts_are_laid_out_as_the_rfc_shows)
{
  GstSocketRange ranges[] = {{500, 999}, {7000, 7999}};
  g_autoptr (GPtrArray) texts = gst_socket_byteranges_new (
      ranges, 2, 8000, "application/pdf", "SEPARATOR");
  g_autofree gchar *none =
      gst_socket_range_dup_field (NULL, GST_SOCKET_SIZE_UNKNOWN);
  gsize length = 1500;

  fail_unless_equals_int (texts->len, 3);
  fail_unless_equals_string (g_ptr_array_index (texts, 0),
      "--SEPARATOR\r\nContent-Type: application/pdf\r\n"
      "Content-Range: bytes 500-999/8000\r\n\r\n");
  fail_unless_equals_string (g_ptr_array_index (texts, 1),
      "\r\n--SEPARATOR\r\nContent-Type: application/pdf\r\n"
      "Content-Range: bytes 7000-7999/8000\r\n\r\n");
  fail_unless_equals_string (
      g_ptr_array_index (texts, 2), "\r\n--SEPARATOR--\r\n");
  for (guint i = 0; i < texts->len; i++)
    length += strlen (g_ptr_array_index (texts, i));
  fail_unless_equals_uint64 (
      gst_socket_byteranges_get_length (ranges, 2, texts), length);
  fail_unless_equals_string (none, "bytes */*");
}
GST_END_TEST;

/* --- codings --- */

GST_START_TEST (test_coding_is_chosen_by_weight)
{
  static const struct
  {
    const gchar *accept;
    GstSocketCoding coding;
  } cases[] = {
      {NULL, GST_SOCKET_CODING_IDENTITY},
      {"", GST_SOCKET_CODING_IDENTITY},
      {"gzip", GST_SOCKET_CODING_GZIP},
      {"x-gzip", GST_SOCKET_CODING_GZIP},
      {"GZIP;q=1", GST_SOCKET_CODING_GZIP},
      {"gzip, deflate, br", GST_SOCKET_CODING_GZIP},
      {"deflate", GST_SOCKET_CODING_DEFLATE},
      {"gzip;q=0.5, deflate;q=0.8", GST_SOCKET_CODING_DEFLATE},
      {"gzip;q=0", GST_SOCKET_CODING_IDENTITY},
      {"gzip; q=0.000", GST_SOCKET_CODING_IDENTITY},
      {"gzip;q=0.001", GST_SOCKET_CODING_GZIP},
      {"*", GST_SOCKET_CODING_GZIP},
      {"*;q=0", GST_SOCKET_CODING_IDENTITY},
      {"gzip;q=0, *", GST_SOCKET_CODING_DEFLATE},
      {"identity, gzip;q=0.5", GST_SOCKET_CODING_IDENTITY},
      {"gzipped", GST_SOCKET_CODING_IDENTITY},
      {",,gzip;;q=", GST_SOCKET_CODING_GZIP},
      {"gzip;q=nonsense", GST_SOCKET_CODING_IDENTITY},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    fail_unless (
        gst_socket_coding_choose (cases[i].accept, ~0u) == cases[i].coding,
        "%s", GST_STR_NULL (cases[i].accept));
  fail_unless_equals_int (
      gst_socket_coding_choose ("gzip", 1 << GST_SOCKET_CODING_DEFLATE),
      GST_SOCKET_CODING_IDENTITY);
}
GST_END_TEST;

/* --- content types --- */

GST_START_TEST (test_names_tell_content_type_and_how_long_to_keep)
{
  fail_unless_equals_string (gst_socket_file_type_from_name ("a/b.M3U8"),
      "application/vnd.apple.mpegurl");
  fail_unless_equals_string (
      gst_socket_file_type_from_name ("a.ts/b"), "application/octet-stream");
  fail_unless_equals_string (
      gst_socket_file_type_from_name ("x.html"), "text/html; charset=utf-8");
  fail_unless (
      gst_socket_file_type_is_text (gst_socket_file_type_from_name ("a.mpd")));
  fail_if (
      gst_socket_file_type_is_text (gst_socket_file_type_from_name ("a.gz")));
  fail_if (
      gst_socket_file_type_is_text (gst_socket_file_type_from_name ("a.mp4")));
  fail_unless_equals_string (
      gst_socket_file_type_get_cache_control ("a.m3u8"), "no-cache");
  fail_unless (
      strstr (gst_socket_file_type_get_cache_control ("seg1.ts"), "immutable"));
  fail_unless_equals_string (
      gst_socket_file_type_get_cache_control ("film.mp4"), "no-cache");
}
GST_END_TEST;

/* --- rules --- */

static GstSocketRules *
rules_of (const gchar *text)
{
  g_autoptr (GError) error = NULL;
  GstSocketRules *rules = gst_socket_rules_new (text, strlen (text), &error);

  fail_unless (rules != NULL, "%s", error ? error->message : "");
  return rules;
}

GST_START_TEST (test_innermost_folder_decides_who_may_read)
{
  g_autoptr (GstSocketRules) rules =
      rules_of ("[/srv/films]\nreaders = anna, ben\nwriters=anna\n"
                "[url:/films/new]\nreaders = users\n"
                "[url:/films/new/secret]\nreaders = none\n"
                "[/srv/x]\nname = open/x\n");
  const gchar *name = NULL;

  fail_unless_equals_int (gst_socket_rules_get_n_folders (rules), 2);
  fail_unless_equals_string (
      gst_socket_rules_get_folder (rules, 0, &name), "/srv/films");
  fail_unless_equals_string (name, "/films");
  gst_socket_rules_get_folder (rules, 1, &name);
  fail_unless_equals_string (name, "/open/x");
  fail_unless (gst_socket_rules_may_read (rules, "/other", NULL, NULL));
  fail_unless (gst_socket_rules_may_read (rules, "/filmsx", NULL, NULL));
  fail_if (gst_socket_rules_may_read (rules, "/films", NULL, NULL));
  fail_if (gst_socket_rules_may_read (rules, "/films/a", NULL, "carl"));
  fail_unless (gst_socket_rules_may_read (rules, "/films/a", NULL, "ben"));
  fail_unless (gst_socket_rules_may_read (rules, "/films/new/a", NULL, "carl"));
  fail_if (gst_socket_rules_may_read (rules, "/films/new/a", NULL, NULL));
  fail_if (
      gst_socket_rules_may_read (rules, "/films/new/secret/a", NULL, "anna"));
  fail_unless (
      gst_socket_rules_may_write (rules, "/films/new/a", NULL, "anna"));
  fail_if (gst_socket_rules_may_write (rules, "/films/a", NULL, "ben"));
  fail_if (gst_socket_rules_may_write (rules, "/other", NULL, "anna"));
}
GST_END_TEST;

/* A folder may be reached from a root above it, by another name than its own. */
GST_START_TEST (test_rule_of_a_folder_holds_by_whatever_path)
{
  g_autoptr (GstSocketRules) rules =
      rules_of ("[/srv/films/]\nname = cinema\nreaders = anna\n"
                "writers = anna\n"
                "[/srv/films/new]\nname = new\nwriters = ben\n"
                "[url:/cinema/all]\nreaders = all\n"
                "[url:/up]\nwriters = users\n");

  fail_if (
      gst_socket_rules_may_read (rules, "/all/films/a", "/srv/films/a", "ben"));
  fail_unless (gst_socket_rules_may_read (
      rules, "/all/films/a", "/srv/films/a", "anna"));
  fail_unless (gst_socket_rules_may_read (
      rules, "/all/filmsx/a", "/srv/filmsx/a", "ben"));
  /* The innermost that is named by its own path decides alone. */
  fail_unless (gst_socket_rules_may_read (
      rules, "/cinema/all/a", "/srv/films/all/a", "ben"));
  fail_if (
      gst_socket_rules_may_write (rules, "/up/films/a", "/srv/films/a", "ben"));
  fail_unless (gst_socket_rules_may_write (
      rules, "/up/films/a", "/srv/films/a", "anna"));
  fail_unless (gst_socket_rules_may_write (
      rules, "/films/new/a", "/srv/films/new/a", "ben"));
  fail_if (gst_socket_rules_may_write (
      rules, "/films/new/a", "/srv/films/new/a", "anna"));
  fail_if (
      gst_socket_rules_may_write (rules, "/other/a", "/srv/other/a", "anna"));
}
GST_END_TEST;

GST_START_TEST (test_rules_with_mistakes_are_refused)
{
  static const gchar *const bad[] = {"[relative]\n", "[url:/../x]\n",
      "[/srv/x]\nname=../y\n", "[/srv/x]\nreader=anna\n", "readers=anna\n",
      "[/srv/x\n"};

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (gst_socket_rules_new (bad[i], strlen (bad[i]), &error) != NULL,
        "%s", bad[i]);
    fail_unless (error != NULL);
  }
}
GST_END_TEST;

static Suite *
filetext_suite (void)
{
  Suite *s = suite_create ("filetext");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_dates_of_all_three_kinds_are_read);
  tcase_add_test (tc, test_what_is_no_date_is_refused);
  tcase_add_test (tc, test_entity_tags_are_compared_weakly_and_strongly);
  tcase_add_test (tc, test_conditions_are_checked_in_the_order_of_the_rfc);
  tcase_add_test (tc, test_if_range_needs_the_very_same_file);
  tcase_add_test (tc, test_ranges_that_overlap_become_one);
  tcase_add_test (tc, test_parts_are_laid_out_as_the_rfc_shows);
  tcase_add_test (tc, test_coding_is_chosen_by_weight);
  tcase_add_test (tc, test_names_tell_content_type_and_how_long_to_keep);
  tcase_add_test (tc, test_innermost_folder_decides_who_may_read);
  tcase_add_test (tc, test_rule_of_a_folder_holds_by_whatever_path);
  tcase_add_test (tc, test_rules_with_mistakes_are_refused);
  return s;
}

GST_CHECK_MAIN (filetext);
