# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scripts.py: hls.js and dash.js, for a page
#
# Here: fetching the versions that package-lock.json names, once a build, with
# npm, which checks what it gets against that file. "npm install
# --package-lock-only" here renews the file; .npmrc keeps addresses out of it.
# Not here: the page (player.html).

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

import programme

HERE = pathlib.Path(__file__).parent
WANTED = {'hls.js': 'hls.js/dist/hls.min.js',
          'dash.js': 'dashjs/dist/modern/umd/dash.all.min.js'}
LISTS = ('package.json', 'package-lock.json')
# What tells of a fault of ours, or of a package that is not what it was.
FAULTS = ('EINTEGRITY', 'EUSAGE', 'EJSONPARSE')
LIMIT = 120


class Unavailable(Exception):
    """There is no npm, or no registry that it reaches."""


def install(folder):
    if shutil.which('npm') is None:
        raise Unavailable('there is no npm')
    for name in LISTS:
        shutil.copy(HERE / name, folder)
    try:
        done = subprocess.run(
            ('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund',
             '--loglevel=error', '--fetch-retries=1',
             '--fetch-timeout=20000'),
            cwd=folder, env=programme.FOREIGN_ENV, timeout=LIMIT, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
    except subprocess.TimeoutExpired:
        raise Unavailable('npm reaches no registry in time') from None
    assert not any(fault in done.stdout for fault in FAULTS), done.stdout
    if done.returncode != 0:
        raise Unavailable('npm reaches no registry:\n' + done.stdout)


def version_of_lists():
    read = b''.join((HERE / name).read_bytes() for name in LISTS)
    return hashlib.sha256(read).hexdigest()


def fetch():
    """Returns a folder with the page and the two scripts."""
    pages = pathlib.Path(os.environ['BUILD_ROOT']) \
        / 'tests/interop/http/pages'
    stamp = pages / 'version'
    if not stamp.exists() or stamp.read_text() != version_of_lists():
        pages.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            install(folder)
            for name, path in WANTED.items():
                shutil.copy(pathlib.Path(folder) / 'node_modules' / path,
                            pages / name)
        stamp.write_text(version_of_lists())
    shutil.copy(HERE / 'player.html', pages)
    return pages
