#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# selftest.py: the checks of the tree find what they are for
#
# Here: small trees with one fault each, and one without any.
# Not here: the rules.

import os
import shutil
import tempfile
import unittest

import figures
import headers
import layers
import links
import potfiles
import spelling
import translations

HEAD = '''/* SPDX-License-Identifier: LGPL-2.1-or-later
 * %s: an example
 *
 * Here: nothing much. Not here: the rest.
 */
'''
LIBRARY = '''# SPDX-License-Identifier: LGPL-2.1-or-later
socket_pure_sources = files(
  'gstsocketqueue.c',
)
socket_io_sources = files(
  'gstsocketaddress.c',
  'gstsocketio.c',
)
socket_thread_sources = files(
  'gstsocketclient.c',
  'gstsocketengine.c',
)
'''


class Tree(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        self.write('gst-libs/gst/socket/meson.build', LIBRARY)
        self.write('meson.build', LIBRARY.split('\n', maxsplit=1)[0] + '\n')
        self.write('po/POTFILES.in', '')
        self.write('po/LINGUAS', 'de\n')

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'w', encoding='utf-8') as file:
            file.write(text)

    def source(self, path, text):
        self.write(path, HEAD % os.path.basename(path) + text)

    def library(self, name, text):
        self.source('gst-libs/gst/socket/' + name, text)

    def assert_fault(self, check, words):
        faults = check.check(self.root)
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(words, faults[0])

    def assert_clean(self, check):
        self.assertEqual(check.check(self.root), [])


class Layers(Tree):
    def test_downward_includes_pass(self):
        self.library('gstsocketengine.c', '#include "gstsocketqueue.h"\n')
        self.assert_clean(layers)

    def test_upward_include_is_found(self):
        self.library('gstsocketclient.h', '#include "gstsocketengine.h"\n')
        self.assert_fault(layers, 'stands above')

    def test_private_header_among_threads_passes(self):
        self.library('gstsocketclient.c',
                     '#include "gstsocketengine-private.h"\n')
        self.assert_clean(layers)

    def test_neighbours_for_io_pass(self):
        self.library('gstsocketaddress.c', '#include "gstsocketio.h"\n')
        self.assert_clean(layers)

    def test_circle_is_found(self):
        self.library('gstsocketaddress.h', '#include "gstsocketio.h"\n')
        self.library('gstsocketio.h', '#include "gstsocketaddress.h"\n')
        faults = layers.check(self.root)
        self.assertEqual(len(faults), 2, faults)
        self.assertIn('includes itself', faults[0])

    def test_gio_in_a_pure_file_is_found(self):
        self.library('gstsocketqueue.h', '#include <gio/gio.h>\n')
        self.assert_fault(layers, 'pure file includes')

    def test_socket_header_in_a_pure_file_is_found(self):
        self.library('gstsocketqueue.c', '#include <sys/socket.h>\n')
        self.assert_fault(layers, 'pure file includes')

    def test_lock_in_a_pure_file_is_found(self):
        self.library('gstsocketqueue.c', 'static GMutex lock;\n')
        self.assert_fault(layers, 'GMutex')

    def test_lock_in_a_comment_is_nothing(self):
        self.library('gstsocketqueue.c', '/* GMutex */\n')
        self.assert_clean(layers)

    def test_file_in_no_layer_is_found(self):
        self.library('gstsocketother.c', '')
        self.assert_fault(layers, 'in no layer')

    def test_element_in_the_library_is_found(self):
        self.library('gstsocketclient.c',
                     '#include "../../../gst/fanout/gstmultifdsink.h"\n')
        self.assert_fault(layers, 'includes an element')

    def test_element_families_are_apart(self):
        self.source('gst/fanout/a.c', '#include "../net/b.h"\n')
        self.source('gst/net/b.c', '#include "../fanout/a.h"\n')
        self.assert_fault(layers, 'fanout elements do not know net')

    def test_plugin_includes_only_the_list(self):
        self.source('gst/plugin.c', '#include "fanout/a.h"\n')
        self.assert_fault(layers, 'only registers')


class Headers(Tree):
    def test_whole_header_passes(self):
        self.source('gst/a.h', '#pragma once\n')
        self.write('scripts/run', '#!/bin/sh\n# SPDX-License-Identifier: '
                   'LGPL-2.1-or-later\n#\n# run: runs\n')
        self.assert_clean(headers)

    def test_missing_licence_is_found(self):
        self.write('gst/a.c', '/* a.c: an example\n * Here: nothing. */\n')
        self.assert_fault(headers, 'SPDX')

    def test_wrong_name_is_found(self):
        self.write('gst/b.c', HEAD % 'a.c')
        self.assert_fault(headers, 'does not name')

    def test_missing_job_is_found(self):
        self.write('gst/a.c', HEAD.replace('Here: nothing much. ', '')
                   .replace('Not here', 'Not') % 'a.c')
        self.assert_fault(headers, 'what is here')

    def test_unguarded_header_is_found(self):
        self.source('gst/a.h', '')
        self.assert_fault(headers, 'pragma')

    def test_script_without_licence_is_found(self):
        self.write('scripts/run', '#!/bin/sh\n# run: runs\n')
        self.assert_fault(headers, 'SPDX')


