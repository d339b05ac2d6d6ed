#!/usr/bin/env python3
"""How many system calls a message costs: exact, where timings are not, so that no change adds one unseen."""

import collections
import re
import socket
import unittest

from support.campaign import main, tell
from support.datagrams import datagram_peer, exchange
from support.injection import InjectedServer, why_not
from support.programs import connect, frame

FEW, MANY = 40, 440
SLACK = 10  # start and stop are not the same each time; a call too many in each turn would be 400
HELLO = frame(b"hello")

# What the memory allocator asks for is not asked for by a message.
OF_THE_HEAP = {"brk", "mmap", "munmap", "madvise", "mremap"}


def calls_of_the_shard(server):
    """How often the first shard, which runs on the main thread, made each call."""
    begun = re.compile(rf"^{server.process.pid} +(\w+)\(")
    made = collections.Counter(found[1] for line in server.calls() if (found := begun.match(line)))
    return made


def calls_for(rounds, exchange_once, url):
    with InjectedServer("all", None, None, "serve", "echo", "--threads", "1", "--listen", url) as server:
        exchange_once(server, rounds)
        server.stop()
        return calls_of_the_shard(server)


def talk(messages_in_a_round):
    def run(server, rounds):
        with connect(server.address) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(rounds):
                peer.sendall(HELLO * messages_in_a_round)
                assert peer.recv(len(HELLO) * messages_in_a_round, socket.MSG_WAITALL) == HELLO * messages_in_a_round

    return run


def talk_by_datagrams(server, rounds):
    with datagram_peer(server.address) as peer:
        for _ in range(rounds):
            exchange(peer, b"hello")


@unittest.skipIf(why_not(), why_not())
class SystemCalls(unittest.TestCase):
    """The budget of each turn with something to do: one wait, one read, one write."""

    def expect_budget(self, exchange_once, url, read, write):
        few, many = (calls_for(rounds, exchange_once, url) for rounds in (FEW, MANY))
        more = collections.Counter(many)
        more.subtract(few)
        rounds = MANY - FEW
        ticks = max(0, more.pop("read", 0))  # of the timer, each of which looks at the sockets before and after
        waits = more.pop("epoll_wait")
        self.assertAlmostEqual(more.pop(read), rounds, delta=SLACK)
        self.assertAlmostEqual(more.pop(write), rounds, delta=SLACK)
        self.assertLessEqual(waits, rounds + 2 * ticks + SLACK)
        others = {call: count for call, count in more.items() if count > SLACK and call not in OF_THE_HEAP}
        self.assertEqual(others, {})
        tell(f"{url}: {waits} waits, {rounds} reads, {rounds} writes for {rounds} rounds and {ticks} ticks")

    def test_one_message_in_a_turn_is_read_and_written_by_one_call_each(self):
        self.expect_budget(talk(1), "tcp://127.0.0.1:0", "recvfrom", "sendto")

    def test_messages_that_come_together_are_read_and_written_together(self):
        self.expect_budget(talk(16), "tcp://127.0.0.1:0", "recvfrom", "sendto")

    def test_datagrams(self):
        self.expect_budget(talk_by_datagrams, "udp://127.0.0.1:0", "recvmmsg", "sendmmsg")


if __name__ == "__main__":
    main()
