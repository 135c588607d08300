#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# adaptive.py: HLS and DASH of one pipeline in VLC, ffplay, ffmpeg and ffprobe
#
# Here: that each decodes pictures and sound, from a folder that the elements
# fill and from what they write into the server, and that a segment is sent
# before it is finished.
# Not here: browsers (adaptivebrowser.py).

import http.client
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import players
import programme
import segments

FRAMES = 50
DEADLINE = 60
DUMMIES = {'SDL_VIDEODRIVER': 'dummy', 'SDL_AUDIODRIVER': 'dummy'}


def run(*command, **environment):
    return subprocess.run(
        command, capture_output=True, timeout=DEADLINE, check=False,
        stdin=subprocess.DEVNULL, text=True, errors='replace',
        env={**programme.FOREIGN_ENV, **environment})


def fetch(url):
    with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
        return answer.read()


def frames_of(text):
    """How many ffplay has shown, by what it printed."""
    return len(re.findall(r'showinfo.* n: *\d+ ', text))


def is_in_step(name):
    """Whether ffplay has shown enough, for as long as that takes."""
    with open(name, errors='replace') as told:
        text = told.read()
    told = re.findall(r'([\d.]+) A-V: *(-?[\d.]+)', text)
    return frames_of(text) > FRAMES and len(told) > 1 \
        and float(told[-1][0]) - float(told[0][0]) > 2 \
        and abs(float(told[-1][1])) < 0.5


class Plays:
    """What every one of them has to play; a mixin."""

    PATHS = (segments.HLS, segments.DASH)

    @classmethod
    def serve(cls):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        cls.served = cls.enterClassContext(cls.serve())

    def check_each(self, check):
        for path in self.PATHS:
            with self.subTest(path):
                check(self.served.url(path))

    def show_with_vlc(self, url):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        shown, output = players.watch(
            players.vlc(folder, url, '--aout', 'dummy',
                        '--video-filter=scene', '--scene-format=png',
                        '--scene-ratio=4', '--scene-path=' + folder,
                        '--scene-prefix=shown'),
            lambda: players.different(folder + '/shown*.png')
            >= players.PICTURES, players.player_environment(folder))
        self.assertTrue(shown, output)

    def test_vlc_shows_moving_pictures(self):
        self.check_each(self.show_with_vlc)

    def show_with_ffplay(self, url):
        with tempfile.NamedTemporaryFile('r', errors='replace') as told:
            # Of its clock, and how far apart picture and sound are.
            command = ('exec ffplay -hide_banner -stats -vf showinfo "$0"'
                       ' > "$1" 2>&1')
            shown, _ = players.watch(
                ('sh', '-c', command, url, told.name),
                lambda: is_in_step(told.name),
                {**programme.FOREIGN_ENV, **DUMMIES})
            self.assertTrue(shown, told.read()[-5000:])

    def test_ffplay_shows_pictures_in_step_with_sound(self):
        self.check_each(self.show_with_ffplay)

    def decode_with_ffmpeg(self, url):
        done = run('ffmpeg', '-v', 'error', '-stats', '-i', url,
                   '-map', '0:v', '-map', '0:a', '-frames:v', str(FRAMES),
                   '-t', '10', '-f', 'null', '-')
        self.assertEqual(done.returncode, 0, done.stderr)
        counts = re.findall(r'frame= *(\d+)', done.stderr)
        self.assertEqual(counts[-1:], [str(FRAMES)], done.stderr)

    def test_ffmpeg_decodes_every_frame(self):
        self.check_each(self.decode_with_ffmpeg)

    def count_with_ffprobe(self, url):
        done = run('ffprobe', '-v', 'error', '-of', 'json',
                   '-count_frames', '-read_intervals', '%+2',
                   '-show_entries', 'stream=codec_name,nb_read_frames', url)
        self.assertEqual(done.returncode, 0, done.stderr)
        counts = {stream['codec_name']: int(stream['nb_read_frames'])
                  for stream in json.loads(done.stdout)['streams']}
        self.assertEqual(sorted(counts), ['aac', 'h264'])
        self.assertGreater(min(counts.values()), 20, counts)

    def test_ffprobe_counts_frames_of_both_kinds(self):
        self.check_each(self.count_with_ffprobe)


