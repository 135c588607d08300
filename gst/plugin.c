/* SPDX-License-Identifier: LGPL-2.1-or-later
 * plugin.c: registers every element
 *
 * Here: the plugin's entry point. Not here: anything an element does.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "elements.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  gboolean ok = FALSE;

  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");

  ok |= GST_ELEMENT_REGISTER (httpclientsink, plugin);
#ifdef HAVE_HTTP
  ok |= GST_ELEMENT_REGISTER (httpserversink, plugin);
  ok |= GST_ELEMENT_REGISTER (httpserversrc, plugin);
#endif
  ok |= GST_ELEMENT_REGISTER (multifdsink, plugin);
  ok |= GST_ELEMENT_REGISTER (multisocketsink, plugin);
  ok |= GST_ELEMENT_REGISTER (qtisocketsink, plugin);
  ok |= GST_ELEMENT_REGISTER (qtisocketsrc, plugin);
  ok |= GST_ELEMENT_REGISTER (socketsink, plugin);
  ok |= GST_ELEMENT_REGISTER (socketsrc, plugin);
  ok |= GST_ELEMENT_REGISTER (tcpclientsink, plugin);
  ok |= GST_ELEMENT_REGISTER (tcpclientsrc, plugin);
  ok |= GST_ELEMENT_REGISTER (tcpserversink, plugin);
  ok |= GST_ELEMENT_REGISTER (tcpserversrc, plugin);
  ok |= GST_ELEMENT_REGISTER (udpserversrc, plugin);
  return ok;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, tcp,
    "transfer data over the network via TCP", plugin_init, PACKAGE_VERSION,
    "LGPL", PACKAGE_NAME, PACKAGE_ORIGIN)
