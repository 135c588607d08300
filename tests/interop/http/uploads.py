#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# uploads.py: real senders, to httpserversrc and to a folder of httpserversink
#
# Here: curl, ffmpeg, GStreamer's own sinks and Python's client: what arrives
# is what they have sent, and they are content with the answer.
# Not here: senders that misbehave (tests/check/elements).

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import gi
import programme

gi.require_version('Gst', '1.0')
from gi.repository import Gst  # noqa: E402

DEADLINE = 30
SIZE = 3 * 1000 * 1000
NEEDED = ('curl', 'ffmpeg', 'ffprobe', 'gst-launch-1.0')


def run(*command, **options):
    # What loads plugins may need the runtime of sanitizers; all else does not.
    env = None if command[0].startswith('gst-') else programme.FOREIGN_ENV
    return subprocess.run(command, capture_output=True, timeout=60, check=False,
                          env=env, **options)


class Uploads:
    """httpserversrc, and what each of its pads has pushed."""

    def __init__(self, properties=''):
        self.streams = []
        self.ended = 0
        self.changed = threading.Condition()
        self.pipeline = Gst.parse_launch(
            'pipeline. ( httpserversrc name=src port=0 %s )' % properties)
        self.source = self.pipeline.get_by_name('src')
        self.source.connect('pad-added', self.on_pad)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.port = self.source.props.current_port

    def on_pad(self, _source, pad):
        sink = Gst.ElementFactory.make('fakesink')
        sink.props.sync = False
        sink.set_property('async', False)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        data = bytearray()
        pad.link(sink.get_static_pad('sink'))
        pad.add_probe(Gst.PadProbeType.EVENT_DOWNSTREAM, self.on_event)
        pad.add_probe(Gst.PadProbeType.BUFFER, self.on_buffer, data)
        with self.changed:
            self.streams.append(data)

    @staticmethod
    def on_buffer(_pad, info, data):
        buffer = info.get_buffer()
        data += buffer.extract_dup(0, buffer.get_size())
        return Gst.PadProbeReturn.OK

    def on_event(self, _pad, info):
        if info.get_event().type == Gst.EventType.EOS:
            with self.changed:
                self.ended += 1
                self.changed.notify_all()
        return Gst.PadProbeReturn.OK

    def wait(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: self.ended >= count, DEADLINE)

    def stop(self):
        self.pipeline.set_state(Gst.State.NULL)

    def url(self, path, scheme='http'):
        return '%s://127.0.0.1:%d%s' % (scheme, self.port, path)


class Case(unittest.TestCase):
    properties = ''

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.sent = os.path.join(self.folder, 'sent')
        self.content = os.urandom(SIZE)
        with open(self.sent, 'wb') as file:
            file.write(self.content)
        self.uploads = Uploads(self.properties)

    def tearDown(self):
        self.uploads.stop()
        shutil.rmtree(self.folder)

    def received(self, index=0):
        return bytes(self.uploads.streams[index])

    def expect_all(self, index=0):
        self.uploads.wait(index + 1)
        self.assertEqual(self.received(index), self.content)

    def expect_video(self, codec):
        self.uploads.wait(1)
        found = run('ffprobe', '-v', 'error', '-count_packets', '-of', 'csv=p=0',
                    '-show_entries', 'stream=codec_name,nb_read_packets',
                    '-', input=self.received())
        self.assertEqual((found.returncode, found.stderr), (0, b''))
        self.assertEqual(found.stdout.decode().strip().split(',')[:2],
                         [codec, '50'])


