#!/usr/bin/env python3
"""Connections that end when and how they should not: each is one session that ends once and leaves nothing behind."""

import socket
import threading
import time
import unittest

from support.campaign import SANITIZED, choices, main, tell, tries
from support.ledger import expect_balance
from support.process import MIB, Process, wait_until
from support.programs import Server, ask, connect, frame, read_to_end, reset
from support.relay import Fault, Relay

ANY_PORT = ("--listen", "tcp://127.0.0.1:0")


def echo(*arguments):
    return Server("serve", "echo", *arguments, *ANY_PORT)


def fill(connection, data, limit):
    """Sends `data` again and again until nothing more is taken, or `limit` bytes are."""
    connection.setblocking(False)
    sent = 0
    try:
        while sent < limit:
            sent += connection.send(data)
    except BlockingIOError:
        pass
    return sent


class LeavesNothing(unittest.TestCase):
    """A server whose descriptors and memory come back to what they were."""

    SLACK = 4 * MIB

    def start(self, *arguments):
        self.server = echo(*arguments)
        self.addCleanup(self.server.close)
        self.process = Process(self.server.process.pid)

    def remember(self):
        """To be called after a round that has warmed the server up."""
        self.descriptors = sorted(self.process.descriptors())
        self.memory = self.process.private_memory()

    def expect_all_gone(self):
        wait_until(lambda: sorted(self.process.descriptors()) == self.descriptors,
                   lambda: f"{self.process.descriptors()}")

    def repeat(self, play):
        """Plays rounds until one leaves nothing, at most 5, and gives their number: a leak grows in each of them.

        The memory for more peers at once than before stays, and a busy machine decides how many are there at once.
        """
        for number in range(1, 6):
            self.expect_all_gone()
            self.memory = self.process.private_memory()
            play()
            self.expect_all_gone()
            if self.process.private_memory() < self.memory + self.SLACK:
                break
        return number

    def expect_nothing_left(self, **figures):
        self.expect_all_gone()
        if not SANITIZED:
            self.assertLess(self.process.private_memory(), self.memory + self.SLACK)
        self.assertEqual(ask(self.server.address, frame(b"still here")), frame(b"still here"))
        expect_balance(self, self.server, **figures)
        self.assertEqual(self.server.stop(), 0, self.server.log())


class Reset(LeavesNothing):
    """The connection is reset while the server waits for a header, a body, handles a message, sends a reply."""

    def in_header(self, peer):
        peer.sendall(frame(b"x" * 100)[:2])

    def in_body(self, peer):
        peer.sendall(frame(b"x" * 100)[:50])

    def in_handler(self, peer):
        peer.sendall(frame(b"x" * 100))

    def in_reply(self, peer):
        fill(peer, frame(b"x" * 60_000), 1 * MIB)

    def round(self, number):
        for phase in (self.in_header, self.in_body, self.in_handler, self.in_reply):
            for _ in range(number):
                peer = connect(self.server.address)
                phase(peer)
                reset(peer)

    def test_ends_that_session_and_nothing_else(self):
        self.start()
        number = tries(25, 1000)
        alone = sorted(self.process.descriptors())
        with connect(self.server.address) as bystander:
            wait_until(lambda: len(self.process.descriptors()) == len(alone) + 1, "the bystander's connection")
            self.remember()
            self.round(5)
            rounds = self.repeat(lambda: self.round(number))
            bystander.sendall(frame(b"and me?"))
            self.assertEqual(bystander.recv(100), frame(b"and me?"))
        self.descriptors = alone
        tell(f"{rounds * number} resets in each of 4 phases")
        self.expect_nothing_left(accepted=4 * (5 + rounds * number) + 2)

    def test_is_counted_as_a_failed_connection(self):
        for phase in (self.in_header, self.in_body, self.in_handler, self.in_reply):
            with self.subTest(phase.__name__):
                self.start()
                for _ in range(20):
                    peer = connect(self.server.address)
                    phase(peer)
                    time.sleep(0.002)
                    reset(peer)
                expect_balance(self, self.server, accepted=20, by_system=20)


class HalfClosed(unittest.TestCase):
    """A peer that has said all it had to say still hears all replies, and then the end."""

    def test_behind_any_number_of_requests(self):
        random = choices("half-closed")
        messages, size = 0, 0
        with echo() as server:
            for number in (0, 1, 2, 17, 1000, tries(3000, 100_000)):
                requests = b"".join(frame(random.randbytes(random.randrange(200))) for _ in range(number))
                with connect(server.address) as peer:
                    sender = threading.Thread(target=lambda: (peer.sendall(requests), peer.shutdown(socket.SHUT_WR)))
                    sender.start()
                    self.assertEqual(read_to_end(peer), requests)
                    sender.join()
                messages, size = messages + number, size + len(requests)
            expect_balance(self, server, accepted=6, by_peer=6, messages_in=messages, messages_out=messages,
                           bytes_in=size, bytes_out=size)

    def test_by_something_on_the_way(self):
        requests = [frame(b"request %d" % number) for number in range(20)]
        with echo() as server:
            for number in range(0, 20, tries(5, 1)):
                passed = len(b"".join(requests[:number]))
                fault = Fault(half_close_after=passed, slices=(1, 5))
                with Relay(server.address, to_server=fault) as relay, connect(relay.address) as peer:
                    peer.sendall(b"".join(requests))
                    self.assertEqual(read_to_end(peer), b"".join(requests[:number]))


