#!/usr/bin/env python3
"""`fairlead talk` as its users meet it: in pipes, on a terminal, and with servers that misbehave."""

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from support.programs import ALL_BYTES, ALL_SHOWN, FAIRLEAD, PATIENCE, PlainServer, Server, frame, read_to_end, \
    run, talk_until_the_reader_leaves
from support.terminal import ShortTalk, Terminal


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

    def test_exit_and_quit_are_lines_like_others(self):
        lines = b"before\nexit\nquit\nbehind\n"
        self.expect(lines, lines)

    def test_text_is_shown_as_it_is_and_other_bytes_by_what_they_are(self):
        self.expect("船 收到\n".encode(), "船 收到\n".encode())
        self.expect(ALL_BYTES + b"\n", ALL_SHOWN + b"\n")
        self.expect(b"\xE6\x94\n\xC2\x9B31m\n", b"\\xE6\\x94\n\\xC2\\x9B31m\n")

    def test_a_reply_of_several_lines_is_shown_as_one(self):
        def answer(connection):
            read_to_end(connection)
            connection.sendall(frame(b"one\r\ntwo\n\x1b[2J"))

        with PlainServer(answer) as server:
            done = run("talk", server.url)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"one\\r\\ntwo\\n\\x1B[2J\n", b""))

    def test_hexadecimal(self):
        done = run("talk", self.server.url, "--hex", input="hello\n\n船\x01\n".encode())
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout, b"68 65 6c 6c 6f\n\ne8 88 b9 01\n")

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

    def test_many_lines_as_long_as_the_server_allows(self):
        lines = (b"x" * (1 << 20) + b"\n") * 20
        self.expect(lines, lines)

    def test_a_line_that_is_too_long_for_us(self):
        done = run("talk", self.server.url, "--max-message", "1KiB", input=b"x" * 1025 + b"\n")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertEqual(done.stderr, b"fairlead: cannot read the input: a line is longer than 1KiB; --max-message allows "
                                      b"longer ones\n")

    def test_a_reply_that_is_too_large_for_us(self):
        with PlainServer(lambda connection: connection.sendall(frame(b"x" * 1025))) as server:
            done = run("talk", server.url, "--max-message", "1KiB", input=b"hello\n")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"(--max-message 1KiB)\n", done.stderr)

    def test_a_reader_that_has_seen_enough_ends_it(self):
        self.assertEqual(talk_until_the_reader_leaves(self.server.url), (b"one\n", -signal.SIGPIPE))


