#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# titles.py: titles that httpclientsink tells a real Icecast
#
# Here: what a listener of the station is told.
# Not here: the stream (pushes.py), what the requests are (httptitles.c).

import shutil
import subprocess
import sys
import time
import unittest

import gi

import programme
import servers

gi.require_version('Gst', '1.0')
from gi.repository import Gst  # noqa: E402

# What is told changes with the taginject that is used.
RADIO = ('audiotestsrc is-live=true wave=pink-noise ! audioconvert '
         '! lamemp3enc ! taginject name=tags tags="title=First,artist=Band" '
         '! httpclientsink name=sink method=source location=%s '
         'user-pw=hackme')


class IcecastIsTold(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.icecast = servers.Icecast().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.icecast.__exit__()

    def start(self, path):
        pipeline = Gst.parse_launch(RADIO % self.icecast.url(path))
        self.addCleanup(pipeline.set_state, Gst.State.NULL)
        pipeline.set_state(Gst.State.PLAYING)
        return pipeline

    def wait_for_title(self, pipeline, title):
        """Returns the status that the server has answered it with."""
        deadline = time.monotonic() + servers.DEADLINE
        while time.monotonic() < deadline:
            message = pipeline.get_bus().timed_pop_filtered(
                Gst.SECOND, Gst.MessageType.ELEMENT | Gst.MessageType.ERROR)
            if message is None:
                continue
            self.assertNotEqual(message.type, Gst.MessageType.ERROR)
            told = message.get_structure()
            if told.get_name() == 'GstHttpTitle' \
                    and told.get_string('title') == title:
                return told.get_uint('status').value
        raise AssertionError('no title')

    def wait_until_heard(self, path, text):
        """A player is told the title beside the sound."""
        deadline = time.monotonic() + servers.DEADLINE
        heard = b''
        while text not in heard:
            self.assertLess(time.monotonic(), deadline, heard[:200])
            heard = subprocess.run(
                ['curl', '-sS', '-m', '3', '-H', 'Icy-MetaData: 1',
                 self.icecast.url(path)], capture_output=True, check=False,
                env=programme.FOREIGN_ENV).stdout

    def test_listener_is_told_each_title(self):
        pipeline = self.start('/radio.mp3')
        self.assertEqual(self.wait_for_title(pipeline, 'Band - First'), 200)
        self.wait_until_heard('/radio.mp3', b"StreamTitle='Band - First'")
        tags = Gst.TagList.new_empty()
        tags.add_value(Gst.TagMergeMode.APPEND, 'title', 'Zw\u00f6lf & 1')
        pipeline.get_by_name('sink').get_static_pad('sink').send_event(
            Gst.Event.new_tag(tags))
        self.assertEqual(self.wait_for_title(pipeline, 'Zw\u00f6lf & 1'), 200)
        # Icecast tells players of MP3 in ISO-8859-1 or UTF-8, as it was built.
        self.wait_until_heard('/radio.mp3', b'lf & 1')


if __name__ == '__main__':
    Gst.init(None)
    for name in ('curl', 'icecast2'):
        if shutil.which(name) is None:
            print('%s is not there' % name)
            sys.exit(77)
    if Gst.ElementFactory.find('lamemp3enc') is None:
        print('lamemp3enc is not there')
        sys.exit(77)
    unittest.main()
