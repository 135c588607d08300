#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# folders.py: GStreamer's own HTTP sinks, to a folder of httpserversink
#
# Here: that the file has every byte, whether it is sent whole or in parts.
# Not here: curl and ffmpeg (uploads.py), httpclientsink (pushes.py).

import os
import pathlib
import sys
import tempfile
import time
import unittest

import gi

gi.require_version('Gst', '1.0')
from gi.repository import Gst  # noqa: E402

DEADLINE = 30
SIZE = 3 * 1000 * 1000
SINKS = ('souphttpclientsink', 'curlhttpsink')


class Folder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.content = os.urandom(SIZE)
        (self.folder / 'sent').write_bytes(self.content)
        (self.folder / 'root').mkdir()
        self.server = Gst.parse_launch(
            'httpserversink port=0 upload-root=%s/root' % self.folder)
        self.server.set_state(Gst.State.PAUSED)
        self.addCleanup(self.server.set_state, Gst.State.NULL)

    def send(self, sink, properties=''):
        """Keeps the sender alive until all has come: souphttpclientsink does
        not wait for its own last request."""
        got = self.folder / 'root' / 'a' / 'b'
        sender = Gst.parse_launch(
            'filesrc location=%s/sent ! %s location=http://127.0.0.1:%d/a/b %s'
            % (self.folder, sink, self.server.props.current_port, properties))
        sender.set_state(Gst.State.PLAYING)
        deadline = time.monotonic() + DEADLINE
        while not (got.exists() and got.stat().st_size == SIZE) \
                and time.monotonic() < deadline:
            time.sleep(0.05)
        message = sender.get_bus().pop_filtered(Gst.MessageType.ERROR)
        sender.set_state(Gst.State.NULL)
        self.assertIsNone(message, message and message.parse_error())
        self.assertEqual(got.read_bytes(), self.content)
        self.assertEqual([path.name for path in got.parent.iterdir()], ['b'])

    def test_souphttpclientsink_sends_parts(self):
        self.send('souphttpclientsink')

    # With use-content-length each of its buffers would be a file of that name.
    def test_curlhttpsink_sends_chunks(self):
        self.send('curlhttpsink')


if __name__ == '__main__':
    Gst.init(None)
    for name in SINKS:
        if Gst.ElementFactory.find(name) is None:
            print('there is no %s' % name)
            sys.exit(77)
    unittest.main()
