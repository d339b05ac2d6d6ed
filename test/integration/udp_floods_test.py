#!/usr/bin/env python3
"""More datagrams than can be served, a way that loses them, and stops while they come: each one is accounted for."""

import signal
import socket
import threading
import time
import unittest

from support.campaign import SANITIZED, SEED, main, tell, tries
from support.datagrams import DatagramRelay, ask_once, datagram_peer, exchange, exchange_surely, receive_all
from support.friend import Friend
from support.ledger import datagram_statistics, expect_datagrams
from support.process import MIB, Process, wait_until
from support.programs import PATIENCE, Server, address_of, frame

UDP = ("--listen", "udp://127.0.0.1:0")
TCP = ("--listen", "tcp://127.0.0.1:0")


def flood(address, number):
    """So many datagrams as fast as they can be sent, from one socket, which it gives."""
    sender = datagram_peer(address)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    for _ in range(number):
        try:
            sender.send(b"x" * 32)
        except ConnectionRefusedError:
            pass
    return sender


def dropped_on_the_way():
    """How many packets the system has dropped before any socket, for want of time; of all its networks."""
    with open("/proc/net/softnet_stat", encoding="ascii") as file:
        return sum(int(line.split()[1], 16) for line in file)


class Stream(Friend):
    """Sends numbered requests over TCP, a hundred at a time, and makes sure of each reply, until it is told to end."""

    def __init__(self, address):
        super().__init__(address)
        self.answered = 0

    def run(self):
        try:
            while not self._ending.is_set():
                batch = b"".join(frame(b"request %d" % (self.answered + number)) for number in range(100))
                self._connection.sendall(batch)
                replies = b""
                while len(replies) < len(batch) and (more := self._connection.recv(65_536)):
                    replies += more
                if replies != batch:
                    raise ValueError(f"after {self.answered} replies: {replies!r}")
                self.answered += 100
        except (OSError, ValueError) as problem:
            self.problem = problem


def stand_still(server):
    server.send_signal(signal.SIGSTOP)
    wait_until(Process(server.process.pid).stopped, "the server to stand still")


