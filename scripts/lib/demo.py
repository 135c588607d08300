#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo.py: one live programme, several players, and a check that they play
#
# Here: starting the server and the players, each a process of its own;
# figures once a second; the verdict. Not here: pipelines (demo_server.py,
# demo_client.py).

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
START_SECONDS = 30
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

    def __init__(self, name):
        self.name = name
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
        if self.sounds < LEAST_SOUNDS:
            return 'only %d blocks of sound' % self.sounds
        if now - self.last_change > FRESH_SECONDS:
            return 'the picture stood still for the last %.0f s' \
                % (now - self.last_change)
        return None


class Server:
    """The figures that the server printed last."""

    def __init__(self):
        self.port = None
        self.plugin = None
        self.ready = threading.Event()
        self.clients = 0
        self.bytes_served = 0
        self.child = None

    def read_line(self, line):
        figures = json.loads(line)
        self.clients = figures.get('clients', self.clients)
        self.bytes_served = figures.get('bytes', self.bytes_served)
        if 'port' in figures:
            self.port = figures['port']
            self.plugin = figures['plugin']
            self.ready.set()


def python(script, *arguments):
    return [sys.executable, '-B', os.path.join(HERE, script),
            *[str(a) for a in arguments]]


def ffmpeg_command(port):
    return ['ffmpeg', '-nostdin', '-loglevel', 'error',
            '-analyzeduration', '1000000', '-probesize', '500000',
            '-i', 'tcp://127.0.0.1:%d' % port, '-map', '0:v', '-map', '0:a',
            '-vsync', 'passthrough', '-flush_packets', '1',
            '-f', 'framemd5', '-']


def start_player(number, port):
    if number % 2 == 0:
        player = Player('GStreamer player %d' % (number // 2 + 1))
        player.child = Child(player.name, python('demo_client.py', port),
                             player.read_line)
    else:
        player = Player('ffmpeg player %d' % (number // 2 + 1))
        player.child = Child(player.name, ffmpeg_command(port),
                             player.read_framemd5)
    return player


def start_server(options):
    server = Server()
    server.child = Child('server', python(
        'demo_server.py', options.host, options.port), server.read_line)
    deadline = time.monotonic() + START_SECONDS
    while not server.ready.wait(0.1):
        if not server.child.is_running() or time.monotonic() > deadline:
            server.child.stop()
            sys.exit('error: the server did not start')
    if not server.plugin.startswith(options.build + os.sep):
        server.child.stop()
        sys.exit('error: tcpserversink came from %s, not from %s'
                 % (server.plugin, options.build))
    return server


def introduce(options, server):
    here = '%s:%d' % (options.host, server.port)
    print()
    print('Server, process %d: a test picture with a running clock and a '
          'tone,' % server.child.process.pid)
    print('  H.264 and AAC in MPEG-TS, one pipeline, its end a tcpserversink')
    print('  of %s' % server.plugin)
    print('  on TCP %s.' % here)
    print('Players: %d processes connect, one a second, each starting at the '
          'newest' % options.players)
    print('  keyframe; they decode picture and sound and count the frames.')
    print('Watch it yourself, in another terminal:')
    print('  ffplay tcp://127.0.0.1:%d' % server.port)
    print('  vlc tcp://127.0.0.1:%d' % server.port)
    print('Ctrl-C ends it%s.' % (
        '' if options.seconds is None
        else ', or the end of %d s' % options.seconds))
    print(flush=True)


class Demo:
    def __init__(self, options):
        self.options = options
        self.players = []
        self.server = None
        self.stopping = threading.Event()
        self.fault = None

    def show_figures(self, second, served):
        decoded = ', '.join(str(p.different) for p in self.players)
        print('%5d s  %2d clients  %6.2f Mbit/s out   pictures decoded: %s'
              % (second, self.server.clients, served * 8 / 1e6, decoded),
              flush=True)

    def is_over(self, second):
        limit = self.options.seconds
        return self.stopping.is_set() or self.fault is not None \
            or (limit is not None and second >= limit)

    def note_deaths(self):
        children = [self.server.child] + [p.child for p in self.players]
        dead = [c.name for c in children if not c.is_running()]
        if dead:
            self.fault = 'ended by itself: ' + ', '.join(dead)

    def run(self):
        self.server = start_server(self.options)
        introduce(self.options, self.server)
        second = served = 0
        begin = time.monotonic()
        while not self.is_over(second):
            if len(self.players) < self.options.players:
                self.players.append(
                    start_player(len(self.players), self.server.port))
            second += 1
            self.stopping.wait(max(0, begin + second - time.monotonic()))
            now_served = self.server.bytes_served
            self.show_figures(second, now_served - served)
            served = now_served
            self.note_deaths()

    def stop(self):
        for player in self.players:
            player.child.stop()
        if self.server is not None:
            self.server.child.stop()

    def verdict(self, now):
        """Prints how each player fared; returns the exit status."""
        faults = [] if self.fault is None else [self.fault]
        if len(self.players) < self.options.players:
            faults.append('only %d of %d players were started'
                          % (len(self.players), self.options.players))
        print()
        for player in self.players:
            fault = player.fault(now)
            print('%-20s %5d pictures, %d of them different, %d blocks of '
                  'sound: %s' % (player.name, player.pictures,
                                 player.different, player.sounds,
                                 fault or 'ok'))
            if fault is not None:
                faults.append('%s: %s' % (player.name, fault))
        for fault in faults:
            print('FAILED: ' + fault)
        if not faults:
            print('Every player decoded moving pictures and sound.')
        return 1 if faults else 0


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog='scripts/demo', allow_abbrev=False, description='Sends a live test programme from '
        'one pipeline to several players at once, and checks that they play. '
        'Installs what is missing and builds first.')
    parser.add_argument('--seconds', type=int, metavar='N',
                        help='end after N seconds, 10 or more (else: Ctrl-C)')
    parser.add_argument('--players', type=int, default=4, metavar='N',
                        help='players to start (4)')
    parser.add_argument('--host', default='127.0.0.1', metavar='ADDRESS',
                        help='address to listen on (127.0.0.1; 0.0.0.0 lets '
                        'other machines watch)')
    parser.add_argument('--port', type=int, default=0, metavar='PORT',
                        help='port to listen on (0: any that is free)')
    parser.add_argument('--build', default=os.path.join(HERE, '../../build'),
                        help=argparse.SUPPRESS)
    parser.add_argument('--check', action='store_true',
                        help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    if not 0 <= options.port <= 65535:
        parser.error('a port is a number from 0 to 65535')
    if options.players < 1:
        parser.error('at least one player')
    if options.seconds is not None and options.seconds < 10:
        parser.error('the players need 10 seconds or more')
    return options


def main():
    options = parse_arguments()
    if options.check:
        return
    os.environ['GST_PLUGIN_PATH_1_0'] = os.path.join(options.build, 'gst')
    os.environ.setdefault('GST_REGISTRY_1_0', os.path.join(
        options.build, 'demo-registry.bin'))
    demo = Demo(options)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *unused: demo.stopping.set())
    try:
        demo.run()
        now = time.monotonic()
    finally:
        demo.stop()
    sys.exit(demo.verdict(now))


if __name__ == '__main__':
    main()
