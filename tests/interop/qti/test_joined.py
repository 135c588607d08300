# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several buffers in one record, while they come without a pause.

Here: that only who says so gets them, that they come in order and none is kept
back. Not here: what else our elements say to each other (test_pair.py).
"""
import os
import threading
import unittest

from harness import Case, Gst, wait_for
import peer

GRAY = 'video/x-raw,format=GRAY8,width=256,height=64,framerate=30/1'
BOUND = 8


class Reader:
    """A consumer that gives back all of its frames when it has enough of them."""

    def __init__(self, connection):
        self.connection = connection
        self.offsets = []
        self.most = 0
        self.ended = False
        self.held = []

    def read_record(self):
        data, fds = self.connection.receive_record()
        for fd in fds:
            os.close(fd)
        messages = peer.split(data)
        buffers = [m.own_buffer() for m in messages if m.kind == peer.EXT_BUFFER]
        self.ended |= any(m.kind == peer.EXT_EOS for m in messages)
        self.most = max(self.most, len(buffers))
        self.offsets += [offset for _, offset in buffers]
        self.held += [id_ for id_, _ in buffers]
        if len(self.held) == BOUND:
            self.connection.record(peer.release(self.held))
            self.held = []


class Joined(Case):
    def produce(self, n):
        return self.run_pipeline(
            'videotestsrc name=in pattern=black num-buffers=%d ! %s ! '
            'qtisocketsink name=sink listen=true socket={path} async=false '
            'policy=block wait-for-connection=true max-outstanding=%d'
            % (n, GRAY, BOUND))

    def read(self, features):
        connection = self.keep(peer.connect(self.path))
        connection.record(peer.hello(features=features))
        return Reader(connection)

    def test_a_burst_goes_several_to_a_record_and_in_order(self):
        self.produce(2005)
        reader = self.read(peer.TAKES_JOINED)
        while not reader.ended:
            reader.read_record()
        self.assertEqual(reader.offsets, list(range(2005)))
        self.assertGreater(reader.most, 1)
        self.assertLessEqual(reader.most, BOUND)

    def test_who_does_not_say_so_gets_one_at_a_time(self):
        self.produce(2005)
        reader = self.read(0)
        while not reader.ended:
            reader.read_record()
        self.assertEqual(reader.offsets, list(range(2005)))
        self.assertEqual(reader.most, 1)

    def test_the_last_of_a_burst_does_not_wait_for_another(self):
        producer = self.produce(2005)
        producer['sink'].get_static_pad('sink').add_probe(
            Gst.PadProbeType.EVENT_DOWNSTREAM, lambda pad, info:
            Gst.PadProbeReturn.DROP
            if info.get_event().type == Gst.EventType.EOS
            else Gst.PadProbeReturn.OK)
        reader = self.read(peer.TAKES_JOINED)
        while len(reader.offsets) < 2005:
            reader.read_record()
        self.assertGreater(reader.most, 1)

    def test_the_source_takes_a_record_apart(self):
        listener = self.keep(peer.Listener(self.path))
        source = self.run_pipeline('qtisocketsrc name=src socket={path} '
                                   'listen=false ! fakesink name=out sync=false '
                                   'enable-last-sample=false')
        producer = self.keep(listener.accept())
        said = producer.receive_until(lambda m: m.kind == peer.EXT_HELLO)
        self.assertEqual(said.extension[12] & peer.TAKES_JOINED,
                         peer.TAKES_JOINED)
        producer.record(peer.hello(role=1, window=BOUND))
        producer.record(peer.extension(peer.EXT_CAPS, b'application/x-test'))
        producer.record(b''.join(peer.inline_buffer(i, b'%d' % i, i)
                                 for i in range(100)))
        self.assertEqual([source.bytes() for _ in range(100)],
                         [b'%d' % i for i in range(100)])
        wait_for(lambda: source.stat('src', 'stats', 'frames') == 100, 'all')

    def read_releases(self, element):
        """What a source that takes records of BOUND frames gives back at once,
        for each message of its."""
        listener = self.keep(peer.Listener(self.path))
        self.run_pipeline('qtisocketsrc socket={path} listen=false ! %s ! '
                          'fakesink sync=false enable-last-sample=false'
                          % element)
        producer = self.keep(listener.accept())
        producer.record(peer.hello(role=1, window=BOUND))
        producer.record(peer.extension(peer.EXT_CAPS, b'application/x-test'))
        while True:
            ids = []
            producer.record(b''.join(peer.inline_buffer(i, b'%d' % i, i)
                                     for i in range(BOUND)))
            while len(ids) < BOUND:
                said = producer.receive_until(
                    lambda m: m.kind == peer.EXT_RELEASE)
                ids += said.released()
                yield len(said.released())
            self.assertEqual(sorted(ids), list(range(BOUND)))

    def test_the_frames_of_a_record_are_given_back_together(self):
        releases = self.read_releases('identity')
        # Half at a time is what is given back of frames that come singly; how
        # many more it is depends on how long the record takes.
        self.assertTrue(any(next(releases) > BOUND // 2 for _ in range(1000)))

    def test_a_slow_consumer_gives_back_before_the_end_of_a_record(self):
        releases = self.read_releases('identity sleep-time=1000')
        for _ in range(10):
            self.assertLessEqual(next(releases), BOUND // 2)

    def test_a_consumer_that_is_held_up_gives_back_what_it_is_done_with(self):
        listener = self.keep(peer.Listener(self.path))
        source = self.run_pipeline('qtisocketsrc socket={path} listen=false ! '
                                   'fakesink name=out sync=false async=false')
        go_on = threading.Event()
        source['out'].get_static_pad('sink').add_probe(
            Gst.PadProbeType.BUFFER, lambda pad, info:
            (info.get_buffer().offset < 2 or go_on.wait())
            and Gst.PadProbeReturn.OK)
        producer = self.keep(listener.accept())
        producer.record(peer.hello(role=1, window=BOUND))
        producer.record(peer.extension(peer.EXT_CAPS, b'application/x-test'))
        producer.record(b''.join(peer.inline_buffer(i, b'%d' % i, i)
                                 for i in range(3)))
        given_back = []
        try:
            while len(given_back) < 2:
                given_back += producer.receive_until(
                    lambda m: m.kind == peer.EXT_RELEASE).released()
        finally:
            go_on.set()
        self.assertEqual(given_back[:2], [0, 1])

    def test_the_end_of_a_record_that_is_cut_off_is_left_out(self):
        listener = self.keep(peer.Listener(self.path))
        source = self.run_pipeline('qtisocketsrc name=src socket={path} '
                                   'listen=false ! fakesink name=out sync=false '
                                   'enable-last-sample=false')
        producer = self.keep(listener.accept())
        producer.record(peer.hello(role=1, window=BOUND))
        producer.record(peer.extension(peer.EXT_CAPS, b'application/x-test'))
        whole = peer.inline_buffer(1, b'abc')
        for cut in range(4, len(whole), 7):
            producer.record(whole + whole[:cut])
            self.assertEqual(source.bytes(), b'abc')
        producer.record(whole + whole[:3])
        self.assertTrue(producer.is_closed_by_peer())


if __name__ == '__main__':
    unittest.main()
