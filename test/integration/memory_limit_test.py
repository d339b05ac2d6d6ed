#!/usr/bin/env python3
"""A memory limit of the system, and peers that would have more: the server sheds load and is not killed."""

import socket
import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.crowd import Crowd
from support.ledger import expect_balance, statistics
from support.memory_group import MemoryGroup
from support.process import KIB, MIB, Process, wait_until
from support.programs import PATIENCE, Server, ask, connect, frame

HELLO = frame(b"hello")
LIMIT = tries(64, 256) * MIB
BUDGET = LIMIT // 4
BLOCK = 260 * KIB


def setUpModule():
    if SANITIZED:
        raise unittest.SkipTest("sanitizers use memory of their own")
    try:
        MemoryGroup(LIMIT).close()
    except (OSError, StopIteration) as problem:
        raise unittest.SkipTest(f"there can be no control group: {problem}")


def start_limited(test, limit, *arguments):
    """A server in a group that is gone at the end of the test, as the server is before."""
    test.group = MemoryGroup(limit)
    test.addCleanup(test.group.close)
    test.server = Server("serve", "echo", *arguments, "--listen", "tcp://127.0.0.1:0", preexec_fn=test.group.join)
    test.addCleanup(test.server.close)


class Limited(unittest.TestCase):
    """Peers that have sent a part of a large message, and peers that do not read, each more than the budget in all."""

    HALVES = tries(500, 10_000)
    GREEDY = tries(30, 500)

    def start(self, *arguments):
        start_limited(self, LIMIT, "--buffer-budget", f"{BUDGET}B", *arguments)

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
        self.start("--threads", "2", "--first-message-timeout", "5s", "--message-timeout", "5s", "--write-timeout", "5s")
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
        # Those that fell silent in a message that they may finish hold an eighth, and the last of them the block of what it has
        # sent; each connection may hold a KiB in any case; each thread reads into one block and writes from another one.
        held_beside = BLOCK + (self.HALVES + self.GREEDY) * KIB + 2 * 2 * BLOCK
        self.assertLessEqual(buffered, BUDGET * 9 // 8 + held_beside)
        self.assertEqual(self.server.stop(), 0)
        tell(f"{self.HALVES + self.GREEDY} peers that would have {(self.HALVES * 100 + self.GREEDY * 2400) // KIB} MiB, "
             f"budget {BUDGET // MIB} MiB of {LIMIT // MIB} MiB: {buffered // MIB} MiB buffered, {most // MIB} MiB used; "
             f"held for memory {figures['held_for_memory']} times, {figures['refused_for_memory']} refused; "
             f"{after // MIB} MiB after")

    def test_a_budget_that_was_asked_for_is_not_said_to_be_another(self):
        self.start()
        self.assertEqual(statistics(self.server)["buffer_budget"], BUDGET)
        self.assertEqual(self.server.stop(), 0)
        self.assertNotIn("the buffers of all sessions may hold", self.server.log())

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


class Container(unittest.TestCase):
    """A server with the options as they are, in a group as small containers have it, and peers that never read."""

    LIMIT = 128 * MIB
    PEERS = 600
    REQUESTS = frame(b"x" * 60_000) * 10

    def setUp(self):
        start_limited(self, self.LIMIT)

    def connect(self):
        """With segments as outside of the loopback, for which the server's system keeps less for a peer that does not
        read, so that more is left to the server."""
        peer = socket.socket()
        peer.settimeout(PATIENCE)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * KIB)
        peer.connect(self.server.address)
        return peer

    @staticmethod
    def send_all(left):
        """As much of what is left for each peer as the server takes, to all in turn."""
        quiet_since = time.monotonic()
        while left and time.monotonic() - quiet_since < 0.3:
            for peer in list(left):
                try:
                    left[peer] = left[peer][peer.send(left[peer]):]
                    quiet_since = time.monotonic()
                except BlockingIOError:
                    continue
                except OSError:  # it was closed
                    left[peer] = b""
                if not left[peer]:
                    del left[peer]

    def ask_as_newcomer(self):
        """The answer, or nothing from a server that refuses by closing."""
        with connect(self.server.address) as newcomer:
            try:
                newcomer.sendall(HELLO)
                return newcomer.recv(100)
            except (ConnectionResetError, BrokenPipeError):
                return b""

    def test_it_outlives_hundreds_of_peers_that_never_read(self):
        said = f"the buffers of all sessions may hold {self.LIMIT // 4} bytes, a quarter of the memory"
        wait_until(lambda: said in self.server.log(), self.server.log)
        process = Process(self.server.process.pid)
        with Crowd(self.server.address, 0) as crowd:
            for _ in range(self.PEERS):
                crowd.add(self.connect())
            left = {peer: memoryview(self.REQUESTS) for peer in crowd.peers}
            figures = {}

            def scarce():
                self.send_all(left)
                figures.update(statistics(self.server))
                return (figures["accepted"] + figures["refused_for_memory"] == self.PEERS
                        and figures["held_for_memory"] + figures["refused_for_memory"] > 0)

            wait_until(scarce, lambda: f"{figures}")
            self.assertLess(figures["buffered_bytes"], self.LIMIT // 2)
            most = process.private_memory()
            answer = self.ask_as_newcomer()
            self.assertIn(answer, (HELLO, b""))
            refused = statistics(self.server)["refused_for_memory"] - figures["refused_for_memory"]
            self.assertEqual(refused, 0 if answer else 1)
        wait_until(lambda: statistics(self.server)["active"] == 0, "all sessions to end")
        self.assertEqual(ask(self.server.address, HELLO), HELLO)
        self.assertEqual(self.group.killed(), 0)
        self.assertEqual(self.server.stop(), 0)
        tell(f"{self.PEERS} peers in {self.LIMIT // MIB} MiB: {figures['buffered_bytes'] // MIB} MiB buffered, "
             f"{most // MIB} MiB used; held for memory {figures['held_for_memory']} times, "
             f"{figures['refused_for_memory']} refused; a newcomer was {'answered' if answer else 'refused'}")


if __name__ == "__main__":
    main()
