#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# authorize.py: programs in Python and JavaScript that say who may listen
#
# Here: the signal and the message, answers at once and from another thread.
# Not here: what else an answer can be (tests/check/elements/httpauthorize.c).

import http.client
import os
import subprocess
import threading
import unittest

import gi

gi.require_version('Gst', '1.0')
from gi.repository import Gio, Gst  # noqa: E402

DEADLINE = 20
PIPELINE = ('videotestsrc is-live=true num-buffers=100000 ! jpegenc'
            ' ! httpserversink name=sink port=0 path=/camera')
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      'authorize.js')


def status(port, target, token=''):
    connection = http.client.HTTPConnection('127.0.0.1', port,
                                            timeout=DEADLINE)
    connection.request('GET', target, headers={'X-Token': token})
    got = connection.getresponse().status
    connection.close()
    return got


class Python(unittest.TestCase):
    def setUp(self):
        Gst.init(None)
        # Known to Python once its module is there.
        self.assertTrue(Gio.InetSocketAddress)
        self.pipeline = Gst.parse_launch(PIPELINE)
        self.sink = self.pipeline.get_by_name('sink')
        self.asked = []

    def tearDown(self):
        self.pipeline.set_state(Gst.State.NULL)

    def play(self, handler):
        self.sink.connect('authorize-request', handler)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.pipeline.get_state(DEADLINE * Gst.SECOND)
        return self.sink.props.current_port

    def test_handler_decides(self):
        def handler(_sink, _number, method, path, query, headers, peer):
            self.asked.append((method, path, query,
                               peer.get_address().to_string()))
            return 200 if headers.get_string('x-token') == 'right' else 403

        port = self.play(handler)
        self.assertEqual(status(port, '/camera?a=1', 'wrong'), 403)
        self.assertEqual(status(port, '/camera', 'right'), 200)
        self.assertEqual(self.asked, [('GET', '/camera', 'a=1', '127.0.0.1'),
                                      ('GET', '/camera', None, '127.0.0.1')])

    def test_another_thread_decides_later(self):
        threads = []

        def handler(sink, number, _method, _path, query, _headers, _peer):
            thread = threading.Thread(
                target=sink.emit, args=('answer-request', number, int(query)))
            threads.append(thread)
            thread.start()
            return 0

        port = self.play(handler)
        self.assertEqual(status(port, '/camera?200'), 200)
        self.assertEqual(status(port, '/camera?404'), 404)
        for thread in threads:
            thread.join()


class JavaScript(unittest.TestCase):
    def test_message_is_answered(self):
        with subprocess.Popen(['gjs', SCRIPT, PIPELINE],
                              stdout=subprocess.PIPE, text=True) as program:
            try:
                port = int(program.stdout.readline())
                self.assertEqual(status(port, '/camera', 'wrong'), 403)
                self.assertEqual(status(port, '/camera', 'right'), 200)
            finally:
                program.kill()


if __name__ == '__main__':
    unittest.main()
