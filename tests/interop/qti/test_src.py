# SPDX-License-Identifier: LGPL-2.1-or-later
"""qtisocketsrc against a peer that speaks the raw protocol.

Here: what the source does with right and wrong messages. A test named bNN is
about that fault of the original. Not here: the sink (test_sink.py), our two
elements together (test_pair.py).
"""
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

from harness import (OUT, Case, Gst, GstAllocators, GstVideo, SANITIZED, count_fds,
                     resident_kib, wait_for)
import peer

PICTURE = bytes(range(256))
VIDEO = 'video/x-raw'


class SourceCase(Case):
    def begin(self, options='', then=OUT, legacy=False):
        pipeline = self.run_src(options, then)
        return pipeline, self.keep(peer.connect(self.path, legacy))

    def send_frame(self, sink, data=PICTURE, buf_id=11, pts=0, pool=1, **kw):
        fd = peer.memfd(data)
        sink.send(peer.fd_count(1) + peer.info([buf_id], pts, pool=pool)
                  + peer.frame(**kw), [fd])
        os.close(fd)

    def send_again(self, sink, buf_id=11, pts=0, **kw):
        sink.send(peer.info([buf_id], pts) + peer.frame(**kw))

    def refuses(self, data, fds=(), before=None):
        """The connection ends, and the next producer is served."""
        pipeline, sink = self.begin()
        if before:
            before(sink)
        sink.send(data, fds)
        self.assertTrue(sink.is_closed_by_peer())
        pipeline.wait(Gst.MessageType.WARNING)
        again = self.keep(peer.connect(self.path))
        self.send_frame(again, b'\x55' * 256, buf_id=99)
        while True:
            if pipeline.bytes() == b'\x55' * 256:
                return


