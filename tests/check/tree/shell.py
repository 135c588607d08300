#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shell.py: the shell scripts are sound
#
# Here: running shellcheck. Not here: Python and C.

import re
import shutil
import subprocess
import sys

import treelib


def check(root):
    paths = [p for p in treelib.find(root, ('scripts', '.ci', 'tests'))
             if p.endswith('.sh') or re.match(
                 r'#!.*\b(ba)?sh\b', treelib.read(root, p)[:64])]
    found = subprocess.run(
        ['shellcheck', '-x', '--format=gcc', '--source-path=SCRIPTDIR']
        + paths, cwd=root, capture_output=True, text=True, check=False)
    return (found.stdout + found.stderr).splitlines()


if __name__ == '__main__':
    if shutil.which('shellcheck') is None:
        print('shellcheck is not there')
        sys.exit(treelib.SKIP_TEST)
    treelib.main(check)
