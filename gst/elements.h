/* SPDX-License-Identifier: LGPL-2.1-or-later
 * elements.h: the register functions of every element in the plugin
 *
 * Here: GST_ELEMENT_REGISTER_DECLARE lines, one an element, and the plugin-wide
 * translation macro. Not here: types, includes of element headers.
 */
#pragma once

#include <gst/gst.h>
#include <glib/gi18n-lib.h>

G_BEGIN_DECLS

GST_ELEMENT_REGISTER_DECLARE (httpclientsink);
GST_ELEMENT_REGISTER_DECLARE (httpserversink);
GST_ELEMENT_REGISTER_DECLARE (httpserversrc);
GST_ELEMENT_REGISTER_DECLARE (multifdsink);
GST_ELEMENT_REGISTER_DECLARE (multisocketsink);
GST_ELEMENT_REGISTER_DECLARE (qtisocketsink);
GST_ELEMENT_REGISTER_DECLARE (qtisocketsrc);
GST_ELEMENT_REGISTER_DECLARE (socketsink);
GST_ELEMENT_REGISTER_DECLARE (socketsrc);
GST_ELEMENT_REGISTER_DECLARE (tcpclientsink);
GST_ELEMENT_REGISTER_DECLARE (tcpclientsrc);
GST_ELEMENT_REGISTER_DECLARE (tcpserversink);
GST_ELEMENT_REGISTER_DECLARE (tcpserversrc);
GST_ELEMENT_REGISTER_DECLARE (udpserversrc);

G_END_DECLS