class Works(SourceCase):
    def test_video_frame_arrives_and_goes_back(self):
        pipeline, sink = self.begin()
        self.send_frame(sink, pts=1000)
        sample = pipeline.sample()
        caps = sample.get_caps().get_structure(0)
        self.assertEqual(caps.get_name(), VIDEO)
        self.assertEqual(caps.get_value('format'), 'GRAY8')
        buffer = sample.get_buffer()
        self.assertEqual(buffer.extract_dup(0, 256), PICTURE)
        self.assertEqual(buffer.pts, 1000)
        meta = GstVideo.buffer_get_video_meta(buffer)
        self.assertEqual((meta.width, meta.height), (16, 16))
        del buffer, sample, meta
        self.assertEqual(sink.receive_return(), [11])

    def test_legacy_dialect_is_found_out(self):
        pipeline, sink = self.begin(legacy=True)
        self.send_frame(sink)
        self.assertEqual(pipeline.bytes(), PICTURE)
        returned = sink.receive_until(lambda m: m.has(peer.RETURN))
        self.assertEqual(returned.returned, [11])

    def test_known_frame_needs_no_descriptor(self):
        pipeline, sink = self.begin()
        self.send_frame(sink)
        self.assertEqual(pipeline.bytes(), PICTURE)
        sink.receive_return()
        for _ in range(20):
            self.send_again(sink)
            self.assertEqual(pipeline.bytes(), PICTURE)
            self.assertEqual(sink.receive_return(), [11])
        self.assertEqual(pipeline.stat('src', 'stats', 'descriptors'), 1)

    def test_tensors_arrive_with_their_shape(self):
        pipeline, sink = self.begin()
        fds = [peer.memfd(b'abcd'), peer.memfd(b'efghijkl')]
        sink.send(peer.fd_count(2) + peer.info([1, 2]) + peer.tensor((1, 4))
                  + peer.tensor((1, 2), 4, 8), fds)
        for fd in fds:
            os.close(fd)
        sample = pipeline.sample()
        text = sample.get_caps().to_string()
        self.assertIn('neural-network/tensors', text)
        self.assertIn('UINT8', text)
        self.assertEqual(sample.get_buffer().n_memory(), 2)
        self.assertEqual(sample.get_buffer().extract_dup(0, 12),
                         b'abcdefghijkl')
        del sample
        self.assertEqual(sorted(sink.receive_return(2)), [1, 2])

    def test_text_arrives_and_is_returned(self):
        pipeline, sink = self.begin()
        sink.send(peer.info([-1], pool=0) + peer.text(b'hello'))
        self.assertEqual(pipeline.bytes(), b'hello')
        self.assertEqual(sink.receive_return(), [-1])

    def test_metas_arrive(self):
        pipeline, sink = self.begin()
        fd = peer.memfd(PICTURE)
        sink.send(peer.fd_count(1) + peer.info([1]) + peer.frame()
                  + peer.protection('cenc, iv=(int)3')
                  + peer.roi(detection='ObjectDetection, confidence=(double)0.5')
                  + peer.classification((b'cat', b'dog')) + peer.landmarks(),
                  [fd])
        os.close(fd)
        buffer = pipeline.sample().get_buffer()
        for name in ('GstProtectionMetaAPI',
                     'GstVideoRegionOfInterestMetaAPI',
                     'GstVideoClassificationMetaAPI', 'GstVideoLandmarksMetaAPI'):
            from gi.repository import GObject
            self.assertIsNotNone(
                buffer.get_meta(GObject.type_from_name(name)), name)

    def test_metas_survive_two_relays_byte_for_byte(self):
        second, third = self.path + '2', self.path + '3'
        listener = self.keep(peer.Listener(third))
        self.run_pipeline('qtisocketsrc socket={path} ! qtisocketsink listen=true '
                          'socket=%s async=false wait-for-connection=true' % second)
        self.run_pipeline('qtisocketsrc listen=false socket=%s ! qtisocketsink '
                          'socket=%s async=false wait-for-connection=true'
                          % (second, third))
        end = self.keep(listener.accept())
        sink = self.keep(peer.connect(self.path))
        metas = {peer.PROTECTION: peer.protection('cenc, iv=(int)3;'),
                 peer.CLASSIFICATION: peer.classification((b'cat', b'dog')),
                 peer.LANDMARKS: peer.landmarks(
                     ((b'nose', 5, -5), (b'chin', 6, 7)), ((0, 1),))}
        fd = peer.memfd(PICTURE)
        sink.send(peer.fd_count(1) + peer.info([1]) + peer.frame() + peer.roi()
                  + b''.join(metas.values()), [fd])
        os.close(fd)
        got = self.keep(end.receive_buffer())
        for identity, sent in metas.items():
            self.assertEqual(got.payloads[identity], [sent])
        self.assertEqual(got.payloads[peer.ROI][0][4:60], peer.roi()[4:60])

    def test_extension_at_the_end_is_skipped(self):
        pipeline, sink = self.begin()
        fd = peer.memfd(PICTURE)
        sink.send(peer.fd_count(1) + peer.info([1]) + peer.frame()
                  + peer.extension(999, b'x' * 20), [fd])
        os.close(fd)
        self.assertEqual(pipeline.bytes(), PICTURE)

    def test_eos_ends_the_stream(self):
        pipeline, sink = self.begin()
        sink.send(peer.signal(peer.EOS))
        pipeline.wait(Gst.MessageType.EOS)

    def test_says_hello_and_disconnect(self):
        pipeline, sink = self.begin()
        self.assertEqual(sink.receive().kind, 1)
        pipeline.stop()
        sink.receive_until(lambda m: m.has(peer.DISCONNECT))

    def test_abstract_address(self):
        self.path = 'unix-abstract:qti-test-%d' % os.getpid()
        pipeline = self.run_src()
        sink = self.keep(peer.connect('\0' + self.path.split(':')[1]))
        self.send_frame(sink)
        self.assertEqual(pipeline.bytes(), PICTURE)
        self.path = os.path.join(self.folder, 'x.sock')


