#!/usr/bin/env python3
"""`fairlead serve relay`: from any transport to any other."""

import os
import re
import signal
import socket
import tempfile
import unittest

from support import tls
from support.process import wait_until
from support.programs import PlainServer, Server, address_of, connect, frame, read_to_end, reset, run
from support.terminal import Terminal

HAS_TLS = os.environ["FAIRLEAD_TLS"] == "ON" and not tls.why_not()


def relay(target, *options, listen="tcp://127.0.0.1:0"):
    return Server("serve", "relay", "--listen", listen, "--to", target, *options)


class OnATerminal(unittest.TestCase):
    def test_shows_the_traffic_below_its_log_and_takes_it_away(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--framing", "line") as target:
            terminal = Terminal("serve", "relay", "--listen", "tcp://127.0.0.1:0", "--to", target.url)
            self.addCleanup(terminal.close)
            url = re.search(rb"listening (\S+)", terminal.read_until(b"\n"))[1].decode()
            terminal.read_until(b"no session  0 B in, 0 B/s  0 B out, 0 B/s")
            with connect(address_of(url)) as client:
                client.sendall(b"hello, world\n")
                self.assertEqual(client.recv(13, socket.MSG_WAITALL), b"hello, world\n")
                terminal.read_until(b"\r\x1b[K1 session  26 B in, ")
            terminal.read_until(b"\r\x1b[Kno session  26 B in, ")
            terminal.type(b"\x03")
            shown = terminal.read_until(b"0 cut off\r\n")
            self.assertRegex(shown, rb"\r\x1b\[K\d{4}-[^\r]* info stopping: 0 sessions to finish\r\n")
            below = shown.rpartition(b"\n")[2] + terminal.read_to_end()
            self.assertEqual(below.rpartition(b"\x1b[K")[2], b"", "nothing is left below")
            self.assertEqual(terminal.exit_code(), 0)


class Bytes(unittest.TestCase):
    def test_pass_both_ways_as_they_are(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--framing", "line") as target, \
                relay(target.url) as server, connect(server.address) as client:
            client.sendall(b"one\ntw")
            client.sendall(b"o\n")
            self.assertEqual(client.recv(8, socket.MSG_WAITALL), b"one\ntwo\n")
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(read_to_end(client), b"")

    def test_of_a_direction_that_has_ended_do_not_end_the_other(self):
        def answer(connection):
            connection.sendall(b"heard " + read_to_end(connection))

        with PlainServer(answer) as target, relay(target.url) as server, connect(server.address) as client:
            client.sendall(b"a question")
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(read_to_end(client), b"heard a question")

    def test_arrive_whole_when_there_are_many(self):
        total = 32 << 20

        def answer(connection):
            received = 0
            while piece := connection.recv(1 << 20):
                received += len(piece)
            connection.sendall(b"%d" % received)

        with PlainServer(answer) as target, relay(target.url) as server, connect(server.address) as client:
            client.sendall(bytes(total))
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(read_to_end(client), b"%d" % total)

    def test_of_a_stop_are_answered(self):
        def answer(connection):
            connection.sendall(b"ready")
            heard = read_to_end(connection)
            connection.sendall(b"heard " + heard)

        with PlainServer(answer) as target, relay(target.url) as server, connect(server.address) as client:
            self.assertEqual(client.recv(5, socket.MSG_WAITALL), b"ready")
            client.sendall(b"the last one")
            server.send_signal(signal.SIGTERM)
            self.assertEqual(read_to_end(client), b"heard the last one")
            self.assertEqual(server.wait(), 0, server.log())


class Messages(unittest.TestCase):
    def test_are_framed_anew(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--framing", "line") as target, \
                relay(target.url, "--framing", "length", "--to-framing", "line") as server, \
                connect(server.address) as client:
            client.sendall(frame(b"hello") + frame(b"world"))
            self.assertEqual(client.recv(18, socket.MSG_WAITALL), frame(b"hello") + frame(b"world"))

    def test_of_a_websocket_reach_a_server_of_lines(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--framing", "line", "--prefix", "> ") as target, \
                relay(target.url, "--to-framing", "line", "--ws-text", listen="ws://127.0.0.1:0/lines") as server:
            talk = run("talk", server.url, input=b"hello\n")
            self.assertEqual((talk.stdout, talk.returncode), (b"> hello\n", 0), talk.stderr)

    def test_that_the_target_cannot_carry_end_the_connection(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--framing", "line") as target, \
                relay(target.url, "--framing", "length", "--to-framing", "line") as server, \
                connect(server.address) as client:
            client.sendall(frame(b"two\nlines"))
            with self.assertRaises(ConnectionResetError):
                client.recv(1)


class Targets(unittest.TestCase):
    def test_that_are_not_there_reset_the_client_and_are_named_in_the_log(self):
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            port = deaf.getsockname()[1]
            with relay(f"tcp://127.0.0.1:{port}") as server:
                with self.assertRaises(ConnectionResetError), connect(server.address) as client:
                    client.recv(1)
                why = f"is not relayed: connection refused: nothing is listening on 127.0.0.1:{port}"
                wait_until(lambda: why in server.log(), server.log)

    def test_that_fail_later_are_named_in_the_log_too(self):
        def answer(connection):
            connection.recv(1)  # the relay has its connection
            connection.sendall(b"half")
            reset(connection)

        with PlainServer(answer) as target, relay(target.url) as server, connect(server.address) as client:
            client.sendall(b"x")
            with self.assertRaises(ConnectionResetError):
                while client.recv(100):
                    pass
            wait_until(lambda: "is relayed no more: " in server.log(), server.log)

    def test_learn_the_address_of_the_client(self):
        for version in ("v1", "v2"):
            with self.subTest(version), \
                    Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--proxy-from", "127.0.0.1") as target, \
                    relay(target.url, "--to-proxy", version) as server, connect(server.address) as client:
                client.sendall(frame(b"hello"))
                self.assertEqual(client.recv(9, socket.MSG_WAITALL), frame(b"hello"))
                session = "session 1 tcp://%s:%d " % client.getsockname()
                wait_until(lambda: session in target.log(), target.log, ask=lambda: target.send_signal(signal.SIGUSR1))

    def test_may_be_unix_sockets(self):
        with tempfile.TemporaryDirectory() as folder:
            with Server("serve", "echo", "--listen", f"unix://{folder}/echo.sock") as target, \
                    relay(target.url) as server, connect(server.address) as client:
                client.sendall(frame(b"hello"))
                self.assertEqual(client.recv(9, socket.MSG_WAITALL), frame(b"hello"))


@unittest.skipUnless(HAS_TLS, "there is no TLS, or no openssl(1)")
class Tls(unittest.TestCase):
    def setUp(self):
        self.certificates = tls.Certificates()
        self.addCleanup(self.certificates.__exit__)

    def target(self):
        return Server("serve", "echo", "--listen", "tls://127.0.0.1:0", *self.certificates.server.options())

    def test_ends_here_and_begins_here(self):
        with self.target() as target, \
                relay(target.url, "--to-tls-ca", self.certificates.root.chain, *self.certificates.server.options(),
                      listen="tls://127.0.0.1:0") as server:
            for _ in range(2):
                with connect(server.address) as plain, \
                        self.certificates.client_context().wrap_socket(plain, server_hostname="localhost") as client:
                    client.sendall(frame(b"hello"))
                    self.assertEqual(client.makefile("rb").read(9), frame(b"hello"))

    def test_of_a_target_is_verified(self):
        with self.target() as target, relay(target.url) as server:
            with self.assertRaises(ConnectionResetError), connect(server.address) as client:
                client.recv(1)
            wait_until(lambda: "is not relayed: no TLS with" in server.log(), server.log)


class WrongUsage(unittest.TestCase):
    def test_is_explained(self):
        for words, why in (
                ((), "--to is required: the URL to which the handler relay connects"),
                (("--to", "udp://127.0.0.1:1"), "a relay needs connections, and UDP has none"),
                (("--to", "nonsense"), "nonsense"),
                (("--to", "tcp://127.0.0.1:1", "--listen", "udp://127.0.0.1:0"), "a relay needs connections; listen at"),
                (("--to", "tcp://127.0.0.1:1", "--listen", "ws://127.0.0.1:0/"), "--to-framing is required between WebSocket"),
                (("--to", "tcp://127.0.0.1:1", "--to-tls-min", "1.3"), "--to-tls-min is for TLS"),
                (("--to", "tcp://127.0.0.1:9", "--listen", "tcp://127.0.0.1:9"), "is where this relay listens itself"),
                (("--to", "tcp://127.0.0.1:1", "--to-framing", "websocket"), "it is for ws:// and wss://"),
                (("--to", "ws://127.0.0.1:1/", "--to-framing", "line"), "WebSocket divides messages by itself"),
                (("--to", "tcp://127.0.0.1:1", "--to-tls-ca", "ca.pem"), "--to-tls-ca is for TLS"),
                (("--to", "tcp://127.0.0.1:1", "--to-framing", "lines"), "lines")):
            with self.subTest(words):
                ended = run("serve", "relay", *words)
                self.assertEqual(ended.returncode, 2, ended.stderr)
                self.assertIn(why, ended.stderr.decode())


if __name__ == "__main__":
    unittest.main()
