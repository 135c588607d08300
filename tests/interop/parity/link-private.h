/* SPDX-License-Identifier: LGPL-2.1-or-later
 * link-private.h: what the two halves of the link share
 *
 * Here: nothing a scenario may use.
 */
#pragma once

#include "link.h"

G_BEGIN_DECLS

void link_flush_got_locked (Link *l);
/* Reads all there is; TRUE if there was something. */
gboolean link_peer_drain (Link *l);
gboolean link_peer_is_under_way (Link *l);
void link_peer_print (Link *l);

G_END_DECLS