class PeerTrust(SourceCase):
    def test_b01_message_without_buffer_info(self):
        pipeline, sink = self.begin()
        sink.send(peer.signal(peer.DISCONNECT))
        sink.send(peer.returned([1]))
        sink.send(peer.extension(12345))
        self.send_frame(sink)
        self.assertEqual(pipeline.bytes(), PICTURE)

    def test_b01_frame_without_buffer_info(self):
        fd = peer.memfd(PICTURE)
        self.refuses(peer.fd_count(1) + peer.frame(), [fd])
        os.close(fd)

    def test_b02_sixty_blocks(self):
        self.refuses(peer.info([1]) + peer.frame() * 60)

    def test_b02_eleven_tensors(self):
        self.refuses(peer.info(range(10)) + peer.tensor() * 11)

    def test_b03_count_without_descriptors(self):
        self.refuses(peer.fd_count(1) + peer.info([1]) + peer.frame())

    def test_b03_more_descriptors_than_counted(self):
        fds = [peer.memfd(PICTURE), peer.memfd(PICTURE)]
        self.refuses(peer.fd_count(1) + peer.info([1]) + peer.frame(), fds)
        for fd in fds:
            os.close(fd)

    def test_b03_more_descriptors_than_fit(self):
        fd = peer.memfd(PICTURE)
        self.refuses(peer.fd_count(1) + peer.info([1]) + peer.frame(), [fd] * 60)
        os.close(fd)

    def test_b04_only_the_new_block_has_a_descriptor(self):
        pipeline, sink = self.begin()
        old, new = peer.memfd(b'AAAA'), peer.memfd(b'BBBB')
        sink.send(peer.fd_count(1) + peer.info([1]) + peer.tensor(), [old])
        self.assertEqual(pipeline.bytes(), b'AAAA')
        sink.receive_return()
        sink.send(peer.fd_count(1) + peer.info([1, 2]) + peer.tensor() * 2,
                  [new])
        os.close(old)
        os.close(new)
        self.assertEqual(pipeline.bytes(), b'AAAABBBB')
        self.assertEqual(sorted(sink.receive_return(2)), [1, 2])

    def test_b05_unknown_id_without_descriptor(self):
        self.refuses(peer.info([77]) + peer.frame())

    def test_b06_text_size(self):
        self.refuses(peer.info([-1], pool=0) + peer.text(b'x', size=1025))

    def test_b06_planes(self):
        fd = peer.memfd(PICTURE)
        self.refuses(peer.fd_count(1) + peer.info([1]) + peer.frame(planes=5),
                     [fd])
        os.close(fd)

    def test_b06_dimensions(self):
        fd = peer.memfd(b'abcd')
        self.refuses(peer.fd_count(1) + peer.info([1]) + peer.tensor(n_dims=9),
                     [fd])
        os.close(fd)

    def test_b06_label_and_point_counts_only_cost_the_meta(self):
        pipeline, sink = self.begin()
        fd = peer.memfd(PICTURE)
        sink.send(peer.fd_count(1) + peer.info([1]) + peer.frame()
                  + peer.classification(n=33) + peer.landmarks(n=65)
                  + peer.landmarks(n_links=65) + peer.roi(b'x' * 32)
                  + peer.protection('a', size=2000), [fd])
        os.close(fd)
        self.assertEqual(pipeline.bytes(), PICTURE)

    def test_b06_picture_beyond_its_memory(self):
        fd = peer.memfd(PICTURE)
        self.refuses(peer.fd_count(1) + peer.info([1])
                     + peer.frame(width=16, height=17), [fd])
        os.close(fd)

    def test_b07_maxsize_beyond_the_file(self):
        fd = peer.memfd(PICTURE)
        self.refuses(peer.fd_count(1) + peer.info([1])
                     + peer.frame(maxsize=1 << 20), [fd])
        os.close(fd)

    def test_b07_memfd_that_is_not_sealed_cannot_shrink(self):
        pipeline, sink = self.begin()
        fd = peer.memfd(PICTURE, seals=0)
        sink.send(peer.fd_count(1) + peer.info([1]) + peer.frame(), [fd])
        sample = pipeline.sample()
        with self.assertRaises(OSError):
            os.ftruncate(fd, 0)
        os.close(fd)
        self.assertEqual(sample.get_buffer().extract_dup(0, 256), PICTURE)

    def test_b07_file_that_shrinks_is_never_mapped(self):
        pipeline, sink = self.begin()
        fd = peer.memfd(PICTURE, allow_sealing=False)
        sink.send(peer.fd_count(1) + peer.info([1]) + peer.frame(), [fd])
        sample = pipeline.sample()
        os.ftruncate(fd, 0)
        self.assertEqual(sample.get_buffer().extract_dup(0, 256), PICTURE)
        self.send_again(sink, buf_id=1)
        self.assertTrue(sink.is_closed_by_peer())
        os.close(fd)

    def test_frame_that_costs_its_sender_nothing_is_not_copied(self):
        size = 129 << 20
        fd = peer.memfd(b'', allow_sealing=False, size=size)
        self.refuses(peer.fd_count(2) + peer.info([1, 2])
                     + peer.tensor(size=size) * 2, [fd, fd])
        os.close(fd)

    def test_b07_descriptor_that_is_no_memory(self):
        pair = socket.socketpair()
        self.refuses(peer.fd_count(1) + peer.info([1]) + peer.frame(),
                     [pair[0].fileno()])
        for end in pair:
            end.close()

    def test_b08_length_is_bounded(self):
        for length in (0, 3, peer.struct.unpack('>I', b'\xff' * 4)[0],
                       212961):
            with self.subTest(length=length):
                pipeline, sink = self.begin('dialect=current')
                sink.record(struct.pack('>I', length))
                self.assertTrue(sink.is_closed_by_peer())
                pipeline.stop()

    def test_b08_length_that_is_not_the_body(self):
        pipeline, sink = self.begin()
        sink.record(struct.pack('>I', 200))
        sink.record(peer.signal(peer.EOS))
        self.assertTrue(sink.is_closed_by_peer())
        self.assertIsNone(pipeline.has(Gst.MessageType.EOS))

    def test_b08_payload_cut_anywhere(self):
        whole = peer.info([1]) + peer.frame()
        for cut in (1, 3, 5, 71, 73, 75, 100, 159):
            with self.subTest(cut=cut):
                pipeline, sink = self.begin()
                sink.send(whole[:cut] if cut >= 4 else whole[:cut] + b'\0' * 4)
                self.assertTrue(sink.is_closed_by_peer())
                pipeline.stop()

    def test_b09_kinds_mixed_in_a_message(self):
        fd = peer.memfd(PICTURE)
        self.refuses(peer.fd_count(1) + peer.info([1, 2]) + peer.frame()
                     + peer.text(b'x'), [fd])
        os.close(fd)

    def test_b09_kind_changes_in_a_stream(self):
        self.refuses(peer.info([-1], pool=0) + peer.text(b'x'),
                     before=self.send_frame)

    def test_b11_mode_of_the_socket(self):
        self.begin()
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
        other = self.run_pipeline('qtisocketsrc socket={path}2 socket-mode=%d '
                                  '! fakesink' % 0o660)
        self.assertEqual(os.stat(self.path + '2').st_mode & 0o777, 0o660)
        other.stop()

    def test_b11_another_user_is_refused(self):
        pipeline = self.run_src('peer-uid=%d' % (os.getuid() + 1))
        sink = self.keep(peer.connect(self.path))
        self.assertTrue(sink.is_closed_by_peer())
        pipeline.wait_element('producer-refused')
        pipeline.stop()
        pipeline = self.run_src('peer-uid=%d' % os.getuid())
        sink = self.keep(peer.connect(self.path))
        self.send_frame(sink)
        self.assertEqual(pipeline.bytes(), PICTURE)


