#!/usr/bin/env python3
"""docs/from-python-sockets.md is true: its programs talk to each other both ways, its table has every call, its links
lead somewhere."""

import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from support.guide import programs
from support.programs import FAIRLEAD, PATIENCE, connect, frame, held_port, read_to_end, run

GUIDE = pathlib.Path(os.environ["GUIDE"])
TEXT = GUIDE.read_text(encoding="utf-8")
PROGRAMS = programs(TEXT)
CALLS = """socket bind listen accept connect connect_ex send sendall recv recvfrom sendto close getpeername getsockname
    setsockopt getsockopt settimeout gettimeout setblocking fileno makefile""".split()
HELLO = "你好 ahoy"


class Text(unittest.TestCase):
    def test_every_call_has_a_row(self):
        rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", TEXT, re.MULTILINE)
        self.assertEqual([call for call, _ in rows if call in CALLS], CALLS)

    def test_what_the_table_names_exists(self):
        headers = "".join(path.read_text(encoding="utf-8")
                          for path in GUIDE.parent.parent.glob("include/fairlead/**/*.hpp"))
        names = {name for row in re.findall(r"^\| `\w+` \| (.+) \|$", TEXT, re.MULTILINE)
                 for code in re.findall(r"`([^`]+)`", row) for name in re.findall(r"[a-z]+_[a-z_]+", code)}
        self.assertGreater(len(names), 20)
        for name in names - {"create_connection"}:  # which is Python's
            self.assertRegex(headers, rf"\b{name}\b")

    def test_every_link_leads_somewhere(self):
        links = re.findall(r"\]\(([^)]+)\)", TEXT)
        self.assertGreater(len(links), 5)
        for link in links:
            self.assertTrue((GUIDE.parent / link).exists(), link)

    def test_the_cpp_programs_keep_the_rules_of_the_sources(self):
        sys.path.append(str(GUIDE.parent.parent / "test/lint"))
        from check_sources import faults_in_source
        for name, (text, _) in PROGRAMS.items():
            if name.endswith(".cpp"):
                self.assertEqual(faults_in_source(text), [], name)
                self.assertEqual("std::cout" in text or "std::cin" in text, "#include <iostream>" in text, name)
                self.assertIn("#include <fairlead/fairlead.hpp>", text, name)

    def test_the_python_programs_need_nothing_but_the_standard_library(self):
        for name, (text, _) in PROGRAMS.items():
            if name.endswith(".py"):
                imported = re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)
                self.assertLessEqual(set(imported), set(sys.stdlib_module_names), name)


