#!/usr/bin/env python3
"""`fairlead serve` behind nginx's stream module, which passes TLS on and announces its clients by the PROXY protocol."""

import os
import signal
import socket
import sys
import unittest

from support import tls
from support.process import wait_until
from support.programs import Server, frame, read_to_end
from support.proxy_programs import NGINX, NGINX_STREAM, PROXY, Nginx

TLS = os.environ["FAIRLEAD_TLS"] == "ON" and not tls.why_not()

BY_NAME = "map $ssl_preread_server_name $chosen {{ localhost {}:{}; }}"


class BehindNginx(unittest.TestCase):
    def expect_session_of(self, client, server):
        session = "session 1 tcp://%s:%d " % client.getsockname()
        wait_until(lambda: session in server.log(), server.log, ask=lambda: server.send_signal(signal.SIGUSR1))

    def test_sessions_have_the_address_of_the_client(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--proxy-from", PROXY) as server:
            with Nginx(server, "proxy_protocol on;") as proxy, proxy.connect() as client:
                client.sendall(frame(b"hello"))
                self.assertEqual(client.recv(9, socket.MSG_WAITALL), frame(b"hello"))
                self.expect_session_of(client, server)

    @unittest.skipUnless(TLS, "there is no TLS, or no openssl(1)")
    def test_a_tls_session_behind_its_header_has_the_address_of_the_client(self):
        with tls.Certificates() as certificates:
            with self.serve_tls(certificates, "--proxy-from", PROXY) as server:
                with Nginx(server, "proxy_protocol on;") as proxy, proxy.connect() as plain:
                    self.expect_echo(certificates, plain, lambda client: self.expect_session_of(client, server))

    @unittest.skipUnless(TLS, "there is no TLS, or no openssl(1)")
    def test_a_tls_session_is_passed_on_by_the_name_in_its_hello(self):
        with tls.Certificates() as certificates, self.serve_tls(certificates) as server:
            with Nginx(server, "ssl_preread on;", BY_NAME.format(*server.address), "$chosen") as proxy:
                with proxy.connect() as plain:
                    self.expect_echo(certificates, plain)
                with proxy.connect() as plain:
                    client = tls.BareClient(plain, certificates.client_context(), "other")
                    client.send(client.hello())
                    self.assertEqual(read_to_end(plain), b"", "no server has this name")

    @staticmethod
    def serve_tls(certificates, *arguments):
        return Server("serve", "echo", "--listen", "tls://127.0.0.1:0", *certificates.server.options(), *arguments)

    def expect_echo(self, certificates, plain, then=lambda client: None):
        with certificates.client_context().wrap_socket(plain, server_hostname="localhost") as client:
            client.sendall(frame(b"hello"))
            self.assertEqual(client.recv(9), frame(b"hello"))
            then(client)
            client.unwrap()


if __name__ == "__main__":
    if not NGINX or not os.path.exists(NGINX_STREAM):
        print("nginx with its stream module is not installed")
        sys.exit(77)
    unittest.main()
