#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# ffmpeg.py: ffmpeg as sender and as receiver, over UDP, TCP and UNIX sockets
#
# Here: MPEG-TS from the one to the other, until enough pictures were decoded.
# Not here: HTTP (tests/interop/http).

import os
import shutil
import socket
import subprocess
import tempfile
import unittest

import gi

gi.require_version('Gst', '1.0')
from gi.repository import Gst  # noqa: E402

# ffmpeg loads nothing of ours, and needs no runtime of sanitizers.
FOREIGN_ENV = {name: value for name, value in os.environ.items()
               if name not in ('LD_PRELOAD', 'LD_LIBRARY_PATH')}
DEADLINE = 30
FRAMES = 20
DECODE = (' ! tsdemux ! mpegvideoparse ! avdec_mpeg2video'
          ' ! fakesink sync=false num-buffers=%d' % FRAMES)
ENCODE = ('videotestsrc is-live=true'
          ' ! video/x-raw,width=320,height=240,framerate=25/1'
          ' ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10'
          ' ! h264parse config-interval=-1 ! mpegtsmux alignment=7 ! ')
SEND = ('-re', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=25',
        '-c:v', 'mpeg2video', '-g', '5', '-f', 'mpegts')
READ = ('-analyzeduration', '500000', '-f', 'mpegts', '-i')
# Prints a line a picture.
RECEIVE = ('-frames:v', str(FRAMES), '-f', 'framecrc', '-')


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Ffmpeg:
    """One ffmpeg; ended, if it has not, when the with statement is left."""

    def __init__(self, *arguments):
        self.log = tempfile.TemporaryFile()
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ('ffmpeg', '-hide_banner', '-nostdin', '-v', 'error') + arguments,
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.log,
            env=FOREIGN_ENV)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.output.close()

    def wait(self):
        """Returns how many pictures it had at its end, and what it said."""
        self.process.wait(DEADLINE)
        self.log.seek(0)
        self.output.seek(0)
        pictures = [line for line in self.output if line[:1] != b'#']
        return len(pictures), self.log.read().decode(errors='replace')


class Pipeline:
    """Plays while in the with statement."""

    def __init__(self, launch):
        self.pipeline = Gst.parse_launch(launch)

    def __enter__(self):
        change = self.pipeline.set_state(Gst.State.PLAYING)
        assert change != Gst.StateChangeReturn.FAILURE, self.error()
        return self

    def __exit__(self, *_error):
        self.pipeline.set_state(Gst.State.NULL)

    def error(self):
        message = self.pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
        return message.parse_error() if message else None

    def get(self, name):
        return self.pipeline.get_by_name('peer').get_property(name)

    def wait_for_end(self):
        """Returns None at the end of the stream, or what went wrong."""
        message = self.pipeline.get_bus().timed_pop_filtered(
            DEADLINE * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        if message is None:
            return 'nothing came'
        return message.parse_error() \
            if message.type == Gst.MessageType.ERROR else None


@unittest.skipUnless(shutil.which('ffmpeg'), 'there is no ffmpeg')
class FfmpegTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, 'socket')

    def check_received(self, receiver, sender):
        """It may begin anywhere, and complain of what it has missed."""
        try:
            pictures, said = receiver.wait()
        except subprocess.TimeoutExpired:
            self.fail('nothing came; the pipeline says %s' % (sender.error(),))
        self.assertEqual(pictures, FRAMES, said)


