/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketcoding.c: how a body is compressed
 *
 * Here: what an Accept-Encoding field prefers.
 * Not here: compressing.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketcoding.h"

#include <string.h>

/* Weights are thousandths. */
#define WEIGHT_MAX 1000
#define WEIGHT_UNSAID -1

static const gchar *const names[GST_SOCKET_N_CODINGS] = {
    [GST_SOCKET_CODING_IDENTITY] = "identity",
    [GST_SOCKET_CODING_GZIP] = "gzip",
    [GST_SOCKET_CODING_DEFLATE] = "deflate",
};

typedef struct
{
  gint weights[GST_SOCKET_N_CODINGS];
  gint rest; /* of those that are not named */
} Wishes;

static gboolean
is_word (const gchar *start, const gchar *end, const gchar *word)
{
  gsize size = end - start;

  return strlen (word) == size && g_ascii_strncasecmp (start, word, size) == 0;
}

/* Reads "0.5" and the like; what is none is as good as nothing. */
static gint
read_weight (const gchar *p)
{
  gint weight, unit = 100;

  if (*p != '0' && *p != '1')
    return 0;
  weight = (*p - '0') * WEIGHT_MAX;
  p++;
  if (*p != '.')
    return weight;
  for (p++; g_ascii_isdigit (*p) && unit > 0; p++, unit /= 10)
    weight += g_ascii_digit_value (*p) * unit;
  return MIN (weight, WEIGHT_MAX);
}

static gint
weight_of (const gchar *p, const gchar *end)
{
  const gchar *q = memchr (p, ';', end - p);

  if (q == NULL)
    return WEIGHT_MAX;
  for (q++; q < end && (*q == ' ' || *q == '\t'); q++)
    continue;
  if (end - q < 3 || g_ascii_tolower (q[0]) != 'q' || q[1] != '=')
    return WEIGHT_MAX;
  return read_weight (q + 2);
}

static void
take_item (Wishes *wishes, const gchar *p, const gchar *end)
{
  const gchar *name_end = p + strcspn (p, " \t;,");

  if (is_word (p, name_end, "*")) {
    wishes->rest = weight_of (p, end);
    return;
  }
  for (guint i = 0; i < GST_SOCKET_N_CODINGS; i++) {
    if (is_word (p, name_end, names[i]))
      wishes->weights[i] = weight_of (p, end);
  }
  if (is_word (p, name_end, "x-gzip"))
    wishes->weights[GST_SOCKET_CODING_GZIP] = weight_of (p, end);
}

/* What is not named is as the field's "*" says; without one, only identity is
 * wanted, and less than all that is named. */
static gint
resolve (const Wishes *wishes, GstSocketCoding coding)
{
  if (wishes->weights[coding] != WEIGHT_UNSAID)
    return wishes->weights[coding];
  if (wishes->rest != WEIGHT_UNSAID)
    return wishes->rest;
  return 0;
}

/**
 * gst_socket_coding_choose: (skip)
 * @accept: (nullable): the field Accept-Encoding
 * @available: codings there are, as bits 1 << #GstSocketCoding; identity
 *     always is
 *
 * Chooses by weight, as RFC 9110, section 12.5.3; of two codings wanted
 * equally, gzip goes before deflate, and both before identity. When nothing
 * is acceptable, identity is sent all the same.
 *
 * Returns: the coding
 */
GstSocketCoding
gst_socket_coding_choose (const gchar *accept, guint available)
{
  static const GstSocketCoding order[] = {GST_SOCKET_CODING_GZIP,
      GST_SOCKET_CODING_DEFLATE, GST_SOCKET_CODING_IDENTITY};
  Wishes wishes = {
      {WEIGHT_UNSAID, WEIGHT_UNSAID, WEIGHT_UNSAID}, WEIGHT_UNSAID};
  GstSocketCoding best = GST_SOCKET_CODING_IDENTITY;
  gint most = 0;

  for (const gchar *p = accept; p != NULL && *p != '\0';) {
    const gchar *end;

    p += strspn (p, " \t,");
    end = p + strcspn (p, ",");
    if (end > p)
      take_item (&wishes, p, end);
    p = end;
  }
  available |= 1 << GST_SOCKET_CODING_IDENTITY;
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    gint weight = resolve (&wishes, order[i]);

    if ((available & (1 << order[i])) && weight > most) {
      best = order[i];
      most = weight;
    }
  }
  return best;
}

/**
 * gst_socket_coding_get_name: (skip)
 * @coding: a coding
 *
 * Returns: its name
 */
const gchar *
gst_socket_coding_get_name (GstSocketCoding coding)
{
  g_return_val_if_fail (coding < GST_SOCKET_N_CODINGS, NULL);
  return names[coding];
}
