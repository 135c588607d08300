#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# potfiles.py: po/POTFILES.in lists exactly the files that have strings
#
# Here: the list against the sources. Not here: the translations.

import re

import treelib

MARK = re.compile(r'\b(?:N?C?_|ngettext|g_dn?gettext|g_dpgettext2?)\s*\(')


def check(root):
    faults = []
    listed = [line.strip() for line
              in treelib.read(root, 'po/POTFILES.in').split('\n')
              if line.strip() and not line.startswith('#')]
    marked = {path for path in treelib.find(root, ('gst', 'gst-libs'), ('.c',))
              if MARK.search(treelib.without_comments(
                  treelib.read(root, path)))}
    for path in sorted(marked - set(listed)):
        faults.append('po/POTFILES.in: %s has strings and is not listed'
                      % path)
    for path in sorted(set(listed) - marked):
        faults.append('po/POTFILES.in: %s is listed and has no strings'
                      % path)
    if listed != sorted(set(listed)):
        faults.append('po/POTFILES.in: not sorted, or a line twice')
    return faults


if __name__ == '__main__':
    treelib.main(check)
