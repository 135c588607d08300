# SPDX-License-Identifier: LGPL-2.1-or-later
"""qtisocketsink against a peer that speaks the raw protocol.

Here: what the sink sends, and what it makes of right and wrong answers. A test
named bNN is about that fault of the original. Not here: the source
(test_src.py), our two elements together (test_pair.py).
"""
import os
import socket
import struct
import threading
import time
import unittest

from harness import Case, Gst, GstVideo, count_fds, wait_for
import peer

GRAY = 'video/x-raw,format=GRAY8,width=64,height=16,framerate=30/1'
SIZE = 64 * 16
TENSORS = ('neural-network/tensors,type=UINT8,'
           'dimensions=(int)< <1,4>, <1,8> >')


class SinkCase(Case):
    def begin(self, source, options='', accept=True):
        listener = self.keep(peer.Listener(self.path))
        pipeline = self.run_pipeline(
            source + ' ! qtisocketsink name=sink socket={path} ' + options)
        if not accept:
            return pipeline, listener
        return pipeline, self.keep(listener.accept())

    def begin_app(self, caps=GRAY, options='', accept=True):
        return self.begin('appsrc name=in is-live=true format=time caps="%s"'
                          % caps, 'async=false wait-for-connection=true '
                          + options, accept)

    def push(self, pipeline, buffer):
        self.assertEqual(pipeline['in'].emit('push-buffer', buffer),
                         Gst.FlowReturn.OK)

    def fd_frame(self, value, pts=0, offset=0, total=None):
        data = b'\0' * offset + bytes([value]) * SIZE
        fd = peer.memfd(data, size=total)
        return self.fd_buffer(fd, total or len(data), offset, SIZE, pts)

    def map(self, msg, i=0):
        frame = msg.frame(i)
        self.assertLessEqual(frame['maxsize'], os.fstat(msg.fds[i]).st_size)
        return os.pread(msg.fds[i], frame['size'] - frame['offsets'][0],
                        frame['offsets'][0])


class Works(SinkCase):
    def test_frame_of_system_memory_arrives(self):
        pipeline, src = self.begin('videotestsrc num-buffers=3 ! ' + GRAY,
                                   'wait-for-connection=true')
        msg = src.receive_buffer()
        frame = msg.frame()
        self.assertEqual((frame['width'], frame['height'], frame['format']),
                         (64, 16, peer.GRAY8))
        self.assertEqual(msg.n_fds, 1)
        self.assertEqual(len(msg.fds), 1)
        self.assertEqual(len(msg.data), 168)
        self.assertEqual(len(self.map(msg)), SIZE)
        src.send(peer.returned([msg.ids[0]]))
        msg.close()
        src.receive_until(lambda m: m.has(peer.EOS))

    def test_known_frame_goes_without_descriptor(self):
        pipeline, src = self.begin('videotestsrc is-live=true ! ' + GRAY,
                                   'async=false')
        known = set()
        for _ in range(20):
            msg = src.receive_buffer()
            if msg.n_fds == 0:
                self.assertIn(msg.ids[0], known)
                self.assertEqual(len(msg.data), 160)
            known.add(msg.ids[0])
            self.assertEqual(msg.pool, 1)
            src.send(peer.returned([msg.ids[0]]))
            msg.close()
        self.assertLess(len(known), 5)

    def test_legacy_dialect(self):
        pipeline, listener = self.begin('videotestsrc ! ' + GRAY,
                                        'dialect=legacy async=false '
                                        'wait-for-connection=true', False)
        src = self.keep(listener.accept(legacy=True))
        data, fds = src.receive_record()
        msg = peer.Message(data, fds)
        self.assertEqual(len(msg.data), 168)
        msg.close()

    def test_tensors(self):
        pipeline, src = self.begin_app(TENSORS)
        buffer = Gst.Buffer.new()
        for data in (b'abcd', b'efghijkl'):
            buffer.append_memory(self.memory(data))
        self.push(pipeline, buffer)
        msg = src.receive_buffer()
        self.assertEqual(len(msg.payloads[peer.TENSOR]), 2)
        self.assertEqual(msg.n_fds, 2)
        first = struct.unpack('<III8IQQ', msg.payloads[peer.TENSOR][0])
        self.assertEqual(first[1:5], (2, 2, 1, 4))
        self.assertEqual(os.pread(msg.fds[1], 8, 0), b'efghijkl')
        src.send(peer.returned(msg.ids[:2]))
        msg.close()
        wait_for(lambda: pipeline.outstanding() == 0, 'taken back')

    def test_text(self):
        pipeline, src = self.begin_app('text/x-raw,format=utf8')
        self.push(pipeline, Gst.Buffer.new_wrapped(b'hello'))
        msg = src.receive_buffer()
        self.assertEqual(msg.text(), (b'hello', 5))
        self.assertEqual((msg.ids[0], msg.pool, msg.fds), (-1, 0, []))

    def test_disconnect_of_the_peer_is_answered_by_closing(self):
        pipeline, listener = self.begin_app(accept=False)
        src = self.keep(listener.accept())
        self.push(pipeline, self.fd_frame(1))
        msg = src.receive_buffer()
        msg.close()
        src.send(peer.signal(peer.DISCONNECT))
        src.send(peer.returned([msg.ids[0]]))
        self.assertTrue(src.is_closed_by_peer())
        self.keep(listener.accept())


