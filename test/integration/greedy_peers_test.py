#!/usr/bin/env python3
"""Peers that ask for more than they take, or announce more than they send: they cost little, and nothing is lost."""

import os
import socket
import threading
import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.crowd import Crowd
from support.friend import Friend
from support.ledger import expect_balance
from support.process import KIB, MIB, Process
from support.programs import PATIENCE, Server, ask, connect, frame, read_to_end


def echo(*arguments):
    return Server("serve", "echo", *arguments, "--listen", "tcp://127.0.0.1:0")


def greedy_peer(address, limit):
    """One that asks for up to so many bytes and does not read."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * KIB)
    peer.settimeout(PATIENCE)
    peer.connect(address)
    peer.setblocking(False)
    request, sent = frame(b"x" * 60_000), 0
    quiet_until = time.monotonic() + 0.3
    while sent < limit and time.monotonic() < quiet_until:
        try:
            sent += peer.send(request[sent % len(request):])
            quiet_until = time.monotonic() + 0.3
        except BlockingIOError:
            time.sleep(0.01)
        except ConnectionError:  # it has come to its deadline meanwhile
            break
    return peer, sent


def wait_for_a_stall(progress):
    """Waits until what `progress` gives has not changed for a while."""
    begin = since = time.monotonic()
    last = progress()
    while time.monotonic() - since < 0.5:
        assert time.monotonic() - begin < PATIENCE, f"{last} and still going on"
        time.sleep(0.02)
        if progress() != last:
            last, since = progress(), time.monotonic()


class NeverReads(unittest.TestCase):
    """Who asks and does not read is not read, costs a bounded amount, and loses nothing."""

    PEERS = 5

    def test_memory_is_bounded_and_nothing_is_dropped_when_it_reads_at_last(self):
        number = tries(20_000, 200_000)  # more than the system keeps for both sides
        requests = b"".join(frame(b"%09d" % each * 100) for each in range(number))
        with echo() as server:
            ask(server.address, requests[:100_000 - 100_000 % len(frame(b"0" * 900))])
            process = Process(server.process.pid)
            before = process.private_memory()
            peer = socket.socket()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * KIB)
            peer.settimeout(PATIENCE)
            peer.connect(server.address)
            sent = [0]

            def send():
                while sent[0] < len(requests):
                    sent[0] += peer.send(requests[sent[0]:sent[0] + 65536])
                peer.shutdown(socket.SHUT_WR)

            with peer:
                sender = threading.Thread(target=send)
                sender.start()
                wait_for_a_stall(lambda: sent[0])
                self.assertLess(sent[0], len(requests), "the server reads on and on")
                grown = process.private_memory() - before
                stalled_at = sent[0]
                received = read_to_end(peer)
                sender.join()
                self.assertTrue(received == requests, "each reply, in order")
            expect_balance(self, server, accepted=2, by_peer=2, send_queue_full=0)
        tell(f"{number} requests pipelined, held back after {stalled_at // KIB} KiB, memory grew by {grown // KIB} KiB")
        if not SANITIZED:
            self.assertLess(grown, 4 * MIB)

    def test_it_is_closed_at_the_write_deadline(self):
        with echo("--write-timeout", "5s") as server:
            process = Process(server.process.pid)
            before = process.private_memory()
            with Friend(server.address) as friend:
                peers = [greedy_peer(server.address, tries(64 * MIB, 1024 * MIB)) for _ in range(self.PEERS)]
                grown = process.private_memory() - before
                begin = time.monotonic()
                figures = expect_balance(self, server, accepted=self.PEERS + 1, active=1, write_timeout=self.PEERS)
                took = time.monotonic() - begin
                for peer, _ in peers:
                    peer.close()
            self.assertIsNone(friend.problem)
            self.assertGreaterEqual(figures["held_back"], self.PEERS)
        tell(f"{self.PEERS} peers that asked for {sum(sent for _, sent in peers) // MIB} MiB and read nothing: memory "
             f"grew by {grown // KIB} KiB, all closed within {took:.1f} s")
        if not SANITIZED:
            self.assertLess(grown, self.PEERS * MIB + 2 * MIB)


class BothStream(unittest.TestCase):
    """Both sides send and neither reads at first; the stall ends as soon as the peer reads."""

    def test_every_byte_arrives_once_the_peer_reads(self):
        block = frame(os.urandom(60_000))
        blocks = tries(16 * MIB, 1024 * MIB) // len(block)
        with echo() as server, connect(server.address) as peer:
            sent = [0]

            def send():
                for _ in range(blocks):
                    peer.sendall(block)
                    sent[0] += 1
                peer.shutdown(socket.SHUT_WR)

            sender = threading.Thread(target=send)
            sender.start()
            wait_for_a_stall(lambda: sent[0])
            stalled_at = sent[0]
            for number in range(blocks):
                received = bytearray()
                while len(received) < len(block):
                    data = peer.recv(len(block) - len(received))
                    self.assertNotEqual(data, b"")
                    received += data
                self.assertTrue(received == block, f"block {number}")
            self.assertEqual(peer.recv(1), b"")
            sender.join()
            expect_balance(self, server, accepted=1, by_peer=1)
        tell(f"{blocks * len(block) // MIB} MiB both ways, stalled after {stalled_at * len(block) // MIB} MiB")


class Announced(unittest.TestCase):
    """A length is believed when the bytes have come."""

    def test_memory_follows_what_has_arrived(self):
        number = tries(300, 5000)
        with echo() as server:
            process = Process(server.process.pid)
            with Crowd(server.address, 20) as crowd:  # warms up
                crowd.send(frame(b"hello"))
                crowd.wait_for_replies(len(frame(b"hello")))
            before = process.private_memory()
            with Crowd(server.address, number) as crowd:
                self.assertEqual(crowd.send(b"\0\x10\0\0" + b"x" * 100), number)
                self.assertEqual(ask(server.address, frame(b"behind them")), frame(b"behind them"))
                time.sleep(0.2)
                each = (process.private_memory() - before) / number
                self.assertEqual(crowd.ended(), 0)
        tell(f"{number} peers announce 1 MiB and send 100 bytes: {each / KIB:.1f} KiB each")
        if not SANITIZED:
            self.assertLess(each, 16 * KIB)


if __name__ == "__main__":
    main()
