#!/usr/bin/env python3
"""`fairlead serve --audit-log`: a line of JSON for each file and each connection that is refused, and none is missing."""

import json
import os
import stat
import unittest

from support.campaign import main
from support.files import FileServer, Peer, hash_of, temporary_directory
from support.process import wait_until
from support.programs import DidNotStart, Server, connect, frame, read_to_end


def entries(path):
    with open(path, "rb") as file:
        data = file.read()
    assert data.isascii() and not set(data) & set(range(0x20)) - {0x0a}, data
    return [json.loads(line) for line in data.decode().splitlines()]


class Audit(unittest.TestCase):
    def setUp(self):
        directories = temporary_directory(), temporary_directory()
        for each in directories:
            self.addCleanup(each.cleanup)
        self.directory = directories[0].name
        self.path = os.path.join(directories[1].name, "audit.jsonl")

    def server(self, *arguments):
        return FileServer(self.directory, "--audit-log", self.path, *arguments)


class Files(Audit):
    def test_that_are_stored_have_a_line_each_behind_what_the_file_held(self):
        with open(self.path, "wb") as file:
            file.write(b'{"event":"of an earlier run"}\n')
        with self.server("--no-sync") as server:
            with Peer(server.address) as peer:
                for number in range(300):
                    self.assertEqual(peer.upload(f"file {number}", b"%d" % number)["type"], "stored")
                source = "tcp://%s:%d" % peer.connection.getsockname()
            self.assertEqual(server.stop(), 0)
        first, *found = entries(self.path)
        self.assertEqual(first, {"event": "of an earlier run"})
        for entry in found:
            self.assertRegex(entry.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(found, [
            {"event": "stored", "peer": source, "name": f"file {number}", "size": len(b"%d" % number),
             "hash": hash_of(b"%d" % number), "durable": False, "directory": self.directory} for number in range(300)])

    def test_that_are_not_stored_have_a_line_with_code_and_reason_each_however_many_they_are(self):
        name = 'a"\n\u202etxt.exe'
        with self.server() as server:
            with Peer(server.address) as peer:
                for _ in range(300):  # of which the log tells ten a second
                    peer.offer(name, size=1)
                    self.assertEqual(peer.receive()["code"], "name")
                number = peer.offer("wrong", size=1)
                self.assertEqual(peer.receive()["type"], "accept")
                peer.send_piece(number, 0, b"x")
                peer.finish(number, hash=hash_of(b"y"))
                self.assertEqual(peer.receive()["code"], "hash")
                number = peer.offer("cut", size=10)
                self.assertEqual(peer.receive()["type"], "accept")
                peer.send_piece(number, 0, b"x")
                peer.leave()
            self.assertEqual(server.stop(), 0)
        *refused, wrong, cut = entries(self.path)
        self.assertEqual({(each["event"], each["name"], each["code"]) for each in refused}, {("refused", name, "name")})
        self.assertEqual(len(refused), 300)
        self.assertEqual((wrong["event"], wrong["name"], wrong["code"]), ("failed", "wrong", "hash"))
        self.assertIn("another hash", wrong["reason"])
        self.assertEqual((cut["event"], cut["name"], cut["code"], cut["received"]), ("failed", "cut", None, 1))


class Peers(Audit):
    def test_that_are_refused_have_a_line_each_with_any_handler(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--max-sessions-per-address", "1", "--audit-log",
                    self.path) as server:
            with connect(server.address) as served:
                served.sendall(frame(b"x"))
                self.assertTrue(served.recv(100))
                sources = []
                for _ in range(50):
                    with connect(server.address) as refused:
                        sources.append("tcp://%s:%d" % refused.getsockname())
                        self.assertEqual(read_to_end(refused), b"")
            self.assertEqual(server.stop(), 0)
        found = entries(self.path)
        self.assertEqual([each["peer"] for each in found], sources)
        self.assertEqual({(each["event"], each["reason"]) for each in found},
                         {("refused_peer", "its address has too many sessions (--max-sessions-per-address)")})


class File(Audit):
    def test_is_not_readable_for_others(self):
        with self.server():
            self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode) & 0o027, 0)

    def test_that_cannot_be_opened_is_an_error_of_the_start(self):
        self.path = os.path.join(self.directory, "missing", "audit.jsonl")
        with self.assertRaises(DidNotStart) as failed:
            self.server()
        self.assertEqual(failed.exception.code, 1)
        self.assertIn(f"cannot open the audit log {self.path}", failed.exception.log)

    def test_that_cannot_be_written_holds_up_nobody_and_is_in_the_log_once(self):
        self.path = "/dev/full"
        with self.server() as server:
            with Peer(server.address) as peer:
                for number in range(20):
                    self.assertEqual(peer.upload(f"file {number}", b"x")["type"], "stored")
            wait_until(lambda: "/dev/full cannot be written" in server.log(), server.log)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.log().count("cannot be written"), 1, server.log())


if __name__ == "__main__":
    main()