class UnreadBytes(unittest.TestCase):
    """Bytes that the server will not read do not cost the peer the last reply."""

    LAST_WORDS = frame(b"hello") * 10
    REFUSED = b"\xff\xff\xff\xff"

    def test_the_last_reply_arrives(self):
        with echo() as server:
            for number in (0, 1, 1000, 1 * MIB, 8 * MIB):
                with connect(server.address) as peer:
                    peer.sendall(self.LAST_WORDS + self.REFUSED + b"x" * number)
                    self.assertEqual(read_to_end(peer), self.LAST_WORDS)
            expect_balance(self, server, accepted=5, message_too_large=5)

    def test_a_peer_that_goes_on_sending_is_left_after_so_many_bytes(self):
        with echo("--linger-timeout", "1h") as server, connect(server.address) as peer:
            peer.sendall(self.LAST_WORDS + self.REFUSED)
            self.assertEqual(read_to_end(peer), self.LAST_WORDS)
            sent = 0
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                while sent < 256 * MIB:
                    peer.sendall(b"x" * 65536)
                    sent += 65536
            tell(f"left after {sent // MIB} MiB")

    def test_a_peer_that_stays_is_left_after_so_much_time(self):
        with echo("--linger-timeout", "200ms") as server, connect(server.address) as peer:
            peer.sendall(self.LAST_WORDS + self.REFUSED)
            self.assertEqual(read_to_end(peer), self.LAST_WORDS)
            expect_balance(self, server, accepted=1, message_too_large=1)


class Churn(LeavesNothing):
    """Connections that come and go without a word."""

    THREADS = 4

    def churn(self, number):
        def come_and_go(thread):
            for each in range(thread, number, self.THREADS):
                peer = socket.socket()
                peer.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
                peer.bind((f"127.0.0.{1 + each % 250}", 0))  # more addresses, more ports to leave in TIME_WAIT
                peer.connect(self.server.address)
                if each % 2:
                    reset(peer)
                else:
                    peer.close()

        threads = [threading.Thread(target=come_and_go, args=(each,)) for each in range(self.THREADS)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    def test_leaves_descriptors_and_memory_as_they_were(self):
        self.start()
        self.remember()
        number = tries(3000, 1_000_000)
        self.churn(number // 3)
        accepted = number // 3 + number * self.repeat(lambda: self.churn(number))
        tell(f"{accepted} connections, every other one reset")
        self.expect_nothing_left(accepted=accepted + 1, truncated=0, otherwise=0)


class Mangled(unittest.TestCase):
    """Whatever happens on the way, what arrives is the beginning of what was to arrive, or all of it."""

    def fault(self, random, size):
        slice = max(1, size // random.choice((1, 10, 100)))
        end = random.choice(("reset_after", "half_close_after", "close_after", None, None, None))
        return Fault(delay=(0, random.choice((0, 0, 0.001))), slices=random.choice(((1, slice), (slice, slice))),
                     rate=random.choice((float("inf"), 5e6)), **({end: random.randrange(size)} if end else {}))

    def test_by_random_faults_both_ways(self):
        random = choices("mangled")
        whole = 0
        number = tries(30, 10_000)
        with echo() as server:
            for attempt in range(number):
                sizes = [random.choice((0, 1, 10, 1000, 20_000)) for _ in range(random.randrange(1, 20))]
                requests = b"".join(frame(random.randbytes(size)) for size in sizes)
                faults = [self.fault(random, len(requests)) for _ in range(2)]
                received, error = self.exchange(server, requests, faults, attempt)
                self.assertEqual(received, requests[:len(received)], f"attempt {attempt}: {faults}")
                if all(fault.end() is None for fault in faults):
                    self.assertEqual((received, error), (requests, None), f"attempt {attempt}: {faults}")
                whole += received == requests
            expect_balance(self, server)
        tell(f"{number} connections with random faults, {whole} whole")

    def exchange(self, server, requests, faults, seed):
        received = bytearray()
        with Relay(server.address, *faults, seed=seed) as relay, connect(relay.address) as peer:
            def send():
                try:
                    peer.sendall(requests)
                    peer.shutdown(socket.SHUT_WR)
                except OSError:  # the reader says what happened
                    pass

            sender = threading.Thread(target=send)
            sender.start()
            try:
                while data := peer.recv(65536):
                    received += data
                error = None
            except ConnectionError as problem:
                error = problem
            sender.join()
        return bytes(received), error


if __name__ == "__main__":
    main()