class Sends(FfmpegTest):
    def check(self, source, property_name, url):
        with Pipeline(source + DECODE) as receiver:
            port = receiver.get(property_name) if property_name else 0
            with Ffmpeg(*SEND, url.replace('PORT', str(port))):
                self.assertIsNone(receiver.wait_for_end())

    def test_udp_to_udpserversrc(self):
        self.check('udpserversrc name=peer address=127.0.0.1 port=0', 'port',
                   'udp://127.0.0.1:PORT?pkt_size=1316')

    def test_udp_to_udpserversrc_without_packetization(self):
        self.check('udpserversrc name=peer address=127.0.0.1 port=0 '
                   'preserve-packetization=false', 'port',
                   'udp://127.0.0.1:PORT?pkt_size=1316')

    def test_udp_by_ipv6(self):
        self.check('udpserversrc name=peer address=::1 port=0', 'port',
                   'udp://[::1]:PORT?pkt_size=1316')

    def test_udp_to_a_group(self):
        self.check('udpserversrc name=peer address=239.255.77.9 port=0 '
                   'multicast-iface=lo', 'port',
                   'udp://239.255.77.9:PORT?pkt_size=1316&localaddr=127.0.0.1')

    def test_udp_to_socketsrc(self):
        self.check('socketsrc name=peer uri=udp://127.0.0.1:0', 'current-port',
                   'udp://127.0.0.1:PORT?pkt_size=1316')

    def test_tcp_to_tcpserversrc(self):
        self.check('tcpserversrc name=peer host=127.0.0.1 port=0',
                   'current-port', 'tcp://127.0.0.1:PORT')

    def test_tcp_to_socketsrc(self):
        self.check('socketsrc name=peer uri=tcp://127.0.0.1:0?listen=true',
                   'current-port', 'tcp://127.0.0.1:PORT')

    def test_unix_to_socketsrc(self):
        self.check('socketsrc uri="unix://%s?listen=true"' % self.path, None,
                   'unix:' + self.path)

    def test_tcp_to_tcpclientsrc_that_connects(self):
        port = free_port(socket.SOCK_STREAM)
        with Ffmpeg(*SEND, 'tcp://127.0.0.1:%d?listen=1' % port), Pipeline(
                'tcpclientsrc host=127.0.0.1 port=%d reconnect=always '
                'reconnect-delay=100000000' % port + DECODE) as receiver:
            self.assertIsNone(receiver.wait_for_end())


class Receives(FfmpegTest):
    def check(self, sink, url):
        with Pipeline(ENCODE + sink) as sender:
            port = sender.get('current-port')
            with Ffmpeg(*READ, url.replace('PORT', str(port)),
                        *RECEIVE) as receiver:
                self.check_received(receiver, sender)

    def test_tcp_from_socketsink_that_listens(self):
        self.check('socketsink name=peer uri=tcp://127.0.0.1:0?listen=true '
                   'sync-method=latest-keyframe', 'tcp://127.0.0.1:PORT')

    def test_unix_from_socketsink_that_listens(self):
        self.check('socketsink name=peer uri="unix://%s?listen=true" '
                   'sync-method=latest-keyframe' % self.path,
                   'unix:' + self.path)

    def test_several_at_once_from_one_socketsink(self):
        with Pipeline(ENCODE + 'socketsink name=peer sync-method=latest-keyframe'
                      ' uri=tcp://127.0.0.1:0?listen=true') as sender:
            arguments = READ + ('tcp://127.0.0.1:%d' % sender.get(
                'current-port'),) + RECEIVE
            with Ffmpeg(*arguments) as one, Ffmpeg(*arguments) as two:
                self.check_received(one, sender)
                self.check_received(two, sender)
            totals = sender.get('totals')
            self.assertEqual(totals.get_uint64('clients-served'), (True, 2))

    def test_tcp_from_tcpserversink(self):
        self.check('tcpserversink name=peer host=127.0.0.1 port=0 '
                   'sync-method=latest-keyframe', 'tcp://127.0.0.1:PORT')

    def test_udp_from_socketsink(self):
        port = free_port(socket.SOCK_DGRAM)
        with Ffmpeg(*READ, 'udp://127.0.0.1:%d' % port,
                    *RECEIVE) as receiver, \
                Pipeline(ENCODE + 'socketsink packet-size=1316 '
                         'uri=udp://127.0.0.1:%d' % port) as sender:
            self.check_received(receiver, sender)

    def test_tcp_from_tcpclientsink_that_connects(self):
        port = free_port(socket.SOCK_STREAM)
        with Ffmpeg(*READ, 'tcp://127.0.0.1:%d?listen=1' % port,
                    *RECEIVE) as receiver, \
                Pipeline(ENCODE + 'tcpclientsink host=127.0.0.1 port=%d '
                         'reconnect=always reconnect-delay=100000000'
                         % port) as sender:
            self.check_received(receiver, sender)


if __name__ == '__main__':
    Gst.init(None)
    unittest.main(verbosity=2)
