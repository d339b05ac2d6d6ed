#!/usr/bin/env python3
"""A signal in the middle of pipelined load: what arrives is whole, in order, and then ends cleanly."""

import signal
import threading
import unittest

from support.programs import Server, connect, frame


class Client(threading.Thread):
    """Sends numbered requests without waiting for replies, and reads until the server ends its side."""

    BATCH = 50

    def __init__(self, address):
        super().__init__()
        self.connection = connect(address)
        self.ended = threading.Event()
        self.flowing = threading.Event()  # replies have begun to come
        self.received = b""
        self.problem = None

    def run(self):
        sender = threading.Thread(target=self.send)
        sender.start()
        try:
            while more := self.connection.recv(65536):
                self.received += more
                self.flowing.set()
        except OSError as problem:
            self.problem = problem
        self.ended.set()
        self.flowing.set()
        sender.join()
        self.connection.close()

    def send(self):
        first = 0
        while not self.ended.is_set():
            batch = b"".join(frame(b"request %d" % number) for number in range(first, first + self.BATCH))
            first += self.BATCH
            try:
                self.connection.sendall(batch)
            except OSError:  # the reader says what happened
                return

    def replies_expected(self):
        """The replies to the first requests, cut where what was received ends."""
        number, expected = 0, bytearray()
        while len(expected) < len(self.received):
            expected += frame(b"request %d" % number)
            number += 1
        return bytes(expected)


class SignalUnderLoad(unittest.TestCase):
    def expect_clean_end(self, number, threads):
        with Server("serve", "echo", "--threads", threads, "--listen", "tcp://127.0.0.1:0") as server:
            clients = [Client(server.address) for _ in range(4)]
            for each in clients:
                each.start()
            for each in clients:
                each.flowing.wait(30)
            server.send_signal(number)
            for each in clients:
                each.join(30)
            self.assertEqual(server.wait(), 0, server.log())
        for each in clients:
            self.assertIsNone(each.problem)
            self.assertGreater(len(each.received), 0)
            self.assertEqual(each.received, each.replies_expected(), "whole replies, in order, none left out")

    def test_sigint(self):
        self.expect_clean_end(signal.SIGINT, "1")

    def test_sigterm(self):
        self.expect_clean_end(signal.SIGTERM, "2")


if __name__ == "__main__":
    unittest.main()