class Pairs(unittest.TestCase):
    """Each program as it is shown, but for its ports and its path, which are free ones of this machine."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.places = {"/tmp/echo.sock": str(self.folder / "echo.sock")}
        for shown in ("9000", "9001", "9002"):
            self.places[shown] = str(held_port(self))
        self.started = 0

    # --- programs

    def command(self, name, arguments, changes):
        if name.endswith(".cpp"):
            return [os.environ["PROGRAMS"], name.removesuffix(".cpp"), *arguments]
        places = {**self.places, **changes}
        shown = re.compile("|".join(map(re.escape, places)))  # in one pass: a real port may have 9000 in it
        path = self.folder / name
        path.write_text(shown.sub(lambda found: places[found[0]], PROGRAMS[name][0]), encoding="utf-8")
        return [sys.executable, str(path), *arguments]

    def environment(self, framing="raw"):
        return {**os.environ, **self.places, "FRAMING": framing, "PYTHONUTF8": "1"}

    def start(self, name, framing="raw", at=None):
        """A server, once it takes connections, at port 9000 of the guide unless `at` has another address."""
        log = open(self.folder / f"{self.started}.log", "w+b")
        self.started += 1
        self.addCleanup(log.close)
        server = subprocess.Popen(self.command(name, [], {}), env=self.environment(framing), stdout=log, stderr=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                connect(at or self.address()).close()
                return server
            except (ConnectionRefusedError, FileNotFoundError) as refused:
                if server.poll() is not None or time.monotonic() > give_up:
                    log.seek(0)
                    raise AssertionError(f"{name} does not listen: {log.read().decode()}") from refused
            time.sleep(0.01)

    def outcome(self, name, *arguments, input="", **changes):
        done = subprocess.run(self.command(name, arguments, changes), env=self.environment(), timeout=PATIENCE,
                              input=input.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""), name)
        return done.stdout.decode()

    def address(self, shown="9000"):
        return "127.0.0.1", int(self.places[shown])

    def url(self, shown="9000", host="127.0.0.1"):
        return f"tcp://{host}:{self.places[shown]}"

    # --- one server after the other

    def check_server(self, name, reply):
        """Our server with both clients of Python, then with ours; Python's server with ours."""
        with self.subTest(f"{name}.cpp, raw"):
            server = self.start(f"{name}.cpp")
            self.assertEqual(self.outcome("ask.py", HELLO), reply(HELLO) + "\n")
            self.assertEqual(self.outcome("ask.cpp", self.url(), "raw", HELLO), reply(HELLO) + "\n")
            self.end(server)
        with self.subTest(f"{name}.cpp, framed"):
            server = self.start(f"{name}.cpp", framing="length")
            texts = (HELLO, "", "x" * 5000)
            replies = "".join(reply(text) + "\n" for text in texts)
            self.assertEqual(self.outcome("ask_framed.py", *texts), replies)
            self.assertEqual(self.outcome("ask.cpp", self.url(), "length", *texts), replies)
            self.end(server)

    def check_python_server(self, name, reply):
        with self.subTest(name):
            server = self.start(name)
            self.assertEqual(self.outcome("ask.cpp", self.url(), "raw", HELLO), reply(HELLO) + "\n")
            self.assertEqual(self.outcome("ask.py", HELLO), reply(HELLO) + "\n")
            server.kill()

    def end(self, server):
        server.terminate()
        self.assertEqual(server.wait(PATIENCE), 0)

    def test_echo(self):
        self.check_server("echo_server", lambda text: text)
        self.check_python_server("echo_server.py", lambda text: text)

    def test_echo_with_a_prefix(self):
        self.check_server("prefix_server", lambda text: "echo: " + text)
        self.check_python_server("prefix_server.py", lambda text: "echo: " + text)

    def test_acknowledging(self):
        def reply(text):
            return f"received {len(text.encode())} bytes"

        self.check_server("acknowledging_server", reply)
        self.check_python_server("acknowledging_server.py", reply)

    def test_reply_in_chinese(self):
        self.check_server("chinese_server", lambda text: text + " 收到")
        self.check_python_server("chinese_server.py", lambda text: text + " 收到")

    def test_upper_case(self):
        def upper(text):
            return text.encode().upper().decode()

        self.check_server("upper_server", upper)
        self.check_python_server("upper_tcp_server.py", upper)

    def test_upper_case_over_udp(self):
        server = self.start("upper_server.cpp")
        for client in ("ask_udp.py", "ask_udp.cpp"):
            self.assertEqual(self.outcome(client, HELLO), "你好 AHOY\n")
        self.end(server)
        self.start_udp("upper_udp_server.py")
        for client in ("ask_udp.cpp", "ask_udp.py"):
            self.assertEqual(self.outcome(client, HELLO), "你好 AHOY\n")

    def start_udp(self, name):
        server = subprocess.Popen(self.command(name, [], {}), env=self.environment())
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        give_up = time.monotonic() + PATIENCE
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.05)
            probe.connect(self.address("9001"))
            while True:  # until it answers
                try:
                    probe.send(b"probe")
                    probe.recv(100)
                    return
                except (ConnectionRefusedError, TimeoutError):
                    self.assertIsNone(server.poll())
                    self.assertLess(time.monotonic(), give_up)

    def test_chat(self):
        for server in ("chat_server.cpp", "chat_server.py"):
            running = self.start(server)
            for client in ("chat_client.py", "chat_client.cpp"):
                with self.subTest(f"{client} with {server}"):
                    self.assertEqual(self.outcome(client, input="你好\nahoy\nexit\nbehind\n"),
                                     "you said: 你好\nyou said: ahoy\nbye\n")
                    self.assertEqual(self.outcome(client, input="ahoy\n"), "you said: ahoy\n")
            running.kill()
            running.wait()

    STICKY = (("9000", "fixed_server.py", "fixed:8", lambda text: text),
              ("9001", "delimiter_server.py", r"delimiter:\r\n", lambda text: text + b"\r\n"),
              ("9002", "length_server.py", "length", frame))

    def test_sticky_packets(self):
        texts = ["all hand", "s on dec", "船 ahoy"]
        shouted = [text.encode().upper() for text in texts]
        ours = self.start("sticky_server.cpp")
        for port, _, framing, made in self.STICKY:
            with self.subTest(framing):
                self.check_sticky(port, framing, made, texts, shouted)
        self.end(ours)
        for port, python_server, framing, made in self.STICKY:
            with self.subTest(python_server):
                self.start(python_server, at=self.address(port))
                self.check_sticky(port, framing, made, texts, shouted)

    def check_sticky(self, port, framing, made, texts, shouted):
        self.assertEqual(self.outcome("ask.cpp", self.url(port), framing, *texts),
                         "".join(text.decode() + "\n" for text in shouted))
        request = b"".join(made(text.encode()) for text in texts)
        reply = b"".join(made(text) for text in shouted)
        for cut in (len(request), 1, 5):  # all at once, in single bytes, across the messages
            with connect(self.address(port)) as plain:
                for begin in range(0, len(request), cut):
                    plain.sendall(request[begin:begin + cut])
                plain.shutdown(socket.SHUT_WR)
                self.assertEqual(read_to_end(plain), reply)

    def test_the_framed_client_of_python_with_the_framed_server_of_python(self):
        self.start("length_server.py", at=self.address("9002"))
        self.assertEqual(self.outcome("ask_framed.py", "ahoy", "", **{"9000": self.places["9002"]}), "AHOY\n\n")

    def test_unix_sockets(self):
        path = self.places["/tmp/echo.sock"]
        for server in ("unix_server.cpp", "unix_server.py"):
            running = self.start(server, at=path)
            self.assertEqual(self.outcome("ask_unix.py", HELLO), HELLO + "\n")
            self.assertEqual(self.outcome("ask.cpp", "unix://" + path, "raw", HELLO), HELLO + "\n")
            running.terminate()
            running.wait()
        framed = self.start("unix_server.cpp", framing="length", at=path)  # replaces what Python's has left
        with connect(path) as plain:
            plain.sendall(struct.pack(">I", 4) + b"ahoy")
            self.assertEqual(plain.recv(8, socket.MSG_WAITALL), frame(b"ahoy"))
        self.end(framed)
        self.assertFalse(os.path.exists(path))

    def test_ipv6(self):
        try:
            self.places["9000"] = str(held_port(self, "::1"))
        except OSError as none:
            self.skipTest(f"no IPv6 here: {none}")
        at = ("::1", int(self.places["9000"]))
        for server in ("ipv6_server.cpp", "ipv6_server.py"):
            running = self.start(server, at=at)
            self.assertEqual(self.outcome("ask.py", HELLO, **{"127.0.0.1": "::1"}), f"::1 said: {HELLO}\n")
            self.assertEqual(self.outcome("ask.cpp", self.url(host="[::1]"), "raw", HELLO), f"::1 said: {HELLO}\n")
            running.terminate()
            running.wait()
        framed = self.start("ipv6_server.cpp", framing="length", at=at)
        self.assertEqual(self.outcome("ask_framed.py", "a", "b", **{"127.0.0.1": "::1"}), "::1 said: a\n::1 said: b\n")
        self.end(framed)

    def test_a_client_that_does_not_wait(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.places["9000"] = str(silent.getsockname()[1])
            for client in ("patient_client.py", "patient_client.cpp"):
                self.assertEqual(self.outcome(client), "no reply\n")
        self.places["9000"] = str(held_port(self))
        for server in ("echo_server.cpp", "echo_server.py"):
            running = self.start(server)
            for client in ("patient_client.py", "patient_client.cpp"):
                self.assertEqual(self.outcome(client), "hello\n")
            running.kill()
            running.wait()

    def test_a_server_that_does_not_wait(self):
        for server in ("impatient_server.cpp", "impatient_server.py"):
            running = self.start(server)
            self.assertEqual(self.outcome("ask.py", HELLO), HELLO + "\n")
            self.assertEqual(self.outcome("ask.cpp", self.url(), "raw", HELLO), HELLO + "\n")
            with connect(self.address()) as plain:
                plain.sendall(b"ahoy")
                self.assertEqual(read_to_end(plain), b"ahoy")  # and the end, though we have not ended our side
            input_end, output_end = os.pipe()  # input that does not end
            try:
                done = run("talk", self.url(), "--framing", "raw", stdin=input_end)
            finally:
                os.close(input_end)
                os.close(output_end)
            self.assertEqual(done.returncode, 1)
            self.assertIn("the server closed the connection before the end of the input", done.stderr.decode())
            running.kill()
            running.wait()

    def test_connection_refused(self):
        self.assertEqual(self.outcome("refused.py"), "nobody listens\n")
        self.assertEqual(self.outcome("refused.cpp"),
                         f"connection refused: nothing is listening on 127.0.0.1:{self.places['9000']}\n")

    def test_every_program_of_the_guide_is_run_here(self):
        with open(__file__, encoding="utf-8") as this:
            test = this.read()
        for name in PROGRAMS:
            stem = name.removesuffix(".cpp")
            self.assertTrue(f'"{name}"' in test or f'"{stem}"' in test, name)


if __name__ == "__main__":
    unittest.main()
