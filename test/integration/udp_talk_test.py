#!/usr/bin/env python3
"""`fairlead talk` with servers of datagrams, which lose, delay and refuse what they like."""

import os
import signal
import socket
import threading
import time
import unittest

from support.programs import ALL_BYTES, ALL_SHOWN, run, talk_until_the_reader_leaves
from support.terminal import ShortTalk, Terminal


class DatagramServer:
    """`answer(datagram)` gives what is sent back for each: a list of datagrams."""

    def __init__(self, answer=lambda datagram: [datagram], address="127.0.0.1", receive_buffer=None):
        self._socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.bind((address, 0))
        host = f"[{address}]" if ":" in address else address
        self.url = f"udp://{host}:{self._socket.getsockname()[1]}"
        self.heard = []
        self._answer = answer
        self._last = None  # the port of the last datagram
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        while True:
            datagram, peer = self._socket.recvfrom(65536)
            if peer[1] == self._last:
                return
            self.heard.append(datagram)
            for reply in self._answer(datagram):
                self._socket.sendto(reply, peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with socket.socket(self._socket.family, socket.SOCK_DGRAM) as waker:
            waker.bind((self._socket.getsockname()[0], 0))
            self._last = waker.getsockname()[1]
            while self._thread.is_alive():
                waker.sendto(b"", self._socket.getsockname())
                self._thread.join(0.1)
        self._socket.close()


class NoServer:
    """A port that refuses datagrams and that nobody else can take: its socket hears one peer only, itself."""

    def __enter__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.connect(self._socket.getsockname())
        self.port = self._socket.getsockname()[1]
        self.url = f"udp://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self._socket.close()


class InPipes(unittest.TestCase):
    def expect(self, lines, replies, **server):
        with DatagramServer(**server) as peer:
            done = run("talk", peer.url, input=lines)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue(done.stdout == replies, done.stdout[:1000])  # unittest would compare long ones for minutes
        return peer.heard

    def test_each_line_is_a_datagram_and_each_reply_a_line(self):
        heard = self.expect(b"one\n\nthree\n", b"one\n\nthree\n")
        self.assertEqual(heard, [b"one", b"", b"three"])

    def test_nothing_in_nothing_out(self):
        self.expect(b"", b"")

    def test_what_a_line_is(self):
        heard = self.expect("船\r\n收到".encode(), "船\n收到\n".encode())
        self.assertEqual(heard, ["船".encode(), "收到".encode()])

    def test_all_bytes_but_the_newline_are_sent_and_shown_by_what_they_are(self):
        self.assertEqual(self.expect(ALL_BYTES + b"\n", ALL_SHOWN + b"\n"), [ALL_BYTES])

    def test_a_datagram_is_one_line_whatever_is_in_it(self):
        self.expect(b"hello\n", b"one\\r\\ntwo\\n\\x1B[2J\n", answer=lambda _: [b"one\r\ntwo\n\x1b[2J"])

    def test_hexadecimal(self):
        with DatagramServer() as server:
            done = run("talk", server.url, "--hex", input="hello\n船\n".encode())
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"68 65 6c 6c 6f\ne8 88 b9\n", b""))

    def test_exit_and_quit_are_lines_like_others(self):
        lines = b"before\nexit\nquit\nbehind\n"
        self.assertEqual(self.expect(lines, lines), lines.split())

    def test_the_largest_line_that_a_datagram_carries(self):
        self.expect(b"x" * 65507 + b"\n", b"x" * 65507 + b"\n")

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as none:
            self.skipTest(f"no IPv6 here: {none}")
        self.expect(b"six\n", b"six\n", address="::1")

    def test_more_lines_at_once_than_the_server_has_room_for(self):
        # Its buffer, which the system doubles, holds 3,000 at the most: enough for a server that stands still a while.
        lines = b"".join(b"line %d\n" % number for number in range(20_000))
        self.expect(lines, lines, receive_buffer=1 << 20)

    def test_more_replies_than_lines(self):
        with DatagramServer(lambda datagram: [datagram, datagram]) as server:
            done = run("talk", server.url, input=b"one\ntwo\n")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue(done.stdout.startswith(b"one\n"))
        self.assertGreaterEqual(done.stdout.count(b"\n"), 2)

    def test_replies_that_take_longer_than_the_pauses_between_lines(self):
        def answer_late(datagram):
            time.sleep(0.01)  # each one behind those before it
            return [datagram]

        lines = b"".join(b"%d\n" % number for number in range(40))
        self.expect(lines, lines, answer=answer_late)

    def test_a_reader_that_has_seen_enough_ends_it(self):
        with DatagramServer() as server:
            self.assertEqual(talk_until_the_reader_leaves(server.url), (b"one\n", -signal.SIGPIPE))