class FromTheCommandLine(unittest.TestCase):
    """Messages that are options, and replies that are expected: what scripts use."""

    @classmethod
    def setUpClass(cls):
        cls.server = serve("echo")
        cls.addClassCleanup(cls.server.close)

    def talk(self, *options, **kwargs):
        done = run("talk", self.server.url, *options, **kwargs)
        return done.returncode, done.stdout, done.stderr.decode()

    def test_messages_are_sent_in_order_and_stdin_is_not_read(self):
        self.assertEqual(self.talk("--send", "one", "--send", "", "--send", "exit", input=b"ignored\n"),
                         (0, b"one\n\nexit\n", ""))

    def test_messages_are_repeated(self):
        self.assertEqual(self.talk("--send", "a", "--send", "b", "--repeat", "3"), (0, b"a\nb\n" * 3, ""))
        code, out, err = self.talk("--send", "x" * 1000, "--repeat", "20000")
        self.assertEqual((code, out.count(b"\n"), err), (0, 20000, ""))

    def test_a_message_is_the_content_of_a_file(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "content")
            with open(path, "wb") as file:
                file.write(b"two\nlines\0")
            self.assertEqual(self.talk("--send", "@" + path), (0, b"two\\nlines\\x00\n", ""))
            code, out, err = self.talk("--send", "@" + path, "--send", "one", "--max-message", "5")
            self.assertEqual((code, out), (1, b"one\n"))
            self.assertEqual(err, f"fairlead: message 1 was not sent: {path} is larger than --max-message 5\n")
            code, out, err = self.talk("--send", f"@{path}.not")
            self.assertEqual((code, out), (1, b""))
            self.assertIn(f"message 1 was not sent: cannot read {path}.not: No such file or directory\n", err)
        self.assertEqual(self.talk("--send", "@@home"), (0, b"@home\n", ""))

    def test_lines_of_a_pipe_are_no_names_of_files(self):
        self.assertEqual(self.talk(input=b"@/etc/hostname\n@@\n"), (0, b"@/etc/hostname\n@@\n", ""))

    def test_hexadecimal_input(self):
        self.assertEqual(self.talk("--hex-input", input=b"68 69\n0A\n"), (0, b"hi\n\\n\n", ""))
        code, out, err = self.talk("--hex-input", input=b"6\n68\n")
        self.assertEqual((code, out), (1, b"h\n"))
        self.assertEqual(err, "fairlead: message 1 was not sent: '6' at column 1 is not two hexadecimal digits\n")

    def test_a_reply_that_is_expected_ends_it(self):
        self.assertEqual(self.talk("--send", "one", "--send", "two", "--expect", "wo"), (0, b"one\ntwo\n", ""))

    def test_a_reply_that_is_expected_and_does_not_come_is_a_failure(self):
        code, out, err = self.talk("--send", "one", "--expect", "1", "--timeout", "2s")
        self.assertEqual((code, out), (1, b"one\n"))
        self.assertIn(": no reply contained '1' within 2s after the last message\n", err)
        with PlainServer(lambda connection: connection.recv(100)) as server:
            done = run("talk", server.url, "--send", "one", "--expect", "1")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b": no reply contained '1' before the server closed the connection\n", done.stderr)

    def test_over_udp(self):
        with Server("serve", "echo", "--listen", "udp://127.0.0.1:0") as server:
            done = run("talk", server.url, "--send", "one", "--repeat", "100", "--expect", "one")
            self.assertEqual((done.returncode, done.stdout.splitlines()[0], done.stderr), (0, b"one", b""))
            done = run("talk", server.url, "--send", "one", "--expect", "1", "--timeout", "2s")
            self.assertEqual((done.returncode, done.stdout), (1, b"one\n"))
            self.assertIn(b": no reply contained '1' within 2s after the last message\n", done.stderr)

    def test_times(self):
        code, out, err = self.talk("--times", input=b"one\ntwo\n")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out.decode(), r"\A(\d\d:\d\d:\d\d\.\d{3}  \d+\.\d{3} ms  (one|two)\n){2}\Z")

    def test_wrong_usage(self):
        for options, advice in ((["--repeat", "2"], "--send"), (["--times", "--framing", "raw"], "leave it out")):
            code, out, err = self.talk(*options)
            self.assertEqual((code, out), (2, b""))
            self.assertIn(advice, err)


