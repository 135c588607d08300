#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# pages.py: an application that decides what its HTTP server answers
#
# Here: who may watch, pages of its own, what is asked of it.
# Run it with the plugin on GST_PLUGIN_PATH; the port is its argument, 0 for
# any free one.

import html
import sys
import urllib.parse

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, GObject, Gst  # noqa: E402

LAUNCH = ('videotestsrc is-live=true ! video/x-raw,width=160,height=120 '
          '! jpegenc ! httpserversink name=sink port=%s path=/camera')


def structure(name, **fields):
    made = Gst.Structure.new_empty(name)
    for field, value in fields.items():
        made.set_value(field.replace('_', '-'), value)
    return made


class Pages:
    def __init__(self, port):
        self.pipeline = Gst.parse_launch(LAUNCH % port)
        self.sink = self.pipeline.get_by_name('sink')
        self.sink.connect('authorize-request', self.on_request)
        self.sink.connect('request-finished', self.on_finished)
        self.n_requests = 0

    # The server's thread: what takes long is given to another, which emits
    # answer-with or answer-request when it knows.
    def on_request(self, sink, number, _method, path, query, headers, _peer):
        self.n_requests += 1
        asked = urllib.parse.parse_qs(query or '')
        if path == '/hello':
            # A page where there was none.
            name = html.escape(asked.get('name', ['you'])[0])
            page = structure('answer', body='<p>Hello, %s!</p>\n' % name,
                             content_type='text/html; charset=utf-8')
            sink.emit('answer-with', number, page)
            return 0
        if path == '/':
            # Another one in the place of the element's own.
            page = structure(
                'answer', status=200, content_type='text/html; charset=utf-8',
                body='<img src="/camera?key=open"><p>%d requests</p>\n'
                % self.n_requests,
                headers=structure('headers', X_Made_By='pages.py'))
            sink.emit('answer-with', number, page)
            return 0
        if path == '/later':
            GLib.timeout_add(50, self.answer_later, number)
            return 0
        if path.startswith('/camera') and asked.get('key') != ['open']:
            return 403
        return 200

    def answer_later(self, number):
        self.sink.emit('answer-with', number,
                       structure('answer', status=202, body='At last.\n'))
        return GLib.SOURCE_REMOVE

    @staticmethod
    def on_finished(_sink, method, path, _peer, status):
        print(method, path, status, flush=True)

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        print('http://127.0.0.1:%d/' % self.sink.props.current_port,
              flush=True)
        loop = GLib.MainLoop()
        try:
            loop.run()
        except KeyboardInterrupt:
            pass
        self.pipeline.set_state(Gst.State.NULL)


if __name__ == '__main__':
    Gst.init(None)
    Pages(sys.argv[1] if len(sys.argv) > 1 else '8080').run()