class Floods(unittest.TestCase):
    """What the system dropped is seen, memory stays as it was, and streams beside it lack nothing."""

    def test_are_counted_and_hurt_nobody_else(self):
        number = tries(200_000, 1_000_000)
        with Server("serve", "echo", "--threads", "1", "--reply-rate", "0", "--udp-receive-buffer", "16KiB", *UDP, *TCP,
                    listeners=2) as server:
            process = Process(server.process.pid)
            lost_before = dropped_on_the_way()
            for _ in range(64):
                ask_once(server.address, b"x" * 32)
            before = process.private_memory()
            with Stream(address_of(server.urls[1])) as stream, flood(server.address, number) as sender:
                receive_all(sender, 0.5)
                stand_still(server)  # now drops are certain: more come than there is room for
                for _ in range(1_000):
                    sender.send(b"x" * 32)
                server.send_signal(signal.SIGCONT)
                sent = 64 + number + 1_000 + exchange_surely(sender, b"after")
                figures = {}

                def settled():
                    figures.update(datagram_statistics(server))
                    lost = sent - figures["received"] - figures["dropped_by_system"]
                    return 0 <= lost <= dropped_on_the_way() - lost_before and figures["sent"] == figures["received"]

                wait_until(settled, lambda: f"{sent} were sent; {figures}")
            self.assertIsNone(stream.problem)
            self.assertGreater(stream.answered, 0)
            self.assertGreater(figures["dropped_by_system"], 500, figures)
            grown = process.private_memory() - before
            self.assertEqual(server.stop(), 0)
            tell(f"{number} datagrams, {figures['dropped_by_system']} dropped by the system; {stream.answered} replies "
                 f"over TCP beside them; memory grew by {grown / MIB:.1f} MiB")
            self.assertLess(grown, (64 if SANITIZED else 8) * MIB)

    def test_from_many_sockets_leave_memory_as_it_was(self):
        rounds, peers = tries(20, 200), 500
        with Server("serve", "echo", *UDP) as server:
            process = Process(server.process.pid)
            ask_once(server.address, b"x")
            sizes = []
            for _ in range(rounds):
                for _ in range(peers):
                    with datagram_peer(server.address) as each:
                        each.send(b"x" * 1_000)
                sizes.append(process.private_memory())
            self.assertLess(sizes[-1] - sizes[rounds // 2], (32 if SANITIZED else 4) * MIB, sizes)
            with datagram_peer(server.address) as peer:
                exchange_surely(peer, b"still here")


class Ways(unittest.TestCase):
    """A way that loses, doubles and reorders."""

    def test_each_datagram_that_arrives_is_answered_once(self):
        number = tries(500, 20_000)
        with Server("serve", "echo", "--reply-rate", "0", *UDP) as server, \
                DatagramRelay(server.address, seed=SEED) as relay, datagram_peer(relay.address) as peer:
            for count in range(number):
                peer.send(b"%d" % count)
                if count % 50 == 0:  # the way itself is not to overflow
                    wait_until(lambda: relay.seen > count and len(relay.from_server) == len(relay.to_server),
                               lambda: f"{len(relay.from_server)} of {len(relay.to_server)} replies")
                    receive_all(peer, 0)
            wait_until(lambda: relay.seen == number and len(relay.from_server) == len(relay.to_server),
                       lambda: f"{len(relay.from_server)} of {len(relay.to_server)} replies")
            self.assertGreater(len(relay.to_server), number // 2)
            self.assertEqual(relay.from_server, relay.to_server)
            tell(f"{number} datagrams, {len(relay.to_server)} arrived, {len(set(relay.to_server))} of them different")

    def test_who_asks_again_with_the_same_number_gets_each_reply(self):
        number = tries(100, 2_000)
        with Server("serve", "echo", "--reply-rate", "0", *UDP) as server, \
                DatagramRelay(server.address, 0.2, 0.1, 0.1, SEED) as relay, datagram_peer(relay.address) as peer:
            tried = sum(exchange_surely(peer, b"request %d" % count) for count in range(number))
            tell(f"{number} requests, {tried} tries")


class Stops(unittest.TestCase):
    def stop_with_datagrams_waiting(self, number, *options):
        """Gives the replies, and the server's figures as the log has them at the end."""
        with Server("serve", "echo", *options, "--reply-rate", "0", *UDP) as server, \
                datagram_peer(server.address) as peer:
            self.assertEqual(exchange(peer, b"hello"), b"hello")
            stand_still(server)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * MIB)
            for count in range(number):
                peer.send(b"%d" % count)
            server.send_signal(signal.SIGTERM)
            server.send_signal(signal.SIGCONT)
            self.assertEqual(server.wait(), 0, server.log())
            return receive_all(peer, 0.2)

    def test_answer_what_waits(self):
        number = self.room()
        for threads in ("1", "2"):
            for offload in ((), ("--no-udp-offload",)):
                replies = self.stop_with_datagrams_waiting(number, "--threads", threads, *offload)
                self.assertEqual(replies, [b"%d" % count for count in range(number)])
        tell(f"{number} waited, and were answered")

    @staticmethod
    def room():
        """How many small datagrams a socket has room for, whatever the system grants; 1,000 at the most."""
        with open("/proc/sys/net/core/rmem_max", encoding="ascii") as file:
            return min(1_000, 2 * int(file.read()) // 2_048)

    def test_answer_what_there_was_room_for(self):
        replies = self.stop_with_datagrams_waiting(1_000, "--udp-receive-buffer", "16KiB")
        self.assertEqual(replies, [b"%d" % count for count in range(len(replies))])
        self.assertGreater(len(replies), 10)
        tell(f"{len(replies)} of 1000 had room, and were answered")

    def test_are_not_held_up_by_a_flood(self):
        """And the next server has the port at once."""
        url = "udp://127.0.0.1:0"
        for threads in ("1", "2"):
            for _ in range(tries(5, 100)):
                with Server("serve", "echo", "--reply-rate", "0", "--threads", threads, "--drain-timeout", "10m",
                            "--listen", url) as server:
                    url = server.url
                    self.assertEqual(ask_once(server.address, b"hello"), b"hello")
                    ending = threading.Event()
                    floods = [threading.Thread(target=self.flood_until, args=(ending, server.address))
                              for _ in range(2)]
                    for each in floods:
                        each.start()
                    time.sleep(0.05)
                    try:
                        self.assertEqual(server.stop(), 0, server.log())
                    finally:
                        ending.set()
                        for each in floods:
                            each.join(PATIENCE)

    @staticmethod
    def flood_until(ending, address):
        with datagram_peer(address) as sender:
            while not ending.is_set():
                try:
                    for _ in range(100):
                        sender.send(b"x" * 100)
                    receive_all(sender, 0)
                except ConnectionRefusedError:
                    pass

    def test_while_every_datagram_is_accounted_for(self):
        """A storm of SIGUSR1 and a stop: figures never go back."""
        with Server("serve", "echo", "--reply-rate", "0", *UDP) as server, datagram_peer(server.address) as peer:
            last = {}
            for _ in range(20):
                for _ in range(50):
                    peer.send(b"x")
                figures = datagram_statistics(server)
                for key, value in last.items():
                    self.assertGreaterEqual(figures[key], value, key)
                last = figures
            expect_datagrams(self, server, received=1_000, sent=1_000)
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    main()
