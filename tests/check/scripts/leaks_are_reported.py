#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# leaks_are_reported.py: no suppression hides a leak of our own
#
# Here: a program that leaks, and what the sanitizer must say of it.
# Not here: the suppressions (tests/check/common/lsan.supp).

import subprocess
import sys
import unittest


class Leaks(unittest.TestCase):
    def test_leaks_fail_and_are_named(self):
        run = subprocess.run([LEAKY], capture_output=True, text=True,
                             check=False)
        self.assertNotEqual(run.returncode, 0)
        self.assertIn('LeakSanitizer: detected memory leaks', run.stderr)
        self.assertIn('lose_string', run.stderr)
        self.assertIn('lose_element', run.stderr)


if __name__ == '__main__':
    LEAKY = sys.argv.pop()
    unittest.main()
