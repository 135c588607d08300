/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketcondition.c: whether what a client has is still what there is
 *
 * Here: dates and entity tags of HTTP, conditional requests.
 * Not here: files, which ranges are asked for.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketcondition.h"

#include <string.h>

#define DAY 86400

static const gchar *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* --- dates --- */

/**
 * gst_socket_http_date_format: (skip)
 * @seconds: since 1970, UTC
 *
 * Returns: (transfer full): the time as HTTP writes it, always in English
 */
gchar *
gst_socket_http_date_format (gint64 seconds)
{
  static const gchar *const days[] = {
      "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  if (time == NULL)
    time = g_date_time_new_from_unix_utc (0);
  return g_strdup_printf ("%s, %02d %s %04d %02d:%02d:%02d GMT",
      days[g_date_time_get_day_of_week (time) - 1],
      g_date_time_get_day_of_month (time),
      months[g_date_time_get_month (time) - 1], g_date_time_get_year (time),
      g_date_time_get_hour (time), g_date_time_get_minute (time),
      g_date_time_get_second (time));
}

typedef struct
{
  gint year;
  gint month;
  gint day;
  gint hour;
  gint minute;
  gint second;
} Date;

/* Reads exactly so many digits; a space may stand for the first one. */
static gboolean
read_digits (const gchar **p, guint n, gint *ret_number)
{
  gint number = 0;

  for (guint i = 0; i < n; i++, (*p)++) {
    if (**p == ' ' && i == 0 && n == 2)
      continue;
    if (!g_ascii_isdigit (**p))
      return FALSE;
    number = number * 10 + g_ascii_digit_value (**p);
  }
  *ret_number = number;
  return TRUE;
}

static gboolean
read_text (const gchar **p, const gchar *text)
{
  if (!g_str_has_prefix (*p, text))
    return FALSE;
  *p += strlen (text);
  return TRUE;
}

static gboolean
read_month (const gchar **p, gint *ret_month)
{
  for (guint i = 0; i < G_N_ELEMENTS (months); i++) {
    if (read_text (p, months[i])) {
      *ret_month = i + 1;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
read_time (const gchar **p, Date *date)
{
  return read_digits (p, 2, &date->hour) && read_text (p, ":")
      && read_digits (p, 2, &date->minute) && read_text (p, ":")
      && read_digits (p, 2, &date->second);
}

/* "06 Nov 1994 08:49:37 GMT" */
static gboolean
read_fixed (const gchar *p, Date *date)
{
  return read_digits (&p, 2, &date->day) && read_text (&p, " ")
      && read_month (&p, &date->month) && read_text (&p, " ")
      && read_digits (&p, 4, &date->year) && read_text (&p, " ")
      && read_time (&p, date) && g_str_equal (p, " GMT");
}

/* "06-Nov-94 08:49:37 GMT"; the century is the one that makes it no future,
 * as far as programs of that time can have meant one. */
static gboolean
read_rfc850 (const gchar *p, Date *date)
{
  if (!read_digits (&p, 2, &date->day) || !read_text (&p, "-")
      || !read_month (&p, &date->month) || !read_text (&p, "-")
      || !read_digits (&p, 2, &date->year) || !read_text (&p, " ")
      || !read_time (&p, date))
    return FALSE;
  date->year += date->year < 70 ? 2000 : 1900;
  return g_str_equal (p, " GMT");
}

/* "Nov  6 08:49:37 1994" */
static gboolean
read_asctime (const gchar *p, Date *date)
{
  return read_month (&p, &date->month) && read_text (&p, " ")
      && read_digits (&p, 2, &date->day) && read_text (&p, " ")
      && read_time (&p, date) && read_text (&p, " ")
      && read_digits (&p, 4, &date->year) && *p == '\0';
}

/**
 * gst_socket_http_date_parse: (skip)
 * @text: a date in any of the three formats of RFC 9110, section 5.6.7
 * @ret_seconds: (out): seconds since 1970, UTC
 *
 * Returns: whether it is a date
 */
gboolean
gst_socket_http_date_parse (const gchar *text, gint64 *ret_seconds)
{
  const gchar *p = strchr (text, ' ');
  g_autoptr (GDateTime) time = NULL;
  Date date = {0};

  /* The name of the day says nothing that the date does not. */
  if (p == NULL || p - text < 3)
    return FALSE;
  p++;
  if (!read_fixed (p, &date) && !read_rfc850 (p, &date)
      && !read_asctime (p, &date))
    return FALSE;
  /* A leap second is as good as the second before it. */
  time = g_date_time_new_utc (date.year, date.month, date.day, date.hour,
      date.minute, MIN (date.second, 59));
  if (time == NULL)
    return FALSE;
  *ret_seconds = g_date_time_to_unix (time);
  return TRUE;
}

/* --- entity tags --- */

static const gchar *
skip_list_space (const gchar *p)
{
  while (*p == ' ' || *p == '\t' || *p == ',')
    p++;
  return p;
}

static gboolean
is_weak (const gchar *etag)
{
  return g_str_has_prefix (etag, "W/");
}

/* Whether the tag at p, size bytes long, is etag. */
static gboolean
is_tag (const gchar *p, gsize size, const gchar *etag, gboolean weak)
{
  if (weak) {
    gsize skip = is_weak (p) ? 2 : 0;

    p += skip;
    size -= skip;
    etag += is_weak (etag) ? 2 : 0;
  } else if (is_weak (p) || is_weak (etag)) {
    return FALSE;
  }
  return strlen (etag) == size && memcmp (p, etag, size) == 0;
}

/**
 * gst_socket_etags_match: (skip)
 * @field: a list of entity tags, or "*"
 * @etag: (nullable): the tag of what there is, with its quotes; %NULL when
 *     there is nothing
 * @weak: whether tags that only promise the same meaning count
 *
 * Compares as RFC 9110, section 8.8.3.2. The list is read up to what is no
 * tag.
 *
 * Returns: whether one of the tags is that of what there is
 */
gboolean
gst_socket_etags_match (const gchar *field, const gchar *etag, gboolean weak)
{
  const gchar *p = skip_list_space (field);

  if (etag == NULL)
    return FALSE;
  if (p[0] == '*')
    return TRUE;
  while (*p != '\0') {
    const gchar *start = p;
    const gchar *end;

    p += is_weak (p) ? 2 : 0;
    end = *p == '"' ? strchr (p + 1, '"') : NULL;
    if (end == NULL)
      return FALSE;
    if (is_tag (start, end + 1 - start, etag, weak))
      return TRUE;
    p = skip_list_space (end + 1);
  }
  return FALSE;
}

/* --- conditions --- */

/* Whether it was changed after a date; what has no date, and a date that is
 * none, say nothing. */
static gboolean
compare (const gchar *field, gint64 modified, gboolean *ret_is_newer)
{
  gint64 date;

  if (field == NULL || modified == GST_SOCKET_DATE_UNKNOWN
      || !gst_socket_http_date_parse (field, &date))
    return FALSE;
  *ret_is_newer = modified > date;
  return TRUE;
}

/**
 * gst_socket_conditions_check: (skip)
 * @conditions: what the request demands
 * @etag: (nullable): the entity tag, %NULL when there is nothing
 * @modified: when it was changed last, in seconds since 1970, or
 *     %GST_SOCKET_DATE_UNKNOWN
 *
 * Checks conditions in the order of RFC 9110, section 13.2.2. A range is
 * gst_socket_conditions_allow_range()'s concern.
 *
 * Returns: what they come to
 */
GstSocketConditionResult
gst_socket_conditions_check (
    const GstSocketConditions *conditions, const gchar *etag, gint64 modified)
{
  gboolean is_newer;

  if (conditions->if_match != NULL) {
    if (!gst_socket_etags_match (conditions->if_match, etag, FALSE))
      return GST_SOCKET_CONDITION_FAILED;
  } else if (compare (conditions->if_unmodified_since, modified, &is_newer)
      && is_newer) {
    return GST_SOCKET_CONDITION_FAILED;
  }
  if (conditions->if_none_match != NULL) {
    if (!gst_socket_etags_match (conditions->if_none_match, etag, TRUE))
      return GST_SOCKET_CONDITION_PASS;
    return conditions->is_safe ? GST_SOCKET_CONDITION_NOT_MODIFIED
                               : GST_SOCKET_CONDITION_FAILED;
  }
  if (conditions->is_safe
      && compare (conditions->if_modified_since, modified, &is_newer)
      && !is_newer)
    return GST_SOCKET_CONDITION_NOT_MODIFIED;
  return GST_SOCKET_CONDITION_PASS;
}

/**
 * gst_socket_conditions_allow_range: (skip)
 * @if_range: (nullable): the field If-Range
 * @etag: (nullable): the entity tag
 * @modified: when it was changed last, or %GST_SOCKET_DATE_UNKNOWN
 * @now: the time now
 *
 * A date counts only when it is the very date of the last change, and that is
 * so long ago that there cannot have been two changes within its second.
 *
 * Returns: whether a range may be sent; if not, everything is
 */
gboolean
gst_socket_conditions_allow_range (
    const gchar *if_range, const gchar *etag, gint64 modified, gint64 now)
{
  gint64 date;

  if (if_range == NULL)
    return TRUE;
  if (if_range[0] == '"' || is_weak (if_range))
    return etag != NULL && !is_weak (if_range) && g_str_equal (if_range, etag);
  return modified != GST_SOCKET_DATE_UNKNOWN && now - modified >= 2
      && gst_socket_http_date_parse (if_range, &date) && date == modified;
}
