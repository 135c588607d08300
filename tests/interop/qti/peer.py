# SPDX-License-Identifier: LGPL-2.1-or-later
"""The raw protocol of qtisocketsink and qtisocketsrc, from its description.

Here: payloads as bytes, and a peer for either element that sends and receives
single records, right or wrong.
Not here: GStreamer; what a test expects.
"""
import array
import fcntl
import os
import socket
import struct
import time

DEADLINE = float(os.environ.get('QTI_DEADLINE', '20'))
NONE = 0xFFFFFFFFFFFFFFFF
MAGIC = 0x31585347
(EOS, DISCONNECT, INFO, FRAME, TENSOR, TEXT, RETURN, FD_COUNT, PROTECTION, ROI,
 CLASSIFICATION, LANDMARKS) = range(12)
SIZES = {EOS: 4, DISCONNECT: 4, INFO: 72, FRAME: 88, TENSOR: 60, TEXT: 1044,
         RETURN: 44, FD_COUNT: 8, PROTECTION: 1044, ROI: 588,
         CLASSIFICATION: 9876, LANDMARKS: 4140}
NV12, I420, GRAY8 = 23, 2, 25

F_ADD_SEALS, F_GET_SEALS = 1033, 1034
SEAL_SEAL, SEAL_SHRINK, SEAL_GROW = 1, 2, 4


def memfd(data, seals=SEAL_SHRINK | SEAL_GROW | SEAL_SEAL, size=None,
          allow_sealing=True):
    flags = os.MFD_CLOEXEC | (os.MFD_ALLOW_SEALING if allow_sealing else 0)
    fd = os.memfd_create('peer', flags)
    os.write(fd, data)
    if size is not None:
        os.ftruncate(fd, size)
    if seals and allow_sealing:
        fcntl.fcntl(fd, F_ADD_SEALS, seals)
    return fd


def signal(identity):
    return struct.pack('<I', identity)


def fd_count(n):
    return struct.pack('<Ii', FD_COUNT, n)


def info(ids, pts=0, duration=NONE, pool=1, dts=NONE):
    ids = list(ids) + [0] * (10 - len(ids))
    return struct.pack('<I10iQQQi', INFO, *ids, pts, dts, duration, pool)


def frame(width=16, height=16, fmt=GRAY8, planes=1, offsets=(0,), strides=(16,),
          size=256, maxsize=None, flags=0):
    offsets = list(offsets) + [0] * (4 - len(offsets))
    strides = list(strides) + [0] * (4 - len(strides))
    return struct.pack('<IIIII4Q4iIQQ', FRAME, width, height, fmt, planes,
                       *offsets, *strides, flags, size,
                       size if maxsize is None else maxsize)


def tensor(dims=(1, 4), kind=2, size=4, maxsize=None, n_dims=None):
    padded = list(dims) + [0] * (8 - len(dims))
    return struct.pack('<III8IQQ', TENSOR, kind,
                       len(dims) if n_dims is None else n_dims, *padded, size,
                       size if maxsize is None else maxsize)


def text(data, size=None, maxsize=None):
    size = len(data) if size is None else size
    return struct.pack('<I1024sQQ', TEXT, data, size,
                       size if maxsize is None else maxsize)


def protection(structure, size=None):
    data = structure.encode() + b'\0'
    return struct.pack('<I1024sQQ', PROTECTION, data,
                       len(data) if size is None else size, 1024)


def params(value):
    data = value.encode() + b'\0' if value else b''
    return struct.pack('<256sQ', data, len(data))


def roi(label=b'car', x=1, y=2, w=3, h=4, detection='', xtra=''):
    return (struct.pack('<I32siiIIII', ROI, label, 7, -1, x, y, w, h)
            + params(detection) + params(xtra))


def classification(names=(b'cat',), n=None):
    labels = b''.join(struct.pack('<32sdI', name, 0.5, 0xFF0000FF) + params('')
                      for name in names)
    labels += b'\0' * (308 * (32 - len(names)))
    return (struct.pack('<Ii', 3, -1).join([signal(CLASSIFICATION), labels])
            + struct.pack('<Q', len(names) if n is None else n))


def landmarks(points=((b'nose', 5, -5),), links=(), n=None, n_links=None):
    kps = b''.join(struct.pack('<32sdIii', name, 0.25, 1, x, y)
                   for name, x, y in points)
    kps += b'\0' * (52 * (64 - len(points)))
    lks = b''.join(struct.pack('<II', *link) for link in links)
    lks += b'\0' * (8 * (64 - len(links)))
    return (struct.pack('<IIid', LANDMARKS, 4, -1, 0.75) + kps
            + struct.pack('<Q', len(points) if n is None else n) + lks
            + struct.pack('<Q', len(links) if n_links is None else n_links)
            + params(''))


def returned(ids, n=None):
    padded = list(ids)[:10] + [0] * (10 - len(ids))
    return (fd_count(len(ids) if n is None else n)
            + struct.pack('<I10i', RETURN, *padded))


def extension(kind, body=b'', length=None):
    return struct.pack('<IIHH', MAGIC, len(body) + 12 if length is None
                       else length, 1, kind) + body


TAKES_JOINED = 1


def hello(role=0, window=8, features=0):
    return extension(1, struct.pack('<IIII', features, role, window, 0))


def inline_buffer(id_, data, offset=0):
    """A buffer of ours whose bytes are in the record."""
    none = (1 << 64) - 1
    return extension(EXT_BUFFER, struct.pack(
        '<IIII5QIIQQQ', 0, 1, 0, 0, none, none, none, offset, none,
        id_, 1, 0, len(data), len(data)) + data + bytes(-len(data) % 8))


