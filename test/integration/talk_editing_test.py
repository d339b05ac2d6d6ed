#!/usr/bin/env python3
"""`fairlead talk` on a terminal where lines can be edited, seen as the person at it sees it."""

import os
import pathlib
import signal
import socket
import sys
import tempfile
import unittest

from support.programs import PATIENCE, SYSTEM_PYTHON, Server

try:
    from support.typist import LEFT, UP, Typist, control, fresh_settings
except ImportError:
    if sys.executable != SYSTEM_PYTHON and os.access(SYSTEM_PYTHON, os.X_OK):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
    print("python3-pyte is missing")
    sys.exit(77)


class Talk(unittest.TestCase):
    """With a peer whose lines come when the test says so, and a home of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.environment = {"HOME": folder.name, "XDG_STATE_HOME": ""}
        self.file = self.home / ".local/state/fairlead/talk_history"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.listener.settimeout(PATIENCE)

    def talk(self, *options):
        self.person = Typist("talk", f"tcp://127.0.0.1:{self.listener.getsockname()[1]}", "--framing", "line", *options,
                             environment=self.environment)
        self.addCleanup(self.person.close)
        connection, _ = self.listener.accept()
        self.addCleanup(connection.close)
        connection.settimeout(PATIENCE)
        self.connection = connection
        self.received = connection.makefile("rb")
        self.addCleanup(self.received.close)
        self.person.expect(">")
        return self.person

    def say(self, text):
        self.connection.sendall(text.encode())

    def expect_received(self, text):
        self.assertEqual(self.received.readline().decode(), text + "\n")


class Editing(Talk):
    def test_keys_change_the_line(self):
        person = self.talk()
        person.type(b"ahoy deck" + LEFT * 4 + b"the " + control("A") + b"all " + control("E") + b" hands" + control("W"))
        person.expect("> all ahoy the deck")
        person.type(control("A") + b"\x1b[3~" * 4 + LEFT + control("E") + LEFT * 6 + control("K"))
        person.expect("> ahoy the", column=10)
        person.type(b"\t.\r")
        self.expect_received("ahoy the\t.")
        person.expect("> ahoy the      .", ">")

    def test_a_message_stands_above_the_line_and_the_cursor_where_it_was(self):
        person = self.talk()
        person.type("船 on é deck".encode() + LEFT * 7)
        person.expect("> 船 on é deck", column=7)
        self.say("收到\none more\n")
        person.expect("收到", "one more", "> 船 on é deck", column=7)
        person.type("到\r".encode())
        self.expect_received("船 on到 é deck")

    def test_a_message_stands_above_a_line_of_several_rows(self):
        person = self.talk()
        person.type("船".encode() * 60 + LEFT * 30)
        person.expect("> " + "船" * 49, "船" * 11, column=62)
        self.say("above\n")
        person.expect("above", "> " + "船" * 49, "船" * 11, column=62)
        person.type(control("E"))
        person.expect("above", "> " + "船" * 49, "船" * 11, column=22)
        self.say("again\n")
        person.expect("above", "again", "> " + "船" * 49, "船" * 11, column=22)

    def test_the_line_is_laid_out_anew_when_the_window_changes(self):
        person = self.talk()
        person.type(b"x" * 30)
        person.expect("> " + "x" * 30)
        person.resize(20)
        person.expect("> " + "x" * 18, "x" * 12, column=12)
        self.say("narrow\n")
        person.expect("narrow", "> " + "x" * 18, "x" * 12, column=12)
        person.resize(80)
        person.expect("narrow", "> " + "x" * 30, column=32)

    def test_a_line_that_is_not_sent_is_reported_above_the_next_one(self):
        person = self.talk("--hex-input")
        person.type(b"6\r68")
        person.expect("> 6", "fairlead: message 1 was not sent: '6' at column 1 is not two hexadecimal digits", "> 68")

    def test_over_udp(self):
        with Server("serve", "echo", "--listen", "udp://127.0.0.1:0") as server:
            person = Typist("talk", server.url, environment=self.environment)
            self.addCleanup(person.close)
            person.expect(">")
            person.type(b"ahoy" + LEFT + b"-\r")
            person.expect("> aho-y", "aho-y", ">")
            person.type(control("D"))
            self.assertEqual(person.exit_code(), 0)

    def test_an_editrc_may_turn_it_off(self):
        (self.home / ".editrc").write_text("edit off\n", encoding="ascii")
        person = self.talk()
        person.type(b"ab" + LEFT + b"\r")
        self.expect_received("ab" + LEFT.decode())


class Remembering(Talk):
    def test_lines_of_an_earlier_run_are_recalled_and_searched(self):
        person = self.talk()
        person.type("one\rtwo 船\rthree\rthree\r".encode())
        for line in ("one", "two 船", "three", "three"):
            self.expect_received(line)
        person.send_signal(signal.SIGKILL)
        self.assertEqual(self.file.read_text(encoding="utf-8").splitlines(), ["one", "two 船", "three", "three"])
        self.assertEqual((self.file.stat().st_mode & 0o777, self.file.parent.stat().st_mode & 0o777), (0o600, 0o700))

        person = self.talk()
        person.type(UP * 2)
        person.expect("> two 船")
        person.type(b"!\r")
        self.expect_received("two 船!")
        person.expect("> two 船!", ">")
        person.type(control("R") + b"on")
        person.expect("> two 船!", "> one", "bck:on")
        self.say("meanwhile\n")
        person.expect("> two 船!", "meanwhile", "> one", "bck:on")
        person.type(b"\r")
        self.expect_received("one")

    def test_no_line_is_kept_where_none_is_wanted(self):
        person = self.talk("--no-history")
        person.type(b"secret\r" + UP)
        self.expect_received("secret")
        person.expect("> secret", ">")
        self.assertFalse(self.file.exists())

    def test_a_history_that_cannot_be_written_is_reported_once(self):
        self.environment["XDG_STATE_HOME"] = "/proc/none"
        person = self.talk()
        person.type(b"one\rtwo\r" + UP * 2)
        person.expect("> one", "fairlead: no history is kept: cannot write /proc/none/fairlead/talk_history: No such file or "
                      "directo", "ry; --no-history does without", "> two", "> one")


class Ending(Talk):
    """Whatever ends it, the terminal is as it was before."""

    def expect_end(self, code):
        self.assertEqual(self.person.exit_code(), code)
        self.assertEqual(self.person.settings(), fresh_settings())

    def type_half_a_line(self):
        self.talk().type(b"half")
        self.person.expect("> half")
        self.assertNotEqual(self.person.settings(), fresh_settings())

    def test_of_the_input(self):
        person = self.talk()
        person.type(b"one\r")
        person.expect("> one", ">")
        person.type(control("D"))
        self.assertEqual(self.received.read(), b"one\n")
        self.say("reply\n")
        person.expect("> one", "reply", "")
        self.connection.shutdown(socket.SHUT_RDWR)
        self.expect_end(0)

    def test_by_exit(self):
        self.talk().type(b"exit\r")
        self.assertEqual(self.received.read(), b"")
        self.person.expect("> exit", "")

    def test_of_the_connection(self):
        self.type_half_a_line()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.person.read_until(b"fairlead: tcp://")
        self.expect_end(1)

    def test_by_signals(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGABRT):
            with self.subTest(number):
                self.type_half_a_line()
                self.person.send_signal(number)
                self.expect_end(-number)

    def test_by_keys_that_are_signals(self):
        for key, number in ((control("C"), signal.SIGINT), (b"\x1c", signal.SIGQUIT)):
            with self.subTest(key):
                self.type_half_a_line()
                self.person.type(key)
                self.expect_end(-number)

    def test_a_process_that_was_stopped_draws_the_line_again(self):
        self.type_half_a_line()
        self.person.send_signal(signal.SIGSTOP)
        os.waitpid(self.person.process, os.WUNTRACED)
        self.person.send_signal(signal.SIGCONT)
        self.say("meanwhile\n")
        self.person.expect("meanwhile", "> half")


if __name__ == "__main__":
    unittest.main()
