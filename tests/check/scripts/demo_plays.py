#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo_plays.py: the demo plays, and does not say so when it does not
#
# Here: a run of ten seconds on the build under test, and the verdicts on
# players that see nothing, a still, or silence.
# Not here: installing and building, which scripts/demo does before.

import os
import signal
import subprocess
import sys
import unittest

LIB = os.path.join(os.environ['SOURCE_ROOT'], 'scripts/lib')
sys.path.insert(0, LIB)
import demo_players  # noqa: E402


# What is started here is known by its environment.
MARK = 'DEMO_PLAYS=%d' % os.getpid()


def start(*arguments):
    name, value = MARK.split('=')
    return subprocess.Popen(
        [sys.executable, '-B', os.path.join(LIB, 'demo.py'), '--build',
         os.environ['BUILD_ROOT'], *arguments], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=dict(os.environ, **{name: value}))


def processes():
    """The ids of all processes that began here, at any depth."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/environ' % pid, 'rb') as environ:
                if MARK.encode() in environ.read().split(b'\0'):
                    found.append(int(pid))
        except OSError:
            pass
    return found


class Verdicts(unittest.TestCase):
    def player(self, pictures, sounds, still=False):
        player = demo_players.Player('one')
        for i in range(pictures):
            player.count('video', '0' if still else str(i), float(i))
        for i in range(sounds):
            player.count('audio', str(i), float(i))
        return player

    def test_moving_pictures_and_sound_pass(self):
        self.assertIsNone(self.player(100, 100).fault(100.0))

    def test_nothing_fails(self):
        self.assertIn('pictures', self.player(0, 100).fault(0.0))

    def test_still_picture_fails(self):
        self.assertIn('pictures', self.player(100, 100, True).fault(100.0))

    def test_silence_fails(self):
        self.assertIn('sound', self.player(100, 0).fault(100.0))

    def test_pictures_without_sound_need_none(self):
        player = demo_players.Player('one', has_sound=False)
        for i in range(100):
            player.count('video', str(i), float(i))
        self.assertIsNone(player.fault(100.0))

    def test_picture_that_stopped_fails(self):
        self.assertIn('stood still', self.player(100, 100).fault(110.0))

    def test_lines_of_ffmpeg_are_read(self):
        player = demo_players.Player('one')
        player.read_framemd5('#tb 0: 1/90000\n')
        player.read_framemd5('0, 0, 0, 1, 345600, 0123456789abcdef\n')
        player.read_framemd5('1, 0, 0, 1024, 8192, 0123456789abcdef\n')
        self.assertEqual((player.pictures, player.sounds), (1, 1))


class Runs(unittest.TestCase):
    def test_every_player_plays_until_the_end(self):
        run = start('--seconds', '15', '--players', '5')
        out, err = run.communicate(timeout=120)
        self.assertEqual(run.returncode, 0, out + err)
        self.assertIn('every player decoded moving pictures', out)
        self.assertRegex(out, r'browser: +http://127.0.0.1:\d+/\n')
        self.assertRegex(out, r'5 clients +[1-9][0-9.]* Mbit/s')
        self.assertEqual(processes(), [])

    def test_interrupt_ends_it_and_its_children(self):
        run = start('--players', '1')
        for line in run.stdout:
            if 'clients' in line:
                break
        run.send_signal(signal.SIGINT)
        out = run.communicate(timeout=60)[0]
        # Whether it played enough in one second or not, it says so.
        self.assertEqual(run.returncode, 1 if 'FAILED' in out else 0, out)
        self.assertEqual(processes(), [])


if __name__ == '__main__':
    unittest.main()
