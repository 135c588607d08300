#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# programme.py: video, pictures and sound on one HTTP server, for clients
#
# Here: the pipelines, and the address they are at.
# Not here: clients.

import http.client
import os
import time

import gi

gi.require_version('Gst', '1.0')
from gi.repository import Gst  # noqa: E402

SECOND = Gst.SECOND
DEADLINE = 20
PICTURE = ('videotestsrc is-live=true pattern=%s background-color=0xff203040'
           ' ! video/x-raw,width=640,height=360,framerate=25/1'
           ' ! timeoverlay font-desc="Sans 28" ! videoconvert ! ')
# Noise: of a tone, encoders make too little for a browser to begin with.
SOUND = ('audiotestsrc is-live=true wave=pink-noise volume=0.1'
         ' ! audioconvert ! audioresample ! ')

# For programs that load nothing of ours: under sanitizers, the runtime that
# our own need would only slow these down, or stop them.
FOREIGN_ENV = {name: value for name, value in os.environ.items()
               if name not in ('LD_PRELOAD', 'LD_LIBRARY_PATH')}

STREAMS = (
    ('/live.webm', PICTURE % 'ball' + 'vp8enc deadline=1 cpu-used=8 '
     'keyframe-max-dist=25 ! webmmux streamable=true ! '),
    ('/camera', PICTURE % 'smpte' + 'jpegenc ! '),
    ('/radio.ogg', SOUND + 'vorbisenc ! oggmux max-delay=100000000 ! '),
    ('/radio.mp3', SOUND + 'lamemp3enc ! '
     'taginject tags="title=Song,artist=Band" ! '),
    ('/live.ts', PICTURE % 'ball' + 'x264enc tune=zerolatency '
     'speed-preset=ultrafast key-int-max=25 ! mpegtsmux ! '),
)


class Programme:
    """Streams on one port; use it in a with statement."""

    def __init__(self, paths, properties=''):
        Gst.init(None)
        self.pipelines = {}
        self.port = 0
        self.paths = paths
        self.properties = properties

    def start(self, path, launch):
        pipeline = Gst.parse_launch(
            '%s httpserversink name=sink port=%d path=%s %s'
            % (launch, self.port, path, self.properties))
        self.pipelines[path] = pipeline
        pipeline.set_state(Gst.State.PLAYING)
        change, state, _pending = pipeline.get_state(20 * SECOND)
        if change == Gst.StateChangeReturn.FAILURE \
                or state != Gst.State.PLAYING:
            message = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
            raise RuntimeError('%s does not play: %s' % (
                path, message.parse_error() if message else state))
        self.port = pipeline.get_by_name('sink').props.current_port

    def __enter__(self):
        for path, launch in STREAMS:
            if path in self.paths:
                self.start(path, launch)
        return self

    def __exit__(self, *_error):
        for pipeline in self.pipelines.values():
            pipeline.set_state(Gst.State.NULL)

    def status(self, path):
        connection = http.client.HTTPConnection('127.0.0.1', self.port,
                                                timeout=DEADLINE)
        connection.request('HEAD', path)
        status = connection.getresponse().status
        connection.close()
        return status

    def wait_until_live(self):
        """Each stream begins with its caps, a moment after it plays."""
        deadline = time.monotonic() + DEADLINE
        while any(self.status(path) != 200 for path in self.paths):
            assert time.monotonic() < deadline, 'a stream does not begin'

    def end(self, path):
        self.pipelines[path].send_event(Gst.Event.new_eos())

    def url(self, path):
        return 'http://127.0.0.1:%d%s' % (self.port, path)
