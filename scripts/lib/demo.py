#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo.py: one live programme, several players, and a check that they play
#
# Here: starting the server and the players, each a process of its own;
# figures once a second; the verdict. Not here: pipelines (demo_server.py,
# demo_client.py), players (demo_players.py).

import argparse
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.request

import demo_players

HERE = os.path.dirname(os.path.abspath(__file__))
START_SECONDS = 30
PAGE_SECONDS = 5


class Server:
    """The figures that the server printed last."""

    def __init__(self):
        self.http_port = None
        self.tcp_port = None
        self.plugins = []
        self.ready = threading.Event()
        self.clients = 0
        self.bytes_served = 0
        self.child = None

    def read_line(self, line):
        figures = json.loads(line)
        self.clients = figures.get('clients', self.clients)
        self.bytes_served = figures.get('bytes', self.bytes_served)
        if 'http_port' in figures:
            self.http_port = figures['http_port']
            self.tcp_port = figures['tcp_port']
            self.plugins = figures['plugins']
            self.ready.set()

    def addresses(self, host):
        http = 'http://%s:%d' % (host, self.http_port)
        return {'page': http + '/', 'webm': http + '/live.webm',
                'camera': http + '/camera',
                'tcp': 'tcp://%s:%d' % (host, self.tcp_port)}


def start_server(options):
    server = Server()
    server.child = demo_players.Child('server', demo_players.python(
        'demo_server.py', options.host, options.port, options.tcp_port),
        server.read_line)
    deadline = time.monotonic() + START_SECONDS
    while not server.ready.wait(0.1):
        if not server.child.is_running() or time.monotonic() > deadline:
            server.child.stop()
            sys.exit('error: the server did not start')
    for plugin in server.plugins:
        if not plugin.startswith(options.build + os.sep):
            server.child.stop()
            sys.exit('error: an element came from %s, not from %s'
                     % (plugin, options.build))
    return server


def fetch(address):
    # No proxy: it is this machine that is asked.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=PAGE_SECONDS) as answer:
        return answer.headers.get_content_type(), answer.read()


def page_fault(page, stopping):
    """Waits until the page is there and all its streams are on air. Returns
    why they are not, or None."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            kind, html = fetch(page)
            if kind != 'text/html' or b'</html>' not in html:
                return 'the page is no page: %s' % kind
            figures = json.loads(fetch(page + 'status.json')[1])
        except (OSError, ValueError) as error:
            return 'the page does not come: %s' % error
        live = sorted(s['path'] for s in figures['streams'] if s['live'])
        if live == ['/camera', '/live.webm'] or stopping.is_set():
            return None
        if time.monotonic() > deadline:
            return 'on air: %s' % (', '.join(live) or 'nothing')
        stopping.wait(0.1)


def local_host(host):
    """Where this machine finds what listens on that address."""
    return {'0.0.0.0': '127.0.0.1', '::': '[::1]'}.get(
        host, '[%s]' % host if ':' in host else host)


def public_host(host):
    """What other machines may know it by."""
    return socket.gethostname() if host in ('0.0.0.0', '::') \
        else local_host(host)


def introduce(options, server):
    shown = server.addresses(public_host(options.host))
    print()
    print('Watch it in a browser:  %s' % shown['page'])
    print()
    print('Server, process %d: a test picture with a running clock and a tone,'
          % server.child.process.pid)
    print('  one pipeline, of %s:' % server.plugins[0])
    print('  %-34s WebM, VP8 and Opus  (httpserversink)' % shown['webm'])
    print('  %-34s JPEG pictures       (httpserversink)' % shown['camera'])
    print('  %-34s MPEG-TS, H.264, AAC (tcpserversink)' % shown['tcp'])
    print('Players: %d processes connect, one a second, each starting at the '
          'newest' % options.players)
    print('  keyframe; they decode picture and sound and count the frames.')
    print('Other players of yours, in another terminal:')
    print('  ffplay %s' % shown['webm'])
    print('  vlc %s' % shown['tcp'])
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
        addresses = self.server.addresses(local_host(self.options.host))
        introduce(self.options, self.server)
        self.fault = page_fault(addresses['page'], self.stopping)
        second = served = 0
        begin = time.monotonic()
        while not self.is_over(second):
            if len(self.players) < self.options.players:
                self.players.append(demo_players.start_player(
                    len(self.players), addresses))
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
            sound = ', %d blocks of sound' % player.sounds \
                if player.has_sound else ''
            print('%-44s %4d pictures, %d of them different%s: %s'
                  % (player.name, player.pictures, player.different, sound,
                     fault or 'ok'))
            if fault is not None:
                faults.append('%s: %s' % (player.name, fault))
        for fault in faults:
            print('FAILED: ' + fault)
        if not faults:
            print('The page came, and every player decoded moving pictures, '
                  'and sound where there is any.')
        return 1 if faults else 0


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog='scripts/demo', allow_abbrev=False,
        description='Serves a live test programme from '
        'one pipeline over HTTP, with a page to watch it in a browser, and '
        'over TCP, to several players at once, and checks that they play. '
        'Installs what is missing and builds first.')
    parser.add_argument('--seconds', type=int, metavar='N',
                        help='end after N seconds, 10 or more (else: Ctrl-C)')
    parser.add_argument('--players', type=int, default=4, metavar='N',
                        help='players to start (4)')
    parser.add_argument('--host', default='127.0.0.1', metavar='ADDRESS',
                        help='address to listen on (127.0.0.1; 0.0.0.0 lets '
                        'other machines watch)')
    parser.add_argument('--port', type=int, default=0, metavar='PORT',
                        help='port for HTTP (0: any that is free)')
    parser.add_argument('--tcp-port', type=int, default=0, metavar='PORT',
                        help='port for TCP (0: any that is free)')
    parser.add_argument('--build', default=os.path.join(HERE, '../../build'),
                        help=argparse.SUPPRESS)
    parser.add_argument('--check', action='store_true',
                        help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    if not all(0 <= port <= 65535 for port in (options.port, options.tcp_port)):
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