class Memory(SourceCase):
    @unittest.skipIf(SANITIZED, 'a sanitizer keeps freed memory')
    def test_b14_nothing_grows_with_messages(self):
        pipeline, sink = self.begin()
        fd = peer.memfd(PICTURE)
        metas = (peer.roi() + peer.classification() + peer.landmarks()
                 + peer.protection('a, b=(int)1'))

        def send_many(n):
            for i in range(n):
                count = peer.fd_count(1) if first else b''
                sink.send(count + peer.info([1]) + peer.frame() + metas,
                          [fd] if first else [])
                first.clear()
                pipeline.sample()
                sink.receive_return()
        first = [1]
        send_many(200)
        before = resident_kib()
        send_many(1000)
        os.close(fd)
        self.assertLess(resident_kib() - before, 4000)

    def test_b15_restart_after_use(self):
        pipeline, sink = self.begin()
        for _ in range(3):
            self.send_frame(sink)
            self.assertEqual(pipeline.bytes(), PICTURE)
            pipeline.stop()
            pipeline.play()
            pipeline.stop()
            pipeline.play()
            sink = self.keep(peer.connect(self.path))

    def test_b16_unpooled_descriptors_are_closed_once(self):
        pipeline, sink = self.begin()
        before = count_fds()
        for i in range(100):
            self.send_frame(sink, buf_id=5, pool=0)
            self.assertEqual(pipeline.bytes(), PICTURE)
            sink.receive_return()
        wait_for(lambda: count_fds() <= before + 20, 'unpooled memory is freed')
        guard = [os.open('/dev/null', os.O_RDONLY) for _ in range(20)]
        pipeline.stop()
        for fd in guard:
            os.fstat(fd)
            os.close(fd)

    def test_b16_replaced_descriptors_are_closed(self):
        pipeline, sink = self.begin()
        before = count_fds()
        for i in range(100):
            self.send_frame(sink, bytes([i]) * 256, buf_id=5)
            self.assertEqual(pipeline.bytes(), bytes([i]) * 256)
            sink.receive_return()
        wait_for(lambda: count_fds() <= before + 4, 'replaced memory is freed')

    def test_b16_descriptors_without_count_are_closed(self):
        pipeline, sink = self.begin()
        sink.receive()
        before = count_fds()
        fd = peer.memfd(PICTURE)
        for _ in range(50):
            sink.send(peer.signal(peer.DISCONNECT), [fd])
        os.close(fd)
        self.send_frame(sink)
        pipeline.bytes()
        self.assertLessEqual(count_fds(), before + 2)

    def test_b16_descriptors_do_not_survive_exec(self):
        pipeline, sink = self.begin()
        self.send_frame(sink)
        sample = pipeline.sample()
        out = subprocess.run(['ls', '/proc/self/fd'], close_fds=False,
                             capture_output=True, check=True, text=True)
        memory = sample.get_buffer().peek_memory(0)
        number = str(GstAllocators.fd_memory_get_fd(memory))
        self.assertNotIn(number, [n for n in out.stdout.split()
                                  if int(n) > 3])

    def test_b17_buffer_freed_after_stop(self):
        pipeline, sink = self.begin()
        self.send_frame(sink)
        sample = pipeline.sample()
        pipeline.stop()
        self.assertEqual(sample.get_buffer().extract_dup(0, 256), PICTURE)
        del sample
        self.assertTrue(sink.is_closed_by_peer())

    def test_b23_same_buffer_twice_in_flight(self):
        pipeline, sink = self.begin()
        self.send_frame(sink)
        self.send_again(sink)
        a, b = pipeline.sample(), pipeline.sample()
        del a
        del b
        self.assertEqual(sink.receive_return(2), [11, 11])

    def test_b24_memory_kept_without_its_buffer(self):
        pipeline, sink = self.begin()
        self.send_frame(sink)
        memory = pipeline.sample().get_buffer().get_memory(0)
        part = memory.share(16, 16)
        del memory
        # A second frame comes back; the first does not.
        self.send_frame(sink, buf_id=12)
        pipeline.sample()
        self.assertEqual(sink.receive_return(), [12])
        del part
        self.assertEqual(sink.receive_return(), [11])

    def test_b41_memfd_is_no_dmabuf(self):
        pipeline, sink = self.begin()
        self.send_frame(sink)
        memory = pipeline.sample().get_buffer().peek_memory(0)
        self.assertTrue(GstAllocators.is_fd_memory(memory))
        self.assertFalse(GstAllocators.is_dmabuf_memory(memory))

    def test_received_memory_is_read_only(self):
        pipeline, sink = self.begin()
        fd = peer.memfd(PICTURE)
        sink.send(peer.fd_count(1) + peer.info([1]) + peer.frame(), [fd])
        buffer = pipeline.sample().get_buffer()
        # Who wants to write has to copy.
        written = buffer.peek_memory(0).map(Gst.MapFlags.WRITE)[0]
        self.assertFalse(written)
        os.close(fd)


