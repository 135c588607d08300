# SPDX-License-Identifier: LGPL-2.1-or-later
"""Messages of our own format with values that no sender of ours would choose.

Here: that a process which receives them goes on, with every complaint of the
libraries taken as fatal. The seed is fixed; "test_mutations.py SEED SECONDS"
tries another for longer. Not here: bytes that are no message (tests/fuzz).
"""
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import peer

NUMBERS = [0, 1, 2, 3, 16, 256, 0x7fffffff, 0x80000000, 0xffffffff]
LONG_NUMBERS = [0, 1, 2, 4096, 1 << 32, 10**9, 10**18, (1 << 63) - 1, 1 << 63,
                (1 << 64) - 1]
CAPS = [b'video/x-raw,format=GRAY8,width=16,height=16,framerate=30/1',
        b'video/x-raw,format=NV12,width=16,height=16,interlace-mode=alternate',
        b'audio/x-raw,format=S16LE,rate=8000,channels=2,layout=interleaved',
        b'audio/x-raw,format=S16LE,rate=8000,channels=2,layout=non-interleaved',
        b'neural-network/tensors,type=UINT8', b'EMPTY', b'ANY', b'a/b', b'\xff',
        b'video/x-raw,format={A,B}']
TEXTS = [b'', b'x', b'\xff', b'a' * 3000, b'taglist, title=x;', b'taglist;',
         b'taglist, title={a,b};', b'taglist, title=(int)5, nosuch=(int)3;',
         b'GstForceKeyUnit, running-time=(guint64)3;', b'abc, a=(int)3;']
(VIDEO, AUDIO, ROI, PROTECTION, CLASSIFICATION, LANDMARKS, TENSOR, CROP,
 REFERENCE_TIME) = range(1, 10)
(HELLO, KEEPALIVE, BUFFER, RELEASE, FORGET, UPSTREAM, LATENCY) = range(1, 8)
STREAM_START, CAPS_KIND, SEGMENT, TAG, GAP, EOS, CLOCK, EVENT = range(16, 24)


class Mutator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        return self.random.random() < share

    def choose(self, *values):
        return self.random.choice(values)

    def number(self, *usual):
        return self.choose(*usual, self.random.choice(NUMBERS),
                           self.random.getrandbits(32))

    def long(self, *usual):
        return self.choose(*usual, self.random.choice(LONG_NUMBERS),
                           self.random.getrandbits(64))

    def numbers(self, n, *usual):
        return struct.pack('<%dI' % n, *(self.number(*usual) for _ in range(n)))

    def longs(self, n, *usual):
        return struct.pack('<%dQ' % n, *(self.long(*usual) for _ in range(n)))

    def text(self):
        return self.random.choice(TEXTS)

    def sized_text(self):
        text = self.text()
        return struct.pack('<I', self.number(*[len(text)] * 9)) + text

    def item_bytes(self, kind):
        if kind == VIDEO:
            return (self.numbers(1) + self.numbers(1, 25, 23, 2) + self.numbers(1)
                    + self.numbers(2, 16, 16, 16) + self.numbers(1, 1, 2)
                    + self.longs(4, 0, 0) + self.numbers(4, 16, 16)
                    + self.numbers(8, 0, 0, 31))
        if kind == AUDIO:
            return (self.longs(1, 64) + self.numbers(1, 2, 2) + self.numbers(1)
                    + self.longs(self.choose(2, 64), 0))
        if kind == ROI:
            return (self.numbers(6) + self.numbers(1, 0, 1, 2)
                    + b''.join(self.sized_text() for _ in range(3)))
        if kind == CLASSIFICATION:
            return peer.classification((b'a', b'b'), n=self.long(2))
        if kind == LANDMARKS:
            return peer.landmarks(n=self.long(1), n_links=self.long(0))
        if kind == TENSOR:
            return (self.numbers(2) + self.numbers(1, 2, 8) + self.numbers(8)
                    + self.longs(2) + self.text())
        if kind == CROP:
            return self.numbers(4)
        if kind == REFERENCE_TIME:
            return self.longs(2) + self.random.choice(CAPS)
        return self.text()

    def item(self):
        kind = self.random.randrange(11)
        data = self.item_bytes(kind)
        if self.chance(.1):
            data = data[:self.random.randrange(len(data) + 1)]
        size = self.number(*[len(data)] * 9)
        return struct.pack('<II', kind, size) + data + bytes(-len(data) % 8)

    def block(self, i, fds):
        """What is said of it, and the bytes that are with it."""
        name = self.random.randrange(1, 20)
        if self.chance(.5):
            fds.append(peer.memfd(bytes(4096)) if self.chance(.9)
                       else os.memfd_create('not sealed'))
            return (1 << i, struct.pack('<II', name, 0) + self.longs(1, 0, 0)
                    + self.longs(1, 256, 4096) + self.longs(1, 4096, 4096), b'')
        if self.chance(.3):
            return 0, struct.pack('<IIQQQ', name, 0, 0, 256, 4096), b''
        size = self.choose(0, 8, 256, 4096)
        return 0, struct.pack('<IIQQQ', name, 1, 0, size, size), bytes(size)

    def buffer(self):
        fds = []
        n = self.choose(1, 1, 1, 2, 3, 16)
        fresh, blocks, data = zip(*(self.block(i, fds) for i in range(n)))
        fresh = self.number(*[sum(fresh)] * 20)
        head = struct.pack('<II', fresh, self.number(*[n] * 20))
        return (head + self.numbers(1, 0) + self.numbers(1) + self.longs(5)
                + b''.join(blocks) + b''.join(data)
                + b''.join(self.item() for _ in range(self.choose(0, 1, 1, 3)))), fds

    def body(self, kind):
        if kind == STREAM_START:
            return self.numbers(2) + self.text()
        if kind == CAPS_KIND:
            return self.random.choice(CAPS)
        if kind == SEGMENT:
            rates = struct.pack('<dd', self.choose(1.0, -1.0, .5, 1e-300, 1e5),
                                self.choose(1.0, -1.0, .5))
            return (self.numbers(1, 0) + self.numbers(1, 3, 3, 3, 2, 1, 5) + rates
                    + self.longs(7))
        if kind == TAG:
            return self.numbers(1) + self.text()
        if kind in (GAP, LATENCY, HELLO):
            return self.longs(2)
        if kind == CLOCK:
            return self.numbers(1, 0, 1, 2) + self.numbers(1) + self.longs(1)
        if kind in (FORGET, RELEASE):
            return struct.pack('<III', 2, self.number(), self.random.randrange(20))
        return self.text()

    def send(self, connection):
        kind = self.choose(*[BUFFER] * 8, STREAM_START, CAPS_KIND, SEGMENT, TAG,
                           GAP, CLOCK, EVENT, LATENCY, FORGET, HELLO, KEEPALIVE,
                           RELEASE, UPSTREAM, 99)
        data, fds = self.buffer() if kind == BUFFER else (self.body(kind), [])
        try:
            connection.record(peer.extension(kind, data), fds)
        finally:
            for fd in fds:
                os.close(fd)


