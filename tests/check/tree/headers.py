#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# headers.py: every file opens with its licence, its name and its job
#
# Here: the first comment of sources and scripts. C files must also say what
# lives in them ("Here:"), and headers guard themselves with #pragma once.
# Not here: the rest of a file.

import os
import re

import treelib

LICENCE = 'SPDX-License-Identifier: LGPL-2.1-or-later'


def first_comment(path, text):
    if path.endswith(('.c', '.h')):
        match = re.match(r'/\*(.*?)\*/', text, re.S)
        return match.group(1) if match else ''
    lines = []
    for line in text.split('\n'):
        if not line.startswith('#'):
            break
        lines.append(line)
    docstring = re.match(r'\s*"""(.*?)"""', text[len('\n'.join(lines)):], re.S)
    if docstring:
        lines += docstring.group(1).split('\n')
    return '\n'.join(lines)


def is_source(root, path):
    if path.endswith(('.c', '.h', '.py', '.sh', 'meson.build')):
        return True
    if '/corpus/' in path:
        return False
    return treelib.read(root, path)[:2] == '#!'


def check_file(root, path):
    faults = []
    text = treelib.read(root, path)
    comment = first_comment(path, text)
    name = os.path.basename(path)
    if LICENCE not in '\n'.join(comment.split('\n')[:2]):
        faults.append('%s: does not open with "%s"' % (path, LICENCE))
    if name == 'meson.build':
        return faults
    if path.endswith('.py') and 'Here:' in comment:
        return faults
    if not re.search(re.escape(name) + r': \S', comment) \
            and not re.search(re.escape(name.rsplit('.', 1)[0])
                              + r': \S', comment):
        faults.append('%s: the first comment does not name the file and its '
                      'job ("%s: ...")' % (path, name))
    if path.endswith(('.c', '.h')) and 'Here:' not in comment:
        faults.append('%s: the first comment does not say what is here'
                      % path)
    if path.endswith('.h') and '#pragma once' not in text:
        faults.append('%s: no #pragma once' % path)
    return faults


def check(root):
    faults = []
    paths = [p for p in treelib.find(root) if is_source(root, p)]
    for path in paths + ['meson.build']:
        faults += check_file(root, path)
    return faults


if __name__ == '__main__':
    treelib.main(check)
