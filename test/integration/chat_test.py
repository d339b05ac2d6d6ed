#!/usr/bin/env python3
"""`fairlead serve chat`: people who talk in rooms, over lines and over length-prefixed messages at once."""

import base64
import os
import pathlib
import socket
import tempfile
import unittest

from support.browser import MISSING, Browser
from support.process import wait_until
from support.programs import PATIENCE, Server, address_of, connect, frame, run

LINES = ("serve", "chat", "--framing", "line", "--listen", "tcp://127.0.0.1:0")


class Visitor:
    """One who talks in lines."""

    def __init__(self, address, name=None):
        self._connection = connect(address)
        self._file = self._connection.makefile("rb")
        self.expect_in("welcome, guest-")
        self.until("* guest-")
        if name:
            self.say(f"/nick {name}")
            self.until(f" is {name} now")

    def say(self, line):
        self._connection.sendall(line if isinstance(line, bytes) else line.encode() + b"\n")

    def next(self):
        return self._file.readline().decode().rstrip("\n")

    def expect_in(self, part):
        line = self.next()
        assert part in line, line
        return line

    def until(self, part):
        """Reads on to the line that has the part, and gives it."""
        while True:
            line = self.next()
            assert line, f"the connection ended before {part!r}"
            if part in line:
                return line

    def close(self):
        self._file.close()
        self._connection.close()


class MessageVisitor(Visitor):
    """The same in messages behind four bytes of length."""

    def say(self, line):
        self._connection.sendall(frame(line.encode()))

    def next(self):
        size = int.from_bytes(self._file.read(4), "big")
        return self._file.read(size).decode()


class ChatCase(unittest.TestCase):
    def serve(self, *more):
        server = Server(*LINES, *more)
        self.addCleanup(server.close)
        return server

    def visitor(self, server, name=None, kind=Visitor, url=None):
        made = kind(address_of(url or server.url), name)
        self.addCleanup(made.close)
        return made


class Chat(ChatCase):
    def test_a_line_goes_to_all_in_the_room_with_the_name_of_its_visitor(self):
        server = self.serve()
        ann, bob = self.visitor(server, "Ann"), self.visitor(server, "Bob")
        ann.say("hello")
        self.assertEqual(bob.next(), "Ann: hello")
        self.assertEqual(ann.until("Ann: "), "Ann: hello")

    def test_rooms_are_apart_and_who_is_in_one_can_be_asked(self):
        server = self.serve()
        ann, bob = self.visitor(server, "Ann"), self.visitor(server, "Bob")
        bob.say("/join garden")
        ann.until("* Bob left for another room")
        bob.until("* Bob joined garden")
        ann.say("only here")
        bob.say("/who")
        self.assertEqual(bob.next(), "* 1 in garden: Bob")
        ann.say("/who")
        self.assertEqual(ann.until(" in "), "* 1 in lobby: Ann")

    def test_a_name_is_taken_once_in_any_case_and_is_free_again_later(self):
        server = self.serve()
        ann, bob = self.visitor(server, "Ann"), self.visitor(server)
        bob.say("/nick ann")
        self.assertEqual(bob.until("taken"), "* the name ann is taken")
        ann.close()
        bob.until("* Ann left")
        bob.say("/nick ann")
        self.assertTrue(bob.next().endswith(" is ann now"))

    def test_names_that_could_be_taken_for_something_else_are_refused(self):
        visitor = self.visitor(self.serve())
        for name in ("", "a b", "Ann:", "*", "guest-1", "x" * 33, "J\u00fcrgen", "\u202eevil"):
            visitor.say(f"/nick {name}")
            visitor.expect_in("a name has 1 to 32 letters")
        visitor.say("/join a/b")
        visitor.expect_in("a room has a name")

    def test_a_visitor_gets_the_last_lines_of_the_room(self):
        server = self.serve("--history", "2")
        ann = self.visitor(server, "Ann")
        for line in ("one", "two", "three"):
            ann.say(line)
        ann.until("three")
        late = connect(server.address)
        self.addCleanup(late.close)
        with late.makefile("rb") as lines:
            seen = [lines.readline().decode().rstrip("\n") for _ in range(4)]
        self.assertIn("welcome", seen[0])
        self.assertEqual(seen[1:3], ["Ann: two", "Ann: three"])
        self.assertRegex(seen[3], r"^\* guest-\d+ joined lobby$")

    def test_no_line_commands_a_terminal_or_looks_like_two(self):
        server = self.serve()
        ann, bob = self.visitor(server, "Ann"), self.visitor(server, "Bob")
        ann.say(b"red \x1b[31m \xff \xe2\x80\xae\ttab caf\xc3\xa9 \\\n")
        self.assertEqual(bob.next(), "Ann: red \\x1B[31m \\xFF \\xE2\\x80\\xAE tab café \\")

    def test_long_lines_and_unknown_commands_are_answered_to_their_visitor_alone(self):
        server = self.serve()
        ann, bob = self.visitor(server, "Ann"), self.visitor(server, "Bob")
        ann.until("is Bob now")
        ann.say("x" * 1025)
        ann.expect_in("a line has up to 1024 bytes")
        ann.say("/dance")
        ann.expect_in("there is no command /dance; /help shows them")
        ann.say("/help")
        for command in ("/nick", "/join", "/who", "any other line"):
            ann.expect_in(command)
        ann.say("done")
        self.assertEqual(bob.next(), "Ann: done")

    def test_one_that_does_not_read_holds_up_nobody(self):
        server = self.serve("--chat-rate", "0")
        stopped = connect(server.address)
        self.addCleanup(stopped.close)
        ann, bob = self.visitor(server, "Ann"), self.visitor(server, "Bob")
        ann.until("is Bob now")
        for i in range(3_000):
            ann.say(f"{i} " + "x" * 1_000)
            bob.until(f"Ann: {i} ")  # perhaps behind the news that the other one was cut off
            ann.until(f"Ann: {i} ")

    def test_a_visitor_that_sends_too_fast_is_told_and_nobody_hears_the_rest(self):
        server = self.serve("--chat-rate", "1")
        ann, bob = self.visitor(server, "Ann"), self.visitor(server, "Bob")
        ann.say("first")
        for _ in range(100):
            ann.say("too much")
        refused = ann.until("you send too fast")
        self.assertEqual(refused, "* you send too fast, so this line was left out; a visitor has 1 line a second")
        bob.until("Ann: first")
        bob.say("slowly")
        heard = ""
        for _ in range(100):
            heard = bob.next()
            if heard == "Bob: slowly":
                break
            self.assertEqual(heard, "Ann: too much")
        self.assertEqual(heard, "Bob: slowly", "all the lines of Ann came first")

    def test_metrics_tell_of_the_rooms(self):
        with tempfile.TemporaryDirectory() as folder:
            admin = f"unix://{folder}/admin"
            server = self.serve("--admin", admin)
            self.visitor(server, "Ann")
            with socket.socket(socket.AF_UNIX) as asking:
                asking.settimeout(PATIENCE)
                asking.connect(address_of(admin))
                asking.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                with asking.makefile("rb") as answer:
                    text = answer.read().decode()
            self.assertIn('topic_subscriptions{prefix="room"} 1\n', text)

    def test_what_a_chat_cannot_be_is_refused_with_advice(self):
        for arguments, advice in (
                (("--listen", "udp://127.0.0.1:0"), "a chat needs connections; listen at tcp://"),
                (("--framing", "fixed:5"), "--framing fixed:5 cannot carry the lines of a chat"),
                (("--framing", "line", "--max-message", "100"), "a larger --max-message")):
            with self.subTest(arguments=arguments):
                refused = run("serve", "chat", *arguments)
                self.assertEqual(refused.returncode, 2)
                self.assertIn(advice, refused.stderr.decode())


