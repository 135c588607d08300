#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# install_works.py: what is installed is whole and runs where it is put
#
# Here: an installation into a folder of its own, and its use from there with
# nothing but GST_PLUGIN_PATH; a program built against it.
# Not here: the build folder, which must not be needed.

import gettext
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = os.environ['BUILD_ROOT']
SOURCE = os.environ['SOURCE_ROOT']
HAS_GIR = os.path.exists(BUILD + '/gst-libs/gst/socket/GstSocket-1.0.typelib')
PROGRAM = '''
#include <gst/socket/socket.h>
int
main (void)
{
  gst_init (NULL, NULL);
  gst_socket_queue_free (gst_socket_queue_new (1));
  return 0;
}
'''


def run(*command, **environment):
    """Without the folders of the build, which the environment names."""
    env = dict(os.environ, **environment)
    if 'LD_LIBRARY_PATH' not in environment:
        env.pop('LD_LIBRARY_PATH', None)
    return subprocess.run(command, capture_output=True, text=True, env=env,
                          check=False)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        install = run('meson', 'install', '-C', BUILD, '--no-rebuild',
                      '--quiet', '--destdir', cls.folder, LD_PRELOAD='')
        assert install.returncode == 0, install.stdout + install.stderr

    def find(self, name):
        """The path of the one installed file of that name."""
        found = glob.glob('%s/**/%s' % (self.folder, name), recursive=True)
        self.assertEqual(len(found), 1, name)
        return found[0]

    def test_everything_is_there(self):
        for name in ('gstreamer-1.0/libgsttcp.so', 'libgstsocket-1.0.so.0',
                     'gstreamer-1.0/gst/socket/socket.h',
                     'gstreamer-1.0/gst/socket/gstsocketengine.h',
                     'pkgconfig/gstreamer-socket-1.0.pc'):
            self.find(name)
        for name in ('GstSocket-1.0.gir', 'GstSocket-1.0.typelib'):
            if HAS_GIR:
                self.find(name)

    def test_nothing_private_is_there(self):
        names = glob.glob(self.folder + '/**/*private*', recursive=True)
        self.assertEqual(names, [])

    def environment(self):
        return {'GST_PLUGIN_PATH_1_0': os.path.dirname(
                    self.find('gstreamer-1.0/libgsttcp.so')),
                'GST_REGISTRY_1_0': self.folder + '/registry.bin'}

    def test_elements_are_taken_from_there(self):
        shown = run('gst-inspect-1.0', 'tcpserversink', **self.environment())
        name = re.search(r'Filename +(\S+)', shown.stdout)
        self.assertIsNotNone(name, shown.stderr)
        self.assertTrue(name.group(1).startswith(self.folder), name.group(1))

    def test_pipeline_runs_from_there(self):
        played = run('gst-launch-1.0', 'fakesrc', 'num-buffers=5', '!',
                     'tcpserversink', 'host=127.0.0.1', 'port=0',
                     **self.environment())
        self.assertEqual(played.returncode, 0, played.stdout + played.stderr)

    def test_library_is_found_beside_the_plugin(self):
        listed = run('ldd', self.find('gstreamer-1.0/libgsttcp.so'),
                     LD_PRELOAD='')
        path = re.search(r'libgstsocket-1\.0\.so\.0 => (\S+)', listed.stdout)
        self.assertIsNotNone(path, listed.stdout)
        self.assertTrue(os.path.realpath(path.group(1)).startswith(
            self.folder), listed.stdout)

    def flags(self):
        """What pkg-config says, the prefix being where it is for now."""
        pc = self.find('pkgconfig/gstreamer-socket-1.0.pc')
        with open(pc, encoding='utf-8') as file:
            text = re.sub('^prefix=', 'prefix=' + self.folder, file.read())
        moved = os.path.join(self.folder, os.path.basename(pc))
        with open(moved, 'w', encoding='utf-8') as file:
            file.write(text)
        said = run('pkg-config', '--cflags', '--libs', 'gstreamer-socket-1.0',
                   PKG_CONFIG_PATH=self.folder, LD_PRELOAD='')
        self.assertEqual(said.returncode, 0, said.stderr)
        return said.stdout.split()

    def test_program_is_built_against_it(self):
        source, program = self.folder + '/p.c', self.folder + '/p'
        with open(source, 'w', encoding='utf-8') as file:
            file.write(PROGRAM)
        built = run('cc', '-Wall', '-Werror', source, '-o', program,
                    *self.flags(), LD_PRELOAD='')
        self.assertEqual(built.returncode, 0, built.stderr)
        library = os.path.dirname(self.find('libgstsocket-1.0.so.0'))
        ran = run(program, LD_LIBRARY_PATH=library)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_version_is_the_same_everywhere(self):
        with open(SOURCE + '/meson.build', encoding='utf-8') as file:
            version = re.search(r"^ *version: '([\d.]+)'", file.read(),
                                re.M).group(1)
        shown = run('gst-inspect-1.0', 'tcp', **self.environment())
        said = re.search(r'Version +(\S+)', shown.stdout).group(1)
        self.assertEqual(said, version)
        with open(self.find('pkgconfig/gstreamer-socket-1.0.pc'),
                  encoding='utf-8') as file:
            self.assertIn('Version: %s\n' % version, file.read())

    @unittest.skipUnless(HAS_GIR, 'built without introspection')
    def test_bindings_load(self):
        library = os.path.dirname(self.find('libgstsocket-1.0.so.0'))
        typelib = os.path.dirname(self.find('GstSocket-1.0.typelib'))
        loaded = run(sys.executable, '-c', 'import gi; '
                     'gi.require_version ("GstSocket", "1.0"); '
                     'from gi.repository import GstSocket; '
                     'print (GstSocket.ClientStatus.SLOW.value_nick)',
                     GI_TYPELIB_PATH=typelib, LD_LIBRARY_PATH=library)
        self.assertEqual(loaded.stdout, 'slow\n', loaded.stderr)

    def test_translations_are_there(self):
        with open(SOURCE + '/po/LINGUAS', encoding='utf-8') as file:
            languages = file.read().split()
        for language in languages:
            path = self.find('locale/%s/LC_MESSAGES/gst-socket-plugins.mo'
                             % language)
            with open(path, 'rb') as file:
                catalogue = gettext.GNUTranslations(file)
            self.assertEqual(catalogue.charset().upper(), 'UTF-8')


if __name__ == '__main__':
    unittest.main()