class Curl(Case):
    def send(self, *options, **more):
        done = run('curl', '-sS', '-w', ' %{http_code}', *options, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode().split()[-1]

    def test_file(self):
        self.assertEqual(
            self.send('-T', self.sent, self.uploads.url('/a')), '200')
        self.expect_all()

    def test_file_without_a_length(self):
        with open(self.sent, 'rb') as file:
            self.assertEqual(self.send('-T', '-', self.uploads.url('/a'),
                                       stdin=file), '200')
        self.expect_all()

    def test_it_waits_for_status_100(self):
        done = run('curl', '-sSv', '-H', 'Expect: 100-continue', '-T',
                   self.sent, self.uploads.url('/a'))
        self.assertIn(b'HTTP/1.1 100 Continue', done.stderr)
        self.assertIn(b'HTTP/1.1 200 OK', done.stderr)
        self.expect_all()

    def test_it_does_not_wait(self):
        done = run('curl', '-sSv', '-H', 'Expect:', '-T', self.sent,
                   self.uploads.url('/a'))
        self.assertNotIn(b'HTTP/1.1 100', done.stderr)
        self.expect_all()

    def test_http_1_0(self):
        self.assertEqual(self.send('--http1.0', '-T', self.sent,
                                   self.uploads.url('/a')), '200')
        self.expect_all()

    def test_post(self):
        self.assertEqual(
            self.send('--data-binary', '@' + self.sent, '-H',
                      'Content-Type: video/mp2t', self.uploads.url('/a')),
            '200')
        self.expect_all()

    def test_form_is_refused(self):
        self.assertEqual(self.send('-F', 'file=@' + self.sent,
                                   self.uploads.url('/a')), '415')

    def test_two_files_on_one_connection(self):
        done = run('curl', '-sSv', '-T', '{%s,%s}' % (self.sent, self.sent),
                   self.uploads.url('/'))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b'Re-using existing connection', done.stderr)
        self.expect_all(0)
        self.expect_all(1)


class Python(Case):
    def test_bodies_of_all_kinds(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.uploads.port,
                                                timeout=DEADLINE)
        pieces = (self.content[i:i + 7777] for i in range(0, SIZE, 7777))
        with open(self.sent, 'rb') as file:
            for index, body in enumerate((self.content, file, pieces)):
                connection.request('PUT', '/%d' % index, body)
                answer = connection.getresponse()
                self.assertEqual((answer.status, answer.read()),
                                 (200, b'Received.\n'))
                self.expect_all(index)
        connection.close()


class Ffmpeg(Case):
    VIDEO = ('-v', 'error', '-f', 'lavfi', '-i',
             'testsrc2=size=160x90:rate=25:duration=2')

    def send(self, *options):
        done = run('ffmpeg', *self.VIDEO, *options)
        self.assertEqual((done.returncode, done.stderr), (0, b''))

    def test_put(self):
        self.send('-c:v', 'mpeg2video', '-f', 'mpegts', '-method', 'PUT',
                  self.uploads.url('/a.ts'))
        self.expect_video('mpeg2video')

    def test_post_of_webm(self):
        self.send('-c:v', 'libvpx', '-deadline', 'realtime', '-f', 'webm',
                  '-content_type', 'video/webm', self.uploads.url('/a.webm'))
        self.expect_video('vp8')

    def test_put_on_one_connection(self):
        """Segments, as to a server of HLS."""
        self.send('-c:v', 'mpeg2video', '-g', '25', '-f', 'hls', '-hls_time',
                  '1', '-method', 'PUT', '-http_persistent', '1',
                  self.uploads.url('/live/a.m3u8'))
        self.uploads.wait(4)


class Icecast(Case):
    """As a source client of Icecast, with its name and password."""

    def setUp(self):
        self.users = tempfile.NamedTemporaryFile('w', suffix='.users')
        self.users.write('source:{PLAIN}hackme\n')
        self.users.flush()
        self.properties = 'auth=basic auth-file=' + self.users.name
        super().setUp()

    def tearDown(self):
        super().tearDown()
        self.users.close()

    def send(self, password, *options):
        return run('ffmpeg', *Ffmpeg.VIDEO, '-c:v', 'mpeg2video', '-f',
                   'mpegts', '-content_type', 'video/mp2t', *options,
                   'icecast://source:%s@127.0.0.1:%d/live'
                   % (password, self.uploads.port))

    def test_put(self):
        done = self.send('hackme')
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        self.expect_video('mpeg2video')

    def test_source(self):
        done = self.send('hackme', '-legacy_icecast', '1')
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        self.expect_video('mpeg2video')

    def test_wrong_password(self):
        self.assertNotEqual(self.send('wrong').returncode, 0)
        self.assertEqual(self.uploads.streams, [])

    def test_shout2send(self):
        done = run('gst-launch-1.0', '-q', 'audiotestsrc', 'num-buffers=100',
                   '!', 'audioconvert', '!', 'vorbisenc', '!', 'oggmux', '!',
                   'shout2send', 'sync=false', 'ip=127.0.0.1',
                   'port=%d' % self.uploads.port, 'password=hackme',
                   'mount=/radio.ogg', 'streamname=Radio')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.uploads.wait(1)
        self.assertEqual(self.received()[:4], b'OggS')


