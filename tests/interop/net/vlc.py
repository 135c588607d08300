#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vlc.py: VLC as receiver over UDP and TCP, and as sender over UDP
#
# Here: MPEG-TS from the one to the other, until enough pictures were seen.
# Not here: ffmpeg (ffmpeg.py), HTTP (tests/interop/http/players.py). VLC sends
# no plain TCP.

import glob
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import ffmpeg
from ffmpeg import Gst

DEADLINE = 60
PICTURES = 5
NOBODY = 65534


class Vlc:
    """One VLC; ended when the with statement is left. It refuses to be root,
    and must not load what a sanitizer would have every program load."""

    def __init__(self, home, *arguments):
        prefix = ()
        if os.geteuid() == 0:
            os.chown(home, NOBODY, NOBODY)
            prefix = ('setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY,
                      '--clear-groups')
        self.output = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(
            (*prefix, 'vlc', '-I', 'dummy', '--no-one-instance', '--aout',
             'dummy', '--vout', 'dummy', *arguments),
            stdin=subprocess.DEVNULL, stdout=self.output,
            stderr=subprocess.STDOUT,
            env={'PATH': os.environ['PATH'], 'HOME': home,
                 'LC_ALL': 'C.UTF-8', 'XDG_RUNTIME_DIR': home})

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.process.kill()
        self.process.wait()
        self.output.close()

    def said(self):
        self.output.seek(0)
        return self.output.read()


@unittest.skipUnless(shutil.which('vlc'), 'there is no VLC')
@unittest.skipUnless(shutil.which('setpriv'), 'there is no setpriv')
class VlcTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)


class Receives(VlcTest):
    def different_pictures(self):
        sums = set()
        for path in glob.glob(self.folder + '/picture*.png'):
            with open(path, 'rb') as picture:
                sums.add(hashlib.sha256(picture.read()).digest())
        return len(sums)

    def check_shows(self, url):
        """It may begin anywhere; what counts is that the picture moves."""
        with Vlc(self.folder, '--video-filter=scene', '--scene-format=png',
                 '--scene-ratio=4', '--scene-path=' + self.folder,
                 '--scene-prefix=picture', url) as player:
            until = time.monotonic() + DEADLINE
            while self.different_pictures() < PICTURES \
                    and player.process.poll() is None \
                    and time.monotonic() < until:
                time.sleep(0.1)
            self.assertGreaterEqual(
                self.different_pictures(), PICTURES, player.said())

    def check_served(self, sink):
        with ffmpeg.Pipeline(ffmpeg.ENCODE + sink) as sender:
            self.check_shows('tcp://127.0.0.1:%d' % sender.get('current-port'))

    def test_tcp_from_socketsink_that_listens(self):
        self.check_served('socketsink name=peer sync-method=latest-keyframe '
                          'uri=tcp://127.0.0.1:0?listen=true')

    def test_tcp_from_tcpserversink(self):
        self.check_served('tcpserversink name=peer host=127.0.0.1 port=0 '
                          'sync-method=latest-keyframe')

    def test_udp_from_socketsink(self):
        port = ffmpeg.free_port(socket.SOCK_DGRAM)
        with ffmpeg.Pipeline(
                ffmpeg.ENCODE + 'socketsink packet-size=1316 '
                'uri=udp://127.0.0.1:%d' % port):
            self.check_shows('udp://@127.0.0.1:%d' % port)


@unittest.skipUnless(shutil.which('ffmpeg'), 'there is no ffmpeg')
class Sends(VlcTest):
    def make_programme(self):
        """The path of 20 s of MPEG-TS, which VLC plays at their speed."""
        path = os.path.join(self.folder, 'programme.ts')
        subprocess.run(
            ('ffmpeg', '-nostdin', '-v', 'error', *ffmpeg.SEND[1:], '-t', '20',
             path), stdin=subprocess.DEVNULL, check=True, timeout=DEADLINE)
        return path

    def check(self, source):
        path = self.make_programme()
        with ffmpeg.Pipeline(source + ffmpeg.DECODE) as receiver:
            with Vlc(self.folder, '--sout',
                     '#std{access=udp,mux=ts,dst=127.0.0.1:%d}'
                     % receiver.get('port'), '--ttl=1', path) as sender:
                end = receiver.wait_for_end()
                self.assertIsNone(end, sender.said())

    def test_udp_to_udpserversrc(self):
        self.check('udpserversrc name=peer address=127.0.0.1 port=0')

    def test_udp_to_udpserversrc_without_packetization(self):
        self.check('udpserversrc name=peer address=127.0.0.1 port=0 '
                   'preserve-packetization=false')


if __name__ == '__main__':
    Gst.init(None)
    unittest.main(verbosity=2)