@unittest.skipIf(os.environ.get("FAIRLEAD_CONFIG") != "ON", "needs tomlplusplus")
class Framings(ChatCase):
    def test_lines_and_messages_meet_in_one_room(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write('handler = "chat"\n'
                       '[[listen]]\nurl = "tcp://127.0.0.1:0"\nframing = "line"\n'
                       '[[listen]]\nurl = "tcp://127.0.0.1:0"\nframing = "length"\n')
            file.flush()
            server = Server("serve", "--config", file.name, listeners=2)
        self.addCleanup(server.close)
        ann = self.visitor(server, "Ann", url=server.urls[0])
        bob = self.visitor(server, "Bob", MessageVisitor, url=server.urls[1])
        ann.until("is Bob now")
        bob.say("two\nlines of Ann: hello")
        self.assertEqual(ann.next(), "Bob: two lines of Ann: hello")
        bob.until("Bob: two")
        ann.say("hello")
        self.assertEqual(bob.next(), "Ann: hello")


@unittest.skipIf(MISSING or os.environ.get("FAIRLEAD_SANITIZE"), "Chromium is missing, or no build changes what it does")
class InABrowser(ChatCase):
    def test_the_page_talks_with_those_who_send_lines_and_shows_markup_as_text(self):
        server = Server(*LINES, "--listen", "ws://127.0.0.1:0/chat", "--ws-text", "--ws-files", os.environ["PAGE"],
                        listeners=2)
        self.addCleanup(server.close)
        lines, browsers = sorted(server.urls)  # tcp before ws
        ann = self.visitor(server, "Ann", url=lines)
        with Browser() as browser:
            browser.open("http://%s:%d/" % address_of(browsers))
            wait_until(lambda: browser.text("#state") == "connected", "the page does not connect")
            ann.until("joined lobby")
            ann.say("<b>ahoy</b> \u8239")
            wait_until(lambda: "Ann: <b>ahoy</b> \u8239" in browser.texts("li"), lambda: browser.texts("li"))
            browser.type("#text", "hello from a browser\ue007")  # and Enter
            self.assertRegex(ann.until("hello from"), r"^guest-\d+: hello from a browser$")
            wait_until(lambda: browser.texts("li")[-1].endswith("hello from a browser"), lambda: browser.texts("li"))
            self.assertEqual(browser.complaints(), [])
            if os.environ.get("SCREENSHOT"):
                pathlib.Path(os.environ["SCREENSHOT"]).write_bytes(base64.b64decode(browser.screenshot()))
            server.close()
            wait_until(lambda: "connection lost" in browser.text("#state"), "the page has not noticed the end")


if __name__ == "__main__":
    unittest.main()
