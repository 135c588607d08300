#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# adaptivebrowser.py: HLS with hls.js and DASH with dash.js, in Chromium
#
# Here: that time moves on and pictures and sound are decoded, which the page
# itself finds out, on a page of another origin than the stream's.
# Not here: the page (player.html), other players (adaptive.py).

import shutil
import sys
import unittest
import urllib.parse

import chromium
import scripts
import segments

SKIPPED = 77
STATE = 'document.body && document.body.dataset.state'


class Browser(unittest.TestCase):
    def setUp(self):
        self.browser = self.enterContext(chromium.Chromium(self.path))

    def expect_playing(self, player, pages, url):
        address = '%s/player.html?%s' % (pages, urllib.parse.urlencode(
            {'player': player, 'url': url}))
        self.browser.open(address, 640, 400)
        try:
            self.browser.wait_for("(%s || 'waits') !== 'waits'" % STATE)
        except TimeoutError:
            pass  # The state tells.
        state = self.browser.evaluate(STATE)
        self.assertEqual(state, 'played', (
            self.browser.evaluate('document.body.dataset.seen'),
            self.browser.problems))
        self.assertEqual(self.browser.problems, [])

    def check_hls(self, storage):
        with segments.Segments(storage, self.pages) as served:
            self.expect_playing(
                'hls', 'http://localhost:%d/pages' % served.port,
                served.url(segments.HLS))

    def test_hls_js_plays_a_folder(self):
        self.check_hls(segments.FOLDER)

    def test_hls_js_plays_what_is_written_to_disk(self):
        self.check_hls(segments.DISK)

    def test_hls_js_plays_from_memory(self):
        self.check_hls(segments.MEMORY)

    def check_both(self, storage):
        """One program makes the files; each player has its list of them."""
        with segments.Recipe(storage, self.pages) as served:
            for player, path in (('hls', segments.HLS), ('dash', '/live.mpd')):
                with self.subTest(player):
                    self.expect_playing(
                        player, 'http://localhost:%d/pages' % served.port,
                        served.url(path))

    def test_both_play_from_memory(self):
        self.check_both(segments.MEMORY)

    def test_both_play_what_is_written_to_disk(self):
        self.check_both(segments.DISK)


if __name__ == '__main__':
    Browser.path = shutil.which('chromium') or shutil.which('chromium-browser')
    if Browser.path is None:
        print('there is no Chromium')
        sys.exit(SKIPPED)
    try:
        Browser.pages = scripts.fetch()
    except scripts.Unavailable as error:
        print(error)
        sys.exit(SKIPPED)
    unittest.main()
