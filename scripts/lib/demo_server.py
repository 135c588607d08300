#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo_server.py: the live test programme, over HTTP and over TCP
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
           ' ! videoconvert ! video/x-raw,format=I420 ! tee name=picture')
TONE = ('audiotestsrc is-live=true freq=440 volume=0.2'
        ' ! audio/x-raw,rate=48000,channels=2 ! tee name=tone')
WEBM = ('webmmux name=webm streamable=true'
        ' ! httpserversink name=webm-sink path=/live.webm'
        ' picture. ! queue ! vp8enc deadline=1 cpu-used=16 threads=2'
        ' target-bitrate=1500000 keyframe-max-dist=25 ! queue ! webm.'
        ' tone. ! queue ! audioconvert ! opusenc ! queue ! webm.')
CAMERA = ('picture. ! queue leaky=downstream ! videorate'
          ' ! video/x-raw,framerate=10/1 ! jpegenc'
          ' ! httpserversink name=camera-sink path=/camera')
# The muxer's default alignment: with a fixed one, buffers no longer begin
# with a keyframe, and players that join begin with broken pictures.
TS = ('mpegtsmux name=ts'
      ' ! tcpserversink name=tcp-sink sync-method=latest-keyframe'
      ' recover-policy=keyframe units-max=5000 units-soft-max=4000'
      ' picture. ! queue ! x264enc tune=zerolatency speed-preset=ultrafast'
      ' bitrate=1500 key-int-max=25 ! h264parse config-interval=-1'
      ' ! queue ! ts.'
      ' tone. ! queue ! audioconvert ! avenc_aac bitrate=96000 ! aacparse'
      ' ! queue ! ts.')
SINKS = ('webm-sink', 'camera-sink', 'tcp-sink')


def say(**figures):
    try:
        print(json.dumps(figures), flush=True)
    except BrokenPipeError:
        os._exit(1)


def plugin_of(sink):
    return sink.get_factory().get_plugin().get_filename()


class Server:
    def __init__(self, host, http_port, tcp_port):
        self.loop = GLib.MainLoop()
        self.status = 0
        self.http_port = http_port
        self.pipeline = Gst.parse_launch(
            ' '.join((PICTURE, TONE, WEBM, CAMERA, TS)))
        self.sinks = [self.pipeline.get_by_name(name) for name in SINKS]
        for sink in self.sinks:
            sink.set_property('host', host)
        self.sinks[-1].set_property('port', tcp_port)
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
        say(clients=sum(s.get_property('num-handles') for s in self.sinks),
            bytes=sum(s.get_property('bytes-served') for s in self.sinks))
        return GLib.SOURCE_CONTINUE

    def start(self):
        """The sinks of HTTP share the port that the first one was given."""
        port = self.http_port
        for sink in self.sinks[:-1]:
            sink.set_property('port', port)
            if sink.set_state(Gst.State.READY) == Gst.StateChangeReturn.FAILURE:
                return False
            port = sink.get_property('current-port')
        if self.pipeline.set_state(Gst.State.PLAYING) \
                == Gst.StateChangeReturn.FAILURE:
            return False
        say(http_port=port, tcp_port=self.sinks[-1].get_property(
            'current-port'), plugins=[plugin_of(s) for s in self.sinks])
        return True

    def run(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, self.on_stop)
        if self.start():
            GLib.timeout_add(200, self.on_tick)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        return self.status


if __name__ == '__main__':
    Gst.init(None)
    sys.exit(Server(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])).run())
