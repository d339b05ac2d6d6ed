#!/usr/bin/env python3
"""The log: a stderr that takes nothing, and peers that would fill it."""

import fcntl
import os
import pty
import signal
import time
import unittest

from support.campaign import main, tell, tries
from support.ledger import expect_balance
from support.programs import PATIENCE, Server, ask, connect, frame, read_to_end

ANY_PORT = ("--listen", "tcp://127.0.0.1:0")
MARK = b"PAYLOAD-OF-A-PEER"
GARBAGE = b"GET /sixteenbytes" + MARK * 3  # the first 16 bytes may be shown


def send_garbage(address):
    with connect(address) as peer:
        peer.sendall(GARBAGE)
        return read_to_end(peer)


class NowhereToGo(unittest.TestCase):
    """What cannot be logged is lost, and nothing else is."""

    def expect_service(self, stderr, lines=tries(300, 100_000)):
        with Server("serve", "echo", *ANY_PORT, stderr=stderr) as server, connect(server.address) as friend:
            friend.settimeout(PATIENCE)
            for number in range(lines):
                self.assertEqual(send_garbage(server.address), b"", "a line for the log")
                if number % 100 == 0:
                    friend.sendall(frame(b"hello"))
                    self.assertEqual(friend.recv(100), frame(b"hello"), f"behind {number} lines")
            self.assertEqual(ask(server.address, frame(b"new")), frame(b"new"))
            server.send_signal(signal.SIGUSR1)  # a line more
            self.assertEqual(server.stop(), 0)
        tell(f"{lines} lines for the log, a friend answered all along")

    def test_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            self.expect_service(full)

    def test_a_pipe_without_reader(self):
        reading, writing = os.pipe()
        os.close(reading)
        with open(writing, "wb") as pipe:
            self.expect_service(pipe)

    def test_a_pipe_that_is_full_and_that_nobody_reads(self):
        for pages, filled in ((1, 4096), (1, 100), (4, 4 * 4096), (4, 3 * 4096 + 1)):
            with self.subTest(pages=pages, filled=filled):
                reading, writing = os.pipe()
                with open(reading, "rb"), open(writing, "wb") as pipe:
                    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, pages * 4096)
                    os.write(writing, b"x" * filled)
                    self.expect_service(pipe, tries(50, 5000))

    def test_a_terminal_that_nobody_reads(self):
        ours, theirs = pty.openpty()
        with open(ours, "rb"), open(theirs, "wb") as terminal:
            with Server("serve", "echo", *ANY_PORT, stderr=terminal) as server:
                peers = [connect(server.address) for _ in range(60)]
                for _ in range(5):
                    server.send_signal(signal.SIGUSR1)  # a line for each session: more than a terminal takes
                    for peer in peers:
                        peer.sendall(frame(b"hello"))
                        peer.settimeout(PATIENCE)
                        self.assertEqual(peer.recv(100), frame(b"hello"))
                for peer in peers:
                    peer.close()
                self.assertEqual(server.stop(), 0)

    def test_no_stderr_at_all(self):
        with Server("-c", 'exec "$0" serve echo --listen tcp://127.0.0.1:0 2>&-', os.environ["FAIRLEAD"],
                    program="/bin/sh") as server:
            self.assertEqual(send_garbage(server.address), b"")
            self.assertEqual(ask(server.address, frame(b"new")), frame(b"new"))
            self.assertEqual(server.stop(), 0)


class Flood(unittest.TestCase):
    """Garbage from many peers makes few lines, which say how many more there were, and shows little of it."""

    def test_is_summed_up(self):
        number = tries(2000, 100_000)
        with Server("serve", "echo", *ANY_PORT) as server:
            before, begin = server.log().count("\n"), time.monotonic()
            for _ in range(number):
                self.assertEqual(send_garbage(server.address), b"")
            expect_balance(self, server, accepted=number, message_too_large=number)
            self.assertEqual(server.stop(), 0)
            log = server.log()
        lines, seconds = log.count("\n") - before, time.monotonic() - begin
        tell(f"{number} peers with garbage, {lines} lines, {len(log)} bytes logged")
        self.assertIn("GET /sixteen", log)
        self.assertNotIn(MARK.decode(), log)
        self.assertLess(lines, number / 10 + 12 * seconds, log[-2000:])  # ten a second, and how many more there were
        self.assertRegex(log, r"(\d+ (more|others|like it)|suppressed)", "how many lines were left out is said")


if __name__ == "__main__":
    main()