class Target:
    """A process that ends at the first complaint."""

    def __init__(self, pipeline):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ['gst-launch-1.0', '-q', *pipeline.split()],
            env=dict(os.environ, G_DEBUG='fatal-criticals'),
            stdout=subprocess.DEVNULL, stderr=self.errors)

    def is_alive(self):
        return self.process.poll() is None

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors='replace')

    def close(self):
        self.process.kill()
        self.process.wait()
        self.errors.close()


def connect(path, target):
    """None when the target ends first."""
    until = time.monotonic() + peer.DEADLINE
    while target.is_alive() and time.monotonic() < until:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            sock.connect(path)
            return peer.Connection(sock)
        except OSError:
            sock.close()
            time.sleep(0.01)
    return None


def send_some(connection, mutator, begin, n=200):
    """Until the connection is closed, which is most often the answer."""
    try:
        connection.sock.settimeout(2)
        begin(connection)
        for _ in range(n):
            mutator.send(connection)
    except OSError:
        pass
    connection.close()


def begin_producer(connection):
    connection.record(peer.hello(role=1))
    connection.record(peer.extension(CAPS_KIND, CAPS[0]))


def begin_consumer(connection):
    connection.record(peer.hello())


class Mutations(unittest.TestCase):
    """A target ends only by the end or an error of its stream, as gst-launch
    says by its exit."""

    def attack(self, pipeline, begin, rounds, seed=1, seconds=60):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = folder.name + '/x.sock'
        mutator = Mutator(seed)
        target = Target(pipeline.format(path=path))
        until = time.monotonic() + seconds
        for _ in range(rounds):
            if not target.is_alive():
                code = target.process.returncode
                self.assertIn(code, (0, 1), target.said())
                target.close()
                target = Target(pipeline.format(path=path))
            connection = connect(path, target)
            if connection is not None:
                send_some(connection, mutator, begin)
            if time.monotonic() > until:
                break
        if not target.is_alive():
            self.assertIn(target.process.returncode, (0, 1), target.said())
        target.close()

    def test_source(self, rounds=150, **more):
        self.attack('qtisocketsrc socket={path} ! fakesink sync=false',
                    begin_producer, rounds, **more)

    def test_sink(self, rounds=50, **more):
        self.attack('videotestsrc is-live=true ! video/x-raw,format=GRAY8,'
                    'width=256,height=64 ! qtisocketsink socket={path} '
                    'listen=true async=false', begin_consumer, rounds, **more)


if __name__ == '__main__':
    if len(sys.argv) == 3:
        case = Mutations()
        for test in case.test_source, case.test_sink:
            test(1 << 30, seed=int(sys.argv[1]), seconds=int(sys.argv[2]))
    else:
        unittest.main()