class Surface(SinkCase):
    def test_caps_of_the_originals_templates_are_taken(self):
        for name, pad in (('qtisocketsink', 'sink'), ('qtisocketsrc', 'src')):
            element = Gst.ElementFactory.make(name)
            for text in ('neural-network/tensors', 'text/x-raw', GRAY,
                         'video/x-raw(memory:GBM),format=NV12,width=64,height=16,'
                         'framerate=30/1,compression=ubwc'):
                caps = Gst.Caps.from_string(text)
                self.assertTrue(element.get_static_pad(pad)
                                .query_accept_caps(caps), name + ' ' + text)

    def test_ranks_and_types_are_those_of_the_original(self):
        for name, kind in (('qtisocketsink', 'GstFdSocketSink'),
                           ('qtisocketsrc', 'GstFdSocketSrc')):
            factory = Gst.ElementFactory.find(name)
            self.assertEqual(factory.get_rank(), Gst.Rank.PRIMARY)
            self.assertEqual(factory.create(None).__gtype__.name, kind)
            # Nothing autoplugs it: its class names no media.
            self.assertIn('Socket', factory.get_metadata('klass'))
            for media in ('Video', 'Audio', 'Decoder'):
                self.assertNotIn(media, factory.get_metadata('klass'))


class PeerTrust(SinkCase):
    def test_b10_returns_that_are_wrong(self):
        pipeline, src = self.begin_app()
        self.push(pipeline, self.fd_frame(1))
        msg = src.receive_buffer()
        msg.close()
        src.send(peer.returned([12345]))
        src.send(peer.returned([msg.ids[0]]))
        src.send(peer.returned([msg.ids[0]]))
        self.push(pipeline, self.fd_frame(2))
        src.receive_buffer().close()
        wait_for(lambda: pipeline.total('bad-returns') == 2, 'noticed')
        wait_for(lambda: pipeline.outstanding() == 1, 'one is out')

    def test_b10_count_of_returns_is_bounded(self):
        for n in (0, 11, -1, 1 << 30):
            with self.subTest(n=n):
                pipeline, listener = self.begin_app(accept=False)
                src = listener.accept()
                src.send(peer.returned([1], n=n))
                self.assertTrue(src.is_closed_by_peer())
                pipeline.wait(Gst.MessageType.WARNING)
                src.close()
                pipeline.stop()
                self.things.pop().close()

    def test_b11_listening_socket_has_its_mode(self):
        pipeline = self.run_pipeline(
            'videotestsrc ! %s ! qtisocketsink socket={path} listen=true '
            'async=false' % GRAY)
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
        pipeline.stop()
        self.assertFalse(os.path.exists(self.path))

    def test_b11_consumer_of_another_user_is_refused(self):
        pipeline = self.run_pipeline(
            'videotestsrc ! %s ! qtisocketsink socket={path} listen=true '
            'async=false peer-uid=%d' % (GRAY, os.getuid() + 1))
        src = self.keep(peer.connect(self.path))
        self.assertTrue(src.is_closed_by_peer())
        pipeline.wait_element('consumer-refused')

    def test_b13_unused_bytes_are_zero(self):
        pipeline, src = self.begin_app('text/x-raw,format=utf8')
        for _ in range(3):
            self.push(pipeline, Gst.Buffer.new_wrapped(b'hi'))
            msg = src.receive_buffer()
            self.assertEqual(msg.ids[1:], (0,) * 9)
            self.assertEqual(msg.payloads[peer.TEXT][0][6:1028], b'\0' * 1022)

    def test_b12_one_descriptor_crosses_for_one_frame(self):
        # The control data itself is looked at in tests/check/libs/fdpass.c.
        pipeline, src = self.begin_app()
        self.push(pipeline, self.fd_frame(1))
        msg = src.receive_buffer()
        self.assertEqual(len(msg.fds), 1)
        msg.close()


