#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# pushes.py: httpclientsink with other people's servers
#
# Here: nginx (PUT, DELETE, refusals, redirects), Icecast (SOURCE and PUT),
# Python's http.server, splitmuxsink with httpclientsink as its sink; our own
# servers.
# Not here: other clients of our servers.

import pathlib
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import gi

import programme
import servers

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

VIDEO = ('videotestsrc num-buffers=%d ! video/x-raw,width=160,height=120,'
         'framerate=25/1 ! ')
LIVE_VIDEO = VIDEO.replace('videotestsrc', 'videotestsrc is-live=true')
RADIO = ('audiotestsrc is-live=true ! audioconvert ! vorbisenc'
         ' ! oggmux max-delay=100000000 ! httpclientsink name=sink '
         'location=%s user-pw=%s streamname=Station genre=Jazz %s')


def upload(launch):
    """Plays to the end; returns the error, and the files' status by URL."""
    pipeline = Gst.parse_launch(launch)
    pipeline.set_state(Gst.State.PLAYING)
    bus, error, done, statuses = pipeline.get_bus(), None, False, {}
    while not done:
        message = bus.timed_pop(servers.DEADLINE * Gst.SECOND)
        assert message is not None, 'it does not end'
        if message.type == Gst.MessageType.ERROR:
            error = message.parse_error()[0].message
        done = message.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS)
        told = message.get_structure()
        if told is not None and told.get_name() == 'GstHttpUploaded':
            statuses[told.get_string('location')] = \
                told.get_uint('status').value
    pipeline.set_state(Gst.State.NULL)
    return error, statuses


class NginxTakes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = servers.Nginx().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.nginx.__exit__()

    def test_nginx_has_the_file_that_was_streamed(self):
        url = self.nginx.url('/a/b.webm')
        error, statuses = upload(
            VIDEO % 50 + 'vp8enc deadline=1 ! webmmux streamable=true'
            ' ! httpclientsink location=' + url)
        self.assertEqual((error, statuses), (None, {url: 201}))
        self.assertEqual(self.nginx.file('a/b.webm')[:4], b'\x1a\x45\xdf\xa3')

    def test_nginx_has_the_newest_pictures_only(self):
        error, statuses = upload(
            VIDEO % 5 + 'jpegenc ! httpclientsink next-file=buffer '
            'max-files=2 location=' + self.nginx.url('/p/%03d.jpg'))
        self.assertEqual((error, len(statuses)), (None, 5))
        left = sorted(
            path.name for path in (self.nginx.folder / 'files/p').iterdir())
        self.assertEqual(left, ['003.jpg', '004.jpg'])

    def test_splitmuxsink_uploads_segments(self):
        # A source that is not live can end before splitmuxsink of GStreamer
        # 1.22 plays, and then it never ends, also with filesink.
        error, statuses = upload(
            LIVE_VIDEO % 75 + 'x264enc key-int-max=25 tune=zerolatency '
            'speed-preset=ultrafast ! splitmuxsink muxer=mpegtsmux '
            'sink=httpclientsink max-size-time=1000000000 '
            'location=' + self.nginx.url('/s/%05d.ts'))
        self.assertEqual((error, len(statuses)), (None, 3))
        for number in range(3):
            self.assertEqual(
                self.nginx.file('s/%05d.ts' % number)[:1], b'\x47')

    def test_nginx_lets_in_who_has_the_password(self):
        launch = ('fakesrc num-buffers=3 sizetype=fixed ! httpclientsink '
                  'location=%s %s')
        url = self.nginx.url('/secret/x')
        error, _ = upload(launch % (url, 'user-id=me user-pw=wrong'))
        self.assertIn('401', error)
        error, _ = upload(launch % (url, 'user-id=me user-pw=secret'))
        self.assertIsNone(error)
        self.assertEqual(len(self.nginx.file('secret/x')), 3 * 4096)

    def test_nginx_redirects(self):
        error, _ = upload('fakesrc num-buffers=3 sizetype=fixed ! '
                          'httpclientsink location='
                          + self.nginx.url('/moved/'))
        # It refuses a folder, and says so at the new address.
        self.assertIn('/new/', error)

    def test_nginx_refuses_what_is_too_large(self):
        for mode in ('chunked', 'length'):
            error, _ = upload(
                'fakesrc num-buffers=600 sizetype=fixed ! httpclientsink '
                'transfer-mode=%s location=%s'
                % (mode, self.nginx.url('/large')))
            self.assertIn('413', error)


