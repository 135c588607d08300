#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""parity.py: compares our plugin with the one the system has installed.

parity.py surface PROGRAM STOCK OURS ALLOWED
parity.py differential PROGRAM STOCK OURS DIFFERENCES [SCENARIO...]

Here: running the two programs on both plugins, each time in a process of its
own, and judging what differs; the result is TAP. Not here: what the programs
do, and which differences are meant (those are in the two text files).
"""

import concurrent.futures
import difflib
import fnmatch
import os
import re
import subprocess
import sys

TIME_LIMIT_S = 150
SKIP = 77


class Tap:
    """Prints results as they come; counts the bad ones."""

    def __init__(self, count):
        self.number = 0
        self.bad = 0
        print(f"1..{count}", flush=True)

    def result(self, name, complaints):
        self.number += 1
        self.bad += bool(complaints)
        word = "not ok" if complaints else "ok"
        print(f"{word} {self.number} - {name}")
        for line in complaints:
            print(f"# {line}")
        sys.stdout.flush()


def run(*command, leaks=True):
    """Returns the lines a program printed, its exit status, what it logged.

    Without leaks, a sanitizer does not look for any: stock's are its own.
    """
    env = dict(os.environ)
    if not leaks:
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, env=env,
                              stderr=subprocess.PIPE, timeout=TIME_LIMIT_S)
        status, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as late:
        status, out, err = "time-out", late.stdout or b"", late.stderr or b""
    lines = out.decode(errors="replace").splitlines()
    if status != 0:
        lines.append(f"ends with {status}")
    return lines, status, err.decode(errors="replace").splitlines()


# --- the surface --------------------------------------------------------

def new_properties(added):
    """(element, property) -> owner, of the properties that stock has not."""
    found = (re.match(r"(\S+) property (\S+) .*owner=(\S+)", line)
             for line in added)
    return {(m.group(1), m.group(2)): m.group(3) for m in found if m}


def addition_key(line, new_elements, properties):
    """What a line of the surface has to be allowed as."""
    words = line.split()
    if words[0] == "element":
        return f"element {words[1]}"
    if words[0] == "feature":
        return f"element {words[2]}"
    if words[0] == "enum":
        return f"enum {words[1]}"
    if words[0] in new_elements:
        return f"element {words[0]}"
    if words[1] == "field" and (words[0], words[2]) in properties:
        return f"property {properties[words[0], words[2]]} {words[2]}"
    owner = re.search(r" owner=(\S+)", line)
    if words[1] in ("property", "signal") and owner:
        return f"{words[1]} {owner.group(1)} {words[2]}"
    return " ".join([words[1], words[0]] + words[2:4])


def read_allowed(path):
    with open(path, encoding="utf-8") as file:
        lines = (line.split("#")[0].strip() for line in file)
        return [line for line in lines if line]


def surface(program, stock, ours, allowed_path):
    stock_lines, stock_status, _ = run(program, stock, leaks=False)
    our_lines, our_status, err = run(program, ours)
    allowed = read_allowed(allowed_path)
    new_elements = [a.split()[1] for a in allowed if a.startswith("element ")]
    added = sorted(set(our_lines) - set(stock_lines))
    missing = sorted(set(stock_lines) - set(our_lines))
    properties = new_properties(added)
    keys = {addition_key(line, new_elements, properties): line
            for line in added}

    tap = Tap(4)
    tap.result("both plugins can be loaded",
               [f"stock: {stock_status}, ours: {our_status}"] + err
               if (stock_status, our_status) != (0, 0) else [])
    tap.result("nothing of stock is missing or changed", missing)
    tap.result("every addition is allowed by name",
               [f"{key}: {line}" for key, line in sorted(keys.items())
                if key not in allowed])
    tap.result("every allowed addition exists",
               [name for name in allowed if name not in keys])
    return tap.bad


# --- the scenarios ------------------------------------------------------

class Difference:
    """A section of the table: some scenarios, a reason, what is expected."""

    def __init__(self, patterns):
        self.patterns = patterns.split()
        self.reason = ""
        self.stock_dies = False
        self.lines = []

    def is_about(self, name):
        return any(fnmatch.fnmatch(name, p) for p in self.patterns)

    def expected(self, name):
        handle = "fd" if name.startswith("multifdsink/") else "socket"
        return [line.replace("HANDLE", handle) for line in self.lines]


def read_differences(path):
    table = []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("[") and line.endswith("]"):
                table.append(Difference(line[1:-1]))
            elif line.startswith("because: "):
                table[-1].reason = line
            elif line == "stock dies":
                table[-1].stock_dies = True
            elif line[:1] in ("-", "+"):
                table[-1].lines.append(line)
            elif line.strip() and not line.startswith("#"):
                raise ValueError(f"{path}: cannot read: {line}")
    return table


def changes(stock_lines, our_lines):
    """The lines that differ, '-' stock's and '+' ours, in order."""
    diff = difflib.unified_diff(stock_lines, our_lines, lineterm="", n=0)
    return [line for line in list(diff)[2:] if not line.startswith("@@")]


def judge(name, stock, ours, table):
    """Returns what is wrong with one scenario, as lines."""
    (stock_lines, stock_status, _), (our_lines, _, err) = stock, ours
    meant = next((d for d in table if d.is_about(name)), None)
    if meant is None:
        found = changes(stock_lines, our_lines)
        return found + err if found else []
    if not meant.reason:
        return ["the table gives no reason"]
    if meant.stock_dies:
        found = [f"+{line}" for line in our_lines]
        if stock_status == 0:
            return ["stock does not die of it"]
    else:
        found = changes(stock_lines, our_lines)
    if found == meant.expected(name):
        return []
    wrong = difflib.unified_diff(meant.expected(name), found, "expected", "is",
                                 lineterm="", n=1)
    return [meant.reason] + list(wrong) + err


def differential(program, stock, ours, table_path, *only):
    table = read_differences(table_path)
    names = [name for name in run(program, "--list")[0]
             if not only or any(fnmatch.fnmatch(name, o) for o in only)]
    tap = Tap(len(names) + 1)

    def both(name):
        return name, run(program, stock, name, leaks=False), run(
            program, ours, name)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, on_stock, on_ours in pool.map(both, names):
            tap.result(name, judge(name, on_stock, on_ours, table))
    unused = [p for d in table for p in d.patterns
              if not any(fnmatch.fnmatch(name, p) for name in names)]
    tap.result("every difference in the table has a scenario",
               [] if only else unused)
    return tap.bad


def main():
    mode, program, stock, ours, *rest = sys.argv[1:]
    if not os.path.exists(stock):
        print(f"1..0 # SKIP no stock plugin at {stock}")
        return SKIP
    modes = {"surface": surface, "differential": differential}
    return 1 if modes[mode](program, stock, ours, *rest) else 0


if __name__ == "__main__":
    sys.exit(main())
