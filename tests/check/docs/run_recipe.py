#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# run_recipe.py: runs the blocks of one recipe, in their order
#
# Here: a recipe is a page whose shell blocks each stand below a mark:
#   <!-- test: run [expect="REGEX"] -->        runs to its end, status 0
#   <!-- test: serve [port=N] [expect="REGEX"] -->   runs until the page ends;
#                                              what follows waits for both
#   <!-- test: until expect="REGEX" -->        is interrupted once it said so
#   <!-- test: file=NAME -->                   is written to a file of the page
#   <!-- test: not run, because ... -->
# Ports from 5000 to 5099 are replaced by free ones, /tmp by a folder of the
# page, a camera by a test source, and screens and speakers by sinks that end
# after 25 frames, but for those that serve.
# Not here: recipes (docs/recipes).

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

LIMIT_SECONDS = 90
FOREIGN = ('curl', 'ffmpeg', 'ffprobe', 'ffplay', 'haproxy', 'nginx', 'openssl',
           'varnishd', 'vlc')
STOP_SECONDS = 20
FENCE = re.compile(
    r'(?:<!-- test: (?P<mark>[^\n]*?) -->\n)?```(?P<language>\w+)\n'
    r'(?P<code>.*?)^```', re.M | re.S)
CAMERA = re.compile(r'\bv4l2src\b')
SCREEN = re.compile(r'\bauto(?:video|audio)sink\b')
PORT = re.compile(r'\b50\d\d\b')


class Failure(Exception):
    pass


class Process:
    """A shell that runs a block; what it says is kept as it comes."""

    def __init__(self, code, folder):
        self.output = ''
        self.grew = threading.Condition()
        self.process = subprocess.Popen(
            ['bash', '-euo', 'pipefail', '-c', code], cwd=folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors='replace',
            start_new_session=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.grew:
                self.output += line
                self.grew.notify_all()
        with self.grew:
            self.grew.notify_all()

    def wait(self):
        try:
            status = self.process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.stop()
            raise Failure('not done after %d s' % LIMIT_SECONDS) from None
        self.reader.join(STOP_SECONDS)
        return status

    def wait_for(self, regex):
        deadline = time.monotonic() + LIMIT_SECONDS
        with self.grew:
            while not re.search(regex, self.output):
                left = deadline - time.monotonic()
                if left <= 0 or not self.reader.is_alive():
                    raise Failure('never said: ' + regex)
                self.grew.wait(min(left, 1))

    def stop(self):
        """Ends the block and what it started; its group is its own."""
        for number in (signal.SIGINT, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(STOP_SECONDS)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def is_listening(port):
    wanted = ':%04X' % port
    for table in ('/proc/net/tcp', '/proc/net/tcp6'):
        try:
            with open(table, encoding='ascii') as file:
                rows = [line.split() for line in file][1:]
        except OSError:
            continue
        if any(r[1].endswith(wanted) and r[3] == '0A' for r in rows):
            return True
    return False


def wait_for_port(port, process):
    deadline = time.monotonic() + LIMIT_SECONDS
    while not is_listening(port):
        if process.process.poll() is not None:
            raise Failure('ended before it listened')
        if time.monotonic() > deadline:
            raise Failure('does not listen on %d' % port)
        time.sleep(0.05)


class Recipe:
    def __init__(self, text, folder):
        self.folder = folder
        self.serving = []
        self.ports = {}
        text = CAMERA.sub('videotestsrc is-live=true', text)
        text = text.replace('/tmp/', folder + '/')
        self.text = PORT.sub(self.replace_port, text)

    def replace_port(self, match):
        return str(self.ports.setdefault(match.group(0), free_port()))

    def run_block(self, mark, code):
        words = shlex.split(mark)
        options = dict(w.split('=', 1) for w in words if '=' in w)
        code = SCREEN.sub('fakesink' if words[0] == 'serve'
                          else 'fakesink num-buffers=25', code)
        process = Process(code, self.folder)
        try:
            if words[0] == 'serve':
                self.serving.append(process)
                if 'port' in options:
                    wait_for_port(int(options['port']), process)
                if 'expect' in options:
                    process.wait_for(options['expect'])
                return
            if words[0] == 'until':
                process.wait_for(options['expect'])
                process.stop()
                return
            status = process.wait()
            if status != 0:
                raise Failure('exit status %d' % status)
            if not re.search(options.get('expect', ''), process.output):
                raise Failure('did not say: ' + options['expect'])
        except Failure as failure:
            process.stop()
            raise Failure('%s\n%s\n--- its output:\n%s%s' % (
                failure, code, process.output, self.tell_others(process))
            ) from None

    def tell_others(self, failed):
        """What the blocks say that a failed one may have asked in vain."""
        return ''.join(
            '--- of what serves, status %s:\n%s' % (
                other.process.poll(), other.output)
            for other in self.serving if other is not failed)

    def write_file(self, name, code):
        with open(os.path.join(self.folder, os.path.basename(name)), 'w',
                  encoding='utf-8') as file:
            file.write(code)

    def run(self):
        """Runs the page; returns how many blocks it ran."""
        count = 0
        for match in FENCE.finditer(self.text):
            mark, code = match.group('mark'), match.group('code')
            if mark is None:
                if match.group('language') in ('sh', 'shell', 'bash'):
                    raise Failure('a block without a mark:\n' + code)
                continue
            if mark.startswith('file='):
                self.write_file(mark.split('=', 1)[1], code)
            elif not mark.startswith('not run, because '):
                self.run_block(mark, code)
                count += 1
        for process in self.serving:
            if process.process.poll() not in (None, 0):
                raise Failure('a server ended by itself:\n' + process.output)
        return count

    def stop(self):
        for process in self.serving:
            process.stop()


def free_from_sanitizer(folder):
    """Under sanitizers, what loads nothing of ours runs without them."""
    for name in FOREIGN:
        path = shutil.which(name)
        if path is None:
            continue
        wrapper = os.path.join(folder, name)
        with open(wrapper, 'w', encoding='utf-8') as file:
            file.write('#!/bin/sh\nunset LD_PRELOAD LD_LIBRARY_PATH\n'
                       'exec %s "$@"\n' % shlex.quote(path))
        os.chmod(wrapper, 0o755)


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        text = file.read()
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.environ['BUILD_ROOT'], os.path.join(folder, 'build'))
        # As a reader sets it; the more special variable would win over it.
        os.environ.pop('GST_PLUGIN_PATH_1_0', None)
        # Needed only where a sanitizer hides who calls dlopen().
        if 'LD_PRELOAD' not in os.environ:
            os.environ.pop('LD_LIBRARY_PATH', None)
        os.environ['GST_PLUGIN_PATH'] = os.environ['BUILD_ROOT'] + '/gst'
        os.environ['PATH'] = os.path.dirname(sys.executable) \
            + ':' + os.environ['PATH']
        if 'LD_PRELOAD' in os.environ:
            tools = os.path.join(folder, '.tools')
            os.mkdir(tools)
            free_from_sanitizer(tools)
            os.environ['PATH'] = tools + ':' + os.environ['PATH']
        recipe = Recipe(text, folder)
        try:
            count = recipe.run()
        except Failure as failure:
            print(failure)
            sys.exit(1)
        finally:
            recipe.stop()
    print('%d blocks ran' % count)
    sys.exit(0 if count > 0 else 1)


if __name__ == '__main__':
    main()
