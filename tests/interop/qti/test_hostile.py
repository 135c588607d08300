# SPDX-License-Identifier: LGPL-2.1-or-later
"""Peers that mean harm: floods, half messages, what belongs to others.

Here: that they cost themselves only, whatever they do and however fast. Not
here: single malformed messages (test_src.py, test_sink.py).
"""
import mmap
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest

from harness import SANITIZED, Case, Gst, GstVideo, wait_for
import peer
from test_pair import GRAY, SIZE, PairCase

# Many records with each call: faster than anybody reads them one by one.
FLOOD = '''
import ctypes, os, sys
class Vector(ctypes.Structure):
    _fields_ = [('base', ctypes.c_char_p), ('size', ctypes.c_size_t)]
class Header(ctypes.Structure):
    _fields_ = [('name', ctypes.c_void_p), ('name_size', ctypes.c_uint32),
                ('vectors', ctypes.POINTER(Vector)),
                ('n_vectors', ctypes.c_size_t), ('control', ctypes.c_void_p),
                ('control_size', ctypes.c_size_t), ('flags', ctypes.c_uint64),
                ('sent', ctypes.c_uint64)]
data = bytes.fromhex(sys.argv[2])
vector = Vector(data, len(data))
records = (Header * 512)(*[Header(vectors=ctypes.pointer(vector), n_vectors=1)
                           for _ in range(512)])
send = ctypes.CDLL(None).sendmmsg
os.set_blocking(int(sys.argv[1]), True)
while send(int(sys.argv[1]), records, 512, 0x4000) > 0:
    pass
'''
KEEPALIVE = peer.extension(peer.EXT_KEEPALIVE)
EXT_FORGET, EXT_UPSTREAM, EXT_TAG, EXT_GAP = 5, 6, 19, 20
# 0.5 s, and as much again for the processor that the flood takes.
LIMIT_S = 3.0 if SANITIZED else 1.0
# What takes longer to read than to send, so that there is always more.
LONG_RELEASE = peer.release([0x7fffffff] * 1024)
LONG_FORGET = peer.extension(EXT_FORGET, struct.pack(
    '<1025I', 1024, *[0x7fffffff] * 1024))