class Data(SinkCase):
    def test_b20_region_without_a_name(self):
        pipeline, src = self.begin_app()
        buffer = self.fd_frame(1)
        meta = GstVideo.buffer_add_video_region_of_interest_meta_id(
            buffer, 0, 1, 2, 3, 4)
        self.assertIsNotNone(meta)
        self.push(pipeline, buffer)
        msg = src.receive_buffer()
        self.assertEqual(msg.payloads[peer.ROI][0][4:36], b'\0' * 32)
        msg.close()

    def test_b21_number_reused_for_other_memory(self):
        pipeline, src = self.begin_app()
        ids, numbers = set(), set()
        for i in range(20):
            buffer = self.fd_frame(i)
            self.push(pipeline, buffer)
            del buffer
            msg = src.receive_buffer()
            self.assertEqual(self.map(msg), bytes([i]) * SIZE)
            src.send(peer.returned([msg.ids[0]]))
            msg.close()
        for _ in range(2):
            wait_for(lambda: pipeline.outstanding() == 0, 'taken back')

    def test_b22_offset_of_the_memory(self):
        pipeline, src = self.begin_app()
        self.push(pipeline, self.fd_frame(9, offset=4096, total=16384))
        msg = src.receive_buffer()
        frame = msg.frame()
        self.assertEqual(frame['offsets'][0], 4096)
        self.assertEqual(frame['size'], 4096 + SIZE)
        self.assertEqual(frame['maxsize'], 16384)
        self.assertEqual(self.map(msg), b'\x09' * SIZE)
        msg.close()

    def test_b23_same_buffer_twice_in_flight(self):
        pipeline, src = self.begin_app()
        buffer = self.fd_frame(3)
        for _ in range(2):
            self.push(pipeline, buffer)
        a, b = src.receive_buffer(), src.receive_buffer()
        for msg in (a, b):
            src.send(peer.returned([msg.ids[0]]))
            msg.close()
        wait_for(lambda: pipeline.outstanding() == 0, 'both taken back')
        self.assertEqual(pipeline.total('bad-returns'), 0)

    def test_b40_no_memory_that_can_travel(self):
        pipeline, src = self.begin_app()
        self.push(pipeline, Gst.Buffer.new_wrapped(b'\x07' * SIZE))
        msg = src.receive_buffer()
        self.assertEqual(self.map(msg), b'\x07' * SIZE)
        msg.close()
        totals = pipeline['sink'].get_property('totals')
        self.assertEqual(totals.get_value('copied-bytes'), SIZE)

    def test_b40_planes_in_memories_of_their_own(self):
        caps = 'video/x-raw,format=I420,width=64,height=16,framerate=30/1'
        pipeline, src = self.begin_app(caps)
        buffer = Gst.Buffer.new()
        for value, size in ((1, SIZE), (2, SIZE // 4), (3, SIZE // 4)):
            buffer.append_memory(self.memory(
                bytes([value]) * size))
        self.push(pipeline, buffer)
        msg = src.receive_buffer()
        frame = msg.frame()
        self.assertEqual(frame['planes'], 3)
        whole = os.pread(msg.fds[0], frame['size'], 0)
        self.assertEqual([whole[o] for o in frame['offsets'][:3]], [1, 2, 3])
        msg.close()

    def test_b40_empty_buffer_is_no_error(self):
        pipeline, src = self.begin_app()
        empty = Gst.Buffer.new()
        empty.set_flags(Gst.BufferFlags.GAP)
        self.push(pipeline, empty)
        self.push(pipeline, self.fd_frame(1))
        src.receive_buffer().close()
        self.assertIsNone(pipeline.has(Gst.MessageType.ERROR))

    def test_b40_long_text_is_cut_with_a_warning(self):
        pipeline, src = self.begin_app('text/x-raw,format=utf8')
        self.push(pipeline, Gst.Buffer.new_wrapped('ä'.encode() * 700))
        text, _ = src.receive_buffer().text()
        self.assertEqual(text.decode(), 'ä' * 512)
        pipeline.wait(Gst.MessageType.WARNING)

    def test_b40_nothing_is_copied_from_our_pool(self):
        pipeline, src = self.begin('videotestsrc num-buffers=5 ! ' + GRAY,
                                   'wait-for-connection=true')
        for _ in range(5):
            msg = src.receive_buffer()
            src.send(peer.returned([msg.ids[0]]))
            msg.close()
        totals = pipeline['sink'].get_property('totals')
        self.assertEqual(totals.get_value('copied-bytes'), 0)

    def test_b42_media_the_peer_cannot_take(self):
        pipeline, src = self.begin('audiotestsrc is-live=true',
                                   'async=false')
        pipeline.wait(Gst.MessageType.WARNING)
        self.assertIsNone(pipeline.has(Gst.MessageType.ERROR))

    def test_b43_metas_that_do_not_fit_are_left_out(self):
        pipeline, src = self.begin_app()
        buffer = self.fd_frame(1)
        for i in range(1000):
            GstVideo.buffer_add_video_region_of_interest_meta(
                buffer, 'car', i, 0, 1, 1)
        self.push(pipeline, buffer)
        msg = src.receive_buffer()
        self.assertGreater(len(msg.payloads[peer.ROI]), 300)
        msg.close()
        self.assertIsNone(pipeline.has(Gst.MessageType.ERROR))
        totals = pipeline['sink'].get_property('totals')
        self.assertGreater(totals.get_value('metas-left-out'), 500)


class Life(SinkCase):
    def test_b18_peer_vanishes_again_and_again(self):
        pipeline, listener = self.begin(
            'videotestsrc is-live=true ! ' + GRAY, 'async=false', False)
        for i in range(30):
            src = listener.accept()
            if i % 3 == 0:
                src.receive_buffer().close()
            src.close()
        src = self.keep(listener.accept())
        src.receive_buffer().close()
        self.assertIsNone(pipeline.has(Gst.MessageType.ERROR))

    def test_b29_stop_with_a_silent_peer_that_holds_buffers(self):
        pipeline, src = self.begin('videotestsrc is-live=true ! ' + GRAY,
                                   'async=false')
        src.receive_buffer().close()
        self.assertLess(pipeline.stop(), 0.5)

    def test_b29_stop_without_a_peer(self):
        pipeline = self.run_pipeline('videotestsrc is-live=true ! %s ! '
                                     'qtisocketsink socket={path} async=false'
                                     % GRAY)
        self.assertLess(pipeline.stop(), 0.5)

    def test_b29_stop_while_waiting_for_a_peer(self):
        pipeline = self.run_pipeline(
            'videotestsrc is-live=true ! %s ! qtisocketsink socket={path} '
            'async=false wait-for-connection=true' % GRAY)
        wait_for(lambda: pipeline['src'] is None, 'started')
        self.assertLess(pipeline.stop(), 0.5)

    def test_b30_peer_that_does_not_read(self):
        pipeline, src = self.begin(
            'appsrc name=in is-live=true format=time caps="%s"' % GRAY,
            'async=false')
        pipeline.wait_element('consumer-connected')
        for i in range(300):
            self.push(pipeline, Gst.Buffer.new_wrapped(bytes([i % 256]) * SIZE))
        totals = lambda: pipeline['sink'].get_property('totals')
        wait_for(lambda: totals().get_value('frames') == 300, 'all rendered')
        self.assertEqual(
            pipeline.outstanding(), 8)
        self.assertGreater(totals().get_value('dropped'), 250)
        pipeline.wait_element('frames-dropped')
        # The newest takes the place that is given back.
        msgs = [src.receive_buffer() for _ in range(8)]
        src.send(peer.returned([msgs[0].ids[0]]))
        newest = src.receive_buffer()
        self.assertEqual(newest.frame()['size'], SIZE)
        for msg in msgs + [newest]:
            msg.close()
        self.assertLess(pipeline.stop(), 0.5)

    def test_b31_path_of_the_server_is_left_alone(self):
        pipeline, listener = self.begin('videotestsrc is-live=true ! ' + GRAY,
                                        'async=false', False)
        src = listener.accept()
        src.receive_buffer().close()
        src.close()
        pipeline.stop()
        self.assertTrue(os.path.exists(self.path))

    def test_b34_listen_errors_reach_the_bus(self):
        pipeline = self.run_pipeline('fakesrc ! qtisocketsink listen=true '
                                     'socket=/nowhere/x.sock')
        error = pipeline.wait(Gst.MessageType.ERROR).parse_error()[0]
        self.assertIn('/nowhere/x.sock', error.message)

    def test_b34_path_that_cannot_be_connected_to(self):
        for element in ('videotestsrc ! qtisocketsink socket=%s',
                        'qtisocketsrc listen=false socket=%s ! fakesink'):
            pipeline = self.run_pipeline(element % ('/tmp/' + 'x' * 200))
            error, _ = pipeline.wait(Gst.MessageType.ERROR).parse_error()
            self.assertIn('cannot be used', error.message)

    def test_b34_what_prevents_connecting_is_told_once(self):
        """A socket of streams is there, and then what we want."""
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        stream.bind(self.path)
        stream.listen()
        pipelines = [self.run_pipeline(element) for element in (
            'videotestsrc is-live=true ! %s ! qtisocketsink name=sink '
            'async=false socket={path}' % GRAY,
            'qtisocketsrc listen=false name=src socket={path} ! fakesink')]
        for pipeline in pipelines:
            warning, debug = pipeline.wait(Gst.MessageType.WARNING).parse_warning()
            self.assertIn('Could not connect to "%s"' % self.path, warning.message)
            self.assertIn('connect:', debug)
        stream.close()
        os.unlink(self.path)
        listener = self.keep(peer.Listener(self.path))
        for _ in pipelines:
            self.keep(listener.accept())
        for pipeline in pipelines:
            self.assertEqual(1, sum(m.type == Gst.MessageType.WARNING
                                    for m in pipeline.messages()))

    def test_b34_no_path_is_an_error(self):
        pipeline = self.run_pipeline('fakesrc ! qtisocketsink')
        pipeline.wait(Gst.MessageType.ERROR)

    def test_b35_peer_gone_is_no_error(self):
        pipeline, listener = self.begin('videotestsrc is-live=true ! ' + GRAY,
                                        'async=false', False)
        src = listener.accept()
        src.receive_buffer().close()
        src.close()
        pipeline.wait_element('consumer-lost')
        src = self.keep(listener.accept())
        src.receive_buffer().close()
        self.assertIsNone(pipeline.has(Gst.MessageType.ERROR))

    def test_b36_connecting_backs_off(self):
        pipeline = self.run_pipeline('videotestsrc is-live=true ! %s ! '
                                     'qtisocketsink socket={path} async=false'
                                     % GRAY)
        before = time.process_time()
        pipeline.wait_element('no-consumer')
        listener = self.keep(peer.Listener(self.path))
        self.keep(listener.accept()).receive_buffer().close()
        self.assertLess(time.process_time() - before, 1.0)

    def test_b37_eos_comes_after_all_frames(self):
        pipeline, src = self.begin('videotestsrc num-buffers=5 ! ' + GRAY,
                                   'wait-for-connection=true')
        pipeline.wait(Gst.MessageType.EOS)
        closing = threading.Thread(target=pipeline.stop)
        closing.start()
        frames = 0
        while True:
            msg = src.receive()
            msg.close()
            if msg.has(peer.EOS):
                break
            frames += msg.has(peer.INFO)
        closing.join()
        self.assertEqual(frames, 5)

    def test_b37_alive_after_eos_and_flush(self):
        listener = self.keep(peer.Listener(self.path))
        pipeline = self.run_pipeline('qtisocketsink name=sink socket={path} '
                                     'async=false wait-for-connection=true')
        src = self.keep(listener.accept())
        pad = Gst.Pad.new('out', Gst.PadDirection.SRC)
        pad.link(pipeline['sink'].get_static_pad('sink'))
        pad.set_active(True)
        segment = Gst.Segment()
        segment.init(Gst.Format.TIME)

        def stream(value):
            pad.push_event(Gst.Event.new_stream_start('x'))
            pad.push_event(Gst.Event.new_caps(Gst.Caps.from_string(GRAY)))
            pad.push_event(Gst.Event.new_segment(segment))
            pad.push(Gst.Buffer.new_wrapped(bytes([value]) * SIZE))
            msg = src.receive_buffer()
            msg.close()
            src.send(peer.returned([msg.ids[0]]))
            pad.push_event(Gst.Event.new_eos())
            src.receive_until(lambda m: m.has(peer.EOS))
        stream(1)
        pad.push_event(Gst.Event.new_flush_start())
        pad.push_event(Gst.Event.new_flush_stop(True))
        stream(2)

    def test_b38_frames_without_consumer_are_counted(self):
        pipeline = self.run_pipeline('videotestsrc num-buffers=7 ! %s ! '
                                     'qtisocketsink name=sink socket={path}'
                                     % GRAY)
        pipeline.wait(Gst.MessageType.EOS)
        pipeline.wait_element('no-consumer')
        totals = pipeline['sink'].get_property('totals')
        self.assertEqual(totals.get_value('unsent'), 7)

    def test_b38_sync_is_the_users_choice(self):
        for value in (True, False):
            pipeline = self.run_pipeline(
                'videotestsrc is-live=true ! %s ! qtisocketsink name=sink '
                'socket={path} async=false sync=%s' % (GRAY, value))
            self.assertEqual(pipeline['sink'].get_property('sync'), value)
            pipeline.stop()


if __name__ == '__main__':
    unittest.main()
