#!/usr/bin/env python3
"""`fairlead serve --proxy-from` behind HAProxy, which announces its clients by the PROXY protocol."""

import os
import re
import signal
import socket
import sys
import unittest

from support import tls
from support.process import wait_until
from support.programs import Server, connect, frame, read_to_end
from support.proxy_programs import HAPROXY, PROXY, HaProxy

BY_NAME = """
    tcp-request inspect-delay 30s
    tcp-request content accept if { req.ssl_sni localhost }
    tcp-request content reject if { req.ssl_hello_type 1 }
"""



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
        with self.serve() as server, HaProxy(server) as proxy, proxy.connect() as client:
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


@unittest.skipUnless(os.environ["FAIRLEAD_TLS"] == "ON" and not tls.why_not(), "there is no TLS, or no openssl(1)")
class TlsBehindHaProxy(unittest.TestCase):
    """HAProxy passes records on without a certificate of its own."""

    def setUp(self):
        self.certificates = tls.Certificates()
        self.addCleanup(self.certificates.__exit__)

    def serve(self, *arguments):
        return Server("serve", "echo", "--listen", "tls://127.0.0.1:0", *self.certificates.server.options(), *arguments)

    def expect_echo(self, plain, then=lambda: None):
        with self.certificates.client_context().wrap_socket(plain, server_hostname="localhost") as client:
            client.sendall(frame(b"hello"))
            self.assertEqual(client.recv(9), frame(b"hello"))
            then()
            client.unwrap()

    def test_a_session_behind_a_header_has_the_address_of_the_client(self):
        with self.serve("--proxy-from", PROXY) as server, HaProxy(server, "send-proxy-v2") as proxy:
            with proxy.connect() as plain:
                session = "session 1 tcp://%s:%d " % plain.getsockname()
                self.expect_echo(plain, lambda: wait_until(lambda: session in server.log(), server.log,
                                                           ask=lambda: server.send_signal(signal.SIGUSR1)))

    def test_a_session_is_passed_on_by_the_name_in_its_hello(self):
        with self.serve() as server, HaProxy(server, front=BY_NAME) as proxy:
            with proxy.connect() as plain:
                self.expect_echo(plain)
            with proxy.connect() as plain:
                client = tls.BareClient(plain, self.certificates.client_context(), "other")
                client.send(client.hello())
                self.assertEqual(read_until_cut(plain), b"", "no server has this name")


if __name__ == "__main__":
    if not HAPROXY:
        print("haproxy is not installed")
        sys.exit(77)
    unittest.main()
