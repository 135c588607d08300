#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# http-files.py: what it costs to serve files, beside nginx
#
# Here: starting both servers on the same folder, giving them the same load in
# turn, their CPU time, the table.
# Not here: the clients (httpfiles/load.c).

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get('BUILD_ROOT', '.'))
LOAD = BUILD / 'tests/benchmarks/http-files-load'

NGINX_CONF = '''
worker_processes 1;
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  default_type application/octet-stream;
  client_body_temp_path {dir}; proxy_temp_path {dir}; fastcgi_temp_path {dir};
  uwsgi_temp_path {dir}; scgi_temp_path {dir};
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
'''

# name, file, range, connections
ROWS = [
    ('1 KiB, 1 connection', '1k.bin', '-', 1),
    ('1 KiB, 64 connections', '1k.bin', '-', 64),
    ('1 MiB, 16 connections', '1m.bin', '-', 16),
    ('64 KiB of 1 GiB, 16 connections', '1g.bin', '500000000-500065535', 16),
    ('1 GiB, 4 connections', '1g.bin', '-', 4),
]


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        with socket.socket() as s:
            if s.connect_ex(('127.0.0.1', port)) == 0:
                return
        time.sleep(0.05)
    sys.exit('a server does not start')


def family(pid):
    found = [pid]
    path = pathlib.Path('/proc/%d/task/%d/children' % (pid, pid))
    for child in path.read_text().split():
        found += family(int(child))
    return found


def cpu_seconds(pid):
    """Of all threads, to the nanosecond: ticks are too coarse."""
    total = 0
    for one in family(pid):
        for task in pathlib.Path('/proc/%d/task' % one).iterdir():
            total += int((task / 'schedstat').read_text().split()[0])
    return total / 1e9


class Server:
    def __init__(self, name, argv, port):
        self.name, self.port = name, port
        self.process = subprocess.Popen(
            argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(port)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def start_servers(root, scratch):
    ours, theirs = free_port(), free_port()
    conf = scratch / 'nginx.conf'
    conf.write_text(NGINX_CONF.format(dir=scratch, root=root, port=theirs))
    servers = [Server('ours', ['gst-launch-1.0', '-q', 'httpserversink',
                               'root=%s' % root, 'port=%d' % ours], ours)]
    nginx = shutil.which('nginx') or '/usr/sbin/nginx'
    if os.path.exists(nginx):
        servers.append(Server('nginx', [nginx, '-p', str(scratch), '-c',
                                        str(conf)], theirs))
    return servers


def make_files(root):
    for name, size in (('1k.bin', 1 << 10), ('1m.bin', 1 << 20),
                       ('1g.bin', 1 << 30)):
        with open(root / name, 'wb') as f:
            block = os.urandom(min(size, 1 << 20))
            for _ in range(size // len(block)):
                f.write(block)


def load(*args):
    return json.loads(subprocess.run(
        [str(LOAD), *map(str, args)], check=True, capture_output=True,
        timeout=120).stdout)


def measure(server, row, seconds):
    name, path, byte_range, connections = row
    before = cpu_seconds(server.process.pid)
    result = load('get', server.port, '/' + path, byte_range, connections,
                  seconds)
    cpu = max(cpu_seconds(server.process.pid) - before, 1e-6)
    return {'requests_per_cpu_second': result['requests'] / cpu,
            'mb_per_cpu_second': result['bytes'] / cpu / 1e6,
            'requests_per_second': result['requests'] / result['seconds'],
            'mb_per_second': result['bytes'] / result['seconds'] / 1e6}


def medians(results):
    return {key: statistics.median(r[key] for r in results)
            for key in results[0]}


def measure_rows(servers, rounds, seconds):
    table = []
    for row in ROWS:
        results = {s.name: [] for s in servers}
        for _ in range(rounds):
            for server in servers:
                results[server.name].append(measure(server, row, seconds))
        table.append({'row': row[0], **{
            name: medians(found) for name, found in results.items()}})
    return table


def ratio(row, key):
    theirs = row.get('nginx', {}).get(key, 0)
    return row['ours'][key] / theirs if theirs else 0


def print_table(table, edge):
    print('%-34s %9s %9s %6s   %9s %9s %6s' % (
        '', 'ours', 'nginx', 'ratio', 'ours', 'nginx', 'ratio'))
    print('%-34s %26s   %26s' % ('', 'requests/CPU second', 'MB/CPU second'))
    for row in table:
        theirs = row.get('nginx', {})
        print('%-34s %9.0f %9.0f %6.2f   %9.0f %9.0f %6.2f' % (
            row['row'], row['ours']['requests_per_cpu_second'],
            theirs.get('requests_per_cpu_second', 0),
            ratio(row, 'requests_per_cpu_second'),
            row['ours']['mb_per_cpu_second'],
            theirs.get('mb_per_cpu_second', 0),
            ratio(row, 'mb_per_cpu_second')))
    print('\nlive edge, %d of %d: p50 %.2f ms, p99 %.2f ms, max %.2f ms' % (
        edge['n'], edge['expected'], edge['p50_ms'], edge['p99_ms'],
        edge['max_ms']))


def main():
    parser = argparse.ArgumentParser(
        description='Serves files beside nginx, and compares what it costs.')
    parser.add_argument('--json', metavar='FILE')
    parser.add_argument('--quick', action='store_true',
                        help='one short round, for a first impression')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=float, default=4)
    args = parser.parse_args()
    if args.quick:
        args.rounds, args.seconds = 1, 1.5
    with tempfile.TemporaryDirectory(prefix='http-files-') as name:
        scratch = pathlib.Path(name)
        root = scratch / 'root'
        root.mkdir()
        os.chmod(scratch, 0o755)
        make_files(root)
        servers = start_servers(root, scratch)
        try:
            table = measure_rows(servers, args.rounds, args.seconds)
            edge = load('edge', servers[0].port, '/edge.ts', root / 'edge.ts',
                        100, 500)
        finally:
            for server in servers:
                server.stop()
    print_table(table, edge)
    if args.json:
        pathlib.Path(args.json).write_text(
            json.dumps({'rows': table, 'edge': edge}, indent=1))


if __name__ == '__main__':
    main()
