#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# browser.py: httpserversink's page, and streams, in a real browser
#
# Here: that video time advances, pictures change, sound plays when asked for,
# plots have points, buttons work by keyboard, nothing is wider than a phone,
# an end and a server that has gone are told, and the console stays empty.
# With a folder as argument it also leaves screenshots there.
# Not here: other clients (clients.py).

import shutil
import sys

import chromium
import programme

PATHS = ('/live.webm', '/camera', '/radio.ogg', '/live.ts')

VIDEO = "document.querySelector('video')"
# A small copy of the picture, to see whether it changes.
PICTURE = """(() => {
  const image = document.querySelector('img');
  if (!image || !image.naturalWidth) return '';
  const canvas = document.createElement('canvas');
  canvas.width = 160; canvas.height = 90;
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0, 160, 90);
  return canvas.toDataURL();
})()"""


def check_page(browser, served):
    browser.open(served.url('/'), 1280, 900)
    browser.wait_for("document.querySelectorAll('article').length === 4")
    browser.wait_for(VIDEO + ' && %s.currentTime > 0' % VIDEO)
    browser.evaluate('window.then = %s.currentTime' % VIDEO)
    browser.wait_for('%s.currentTime > window.then + 2' % VIDEO)
    browser.evaluate('window.before = ' + PICTURE)
    browser.wait_for("%s && window.before !== %s" % (PICTURE, PICTURE))
    browser.wait_for("[...document.querySelectorAll('polyline')].every(l =>"
                     " (l.getAttribute('points') || '').split(' ').length > 5)")
    browser.wait_for("[...document.querySelectorAll('article')].some(a =>"
                     " a.querySelector('h2').textContent === '/live.webm' &&"
                     " a.querySelector('figcaption b').textContent !== '0')")
    browser.wait_for("(() => { const v = %s, b = v.buffered;"
                     " return b.length && b.end(b.length - 1)"
                     " - v.currentTime < 2; })()" % VIDEO)


def press(browser, key, code):
    for kind in ('keyDown', 'keyUp'):
        browser.call('Input.dispatchKeyEvent', type=kind, key=key, code=key,
                     windowsVirtualKeyCode=code,
                     text='\r' if key == 'Enter' else '')


def check_keyboard(browser):
    browser.evaluate("document.querySelector('article button').focus()")
    path = browser.evaluate(
        "document.activeElement.closest('article').id ="
        " 'first', document.activeElement.textContent")
    press(browser, 'Enter', 13)
    browser.wait_for("document.querySelector('#first button').textContent"
                     " !== '%s'" % path)
    press(browser, 'Enter', 13)
    browser.wait_for("document.querySelector('#first button').textContent"
                     " === '%s'" % path)


def check_radio(browser):
    """Sound begins when it is asked for, and not before."""
    radio = ("[...document.querySelectorAll('article')].find(a =>"
             " a.querySelector('h2').textContent === '/radio.ogg')")
    assert not browser.evaluate("!!%s.querySelector('audio')" % radio)
    browser.evaluate("%s.querySelector('button').click()" % radio)
    browser.wait_for("%s.querySelector('audio').currentTime > 1" % radio)
    browser.evaluate("%s.querySelector('button').click()" % radio)
    browser.wait_for("!%s.querySelector('audio')" % radio)


def check_narrow(browser, served):
    browser.open(served.url('/'), 360, 740, dark=True)
    browser.wait_for(VIDEO + ' && %s.currentTime > 1' % VIDEO)
    browser.wait_for('document.documentElement.scrollWidth <= 360')


def check_end(browser, served):
    """The end of a stream is told, and is not an error."""
    served.end('/live.webm')
    browser.wait_for("document.body.textContent.includes("
                     "'The stream has stopped.')")


def check_gone(browser, served):
    """So is a server that has gone; what the browser says of that in its
    console is not the page's."""
    before = list(browser.problems)
    served.__exit__()
    browser.wait_for("document.getElementById('state').className === 'bad'")
    browser.problems[:] = before


def leave_picture(browser, folder, name):
    """For the documents: with a while's worth of plots."""
    if folder is None:
        return
    browser.evaluate('document.activeElement.blur()')
    browser.evaluate('new Promise(r => setTimeout(r, 15000))')
    browser.screenshot('%s/%s.png' % (folder, name))


def main():
    path = shutil.which('chromium') or shutil.which('chromium-browser')
    folder = sys.argv[1] if len(sys.argv) > 1 else None
    if path is None:
        print('there is no Chromium')
        return 77
    with programme.Programme(PATHS) as served, chromium.Chromium(path) as browser:
        check_page(browser, served)
        check_keyboard(browser)
        check_radio(browser)
        leave_picture(browser, folder, 'http-page')
        browser.open(served.url('/'), 1280, 900, dark=True)
        leave_picture(browser, folder, 'http-page-dark')
        check_narrow(browser, served)
        leave_picture(browser, folder, 'http-page-narrow')
        check_end(browser, served)
        check_gone(browser, served)
        if browser.problems:
            print('in the console:', browser.problems)
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
