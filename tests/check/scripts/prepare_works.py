#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# prepare_works.py: what is missing is installed by name, or named
#
# Here: scripts/lib/prepare.sh on machines made up of a few stubs in PATH.
# Not here: a real installation.

import os
import shutil
import stat
import subprocess
import tempfile
import unittest

SOURCE = os.environ['SOURCE_ROOT']
TOOLS = ('awk', 'bash', 'cat', 'chmod', 'dirname', 'env', 'grep', 'rm', 'sh', 'tee')
DPKG = '''#!/bin/bash
for name in $GONE; do
  [ "${!#}" = "$name" ] && exit 1
done
echo installed
'''
RECORD = '''#!/bin/bash
echo "${0##*/} $*" >> "$RECORD"
'''
SUDO = RECORD + 'exec "$@"\n'


class Machine(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.record = self.folder + '/record'
        for tool in TOOLS:
            os.symlink(shutil.which(tool), os.path.join(self.folder, tool))
        self.stub('id', '#!/bin/bash\necho "${USER_ID:-0}"\n')

    def stub(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def debian(self):
        self.stub('dpkg-query', DPKG)
        self.stub('apt-get', RECORD)

    def prepare(self, purpose='test', **environment):
        self.policy = self.folder + '/policy-rc.d'
        return subprocess.run(
            ['bash', '-euo', 'pipefail', '-c',
             'source "$1/scripts/lib/prepare.sh"; prepare_packages "$2"', '-',
             SOURCE, purpose], capture_output=True, text=True, check=False,
            cwd='/', env=dict(PATH=self.folder, RECORD=self.record,
                              POLICY_FILE=self.policy,
                              **environment))

    def recorded(self):
        if not os.path.exists(self.record):
            return []
        with open(self.record, encoding='utf-8') as file:
            return file.read().splitlines()

    def test_nothing_is_called_where_nothing_is_missing(self):
        self.debian()
        run = self.prepare(GONE='')
        self.assertEqual((run.returncode, self.recorded()), (0, []))

    def test_only_what_is_missing_is_installed(self):
        self.debian()
        run = self.prepare(GONE='meson valgrind')
        self.assertEqual(run.returncode, 0, run.stderr)
        update, install = self.recorded()
        self.assertIn(' update', update)
        self.assertTrue(install.endswith(
            'install --no-install-recommends meson valgrind'), install)

    def test_what_only_tests_need_is_not_installed_to_use_it(self):
        self.debian()
        run = self.prepare(purpose='use', GONE='meson valgrind chromium')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue(self.recorded()[1].endswith(
            'install --no-install-recommends meson'), self.recorded())

    def test_what_need_not_be_debians_own_is_taken_as_it_is(self):
        self.debian()
        run = self.prepare(GONE='npm')
        self.assertIn('install --no-install-recommends npm', self.recorded()[1])
        os.remove(self.record)
        self.stub('npm', '#!/bin/bash\n')
        run = self.prepare(GONE='npm')
        self.assertEqual((run.returncode, self.recorded()), (0, []))

    def test_installing_starts_no_services(self):
        self.debian()
        self.stub('apt-get', '#!/bin/bash\n[[ $* != *" install "* ]] || '
                  '"$POLICY_FILE" || echo "policy: $?" >> "$RECORD"\n')
        run = self.prepare(GONE='nginx-light')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.recorded(), ['policy: 101'])
        self.assertFalse(os.path.exists(self.policy))

    def test_sudo_is_used_by_others_than_root(self):
        self.debian()
        self.stub('sudo', SUDO)
        run = self.prepare(GONE='meson', USER_ID='1000')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue(self.recorded()[0].startswith('sudo env'))

    def test_without_root_and_sudo_it_stops(self):
        self.debian()
        run = self.prepare(GONE='meson', USER_ID='1000')
        self.assertNotEqual(run.returncode, 0)
        self.assertIn('root or sudo', run.stderr)

    def test_failed_installation_stops(self):
        self.debian()
        self.stub('apt-get', '#!/bin/bash\nexit 100\n')
        run = self.prepare(GONE='meson')
        self.assertNotEqual(run.returncode, 0)
        self.assertIn('could not install: meson', run.stderr)

    def test_elsewhere_the_packages_are_named(self):
        run = self.prepare()
        self.assertNotEqual(run.returncode, 0)
        self.assertIn('not Debian', run.stderr)
        for name in ('meson', 'libgstreamer1.0-dev', 'gstreamer1.0-libav'):
            self.assertIn('  %s\n' % name, run.stderr)
        # What the machine does have is not asked for.
        self.assertNotIn('libc6-dev', run.stderr)


if __name__ == '__main__':
    unittest.main()
