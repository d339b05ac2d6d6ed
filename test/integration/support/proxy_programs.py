"""Proxies that others wrote, in front of a server of ours: HAProxy and nginx's stream module."""

import os
import shutil
import socket
import subprocess
import tempfile

from .programs import PATIENCE

HAPROXY = shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"

PROXY = "127.0.0.3"  # where their connections come from
CLIENT = "127.0.0.2"

HAPROXY_CONFIGURATION = """
defaults
    mode tcp
    timeout connect 10s
    timeout client 30s
    timeout server 30s
listen front
    bind fd@{listener}
    {front}
    server fairlead {host}:{port} source {source} {options}
"""

NGINX_CONFIGURATION = """
load_module {module};
daemon off;
worker_processes 1;
pid nginx.pid;
events {{}}
stream {{
    {outside}
    server {{
        listen {address};
        proxy_bind {source};
        proxy_pass {target};
        {inside}
    }}
}}
"""


class ProxyProgram:
    """A proxy with its configuration in a folder of its own. It inherits its listener, so its clients need not wait for it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)  # nginx leaves it as it is
        self._folder = tempfile.TemporaryDirectory(prefix="fairlead-proxy-")

    def start(self, program, configuration, environment=None):
        file = os.path.join(self._folder.name, "proxy.cfg")
        with open(file, "w", encoding="ascii") as written:
            written.write(configuration)
        self._process = subprocess.Popen([each.format(file=file, folder=self._folder.name) for each in program],
                                         stdin=subprocess.DEVNULL, pass_fds=[self.listener.fileno()],
                                         env={**os.environ, **(environment or {})})

    def connect(self):
        """A client at an address of its own."""
        return socket.create_connection(self.listener.getsockname(), timeout=PATIENCE, source_address=(CLIENT, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()  # and with it the workers of nginx
        self._process.wait(PATIENCE)
        self.listener.close()
        self._folder.cleanup()


class HaProxy(ProxyProgram):
    """HAProxy in mode tcp, with options of its `server` line and lines of its `listen` section."""

    def __init__(self, server, options="", front=""):
        super().__init__()
        host, port = server.address
        self.start([HAPROXY, "-db", "-q", "-f", "{file}"],
                   HAPROXY_CONFIGURATION.format(listener=self.listener.fileno(), host=host, port=port, source=PROXY,
                                                options=options, front=front))


class Nginx(ProxyProgram):
    """nginx with its stream module. `inside` goes into the `server` block, `outside` before it; `target` may be a variable."""

    def __init__(self, server, inside="", outside="", target=None):
        super().__init__()
        self.start([NGINX, "-p", "{folder}", "-c", "{file}", "-e", "stderr"],
                   NGINX_CONFIGURATION.format(module=NGINX_STREAM, address="%s:%d" % self.listener.getsockname(),
                                              source=PROXY, target=target or "%s:%d" % server.address, inside=inside,
                                              outside=outside),
                   {"NGINX": f"{self.listener.fileno()};"})  # as from an nginx that it replaces
