#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo_client.py: a player that decodes and prints a sum of each frame
#
# Here: the pipelines from tcpclientsrc and from HTTP to two sinks, a line
# "video SUM" or "audio SUM" a buffer. Not here: judging them.

import os
import signal
import sys
import zlib
from urllib.parse import urlsplit

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

SINK = (' ! fakesink name=%s sync=false async=false signal-handoffs=true ')
VIDEO, AUDIO = SINK % 'video', SINK % 'audio'
TCP = ('tcpclientsrc name=source ! tsdemux name=demux '
       'demux. ! queue ! h264parse ! avdec_h264' + VIDEO
       + 'demux. ! queue ! aacparse ! avdec_aac' + AUDIO)
HTTP = ('souphttpsrc name=source is-live=true ! matroskademux name=demux '
        'demux. ! queue ! vp8dec' + VIDEO
        + 'demux. ! queue ! opusdec' + AUDIO)


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


def make_pipeline(address):
    parts = urlsplit(address)
    pipeline = Gst.parse_launch(TCP if parts.scheme == 'tcp' else HTTP)
    source = pipeline.get_by_name('source')
    if parts.scheme == 'tcp':
        source.set_property('host', parts.hostname)
        source.set_property('port', parts.port)
    else:
        source.set_property('location', address)
    return pipeline


def on_error(_bus, message, loop):
    error, debug = message.parse_error()
    print('error: %s\n%s' % (error.message, debug), file=sys.stderr)
    loop.quit()


def main():
    Gst.init(None)
    loop = GLib.MainLoop()
    pipeline = make_pipeline(sys.argv[1])
    for kind in ('video', 'audio'):
        pipeline.get_by_name(kind).connect('handoff', on_frame, kind)
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect('message::error', on_error, loop)
    bus.connect('message::eos', lambda *unused: loop.quit())
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)


if __name__ == '__main__':
    main()