class Figures(Tree):
    def function(self, body, arguments='void'):
        self.source('gst/a.c', 'void\nfoo (%s)\n{\n%s}\n' % (arguments, body))

    def test_limits_themselves_pass(self):
        self.function('  x ();\n' * 57, ', '.join('int a%d' % i
                                                  for i in range(6)))
        self.assert_clean(figures)

    def test_long_function_is_found(self):
        self.function('  x ();\n' * 58)
        self.assert_fault(figures, '61 lines')

    def test_long_test_is_found(self):
        self.source('tests/a.c', 'GST_START_TEST (foo)\n{\n%s}\n\n'
                    'GST_END_TEST;\n' % ('  x ();\n' * 60))
        self.assert_fault(figures, '63 lines')

    def test_seventh_parameter_is_found(self):
        self.function('', ', '.join('int a%d' % i for i in range(7)))
        self.assert_fault(figures, '7 parameters')

    def test_sixteenth_branch_is_found(self):
        self.function('  if (a && b)\n    x ();\n' * 8)
        self.assert_fault(figures, '17 branches')

    def test_branch_in_a_string_is_nothing(self):
        self.function('  x ("if if if if if if if if if if if if if ??");\n')
        self.assert_clean(figures)

    def test_fourth_level_is_found(self):
        self.function('  if (a) {\n' * 4 + '  }\n' * 4)
        self.assert_fault(figures, '4 levels')

    def test_long_file_is_found(self):
        self.source('gst/a.c', '\n' * 800)
        self.assert_fault(figures, 'more than 800')

    def test_leftover_is_found(self):
        self.source('gst/a.c', '#if 0\n#endif\n')
        self.assert_fault(figures, '#if 0')

    def test_exception_is_heeded(self):
        self.write(figures.EXCEPTIONS, '# why\nfoo parameters a closure\n')
        self.function('', ', '.join('int a%d' % i for i in range(7)))
        self.assert_clean(figures)


class Words(Tree):
    def sentence(self):
        self.source('gst/a.c', 'x (_("A sentence."));\n')

    def catalogue(self, text):
        self.write('po/de.po', 'msgid ""\nmsgstr "Content-Type: text/plain; '
                   'charset=UTF-8\\nLanguage: de\\n"\n' + text)

    def test_unlisted_file_is_found(self):
        self.sentence()
        self.assert_fault(potfiles, 'is not listed')

    def test_listed_file_without_strings_is_found(self):
        self.source('gst/a.c', '')
        self.write('po/POTFILES.in', 'gst/a.c\n')
        self.assert_fault(potfiles, 'has no strings')

    def complete(self):
        self.sentence()
        self.write('po/POTFILES.in', 'gst/a.c\n')
        entry = 'msgid "A sentence."\nmsgstr "%s"\n'
        self.write('po/gst-socket-plugins.pot',
                   'msgid ""\nmsgstr "Content-Type: text/plain; '
                   'charset=UTF-8\\n"\n\n' + entry % '')
        self.catalogue(entry % 'Ein Satz.')

    def test_complete_translation_passes(self):
        self.complete()
        self.assert_clean(translations)

    def test_missing_translation_is_found(self):
        self.complete()
        self.catalogue('')
        self.assert_fault(translations, 'untranslated')

    def test_old_translation_is_found(self):
        self.complete()
        self.catalogue('msgid "A sentence."\nmsgstr "Ein Satz."\n\n'
                       'msgid "Gone."\nmsgstr "Weg."\n')
        self.assert_fault(translations, 'no source says')

    def test_missing_language_is_found(self):
        self.complete()
        self.write('po/LINGUAS', 'de fr\n')
        self.assert_fault(translations, 'fr.po: missing')

    def test_misspelling_is_found(self):
        self.source('gst/a.c', '/* rec' + 'ieve */\n')
        if shutil.which('codespell') is None:
            self.skipTest('codespell is not there')
        self.assert_fault(spelling, '==>')


class Links(Tree):
    def setUp(self):
        super().setUp()
        self.write('README.md', '# Top\n\n[a](docs/a.md#one-two)\n')
        self.write('docs/a.md', '# One two\n')

    def test_good_links_pass(self):
        self.assert_clean(links)

    def test_dead_link_is_found(self):
        self.write('docs/b.md', '[x](c.md)\n')
        self.assert_fault(links, 'leads nowhere')

    def test_dead_anchor_is_found(self):
        self.write('docs/a.md', '# Another\n')
        self.assert_fault(links, 'no such heading')

    def test_element_without_a_row_is_found(self):
        self.source('gst/plugin.c', 'GST_ELEMENT_REGISTER (foo, plugin)\n')
        self.assert_fault(links, 'lacks foo')

    def recipe(self, run, index):
        self.write('docs/recipes/README.md', index)
        self.write('docs/recipes/x.md', '# X\n')
        self.write('tests/check/docs/meson.build', run)

    def test_recipe_that_nothing_runs_is_found(self):
        self.recipe('recipes = []\n', '[x](x.md)\n')
        self.assert_fault(links, 'no test runs it')

    def test_recipe_that_is_not_listed_is_found(self):
        self.recipe("recipes = [\n  'x',\n]\n", '')
        self.assert_fault(links, 'does not list x')


if __name__ == '__main__':
    unittest.main()