class Failing(unittest.TestCase):
    """Exit code 1, and one line on stderr that says what happened and what to do."""

    def expect_failure(self, url, *parts, arguments=(), input=b"hello\n", stdout=b""):
        done = run("talk", url, *arguments, input=input)
        self.assertEqual((done.returncode, done.stdout), (1, stdout), done.stderr)
        self.assertRegex(done.stderr.decode(), r"\Afairlead: [^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, done.stderr.decode())

    def test_where_no_server_is(self):
        with NoServer() as nobody:  # it does not wait for the time limit to say so
            self.expect_failure(nobody.url, f"connection refused: nothing is listening on 127.0.0.1:{nobody.port}",
                                f"fairlead serve echo --listen {nobody.url}", arguments=("--timeout", "1h"))

    def test_where_no_server_is_and_the_input_goes_on(self):
        input_end, output_end = os.pipe()
        try:
            with NoServer() as nobody:
                os.write(output_end, b"hello\n")
                done = run("talk", nobody.url, stdin=input_end)
        finally:
            os.close(input_end)
            os.close(output_end)
        self.assertEqual(done.returncode, 1)
        self.assertIn("connection refused", done.stderr.decode())

    def test_where_no_server_is_for_a_thousand_lines(self):
        with NoServer() as nobody:
            self.expect_failure(nobody.url, "connection refused", arguments=("--timeout", "1h"), input=b"x\n" * 1000)

    def test_with_a_server_that_stays_silent(self):
        with DatagramServer(lambda datagram: []) as server:
            self.expect_failure(server.url, f"{server.url}: no reply to 1 line within 200ms; datagrams may be lost, "
                                            "or the server does not answer each one", arguments=("--timeout", "200ms"))

    def test_with_a_server_that_answers_some(self):
        with DatagramServer(lambda datagram: [datagram] if datagram == b"2" else []) as server:
            self.expect_failure(server.url, f"{server.url}: 1 reply to 3 lines within 3s", input=b"1\n2\n3\n",
                                arguments=("--timeout", "3s"), stdout=b"2\n")

    def test_a_silent_server_gets_every_line(self):
        lines = [b"%d" % number for number in range(40)]
        with DatagramServer(lambda datagram: []) as server:
            self.expect_failure(server.url, "no reply to 40 lines", input=b"\n".join(lines),
                                arguments=("--timeout", "200ms"))
        self.assertEqual(server.heard, lines)

    def test_a_line_that_no_datagram_carries_is_named_and_the_others_are_sent(self):
        with DatagramServer() as server:
            done = run("talk", server.url, input=b"short\n" + b"x" * 65508 + b"\nalso short\n")
        self.assertEqual((done.returncode, done.stdout), (1, b"short\nalso short\n"))
        self.assertRegex(done.stderr.decode(), r"\Afairlead: message 2 was not sent: it has 65508 bytes, [^\n]*\n\Z")

    def test_at_a_name_without_address(self):
        self.expect_failure("udp://nosuchhost.invalid:9000", "cannot connect to udp://nosuchhost.invalid:9000: ")

    def test_with_input_that_cannot_be_read(self):
        folder = os.open("/", os.O_RDONLY)
        try:
            with DatagramServer() as server:
                done = run("talk", server.url, stdin=folder)
        finally:
            os.close(folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot read the input: Is a directory", done.stderr.decode())

    def test_wrong_usage(self):
        for arguments, advice in ((["udp://127.0.0.1:9000", "--framing", "line"], "a datagram is a message already"),
                                  (["udp://127.0.0.1:9000", "--framing", "length"], "a datagram is a message already"),
                                  (["udp://127.0.0.1:0"], "port 0"), (["udp://127.0.0.1"], "udp://HOST:PORT")):
            done = run("talk", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(advice, done.stderr.decode())


class OnATerminal(ShortTalk, unittest.TestCase):
    def setUp(self):
        self.server = DatagramServer()
        self.addCleanup(self.server.__exit__)
        self.url = self.server.url
        self.terminal = Terminal("talk", self.url)
        self.addCleanup(self.terminal.close)


if __name__ == "__main__":
    unittest.main()
