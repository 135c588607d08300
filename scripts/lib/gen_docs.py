#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# gen_docs.py: writes the page of each element, or with --check compares it
#
# Here: what the registry says of an element (properties, signals, pads) and
# what its source says (the SECTION:element-NAME comment), as Markdown.
# Not here: prose; it belongs beside the code it is about.

import argparse
import difflib
import os
import re
import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GObject, Gst  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../..'))
USER_SHIFT = 8
FLAGS = (
    (GObject.ParamFlags.CONSTRUCT_ONLY, 'construct only'),
    (GObject.ParamFlags.DEPRECATED, 'deprecated'),
    (1 << (USER_SHIFT + 1), 'controllable'),
    (1 << (USER_SHIFT + 2), 'changeable up to READY'),
    (1 << (USER_SHIFT + 3), 'changeable up to PAUSED'),
    (1 << (USER_SHIFT + 4), 'changeable in any state'),
)
# Where an unlimited number would be a row of digits.
EXTREMES = {
    2 ** 31 - 1: 'MAXINT', -2 ** 31: 'MININT', 2 ** 32 - 1: 'MAXUINT',
    2 ** 63 - 1: 'MAXINT64', -2 ** 63: 'MININT64', 2 ** 64 - 1: 'MAXUINT64',
}
TYPE_NAMES = {
    'gchararray': 'string', 'gint': 'int', 'guint': 'uint',
    'gint64': 'int64', 'guint64': 'uint64', 'gboolean': 'boolean',
    'void': 'nothing',
}


# ---------------------------------------------------------------- sources

def source_texts():
    texts = []
    for here, _subdirs, names in sorted(os.walk(os.path.join(ROOT, 'gst'))):
        for name in sorted(names):
            if name.endswith('.c'):
                with open(os.path.join(here, name), encoding='utf-8') as file:
                    texts.append(file.read())
    return texts


def doc_comment(texts, title):
    """The body of the gtk-doc comment with that title line, or None."""
    pattern = re.compile(r'^ *\/\*\*\n *\* ' + re.escape(title)
                         + r':?[ \t]*\n(.*?)\n? *\*\/', re.M | re.S)
    for text in texts:
        match = pattern.search(text)
        if match:
            return re.sub(r'^ *\* ?', '', match.group(1), flags=re.M)
    return None


def to_markdown(text):
    """gtk-doc's own marks as Markdown; code blocks stay as they are."""
    parts = re.split(r'(\|\[.*?\]\||^```.*?^```)', text, flags=re.M | re.S)
    result = []
    for part in parts:
        if part.startswith('|['):
            code = re.sub(r'^<!--.*?-->', '', part[2:-2].strip('\n'))
            result.append('```\n' + code.strip('\n') + '\n```')
        elif part.startswith('```'):
            result.append(part)
        else:
            part = re.sub(r'^@(?:title|short_description|see_also):.*\n', '',
                          part, flags=re.M)
            part = re.sub(r'#?\b(Gst\w+)(::?)([a-z][\w-]*)', r'`\3`', part)
            part = re.sub(r'[#%](\w+)', r'`\1`', part)
            part = re.sub(r'(?<![\w`])@(\w+)', r'`\1`', part)
            result.append(part)
    return re.sub(r'^(##.*)\n(?!\n)', r'\1\n\n', ''.join(result),
                  flags=re.M).strip()


def signal_comment(texts, owner, name):
    """(parameter names, text) of a signal as its source documents it."""
    comment = doc_comment(texts, '%s::%s' % (owner, name))
    if comment is None:
        return [], ''
    names = re.findall(r'^@(\w+):', comment, re.M)[1:]
    text = re.sub(r'^@\w+:[^\n]*(?:\n[ \t]+\S[^\n]*)*\n?', '', comment,
                  flags=re.M)
    text = re.sub(r'^Returns: ', 'Gives ', text, flags=re.M)
    return names, ' '.join(to_markdown(text).split())


# ------------------------------------------------------------- properties

def type_name(gtype):
    return TYPE_NAMES.get(gtype.name, gtype.name)


def cell(text):
    return ' '.join(str(text).replace('|', '\\|').split())