def release(ids):
    return extension(EXT_RELEASE, struct.pack('<I%dI' % len(ids), len(ids), *ids))


def split(record):
    """The messages of ours that one record holds."""
    messages = []
    while record:
        length, = struct.unpack_from('<I', record, 4)
        messages.append(Message(record[:length], []))
        record = record[length:]
    return messages


class Message:
    """A message taken apart; payloads is {identity: [bytes]}."""

    def __init__(self, data, fds):
        self.data = data
        self.fds = fds
        self.payloads = {}
        self.extension = None
        at = 0
        while at + 4 <= len(data):
            identity, = struct.unpack_from('<I', data, at)
            if identity not in SIZES:
                self.extension = data[at:]
                break
            body = data[at:at + SIZES[identity]]
            assert len(body) == SIZES[identity], 'payload crosses the end'
            self.payloads.setdefault(identity, []).append(body)
            at += len(body)

    def has(self, identity):
        return identity in self.payloads

    @property
    def kind(self):
        return (struct.unpack_from('<IIHH', self.extension)[3]
                if self.extension else None)

    @property
    def n_fds(self):
        if not self.has(FD_COUNT):
            return 0
        return struct.unpack('<Ii', self.payloads[FD_COUNT][0])[1]

    @property
    def ids(self):
        return struct.unpack_from('<10i', self.payloads[INFO][0], 4)

    @property
    def pool(self):
        return struct.unpack_from('<i', self.payloads[INFO][0], 68)[0]

    @property
    def pts(self):
        return struct.unpack_from('<Q', self.payloads[INFO][0], 44)[0]

    @property
    def returned(self):
        ids = struct.unpack_from('<10i', self.payloads[RETURN][0], 4)
        return list(ids[:self.n_fds])

    def frame(self, i=0):
        v = struct.unpack('<IIIII4Q4iIQQ', self.payloads[FRAME][i])
        return dict(width=v[1], height=v[2], format=v[3], planes=v[4],
                    offsets=v[5:9], strides=v[9:13], size=v[14], maxsize=v[15])

    def own_buffer(self):
        """Id of the first block, and the buffer's offset."""
        body = self.extension[12:]
        return (struct.unpack_from('<I', body, 56)[0],
                struct.unpack_from('<Q', body, 40)[0])

    def released(self):
        n, = struct.unpack_from('<I', self.extension, 12)
        return list(struct.unpack_from('<%dI' % n, self.extension, 16))

    def text(self):
        body = self.payloads[TEXT][0]
        size, maxsize = struct.unpack_from('<QQ', body, 1028)
        return body[4:4 + size], maxsize

    def close(self):
        for fd in self.fds:
            os.close(fd)
        self.fds = []


EXT_HELLO, EXT_KEEPALIVE, EXT_BUFFER, EXT_RELEASE = 1, 2, 3, 4
EXT_CAPS, EXT_EOS = 17, 21


class Closed(Exception):
    pass


class Connection:
    def __init__(self, sock, legacy=False):
        self.sock = sock
        self.legacy = legacy
        self.sock.settimeout(DEADLINE)

    def record(self, data, fds=()):
        ancillary = []
        if fds:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                          array.array('i', fds))]
        self.sock.sendmsg([data], ancillary)

    def send(self, data, fds=()):
        if not self.legacy:
            self.record(struct.pack('>I', len(data)))
        self.record(data, fds)

    def receive_record(self):
        try:
            data, anc, flags, _ = self.sock.recvmsg(
                1 << 18, socket.CMSG_SPACE(64 * 4), socket.MSG_CMSG_CLOEXEC)
        except ConnectionError:
            raise Closed
        fds = array.array('i')
        for level, kind, cdata in anc:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(cdata[:len(cdata) - len(cdata) % fds.itemsize])
        if not data:
            raise Closed
        return data, list(fds)

    def receive(self):
        data, fds = self.receive_record()
        if len(data) == 4 and struct.unpack('>I', data)[0] in range(4, 1 << 24):
            size, = struct.unpack('>I', data)
            data, fds = self.receive_record()
            assert len(data) == size, 'length %d, body %d' % (size, len(data))
        return Message(data, fds)

    def receive_until(self, want):
        """The next message that want () takes; the others are dropped."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            msg = self.receive()
            if want(msg):
                return msg
            msg.close()
        raise AssertionError('no such message came')

    def receive_buffer(self):
        return self.receive_until(lambda m: m.has(INFO))

    def receive_return(self, n=1):
        ids = []
        while len(ids) < n:
            ids += self.receive_until(lambda m: m.has(RETURN)).returned
        return ids

    def is_closed_by_peer(self):
        try:
            while True:
                self.receive().close()
        except Closed:
            return True
        except socket.timeout:
            return False

    def close(self):
        self.sock.close()


def connect(path, legacy=False):
    """As a sink does: again and again until somebody listens."""
    end = time.monotonic() + DEADLINE
    while True:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            sock.connect(path)
            return Connection(sock, legacy)
        except OSError:
            sock.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


class Listener:
    def __init__(self, path):
        self.path = path
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.bind(path)
        self.sock.listen(3)
        self.sock.settimeout(DEADLINE)

    def accept(self, legacy=False):
        return Connection(self.sock.accept()[0], legacy)

    def close(self):
        self.sock.close()
        if os.path.exists(self.path):
            os.unlink(self.path)
