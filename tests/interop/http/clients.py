#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# clients.py: curl, ffprobe, ffmpeg and Python's own client on httpserversink
#
# Here: what each of them has to receive.
# Not here: browsers (browser.py).

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import programme

PATHS = [path for path, _launch in programme.STREAMS]
DEADLINE = 20


def run(*command):
    return subprocess.run(command, capture_output=True, timeout=60,
                          check=False, env=programme.FOREIGN_ENV)


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = programme.Programme(PATHS)
        cls.served.__enter__()
        cls.served.wait_until_live()

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()

    def probe(self, path):
        found = run('ffprobe', '-v', 'error', '-of', 'json', '-show_entries',
                    'stream=codec_name:format=format_name',
                    self.served.url(path))
        self.assertEqual(found.returncode, 0, found.stderr)
        return json.loads(found.stdout)

    def test_ffprobe_knows_every_stream(self):
        for path, codec in (('/live.webm', 'vp8'), ('/camera', 'mjpeg'),
                            ('/radio.ogg', 'vorbis'), ('/radio.mp3', 'mp3'),
                            ('/live.ts', 'h264')):
            with self.subTest(path):
                codecs = [s.get('codec_name')
                          for s in self.probe(path)['streams']]
                self.assertIn(codec, codecs)

    def test_ffmpeg_decodes_without_an_error(self):
        for path in ('/live.webm', '/live.ts', '/camera'):
            with self.subTest(path):
                done = run('ffmpeg', '-v', 'error', '-i',
                           self.served.url(path), '-frames:v', '30',
                           '-f', 'null', '-')
                self.assertEqual((done.returncode, done.stderr), (0, b''))

    def test_player_that_asks_gets_the_title(self):
        done = run('curl', '-sS', '-m', '3', '-D', '-', '-H',
                   'Icy-MetaData: 1', self.served.url('/radio.mp3'))
        head, _, body = done.stdout.partition(b'\r\n\r\n')
        self.assertIn(b'icy-metaint: 16000', head)
        size = body[16000] * 16
        self.assertEqual(body[16001:16001 + size].rstrip(b'\0'),
                         b"StreamTitle='Band - Song';")

    def test_curl_receives_a_body_it_understands(self):
        for path, version in (('/live.webm', '--http1.1'),
                              ('/live.webm', '--http1.0')):
            done = run('curl', '-sS', version, '-m', '2', '-D', '-',
                       self.served.url(path))
            head, _, body = done.stdout.partition(b'\r\n\r\n')
            # 28: it is still being sent when the time is up.
            self.assertEqual(done.returncode, 28, done.stderr)
            self.assertIn(b'video/webm', head)
            self.assertEqual(body[:4], b'\x1a\x45\xdf\xa3')

    def test_curl_that_wants_http_2_falls_back(self):
        with tempfile.TemporaryDirectory() as folder:
            pem = os.path.join(folder, 'server.pem')
            subprocess.run(
                ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj',
                 '/CN=localhost', '-keyout', pem, '-out', pem + '.crt'],
                check=True, capture_output=True)
            with open(pem + '.crt', encoding='ascii') as crt, \
                    open(pem, 'a', encoding='ascii') as both:
                both.write(crt.read())
            with programme.Programme(
                    ['/camera'], 'tls-port=0 tls-certificate-file=' + pem) \
                    as served:
                sink = served.pipelines['/camera'].get_by_name('sink')
                url = 'https://127.0.0.1:%d' % sink.props.current_tls_port
                for path in ('/status.json', '/camera'):
                    done = run('curl', '-sSk', '--http2', '-m', '2', '-o',
                               '/dev/null', '-w', '%{http_version} %{http_code}',
                               url + path)
                    self.assertEqual(done.stdout, b'1.1 200', done.stderr)

    def test_curl_probes_with_a_range_as_safari_does(self):
        done = run('curl', '-sS', '-r', '0-1', '-w', '%{http_code}',
                   self.served.url('/live.webm'))
        self.assertEqual(done.stdout, b'\x1a\x45206')

    def test_python_reads_chunks(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.served.port,
                                                timeout=DEADLINE)
        connection.request('GET', '/live.webm?any=query')
        answer = connection.getresponse()
        self.assertTrue(answer.chunked)
        self.assertEqual(answer.read(50000)[:4], b'\x1a\x45\xdf\xa3')
        connection.close()

    def test_snapshot_is_a_picture(self):
        done = run('curl', '-sS', self.served.url('/camera/snapshot'))
        self.assertEqual((done.stdout[:2], done.stdout[-2:]),
                         (b'\xff\xd8', b'\xff\xd9'))


if __name__ == '__main__':
    for name in ('curl', 'ffprobe', 'ffmpeg'):
        if shutil.which(name) is None:
            print('there is no %s' % name)
            sys.exit(77)
    unittest.main()
