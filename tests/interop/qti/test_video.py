# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures of every layout, from our sink to our source.

Here: that all of GstVideoMeta and every byte arrive, whatever memories a frame
is made of. Not here: other metas (tests/check/elements/qtisocket.c), the raw
protocol (test_src.py, test_sink.py).
"""
import os
import unittest

from harness import Gst, GstAllocators, GstVideo
import peer
from test_pair import PairCase

PAGE = 4096


def describe(meta):
    """All fields of a GstVideoMeta but its alignment, which Python cannot set
    (tests/check/elements/qtisocket.c does)."""
    planes = range(meta.n_planes)
    return dict(
        flags=int(meta.flags), format=int(meta.format), id=meta.id,
        width=meta.width, height=meta.height, n_planes=meta.n_planes,
        offset=[meta.offset[i] for i in planes],
        stride=[meta.stride[i] for i in planes])


def metas(buffer):
    """What is said of each picture in a buffer, by id."""
    found = []
    for i in range(8):
        meta = GstVideo.buffer_get_video_meta_id(buffer, i)
        if meta is not None:
            found.append(describe(meta))
    return found


def pattern(size):
    return bytes((i * 7 + i // 251) & 255 for i in range(size))


class VideoCase(PairCase):
    def tearDown(self):
        self.producer = self.consumer = None
        super().tearDown()

    def play_video(self, fmt, width, height, extra='', features=''):
        self.producer = self.produce_app(
            'video/x-raw%s,format=%s,width=%d,height=%d,framerate=30/1%s'
            % (features, fmt, width, height, extra))
        self.consumer = self.consume()

    def cross(self, buffer):
        """What arrives for buffer: the same bytes and pictures. Its memory."""
        expected = metas(buffer)
        data = buffer.extract_dup(0, buffer.get_size())
        self.assertEqual(self.producer['in'].emit('push-buffer', buffer),
                         Gst.FlowReturn.OK)
        got = self.consumer.sample().get_buffer()
        self.assertEqual(metas(got), expected)
        self.assertEqual(got.extract_dup(0, got.get_size()), data)
        self.assertIsNone(self.consumer.has(Gst.MessageType.WARNING))
        return got

    def add_meta(self, buffer, fmt, width, height, offsets, strides, flags=0):
        return GstVideo.buffer_add_video_meta_full(
            buffer, GstVideo.VideoFrameFlags(flags), fmt, width, height,
            len(offsets), list(offsets) + [0] * (4 - len(offsets)),
            list(strides) + [0] * (4 - len(strides)))

    def system_buffer(self, size):
        return Gst.Buffer.new_wrapped(pattern(size))

    def memfd_memory(self, data, offset=0):
        """Of a file that may travel; data is at offset in it."""
        fd = peer.memfd(b'\xee' * offset + data)
        memory = GstAllocators.FdAllocator.alloc(
            GstAllocators.FdAllocator.new(), fd, offset + len(data),
            GstAllocators.FdMemoryFlags.NONE)
        memory.resize(offset, len(data))
        return memory

    def memfd_buffer(self, size, offset=0):
        buffer = Gst.Buffer.new()
        buffer.append_memory(self.memfd_memory(pattern(size), offset))
        return buffer

    def copied(self):
        return self.producer.total('copied-bytes')


class Meta(VideoCase):
    def test_odd_strides_and_gaps(self):
        self.play_video('I420', 130, 70)
        for make in self.system_buffer, self.memfd_buffer:
            buffer = make(40000)
            self.add_meta(buffer, GstVideo.VideoFormat.I420, 130, 70,
                          (101, 20001, 30003), (133, 67, 91))
            self.cross(buffer)

    def test_planes_in_another_order(self):
        self.play_video('NV12', 130, 70)
        buffer = self.memfd_buffer(40000)
        self.add_meta(buffer, GstVideo.VideoFormat.NV12, 130, 70, (10000, 0),
                      (256, 132))
        self.cross(buffer)

    def test_last_row_without_its_padding(self):
        self.play_video('NV12', 130, 70)
        buffer = self.memfd_buffer(70 * 256 + 34 * 256 + 130)
        self.add_meta(buffer, GstVideo.VideoFormat.NV12, 130, 70, (0, 70 * 256),
                      (256, 256))
        self.cross(buffer)

    def test_picture_from_the_bottom_up(self):
        self.play_video('GRAY8', 130, 70)
        buffer = self.memfd_buffer(70 * 160)
        self.add_meta(buffer, GstVideo.VideoFormat.GRAY8, 130, 70, (69 * 160,),
                      (-160,))
        self.cross(buffer)

    def test_larger_picture_than_the_caps_say(self):
        self.play_video('GRAY8', 130, 70)
        buffer = self.memfd_buffer(160 * 80)
        self.add_meta(buffer, GstVideo.VideoFormat.GRAY8, 160, 80, (0,), (160,))
        self.cross(buffer)

    def test_flags(self):
        self.play_video('GRAY8', 256, 64)
        for flags in (1, 2 | 1, 4 | 1, 8, 16, 32, 128 | 256):
            buffer = self.memfd_buffer(256 * 64)
            self.add_meta(buffer, GstVideo.VideoFormat.GRAY8, 256, 64, (0,),
                          (256,), flags)
            self.cross(buffer)

    def test_one_field_to_a_buffer(self):
        self.play_video('NV12', 320, 240, ',interlace-mode=alternate',
                        '(format:Interlaced)')
        buffer = self.memfd_buffer(384 * 120 + 384 * 60)
        self.add_meta(buffer, GstVideo.VideoFormat.NV12, 320, 240,
                      (0, 384 * 120), (384, 384))
        self.cross(buffer)

    def test_two_pictures_in_a_buffer(self):
        self.play_video('GRAY8', 100, 50)
        buffer = self.memfd_buffer(30000)
        for i in range(2):
            meta = self.add_meta(buffer, GstVideo.VideoFormat.GRAY8, 100, 50,
                                 (i * 15000,), (128,))
            meta.id = i
        self.assertEqual(len(metas(self.cross(buffer))), 2)

    def test_formats_of_tiles_and_of_packed_groups(self):
        for fmt in ('NV12_64Z32', 'NV12_4L4', 'NV12_32L32', 'NV12_16L32S', 'v210', 'UYVP',
                    'NV12_10LE32', 'NV12_10LE40', 'GRAY10_LE32', 'RGB8P', 'A420_10LE',
                    'Y412_LE', 'AV12', 'YUV9', 'IYU1', 'NV16_10LE32', 'r210', 'AYUV64'):
            with self.subTest(format=fmt):
                self.play_video(fmt, 192, 96)
                info = GstVideo.VideoInfo()
                number = GstVideo.VideoFormat.from_string(fmt)
                self.assertTrue(info.set_format(number, 192, 96))
                n = info.finfo.n_planes
                buffer = self.memfd_buffer(info.size + 128)
                self.add_meta(buffer, number, 192, 96,
                              [offset + 128 for offset in info.offset[:n]],
                              info.stride[:n])
                try:
                    self.cross(buffer)
                finally:
                    self.consumer.stop()
                    self.producer.stop()

    def test_no_meta(self):
        self.play_video('GRAY8', 256, 64)
        for buffer in (self.system_buffer(256 * 64), self.memfd_buffer(256 * 64),
                       self.memfd_buffer(256 * 64, PAGE)):
            self.assertEqual(metas(self.cross(buffer)), [])


class Memories(VideoCase):
    PLANES = (130 * 70, 65 * 35, 65 * 35)

    def planes_of(self, memories):
        buffer = Gst.Buffer.new()
        offsets = [0, self.PLANES[0], self.PLANES[0] + self.PLANES[1]]
        for memory in memories:
            buffer.append_memory(memory)
        self.add_meta(buffer, GstVideo.VideoFormat.I420, 130, 70, offsets,
                      (130, 65, 65))
        return buffer

    def test_planes_in_memories_of_their_own(self):
        self.play_video('I420', 130, 70)
        got = self.cross(self.planes_of(
            [self.memfd_memory(pattern(size), i * PAGE)
             for i, size in enumerate(self.PLANES)]))
        self.assertEqual(got.n_memory(), 3)
        self.assertEqual(self.copied(), 0)

    def test_memory_of_two_kinds_is_copied(self):
        self.play_video('I420', 130, 70)
        self.cross(self.planes_of(
            [self.memfd_memory(pattern(self.PLANES[0])),
             self.memory(pattern(self.PLANES[1])),
             self.memory(pattern(self.PLANES[2]))]))
        self.assertEqual(self.copied(), sum(self.PLANES))

    def parts_of_one(self, memory):
        """Memories that share one."""
        parts, at = [], 0
        for size in self.PLANES:
            parts.append(memory.share(at, size))
            at += size
        return parts

    def test_planes_in_parts_of_a_memory(self):
        self.play_video('I420', 130, 70)
        memory = self.memfd_memory(pattern(sum(self.PLANES)), PAGE)
        for _ in range(5):
            self.cross(self.planes_of(self.parts_of_one(memory)))
        self.assertEqual(self.copied(), 0)
        self.assertEqual(self.consumer.stat('src', 'stats', 'descriptors'), 1)

    def duplicates(self, fd):
        """Memories with a descriptor each of the same file, as V4L2 and
        libcamera hand them out."""
        memories, at = [], 0
        for size in self.PLANES:
            memory = GstAllocators.FdAllocator.alloc(
                GstAllocators.FdAllocator.new(), os.dup(fd), sum(self.PLANES),
                GstAllocators.FdMemoryFlags.NONE)
            memory.resize(at, size)
            memories.append(memory)
            at += size
        return memories

    def test_planes_in_duplicates_of_a_descriptor(self):
        self.play_video('I420', 130, 70)
        fd = peer.memfd(pattern(sum(self.PLANES)))
        memories = self.duplicates(fd)
        os.close(fd)
        for _ in range(5):
            self.cross(self.planes_of(memories))
        self.assertEqual(self.copied(), 0)
        del memories
        # One of them goes, the others come again.
        self.assertEqual(self.consumer.stat('src', 'stats', 'connected'), 1)

    def test_one_duplicate_goes_and_the_others_come_again(self):
        self.play_video('GRAY8', 256, 64)
        fd = peer.memfd(pattern(2 * 256 * 64))
        for i in range(6):
            memory = GstAllocators.FdAllocator.alloc(
                GstAllocators.FdAllocator.new(), os.dup(fd), 2 * 256 * 64,
                GstAllocators.FdMemoryFlags.NONE)
            memory.resize(i % 2 * 256 * 64, 256 * 64)
            kept = memory if i == 0 else kept
            for one in memory, kept:
                buffer = Gst.Buffer.new()
                buffer.append_memory(one)
                self.cross(buffer)
            del memory, one, buffer
        del kept
        os.close(fd)
        self.assertEqual(self.consumer.stat('src', 'stats', 'connected'), 1)

    def test_more_memories_than_a_consumer_keeps(self):
        self.play_video('GRAY8', 256, 64)
        memories = [self.memfd_memory(bytes([i & 255]) * (256 * 64))
                    for i in range(300)]
        for _ in range(2):
            for memory in memories:
                buffer = Gst.Buffer.new()
                buffer.append_memory(memory)
                self.cross(buffer)
        self.assertEqual(self.consumer.stat('src', 'stats', 'connected'), 1)
        self.assertEqual(self.copied(), 0)


if __name__ == '__main__':
    unittest.main()
