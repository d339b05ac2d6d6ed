#!/usr/bin/env python3
"""`fairlead serve --proxy-from` behind HAProxy, which announces its clients by the PROXY protocol."""

import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from support.process import wait_until
from support.programs import PATIENCE, Server, connect, frame, read_to_end

HAPROXY = shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")

PROXY = "127.0.0.3"  # where its connections come from
CLIENT = "127.0.0.2"

CONFIGURATION = """
defaults
    mode tcp
    timeout connect 10s
    timeout client 30s
    timeout server 30s
listen front
    bind fd@{listener}
    server fairlead {host}:{port} source {source} {options}
"""


class HaProxy:
    """HAProxy before a server, with options of its `server` line."""

    def __init__(self, server, options):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._address = self._listener.getsockname()
        host, port = server.address
        with tempfile.NamedTemporaryFile("w", prefix="fairlead-", suffix=".cfg", delete=False) as file:
            file.write(CONFIGURATION.format(listener=self._listener.fileno(), host=host, port=port, source=PROXY,
                                            options=options))
        self._file = file.name
        self._process = subprocess.Popen([HAPROXY, "-db", "-q", "-f", file.name], stdin=subprocess.DEVNULL,
                                         pass_fds=[self._listener.fileno()])

    def connect(self):
        """A client at an address of its own."""
        return socket.create_connection(self._address, timeout=PATIENCE, source_address=(CLIENT, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait(PATIENCE)
        self._listener.close()
        pathlib.Path(self._file).unlink()


def read_until_cut(connection):
    """A connection that is closed with bytes unread is reset."""
    try:
        return read_to_end(connection)
    except ConnectionResetError:
        return b""


class BehindHaProxy(unittest.TestCase):
    def serve(self):
        return Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--proxy-from", PROXY + ",2001:db8::/32")

    def test_sessions_have_the_address_of_the_client(self):
        for version in ("send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id,authority"):
            with self.subTest(version), self.serve() as server, HaProxy(server, version) as proxy:
                with proxy.connect() as client:
                    client.sendall(frame(b"hello"))
                    self.assertEqual(client.recv(9, socket.MSG_WAITALL), frame(b"hello"))
                    session = "session 1 tcp://%s:%d " % client.getsockname()
                    wait_until(lambda: session in server.log(), server.log,
                               ask=lambda: server.send_signal(signal.SIGUSR1))
                    client.shutdown(socket.SHUT_WR)
                    self.assertEqual(read_to_end(client), b"")

    def test_its_checks_are_no_faults(self):
        for version in ("send-proxy", "send-proxy-v2"):
            with self.subTest(version), self.serve() as server, HaProxy(server, version + " check inter 20"):
                def counters():
                    server.send_signal(signal.SIGUSR1)
                    lines = [each for each in server.log().splitlines() if "info statistics " in each]
                    return dict(each.split("=") for each in lines[-1].split() if "=" in each) if lines else {}

                wait_until(lambda: int(counters().get("accepted", 0)) >= 3, server.log)
                self.assertEqual(counters()["refused_for_proxy"], "0", server.log())

    def test_a_proxy_that_sends_no_header_is_refused_and_the_log_says_why(self):
        with self.serve() as server, HaProxy(server, "") as proxy, proxy.connect() as client:
            client.sendall(frame(b"hello"))
            self.assertEqual(read_until_cut(client), b"")
            wait_until(lambda: re.search(rf"a connection from tcp://{PROXY}:\d+ was refused: the bytes do not begin "
                                         "with a PROXY header", server.log()), server.log)

    def test_who_comes_past_it_is_refused(self):
        with self.serve() as server:
            with connect(server.address) as client:
                client.sendall(b"PROXY TCP4 203.0.113.7 198.51.100.1 5000 443\r\n" + frame(b"hello"))
                self.assertEqual(read_until_cut(client), b"")
            wait_until(lambda: "it is not one of the trusted proxies (--proxy-from)" in server.log(), server.log)


if __name__ == "__main__":
    if not HAPROXY:
        print("haproxy is not installed")
        sys.exit(77)
    unittest.main()
