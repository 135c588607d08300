#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# layers.py: includes point one way
#
# Here: elements -> engine -> client, worker -> I/O -> pure, as the lists of
# gst-libs/gst/socket/meson.build say. The files with threads stand there in
# their order; pure ones and those for I/O may include each other, but not in
# circles. Pure files know no thread and no descriptor; element families know
# each other only downwards.
# Not here: style.

import os
import re

import treelib

LIBRARY = 'gst-libs/gst/socket'
LISTS = ('socket_pure_sources', 'socket_io_sources', 'socket_thread_sources')
PLUGIN = 'gst/plugin.c'
ANYWHERE = ('socket-prelude', 'config')

# What gives a file descriptors, sockets or threads.
IMPURE_HEADER = re.compile(
    r'^(gio/|gst/net/|glib-unix\.h|netinet/|arpa/|net/|linux/|netdb\.h'
    r'|sys/(socket|un|epoll|eventfd|ioctl|poll|select)\.h|poll\.h|pthread\.h'
    r'|unistd\.h|fcntl\.h|threads\.h)')
IMPURE_WORD = re.compile(
    r'\b(GMutex|GRecMutex|GRWLock|GCond|GThread|g_mutex_\w+|g_thread_\w+'
    r'|GST_OBJECT_LOCK|GSocket(?:Address)?|GInetAddress|GCancellable)\b')

# What each family of elements may include of the others.
FAMILIES = {
    'fanout': (),
    'net': ('fanout',),
    'http': ('fanout', 'net'),
    'ipc': ('fanout', 'net'),
}


def stem(path):
    name = os.path.basename(path).rsplit('.', 1)[0]
    return re.sub(r'[-_](private|internal)$', '', name)


def is_private(path):
    return stem(path) != os.path.basename(path).rsplit('.', 1)[0]


def library_order(root):
    """Returns {stem: rank} and the set of pure stems."""
    text = treelib.read(root, LIBRARY + '/meson.build')
    names = [[stem(n) for n in treelib.meson_list(text, one)]
             for one in LISTS]
    order = {name: 0 for name in names[0]}
    order.update({name: 1 for name in names[1]})
    order.update({name: rank for rank, name in enumerate(names[2], 2)})
    return order, set(names[0])


def may_include(order, own, path):
    """Downwards, and among threads each other's private headers."""
    other = stem(path)
    return order[other] <= order[own] \
        or (is_private(path) and order[own] >= 2)


def circles(edges):
    """Names that reach themselves, of {name: names it includes}."""
    found = []
    for start in sorted(edges):
        seen, todo = set(), list(edges[start])
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += edges.get(name, ())
        if start in seen:
            found.append(start)
    return found


def check_library_file(path, text, order, pure):
    faults = []
    own = stem(path)
    for line, name in treelib.includes(text):
        where = '%s:%d: ' % (path, line)
        other = stem(name)
        local = name.startswith('gst/socket/') or '/' not in name
        if own in pure and IMPURE_HEADER.match(name):
            faults.append(where + 'a pure file includes <%s>' % name)
        if local and other in order and own in order \
                and not may_include(order, own, name):
            faults.append(where + '%s stands above %s in meson.build and may '
                          'not include it' % (own, other))
        if re.match(r'(\.\./)+gst/|gst/(fanout|net/(?!gstnet|net\.)|http|ipc)', name):
            faults.append(where + 'the library includes an element: ' + name)
    if own in pure:
        code = treelib.without_comments(text)
        for match in IMPURE_WORD.finditer(code):
            faults.append('%s:%d: a pure file uses %s' % (
                path, code.count('\n', 0, match.start()) + 1, match.group(0)))
    return faults


def check_library(root):
    order, pure = library_order(root)
    faults = []
    edges = {}
    for path in treelib.find(root, (LIBRARY,), ('.c', '.h')):
        own = stem(path)
        is_umbrella = own in ('socket',) + ANYWHERE
        if path.endswith('.c') and own not in order:
            faults.append('%s: in no layer of meson.build' % path)
        if not is_umbrella:
            text = treelib.read(root, path)
            faults += check_library_file(path, text, order, pure)
            edges.setdefault(own, set()).update(
                stem(name) for _line, name in treelib.includes(text)
                if stem(name) in order and stem(name) != own
                and order[stem(name)] < 2)
    for name in circles(edges):
        faults.append('%s/%s: includes itself, through others'
                      % (LIBRARY, name))
    return faults


def check_element_file(path, text, families):
    faults = []
    family = path.split(os.sep)[1]
    for line, name in treelib.includes(text):
        for other in families:
            if other != family and other not in FAMILIES.get(family, ()) \
                    and re.match(r'(\.\./)*(gst/)?%s/' % other, name) \
                    and not name.startswith('gst/net/'):
                faults.append('%s:%d: %s elements do not know %s elements'
                              % (path, line, family, other))
    return faults


def check(root):
    faults = check_library(root)
    for path in treelib.find(root, ('gst',), ('.c', '.h')):
        if path.count(os.sep) > 1:
            faults += check_element_file(
                path, treelib.read(root, path), FAMILIES)
    if os.path.exists(os.path.join(root, PLUGIN)):
        for line, name in treelib.includes(treelib.read(root, PLUGIN)):
            if name not in ('config.h', 'elements.h'):
                faults.append('%s:%d: only registers, and so includes only '
                              'elements.h' % (PLUGIN, line))
    return faults


if __name__ == '__main__':
    treelib.main(check)
