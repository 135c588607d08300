# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every fault of the original has a test, and docs/design names it.

Here: comparing names. Not here: the tests themselves.
"""
import os
import re
import unittest

ROOT = os.environ['SOURCE_ROOT']
FILES = ['tests/interop/qti/test_%s.py' % name for name in ('pair', 'sink', 'src')]
FILES += ['tests/check/elements/qtisocket.c', 'tests/check/libs/fdpass.c']
N_FAULTS = 43


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


class Faults(unittest.TestCase):
    def setUp(self):
        self.tests = set()
        for path in FILES:
            self.tests |= set(re.findall(
                r'(?:def |TEST \()(test_b\d\d_\w+)', read(path)))
        self.table = read('docs/design/ipc-faults.md')

    def test_each_has_a_test(self):
        for number in range(1, N_FAULTS + 1):
            self.assertTrue([name for name in self.tests
                             if name.startswith('test_b%02d_' % number)], number)

    def test_table_names_just_the_tests_there_are(self):
        named = set(re.findall(r'`(test_b\d\d_\w+)`', self.table))
        self.assertEqual(named, self.tests)


if __name__ == '__main__':
    unittest.main()