class Data(SourceCase):
    def test_b21_same_id_with_other_memory(self):
        pipeline, sink = self.begin()
        for i in range(10):
            self.send_frame(sink, bytes([i]) * 256, buf_id=5, pts=i)
            self.assertEqual(pipeline.bytes(), bytes([i]) * 256)

    def test_b25_tensors_can_be_told_apart(self):
        from gi.repository import GObject
        pipeline, sink = self.begin()
        fds = [peer.memfd(b'abcd') for _ in range(3)]
        sink.send(peer.fd_count(3) + peer.info([1, 2, 3]) + peer.tensor() * 3,
                  fds)
        for fd in fds:
            os.close(fd)
        buffer = pipeline.sample().get_buffer()
        self.assertEqual(
            buffer.get_n_meta(GObject.type_from_name('GstMLTensorMetaAPI')), 3)

    def test_b26_size_change_changes_the_caps(self):
        pipeline, sink = self.begin()
        self.send_frame(sink)
        pipeline.sample()
        self.send_frame(sink, buf_id=12, width=8, strides=(8,), height=8)
        caps = pipeline.sample().get_caps().get_structure(0)
        self.assertEqual(caps.get_value('width'), 8)

    def test_b27_first_buffer_is_now(self):
        pipeline, sink = self.begin()
        self.send_frame(sink, pts=3600 * Gst.SECOND)
        sample = pipeline.sample()
        running = sample.get_segment().to_running_time(
            Gst.Format.TIME, sample.get_buffer().pts)
        self.assertLess(running, 30 * Gst.SECOND)

    def test_caps_come_from_downstream_where_open(self):
        pipeline, sink = self.begin(
            then='video/x-raw(memory:GBM),framerate=30/1 ! ' + OUT)
        self.send_frame(sink)
        caps = pipeline.sample().get_caps()
        self.assertIn('memory:GBM', caps.to_string())
        self.assertIn('30/1', caps.to_string())

    def test_media_that_does_not_suit_is_an_error(self):
        pipeline, sink = self.begin(then='video/x-raw,format=NV12 ! fakesink')
        self.send_frame(sink)
        error = pipeline.wait(Gst.MessageType.ERROR).parse_error()[0]
        self.assertTrue(error.matches(Gst.CoreError.quark(),
                                      Gst.CoreError.NEGOTIATION))
        self.assertIn(self.path, error.message)


