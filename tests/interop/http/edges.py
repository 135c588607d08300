#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# edges.py: more than one machine: an origin and two edges, each in a network
# of its own
#
# Here: HLS through nginx as a cache: the origin is asked for each segment once
# by each edge, however many watch; a segment through Varnish while it is made;
# a live stream through nginx and HAProxy, which pass it on as it comes.
# Not here: how fast it is.
#
#   this process: origin, viewers      edge N: nginx and HAProxy
#   10.78.N.1 ------------------------ 10.78.N.2

import collections
import concurrent.futures
import http.client
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import gi

import programme
import servers

gi.require_version('Gst', '1.0')
from gi.repository import Gio, Gst  # noqa: E402

EDGES = (1, 2)
VIEWERS = 10
SEGMENTS = 5
SKIPPED = 77
DEADLINE = 60

HLS = ('videotestsrc is-live=true ! video/x-raw,width=160,height=120,'
       'framerate=25/1 ! x264enc tune=zerolatency speed-preset=ultrafast '
       'key-int-max=25 ! hlssink2 target-duration=1 max-files=0 '
       'playlist-length=0 location=%s/seg%%05d.ts playlist-location=%s/live.m3u8')
FILES = 'httpserversink host=0.0.0.0 port=0 root=%s'
LIVE = ('appsrc name=src is-live=true format=time caps=application/x-marks ! '
        'httpserversink name=sink host=0.0.0.0 port=0 path=/live '
        'content-type=text/plain transfer-mode=chunked')

CACHE = 'proxy_cache_path cache keys_zone=hls:1m max_size=100m inactive=1m;'
EDGE = '''
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_cache hls;
proxy_cache_lock on;
proxy_cache_lock_timeout 20s;
proxy_cache_use_stale updating;
location / {
  proxy_pass http://10.78.%(edge)d.1:%(port)d;
}
location ~ \.m3u8$ {
  proxy_pass http://10.78.%(edge)d.1:%(port)d;
  proxy_ignore_headers Cache-Control;
  proxy_cache_valid 200 1s;
}
'''
RELAY = '''
location / {
  proxy_pass http://10.78.%(edge)d.1:%(port)d;
  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_read_timeout 1h;
}
'''
HAPROXY = '''
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend viewers
  bind 10.78.%(edge)d.2:%(bind)d
  default_backend origin
backend origin
  server origin 10.78.%(edge)d.1:%(port)d
'''
VARNISH = '''
vcl 4.1;
backend origin { .host = "10.78.%(edge)d.1"; .port = "%(port)d"; }
'''


# --- networks ---

def enter_own_network():
    """Starts this program once more, in a network of its own."""
    if 'EDGES_NETWORK' in os.environ:
        return
    command = ['unshare', '--net']
    if os.getuid() != 0:
        command += ['--user', '--map-root-user']
    if subprocess.run(command + ['true'], check=False,
                      capture_output=True).returncode != 0:
        print('networks of its own are not permitted here')
        sys.exit(SKIPPED)
    os.environ['EDGES_NETWORK'] = '1'
    os.execvp('unshare', command + [sys.executable, '-B'] + sys.argv)


def ip(*arguments, inside=()):
    subprocess.run([*inside, 'ip', *arguments], check=True)


