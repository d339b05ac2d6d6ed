#!/usr/bin/env python3
"""Bundles of datagrams (UDP_SEGMENT, UDP_GRO) are the system's affair and ours: peers see datagrams."""

import signal
import socket
import struct
import unittest

from support.campaign import choices, main, tell, tries
from support.datagrams import IPPROTO_UDP, UDP_GRO, UDP_SEGMENT, datagram_peer, exchange, receive_all
from support.injection import InjectedServer, why_not
from support.ledger import datagram_statistics, expect_datagrams
from support.process import MIB, Process, wait_until
from support.programs import Server

SERVE = ("serve", "echo", "--prefix", "re: ", "--reply-rate", "0", "--threads", "1", "--listen", "udp://127.0.0.1:0")
WITH_AND_WITHOUT = ((), ("--no-udp-offload",))


def bursts(random):
    """Sizes of datagrams that come together; no more of them than any socket has room for."""
    yield [64] * 100
    yield [64] * 70 + [30] + [64] * 29
    yield [0] * 30
    yield [0, 1, 0, 0, 1, 1, 0] * 10
    yield [1_448, 1_452, 1_453, 1_472, 1_473] * 6
    yield [1_448] * 50
    yield [1_449] * 50  # with the prefix larger than what is bundled
    yield [9_000] * 10
    yield [100, 99, 98, 100, 101] * 20
    yield [60_000, 10, 10, 60_000, 10]
    for _ in range(tries(10, 500)):
        sizes = random.choices((0, 1, 30, 64, 64, 64, 1_000, 1_200), k=3)
        yield [random.choice(sizes) for _ in range(random.randrange(1, 100))]


def datagrams(sizes):
    return [bytes([65 + number % 26]) * size for number, size in enumerate(sizes)]


def stand_still(server):
    server.send_signal(signal.SIGSTOP)
    wait_until(Process(server.process.pid).stopped, "the server to stand still")


def large_buffers(peer):
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        peer.setsockopt(socket.SOL_SOCKET, option, 4 * MIB)


class Bursts(unittest.TestCase):
    def expect_each_answered(self, *options):
        with Server(*SERVE, *options) as server, datagram_peer(server.address) as peer:
            large_buffers(peer)
            count = 0
            for sizes in bursts(choices("bursts")):
                sent = datagrams(sizes)
                stand_still(server)
                for each in sent:
                    peer.send(each)
                server.send_signal(signal.SIGCONT)
                self.assertEqual([peer.recv(65_536) for _ in sent], [b"re: " + each for each in sent], sizes)
                count += len(sent)
            expect_datagrams(self, server, received=count, sent=count)
            self.assertEqual(receive_all(peer, 0), [])
            tell(f"{count} datagrams in bursts {' '.join(options)}")

    def test_are_answered_datagram_by_datagram(self):
        for options in WITH_AND_WITHOUT:
            self.expect_each_answered(*options)

    def test_of_several_peers_are_answered_each_to_its_own(self):
        random = choices("peers")
        for options in WITH_AND_WITHOUT:
            with Server(*SERVE, *options) as server:
                peers = [datagram_peer(server.address) for _ in range(5)]
                for _ in range(tries(10, 200)):
                    sent = [(random.randrange(5), random.randbytes(random.choice((0, 20, 20, 20, 500))))
                            for _ in range(150)]
                    stand_still(server)
                    for number, each in sent:
                        peers[number].send(each)
                    server.send_signal(signal.SIGCONT)
                    for number, each in sent:
                        self.assertEqual(peers[number].recv(1_000), b"re: " + each)
                for each in peers:
                    each.close()


