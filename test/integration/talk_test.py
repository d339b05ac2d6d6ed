#!/usr/bin/env python3
"""`fairlead talk` as its users meet it: in pipes, on a terminal, and with servers that misbehave."""

import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from support.programs import FAIRLEAD, PATIENCE, PlainServer, Server, frame, read_to_end, run
from support.terminal import Terminal


def serve(*arguments):
    return Server("serve", *arguments, "--listen", "tcp://127.0.0.1:0")


class InPipes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = serve("echo")
        cls.addClassCleanup(cls.server.close)

    def expect(self, lines, replies):
        done = run("talk", self.server.url, input=lines)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, replies, b""))

    def test_each_line_is_a_message_and_each_reply_a_line(self):
        self.expect(b"one\n\nthree\n", b"one\n\nthree\n")

    def test_nothing_in_nothing_out(self):
        self.expect(b"", b"")

    def test_the_last_line_needs_no_ending(self):
        self.expect(b"one\ntwo", b"one\ntwo\n")

    def test_a_carriage_return_belongs_to_the_line_ending(self):
        self.expect(b"one\r\ntwo\r\n", b"one\ntwo\n")

    def test_exit_and_quit_end_it(self):
        for word in (b"exit", b"quit"):
            self.expect(b"before\n" + word + b"\nbehind\n", b"before\n")
        self.expect(b"exit now\nEXIT\n", b"exit now\nEXIT\n")

    def test_all_bytes_but_the_newline_pass(self):
        line = bytes(byte for byte in range(256) if byte not in b"\n\r")
        self.expect(line + b"\n" + "船 收到\n".encode(), line + b"\n" + "船 收到\n".encode())

    def test_a_closed_input_is_an_empty_one(self):
        done = run("-c", 'exec "$0" talk "$1" <&-', FAIRLEAD, self.server.url, program="/bin/sh")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_a_file_as_input(self):
        with tempfile.TemporaryFile() as file:
            file.write(b"from a file\n")
            file.seek(0)
            done = run("talk", self.server.url, stdin=file)
        self.assertEqual((done.returncode, done.stdout), (0, b"from a file\n"))

    def test_more_lines_than_any_buffer_holds_come_back_all(self):
        lines = b"".join(b"line %d\n" % number for number in range(500_000))
        self.expect(lines, lines)

    def test_lines_as_long_as_the_framing_allows(self):
        lines = (b"x" * (1 << 20) + b"\n") * 20
        self.expect(lines, lines)

    def test_a_reader_that_has_seen_enough_ends_it(self):
        talk = subprocess.Popen([FAIRLEAD, "talk", self.server.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with talk:
            talk.stdin.write(b"one\n")
            talk.stdin.flush()
            self.assertEqual(talk.stdout.readline(), b"one\n")
            talk.stdout.close()
            talk.stdin.write(b"two\n")
            talk.stdin.flush()
            self.assertEqual(talk.wait(PATIENCE), -signal.SIGPIPE)


class WithOtherFramings(unittest.TestCase):
    def test_every_framing(self):
        for framing in ("length:1", "length:4:le", "length:8", "varint", "line", r"delimiter:\r\n", "fixed:3"):
            with self.subTest(framing), serve("uppercase", "--framing", framing) as server:
                done = run("talk", server.url, "--framing", framing, input=b"abc\ndef\n")
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"ABC\nDEF\n", b""))

    def test_a_line_the_framing_cannot_carry_is_named_and_the_others_are_sent(self):
        with serve("echo", "--framing", "fixed:3") as server:
            done = run("talk", server.url, "--framing", "fixed:3", input=b"abc\ntoo long\ndef\n")
        self.assertEqual((done.returncode, done.stdout), (1, b"abc\ndef\n"))
        self.assertRegex(done.stderr.decode(), r"\Afairlead: line 2 was not sent, [^\n]*fixed:3[^\n]*\n\Z")

    def test_raw_sends_lines_without_their_ending_and_shows_bytes_as_they_come(self):
        heard = []

        def answer(connection):
            heard.append(read_to_end(connection))
            connection.sendall("收到".encode()[:4])
            time.sleep(0.05)  # so that a character arrives in two pieces
            connection.sendall("收到".encode()[4:])

        with PlainServer(answer) as server:
            done = run("talk", server.url, "--framing", "raw", input="船\n到\n".encode())
        self.assertEqual(heard, ["船到".encode()])
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "收到\n".encode(), b""))

    def test_raw_shows_the_answers_to_separate_lines_on_separate_lines(self):
        with serve("reply", "--text", "<{message}>", "--framing", "raw") as server:
            talk = subprocess.Popen([FAIRLEAD, "talk", server.url, "--framing", "raw"], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE)
            with talk:
                for line, shown in ((b"a", b"<a>"), (b"b", b"\n<b>")):
                    talk.stdin.write(line + b"\n")
                    talk.stdin.flush()
                    self.assertEqual(talk.stdout.read(len(shown)), shown)
                talk.stdin.close()
                self.assertEqual(talk.stdout.read(), b"\n")
                self.assertEqual(talk.wait(PATIENCE), 0)


