#!/usr/bin/env python3
"""A memory limit of the system, and peers that would have more: the server sheds load and is not killed."""

import socket
import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.crowd import Crowd
from support.ledger import expect_balance, statistics
from support.memory_group import MemoryGroup
from support.process import KIB, MIB, Process
from support.programs import Server, ask, connect, frame

HELLO = frame(b"hello")
LIMIT = tries(64, 256) * MIB
BUDGET = LIMIT // 4


def setUpModule():
    if SANITIZED:
        raise unittest.SkipTest("sanitizers use memory of their own")
    try:
        MemoryGroup(LIMIT).close()
    except (OSError, StopIteration) as problem:
        raise unittest.SkipTest(f"there can be no control group: {problem}")


class Limited(unittest.TestCase):
    """Peers that have sent a part of a large message, and peers that do not read, each more than the budget in all."""

    HALVES = tries(500, 10_000)
    GREEDY = tries(30, 500)

    def start(self, *arguments):
        self.group = MemoryGroup(LIMIT)
        self.addCleanup(self.group.close)
        self.server = Server("serve", "echo", "--buffer-budget", f"{BUDGET}B", *arguments, "--listen",
                             "tcp://127.0.0.1:0", preexec_fn=self.group.join)
        self.addCleanup(self.server.close)

    def halves(self):
        crowd = Crowd(self.server.address, self.HALVES)
        begun = frame(b"x" * (1 * MIB))[:100 * KIB]
        for peer in crowd.peers:
            try:
                peer.send(begun)
            except OSError:  # it was refused
                pass
        return crowd

    def greedy(self):
        crowd = Crowd(self.server.address, self.GREEDY)
        requests = frame(b"x" * 60_000) * 40
        for peer in crowd.peers:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * KIB)
            left = requests
            try:
                while left:
                    left = left[peer.send(left):]
            except OSError:
                pass
        return crowd

    def test_it_sheds_load_and_recovers(self):
        self.start("--first-message-timeout", "2s", "--message-timeout", "2s", "--write-timeout", "2s")
        process = Process(self.server.process.pid)
        with connect(self.server.address) as friend:
            self.exchange(friend)
            with self.halves() as halves, self.greedy() as greedy:
                most, buffered, active = 0, 0, self.HALVES
                while active > 1 + self.GREEDY:  # each half ends at its deadline or was refused
                    figures = statistics(self.server)
                    most = max(most, process.private_memory())
                    buffered = max(buffered, figures["buffered_bytes"])
                    time.sleep(0.05)
                    active = figures["active"]
                self.exchange(friend)
            self.assertEqual(ask(self.server.address, HELLO), HELLO)
            expect_balance(self, self.server, active=1)
            after = process.private_memory()
        self.assertEqual(self.group.killed(), 0)
        # Each connection may hold a KiB in any case, and one may finish its message.
        self.assertLessEqual(buffered, BUDGET * 17 // 16 + 1 * MIB)
        self.assertEqual(self.server.stop(), 0)
        tell(f"{self.HALVES + self.GREEDY} peers that would have {(self.HALVES * 100 + self.GREEDY * 2400) // KIB} MiB, "
             f"budget {BUDGET // MIB} MiB of {LIMIT // MIB} MiB: {buffered // MIB} MiB buffered, {most // MIB} MiB used; "
             f"held for memory {figures['held_for_memory']} times, {figures['refused_for_memory']} refused; "
             f"{after // MIB} MiB after")

    def test_who_needs_next_to_nothing_is_served_meanwhile(self):
        self.start("--first-message-timeout", "1h", "--message-timeout", "1h", "--write-timeout", "1h")
        with connect(self.server.address) as friend, self.halves():
            friend.settimeout(10)
            for _ in range(10):
                self.exchange(friend)
        self.assertEqual(self.server.stop(), 0)

    def exchange(self, peer):
        peer.sendall(HELLO)
        self.assertEqual(peer.recv(100), HELLO)


if __name__ == "__main__":
    main()
