#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# embed.py: makes a C header of a file
#
# Here: python3 embed.py FILE NAME HEADER. Not here: what is in the file.

import sys


def main():
    with open(sys.argv[1], 'rb') as source:
        data = source.read()
    rows = [', '.join('0x%02x' % b for b in data[i:i + 16])
            for i in range(0, len(data), 16)]
    with open(sys.argv[3], 'w', encoding='ascii') as header:
        header.write('static const unsigned char %s[] = {\n%s\n};\n'
                     % (sys.argv[2], ',\n'.join(rows)))


main()