class Failing(unittest.TestCase):
    """Exit code 1, and one line on stderr that says what happened and what to do."""

    def expect_failure(self, url, *parts, arguments=()):
        done = run("talk", url, *arguments, input=b"hello\n")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr.decode(), r"\Afairlead: [^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, done.stderr.decode())

    def test_where_no_server_is(self):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can be there
            port = held.getsockname()[1]
            self.expect_failure(f"tcp://127.0.0.1:{port}",
                                f"connection refused: nothing is listening on 127.0.0.1:{port}",
                                f"fairlead serve echo --listen tcp://127.0.0.1:{port}")

    def test_at_a_name_without_address(self):
        self.expect_failure("tcp://nosuchhost.invalid:9000", "cannot connect to tcp://nosuchhost.invalid:9000: ")

    def test_with_a_server_that_closes_early(self):
        input_end, output_end = os.pipe()  # input that has not ended
        try:
            with PlainServer(lambda connection: connection.recv(100)) as server:
                os.write(output_end, b"hello\n")
                done = run("talk", server.url, stdin=input_end)
        finally:
            os.close(input_end)
            os.close(output_end)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{server.url}: the server closed the connection before the end of the input",
                      done.stderr.decode())

    def test_with_a_server_that_resets_the_connection(self):
        def reset(connection):
            connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        with PlainServer(reset) as server:
            self.expect_failure(server.url, "reset by peer")

    def test_with_a_server_that_stays_silent(self):
        talk_ended = threading.Event()

        def stay_silent(connection):
            read_to_end(connection)
            talk_ended.wait(PATIENCE)

        with PlainServer(stay_silent) as server:
            self.addCleanup(talk_ended.set)
            self.expect_failure(server.url, "within 200ms after the last line", "--timeout",
                                arguments=("--timeout", "200ms"))
            talk_ended.set()

    def test_with_the_wrong_framing(self):
        with serve("echo", "--framing", "line") as server:
            self.expect_failure(server.url, "without a reply", "does it use framing length?")

    def test_with_a_server_that_speaks_something_else(self):
        with PlainServer(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
            self.expect_failure(server.url, "this looks like an HTTP response")

    def test_with_a_reply_cut_short(self):
        def cut_short(connection):
            read_to_end(connection)
            connection.sendall(frame(b"whole") + b"\0\0")

        with PlainServer(cut_short) as server:
            self.expect_failure(server.url, "inside a message")

    def test_with_input_that_cannot_be_read(self):
        folder = os.open("/", os.O_RDONLY)
        try:
            with serve("echo") as server:
                done = run("talk", server.url, stdin=folder)
        finally:
            os.close(folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot read the input: Is a directory", done.stderr.decode())

    def test_with_an_output_that_is_full(self):
        with serve("echo") as server, open("/dev/full", "wb") as full:
            done = run("talk", server.url, input=b"hello\n", stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write to standard output", done.stderr.decode())

    def test_wrong_usage(self):
        for arguments, advice in ((["127.0.0.1:9000"], "tcp://HOST:PORT"),
                                  (["tcp://127.0.0.1:9000", "--framing", "lin"], "did you mean 'line'?"),
                                  (["tcp://127.0.0.1:9000", "--timeout", "long"], "such as 500ms"), ([], "URL")):
            done = run("talk", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(advice, done.stderr.decode())


class OnATerminal(unittest.TestCase):
    def setUp(self):
        self.server = serve("echo")
        self.addCleanup(self.server.close)
        self.terminal = Terminal("talk", self.server.url)
        self.addCleanup(self.terminal.close)

    def test_there_is_a_prompt(self):
        greeting = self.terminal.read_until(b"> ")
        self.assertIn(b"connected to " + self.server.url.encode(), greeting)
        self.terminal.type(b"hello\n")
        # The terminal's echo of what was typed and a prompt, then the reply and the next prompt.
        self.terminal.read_until(b"hello\r\n> ", times=2)
        self.terminal.type(b"exit\n")
        self.assertEqual(self.terminal.exit_code(), 0)

    def test_end_of_input_ends_it(self):
        self.terminal.read_until(b"> ")
        self.terminal.type(b"\x04")
        self.assertEqual(self.terminal.exit_code(), 0)

    def test_interrupt_ends_it_quietly(self):
        self.terminal.read_until(b"> ")
        self.terminal.type(b"\x03")
        self.assertEqual(self.terminal.exit_code(), -signal.SIGINT)


if __name__ == "__main__":
    unittest.main()
