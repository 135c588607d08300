#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# links.py: links in the docs lead somewhere, and no page is left out
#
# Here: links between files of the tree and to headings; README's table of
# elements against the plugin; recipes against the list that is run.
# Not here: the world outside.

import os
import re

import treelib

LINK = re.compile(r'\[[^\]\n]*\]\(([^)\s]+)\)')
FENCE = re.compile(r'^```.*?^```', re.M | re.S)


def anchors(text):
    """The anchors that headings make, by the usual rule."""
    found = set()
    for title in re.findall(r'^#+ (.*)$', FENCE.sub('', text), re.M):
        title = re.sub(r'[^\w\- ]', '', title.lower())
        found.add(title.strip().replace(' ', '-'))
    return found


def check_page(root, path):
    faults = []
    text = FENCE.sub('', treelib.read(root, path))
    for link in LINK.findall(text):
        if re.match(r'[a-z]+:', link):
            continue
        target, _hash, anchor = link.partition('#')
        full = os.path.normpath(os.path.join(os.path.dirname(path), target)) \
            if target else path
        if not os.path.exists(os.path.join(root, full)):
            faults.append('%s: %s leads nowhere' % (path, link))
        elif anchor and anchor not in anchors(treelib.read(root, full)):
            faults.append('%s: %s: no such heading' % (path, link))
    return faults


def check_elements(root):
    """Every element that the plugin registers has its row in README."""
    if not os.path.exists(os.path.join(root, 'gst/plugin.c')):
        return []
    code = treelib.read(root, 'gst/plugin.c')
    readme = treelib.read(root, 'README.md')
    registered = set(re.findall(r'GST_ELEMENT_REGISTER \((\w+)', code))
    shown = set(re.findall(r'\(docs/elements/(\w+)\.md\)', readme))
    return ['README.md: the table of elements lacks ' + name
            for name in sorted(registered - shown)]


def check_recipes(root):
    folder = 'docs/recipes'
    if not os.path.isdir(os.path.join(root, folder)):
        return []
    run = treelib.meson_list(
        treelib.read(root, 'tests/check/docs/meson.build'), 'recipes')
    index = treelib.read(root, folder + '/README.md')
    faults = []
    for path in treelib.find(root, (folder,), ('.md',)):
        name = os.path.basename(path)[:-3]
        if name == 'README':
            continue
        if name not in run:
            faults.append('%s: no test runs it' % path)
        if '(%s.md)' % name not in index:
            faults.append('%s/README.md: does not list %s' % (folder, name))
    return faults


def check(root):
    pages = list(treelib.find(root, ('docs',), ('.md',)))
    pages += [p for p in sorted(os.listdir(root)) if p.endswith('.md')]
    faults = []
    for path in pages:
        faults += check_page(root, path)
    return faults + check_elements(root) + check_recipes(root)


if __name__ == '__main__':
    treelib.main(check)
