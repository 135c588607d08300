#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo_arguments.py: wrong arguments of the demo cost nobody any time
#
# Here: scripts/demo on a machine made up of a few stubs in PATH, where what
# installs or builds leaves a record. Not here: what the demo shows.

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

DEMO = os.path.join(os.environ['SOURCE_ROOT'], 'scripts/demo')
TOOLS = ('awk', 'bash', 'cat', 'dirname', 'env', 'grep', 'id')
RECORD = '#!/bin/bash\necho "${0##*/} $*" >> "$RECORD"\nexit 1\n'


class Arguments(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.record = self.folder + '/record'
        for tool in TOOLS:
            os.symlink(shutil.which(tool), os.path.join(self.folder, tool))
        for name in ('apt-get', 'dpkg-query', 'sudo', 'meson', 'ninja'):
            self.stub(name, RECORD)
        self.stub('python3', '#!/bin/bash\nexec %s "$@"\n' % sys.executable)

    def stub(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def demo(self, *arguments):
        return subprocess.run(
            ['bash', DEMO, *arguments], capture_output=True, text=True,
            check=False, timeout=60, cwd='/',
            env=dict(PATH=self.folder, RECORD=self.record))

    def did_something(self):
        return os.path.exists(self.record)

    def refused(self, reason, *arguments):
        run = self.demo(*arguments)
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn(reason, run.stderr)
        self.assertIn('usage: scripts/demo', run.stderr)
        self.assertFalse(self.did_something())

    def test_wrong_ones_are_refused_before_anything_is_done(self):
        self.refused('10 seconds', '--seconds', '8')
        self.refused('10 seconds', '--seconds=-1')
        self.refused('invalid int', '--seconds', 'ten')
        self.refused('at least one player', '--players', '0')
        self.refused('0 to 65535', '--port', '65536')
        self.refused('unrecognized', '--second', '10')
        self.refused('unrecognized', 'fast')

    def test_help_does_nothing_else(self):
        for argument in ('--help', '-h'):
            run = self.demo('--players', '2', argument)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn('--seconds', run.stdout)
            self.assertFalse(self.did_something())

    def test_right_ones_go_on(self):
        self.demo('--seconds', '10')
        self.assertTrue(self.did_something())


if __name__ == '__main__':
    unittest.main()