class Edge:
    """A network, and a cable to it."""

    def __init__(self, number):
        self.number = number
        # A process that keeps the network; it ends with its input.
        self.keeper = subprocess.Popen(
            ['unshare', '--net', 'sh', '-c', 'echo; cat'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.keeper.stdout.readline()
        self.inside = ['nsenter', '-t', str(self.keeper.pid), '-n']
        near, far = 'near%d' % number, 'far%d' % number
        ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far,
           'netns', str(self.keeper.pid))
        ip('addr', 'add', '10.78.%d.1/24' % number, 'dev', near)
        ip('link', 'set', near, 'up')
        for arguments in (('link', 'set', 'lo', 'up'),
                          ('addr', 'add', self.host + '/24', 'dev', far),
                          ('link', 'set', far, 'up')):
            ip(*arguments, inside=self.inside)

    @property
    def host(self):
        return '10.78.%d.2' % self.number

    def close(self):
        self.keeper.communicate()


class FarNginx(servers.Nginx):
    """nginx on an edge."""

    def __init__(self, edge, port, server, extra=''):
        self.edge = edge
        super().__init__(server % {'edge': edge.number, 'port': port}, extra,
                         port=8080)
        config = self.folder / 'nginx.conf'
        config.write_text(
            config.read_text().replace('127.0.0.1', edge.host))
        self.host = edge.host

    def command(self):
        return self.edge.inside + super().command()


class FarHaproxy(servers.Server):
    def __init__(self, edge, port):
        super().__init__(8081)
        self.edge, self.host = edge, edge.host
        (self.folder / 'haproxy.cfg').write_text(HAPROXY % {
            'edge': edge.number, 'bind': self.port, 'port': port})

    def command(self):
        return self.edge.inside + ['haproxy', '-db', '-f', 'haproxy.cfg']


class FarVarnish(servers.Server):
    def __init__(self, edge, port):
        super().__init__(8082)
        self.edge, self.host = edge, edge.host
        (self.folder / 'edge.vcl').write_text(VARNISH % {
            'edge': edge.number, 'port': port})

    def command(self):
        return self.edge.inside + [
            'varnishd', '-F', '-j', 'none', '-s', 'malloc,10m',
            '-n', str(self.folder / 'varnish'),
            '-f', str(self.folder / 'edge.vcl'),
            '-a', '%s:%d' % (self.host, self.port)]


# --- viewers ---

def get(host, port, path):
    connection = http.client.HTTPConnection(host, port, timeout=DEADLINE)
    try:
        connection.request('GET', path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def watch(edge):
    """Plays as players do; returns the segments by name, and how often the
    playlist was asked for."""
    seen, n_lists, deadline = {}, 0, time.monotonic() + DEADLINE
    while len(seen) < SEGMENTS and time.monotonic() < deadline:
        status, playlist = get(edge.host, 8080, '/live.m3u8')
        n_lists += 1
        names = re.findall(r'^\S+\.ts$', playlist.decode(), re.M)
        fresh = [n for n in names if n not in seen] if status == 200 else []
        for name in fresh[:SEGMENTS - len(seen)]:
            status, seen[name] = get(edge.host, 8080, '/' + name)
            assert status == 200, (name, status)
        if not fresh:
            time.sleep(0.2)
    return seen, n_lists


class Edges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        ip('link', 'set', 'lo', 'up')
        cls.edges = [Edge(number) for number in EDGES]

    @classmethod
    def tearDownClass(cls):
        for edge in cls.edges:
            edge.close()

    def start(self, launch):
        pipeline = Gst.parse_launch(launch)
        self.addCleanup(pipeline.set_state, Gst.State.NULL)
        pipeline.set_state(Gst.State.PLAYING)
        return pipeline

    def start_files(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='edges-'))
        self.addCleanup(shutil.rmtree, folder)
        self.asked = collections.Counter()
        sink = self.start(FILES % folder)
        sink.connect('request-started', lambda _s, _m, path, _p:
                     self.asked.update([path]))
        return sink, folder

    def start_origin(self):
        sink, folder = self.start_files()
        self.start(HLS % (folder, folder))
        deadline = time.monotonic() + DEADLINE
        while not (folder / 'live.m3u8').exists():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        return sink.props.current_port

    def test_origin_sees_each_segment_about_once(self):
        port = self.start_origin()
        for edge in self.edges:
            self.enterContext(FarNginx(edge, port, EDGE, CACHE))
        viewers, start = self.edges * VIEWERS, time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(len(viewers)) as pool:
            seen, n_lists = zip(*pool.map(watch, viewers))
        self.assertTrue(all(one == seen[0] for one in seen))
        self.assertEqual(len(seen[0]), SEGMENTS)
        for name, data in seen[0].items():
            self.assertEqual((data[:1], len(data) % 188), (b'\x47', 0))
            # Each edge asks once; twenty viewers have asked.
            self.assertEqual(self.asked['/' + name], len(self.edges))
        # A second for each, and one each way.
        seconds = time.monotonic() - start
        self.assertLess(self.asked['/live.m3u8'],
                        (seconds + 2) * len(self.edges))
        print('%d viewers asked for %d playlists, the origin was for %d' % (
            len(viewers), sum(n_lists), self.asked['/live.m3u8']))

    def test_varnish_gives_many_a_segment_while_it_is_made(self):
        sink, _folder = self.start_files()
        edge = self.edges[0]
        with FarVarnish(edge, sink.props.current_port) as varnish:
            out: Gio.OutputStream = sink.emit('open-file', 'seg1.m4s')
            out.write_all(b'first\n')
            viewers = [http.client.HTTPConnection(
                edge.host, varnish.port, timeout=DEADLINE)
                for _ in range(VIEWERS)]
            for viewer in viewers:
                self.addCleanup(viewer.close)
                viewer.request('GET', '/seg1.m4s')
            answers = [viewer.getresponse() for viewer in viewers]
            # Everybody has each line before the next one is written.
            for line in (b'first\n', b'second\n', b'third\n'):
                if line != b'first\n':
                    out.write_all(line)
                for answer in answers:
                    self.assertEqual(answer.readline(), line)
            out.close()
            for answer in answers:
                self.assertEqual(answer.read(), b'')
        self.assertEqual(self.asked['/seg1.m4s'], 1)

    def check_relay(self, host, port, source):
        """Each mark comes through before the next one is sent."""
        connection = http.client.HTTPConnection(host, port, timeout=DEADLINE)
        status = 503
        while status == 503:
            connection.close()
            self.push(source, b'first\n')
            connection.request('GET', '/live')
            answer = connection.getresponse()
            status = answer.status
        self.assertEqual(status, 200)
        for number in range(10):
            mark = b'mark %d\n' % number
            self.push(source, mark)
            line = b''
            while line != mark:
                line = answer.readline()
                self.assertTrue(line)
        connection.close()

    @staticmethod
    def push(source, text):
        source.emit('push-buffer', Gst.Buffer.new_wrapped(text))

    def test_proxies_pass_a_live_stream_on_as_it_comes(self):
        pipeline = self.start(LIVE)
        port = pipeline.get_by_name('sink').props.current_port
        source = pipeline.get_by_name('src')
        nginx = self.enterContext(FarNginx(self.edges[0], port, RELAY))
        haproxy = self.enterContext(FarHaproxy(self.edges[1], port))
        for proxy in (nginx, haproxy):
            with self.subTest(type(proxy).__name__):
                self.check_relay(proxy.host, proxy.port, source)


if __name__ == '__main__':
    for tool in ('haproxy', 'ip', 'nginx', 'nsenter', 'unshare', 'varnishd'):
        if shutil.which(tool) is None:
            print('there is no %s' % tool)
            sys.exit(SKIPPED)
    enter_own_network()
    Gst.init(None)
    unittest.main()
