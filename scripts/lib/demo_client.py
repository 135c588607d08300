#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo_client.py: a player that decodes and prints a sum of each frame
#
# Here: the pipeline from tcpclientsrc to two sinks, a line "video SUM" or
# "audio SUM" a buffer. Not here: judging them.

import os
import signal
import sys
import zlib

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

PIPELINE = ('tcpclientsrc name=source ! tsdemux name=demux '
            'demux. ! queue ! h264parse ! avdec_h264'
            ' ! fakesink name=video sync=false async=false signal-handoffs=true '
            'demux. ! queue ! aacparse ! avdec_aac'
            ' ! fakesink name=audio sync=false async=false signal-handoffs=true')


def on_frame(_sink, frame, _pad, kind):
    okay, data = frame.map(Gst.MapFlags.READ)
    if not okay:
        return
    checksum = zlib.crc32(data.data)
    frame.unmap(data)
    try:
        print(kind, '%08x' % checksum, flush=True)
    except BrokenPipeError:
        os._exit(1)


def main():
    Gst.init(None)
    loop = GLib.MainLoop()
    pipeline = Gst.parse_launch(PIPELINE)
    pipeline.get_by_name('source').set_property('host', '127.0.0.1')
    pipeline.get_by_name('source').set_property('port', int(sys.argv[1]))
    for kind in ('video', 'audio'):
        pipeline.get_by_name(kind).connect('handoff', on_frame, kind)
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect('message::error', lambda *unused: loop.quit())
    bus.connect('message::eos', lambda *unused: loop.quit())
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)


if __name__ == '__main__':
    main()
