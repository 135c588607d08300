#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# spelling.py: no common misspelling in sources and docs
#
# Here: running codespell. Not here: the translations, which are not English.

import os
import shutil
import subprocess
import sys

import treelib

TOP = ('README.md', 'NEWS', 'CONTRIBUTING.md', 'meson.build',
       'meson_options.txt')
TEXT = ('.c', '.h', '.py', '.sh', '.md', '.build', '.html', '.js')


def check(root):
    paths = list(treelib.find(
        root, ('gst', 'gst-libs', 'tests', 'docs'), TEXT))
    paths += [p for p in treelib.find(root, ('scripts', '.ci'))]
    paths += [p for p in TOP if os.path.exists(os.path.join(root, p))]
    if not paths:
        return []
    ignored = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                           'spelling-ignore')
    found = subprocess.run(
        ['codespell', '--ignore-words', ignored] + paths, cwd=root,
        capture_output=True, text=True, check=False)
    return found.stdout.splitlines()


if __name__ == '__main__':
    if shutil.which('codespell') is None:
        print('codespell is not there')
        sys.exit(treelib.SKIP_TEST)
    treelib.main(check)
