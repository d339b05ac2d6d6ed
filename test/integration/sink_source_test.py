#!/usr/bin/env python3
"""`fairlead serve sink` and `fairlead serve source`: messages that are larger than what the server holds."""

import contextlib
import os
import signal
import struct
import unittest

from support.process import MIB, Process, wait_until
from support.programs import Server, connect, read_to_end, run

SANITIZED = os.environ.get("FAIRLEAD_SANITIZE", "")
SIZE = 64 * MIB
LARGE = ("--framing", "length:8", "--max-message", "20GiB")
PIECE = bytes(MIB)


def header(size):
    return struct.pack(">Q", size)


def serve(handler, *options):
    return Server("serve", handler, "--listen", "tcp://127.0.0.1:0", *options)


def read_exactly(connection, size):
    while size:
        size -= len(connection.recv(min(size, MIB)) or exit_early())


def exit_early():
    raise AssertionError("the stream ended early")


class Large(unittest.TestCase):
    @contextlib.contextmanager
    def little_memory(self, *servers):
        """What is done meanwhile takes these servers little more memory."""
        processes = [Process(each.process.pid) for each in servers]
        before = [each.most_resident_memory() for each in processes]
        yield
        if SANITIZED:
            return
        for process, least in zip(processes, before):
            self.assertLess(process.most_resident_memory() - least, 16 * MIB)

    def send(self, client):
        client.sendall(header(SIZE))
        for _ in range(SIZE // MIB):
            client.sendall(PIECE)

    def test_messages_reach_the_sink(self):
        with serve("sink", *LARGE) as server, self.little_memory(server):
            with connect(server.address) as client:
                self.send(client)
                client.sendall(header(3) + b"abc")
            wait_until(lambda: f": 2 messages, {SIZE + 3} bytes, " in server.log(), server.log)

    def test_messages_come_from_the_source(self):
        with serve("source", "--framing", "length:8", "--size", "64MiB", "--messages", "2") as server, \
                self.little_memory(server), connect(server.address) as client:
            for _ in range(2):
                self.assertEqual(client.recv(8), header(SIZE))
                read_exactly(client, SIZE)
            self.assertEqual(client.recv(1), b"")

    def test_messages_pass_through_a_relay(self):
        with serve("source", "--framing", "length:8", "--size", "64MiB", "--messages", "1") as source, \
                serve("relay", *LARGE, "--to", source.url) as relay, \
                self.little_memory(relay), connect(relay.address) as client:
            self.assertEqual(client.recv(8), header(SIZE))
            read_exactly(client, SIZE)
            self.assertEqual(client.recv(1), b"")

    def test_messages_pass_over_websocket_in_fragments(self):
        options = ("--framing", "length:8", "--max-message", "1GiB", "--buffer-budget", "2GiB")
        with Server("serve", "sink", "--listen", "ws://127.0.0.1:0/") as sink, \
                serve("relay", *options, "--to", sink.url) as relay, self.little_memory(sink, relay):
            with connect(relay.address) as client:
                self.send(client)
            wait_until(lambda: f": 1 message, {SIZE} bytes, " in sink.log(), sink.log)

    def test_messages_come_from_the_source_over_websocket(self):
        options = ("--listen", "ws://127.0.0.1:0/", "--size", "64MiB", "--messages", "1")
        with Server("serve", "source", *options) as source, \
                serve("relay", "--framing", "raw", "--max-message", "1GiB", "--to", source.url) as relay, \
                self.little_memory(source, relay), connect(relay.address) as client:
            read_exactly(client, SIZE)
            self.assertEqual(client.recv(1), b"")


class Sink(unittest.TestCase):
    def test_logs_a_message_that_the_client_did_not_end(self):
        with serve("sink", *LARGE) as server:
            with connect(server.address) as client:
                client.sendall(header(SIZE) + b"abc")
            wait_until(lambda: ": a message that did not end, 3 bytes, " in server.log(), server.log)

    def test_refuses_a_message_above_the_limit(self):
        with serve("sink", "--max-message", "2MiB") as server, connect(server.address) as client:
            client.sendall(struct.pack(">I", 2 * MIB + 1))
            self.assertEqual(read_to_end(client), b"")


class Source(unittest.TestCase):
    def test_ends_with_its_client(self):
        with serve("source", "--framing", "length:8", "--size", "20GiB", "--content", "random") as server:
            with connect(server.address) as client:
                read_exactly(client, MIB)
            wait_until(lambda: " active=0 " in server.log(), server.log, ask=lambda: server.send_signal(signal.SIGUSR1))


class WrongUsage(unittest.TestCase):
    def test_is_explained(self):
        for words, why in (
                (("sink", "--listen", "udp://127.0.0.1:0"), "a sink needs connections; listen at"),
                (("sink", "--max-message", "20GiB"), "widen the length"),
                (("sink", "--framing", "line", "--max-message", "20GiB"), "buffer"),
                (("source", "--listen", "udp://127.0.0.1:0"), "a source needs connections; listen at"),
                (("source", "--size", "0"), "--size 0: a source sends messages of 1 byte or more"),
                (("source", "--size", "20GiB"), "--size 20GiB is more than --max-message or framing length can carry"),
                (("source", "--framing", "line", "--size", "1KiB", "--content", "random"), "cannot carry random bytes"),
                (("source", "--content", "ones"), "--content"),
                (("source", "--messages", "-1"), "is not a number from 0")):
            with self.subTest(words):
                ended = run("serve", *words)
                self.assertEqual(ended.returncode, 2, ended.stderr)
                self.assertIn(why, ended.stderr.decode())


if __name__ == "__main__":
    unittest.main()
