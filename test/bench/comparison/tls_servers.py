"""The servers that are measured over TLS, all with the same certificate."""

import dataclasses
import math
import pathlib
import resource
import shutil
import subprocess

from .machine import RESERVED
from .processes import HOST, Failed, Server, SilentServer, address_of, free_port

OURS, PLAIN = "Fairlead", "Fairlead, plain TCP"

HAPROXY = """
global
    nbthread 1
    maxconn {most}
defaults
    mode tcp
    timeout connect 5s
    timeout client 300s
    timeout server 300s
frontend far
    bind {host}:{port} ssl crt {folder}/both.pem
    default_backend near
backend near
    server echo {behind}
"""

NGINX = """
load_module {modules}/ngx_stream_module.so;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections {descriptors}; }}
stream {{
    server {{
        listen {host}:{port} ssl backlog=1024;
        ssl_certificate {folder}/chain.pem;
        ssl_certificate_key {folder}/key.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_handshake_timeout 300s;
        tcp_nodelay on;
        proxy_timeout 300s;
        proxy_pass {behind};
    }}
}}
"""


class Certificate:
    """Of P-256, self-signed, in a folder: chain.pem, key.pem, and both.pem with both in one."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.chain, self.key = self.folder / "chain.pem", self.folder / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days",
                   "2", "-subj", "/CN=localhost", "-keyout", str(self.key), "-out", str(self.chain)]
        try:
            made = subprocess.run(command, capture_output=True, text=True)
        except OSError as lacking:
            raise Failed(f"a certificate is made by openssl: {lacking.strerror}") from lacking
        if made.returncode != 0:
            raise Failed(f"openssl made no certificate: {made.stderr}")
        (self.folder / "both.pem").write_text(self.chain.read_text() + self.key.read_text(), encoding="ascii")


class Both(Server):
    """Listens for TLS, and beside it for plain TCP."""

    def _wait_until_it_runs(self):
        super()._wait_until_it_runs()
        self.plain = address_of(self.next_line().removeprefix("listening "))


class Proxy(SilentServer):
    def __init__(self, command, core, port, behind):
        self._behind = behind
        super().__init__(command, core, port)

    def close(self):
        super().close()
        self._behind.close()


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    start: object  # of a core, gives a running server
    over_tls: bool = True
    most: float = math.inf  # connections


def proxy_row(name, command, configuration, folder, backend):
    """One that ends TLS before raw epoll, which is on the other core and does not count. A session takes two descriptors."""
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = (descriptors - RESERVED) // 2 if descriptors != resource.RLIM_INFINITY else 20_000

    def start(core, other_core):
        behind, port = Server(backend, other_core), free_port()
        file = folder / f"{command[0].rsplit('/', 1)[-1]}.conf"
        file.write_text(configuration.format(host=HOST, port=port, folder=folder, most=most, descriptors=2 * most + RESERVED // 2,
                                             modules="/usr/lib/nginx/modules",
                                             behind=":".join(map(str, behind.address()))), encoding="ascii")
        try:
            return Proxy([*command, str(file)], core, port, behind)
        except BaseException:
            behind.close()
            raise
    return Row(name, start, most=most)


def rows(build, certificate):
    """All that there are, Fairlead first; and remarks on those that are not."""
    folder, notes = build / "test/bench/servers", []
    files = [HOST, "0", str(certificate.chain), str(certificate.key)]

    def server_row(name, program, kind=Server, over_tls=True):
        return Row(name, lambda core, _: kind([str(folder / program), *files], core), over_tls)

    found = [server_row(OURS, "secure-echo", Both), server_row(PLAIN, "secure-echo", Both, over_tls=False),
             server_row("Asio, tuned", "asio-tls-tuned"), server_row("Asio, textbook", "asio-tls-textbook")]
    backend = [str(folder / "raw-epoll"), HOST, "0"]
    for name, tool, options, configuration in (("HAProxy, TCP mode", "haproxy", ("-db", "-f"), HAPROXY),
                                               ("nginx, stream", "nginx", ("-c",), NGINX)):
        path = shutil.which(tool) or shutil.which(tool, path="/usr/sbin")
        if path:
            found.append(proxy_row(name, [path, *options], configuration, certificate.folder, backend))
        else:
            notes.append(f"{tool} is left out: it is not installed")
    return found, notes
