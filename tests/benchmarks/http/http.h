/* SPDX-License-Identifier: LGPL-2.1-or-later
 * http.h: the rows of the HTTP benchmark, and what they are given
 *
 * Here: the run's settings, the servers compared, one function for each row.
 * Not here: how a trial goes (../fanout/trial.h), tables.
 */
#pragma once

#include "../common/benchtable.h"
#include "../fanout/trial.h"

G_BEGIN_DECLS

/* As most streams of transport packets over IP have it: seven of them. */
#define HTTP_BUFFER_SIZE 1316
#define HTTP_RATE 2e6

typedef enum
{
  HTTP_OURS,
  HTTP_OURS_CHUNKED,
  HTTP_OURS_AT_ONCE,
  HTTP_OURS_TLS,
  HTTP_TCP,
  HTTP_TCP_AT_ONCE,
  HTTP_ICECAST,
  HTTP_STOCK,
  HTTP_FLOOR,
  HTTP_N_SERVERS,
} HttpServer;

typedef struct
{
  gchar *certificate; /* NULL: none could be made */
  gchar *icecast;     /* its program, NULL where it is not installed */
  const gchar *plugin;
  const gchar *why_not[HTTP_N_SERVERS]; /* NULL for those that can be had */
  gchar **against;                      /* NULL for all */
  gchar **settings; /* of httpserversink, "property=value", may be NULL */
  gboolean quick;
  gboolean pin;
  guint windows;
  gdouble warm_s;
  gdouble window_s;
  BenchReport *report;
  gboolean failed; /* something could not be measured */
} Http;

/* servers.c */
const gchar *http_server_name (HttpServer server);
void http_find_servers (Http *self);

/* Whether a row is to have this server; if it cannot be had, the table says
 * so. */
gboolean http_has (Http *self, HttpServer server, BenchTable *table);
Trial *http_trial_new (Http *self, HttpServer server);
gboolean http_ended_well (Http *self, HttpServer server, Trial *trial);

/* Connects a few at a time while the stream runs, each step when those before
 * have got something; returns how many have, of all in the group. */
guint http_fill (Trial *trial, guint group, guint n, gdouble bound_s);

/* Returns the report of a group when so many of it are served, or when the
 * time is over. */
gchar *http_wait_served (Trial *trial, guint group, guint n, gdouble bound_s);

/* rows */
void http_row_cost (Http *self);
void http_row_tls (Http *self);
void http_row_thousand (Http *self);
void http_row_storm (Http *self);
void http_row_reconnect (Http *self);
void http_row_first (Http *self);
void http_row_memory (Http *self);

/* icecast.c: a process that runs Icecast and is its source */
gint http_icecast_main (const gchar *program);

G_END_DECLS
