#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# claims.py: every claim of docs/gpac.md is run by a test
#
# Here: that each option of GPAC has one row, that each row names tests or says
# why there is nothing, and that these tests exist.
# Not here: whether the tests show what is claimed.

import pathlib
import re
import sys

OPTIONS = {
    'httpout': '''dst port ifce rdirs wdir cert pkey block_size user_agent close
        maxc maxp cache_control hold hmode timeout ext mime quit post dlist sutc
        cors reqlog ice max_client_errors max_cache_segs reopen max_async_buf
        blockio ka hdrs js zmax cte maxs norange'''.split(),
    'sockin': '''src block_size port ifce listen ka maxc tsprobe ext mime block
        timeout mwait reorder_pck reorder_delay ssm ssmx'''.split(),
    'sockout': '''dst sockbuf port ifce ext mime listen maxc ka kp start speed
        rate pckr pckd ttl'''.split(),
    'pout': 'dst ext mime dynext start speed mkp block_size ka marker'.split(),
}
TEST = re.compile(r'`([a-z0-9_-]+\.(?:c|py)):(test_[a-z0-9_]+)`')
DEFINED = r'(START_TEST \(%s\)|def %s\b)'


def rows_of(text):
    """Yields section and cells of each row of a table."""
    section = None
    for line in text.splitlines():
        if line.startswith('## '):
            section = line[3:].strip()
        cells = [cell.strip() for cell in line.strip().strip('|').split('|')]
        if line.startswith('|') and cells[0] not in ('GPAC', '---'):
            yield section, cells


def tests_of(root):
    """Returns what stands in the files of each name."""
    texts = {}
    for path in sorted((root / 'tests').rglob('*.[cp]*')):
        if path.suffix in ('.c', '.py'):
            texts[path.name] = texts.get(path.name, '') + path.read_text()
    return texts


def check_row(name, cells, tests):
    if len(cells) != 3:
        return ['%s: a row has three cells' % name]
    named = TEST.findall(cells[2])
    faults = []
    if not named and not cells[1].startswith('Not '):
        faults.append('%s: names no test' % name)
    if len(named) != cells[2].count('`') // 2:
        faults.append('%s: what is no test is among the tests' % name)
    for file, test in named:
        if not re.search(DEFINED % (test, test), tests.get(file, '')):
            faults.append('%s: there is no %s:%s' % (name, file, test))
    return faults


def check(root):
    text = (root / 'docs/gpac.md').read_text()
    tests, faults, found = tests_of(root), [], {}
    for section, cells in rows_of(text):
        faults += check_row('%s, %s' % (section, cells[0]), cells, tests)
        option = re.fullmatch(r'`([a-z_]+)`', cells[0])
        if option:
            found.setdefault(section, []).append(option.group(1))
    for section, options in OPTIONS.items():
        if sorted(found.get(section, [])) != sorted(options):
            faults.append('%s: rows and options differ: %s' % (
                section, sorted(set(options) ^ set(found.get(section, [])))))
    return faults


if __name__ == '__main__':
    all_faults = check(pathlib.Path(sys.argv[1]))
    print('\n'.join(all_faults) or 'every claim has its test')
    sys.exit(1 if all_faults else 0)
