# SPDX-License-Identifier: LGPL-2.1-or-later
#
# servers.py: other people's HTTP servers, each on a free port in a folder of
# its own
#
# Here: nginx, Icecast, Python's http.server and a proxy, starting and stopping.
# Not here: what is asked of them.

import http.server
import os
import pathlib
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time

import programme

DEADLINE = 20


def free_port():
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        return taken.getsockname()[1]


def is_listening(port, host):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


class Server:
    """A program that listens; use it in a with statement."""

    def __init__(self, port=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='http-server-'))
        self.folder.chmod(0o777)
        self.port = port or free_port()
        self.process = None
        self.host = '127.0.0.1'
        self.log = self.folder / 'log'

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        with open(self.log, 'wb') as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, cwd=self.folder,
                env=programme.FOREIGN_ENV, **self.identity())
        deadline = time.monotonic() + DEADLINE
        while not is_listening(self.port, self.host):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        return self

    def __exit__(self, *_error):
        self.process.terminate()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def identity():
        return {}

    def url(self, path):
        return 'http://127.0.0.1:%d%s' % (self.port, path)


NGINX = '''
daemon off; worker_processes 1; pid nginx.pid; error_log stderr %(level)s;
%(user)s
events { worker_connections 256; }
http {
  access_log access.log; client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  client_max_body_size %(limit)s;
  %(extra)s
  server { listen 127.0.0.1:%(port)d; root files; %(server)s }
}
'''

DAV = '''
location / { dav_methods PUT DELETE; create_full_put_path on; }
location /secret/ { dav_methods PUT;
  create_full_put_path on; auth_basic "x";
  auth_basic_user_file users; }
location /moved/ { return 307 /new/; }
'''


def make_certificate(path):
    """Writes a certificate for localhost, with its key."""
    made = subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj',
         '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
         '-keyout', '-', '-out', '-'],
        capture_output=True, check=True, env=programme.FOREIGN_ENV)
    path.write_bytes(made.stdout)


TLS = '''
ssl_certificate server.pem; ssl_certificate_key server.pem;
ssl_protocols %s;
location / { dav_methods PUT; }
'''


class Nginx(Server):
    """nginx, which takes PUT and DELETE unless told something else."""

    def __init__(self, server=DAV, extra='', limit='1m', port=None):
        super().__init__(port)
        for name in ('files', 'body', 'proxy', 'cache'):
            (self.folder / name).mkdir()
            (self.folder / name).chmod(0o777)
        (self.folder / 'users').write_text('me:{PLAIN}secret\n')
        (self.folder / 'nginx.conf').write_text(NGINX % {
            'port': self.port, 'limit': limit, 'level': 'warn',
            'extra': extra, 'server': server,
            'user': 'user root;' if os.getuid() == 0 else ''})

    def command(self):
        return ['nginx', '-p', str(self.folder), '-c', 'nginx.conf',
                '-e', 'stderr']

    def file(self, name):
        return (self.folder / 'files' / name).read_bytes()

    def requests(self):
        return (self.folder / 'access.log').read_text().splitlines()


ICECAST = '''
<icecast>
  <limits><sources>4</sources><burst-on-connect>0</burst-on-connect></limits>
  <authentication>
    <source-password>hackme</source-password>
    <admin-user>admin</admin-user><admin-password>admin</admin-password>
  </authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>%(port)d</port>
    <bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><basedir>%(folder)s</basedir><logdir>%(folder)s</logdir>
    <webroot>/usr/share/icecast2/web</webroot>
    <adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><errorlog>-</errorlog><accesslog>access</accesslog></logging>
</icecast>
'''


class TlsNginx(Nginx):
    def __init__(self, protocol):
        super().__init__(TLS % protocol, limit='100m')
        make_certificate(self.folder / 'server.pem')
        config = self.folder / 'nginx.conf'
        config.write_text(config.read_text().replace(
            'listen 127.0.0.1:%d' % self.port,
            'listen 127.0.0.1:%d ssl' % self.port))

    def url(self, path):
        return 'https://localhost:%d%s' % (self.port, path)


class Tunnel(socketserver.StreamRequestHandler):
    """An HTTP proxy that knows CONNECT."""

    def handle(self):
        target = self.rfile.readline().split()[1].decode()
        while self.rfile.readline().strip():
            pass
        self.server.targets.append(target)
        host, _, port = target.rpartition(':')
        with socket.create_connection((host, int(port))) as far:
            self.wfile.write(b'HTTP/1.1 200 Connected\r\n\r\n')
            back = threading.Thread(target=self.copy,
                                    args=(far, self.connection))
            back.start()
            self.copy(self.connection, far)
            back.join()

    @staticmethod
    def copy(source, to):
        try:
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Icecast(Server):
    def command(self):
        config = self.folder / 'icecast.xml'
        config.write_text(
            ICECAST % {'port': self.port, 'folder': self.folder})
        return ['icecast2', '-c', str(config)]

    @staticmethod
    def identity():
        # It does not run as root.
        return {'user': 'nobody'} if os.getuid() == 0 else {}


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes what it is sent; it does not know chunks by itself."""

    protocol_version = 'HTTP/1.1'

    def read_chunks(self):
        size = 1
        while size:
            size = int(self.rfile.readline(), 16)
            yield self.rfile.read(size)
            self.rfile.readline()

    def do_PUT(self):
        if self.headers.get('Transfer-Encoding') == 'chunked':
            body = b''.join(self.read_chunks())
        else:
            body = self.rfile.read(int(self.headers['Content-Length']))
        self.server.uploads[self.path] = body
        self.send_response(201)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_arguments):
        pass


class Python:
    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0),
                                                      Handler)
        self.server.uploads = {}
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def uploads(self):
        return self.server.uploads

    def url(self, path):
        return 'http://127.0.0.1:%d%s' % (self.server.server_port, path)
