#!/usr/bin/env python3
"""Large messages that do not fit into the buffer budget together: each is answered, and small sessions are served.

The two large cases move 0.5 GB and 0.25 GB through the loopback, which takes several seconds: fewer peers would fit into the
budget that a server has by default, and its rules for scarce memory would not be tried.
"""

import time
import unittest

from support.campaign import main, tell
from support.friend import Friend
from support.ledger import statistics
from support.process import KIB, wait_until
from support.programs import PATIENCE, Server, connect, frame

# The deadlines are not what is tried here, and a busy machine may be slow.
PATIENT = ("--first-message-timeout", "10m", "--message-timeout", "10m", "--write-timeout", "10m")


def echo(*arguments):
    return Server("serve", "echo", *arguments, *PATIENT, "--listen", "tcp://127.0.0.1:0")


class Peers:
    """Each sends one message, the first part of it before the others, and is echoed."""

    def __init__(self, address, number, size, source=None):
        self.message = frame(b"x" * size)
        self.sockets = [connect(address, source) for _ in range(number)]
        for each in self.sockets:
            each.setblocking(False)
        self.sent = [0] * number
        self.received = [0] * number

    def send(self, limit):
        """Sends up to that byte of each message; gives whether any went."""
        moved = False
        for number, each in enumerate(self.sockets):
            try:
                while self.sent[number] < limit:
                    end = min(limit, self.sent[number] + 64 * KIB)
                    self.sent[number] += each.send(self.message[self.sent[number]:end])
                    moved = True
            except BlockingIOError:
                pass
        return moved

    def receive(self):
        for number, each in enumerate(self.sockets):
            try:
                while some := len(each.recv(256 * KIB)):
                    self.received[number] += some
            except BlockingIOError:
                pass

    def answered(self):
        return sum(got == len(self.message) for got in self.received)

    def send_first_parts(self, size):
        """Until the server reads no more of them."""
        still_since = time.monotonic()
        while time.monotonic() - still_since < 1:
            if self.send(size):
                still_since = time.monotonic()
            time.sleep(0.01)

    def finish(self, test):
        """Sends the rest and takes the answers, as long as one comes in time."""
        answered, since = 0, time.monotonic()
        while answered < len(self.sockets):
            self.send(len(self.message))
            self.receive()
            if self.answered() > answered:
                answered, since = self.answered(), time.monotonic()
            test.assertLess(time.monotonic() - since, PATIENCE, f"{answered} of {len(self.sockets)} were answered")
            time.sleep(0.001)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.sockets:
            each.close()


class MoreThanTheBudget(unittest.TestCase):
    def test_messages_come_through_one_after_the_other(self):
        with echo("--buffer-budget", "16MiB") as server:
            with Peers(server.address, 40, 1_000_000) as peers:
                peers.send_first_parts(600_000)
                peers.finish(self)
            self.assertEqual(server.stop(), 0)
            self.assertIn("may finish its message", server.log())

    def test_one_address_leaves_memory_to_the_others(self):
        with echo("--buffer-budget", "64MiB", "--max-buffer-per-address", "8MiB") as server:
            with Peers(server.address, 40, 1_000_000) as peers:
                peers.send_first_parts(600_000)
                figures = self.reach_budget(server)
                self.assertLess(figures["buffered_bytes"], 16 * KIB * KIB)
                with Peers(server.address, 8, 1_000_000, "127.0.0.2") as others:
                    others.finish(self)
                self.assertEqual(peers.answered(), 0)
                peers.finish(self)
            self.assertEqual(server.stop(), 0)
            self.assertIn("the buffers of its address are full (--max-buffer-per-address)", server.log())

    def reach_budget(self, server):
        """The statistics of a server that has read as much as it may."""
        figures = {}

        def is_reached():
            figures.update(statistics(server))
            return figures["held_for_memory"] > 0

        wait_until(is_reached, lambda: f"the budget was not reached: {figures}", PATIENCE)
        return figures

    def test_500_peers_are_all_answered_within_the_default_budget(self):
        with echo() as server:
            with Peers(server.address, 500, 1_040_000) as peers:
                peers.send_first_parts(700_000)
                figures = self.reach_budget(server)
                self.assertLess(figures["buffered_bytes"], figures["buffer_budget"] * 17 // 16)  # counted in grains
                begin = time.monotonic()
                peers.finish(self)
                tell(f"500 messages of 1 MiB in {time.monotonic() - begin:.1f} s")
            self.assertEqual(server.stop(), 0)

    def test_a_small_session_is_answered_while_260_large_ones_wait_for_memory(self):
        with echo("--buffer-budget", "134MiB") as server:
            with Friend(server.address) as friend:  # each answer within PATIENCE
                with Peers(server.address, 260, 1_040_000) as peers:
                    peers.send_first_parts(700_000)
                    self.reach_budget(server)
                    before = friend.rounds
                    wait_until(lambda: friend.rounds > before, lambda: f"{friend.problem}", PATIENCE)
                    peers.finish(self)
            self.assertIsNone(friend.problem)
            tell(f"{friend.rounds} small messages were answered meanwhile")
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    main()
