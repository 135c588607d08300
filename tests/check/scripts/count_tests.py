#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# count_tests.py: the closing line of scripts/test counts right
#
# Here: logs as meson writes them, and the line each must give.
# Not here: running scripts/test, which runs this.

import json
import os
import subprocess
import tempfile
import unittest

COUNT = os.path.join(os.environ['SOURCE_ROOT'], 'scripts/lib/count-tests')
CHECK = '%d%%: Checks: %d, Failures: %d, Errors: %d\n'


def count(*entries):
    with tempfile.NamedTemporaryFile('w', suffix='.json') as log:
        for result, stdout in entries:
            log.write(json.dumps({'result': result, 'stdout': stdout}) + '\n')
        log.flush()
        run = subprocess.run([COUNT, log.name], capture_output=True,
                             text=True, check=False)
    return run.returncode, run.stdout


class CountTests(unittest.TestCase):
    def test_check_programs_count_their_tests(self):
        self.assertEqual(
            count(('OK', CHECK % (100, 5, 0, 0)), ('OK', CHECK % (100, 2, 0, 0))),
            (0, '7 passed, 0 failed, 0 skipped\n'))

    def test_suites_of_one_program_add_up(self):
        self.assertEqual(count(('OK', 'x\n' + CHECK % (100, 5, 0, 0)
                                + CHECK % (100, 3, 0, 0))),
                         (0, '8 passed, 0 failed, 0 skipped\n'))

    def test_failures_and_errors_are_failures(self):
        self.assertEqual(count(('FAIL', CHECK % (50, 4, 1, 1))),
                         (1, '2 passed, 2 failed, 0 skipped\n'))

    def test_other_programs_count_one(self):
        self.assertEqual(count(('OK', ''), ('SKIP', ''), ('FAIL', '')),
                         (1, '1 passed, 1 failed, 1 skipped\n'))

    def test_crash_after_good_tests_is_a_failure(self):
        self.assertEqual(count(('FAIL', CHECK % (100, 5, 0, 0))),
                         (1, '5 passed, 1 failed, 0 skipped\n'))

    def test_timeout_is_a_failure(self):
        self.assertEqual(count(('OK', ''), ('TIMEOUT', None)),
                         (1, '1 passed, 1 failed, 0 skipped\n'))

    def test_expected_failure_passes(self):
        self.assertEqual(count(('EXPECTEDFAIL', CHECK % (0, 1, 1, 0))),
                         (0, '1 passed, 0 failed, 0 skipped\n'))

    def test_unittest_programs_count_their_tests(self):
        self.assertEqual(
            count(('OK', 'Ran 9 tests in 0.1s\n\nOK (skipped=2)\n')),
            (0, '7 passed, 0 failed, 2 skipped\n'))

    def test_unittest_failures_are_failures(self):
        self.assertEqual(
            count(('FAIL', 'Ran 9 tests in 0.1s\n\n'
                   'FAILED (failures=1, errors=2, skipped=1)\n')),
            (1, '5 passed, 3 failed, 1 skipped\n'))

    def test_tap_lines_count(self):
        self.assertEqual(
            count(('FAIL', 'ok 1 - a\nnot ok 2 - b\nok 3 c # SKIP no root\n'
                   'not ok 4 # TODO later\n1..4\n')),
            (1, '2 passed, 1 failed, 1 skipped\n'))

    def test_tests_that_the_plan_promised_fail(self):
        self.assertEqual(count(('FAIL', '1..5\nok 1\nok 2\n')),
                         (1, '2 passed, 3 failed, 0 skipped\n'))

    def test_ok_without_a_plan_is_just_text(self):
        self.assertEqual(count(('OK', 'ok 1\nok 2\n')),
                         (0, '1 passed, 0 failed, 0 skipped\n'))

    def test_nothing_run_fails(self):
        self.assertEqual(count(), (1, '0 passed, 0 failed, 0 skipped\n'))
        self.assertEqual(count(('SKIP', '')),
                         (1, '0 passed, 0 failed, 1 skipped\n'))


if __name__ == '__main__':
    unittest.main()
