#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo_server.py: the live test programme, sent by a tcpserversink
#
# Here: the pipeline, and figures five times a second as a line of JSON.
# Not here: players.

import json
import os
import signal
import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

PICTURE = ('videotestsrc is-live=true pattern=ball background-color=0xff203040'
           ' ! video/x-raw,width=640,height=360,framerate=25/1'
           ' ! clockoverlay time-format="%H:%M:%S" font-desc="Sans 28"'
           ' ! timeoverlay halignment=right valignment=bottom'
           ' ! videoconvert'
           ' ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=1500'
           ' key-int-max=25'
           ' ! h264parse config-interval=-1 ! queue ! mux.')
TONE = ('audiotestsrc is-live=true freq=440 volume=0.2'
        ' ! audio/x-raw,rate=48000,channels=2'
        ' ! avenc_aac bitrate=96000 ! aacparse ! queue ! mux.')
# The muxer's default alignment: with a fixed one, buffers no longer begin
# with a keyframe, and players that join begin with broken pictures.
SINK = ('mpegtsmux name=mux'
        ' ! tcpserversink name=sink sync-method=latest-keyframe'
        ' recover-policy=keyframe units-max=5000 units-soft-max=4000')


def say(**figures):
    try:
        print(json.dumps(figures), flush=True)
    except BrokenPipeError:
        os._exit(1)


class Server:
    def __init__(self, host, port):
        self.loop = GLib.MainLoop()
        self.status = 0
        self.pipeline = Gst.parse_launch(' '.join((SINK, PICTURE, TONE)))
        self.sink = self.pipeline.get_by_name('sink')
        self.sink.set_property('host', host)
        self.sink.set_property('port', port)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect('message::error', self.on_error)

    def on_error(self, _bus, message):
        error, debug = message.parse_error()
        print('error: %s\n%s' % (error.message, debug), file=sys.stderr)
        self.status = 1
        self.loop.quit()

    def on_stop(self):
        self.loop.quit()
        return GLib.SOURCE_REMOVE

    def on_tick(self):
        say(clients=self.sink.get_property('num-handles'),
            bytes=self.sink.get_property('bytes-served'))
        return GLib.SOURCE_CONTINUE

    def run(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, self.on_stop)
        self.pipeline.set_state(Gst.State.PLAYING)
        port = self.sink.get_property('current-port')
        if port > 0:
            plugin = self.sink.get_factory().get_plugin().get_filename()
            say(port=port, plugin=plugin)
            GLib.timeout_add(200, self.on_tick)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        return self.status


if __name__ == '__main__':
    Gst.init(None)
    sys.exit(Server(sys.argv[1], int(sys.argv[2])).run())
