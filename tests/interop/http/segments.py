# SPDX-License-Identifier: LGPL-2.1-or-later
#
# segments.py: HLS and DASH from one pipeline, on one HTTP server
#
# Here: hlssink2 and dashsink that fill a folder or write into the server, and
# the program that the page about DASH shows.
# Not here: players.

import http.client
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import gi

import servers

gi.require_version('Gst', '1.0')
from gi.repository import Gio, Gst  # noqa: E402

RECIPES = pathlib.Path(os.environ.get('SOURCE_ROOT', '.')) / 'docs/recipes'
DEADLINE = 40
HLS, DASH = '/live.m3u8', '/dash.mpd'
# Folder: the elements write files, and the server serves the folder. Disk and
# memory: the server gives them streams to write to.
FOLDER, DISK, MEMORY = 'folder', 'disk', 'memory'

LAUNCH = '''
videotestsrc is-live=true pattern=ball
  ! video/x-raw,width=320,height=180,framerate=25/1 ! timeoverlay
  ! videoconvert ! x264enc tune=zerolatency speed-preset=ultrafast
      key-int-max=25
  ! video/x-h264,profile=constrained-baseline ! h264parse ! tee name=video
audiotestsrc is-live=true wave=pink-noise volume=0.1 ! audioconvert
  ! avenc_aac ! aacparse ! tee name=audio
video. ! queue ! hls.video    audio. ! queue ! hls.audio
video. ! queue ! dash.video_0 audio. ! queue ! dash.audio_0
hlssink2 name=hls target-duration=1
dashsink name=dash dynamic=true target-duration=1 minimum-update-period=1000
httpserversink name=http port=0 cors=on
'''


def status_of(port, path):
    connection = http.client.HTTPConnection('127.0.0.1', port,
                                            timeout=DEADLINE)
    try:
        connection.request('HEAD', path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def wait_until_there(port, paths):
    deadline = time.monotonic() + DEADLINE
    while any(status_of(port, path) != 200 for path in paths):
        assert time.monotonic() < deadline, 'not there: %s' % (paths,)
        time.sleep(0.1)


def roots_of(storage, folder, pages):
    """What the server has of files, as its property says that."""
    roots = [] if storage == MEMORY else [folder]
    if pages is not None:
        roots.append('/pages=%s' % pages)
    return ':'.join(roots)


class Segments:
    """HLS and DASH of one picture and sound; use it in a with statement."""

    PATHS = (HLS, DASH, '/seg00002.ts', '/video_0_3.ts', '/audio_0_3.ts')

    def __init__(self, storage, pages=None):
        Gst.init(None)
        self.storage = storage
        self.folder = tempfile.mkdtemp(prefix='segments-')
        self.pipeline = Gst.parse_launch(LAUNCH)
        self.hls, self.dash, self.http = map(
            self.pipeline.get_by_name, ('hls', 'dash', 'http'))
        self.newest = {}
        self.arrange(pages)

    def arrange(self, pages):
        roots = roots_of(self.storage, self.folder, pages)
        if roots:
            self.http.set_property('root', roots)
        self.dash.set_property('mpd-root-path', self.folder)
        prefix = self.folder + '/' if self.storage == FOLDER else ''
        self.hls.set_property('location', prefix + 'seg%05d.ts')
        self.hls.set_property('playlist-location', prefix + HLS[1:])
        if self.storage != FOLDER:
            self.write_into_server()

    def write_into_server(self):
        if self.storage == MEMORY:
            self.http.set_property('storage', 'memory')
        self.http.set_property('max-segments', 60)
        # dashsink of GStreamer 1.22 asks itself after all others, and takes
        # the last answer; so this one has to come after it.
        for signal in ('get-playlist-stream', 'get-fragment-stream'):
            self.hls.connect(signal, self.on_stream)
            self.dash.connect_after(signal, self.on_stream)
        self.hls.connect('delete-fragment', lambda _hls, path:
                         self.http.emit('delete-file', path))

    def on_stream(self, element, path):
        name = os.path.basename(path)
        if self.storage == MEMORY and os.path.exists(path):
            os.unlink(path)
        stream = self.http.emit('open-file', name)
        assert isinstance(stream, Gio.OutputStream), name
        if not name.endswith(('.m3u8', '.mpd')):
            self.newest[element.get_name()] = '/' + name, stream
        return stream

    def __enter__(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        self.port = self.http.props.current_port
        wait_until_there(self.port, self.PATHS)
        return self

    def __exit__(self, *_error):
        faults = self.faults()
        self.pipeline.set_state(Gst.State.NULL)
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not faults, faults

    def faults(self):
        bus, faults = self.pipeline.get_bus(), []
        while message := bus.pop_filtered(
                Gst.MessageType.ERROR | Gst.MessageType.WARNING):
            faults.append(message.parse_error()
                          if message.type == Gst.MessageType.ERROR
                          else message.parse_warning())
        return faults

    def end(self):
        self.pipeline.send_event(Gst.Event.new_eos())
        assert self.pipeline.get_bus().timed_pop_filtered(
            DEADLINE * Gst.SECOND, Gst.MessageType.EOS)
        # hlssink2 keeps the last one until it is freed.
        self.newest['hls'][1].close(None)

    def newest_segment(self):
        """Of HLS: the one that is being written, or None."""
        if self.storage != FOLDER:
            return self.newest.get('hls', (None, None))[0]
        made = sorted(pathlib.Path(self.folder).glob('seg*.ts'))
        return '/' + made[-1].name if made else None

    def url(self, path):
        return 'http://127.0.0.1:%d%s' % (self.port, path)


class Recipe:
    """The program of a page, as the page shows it."""

    PATHS = ('/live.mpd', '/video-4.m4s', '/audio-4.m4s')

    def __init__(self, storage=MEMORY, pages=None):
        text = (RECIPES / 'http-dash.md').read_text()
        code = re.search(r'<!-- test: file=dash.py -->\n```python\n(.*?)^```',
                         text, re.M | re.S).group(1)
        self.port = servers.free_port()
        self.folder = tempfile.mkdtemp(prefix='segments-')
        roots = roots_of(storage, self.folder, pages)
        for pattern, text in (
                (r'\bport=50\d\d\b',
                 'port=%d' % self.port + (' root=' + roots if roots else '')),
                (r'\bstorage=memory\b', 'storage=' + storage)):
            code, n_times = re.subn(pattern, text, code)
            assert n_times == 1, pattern
        self.code = code

    def __enter__(self):
        # It loads what is ours: the environment is that of the test.
        self.process = subprocess.Popen(
            [sys.executable, '-B', '-c', self.code])
        try:
            wait_until_there(self.port, self.PATHS)
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, path):
        return 'http://127.0.0.1:%d%s' % (self.port, path)
