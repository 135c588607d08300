#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# players.py: VLC, mpv and GStreamer's souphttpsrc on httpserversink
#
# Here: that each shows pictures that move, and that titles come through.
# Not here: programs that only fetch (clients.py), browsers (browser.py).

import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import programme

PATHS = ('/live.webm', '/live.ts', '/camera', '/radio.ogg', '/radio.mp3')
NOBODY = 65534
PICTURES = 8
DEADLINE = 40


def player_environment(home):
    """Of a user at home, without what tests add for our own programs."""
    return {'PATH': os.environ['PATH'], 'HOME': home, 'LC_ALL': 'C.UTF-8',
            'XDG_RUNTIME_DIR': home}


def different(pattern):
    """How many files of that pattern differ from one another."""
    sums = set()
    for path in glob.glob(pattern):
        with open(path, 'rb') as picture:
            sums.add(hashlib.sha256(picture.read()).digest())
    return len(sums)


def watch(command, is_enough, env=None):
    """Runs a player until it has done enough, which is asked again and again.
    Returns whether it has, and what it printed."""
    with tempfile.TemporaryFile('w+') as output:
        player = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, env=env)
        deadline = time.monotonic() + DEADLINE
        try:
            while not is_enough() and player.poll() is None \
                    and time.monotonic() < deadline:
                time.sleep(0.1)
        finally:
            player.kill()
            player.wait()
        output.seek(0)
        return is_enough(), output.read()


def vlc(folder, url, *options):
    """The command to play it; VLC refuses to be root, and may write to the
    folder."""
    prefix = ()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        prefix = ('setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY,
                  '--clear-groups')
    return (*prefix, 'vlc', '-I', 'dummy', '--no-one-instance',
            '--vout', 'dummy', *options, url)


class Players(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = programme.Programme(PATHS)
        cls.served.__enter__()
        cls.addClassCleanup(cls.served.__exit__)
        cls.served.wait_until_live()

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def assert_shows(self, command, pattern, env=None):
        shown, output = watch(
            command, lambda: different(pattern) >= PICTURES, env)
        self.assertTrue(shown, output)

    def vlc(self, path, *options):
        return vlc(self.folder, self.served.url(path), *options)

    def test_vlc_shows_moving_pictures(self):
        for path in ('/live.webm', '/live.ts', '/camera'):
            with self.subTest(path):
                name = path.strip('/').replace('.', '-')
                self.assert_shows(self.vlc(
                    path, '--aout', 'dummy', '--video-filter=scene',
                    '--scene-format=png', '--scene-ratio=4',
                    '--scene-path=' + self.folder, '--scene-prefix=' + name),
                    '%s/%s*.png' % (self.folder, name),
                    player_environment(self.folder))

    def test_vlc_plays_the_radio(self):
        for path in ('/radio.ogg', '/radio.mp3'):
            with self.subTest(path):
                sound = self.folder + path
                # Two seconds, of two bytes a sample at the least.
                heard, output = watch(self.vlc(
                    path, '--sout', '#transcode{acodec=s16l}:std{access=file,'
                    'mux=wav,dst=%s}' % sound),
                    lambda path=sound: os.path.exists(path)
                    and os.path.getsize(path) > 2 * 2 * 44100,
                    player_environment(self.folder))
                self.assertTrue(heard, output)

    def test_mpv_shows_moving_pictures(self):
        for path in ('/live.webm', '/live.ts', '/camera'):
            with self.subTest(path):
                folder = self.folder + path
                self.assert_shows(
                    ('mpv', '--no-config', '--no-terminal', '--ao=null',
                     '--vo=image', '--vo-image-outdir=' + folder,
                     self.served.url(path)),
                    folder + '/*', player_environment(self.folder))

    def test_souphttpsrc_decodes_moving_pictures(self):
        for path, decoder in (('/live.webm', 'matroskademux ! vp8dec'),
                              ('/live.ts', 'tsdemux ! h264parse ! avdec_h264'),
                              ('/camera', 'multipartdemux ! jpegdec')):
            with self.subTest(path):
                pictures = self.folder + path.replace('.', '-')
                pipeline = ('souphttpsrc is-live=true location=%s ! %s'
                            ' ! videoconvert ! pngenc compression-level=1'
                            ' ! multifilesink location=%s-%%05d.png'
                            % (self.served.url(path), decoder, pictures))
                self.assert_shows(('gst-launch-1.0', *pipeline.split()),
                                  pictures + '-*.png')

    def test_souphttpsrc_hears_the_radio_and_its_title(self):
        # Longer than the 16,000 bytes before the first title.
        pipeline = ('souphttpsrc is-live=true iradio-mode=true location=%s'
                    ' ! icydemux ! mpegaudioparse ! avdec_mp3'
                    ' ! fakesink num-buffers=250'
                    % self.served.url('/radio.mp3'))
        done = subprocess.run(('gst-launch-1.0', '-t', *pipeline.split()),
                              capture_output=True, timeout=60, check=False,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, 'title: +Band - Song')


if __name__ == '__main__':
    for program in ('vlc', 'mpv', 'gst-launch-1.0', 'setpriv'):
        if shutil.which(program) is None:
            print('there is no %s' % program)
            sys.exit(77)
    unittest.main()