class WithOtherFramings(unittest.TestCase):
    def test_every_framing(self):
        for framing in ("length:1", "length:4:le", "length:8", "varint", "line", r"delimiter:\r\n", "fixed:3"):
            with self.subTest(framing), serve("uppercase", "--framing", framing) as server:
                done = run("talk", server.url, "--framing", framing, input=b"abc\ndef\n")
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"ABC\nDEF\n", b""))

    def test_large_messages_are_sent_and_shown(self):
        large = b"x" * (3 << 20) + b"\n"
        for framing in ("length", "length:4:le", "varint", "line", "delimiter:;", "fixed:3145728"):
            with self.subTest(framing), serve("echo", "--framing", framing, "--max-message", "3MiB") as server:
                done = run("talk", server.url, "--framing", framing, input=large)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertTrue(done.stdout == large)

    def test_large_lines_without_a_framing(self):
        large = b"x" * (3 << 20) + b"\n"
        with serve("echo", "--framing", "raw") as server:
            done = run("talk", server.url, "--framing", "raw", input=large)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue(done.stdout == large)

    def test_a_line_that_the_framing_cannot_count_is_told_with_its_size(self):
        with serve("echo", "--framing", "length:1") as server:
            done = run("talk", server.url, "--framing", "length:1", input=b"x" * 256 + b"\n" + b"y" * 255 + b"\n")
        self.assertEqual((done.returncode, done.stdout), (1, b"y" * 255 + b"\n"))
        self.assertEqual(done.stderr, b"fairlead: message 1 was not sent: framing length:1 cannot carry it: it has 256 "
                                      b"bytes, which is too many\n")

    def test_a_line_the_framing_cannot_carry_is_named_and_the_others_are_sent(self):
        with serve("echo", "--framing", "fixed:3") as server:
            done = run("talk", server.url, "--framing", "fixed:3", input=b"abc\ntoo long\ndef\n")
        self.assertEqual((done.returncode, done.stdout), (1, b"abc\ndef\n"))
        self.assertRegex(done.stderr.decode(), r"\Afairlead: message 2 was not sent: [^\n]*fixed:3[^\n]*\n\Z")

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

    def test_raw_changes_no_byte_in_a_pipe(self):
        with serve("echo", "--framing", "raw") as server:
            done = run("talk", server.url, "--framing", "raw", input=ALL_BYTES)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, ALL_BYTES + b"\n", b""))
            done = run("talk", server.url, "--framing", "raw", "--hex", input=b"hello")
            self.assertEqual((done.returncode, done.stdout), (0, b"68 65 6c 6c 6f\n"))

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
        for framing, whole, part in (("length", frame(b"whole"), b"\0\0"), ("line", b"whole\n", b"part of a li"),
                                     ("fixed:5", b"whole", b"part")):
            def cut_short(connection):
                read_to_end(connection)
                connection.sendall(whole + part)

            with self.subTest(framing), PlainServer(cut_short) as server:
                done = run("talk", server.url, "--framing", framing, input=b"hello\n")
                self.assertEqual((done.returncode, done.stdout), (1, b"whole\n"))
                self.assertRegex(done.stderr.decode(), r"\Afairlead: [^\n]+inside a message[^\n]+\n\Z")

    def test_with_a_server_that_is_killed_while_it_sends_a_line(self):
        code = ("import os, socket; listener = socket.create_server(('127.0.0.1', 0));"
                "print('listening tcp://127.0.0.1:%d' % listener.getsockname()[1], flush=True);"
                "peer, _ = listener.accept(); peer.recv(100); peer.sendall(b'part of a li'); os.kill(os.getpid(), 9)")
        input_end, output_end = os.pipe()  # input that has not ended
        try:
            with Server("-c", code, program=sys.executable) as server:
                os.write(output_end, b"hello\n")
                done = run("talk", server.url, "--framing", "line", stdin=input_end)
        finally:
            os.close(input_end)
            os.close(output_end)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr.decode(), r"\Afairlead: [^\n]+inside a message[^\n]+part of a li[^\n]+\n\Z")

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
                                  (["tcp://127.0.0.1:9000", "--framing", "fixed:2", "--max-message", "1"], "max_message 1"),
                                  (["udp://127.0.0.1:9000", "--max-message", "1"], "--max-message does not go with"),
                                  (["tcp://127.0.0.1:9000", "--timeout", "long"], "such as 500ms"), ([], "URL")):
            done = run("talk", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(advice, done.stderr.decode())


class OverUnixSockets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.url = f"unix://{folder.name}/talk.sock"

    def listener(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.url.removeprefix("unix://"))
        listener.listen()
        return listener

    def test_lines_and_replies(self):
        with Server("serve", "uppercase", "--listen", self.url):
            done = run("talk", self.url, input=b"one\n\xFF\nexit\n")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"ONE\n\\xFF\nEXIT\n", b""))
            self.assertEqual(run("talk", self.url, "--hex", input=b"a").stdout, b"41\n")

    def test_on_a_terminal(self):
        with Server("serve", "echo", "--listen", self.url):
            terminal = Terminal("talk", self.url)
            self.addCleanup(terminal.close)
            self.assertIn(b"connected to " + self.url.encode(), terminal.read_until(b"> "))
            terminal.type(b"hello\n")
            terminal.read_until(b"hello\r\n> ", times=2)
            terminal.type(b"\x04")
            self.assertEqual(terminal.exit_code(), 0)

    def test_without_a_server(self):
        done = run("talk", self.url, input=b"hello\n")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(f"start one with: fairlead serve echo --listen {self.url}", done.stderr.decode())

    def test_with_a_server_that_stays_silent(self):
        self.listener()
        done = run("talk", self.url, "--timeout", "200ms", input=b"hello\n")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn("within 200ms after the last line; --timeout", done.stderr.decode())


