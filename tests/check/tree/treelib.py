# SPDX-License-Identifier: LGPL-2.1-or-later
#
# treelib.py: what the checks of the source tree share
#
# Here: finding files, reading meson's lists, reporting.
# Not here: any rule.

import os
import re
import sys

SKIP_TEST = 77
FOLDERS = ('gst', 'gst-libs', 'tests', 'scripts', 'docs', 'po', '.ci')


def find(root, folders=FOLDERS, suffixes=None):
    """Yields the paths, relative to root, of the tree's own files."""
    for folder in folders:
        for here, subdirs, names in os.walk(os.path.join(root, folder)):
            subdirs[:] = sorted(d for d in subdirs if d != '__pycache__')
            for name in sorted(names):
                if suffixes is None or name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(here, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8',
              errors='replace') as file:
        return file.read()


def without_comments(text):
    """Blanks comments and strings out of C, keeping every line break."""
    pattern = re.compile(
        r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
        re.S)

    def blank(match):
        found = match.group(0)
        edge = found[0] if found[0] in '"\'' else ''
        return edge + re.sub(r'[^\n]', ' ', found[len(edge):len(found)
                                                  - len(edge)]) + edge
    return pattern.sub(blank, text)


def includes(text):
    """Returns (line number, name) of each include of a C text."""
    return [(text.count('\n', 0, m.start()) + 1, m.group(1))
            for m in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)',
                                 text, re.M)]


def meson_list(text, name):
    """Returns the strings of all `name = files(...)` and `name += ...`."""
    items = []
    for match in re.finditer(
            r'^' + re.escape(name) + r'\s*\+?=\s*(?:files\s*)?[\[(](.*?)[\])]',
            text, re.M | re.S):
        items += re.findall(r"'([^']+)'", match.group(1))
    return items


def main(check):
    """Runs check (root), which returns a list of faults, and exits."""
    root = sys.argv[1] if len(sys.argv) > 1 else os.environ['SOURCE_ROOT']
    faults = check(os.path.abspath(root))
    for fault in faults:
        print(fault)
    print('%d faults' % len(faults))
    sys.exit(1 if faults else 0)