class GStreamer(Case):
    properties = 'single=true'

    def send(self, sink, *properties):
        """Keeps the sender alive: souphttpclientsink does not wait for its own
        last request at the end of a stream."""
        sender = Gst.parse_launch('filesrc location=%s ! %s location=%s %s' % (
            self.sent, sink, self.uploads.url('/a'), ' '.join(properties)))
        sender.set_state(Gst.State.PLAYING)
        deadline = time.monotonic() + DEADLINE
        while len(self.uploads.streams[0]) < SIZE and time.monotonic() < deadline:
            time.sleep(0.05)
        message = sender.get_bus().pop_filtered(Gst.MessageType.ERROR)
        sender.set_state(Gst.State.NULL)
        self.assertIsNone(message, message and message.parse_error())
        self.assertEqual(self.received(), self.content)

    def test_souphttpclientsink(self):
        self.send('souphttpclientsink')

    def test_curlhttpsink(self):
        self.send('curlhttpsink', 'content-type=video/mp2t')

    def test_curlhttpsink_with_lengths(self):
        self.send('curlhttpsink', 'content-type=video/mp2t',
                  'use-content-length=true')


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.sink = Gst.parse_launch(
            'httpserversink port=0 upload-root=' + self.folder)
        self.sink.set_state(Gst.State.PAUSED)
        self.address = 'http://127.0.0.1:%d' % self.sink.props.current_port

    def tearDown(self):
        self.sink.set_state(Gst.State.NULL)
        shutil.rmtree(self.folder)

    def curl(self, *options):
        return run('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}',
                   *options).stdout

    def test_curl_puts_and_deletes(self):
        url = self.address + '/here/it%20is'
        self.assertEqual(self.curl('-T', __file__, url), b'201')
        with open(self.folder + '/here/it is', 'rb') as got, \
                open(__file__, 'rb') as sent:
            self.assertEqual(got.read(), sent.read())
        self.assertEqual(self.curl('-T', __file__, url), b'204')
        self.assertEqual(self.curl('-X', 'DELETE', url), b'204')
        self.assertEqual(os.listdir(self.folder + '/here'), [])

    def test_curl_goes_on_with_a_file(self):
        url = self.address + '/half'
        with open(__file__, 'rb') as sent:
            content = sent.read()
        with open(self.folder + '/half', 'wb') as half:
            half.write(content[:1000])
        self.assertEqual(self.curl('-C', '1000', '-T', __file__, url), b'204')
        with open(self.folder + '/half', 'rb') as got:
            self.assertEqual(got.read(), content)

    def test_ffmpeg_writes_hls(self):
        done = run('ffmpeg', *Ffmpeg.VIDEO, '-c:v', 'mpeg2video', '-g', '25',
                   '-f', 'hls', '-hls_time', '1', '-hls_flags',
                   'delete_segments', '-hls_list_size', '1',
                   '-hls_delete_threshold', '1', '-method', 'PUT',
                   self.address + '/live/a.m3u8')
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        found = run('ffprobe', '-v', 'error', '-of', 'csv=p=0',
                    '-show_entries', 'stream=codec_name',
                    self.folder + '/live/a.m3u8')
        self.assertIn(b'mpeg2video', found.stdout)


if __name__ == '__main__':
    for name in NEEDED:
        if shutil.which(name) is None:
            print('there is no %s' % name)
            sys.exit(77)
    Gst.init(None)
    for name in ('souphttpclientsink', 'curlhttpsink', 'shout2send'):
        if Gst.ElementFactory.find(name) is None:
            print('there is no %s' % name)
            sys.exit(77)
    unittest.main()