class OnATerminal(ShortTalk, unittest.TestCase):
    def setUp(self):
        self.server = serve("echo")
        self.addCleanup(self.server.close)
        self.url = self.server.url
        self.terminal = Terminal("talk", self.url)
        self.addCleanup(self.terminal.close)

    def test_a_line_that_names_a_file_sends_its_content(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"from a file")
            file.flush()
            self.terminal.type(b"@" + file.name.encode() + b"\n")
            self.terminal.read_until(b"from a file\r\n> ")


class AtItsEnd(unittest.TestCase):
    """What talk shows last begins a line of its own, without a prompt in front of it."""

    def test_of_a_server_that_goes_away(self):
        with PlainServer(lambda connection: connection.recv(100)) as server:
            terminal = Terminal("talk", server.url)
            self.addCleanup(terminal.close)
            terminal.type(b"hello\n")
            shown = terminal.read_until(b" to 1 line\r\n")
            self.assertEqual(terminal.exit_code(), 1)
        self.assertIn(b"\r\x1b[Kfairlead: " + server.url.encode() + b": the server closed the connection before the "
                      b"end of the input, after no reply to 1 line\r\n", shown)

    def test_of_the_input(self):
        with serve("echo") as server:
            terminal = Terminal("talk", server.url)
            self.addCleanup(terminal.close)
            terminal.read_until(b"> ")
            terminal.type(b"\x04")
            terminal.read_until(b"\r\x1b[K")
            self.assertEqual(terminal.exit_code(), 0)


class AgainstATerminal(unittest.TestCase):
    """Replies that hold commands for a terminal: what clears it, sets its title, has it type something."""

    ATTACK = b"\x1b[2J\x1b]0;title\x07\xc2\x9b6n\x08\x7f"
    DEFUSED = rb"\x1B[2J\x1B]0;title\x07\xC2\x9B6n\x08\x7F"

    def shown(self, framing, *pieces):
        """What the terminal shows when each piece is sent once the one before is shown."""
        may_send = threading.Semaphore(0)

        def answer(connection):
            for piece in pieces:
                may_send.acquire(timeout=PATIENCE)
                connection.sendall(piece)
            read_to_end(connection)

        with PlainServer(answer) as server:
            terminal = Terminal("talk", server.url, "--framing", framing)
            try:
                terminal.read_until(b"> ")
                shown = b""
                for _ in pieces:
                    may_send.release()
                    shown += terminal.read_until(b"> ")
                return shown
            finally:
                terminal.close()

    def test_a_message_is_text(self):
        self.assertIn(self.DEFUSED + b"\r\n> ", self.shown("length", frame(self.ATTACK)))
        self.assertIn(self.DEFUSED + b"\r\n> ", self.shown("line", self.ATTACK + b"\n"))

    def test_raw_bytes_are_text_with_its_lines(self):
        shown = self.shown("raw", "船\tone\r\ntwo\\\n".encode() + self.ATTACK)
        self.assertIn("船\tone\r\ntwo\\\r\n".encode() + self.DEFUSED + b"\r\n> ", shown)

    def test_a_character_in_two_pieces_is_shown_whole(self):
        whole = "到".encode()
        self.assertIn(whole + b"\r\n> ", self.shown("raw", whole[:1], whole[1:]))


if __name__ == "__main__":
    unittest.main()
