# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our two elements with each other, in one process or in two.

Here: what travels between them and how they behave under load, stops and
losses. A test named bNN is about that fault of the original. Not here: peers
that speak the raw protocol (test_src.py, test_sink.py).
"""
import itertools
import os
import signal
import subprocess
import threading
import unittest

from harness import (Case, Closing, Gst, GstVideo, OUT, SANITIZED, count_fds,
                     resident_kib, wait_for)
import peer

# Large enough to go by descriptor: what is small goes inline.
GRAY = 'video/x-raw,format=GRAY8,width=256,height=64,framerate=30/1'
SIZE = 256 * 64
CONSUMER = 'qtisocketsrc name=src socket={path} listen=false ! '


class Stream:
    """A pad that pushes into a sink without any element before it."""

    def __init__(self, sink, caps):
        self.pad = Gst.Pad.new('out', Gst.PadDirection.SRC)
        self.pad.link(sink.get_static_pad('sink'))
        self.pad.set_active(True)
        segment = Gst.Segment()
        segment.init(Gst.Format.TIME)
        self.pad.push_event(Gst.Event.new_stream_start('x'))
        self.pad.push_event(Gst.Event.new_caps(Gst.Caps.from_string(caps)))
        self.pad.push_event(Gst.Event.new_segment(segment))

    def push(self, data):
        self.pad.push(Gst.Buffer.new_wrapped(data))


class PairCase(Case):
    def produce(self, source, options=''):
        return self.run_pipeline(source + ' ! qtisocketsink name=sink listen=true '
                                 'socket={path} async=false ' + options)

    def produce_app(self, caps=GRAY, options=''):
        return self.produce('appsrc name=in is-live=true format=time caps="%s"'
                            % caps, 'wait-for-connection=true ' + options)

    def consume(self, then=OUT):
        return self.run_pipeline(CONSUMER + then)

    def spawn(self, description, within=()):
        """A pipeline in a process of its own."""
        process = subprocess.Popen(
            [*within, 'gst-launch-1.0', '-q'] + description.format(path=self.path).split(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def connected(self, producer, n):
        wait_for(lambda: producer.total('consumers') == n, '%d consumers' % n)

    def greet(self, producer):
        """A consumer of ours that takes what comes and gives nothing back."""
        before = producer.count('consumer-connected')
        consumer = self.keep(peer.connect(self.path))
        consumer.record(peer.hello())
        wait_for(lambda: producer.count('consumer-connected') > before, 'greeted')
        return consumer

    def push(self, producer, data, **fields):
        buffer = Gst.Buffer.new_wrapped(data)
        for name, value in fields.items():
            setattr(buffer, name, value)
        self.assertEqual(producer['in'].emit('push-buffer', buffer),
                         Gst.FlowReturn.OK)


class State(PairCase):
    """A state changes at once, whoever is waited for."""

    def test_r38_playing_while_the_first_frame_waits_for_a_consumer(self):
        for i in range(30):
            with self.subTest(i=i):
                producer = self.run_pipeline(
                    'videotestsrc num-buffers=3 ! %s ! qtisocketsink name=sink '
                    'listen=true socket={path} wait-for-connection=true '
                    'async=%s policy=block' % (GRAY, i % 2 == 0))
                wait_for(lambda: producer['sink'].get_state(0)[1]
                         == Gst.State.PLAYING, 'playing')
                if i > 20:
                    consumer = self.consume()
                    consumer.wait(Gst.MessageType.EOS)
                    consumer.stop()
                self.assertLess(producer.stop(), 0.5)

    def test_r38_pause_and_flush_while_a_frame_waits_for_room(self):
        producer = self.produce('videotestsrc ! ' + GRAY,
                                'policy=block max-outstanding=1')
        consumer = self.greet(producer)
        wait_for(lambda: producer.outstanding() == 1, 'one out')
        for _ in range(5):
            producer.pause()
            self.assertEqual(producer['sink'].get_state(0)[1], Gst.State.PAUSED)
            producer.play()
        self.assertTrue(producer.element.seek_simple(
            Gst.Format.TIME, Gst.SeekFlags.FLUSH, 0))
        consumer.receive_until(lambda m: m.kind == peer.EXT_BUFFER).close()
        self.assertLess(producer.stop(), 0.5)


class Travels(PairCase):
    def test_r26_caps_need_no_filter_and_may_change(self):
        producer = self.produce_app()
        consumer = self.consume()
        self.push(producer, b'a' * SIZE)
        self.assertTrue(consumer.sample().get_caps().is_equal(
            producer['in'].get_property('caps')))
        other = Gst.Caps.from_string(GRAY.replace('256', '512'))
        producer['in'].set_property('caps', other)
        self.push(producer, b'b' * SIZE * 2)
        sample = consumer.sample()
        self.assertTrue(sample.get_caps().is_equal(other))
        self.assertEqual(sample.get_buffer().get_size(), SIZE * 2)

    def test_b26_flags_times_and_offsets(self):
        producer = self.produce_app('video/x-h264')
        consumer = self.consume()
        buffer = Gst.Buffer.new_wrapped(b'x' * 100)
        buffer.pts, buffer.dts, buffer.duration = 5, 3, 2
        buffer.offset, buffer.offset_end = 7, 8
        flags = (Gst.BufferFlags.DISCONT | Gst.BufferFlags.MARKER
                 | Gst.BufferFlags.CORRUPTED)
        buffer.set_flags(flags)
        producer['in'].emit('push-buffer', buffer)
        got = consumer.sample().get_buffer()
        self.assertEqual((got.pts, got.dts, got.duration, got.offset,
                          got.offset_end), (5, 3, 2, 7, 8))
        self.assertTrue(got.has_flags(flags))

    def test_b26_late_consumer_begins_with_a_keyframe(self):
        producer = self.produce_app('video/x-h264', 'wait-for-connection=false')
        first = self.consume()
        self.connected(producer, 1)
        delta = Gst.BufferFlags.DELTA_UNIT

        def push(data, key):
            buffer = Gst.Buffer.new_wrapped(data)
            if not key:
                buffer.set_flags(delta)
            producer['in'].emit('push-buffer', buffer)
        wait_for(lambda: (push(b'K0', True), first.samples.qsize())[1] > 0, 'key')
        push(b'd1', False)
        while first.bytes() != b'd1':
            pass
        asked = []
        producer['in'].get_static_pad('src').add_probe(
            Gst.PadProbeType.EVENT_UPSTREAM, lambda pad, info: (
                asked.append(info.get_event().get_structure().get_name()
                             if info.get_event().get_structure() else ''),
                Gst.PadProbeReturn.OK)[1])
        late = self.consume()
        self.connected(producer, 2)
        wait_for(lambda: 'GstForceKeyUnit' in asked, 'keyframe asked for')
        push(b'd2', False)
        push(b'K3', True)
        self.assertEqual(late.bytes(), b'K3')
        self.assertEqual([first.bytes(), first.bytes()], [b'd2', b'K3'])

    def test_all_of_the_video_meta(self):
        producer = self.produce_app()
        consumer = self.consume()
        buffer = Gst.Buffer.new_wrapped(b'x' * SIZE)
        meta = GstVideo.buffer_add_video_meta_full(
            buffer, GstVideo.VideoFrameFlags.INTERLACED,
            GstVideo.VideoFormat.GRAY8, 256, 60, 1, [128, 0, 0, 0],
            [270, 0, 0, 0])
        meta.id = 3
        producer['in'].emit('push-buffer', buffer)
        received = consumer.sample().get_buffer()
        got = GstVideo.buffer_get_video_meta_id(received, 3)
        self.assertEqual((got.offset[0], got.stride[0], got.flags),
                         (128, 270, GstVideo.VideoFrameFlags.INTERLACED))

    def test_b42_audio(self):
        producer = self.produce('audiotestsrc num-buffers=5 samplesperbuffer=8192',
                                'wait-for-connection=true policy=block')
        consumer = self.consume()
        for i in range(5):
            sample = consumer.sample()
            self.assertEqual(sample.get_buffer().get_size(), 16384)
        self.assertIn('audio/x-raw', sample.get_caps().to_string())
        consumer.wait(Gst.MessageType.EOS)

    def test_b42_encoded_stream_decodes(self):
        producer = self.produce('audiotestsrc num-buffers=20 ! opusenc',
                                'wait-for-connection=true policy=block')
        consumer = self.consume('opusdec ! ' + OUT)
        consumer.wait(Gst.MessageType.EOS)
        self.assertIsNone(consumer.has(Gst.MessageType.ERROR))

    def test_long_text(self):
        producer = self.produce_app('text/x-raw,format=utf8')
        consumer = self.consume()
        self.push(producer, b'x' * 100000)
        self.assertEqual(consumer.bytes(), b'x' * 100000)

    def test_b25_more_tensors_than_the_original_takes(self):
        producer = self.produce_app('neural-network/tensors,type=UINT8')
        consumer = self.consume()
        buffer = Gst.Buffer.new()
        for i in range(12):
            buffer.append_memory(self.memory(bytes([i]) * 4096))
        producer['in'].emit('push-buffer', buffer)
        got = consumer.sample().get_buffer()
        self.assertEqual(got.extract_dup(11 * 4096, 1), b'\x0b')

    def test_tags_and_stream_start(self):
        producer = self.produce(
            'audiotestsrc num-buffers=50 ! taginject tags="title=Abc"',
            'wait-for-connection=true policy=block')
        consumer = self.consume()

        def titles():
            return [m.parse_tag().get_string('title')[1]
                    for m in consumer.messages()
                    if m.type == Gst.MessageType.TAG]
        wait_for(lambda: 'Abc' in titles(), 'title')

    def test_gaps_travel(self):
        producer = self.produce_app()
        consumer = self.consume()
        gaps = []
        consumer['out'].get_static_pad('sink').add_probe(
            Gst.PadProbeType.EVENT_DOWNSTREAM, lambda pad, info: (
                gaps.append(info.get_event().parse_gap())
                if info.get_event().type == Gst.EventType.GAP else None,
                Gst.PadProbeReturn.OK)[1])
        self.push(producer, b'a' * SIZE, pts=0)
        consumer.sample()
        producer['in'].send_event(Gst.Event.new_gap(100, 50))
        wait_for(lambda: len(gaps) == 1, 'gap')
        self.assertEqual(tuple(gaps[0]), (100, 50))

    def test_force_key_unit_goes_upstream(self):
        producer = self.produce_app()
        consumer = self.consume()
        asked = []
        producer['in'].get_static_pad('src').add_probe(
            Gst.PadProbeType.EVENT_UPSTREAM, lambda pad, info: (
                asked.append(info.get_event().type), Gst.PadProbeReturn.OK)[1])
        self.push(producer, b'a' * SIZE)
        consumer.sample()
        event = GstVideo.video_event_new_upstream_force_key_unit(
            Gst.CLOCK_TIME_NONE, True, 0)
        consumer['out'].get_static_pad('sink').push_event(event)
        wait_for(lambda: Gst.EventType.CUSTOM_UPSTREAM in asked, 'event')

    def test_latency_of_the_producer_is_the_consumers(self):
        producer = self.produce(
            'videotestsrc is-live=true ! %s ! queue min-threshold-time=70000000 '
            'max-size-time=200000000' % GRAY)
        consumer = self.consume()
        consumer.sample()

        def latency():
            query = Gst.Query.new_latency()
            consumer['src'].query(query)
            return query.parse_latency()[1]
        wait_for(lambda: latency() > 0, 'latency')

    def test_b27_clock_base_is_the_producers(self):
        producer = self.produce('videotestsrc is-live=true ! ' + GRAY)
        before = self.consume()
        before.sample()
        consumer = self.consume()

        def is_right():
            sample = consumer.sample()
            pts = sample.get_buffer().pts
            running = sample.get_segment().to_running_time_full(
                Gst.Format.TIME, pts)[1]
            at = running + consumer.element.get_base_time()
            return at == pts + producer.element.get_base_time()
        # A pipeline may choose its base time twice on its way to playing.
        wait_for(is_right, 'running times that are the same moment')
        self.assertTrue(all(is_right() for _ in range(5)))

    def test_relay_through_a_second_process(self):
        self.relay()

    def test_relay_through_a_container(self):
        """A process with users, processes and a network of its own."""
        container = ['unshare', '-Urnpf', '--kill-child']
        if subprocess.run(container + ['true'], stderr=subprocess.DEVNULL,
                          check=False).returncode:
            self.skipTest('unshare is not there, or not allowed')
        self.relay(container)

    def relay(self, within=()):
        second = self.path + '2'
        self.spawn('qtisocketsrc socket={path} listen=false ! '
                   'qtisocketsink socket=%s listen=true async=false' % second,
                   within)
        producer = self.produce('videotestsrc pattern=white ! ' + GRAY,
                                'policy=block wait-for-connection=true')
        consumer = self.run_pipeline(
            'qtisocketsrc name=src socket=%s listen=false ! %s' % (second, OUT))
        for _ in range(20):
            sample = consumer.sample()
            self.assertEqual(sample.get_buffer().extract_dup(0, 4), b'\xeb' * 4)
            del sample
        self.assertEqual(producer.total('copied-bytes'), 0)


class Bounds(PairCase):
    def test_zero_copies_and_one_descriptor_each(self):
        producer = self.produce('videotestsrc ! ' + GRAY, 'policy=block')
        consumer = self.consume('fakesink')
        wait_for(lambda: consumer.stat('src', 'stats', 'frames') > 2000, 'frames')
        self.assertEqual(producer.total('copied-bytes'), 0)
        self.assertLess(consumer.stat('src', 'stats', 'descriptors'), 20)

    def test_block_loses_nothing(self):
        producer = self.produce('videotestsrc num-buffers=500 ! ' + GRAY,
                                'policy=block wait-for-connection=true '
                                'max-outstanding=1')
        consumer = self.consume()
        for i in range(500):
            self.assertEqual(consumer.sample().get_buffer().offset, i)
        consumer.wait(Gst.MessageType.EOS)
        self.assertEqual(producer.total('dropped'), 0)

    def test_r36_stopped_process_costs_only_itself(self):
        producer = self.produce('videotestsrc is-live=true ! '
                                + GRAY.replace('30/1', '100/1'))
        stopped = self.spawn('qtisocketsrc socket={path} listen=false ! fakesink')
        self.connected(producer, 1)
        wait_for(lambda: producer.total('frames') > 10, 'frames')
        os.kill(stopped.pid, signal.SIGSTOP)
        consumer = self.consume()
        pts = [consumer.sample().get_buffer().pts for _ in range(100)]
        gaps = [b - a for a, b in zip(pts, pts[1:])]
        self.assertLess(max(gaps), 11 * Gst.MSECOND)
        os.kill(stopped.pid, signal.SIGKILL)
        self.connected(producer, 1)

    def test_r36_pushes_keep_their_interval_beside_a_stopped_process(self):
        producer = self.run_pipeline(
            'qtisocketsink name=sink listen=true socket={path} async=false '
            'client-timeout=0')
        pad = Stream(producer['sink'], GRAY).pad
        pool = self.limited_pool(producer['sink'].get_static_pad('sink'), 8)
        self.keep(Closing(lambda: pool.set_active(False)))
        clock = Gst.SystemClock.obtain()
        begun, done = [], []

        def push(count):
            due = clock.get_time()
            for _ in range(count):
                Gst.Clock.id_wait(clock.new_single_shot_id(due))
                due += 10 * Gst.MSECOND
                begun.append(clock.get_time())
                flow, buffer = pool.acquire_buffer(None)
                if flow != Gst.FlowReturn.OK:
                    return
                pad.push(buffer)
                del buffer
                done.append(clock.get_time())

        def intervals():
            begun.clear()
            done.clear()
            thread = threading.Thread(target=push, args=(100,), daemon=True)
            thread.start()
            wait_for(lambda: len(done) == 100, lambda: '%d pushed' % len(done))
            thread.join()
            # Of a push, and between two; the median knows no busy moment.
            return (sorted(b - a for a, b in zip(begun, done))[50],
                    sorted(b - a for a, b in zip(begun, begun[1:]))[50])
        stopped = self.spawn('qtisocketsrc socket={path} listen=false ! fakesink')
        running = self.spawn('qtisocketsrc socket={path} listen=false ! fakesink')
        self.connected(producer, 2)
        push_before, between_before = intervals()
        os.kill(stopped.pid, signal.SIGSTOP)
        frames = producer.total('frames')
        push_beside, between_beside = intervals()
        self.assertEqual(producer.total('frames'), frames + 100)
        self.assertLess(push_beside, 2 * push_before + 2 * Gst.MSECOND)
        self.assertAlmostEqual(between_beside, between_before,
                               delta=2 * Gst.MSECOND)
        dropped = {m.get_structure().get_value('pid'):
                   m.get_structure().get_value('dropped')
                   for m in producer.messages()
                   if m.type == Gst.MessageType.ELEMENT
                   and m.get_structure().get_name() == 'frames-dropped'}
        self.assertIn(stopped.pid, dropped)
        self.assertLess(dropped.get(running.pid, 0), 10)

    def test_r38_stop_beside_a_stopped_consumer(self):
        producer = self.produce('videotestsrc is-live=true ! ' + GRAY)
        stopped = self.spawn('qtisocketsrc socket={path} listen=false ! fakesink')
        self.connected(producer, 1)
        wait_for(lambda: producer.total('frames') > 3, 'frames')
        os.kill(stopped.pid, signal.SIGSTOP)
        wait_for(lambda: producer.total('dropped') > 3, 'drops')
        self.assertLess(producer.stop(), 0.5)

    def test_r38_stop_beside_a_stopped_producer(self):
        stopped = self.spawn('videotestsrc is-live=true ! %s ! qtisocketsink '
                             'socket={path} listen=true'
                             % GRAY.replace(' ', ''))
        consumer = self.consume()
        consumer.sample()
        os.kill(stopped.pid, signal.SIGSTOP)
        self.assertLess(consumer.stop(), 0.5)

    def test_r36_client_timeout_takes_buffers_back(self):
        producer = self.produce('videotestsrc is-live=true ! ' + GRAY,
                                'client-timeout=300000000')
        stopped = self.spawn('qtisocketsrc socket={path} listen=false ! fakesink')
        self.connected(producer, 1)
        wait_for(lambda: producer.total('frames') > 3, 'frames')
        os.kill(stopped.pid, signal.SIGSTOP)
        message = producer.wait_element('consumer-lost')
        self.assertEqual(message.get_structure().get_string('reason'),
                         'client-timeout')
        self.assertEqual(producer.total('outstanding'), 0)

    def limited_pool(self, pad, n):
        """A pool of the memory that the sink asks for."""
        caps = Gst.Caps.from_string(GRAY)
        query = Gst.Query.new_allocation(caps, True)
        self.assertTrue(pad.query(query))
        allocator, params = query.parse_nth_allocation_param(0)
        pool = Gst.BufferPool.new()
        config = pool.get_config()
        Gst.BufferPool.config_set_params(config, caps, SIZE, n, n)
        Gst.BufferPool.config_set_allocator(config, allocator, params)
        pool.set_config(config)
        pool.set_active(True)
        return pool

    def limited_producer(self, n, options=''):
        """A sink that gets frames of a pool of n, and push (count)."""
        producer = self.run_pipeline(
            'qtisocketsink name=sink listen=true socket={path} async=false '
            'client-timeout=0 ' + options)
        sink = producer['sink']
        pad = Stream(sink, GRAY).pad
        pool = self.limited_pool(sink.get_static_pad('sink'), n)
        # Who waits for a buffer that never comes is let go.
        self.keep(Closing(lambda: pool.set_active(False)))

        def acquire_and_push(count, done):
            for _ in range(count):
                flow, buffer = pool.acquire_buffer(None)
                if flow != Gst.FlowReturn.OK:
                    return
                pad.push(buffer)
                del buffer
            done.append(count)

        def push(count):
            done = []
            thread = threading.Thread(target=acquire_and_push,
                                      args=(count, done), daemon=True)
            thread.start()
            wait_for(lambda: done, lambda: 'the pool of %d gives %d buffers: %s'
                     % (n, count, producer['sink'].get_property('totals')
                        .to_string()))
            thread.join()
        return producer, push

    def test_r36_pool_of_limited_size_never_starves(self):
        producer, push = self.limited_producer(4)
        # Each is stopped while it holds other frames than the one before it.
        for i in range(3):
            process = self.spawn('qtisocketsrc socket={path} listen=false ! '
                                 'fakesink')
            self.connected(producer, i + 1)
            push(20)
            os.kill(process.pid, signal.SIGSTOP)
        push(300)

    def test_r36_pool_of_any_size_outlives_those_who_keep_all(self):
        for n in range(2, 8):
            with self.subTest(n=n):
                producer, push = self.limited_producer(n)
                for _ in range(3):
                    self.greet(producer)
                    for count in (1, 2, 3, 20):
                        push(count)
                producer.stop()

    def test_r36_pool_that_waits_takes_buffers_back_in_any_order(self):
        for order in itertools.permutations(range(3)):
            with self.subTest(order=order):
                producer, push = self.limited_producer(4, 'policy=block')
                consumers = [self.greet(producer) for _ in order]
                # Waits with the last of the four.
                thread = threading.Thread(target=push, args=(5,), daemon=True)
                thread.start()
                wait_for(lambda: producer.outstanding() == 12, 'all are out')
                first, gone, last = (consumers[i] for i in order)
                self.give_back(first, 4)
                gone.close()
                self.give_back(last, 4)
                thread.join()
                producer.stop()

    def give_back(self, consumer, n):
        ids = [consumer.receive_until(lambda m: m.kind == peer.EXT_BUFFER)
               for _ in range(n)]
        for message in ids:
            message.close()
        consumer.record(peer.release([m.own_buffer()[0] for m in ids]))

    def test_r36_frames_that_nobody_can_take_are_not_copied(self):
        producer, push = self.limited_producer(6)
        self.greet(producer)
        push(100)
        self.assertEqual(producer.total('copied-bytes'), 0)

    def test_b30_producer_that_outruns_its_consumer(self):
        producer = self.produce('videotestsrc ! ' + GRAY)
        consumer = self.consume('identity sleep-time=5000 ! fakesink')
        wait_for(lambda: consumer.stat('src', 'stats', 'frames') > 20, 'frames')
        wait_for(lambda: producer.total('dropped') > 100, 'drops')
        self.assertLess(producer.stop(), 0.5)
        self.assertLess(consumer.stop(), 0.5)

    def test_r37_nothing_is_left_of_a_hundred_connections(self):
        producer = self.produce('videotestsrc ! ' + GRAY, 'policy=block')
        consumer = self.consume('fakesink')
        wait_for(lambda: consumer.stat('src', 'stats', 'frames') > 10, 'frames')
        consumer.stop()
        self.connected(producer, 0)
        before, memory = count_fds(), resident_kib()
        for _ in range(100):
            consumer.play()
            wait_for(lambda: consumer.stat('src', 'stats', 'frames')
                     not in (None, 0) and consumer.stat(
                         'src', 'stats', 'frames') > 100, 'frames')
            consumer.stop()
        self.connected(producer, 0)
        self.assertGreater(producer.total('frames'), 10000)
        # The producer's pool may have grown to what one consumer can hold.
        wait_for(lambda: count_fds() <= before + 10, lambda:
                 'descriptors back to %d, are %d' % (before, count_fds()))
        if not SANITIZED:
            self.assertLess(resident_kib() - memory, 8000)

    def test_b32_many_consumers(self):
        producer = self.produce('videotestsrc ! ' + GRAY, 'policy=block')
        consumers = [self.consume('fakesink') for _ in range(4)]
        for consumer in consumers:
            wait_for(lambda: consumer.stat('src', 'stats', 'frames') > 500,
                     'frames')
        self.assertEqual(producer.total('consumers'), 4)

    def test_more_consumers_than_allowed_are_refused(self):
        producer = self.produce('videotestsrc is-live=true ! ' + GRAY,
                                'max-clients=1')
        first = self.consume()
        first.sample()
        extra = self.keep(peer.connect(self.path))
        self.assertTrue(extra.is_closed_by_peer())
        producer.wait_element('consumer-refused')

    def test_consumer_before_producer_and_after_its_restart(self):
        consumer = self.consume()
        producer = self.produce('videotestsrc is-live=true ! ' + GRAY)
        consumer.sample()
        for _ in range(3):
            producer.stop()
            producer.play()
            while consumer.samples.qsize():
                consumer.sample()
            consumer.sample()
        self.assertIsNone(consumer.has(Gst.MessageType.ERROR))

    def test_qualcomm_roles_with_our_elements(self):
        consumer = self.run_src()
        producer = self.run_pipeline(
            'videotestsrc num-buffers=10 ! %s ! qtisocketsink name=sink '
            'socket={path} wait-for-connection=true policy=block' % GRAY)
        for i in range(10):
            sample = consumer.sample()
            self.assertEqual(sample.get_buffer().offset, i)
        self.assertIn('framerate', sample.get_caps().to_string())
        consumer.wait(Gst.MessageType.EOS)


if __name__ == '__main__':
    unittest.main()