class HostileCase(PairCase):
    def flood(self, connection, record):
        """Sends record again and again, from a process of its own."""
        process = subprocess.Popen(
            [sys.executable, '-c', FLOOD, str(connection.sock.fileno()),
             record.hex()], pass_fds=[connection.sock.fileno()],
            start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(os.killpg, process.pid, signal.SIGKILL)

    def hold_one(self, producer):
        """A consumer that has a frame and keeps it. Its id, too."""
        consumer = self.greet(producer)
        message = consumer.receive_until(lambda m: m.kind == peer.EXT_BUFFER)
        message.close()
        return consumer, message.own_buffer()[0]


class LateReaders(Case):
    def take_all_late(self, listener, n):
        """Sends n texts, and reads what comes for them then. Seconds that took."""
        producer = self.keep(listener.accept())
        begin = time.monotonic()
        for _ in range(n):
            producer.send(peer.info([-1], pool=0) + peer.text(b'abc'))
        producer.receive_return(n)
        producer.close()
        return time.monotonic() - begin

    def test_returns_that_found_no_room_follow_as_soon_as_there_is_some(self):
        listener = self.keep(peer.Listener(self.path))
        self.run_pipeline('qtisocketsrc socket={path} listen=false ! text/x-raw '
                          '! fakesink sync=false async=false')
        self.assertLess(min(self.take_all_late(listener, 400)
                            for _ in range(5)), LIMIT_S / 2)


class Floods(HostileCase):
    def test_flood_of_a_consumer_that_holds_frames(self):
        for policy in 'block', 'newest':
            with self.subTest(policy=policy):
                producer = self.produce('videotestsrc is-live=true ! ' + GRAY,
                                        'policy=' + policy)
                consumer = self.greet(producer)
                wait_for(lambda: producer.outstanding() == 8, 'all are held')
                self.flood(consumer, LONG_RELEASE)
                wait_for(lambda: producer.total('bad-returns') > 10000, 'flood')
                begin = time.monotonic()
                producer.outstanding()
                self.assertLess(time.monotonic() - begin, LIMIT_S)
                self.assertLess(producer.stop(), LIMIT_S)

    def test_flood_costs_the_other_consumers_nothing(self):
        producer = self.produce('videotestsrc is-live=true ! '
                                + GRAY.replace('30/1', '100/1'))
        consumer, _ = self.hold_one(producer)
        other = self.consume('fakesink')
        for record in KEEPALIVE, LONG_RELEASE, peer.hello():
            self.flood(consumer, record)
        before = other.stat('src', 'stats', 'frames') or 0
        wait_for(lambda: (other.stat('src', 'stats', 'frames') or 0)
                 > before + 100, 'frames')
        self.assertLess(producer.stop(), LIMIT_S)

    def test_flood_of_a_producer(self):
        for record in KEEPALIVE, LONG_FORGET:
            consumer = self.run_src()
            producer = self.keep(peer.connect(self.path))
            producer.record(peer.hello(role=1))
            self.flood(producer, record)
            time.sleep(0.5)
            self.assertLess(consumer.stop(), LIMIT_S)

    def test_flood_of_keyframe_requests_is_not_passed_on(self):
        producer = self.produce('videotestsrc is-live=true ! ' + GRAY)
        events = []
        pad = producer['sink'].get_static_pad('sink')
        pad.add_probe(Gst.PadProbeType.EVENT_UPSTREAM,
                      lambda *_: events.append(1) or Gst.PadProbeReturn.OK)
        consumer, _ = self.hold_one(producer)
        self.flood(consumer, peer.extension(EXT_UPSTREAM, b'GstForceKeyUnit, '
                                            b'all-headers=(boolean)true;'))
        wait_for(lambda: events, 'the first request')
        del events[:]
        begin = time.monotonic()
        time.sleep(1)
        took = time.monotonic() - begin
        self.assertLess(len(events), 40 * took + 40)

    def test_flood_of_connections_is_told_of_now_and_then(self):
        producer = self.produce('videotestsrc is-live=true ! ' + GRAY,
                                'max-clients=1')
        self.greet(producer)
        begin = time.monotonic()
        for _ in range(300):
            extra = peer.connect(self.path)
            extra.is_closed_by_peer()
            extra.close()
        took = time.monotonic() - begin
        self.assertLess(producer.count('consumer-refused'), 2 + took)


class Others(HostileCase):
    def test_frame_of_another_consumer_is_not_released(self):
        producer = self.produce_app(options='max-outstanding=1')
        consumers = [self.greet(producer) for _ in range(2)]
        self.push(producer, b'x' * SIZE)
        ids = []
        for consumer in consumers:
            message = consumer.receive_until(lambda m: m.kind == peer.EXT_BUFFER)
            message.close()
            ids.append(message.own_buffer()[0])
        for _ in range(3):
            consumers[0].record(peer.release(ids[:1]))
        wait_for(lambda: producer.total('bad-returns') == 2, 'bad returns')
        self.assertEqual(producer.outstanding(), 1)

    def test_half_a_message_keeps_nobody(self):
        producer = self.produce('videotestsrc is-live=true ! ' + GRAY)
        half = self.greet(producer)
        half.record(struct.pack('>I', 52))
        other = self.consume()
        for _ in range(5):
            other.sample()
        self.assertLess(producer.stop(), 0.5)

    def test_consumer_cannot_write_what_the_others_see(self):
        producer = self.produce('videotestsrc is-live=true ! ' + GRAY)
        consumer = self.greet(producer)
        message = consumer.receive_until(lambda m: m.kind == peer.EXT_BUFFER
                                         and m.fds)
        fd = message.fds[0]
        size = os.fstat(fd).st_size
        with mmap.mmap(fd, size, prot=mmap.PROT_READ) as seen:
            self.assertGreater(len(set(seen[:SIZE])), 1)
        with self.assertRaises(PermissionError):
            mmap.mmap(fd, size, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        with self.assertRaises(PermissionError):
            os.pwrite(fd, b'x', 0)
        message.close()

    def test_stale_socket_of_another_user_is_not_removed(self):
        if os.geteuid() != 0:
            self.skipTest('only root can make one')
        listener = peer.Listener(self.path)
        listener.sock.close()
        os.chown(self.path, 12345, 12345)
        pipeline = self.run_src()
        pipeline.wait(Gst.MessageType.ERROR)
        self.assertTrue(os.path.exists(self.path))
        pipeline.stop()
        os.chown(self.path, 0, 0)
        self.run_src()
        wait_for(lambda: os.stat(self.path).st_mode & 0o777 == 0o600, 'listens')


    def test_consumer_that_gives_back_unread_does_not_block_for_ever(self):
        producer = self.produce('videotestsrc ! ' + GRAY,
                                'policy=block client-timeout=300000000')
        consumer = self.greet(producer)
        consumer.sock.setblocking(False)
        # It does not read the ids, but they are easily guessed.
        guesses = [peer.release(range(at, at + 16)) for at in range(1, 4096, 16)]

        def guess():
            for record in guesses:
                try:
                    consumer.record(record)
                except OSError:
                    break
            return producer.count('consumer-lost')
        wait_for(guess, 'consumer lost')
        reason = producer.has(Gst.MessageType.ELEMENT, 'consumer-lost')
        self.assertEqual(reason.get_structure().get_string('reason'),
                         'client-timeout')

    def test_abstract_address_is_for_this_user_only(self):
        if os.geteuid() != 0:
            self.skipTest('only root can become another')
        name = 'qti-hostile-%d' % os.getpid()
        producer = self.run_pipeline(
            'videotestsrc is-live=true ! %s ! qtisocketsink name=sink '
            'listen=true async=false socket=unix-abstract:%s' % (GRAY, name))
        script = ('import os, socket; os.setuid(12345); '
                  's = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); '
                  's.connect("\\0%s"); s.recv(1)' % name)
        subprocess.run([sys.executable, '-c', script], timeout=20, check=False)
        message = producer.wait_element('consumer-refused')
        self.assertEqual(message.get_structure().get_string('reason'), 'peer-uid')
        ours = self.run_pipeline(
            'qtisocketsrc name=src listen=false socket=unix-abstract:%s ! %s'
            % (name, 'fakesink name=out'))
        ours.sample()

    def test_file_larger_than_any_frame_is_refused(self):
        consumer = self.run_src()
        producer = self.keep(peer.connect(self.path))
        size = 3 << 30
        fd = os.open(self.folder + '/file', os.O_RDWR | os.O_CREAT)
        os.ftruncate(fd, size)
        producer.send(peer.fd_count(1) + peer.info([1]) + peer.frame(
            size=size), [fd])
        os.close(fd)
        self.assertTrue(producer.is_closed_by_peer())
        consumer.wait(Gst.MessageType.WARNING)
        os.unlink(self.folder + '/file')


class Paused(HostileCase):
    def test_caps_outlive_many_events_while_paused(self):
        consumer = self.run_src()
        producer = self.keep(peer.connect(self.path))
        producer.record(peer.hello(role=1))
        wait_for(lambda: consumer.stat('src', 'stats', 'is-connected'), 'there')
        consumer.pause()
        producer.record(peer.extension(peer.EXT_CAPS, GRAY.encode()))
        for kind, body in ((EXT_TAG, struct.pack('<I', 1) + b'taglist, title=x;'),
                           (EXT_GAP, struct.pack('<QQ', 0, 1))):
            for _ in range(1500):
                producer.record(peer.extension(kind, body))
        consumer.play()
        producer.record(peer.inline_buffer(1, b'x' * 256))
        sample = consumer.sample()
        self.assertIn('GRAY8', sample.get_caps().to_string())


class Layouts(HostileCase):
    """Of 4096 bytes: elements that read a picture believe its layout."""
    SIZE = 4096

    def begin(self, fmt):
        consumer = self.run_src()
        producer = self.keep(peer.connect(self.path))
        producer.record(peer.hello(role=1))
        producer.record(peer.extension(peer.EXT_CAPS, (
            'video/x-raw,format=%s,width=192,height=8,framerate=30/1'
            % fmt).encode()))
        return consumer, producer

    def arrives(self, fmt, planes, width=192, height=8):
        """Whether the layout does, with the frame."""
        consumer, producer = self.begin(fmt)
        offsets, strides = zip(*planes)
        none = (0,) * (4 - len(planes))
        item = struct.pack('<II6I4Q4i8I', 1, 104, 0,
                           int(GstVideo.VideoFormat.from_string(fmt)), 0, width,
                           height, len(planes), *offsets, *none, *strides, *none,
                           *(0,) * 8)
        record = peer.inline_buffer(1, bytes(self.SIZE))[12:] + item
        producer.record(peer.extension(peer.EXT_BUFFER, record))
        buffer = consumer.sample().get_buffer()
        self.assertEqual(buffer.get_size(), self.SIZE)
        consumer.stop()
        return GstVideo.buffer_get_video_meta(buffer) is not None

    def test_packed_groups_of_pixels(self):
        self.assertTrue(self.arrives('v210', [(0, 512)]))
        for plane in (1, 512), (0, 513), (0, 600), (512, -512), (0, -512):
            self.assertFalse(self.arrives('v210', [plane]), plane)
        self.assertTrue(self.arrives('v210', [(7 * 512, -512)]))

    def test_pixels_that_share_what_follows_them(self):
        self.assertTrue(self.arrives('YUY2', [(0, 512)], width=255))
        self.assertTrue(self.arrives('YUY2', [(4, 512)], width=254))
        self.assertFalse(self.arrives('YUY2', [(2, 512)], width=255))

    def test_more_rows_or_columns_than_there_are(self):
        self.assertFalse(self.arrives('v210', [(0, 512)], height=9))
        self.assertFalse(self.arrives('v210', [(0, 512)], width=193))
        self.assertTrue(self.arrives('GRAY8', [(0, 512)]))
        self.assertFalse(self.arrives('GRAY8', [(0, 512)], height=16))
        self.assertFalse(self.arrives('GRAY8', [(0, 512)], height=0x7fffffff))
        self.assertFalse(self.arrives('GRAY8', [(0, -0x80000000)]))

    def test_tiles(self):
        tile = 0x10000
        self.assertTrue(self.arrives('NV12_4L4', [(0, 48 + 2 * tile),
                                                  (1536, 48 + tile)]))
        for planes in ([(0, 1 + tile), (1536, 48 + tile)],
                       [(0, 48 + tile), (1536, 48 + tile)],
                       [(0, 48 + 2 * tile), (4000, 48 + tile)],
                       [(0, 0xffff + 0x7fff * tile), (1536, 48 + tile)]):
            self.assertFalse(self.arrives('NV12_4L4', planes), planes)

    def test_palette(self):
        self.assertTrue(self.arrives('RGB8P', [(0, 192), (1536, 4)]))
        self.assertFalse(self.arrives('RGB8P', [(0, 192), (4000, 4)]))


class Descriptors(HostileCase):
    def spent(self):
        """CPU seconds of a second in which somebody waits to be let in while no
        descriptor is left."""
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        waiting = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        extras = [os.dup(waiting.fileno())]
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (extras[0] + 1, limits[1]))
            with self.assertRaises(OSError):
                while True:
                    extras.append(os.dup(waiting.fileno()))
            waiting.connect(self.path)
            before = time.process_time()
            time.sleep(1)
            return time.process_time() - before
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            for fd in extras:
                os.close(fd)
            waiting.close()

    def test_sink_without_descriptors_left_does_not_spin(self):
        producer = self.produce_app()
        self.connected(producer, 0)
        self.assertLess(self.spent(), 0.3)
        self.greet(producer)

    def test_source_without_descriptors_left_does_not_spin(self):
        consumer = self.run_src()
        wait_for(lambda: os.path.exists(self.path), 'listens')
        self.assertLess(self.spent(), 0.3)
        producer = self.keep(peer.connect(self.path))
        producer.record(peer.hello(role=1))
        wait_for(lambda: consumer.stat('src', 'stats', 'is-connected'), 'served')


if __name__ == '__main__':
    unittest.main()