class Life(SourceCase):
    def test_b19_returns_from_many_threads_stay_whole(self):
        pipeline, sink = self.begin(
            then='tee name=t ! queue ! fakesink sync=false t. ! queue ! '
                 'fakesink sync=false t. ! queue ! fakesink sync=false')
        n = 500
        fds = [peer.memfd(PICTURE) for _ in range(4)]
        for i, fd in enumerate(fds):
            sink.send(peer.fd_count(1) + peer.info([i + 1]) + peer.frame(), [fd])
            os.close(fd)
        back, sent = 0, 4
        last = {}
        while sent < n:
            for i in sink.receive_return():
                back += 1
                self.send_again(sink, buf_id=i)
                sent += 1
        # Each message was whole, or receive () would have failed.
        self.assertGreaterEqual(back, n - 4)

    def test_b28_stop_with_a_silent_peer(self):
        pipeline, sink = self.begin()
        sink.receive()
        self.assertLess(pipeline.stop(), 0.5)

    def test_b28_stop_without_a_peer(self):
        pipeline = self.run_src()
        wait_for(lambda: os.path.exists(self.path), 'listening')
        self.assertLess(pipeline.stop(), 0.5)
        self.assertFalse(os.path.exists(self.path))

    def test_b31_path_removed_by_the_peer(self):
        pipeline, sink = self.begin()
        sink.close()
        os.unlink(self.path)
        again = self.keep(peer.connect(self.path))
        self.send_frame(again)
        self.assertEqual(pipeline.bytes(), PICTURE)

    def test_b31_regular_file_is_not_removed(self):
        with open(self.path, 'w', encoding='ascii') as file:
            file.write('mine')
        pipeline = self.run_src()
        error = pipeline.wait(Gst.MessageType.ERROR).parse_error()[0]
        self.assertIn(self.path, error.message)
        with open(self.path, encoding='ascii') as file:
            self.assertEqual(file.read(), 'mine')

    def test_b31_stale_socket_is_replaced(self):
        dead = peer.Listener(self.path)
        dead.sock.close()
        pipeline, sink = self.begin()
        self.send_frame(sink)
        self.assertEqual(pipeline.bytes(), PICTURE)

    def test_b31_living_socket_is_not(self):
        self.keep(peer.Listener(self.path))
        pipeline = self.run_src()
        error = pipeline.wait(Gst.MessageType.ERROR).parse_error()[0]
        self.assertTrue(error.matches(Gst.ResourceError.quark(),
                                      Gst.ResourceError.BUSY))
        pipeline.stop()
        self.assertTrue(os.path.exists(self.path))

    def test_b32_next_producer_after_the_first(self):
        pipeline, sink = self.begin()
        for i in range(5):
            self.send_frame(sink, bytes([i]) * 256)
            self.assertEqual(pipeline.bytes(), bytes([i]) * 256)
            sink.close()
            sink = self.keep(peer.connect(self.path))
        self.assertIsNone(pipeline.has(Gst.MessageType.ERROR))

    def test_b32_second_producer_is_refused(self):
        pipeline, sink = self.begin()
        self.send_frame(sink)
        pipeline.bytes()
        second = self.keep(peer.connect(self.path))
        self.assertTrue(second.is_closed_by_peer())
        pipeline.wait_element('producer-refused')
        self.send_frame(sink, buf_id=13)
        pipeline.bytes()

    def test_b33_pause_and_resume(self):
        pipeline, sink = self.begin()
        self.send_frame(sink)
        pipeline.bytes()
        sink.receive_return()
        pipeline.pause()
        # While paused, what comes goes back.
        self.send_again(sink, pts=1)
        self.assertEqual(sink.receive_return(), [11])
        pipeline.play()
        wait_for(lambda: pipeline['src'].get_state(0)[1] == Gst.State.PLAYING,
                 'playing')
        self.send_again(sink, pts=2)
        self.assertEqual(pipeline.sample().get_buffer().pts, 2)

    def test_b34_errors_reach_the_bus(self):
        cases = {'/nowhere/x.sock': Gst.ResourceError.NOT_FOUND,
                 '/' + 'x' * 200: Gst.ResourceError.SETTINGS}
        for path, code in cases.items():
            with self.subTest(path=path):
                pipeline = self.run_pipeline('qtisocketsrc socket=%s ! fakesink'
                                             % path)
                error = pipeline.wait(Gst.MessageType.ERROR).parse_error()[0]
                self.assertTrue(error.matches(Gst.ResourceError.quark(), code),
                                error.message)
                self.assertIn(path, error.message)

    def test_b34_no_path_is_an_error(self):
        pipeline = self.run_pipeline('qtisocketsrc ! fakesink')
        pipeline.wait(Gst.MessageType.ERROR)

    def test_b35_peer_gone_waits(self):
        pipeline, sink = self.begin()
        sink.close()
        pipeline.wait_element('producer-lost')
        self.assertIsNone(pipeline.has(Gst.MessageType.ERROR))
        self.assertIsNone(pipeline.has(Gst.MessageType.EOS))

    def test_b35_peer_gone_ends_the_stream(self):
        pipeline, sink = self.begin('on-disconnect=eos')
        sink.receive()
        sink.close()
        pipeline.wait(Gst.MessageType.EOS)

    def test_b35_peer_gone_is_an_error(self):
        pipeline, sink = self.begin('on-disconnect=error')
        sink.receive()
        sink.close()
        pipeline.wait(Gst.MessageType.ERROR)

    def test_b36_keep_alive_each_second(self):
        _, sink = self.begin()
        for _ in range(2):
            sink.receive_until(lambda m: m.kind == 2)

    def test_b37_tail_before_a_reset(self):
        for _ in range(20):
            pipeline, sink = self.begin()
            for i in range(10):
                sink.send(peer.info([-1], pool=0) + peer.text(b'%d' % i))
            sink.send(peer.signal(peer.EOS))
            # Closes with the HELLO and perhaps returns unread.
            sink.close()
            texts = [pipeline.bytes() for _ in range(10)]
            self.assertEqual(texts, [b'%d' % i for i in range(10)])
            pipeline.wait(Gst.MessageType.EOS)
            pipeline.stop()

    def test_b39_timeout_is_told(self):
        pipeline, sink = self.begin('timeout=50')
        pipeline.wait_element('timeout')
        self.send_frame(sink)
        self.assertEqual(pipeline.bytes(), PICTURE)

    def test_b39_no_timeout_costs_no_cpu(self):
        pipeline, sink = self.begin('timeout=0')
        sink.receive()
        before = time.process_time()
        sink.receive_until(lambda m: m.kind == 2)
        sink.receive_until(lambda m: m.kind == 2)
        self.assertLess(time.process_time() - before, 0.3)
        self.assertIsNone(pipeline.has(Gst.MessageType.ELEMENT, 'timeout'))


if __name__ == '__main__':
    unittest.main()
