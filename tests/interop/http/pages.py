#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# pages.py: the examples of applications that decide what is answered
#
# Here: that docs/examples/pages.py (PyGObject) and pages.js (GJS) add pages,
# change them, keep people out, answer late, and see each request.
# Not here: how requests are authorized (authorize.py).

import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

EXAMPLES = pathlib.Path(os.environ['SOURCE_ROOT']) / 'docs/examples'
DEADLINE = 20


class Example:
    def __init__(self, command):
        self.process = subprocess.Popen(
            command + ['0'], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def ask(self, path):
        request = urllib.request.Request(self.url[:-1] + path)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                return answer.status, answer.headers, answer.read(4096)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def end(self):
        self.process.kill()
        told = self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait()
        return told


class Answers(unittest.TestCase):
    def check(self, command, name):
        example = Example(command)
        self.addCleanup(example.process.kill)
        self.check_pages(example, name)
        self.check_camera(example)
        told = example.end()
        for path in ('/hello', '/later', '/camera', '/nothing'):
            self.assertIn('GET ' + path, told)

    def check_pages(self, example, name):
        status, headers, body = example.ask('/hello?name=%3CMe%3E')
        self.assertEqual((status, body), (200, b'<p>Hello, &lt;Me&gt;!</p>\n'))
        self.assertIn('text/html', headers['Content-Type'])
        status, headers, body = example.ask('/')
        self.assertEqual((status, headers['X-Made-By']), (200, name))
        self.assertIn(b'2 requests', body)
        status, headers, body = example.ask('/later')
        self.assertEqual((status, body), (202, b'At last.\n'))
        self.assertEqual(example.ask('/nothing')[0], 404)

    def check_camera(self, example):
        self.assertEqual(example.ask('/camera/snapshot')[0], 403)
        status = 503
        while status == 503:
            status, _headers, body = example.ask(
                '/camera/snapshot?key=open')
        self.assertEqual((status, body[:2]), (200, b'\xff\xd8'))

    def test_python_decides(self):
        self.check([sys.executable, '-B', str(EXAMPLES / 'pages.py')],
                   'pages.py')

    def test_gjs_decides(self):
        self.check(['gjs', str(EXAMPLES / 'pages.js')], 'pages.js')


if __name__ == '__main__':
    if shutil.which('gjs') is None:
        print('there is no gjs')
        sys.exit(77)
    unittest.main()
