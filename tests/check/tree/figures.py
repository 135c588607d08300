#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# figures.py: functions and files stay small
#
# Here: lines of a file, lines, parameters, branches and nesting of a
# function (found by universal-ctags), and what is not left in sources.
# Not here: layout, which is the formatter's.

import json
import os
import re
import subprocess

import treelib

FILE_LINES = 800
FUNCTION_LINES = 60
PARAMETERS = 6
BRANCHES = 15
NESTING = 3

# Functions whose parameters others decided: GLib calls them so.
EXCEPTIONS = 'tests/check/tree/figures-exceptions'

BRANCH = re.compile(r'\b(?:if|for|while|case)\b|&&|\|\||\?')
LEFTOVER = re.compile(r'\b(?:TODO|FIXME|XXX)\b|^[ \t]*#[ \t]*if[ \t]+0\b',
                      re.M)
TEST_MACROS = ('-DGST_START_TEST(x)=static void x(void)', '-DGST_END_TEST=')


def functions(root, paths):
    """Yields (path, name, first line, last line, signature)."""
    command = ['ctags', '--languages=C', '--langmap=C:.c.h', '--kinds-C=f',
               '--fields=+neS', '--output-format=json', '-f', '-', '-L', '-']
    command += list(TEST_MACROS)
    run = subprocess.run(command, cwd=root, input='\n'.join(paths), text=True,
                         capture_output=True, check=True)
    for line in run.stdout.splitlines():
        tag = json.loads(line)
        if 'end' in tag:
            yield (tag['path'], tag['name'], tag['line'], tag['end'],
                   tag.get('signature', '()'))


def parameters(signature):
    depth = 0
    inner = signature[1:-1].strip()
    if inner in ('', 'void'):
        return 0
    count = 1
    for c in inner:
        depth += (c in '([') - (c in ')]')
        count += c == ',' and depth == 0
    return count


def nesting(body):
    """The deepest block inside a function body; a switch and its cases
    count once, an initialiser in braces not at all."""
    deepest = depth = 0
    stack = []
    for match in re.finditer(r'[{}]', body):
        if match.group(0) == '}':
            if stack:
                depth -= stack.pop()
            continue
        before = body[:match.start()].rstrip()
        is_block = before.endswith((')', 'else', 'do', ';', ':', '{', '}'))
        stack.append(1 if is_block and len(stack) > 0 else 0)
        depth += stack[-1]
        deepest = max(deepest, depth)
    return deepest


def check_function(code, function, allowed):
    path, name, first, last, signature = function
    where = '%s:%d: %s ' % (path, first, name)
    body = '\n'.join(code.split('\n')[first - 1:last])
    body = body[body.find('{'):] if '{' in body else ''
    found = (
        (last - first + 1, FUNCTION_LINES, 'lines'),
        (parameters(signature), PARAMETERS, 'parameters'),
        (1 + len(BRANCH.findall(body)), BRANCHES, 'branches'),
        (nesting(body), NESTING, 'levels of nesting'),
    )
    return ['%shas %d %s, more than %d' % (where, n, what, limit)
            for n, limit, what in found
            if n > limit and (name, what) not in allowed]


def read_exceptions(root):
    if not os.path.exists(os.path.join(root, EXCEPTIONS)):
        return set()
    lines = treelib.read(root, EXCEPTIONS).split('\n')
    return {tuple(line.split()[:2]) for line in lines
            if line.strip() and not line.startswith('#')}


def check(root):
    faults = []
    allowed = read_exceptions(root)
    paths = list(treelib.find(root, ('gst', 'gst-libs', 'tests'),
                              ('.c', '.h')))
    texts = {path: treelib.read(root, path) for path in paths}
    codes = {path: treelib.without_comments(texts[path]) for path in paths}
    for path in paths:
        lines = texts[path].count('\n')
        if lines > FILE_LINES:
            faults.append('%s: %d lines, more than %d'
                          % (path, lines, FILE_LINES))
        for match in LEFTOVER.finditer(texts[path]):
            faults.append('%s:%d: left in the source: %s' % (
                path, texts[path].count('\n', 0, match.start()) + 1,
                match.group(0).strip()))
    for function in functions(root, paths):
        faults += check_function(codes[function[0]], function, allowed)
    return faults


if __name__ == '__main__':
    treelib.main(check)
