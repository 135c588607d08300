# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pipelines with our elements, for the tests of this folder.

Here: starting and stopping them, waiting, counting what is left behind.
Not here: the protocol (peer.py), what a test expects.
"""
import faulthandler
import gc
import os
import queue
import resource
import shutil
import tempfile
import time
import unittest

import gi
gi.require_version('Gst', '1.0')
gi.require_version('GstVideo', '1.0')
gi.require_version('GstAllocators', '1.0')
from gi.repository import Gst, GstAllocators, GstVideo  # noqa: E402,F401

from peer import DEADLINE  # noqa: E402

Gst.init(None)

# Of one test: none waits for as long, so this one would wait for ever.
LIMIT_S = 100
SANITIZED = 'asan' in os.environ.get('LD_PRELOAD', '')


def count_fds():
    return len(os.listdir('/proc/self/fd'))


def count_threads():
    return len(os.listdir('/proc/self/task'))


def resident_kib():
    with open('/proc/self/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def wait_for(condition, what='condition'):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError('never happened: '
                                 + (what() if callable(what) else what))
        time.sleep(0.002)


class Sample:
    """A buffer that came out. appsink's keeps the last one for itself."""

    def __init__(self, buffer, pad):
        self.buffer = buffer
        self.caps = pad.get_current_caps()
        event = pad.get_sticky_event(Gst.EventType.SEGMENT, 0)
        self.segment = event.parse_segment() if event else None

    def get_buffer(self):
        return self.buffer

    def get_caps(self):
        return self.caps

    def get_segment(self):
        return self.segment


def collect(pad, info, samples):
    samples.put(Sample(info.get_buffer(), pad))
    return Gst.PadProbeReturn.OK


class Pipeline:
    def __init__(self, description):
        self.element = Gst.Pipeline.new(None)
        self.element.add(Gst.parse_bin_from_description(description, False))
        self.bus = self.element.get_bus()
        self.seen = []
        self.samples = queue.Queue()
        out = self.element.get_by_name('out')
        if out is not None:
            out.get_static_pad('sink').add_probe(Gst.PadProbeType.BUFFER,
                                                 collect, self.samples)

    def __getitem__(self, name):
        return self.element.get_by_name(name)

    def play(self):
        self.element.set_state(Gst.State.PLAYING)
        return self

    def pause(self):
        self.element.set_state(Gst.State.PAUSED)
        self.element.get_state(5 * Gst.SECOND)

    def stop(self):
        """Returns the seconds it took."""
        before = time.monotonic()
        self.element.set_state(Gst.State.NULL)
        return time.monotonic() - before

    def messages(self):
        while True:
            message = self.bus.pop()
            if message is None:
                return self.seen
            self.seen.append(message)

    def has(self, kind, name=None):
        for message in self.messages():
            if message.type != kind:
                continue
            if name is None or (message.get_structure()
                                and message.get_structure().get_name() == name):
                return message
        return None

    def wait(self, kind, name=None):
        wait_for(lambda: self.has(kind, name), '%s %s' % (kind, name))
        return self.has(kind, name)

    def wait_element(self, name):
        return self.wait(Gst.MessageType.ELEMENT, name)

    def sample(self):
        return self.samples.get(timeout=DEADLINE)

    def bytes(self):
        buffer = self.sample().get_buffer()
        return buffer.extract_dup(0, buffer.get_size())

    def total(self, field):
        return self.stat('sink', 'totals', field)

    def count(self, name):
        """How many element messages of that name there were."""
        return sum(1 for message in self.messages()
                   if message.type == Gst.MessageType.ELEMENT
                   and message.get_structure().get_name() == name)

    def outstanding(self):
        return self.total('outstanding')

    def stat(self, element, prop, field):
        return self[element].get_property(prop).get_value(field)


class Closing:
    """Something to call when the test is over."""

    def __init__(self, close):
        self.close = close


OUT = 'fakesink name=out sync=false enable-last-sample=false'


class Case(unittest.TestCase):
    """Ends each test with the descriptors and threads it began with."""

    @classmethod
    def setUpClass(cls):
        # What GStreamer and GLib open once and keep.
        Pipeline('fakesrc num-buffers=1 ! fakesink').play().stop()

    def setUp(self):
        # Says where every thread was, even if one holds Python's own lock.
        faulthandler.dump_traceback_later(LIMIT_S, exit=True)
        self.addCleanup(faulthandler.cancel_dump_traceback_later)
        self.folder = tempfile.mkdtemp()
        self.path = os.path.join(self.folder, 'x.sock')
        self.pipelines = []
        self.things = []
        self.fds = count_fds()
        self.threads = count_threads()

    def tearDown(self):
        while self.pipelines:
            self.assertLess(self.pipelines.pop().stop(), 2.0,
                            'stop took too long')
        while self.things:
            self.things.pop().close()
        shutil.rmtree(self.folder)
        gc.collect()
        wait_for(lambda: count_fds() <= self.fds, 'descriptors back to %d, are %d'
                 % (self.fds, count_fds()))
        wait_for(lambda: count_threads() <= self.threads + 2, 'threads back')

    def keep(self, thing):
        self.things.append(thing)
        return thing

    def run_pipeline(self, description):
        pipeline = Pipeline(description.format(path=self.path))
        self.pipelines.append(pipeline)
        return pipeline.play()

    def run_src(self, options='', then=OUT):
        return self.run_pipeline(
            'qtisocketsrc name=src socket={path} %s ! %s' % (options, then))

    def memory(self, data):
        # The memory has to own the bytes; Python's go away.
        return Gst.Buffer.new_wrapped(data).get_memory(0)

    def fd_buffer(self, fd, size, offset=0, visible=None, pts=0):
        """A buffer around a descriptor, which it closes."""
        allocator = GstAllocators.FdAllocator.new()
        memory = GstAllocators.FdAllocator.alloc(
            allocator, fd, size, GstAllocators.FdMemoryFlags.NONE)
        if visible is not None:
            memory.resize(offset, visible)
        buffer = Gst.Buffer.new()
        buffer.append_memory(memory)
        buffer.pts = pts
        return buffer