def number(value):
    return EXTREMES.get(value, str(value))


def initial_value(element, pspec):
    """What a new element has: that may differ from what its class tells, for
    an element may set what its base class brings."""
    flags = GObject.ParamFlags.READWRITE
    if pspec.flags & flags == flags \
            or pspec.value_type == GObject.TYPE_STRING:
        return element.get_property(pspec.name)
    return getattr(pspec, 'default_value', None)


def default_of(element, pspec):
    if not pspec.flags & GObject.ParamFlags.READABLE:
        return ''
    value = initial_value(element, pspec)
    if GObject.type_is_a(pspec.value_type, GObject.TYPE_ENUM):
        return value.value_nick
    if GObject.type_is_a(pspec.value_type, GObject.TYPE_FLAGS):
        return '0x%x' % int(value)
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, GObject.Object):
        return 'none'
    return number(value) if isinstance(value, int) else '"%s"' % value


def range_of(pspec):
    if GObject.type_is_a(pspec.value_type, GObject.TYPE_ENUM):
        values = pspec.enum_class.__enum_values__
        return ', '.join('%s (%d)' % (values[v].value_nick, v)
                         for v in sorted(values))
    if hasattr(pspec, 'minimum'):
        return '%s to %s' % (number(pspec.minimum), number(pspec.maximum))
    return ''


def access_of(pspec):
    words = []
    readable = bool(pspec.flags & GObject.ParamFlags.READABLE)
    writable = bool(pspec.flags & GObject.ParamFlags.WRITABLE)
    words.append({(True, True): 'read, write', (True, False): 'read',
                  (False, True): 'write'}[readable, writable])
    for flag, word in FLAGS:
        if int(pspec.flags) & int(flag):
            words.append(word)
    return ', '.join(words)


def own_types(element):
    """Names of the classes of this element that its plugin brings."""
    names = []
    gtype = element.__gtype__
    while gtype.name not in ('GstBaseSink', 'GstPushSrc', 'GstBaseSrc',
                             'GstElement', 'GstBin', 'GstBaseTransform'):
        names.append(gtype.name)
        gtype = gtype.parent
    return names, gtype.name


def properties_section(element, types, base):
    rows = []
    for pspec in sorted(element.list_properties(), key=lambda p: p.name):
        if pspec.owner_type.name not in types:
            continue
        rows.append('| `%s` | %s | %s | %s | %s | %s |' % tuple(
            cell(c) for c in (
                pspec.name, type_name(pspec.value_type),
                default_of(element, pspec), range_of(pspec),
                access_of(pspec), pspec.blurb)))
    if not rows:
        return ''
    return '\n'.join([
        '## Properties', '',
        'Beside these it has those of `%s`.' % base, '',
        '| Name | Type | Default | Values | Access | What it does |',
        '| --- | --- | --- | --- | --- | --- |'] + rows)


# ---------------------------------------------------- signals, pads, page

def signal_line(texts, owner, name, gtype):
    query = GObject.signal_query(name, gtype)
    names, text = signal_comment(texts, owner, name)
    arguments = []
    for i, parameter in enumerate(query.param_types):
        label = names[i] + ': ' if i < len(names) else ''
        arguments.append(label + type_name(parameter))
    returned = type_name(query.return_type)
    line = '- `%s (%s)`' % (name, ', '.join(arguments))
    if returned != 'nothing':
        line += ' returns `%s`' % returned
    return line + ('' if not text else ': ' + text)


def signals_section(texts, element, types):
    lists = {False: [], True: []}
    for owner in types:
        gtype = GObject.type_from_name(owner)
        for name in GObject.signal_list_names(gtype):
            query = GObject.signal_query(name, gtype)
            action = bool(query.signal_flags & GObject.SignalFlags.ACTION)
            lists[action].append(signal_line(texts, owner, name, gtype))
    parts = []
    for action, title in ((True, '## Action signals'), (False, '## Signals')):
        if lists[action]:
            parts.append('\n'.join([title, ''] + sorted(lists[action])))
    return '\n\n'.join(parts)


