#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# chromium.py: a headless Chromium, driven over a pipe
#
# Here: starting it, its protocol (JSON messages that end with a NUL), ending
# it. Not here: what is tested.

import base64
import json
import os
import select
import subprocess
import tempfile
import time

import programme

FLAGS = ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic',
         '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--mute-audio',
         '--autoplay-policy=no-user-gesture-required',
         '--disable-dev-shm-usage',
         # Nobody outside of this machine is asked for anything.
         '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, '
         'EXCLUDE 127.0.0.1',
         '--remote-debugging-pipe')
DEADLINE = 40


class Chromium:
    """A browser with one page; use it in a with statement."""

    def __init__(self, path):
        self.path = path
        self.buffer = b''
        self.last_id = 0
        self.session = None
        self.problems = []

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self.write_fd = os.pipe()
        self.read_fd, from_browser = os.pipe()

        def arrange():
            # The browser reads from 3 and writes to 4.
            reads, writes = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        self.process = subprocess.Popen(
            [self.path, *FLAGS, '--user-data-dir=' + self.profile.name,
             'about:blank'],
            env=programme.FOREIGN_ENV, preexec_fn=arrange, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        page = self.call('Target.createTarget', url='about:blank')
        self.session = self.call('Target.attachToTarget', flatten=True,
                                 targetId=page['targetId'])['sessionId']
        for domain in ('Page', 'Runtime', 'Log'):
            self.call(domain + '.enable')
        return self

    def __exit__(self, *_error):
        os.close(self.write_fd)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait()
        os.close(self.read_fd)
        self.profile.cleanup()

    def note(self, message):
        """Keeps what a user would see in the console as an error."""
        params = message.get('params', {})
        if message.get('method') == 'Runtime.exceptionThrown':
            self.problems.append(params['exceptionDetails'])
        elif message.get('method') == 'Log.entryAdded' \
                and params['entry']['level'] == 'error':
            self.problems.append(params['entry'])
        elif message.get('method') == 'Runtime.consoleAPICalled' \
                and params['type'] == 'error':
            self.problems.append(params)

    def receive(self, deadline):
        while b'\0' not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.read_fd], [], [], left)[0]:
                raise TimeoutError('the browser does not answer')
            data = os.read(self.read_fd, 1 << 16)
            if not data:
                raise EOFError('the browser has gone')
            self.buffer += data
        text, _, self.buffer = self.buffer.partition(b'\0')
        return json.loads(text)

    def call(self, method, **params):
        self.last_id += 1
        message = {'id': self.last_id, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.write_fd, json.dumps(message).encode() + b'\0')
        deadline = time.monotonic() + DEADLINE
        while True:
            answer = self.receive(deadline)
            if answer.get('id') == self.last_id:
                if 'error' in answer:
                    raise RuntimeError(answer['error'])
                return answer['result']
            self.note(answer)

    def evaluate(self, expression):
        answer = self.call('Runtime.evaluate', expression=expression,
                           awaitPromise=True, returnByValue=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(answer['exceptionDetails'])
        return answer['result'].get('value')

    def wait_for(self, expression):
        """Until the expression is true; it is asked again and again."""
        deadline = time.monotonic() + DEADLINE
        while not self.evaluate(expression):
            if time.monotonic() > deadline:
                raise TimeoutError('never became true: ' + expression)
            self.evaluate('new Promise(r => setTimeout(r, 100))')

    def open(self, url, width, height, dark=False):
        self.call('Emulation.setDeviceMetricsOverride', width=width,
                  height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme',
             'value': 'dark' if dark else 'light'}])
        self.call('Page.navigate', url=url)

    def screenshot(self, path):
        data = self.call('Page.captureScreenshot', format='png')['data']
        with open(path, 'wb') as image:
            image.write(base64.b64decode(data))
