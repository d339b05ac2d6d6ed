#!/usr/bin/env python3
"""`fairlead send` as its users meet it: in scripts, on a terminal, interrupted, with a receiver that goes away."""

import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from support.process import MIB, wait_until
from support.programs import FAIRLEAD, OVER_TLS, PATIENCE, PlainServer, Server, frame, held_port, run
from support.relay import Fault, Relay
from support.terminal import Terminal

EMPTY_HASH = "99aa06d3014798d86001c324468d497f"  # what xxh128sum says of nothing


class SendTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.here = pathlib.Path(folder.name)
        self.inbox = self.here / "inbox"
        self.inbox.mkdir()

    def receiver(self, listen="tcp://127.0.0.1:0", *arguments):
        server = Server("serve", "files", "--directory", self.inbox, "--listen", listen, *arguments)
        self.addCleanup(server.close)
        return server

    def make(self, name, contents):
        path = self.here / name
        path.write_bytes(contents)
        return str(path)

    def partials(self):
        return [each.stat().st_size for each in (self.inbox / ".incoming").glob("*.part")]


class InScripts(SendTest):
    def test_tells_of_each_file_that_is_stored(self):
        server = self.receiver()
        done = run("send", server.url, self.make("a.txt", b"hello\n"), self.make("empty", b""))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        stored, nothing = done.stdout.decode().splitlines()
        self.assertRegex(stored, r"^stored a\.txt 6 [0-9a-f]{32}$")
        self.assertEqual(nothing, f"stored empty 0 {EMPTY_HASH}")
        self.assertEqual((self.inbox / "a.txt").read_bytes(), b"hello\n")

    def test_a_failure_is_a_line_and_the_others_go_on(self):
        server = self.receiver()
        done = run("send", server.url, str(self.here / "missing"), self.make("a", b"1"), str(self.inbox))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, rb"^stored a 1 [0-9a-f]{32}\n$")
        self.assertEqual(sorted(done.stderr.decode().splitlines()), [
            f"fairlead: {self.inbox}: it is a directory; send the files in it",
            f"fairlead: {self.here}/missing: it cannot be read: No such file or directory"])

    def test_a_refusal_says_why(self):
        server = self.receiver()
        file = self.make("a", b"1")
        self.assertEqual(run("send", server.url, file).returncode, 0)
        pathlib.Path(file).write_bytes(b"2")
        again = run("send", server.url, file)
        self.assertEqual((again.returncode, again.stdout), (1, b""))
        self.assertRegex(again.stderr, rb"^fairlead: \S+/a: there is something of that name already\n$")

    def test_a_backslash_is_a_part_of_a_name(self):
        server = self.receiver("tcp://127.0.0.1:0", "--existing", "replace")
        (self.inbox / "config.txt").write_bytes(b"precious")
        done = run("send", server.url, self.make("old\\config.txt", b"other"))
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr.decode(), r"\Afairlead: [^\n]*old\\\\config\.txt: [^\n]*must not contain a path separator, "
                                               r"which is / here and \\+ elsewhere; give it another name with --name\n\Z")
        self.assertEqual((self.inbox / "config.txt").read_bytes(), b"precious")
        done = run("send", server.url, self.make("old\\config.txt", b"other"), "--name", "old-config.txt")
        self.assertEqual(done.returncode, 0)
        self.assertEqual((self.inbox / "old-config.txt").read_bytes(), b"other")

    def test_a_file_that_is_there_already_is_found_by_its_hash(self):
        server = self.receiver()
        large = self.make("large", os.urandom(300_000))
        files = [self.make("small", b"1"), large, self.make("empty", b"")]
        first = run("send", server.url, *files)
        second = run("send", server.url, *files)
        self.assertEqual((second.returncode, second.stderr), (0, b""))
        self.assertEqual(sorted(second.stdout.splitlines()), sorted(first.stdout.splitlines()))
        self.assertEqual(sorted(os.listdir(self.inbox)), [".incoming", "empty", "large", "small"])

    def test_standard_input_and_names(self):
        server = self.receiver()
        piped = run("send", server.url, "-", "--name", "piped", input=b"from a pipe")
        self.assertEqual((piped.returncode, piped.stderr), (0, b""))
        self.assertEqual((self.inbox / "piped").read_bytes(), b"from a pipe")
        with open(self.make("a", b"from a file"), "rb") as file:
            file.seek(5)
            os.lseek(file.fileno(), 5, os.SEEK_SET)
            self.assertEqual(run("send", server.url, "-", "--name", "rest", stdin=file).returncode, 0)
        self.assertEqual((self.inbox / "rest").read_bytes(), b"a file")
        wrong = run("send", server.url, "-", "--name", "../up", input=b"")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn(b"give it another name with --name", wrong.stderr)

    def test_one_json_object_for_each_file(self):
        server = self.receiver()
        done = run("send", server.url, "--json", self.make("a", b"1"), str(self.here / "missing"))
        self.assertEqual(done.returncode, 1)
        found = {each["name"]: each for each in map(json.loads, done.stdout.splitlines())}
        stored = found["a"]
        self.assertEqual(list(stored), ["path", "name", "stored", "size", "hash", "durable"])
        self.assertEqual((stored["stored"], stored["size"], stored["durable"]), (True, 1, True))
        failed = found["missing"]
        self.assertEqual(list(failed), ["path", "name", "stored", "code", "why", "kept"])
        self.assertEqual((failed["stored"], failed["code"], failed["kept"]), (False, "read", 0))

    def test_what_a_receiver_says_cannot_command_a_terminal(self):
        said = "a\u009b31m\u202etxt\x7f"

        def answer(connection):
            while header := connection.recv(4, socket.MSG_WAITALL):
                message = connection.recv(struct.unpack(">I", header)[0], socket.MSG_WAITALL)
                fields = json.loads(message) if message.startswith(b"{") else {}
                if fields.get("type") == "offer":
                    reply = {"type": "accept", "id": 1, "offset": 0, "chunk": 1000}
                elif fields.get("type") == "finish":
                    reply = {"type": "stored", "id": 1, "name": said, "size": 5, "hash": fields["hash"], "durable": True}
                else:
                    continue
                connection.sendall(frame(json.dumps(reply).encode()))

        with PlainServer(answer) as server:
            done = run("send", server.url, self.make("a", b"hello"), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = done.stdout.decode()
        self.assertIn(r'"name":"a\u009b31m\u202etxt\u007f"', text)
        self.assertEqual(json.loads(text)["name"], said)

    def test_a_name_cannot_pass_for_the_rest_of_a_log_line(self):
        server = self.receiver()
        imitation = "a.txt, 7 bytes from tcp-192.0.2.1"
        done = run("send", server.url, self.make("a", b"hello"), "--name", imitation)
        self.assertEqual(done.returncode, 0, done.stderr)
        wait_until(lambda: f'stored "{imitation}", 5 bytes from tcp://127.0.0.1' in server.log(), server.log)

    def test_wrong_usage(self):
        url = "tcp://127.0.0.1:9000"
        for arguments, advice in (
                ([url], b"FILE is required"),
                (["udp://127.0.0.1:9000", "a"], b"tcp://, tls:// or unix://"),
                (["nowhere", "a"], b"fairlead send --help"),
                (["tcp://127.0.0.1:0", "a"], b"port 0 is for listening"),
                ([url, "-"], b"--name"),
                ([url, "a", "b", "--name", "c"], b"--name is for one file"),
                ([url, "x/a", "y/a"], b"x/a and y/a would both be stored as a")):
            done = run("send", *arguments)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count(b"\n")), (2, b"", 1), arguments)
            self.assertIn(advice, done.stderr)

    def test_tells_why_there_is_no_connection(self):
        done = run("send", "tcp://127.0.0.1:1", self.make("a", b"1"), "--retries", "0")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"connection refused", done.stderr)

    def test_gives_up_on_a_receiver_that_says_nothing(self):
        ended = threading.Event()
        with PlainServer(lambda _: ended.wait(PATIENCE)) as server:
            done = run("send", server.url, self.make("a", b"hello"), "--timeout", "200ms")
            ended.set()
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertEqual(done.stderr.decode(), f"fairlead: {self.here}/a: {server.url}: the receiver gave no answer in "
                                               "time (--timeout 200ms)\n")

    def test_tells_that_a_server_is_no_receiver(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0") as server:
            done = run("send", server.url, self.make("a", b"1"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"echo server", done.stderr)

    def test_many_small_files(self):
        many = self.here / "many"
        many.mkdir()
        for i in range(2000):
            (many / f"{i:04}").write_bytes(b"%d" % i * 1000)
        server = self.receiver("tcp://127.0.0.1:0", "--no-sync")
        done = run("send", server.url, *map(str, sorted(many.iterdir())))
        self.assertEqual((done.returncode, done.stderr, done.stdout.count(b"\nstored ")), (0, b"", 1999))
        for each in many.iterdir():
            self.assertEqual((self.inbox / each.name).read_bytes(), each.read_bytes())


class CutShort(SendTest):
    """Files that are met on their way: a relay passes on a part of them at first."""

    def begin(self, server, *arguments, **options):
        """A sender of which the receiver has some. The receiver is stopped, and the relay takes no more."""
        self.file = self.make("large", os.urandom(1 * MIB) * 256)
        self.relay = self.enterContext(Relay(server.address, to_server=Fault(silent_after=32 * MIB)))
        url = "%s://%s:%d" % (server.url.partition(":")[0], *self.relay.address)
        sender = subprocess.Popen([FAIRLEAD, "send", url, self.file, *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, **options)
        self.addCleanup(sender.kill)
        wait_until(lambda: sum(self.partials()) > 8 * MIB, "nothing comes")  # so the sender knows of some too
        server.send_signal(signal.SIGSTOP)
        self.assertIsNone(sender.poll())
        return sender

    def test_interrupted_it_says_what_is_kept_and_the_same_command_goes_on(self):
        server = self.receiver()
        sender = self.begin(server)
        sender.send_signal(signal.SIGINT)
        stdout, stderr = sender.communicate(timeout=PATIENCE)
        self.assertEqual((sender.returncode, stdout), (-signal.SIGINT, b""))
        self.assertRegex(stderr, rb"(?s)/large: interrupted; the receiver keeps about [\d.]+ MiB, and "
                                 rb"the same command resumes there\n.*with 0 of 1 file stored")
        server.send_signal(signal.SIGCONT)
        self.relay.heal()
        wait_until(lambda: len(self.partials()) == 1 and not self.open_uploads(server), "it is not kept")
        kept = self.partials()[0]
        self.assertGreater(kept, MIB)
        done = run("send", server.url, self.file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.inbox / "large").read_bytes(), pathlib.Path(self.file).read_bytes())

    @staticmethod
    def open_uploads(server):
        return [each for each in os.listdir(f"/proc/{server.process.pid}/fd")
                if os.path.basename(_link(server, each)).endswith(".part")]

    def test_goes_on_when_the_receiver_was_killed_and_is_back(self):
        server = self.receiver(f"{'tls' if OVER_TLS else 'tcp'}://127.0.0.1:{held_port(self)}")
        sender = self.begin(server, "--retries", "50")
        server.process.kill()
        server.wait()
        kept = sum(self.partials())
        self.receiver(server.url)
        self.relay.heal()
        stdout, stderr = sender.communicate(timeout=PATIENCE)
        self.assertEqual((sender.returncode, stderr), (0, b""))
        self.assertRegex(stdout, rb"^stored large 268435456 [0-9a-f]{32}\n$")
        self.assertGreater(kept, 0)
        self.assertEqual((self.inbox / "large").read_bytes(), pathlib.Path(self.file).read_bytes())

    def test_a_second_interruption_ends_it_at_once(self):
        server = self.receiver()
        sender = self.begin(server)
        sender.send_signal(signal.SIGSTOP)  # so that both come before it can do anything about the first
        sender.send_signal(signal.SIGINT)
        sender.send_signal(signal.SIGCONT)
        sender.send_signal(signal.SIGINT)
        sender.communicate(timeout=PATIENCE)
        self.assertEqual(sender.returncode, -signal.SIGINT)

    def test_interrupted_while_it_waits_for_a_receiver(self):
        sender = subprocess.Popen([FAIRLEAD, "send", "tcp://127.0.0.1:1", self.make("a", b"1"), "--retries", "1000"],
                                  stderr=subprocess.PIPE)
        self.addCleanup(sender.kill)
        wait_until(lambda: self.catches_interrupts(sender.pid), "it does not catch SIGINT")
        sender.send_signal(signal.SIGINT)
        self.assertIn(b"interrupted, with 0 of 1 file stored", sender.communicate(timeout=PATIENCE)[1])
        self.assertEqual(sender.returncode, -signal.SIGINT)

    def test_interrupted_while_a_pipe_says_nothing(self):
        server = self.receiver()
        sender = subprocess.Popen([FAIRLEAD, "send", server.url, "-", "--name", "a"], stdin=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        self.addCleanup(sender.kill)
        wait_until(lambda: self.catches_interrupts(sender.pid), "it does not catch SIGINT")
        sender.send_signal(signal.SIGINT)
        self.assertEqual(sender.wait(PATIENCE), -signal.SIGINT)
        sender.communicate()
        self.assertFalse((self.inbox / "a").exists())

    @staticmethod
    def catches_interrupts(pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            caught = next(line for line in file if line.startswith("SigCgt:"))
        return int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1


class OnATerminal(SendTest):
    def test_shows_how_far_it_is_and_takes_it_away(self):
        server = self.receiver()
        terminal = Terminal("send", server.url, self.make("large", os.urandom(MIB) * 128))
        self.addCleanup(terminal.close)
        shown = terminal.read_until(b"stored large")
        self.assertRegex(shown, rb"\rlarge +\d+ %  [\d.]+ \w?i?B of 128\.0 MiB")
        self.assertRegex(shown, rb"\r\x1b\[Kstored large")
        self.assertEqual(terminal.exit_code(), 0)


def _link(server, descriptor):
    try:
        return os.readlink(f"/proc/{server.process.pid}/fd/{descriptor}")
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    unittest.main()