class NginxTakesOverTls(unittest.TestCase):
    LAUNCH = ('fakesrc num-buffers=%d sizetype=fixed sizemax=100000 '
              'filltype=pattern-span ! httpclientsink location=%s '
              'tls-ca-file=%s %s')

    def check(self, protocol, properties=''):
        with servers.TlsNginx(protocol) as nginx:
            error, statuses = upload(self.LAUNCH % (
                200, nginx.url('/large'), nginx.folder / 'server.pem',
                properties))
            self.assertEqual((error, list(statuses.values())), (None, [201]))
            data = nginx.file('large')
            self.assertEqual(len(data), 200 * 100000)
            self.assertEqual(data, (bytes(range(256)) * 80000)[:len(data)])

    def test_nginx_has_a_large_file_over_tls(self):
        for protocol in ('TLSv1.2', 'TLSv1.3'):
            with self.subTest(protocol):
                self.check(protocol)

    def test_proxy_lets_tls_through(self):
        with socketserver.ThreadingTCPServer(
                ('127.0.0.1', 0), servers.Tunnel) as proxy:
            proxy.targets, proxy.daemon_threads = [], True
            thread = threading.Thread(target=proxy.serve_forever)
            thread.start()
            try:
                self.check('TLSv1.3', 'proxy=http://127.0.0.1:%d'
                           % proxy.server_address[1])
            finally:
                proxy.shutdown()
                thread.join()
            self.assertRegex(proxy.targets[0], '^localhost:')


class IcecastPlays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.icecast = servers.Icecast().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.icecast.__exit__()

    def listen(self, path):
        """Returns what a listener gets, once there is a station."""
        deadline = time.monotonic() + servers.DEADLINE
        while time.monotonic() < deadline:
            done = subprocess.run(
                ['curl', '-sS', '-f', '-m', '2', '-D', '-',
                 self.icecast.url(path)], capture_output=True, check=False,
                env=programme.FOREIGN_ENV)
            if done.returncode == 28 and b'OggS' in done.stdout:
                return done.stdout
            time.sleep(0.1)
        raise AssertionError(done.stderr)

    def check(self, path, properties):
        pipeline = Gst.parse_launch(
            RADIO % (self.icecast.url(path), 'hackme', properties))
        pipeline.set_state(Gst.State.PLAYING)
        heard = self.listen(path)
        pipeline.set_state(Gst.State.NULL)
        self.assertIn(b'OggS', heard)
        self.assertIn(b'icy-name:Station', heard)

    def test_icecast_plays_what_source_sends(self):
        self.check('/source.ogg', 'method=source')

    def test_icecast_plays_what_put_sends(self):
        self.check('/put.ogg', 'method=put transfer-mode=close')

    def test_icecast_refuses_a_wrong_password(self):
        error, _ = upload(RADIO % (
            self.icecast.url('/no.ogg'), 'wrong', 'method=source'))
        self.assertIn('401', error)


class PythonTakes(unittest.TestCase):
    def test_python_has_the_file(self):
        with servers.Python() as server:
            for mode in ('chunked', 'length'):
                path = '/' + mode
                error, _ = upload(
                    'fakesrc num-buffers=100 sizetype=fixed filltype=pattern'
                    ' ! httpclientsink transfer-mode=%s location=%s'
                    % (mode, server.url(path)))
                self.assertIsNone(error)
                self.assertEqual(len(server.uploads[path]), 100 * 4096)


class OwnServersTake(unittest.TestCase):
    PATTERN = ('fakesrc num-buffers=500 sizetype=fixed filltype=pattern-span '
               '! httpclientsink location=%s %s')

    def start(self, launch):
        """Returns the server, and its address."""
        try:
            pipeline = Gst.parse_launch('pipeline. ( %s )' % launch)
        except GLib.Error as error:
            self.skipTest(str(error))
        self.addCleanup(pipeline.set_state, Gst.State.NULL)
        pipeline.set_state(Gst.State.PLAYING)
        port = pipeline.get_by_name('server').props.current_port
        return pipeline, 'http://127.0.0.1:%d' % port

    def test_folder_has_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            _, url = self.start(
                'httpserversink name=server port=0 upload-root=' + folder)
            for mode in ('chunked', 'length'):
                error, statuses = upload(self.PATTERN % (
                    url + '/' + mode, 'transfer-mode=' + mode))
                self.assertIsNone(error)
                self.assertEqual(list(statuses.values()), [201])
                data = (pathlib.Path(folder) / mode).read_bytes()
                self.assertEqual(data, bytes(range(256)) * (500 * 16))

    def test_source_has_every_byte(self):
        server, url = self.start(
            'httpserversrc name=server single=true port=0 path=/in '
            '! fakesink name=sink signal-handoffs=true async=false')
        sizes = []
        server.get_by_name('sink').connect(
            'handoff', lambda _s, buffer, _p: sizes.append(buffer.get_size()))
        for method in ('put', 'post', 'source'):
            sizes.clear()
            error, _ = upload(self.PATTERN % (url + '/in', 'method=' + method))
            self.assertIsNone(error)
            deadline = time.monotonic() + servers.DEADLINE
            while sum(sizes) < 500 * 4096:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            self.assertEqual(sum(sizes), 500 * 4096)


if __name__ == '__main__':
    Gst.init(None)
    for name in ('curl', 'nginx', 'icecast2'):
        if shutil.which(name) is None:
            print('there is no %s' % name)
            sys.exit(77)
    unittest.main()