def pads_section(factory):
    rows = []
    # The registry keeps no order that could be relied on.
    templates = sorted(factory.get_static_pad_templates(),
                       key=lambda template: template.name_template)
    for template in templates:
        rows.append('| `%s` | %s | %s | `%s` |' % (
            template.name_template, template.direction.value_nick,
            template.presence.value_nick,
            cell(template.get_caps().to_string())))
    return '\n'.join(['## Pads', '',
                      '| Name | Direction | Presence | Caps |',
                      '| --- | --- | --- | --- |'] + rows)


def shared_section(texts, types):
    """What the sources of the base classes say of all who derive from them."""
    comments = [doc_comment(texts, 'SECTION:shared-' + t) for t in types]
    return '\n\n'.join(to_markdown(c) for c in comments if c)


def page(texts, factory):
    element = factory.create(None)
    types, base = own_types(element)
    name = factory.get_name()
    comment = doc_comment(texts, 'SECTION:element-' + name)
    if comment is None:
        sys.exit('%s: no SECTION:element-%s comment in its source'
                 % (name, name))
    parts = [
        '<!-- Made by scripts/gen-docs from the element itself. Do not edit. '
        '-->\n\n# ' + name,
        '%s (%s): %s.\n\nClass: `%s`.' % (
            factory.get_metadata('long-name'), factory.get_metadata('klass'),
            factory.get_metadata('description'),
            ' < '.join(types + [base])),
        to_markdown(comment),
        shared_section(texts, types),
        properties_section(element, types, base),
        signals_section(texts, element, types),
        pads_section(factory),
    ]
    return '\n\n'.join(p for p in parts if p) + '\n'


def index(factories):
    rows = ['| [`%s`](%s.md) | %s | %s |' % (
        f.get_name(), f.get_name(), f.get_metadata('klass'),
        cell(f.get_metadata('description'))) for f in factories]
    return '\n'.join([
        '<!-- Made by scripts/gen-docs from the plugin itself. Do not edit. '
        '-->', '', '# Elements', '',
        '| Element | Class | What it does |', '| --- | --- | --- |',
        *rows, ''])


def pages(plugin_path):
    plugin = Gst.Plugin.load_file(plugin_path)
    features = Gst.Registry.get().get_feature_list_by_plugin(
        plugin.get_name())
    factories = sorted((f.load() for f in features
                        if isinstance(f, Gst.ElementFactory)),
                       key=lambda f: f.get_name())
    texts = source_texts()
    result = {'README.md': index(factories)}
    for factory in factories:
        result[factory.get_name() + '.md'] = page(texts, factory)
    return result


def compare(folder, wanted):
    """Prints how the folder differs; returns whether it does."""
    differs = False
    there = {n for n in os.listdir(folder)} if os.path.isdir(folder) else set()
    for name in sorted(there - set(wanted)):
        print('docs/elements/%s: there is no such element' % name)
        differs = True
    for name, text in sorted(wanted.items()):
        old = ''
        if name in there:
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                old = file.read()
        lines = list(difflib.unified_diff(
            old.splitlines(), text.splitlines(), 'docs/elements/' + name,
            'the element itself', lineterm=''))
        print('\n'.join(lines), end='\n' if lines else '')
        differs = differs or bool(lines)
    return differs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--check', action='store_true',
                        help='compare, and fail where a page differs')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build'),
                        help='the build folder (build)')
    parser.add_argument('--docs', default=os.path.join(ROOT, 'docs/elements'),
                        help='the folder of the pages (docs/elements)')
    options = parser.parse_args()
    os.environ['GST_PLUGIN_PATH_1_0'] = os.path.join(options.build, 'gst')
    Gst.init(None)
    wanted = pages(os.path.join(options.build, 'gst', 'libgsttcp.so'))
    if options.check:
        sys.exit(1 if compare(options.docs, wanted) else 0)
    os.makedirs(options.docs, exist_ok=True)
    for name in set(os.listdir(options.docs)) - set(wanted):
        os.remove(os.path.join(options.docs, name))
    for name, text in wanted.items():
        with open(os.path.join(options.docs, name), 'w',
                  encoding='utf-8') as file:
            file.write(text)
        print('docs/elements/' + name)


if __name__ == '__main__':
    main()