class Bundles(unittest.TestCase):
    """A peer that sends, or receives, bundles itself."""

    def peer(self, server):
        peer = datagram_peer(server.address)
        self.addCleanup(peer.close)
        large_buffers(peer)
        return peer

    def send_bundle(self, peer, payload, size):
        control = [(IPPROTO_UDP, UDP_SEGMENT, struct.pack("=H", size))]
        try:
            peer.sendmsg([payload], control)
        except OSError as problem:
            self.skipTest(f"no bundles here: {problem}")

    def test_are_taken_apart(self):
        for options in (*WITH_AND_WITHOUT, ("--max-message", "1MiB")):
            with Server(*SERVE, *options) as server:
                peer = self.peer(server)
                count = 0
                for size, total in ((1, 60), (100, 6_400), (100, 6_399), (100, 6_301), (1_000, 60_000), (1_000, 100),
                                    (1_452, 1_452 * 40), (1_472, 1_472 * 44 - 1)):
                    payload = bytes(number * 31 // size % 256 for number in range(total))
                    self.send_bundle(peer, payload, size)
                    expected = [b"re: " + payload[at:at + size] for at in range(0, total, size)]
                    self.assertEqual([peer.recv(65_536) for _ in expected], expected, (size, total))
                    count += len(expected)
                expect_datagrams(self, server, received=count, sent=count)

    def test_have_their_datagrams_held_against_the_limit(self):
        for options in WITH_AND_WITHOUT:
            with Server(*SERVE, "--max-message", "500", *options) as server:
                peer = self.peer(server)
                self.send_bundle(peer, b"x" * 5_000, 501)  # nine too large, and one of 491
                self.assertEqual(peer.recv(1_000), b"re: " + b"x" * 491)
                self.send_bundle(peer, b"y" * 5_000, 500)
                for _ in range(10):
                    self.assertEqual(peer.recv(1_000), b"re: " + b"y" * 500)
                expect_datagrams(self, server, received=20, sent=11, dropped_too_large=9)
                self.assertEqual(server.stop(), 0)
                self.assertIn("it has 501 bytes, and max_message is 500", server.log())

    def test_are_received_as_well(self):
        with Server(*SERVE) as server:
            peer = self.peer(server)
            try:
                peer.setsockopt(IPPROTO_UDP, UDP_GRO, 1)
            except OSError as problem:
                self.skipTest(f"no bundles here: {problem}")
            stand_still(server)
            for _ in range(60):
                peer.send(b"x" * 100)
            server.send_signal(signal.SIGCONT)
            received, pieces = 0, 0
            while received < 60 * 104:
                data, control, _, _ = peer.recvmsg(65_536, 100)
                size = next((struct.unpack("=i", value)[0] for _, kind, value in control if kind == UDP_GRO), len(data))
                self.assertEqual((size, len(data) % size), (104, 0))
                received += len(data)
                pieces += 1
            tell(f"60 replies came in {pieces} pieces")

    def test_fill_the_queue_and_are_counted_one_by_one(self):
        with Server(*SERVE, "--udp-receive-buffer", "16KiB") as server:
            peer = self.peer(server)
            self.assertEqual(exchange(peer, b"hello"), b"re: hello")
            stand_still(server)
            for _ in range(200):
                self.send_bundle(peer, b"x" * 6_400, 100)
            server.send_signal(signal.SIGCONT)
            replies, figures = [], {}
            while not replies or replies[-1] != b"re: and now?":  # which may find no room either
                peer.send(b"and now?")
                replies += receive_all(peer, 0.2)

            def all_came():
                replies.extend(receive_all(peer, 0))
                figures.update(datagram_statistics(server))
                return figures["sent"] == figures["received"] == len(replies) + 1

            wait_until(all_came, lambda: f"{len(replies)} replies: {figures}")
            self.assertEqual(set(replies), {b"re: " + b"x" * 100, b"re: and now?"})
            self.assertGreater(figures["dropped_by_system"], 0)
            tell(f"{len(replies)} of 12800 had room; the system counts {figures['dropped_by_system']} dropped")


class Refused(unittest.TestCase):
    """The system of old, or a way that takes no bundles: everything arrives all the same."""

    def test_as_it_starts(self):
        if reason := why_not():
            self.skipTest(f"nothing can be injected here: {reason}")
        for when in ("1", "2", "1+"):
            with InjectedServer("getsockopt", "ENOPROTOOPT", when, *SERVE) as server, \
                    datagram_peer(server.address) as peer:
                stand_still(server)
                for number in range(100):
                    peer.send(b"%d" % number)
                server.send_signal(signal.SIGCONT)
                self.assertEqual([peer.recv(100) for _ in range(100)], [b"re: %d" % number for number in range(100)])
                self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    main()
