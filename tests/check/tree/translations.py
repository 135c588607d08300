#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# translations.py: every language says everything the sources say
#
# Here: strings extracted anew, merged with each .po: none may be missing,
# fuzzy or malformed. Not here: how well it is said.

import os
import re
import shutil
import subprocess
import sys
import tempfile

import treelib

DOMAIN = 'gst-socket-plugins'
KEYWORDS = ('_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'ngettext:1,2',
            'g_dcgettext:2', 'g_dngettext:2,3', 'g_dpgettext2:2c,3')


def run(*command):
    return subprocess.run(command, capture_output=True, text=True,
                          env=dict(os.environ, LC_ALL='C'), check=False)


def extract(root, pot):
    command = ['xgettext', '--from-code=UTF-8', '--add-comments',
               '--directory=' + root, '--files-from='
               + os.path.join(root, 'po/POTFILES.in'), '--output=' + pot]
    command += ['--keyword=' + k for k in KEYWORDS]
    return run(*command)


def messages(path):
    """The set of msgids of a catalogue, as gettext itself prints them."""
    text = run('msgcat', '--no-wrap', '--no-location', path).stdout
    return set(re.findall(r'^msgid (".*"(?:\n".*")*)', text, re.M)) - {'""'}


def check_language(root, language, pot, folder):
    path = os.path.join(root, 'po', language + '.po')
    if not os.path.exists(path):
        return ['po/%s.po: missing' % language]
    merged = os.path.join(folder, language + '.po')
    merge = run('msgmerge', '--quiet', '--output-file=' + merged, path, pot)
    if merge.returncode != 0:
        return ['po/%s.po: %s' % (language, merge.stderr.strip())]
    faults = []
    form = run('msgfmt', '--check', '--statistics', '-o', os.devnull, merged)
    if form.returncode != 0 or 'fuzzy' in form.stderr \
            or 'untranslated' in form.stderr:
        faults.append('po/%s.po: %s' % (language, form.stderr.strip()))
    if messages(path) - messages(pot):
        faults.append('po/%s.po: translates what no source says any more'
                      % language)
    return faults


def check(root):
    languages = treelib.read(root, 'po/LINGUAS').split()
    with tempfile.TemporaryDirectory() as folder:
        pot = os.path.join(folder, DOMAIN + '.pot')
        extraction = extract(root, pot)
        if extraction.returncode != 0:
            return [extraction.stderr.strip()]
        if not os.path.exists(pot):
            return []
        faults = []
        template = os.path.join(root, 'po', DOMAIN + '.pot')
        if not os.path.exists(template) \
                or messages(template) != messages(pot):
            faults.append('po/%s.pot: does not hold what the sources say; '
                          'run meson compile %s-pot' % (DOMAIN, DOMAIN))
        for language in languages:
            faults += check_language(root, language, pot, folder)
    return faults


if __name__ == '__main__':
    if shutil.which('msgmerge') is None:
        sys.exit(treelib.SKIP_TEST)
    treelib.main(check)