class FolderPlays(Plays, unittest.TestCase):
    @classmethod
    def serve(cls):
        return segments.Segments(segments.FOLDER)


class MemoryPlays(Plays, unittest.TestCase):
    @classmethod
    def serve(cls):
        return segments.Segments(segments.MEMORY)


class DiskPlays(Plays, unittest.TestCase):
    @classmethod
    def serve(cls):
        return segments.Segments(segments.DISK)


class FragmentsPlay(Plays, unittest.TestCase):
    """The program of the page about DASH."""

    PATHS = (segments.HLS, '/live.mpd')

    @classmethod
    def serve(cls):
        return segments.Recipe()

    def test_each_file_begins_with_a_keyframe_on_its_second(self):
        with tempfile.NamedTemporaryFile(suffix='.mp4') as joined:
            for path in ('/video-init.mp4', '/video-3.m4s'):
                joined.write(fetch(self.served.url(path)))
            joined.flush()
            done = run('ffprobe', '-v', 'error', '-of', 'csv=p=0',
                       '-show_entries', 'packet=pts_time,flags', joined.name)
        packets = [line.split(',') for line in done.stdout.split()]
        self.assertEqual(len(packets), 25, done)
        self.assertAlmostEqual(float(packets[0][0]), 3, delta=0.1)
        self.assertEqual([flags[:1] for _time, flags in packets],
                         ['K'] + 24 * ['_'])


class Ends(unittest.TestCase):
    def test_ffplay_ends_with_the_playlist(self):
        for storage in (segments.DISK, segments.MEMORY):
            with self.subTest(storage), segments.Segments(storage) as served:
                served.end()
                done = run('ffplay', '-hide_banner', '-autoexit', '-stats',
                           '-vf', 'showinfo', served.url(segments.HLS),
                           **DUMMIES)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertGreater(frames_of(done.stderr), FRAMES)


class FirstByte(unittest.TestCase):
    """Whoever asks for a segment that is being written has its beginning
    while it still is."""

    def ask(self, served, method, path):
        connection = http.client.HTTPConnection(
            '127.0.0.1', served.port, timeout=DEADLINE)
        self.addCleanup(connection.close)
        connection.request(method, path)
        return connection.getresponse()

    def is_growing(self, served, path):
        """What is finished has a length."""
        answer = self.ask(served, 'HEAD', path)
        return answer.status == 200 and answer.getheader(
            'Content-Length') is None

    def follow(self, served, path):
        """Returns whether its beginning came before its end was written."""
        answer = self.ask(served, 'GET', path)
        if answer.status != 200 or not answer.chunked:
            return False
        first = answer.read1(188)
        if not self.is_growing(served, path):
            return False
        rest = answer.read()
        self.assertFalse(self.is_growing(served, path))
        data = first + rest
        self.assertEqual((data[:1], len(data) % 188), (b'\x47', 0))
        self.assertGreater(len(rest), len(first))
        again = self.ask(served, 'GET', path)
        self.assertEqual(again.getheader('Content-Length'), str(len(data)))
        self.assertEqual(again.read(), data)
        return True

    def check(self, storage):
        with segments.Segments(storage) as served:
            deadline = time.monotonic() + DEADLINE
            tried = None
            while True:
                path = served.newest_segment()
                if path != tried and self.follow(served, path):
                    return
                tried = path
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)

    def test_segment_in_memory_is_sent_before_it_is_finished(self):
        self.check(segments.MEMORY)

    def test_segment_on_disk_is_sent_before_it_is_finished(self):
        self.check(segments.DISK)

    def test_file_of_another_writer_is_sent_before_it_is_finished(self):
        self.check(segments.FOLDER)


if __name__ == '__main__':
    for program in ('vlc', 'ffplay', 'ffmpeg', 'ffprobe', 'setpriv'):
        if shutil.which(program) is None:
            print('there is no %s' % program)
            sys.exit(77)
    unittest.main()
