#!/usr/bin/env python3
"""A sender written from docs/file-transfer.md alone, in another language, gets its files stored and goes on."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import unittest

from support.files import FileServer, content, hash_of, incoming, temporary_directory
from support.process import MIB, wait_until
from support.programs import FAIRLEAD, PATIENCE, Server, held_port, run

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SENDER = str(pathlib.Path(__file__).resolve().parent / "support" / "file_sender.py")


def pump(source, target):
    with contextlib.suppress(OSError):
        while some := source.recv(65536):
            target.sendall(some)


class Sender(unittest.TestCase):
    def setUp(self):
        self.here = pathlib.Path(self.enterContext(temporary_directory()))
        self.inbox = self.enterContext(temporary_directory())

    def make(self, name, data):
        (self.here / name).write_bytes(data)
        return str(self.here / name)

    def send(self, server, *files):
        host, port = server.address
        return run(SENDER, host, str(port), *files, program=sys.executable)

    def test_does_what_the_page_of_the_protocol_begins_with(self):
        page = (SOURCE / "docs" / "file-transfer.md").read_text(encoding="utf-8")
        block = re.search(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL).group(1)
        (self.here / "test").symlink_to(SOURCE / "test")
        environment = dict(os.environ, PATH=os.path.dirname(FAIRLEAD) + ":" + os.environ["PATH"])
        block = block.replace("9000", str(held_port(self)))
        server = None
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            if command.endswith("&"):
                server = self.enterContext(Server("-c", "exec " + command.removesuffix("&"), program="/bin/sh",
                                                  cwd=self.here, env=environment))
                self.assertEqual(shown, f"listening {server.url}\n")
            else:
                done = run("-c", command, program="/bin/sh", cwd=self.here, env=environment)
                self.assertEqual((done.returncode, done.stdout.decode(), done.stderr), (0, shown, b""))
        self.assertEqual(content(self.here / "incoming"), {"notes.txt": b"hello\n"})
        self.assertEqual(server.stop(), 0)

    def test_is_short(self):
        self.assertLessEqual(len(pathlib.Path(SENDER).read_text(encoding="utf-8").splitlines()), 80)

    def test_gets_its_files_stored(self):
        files = {"empty": b"", "one": b"1", "large": os.urandom(3 * MIB + 1)}
        with FileServer(self.inbox) as server:
            done = self.send(server, *(self.make(name, data) for name, data in files.items()))
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(done.stdout.decode(), "".join(f"stored {name} {len(data)} {hash_of(data)}\n"
                                                           for name, data in files.items()))
        self.assertEqual(content(self.inbox), files)

    def test_is_told_why_a_file_is_refused(self):
        with FileServer(self.inbox, "--max-file-size", "10") as server:
            done = self.send(server, self.make("a", b"too large for it"), self.make("b", b"small"))
            self.assertEqual(done.returncode, 1)
            self.assertIn(b'"code": "size"', done.stderr)
        self.assertEqual(content(self.inbox), {"b": b"small"})

    def test_goes_on_where_it_was_killed(self):
        data = os.urandom(64 * MIB)
        file = self.make("large", data)
        with FileServer(self.inbox) as server, socket.create_server(("127.0.0.1", 0)) as relay:
            sender = subprocess.Popen([sys.executable, SENDER, *map(str, relay.getsockname()), file])
            taken = relay.accept()[0]
            threading.Thread(target=self.pass_on, args=(taken, server.address, 20 * MIB), daemon=True).start()
            wait_until(lambda: any(os.path.getsize(each) >= 10 * MIB for each in self.parts()), "some of it")
            sender.send_signal(signal.SIGKILL)
            sender.wait(PATIENCE)
            self.assertEqual(content(self.inbox), {})
            done = self.send(server, file)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(server.stop(), 0)
        self.assertEqual(content(self.inbox), {"large": data})

    def parts(self):
        return [os.path.join(self.inbox, ".incoming", each) for each in incoming(self.inbox)]

    @staticmethod
    def pass_on(sender, receiver, most):
        """Passes replies back and the first bytes on, and then no more."""
        with sender, socket.create_connection(receiver) as out:
            threading.Thread(target=pump, args=(out, sender), daemon=True).start()
            while most > 0 and (some := sender.recv(65536)):
                out.sendall(some)
                most -= len(some)
            sender.shutdown(socket.SHUT_RD)


if __name__ == "__main__":
    unittest.main()
