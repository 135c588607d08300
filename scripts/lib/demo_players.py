# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo_players.py: players of several kinds, and what they decoded
#
# Here: how each kind is started, counting the frames it tells of, whether
# that is playing. Not here: when they are started and what is said (demo.py),
# the pipelines of those that are GStreamer's (demo_client.py).

import os
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
STOP_SECONDS = 5

# A player has played when it showed this many different pictures and blocks
# of sound, and the last picture is not older than this.
LEAST_PICTURES = 10
LEAST_SOUNDS = 10
FRESH_SECONDS = 3.0


class Child:
    """A process of ours and a thread that reads its lines."""

    def __init__(self, name, command, on_line):
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True, start_new_session=True)
        self.reader = threading.Thread(
            target=self.read, args=(on_line,), daemon=True)
        self.reader.start()

    def read(self, on_line):
        for line in self.process.stdout:
            on_line(line)

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        if self.is_running():
            self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(STOP_SECONDS)


class Player:
    """What a player decoded, by the sums it printed of each frame: lines
    of "video SUM" or "audio SUM"."""

    def __init__(self, name, has_sound=True):
        self.name = name
        self.has_sound = has_sound
        self.pictures = 0
        self.different = 0
        self.sounds = 0
        self.last_sum = None
        self.last_change = None
        self.child = None

    def count(self, kind, checksum, now):
        if kind == 'audio':
            self.sounds += 1
            return
        self.pictures += 1
        if checksum != self.last_sum:
            self.different += 1
            self.last_sum = checksum
            self.last_change = now

    def read_line(self, line):
        words = line.split()
        if len(words) == 2 and words[0] in ('video', 'audio'):
            self.count(words[0], words[1], time.monotonic())

    def read_framemd5(self, line):
        """A line of ffmpeg: stream, times, size, sum."""
        words = [word.strip() for word in line.split(',')]
        if len(words) == 6 and words[0] in ('0', '1'):
            kind = 'video' if words[0] == '0' else 'audio'
            self.count(kind, words[5], time.monotonic())

    def fault(self, now):
        """Why this player did not play, or None."""
        if self.different < LEAST_PICTURES:
            return 'only %d different pictures' % self.different
        if self.has_sound and self.sounds < LEAST_SOUNDS:
            return 'only %d blocks of sound' % self.sounds
        if now - self.last_change > FRESH_SECONDS:
            return 'the picture stood still for the last %.0f s' \
                % (now - self.last_change)
        return None


def python(script, *arguments):
    return [sys.executable, '-B', os.path.join(HERE, script),
            *[str(a) for a in arguments]]


def ffmpeg_command(address, has_sound):
    maps = ['-map', '0:v'] + (['-map', '0:a'] if has_sound else [])
    return ['ffmpeg', '-nostdin', '-loglevel', 'error',
            '-analyzeduration', '1000000', '-probesize', '500000',
            '-i', address, *maps, '-vsync', 'passthrough',
            '-flush_packets', '1', '-f', 'framemd5', '-']


# What plays, which address, and whether that has sound; by turns.
KINDS = (
    ('GStreamer', 'webm', True),
    ('ffmpeg', 'webm', True),
    ('ffmpeg', 'tcp', True),
    ('ffmpeg', 'camera', False),
    ('GStreamer', 'tcp', True),
)


def start_player(number, addresses):
    """Starts the player of that number on its address."""
    program, which, has_sound = KINDS[number % len(KINDS)]
    address = addresses[which]
    player = Player('%s, %s' % (program, address), has_sound)
    if program == 'GStreamer':
        command, reader = python('demo_client.py', address), player.read_line
    else:
        command = ffmpeg_command(address, has_sound)
        reader = player.read_framemd5
    player.child = Child(player.name, command, reader)
    return player
