#!/usr/bin/env python3
"""Peers that are slow or silent: they end at their deadline, and nobody else notices them."""

import contextlib
import itertools
import signal
import socket
import threading
import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.crowd import Crowd
from support.friend import Friend
from support.ledger import expect_balance
from support.process import Process, wait_until
from support.programs import PATIENCE, Server, connect, frame
from support.relay import Fault, Relay


def echo(*arguments):
    return Server("serve", "echo", *arguments, "--listen", "tcp://127.0.0.1:0")


class Slowloris(unittest.TestCase):
    """A byte now and then does not put the deadline of a message off."""

    DEADLINE = tries(3.0, 10.0)
    PEERS = tries(100 if SANITIZED else 300, 5000)

    def drip(self, server, begin, drop, framed=frame):
        """Sends `begin` and then drop for drop until all have ended; gives how long the last one lasted."""
        started = time.monotonic()  # before any deadline, however busy the machine is
        with Friend(server.address, framed) as friend, Crowd(server.address, self.PEERS) as crowd:
            if begin:
                self.assertEqual(crowd.send(begin), self.PEERS)
            while crowd.ended() < self.PEERS:
                self.assertLess(time.monotonic() - started, self.DEADLINE + PATIENCE, server.log())
                time.sleep(self.DEADLINE / 6)
                crowd.send(drop)
                ended = crowd.ended()
                if time.monotonic() - started < self.DEADLINE * 0.9:
                    self.assertEqual(ended, 0, "none ends before the deadline")
            lasted = time.monotonic() - started
        self.assertIsNone(friend.problem)
        tell(f"{self.PEERS} peers that drip all ended within {lasted:.1f} s, deadline {self.DEADLINE} s; "
             f"{friend.rounds} rounds with a friend")

    def test_in_the_first_header(self):
        def framed(message):
            return len(message).to_bytes(8, "big") + message

        with echo("--framing", "length:8", "--first-message-timeout", f"{self.DEADLINE}s") as server:
            self.drip(server, b"", b"\0", framed)
            expect_balance(self, server, accepted=self.PEERS + 1, first_message_timeout=self.PEERS)

    def test_in_a_later_body(self):
        with echo("--message-timeout", f"{self.DEADLINE}s") as server:
            self.drip(server, frame(b"first") + frame(b"x" * 1000)[:10], b"x")
            expect_balance(self, server, accepted=self.PEERS + 1, message_timeout=self.PEERS)


class SlowBody(unittest.TestCase):
    """Through a narrow line a message arrives, or its deadline does; a byte a minute would not help."""

    SIZE = 20_000

    def exchange(self, seconds, limit):
        """A message whose bytes take that long; gives what came back."""
        with echo("--message-timeout", f"{limit}s", "--first-message-timeout", "1h") as server:
            fault = Fault(rate=self.SIZE / seconds, slices=(100, 500))
            with Relay(server.address, to_server=fault) as relay, connect(relay.address) as peer:
                request = frame(b"x" * self.SIZE)
                peer.sendall(request)
                received = b""
                try:
                    while len(received) < len(request) and (data := peer.recv(65536)):
                        received += data
                except ConnectionResetError:
                    pass
            return received == request, expect_balance(self, server, accepted=1)

    def test_fast_enough_is_served(self):
        served, figures = self.exchange(0.3, limit=20)
        self.assertTrue(served)
        self.assertEqual(figures["message_timeout"], 0)

    def test_too_slow_is_closed(self):
        served, figures = self.exchange(20, limit=2)
        self.assertFalse(served)
        self.assertEqual(figures["message_timeout"], 1)


class Silent(unittest.TestCase):
    """Silence, of a peer or of the line to it, ends at the deadline of what it was in the middle of."""

    PEERS = tries(50, 1000)
    IDLE = 4  # seconds; a friend on a busy machine may be silent for some

    def test_between_messages(self):
        with echo("--idle-timeout", f"{self.IDLE}s") as server:
            with Friend(server.address) as friend, Crowd(server.address, self.PEERS) as crowd:
                begin = time.monotonic()
                crowd.send(frame(b"hello"))
                crowd.wait_for_replies(len(frame(b"hello")))
                time.sleep(0.5)
                ended = crowd.ended()
                if time.monotonic() - begin < self.IDLE:  # else the machine is busy
                    self.assertEqual(ended, 0)
                crowd.wait_for_the_end_of(self.PEERS)
                self.assertEqual(set(crowd.ends.values()), {"end"})
            self.assertIsNone(friend.problem)
            expect_balance(self, server, accepted=self.PEERS + 1, idle_timeout=self.PEERS)
        tell(f"{self.PEERS} idle peers closed, a friend kept for {friend.rounds} rounds")

    def expect_end(self, fault_to_server, fault_to_client, requests, cause):
        others = ("idle_timeout", "message_timeout", "write_timeout")
        deadlines = [(f"--{each.replace('_', '-')}", "1s" if each == cause else "1h") for each in others]
        with echo(*itertools.chain(*deadlines)) as server:
            with Relay(server.address, fault_to_server, fault_to_client) as relay, connect(relay.address) as peer:
                def send():
                    with contextlib.suppress(OSError):  # it ends with the session
                        peer.sendall(requests)

                sender = threading.Thread(target=send)
                sender.start()
                try:
                    expect_balance(self, server, accepted=1, **{cause: 1})
                finally:
                    with contextlib.suppress(OSError):
                        peer.shutdown(socket.SHUT_RDWR)
                    sender.join()

    def test_of_the_line_between_messages(self):
        message = frame(b"hello")
        self.expect_end(Fault(silent_after=len(message)), Fault(), message * 2, "idle_timeout")

    def test_of_the_line_inside_a_message(self):
        message = frame(b"hello")
        self.expect_end(Fault(silent_after=len(message) + 6), Fault(), message * 2, "message_timeout")

    def test_of_the_line_under_a_reply(self):
        self.expect_end(Fault(), Fault(silent_after=1000), frame(b"x" * 60_000) * 1000, "write_timeout")


class StoodStill(unittest.TestCase):
    """A server that stood still reads what has come meanwhile before it finds its peers late."""

    def test_whoever_has_sent_in_time_is_answered(self):
        with echo("--first-message-timeout", "5s", "--message-timeout", "5s", "--idle-timeout", "5s") as server:
            half, idle, new, late = (connect(server.address) for _ in range(4))
            with half, idle, new, late:
                for peer in (half, idle):
                    peer.sendall(frame(b"hello"))
                    self.assertEqual(peer.recv(100), frame(b"hello"))
                half.sendall(frame(b"hello")[:6])
                time.sleep(0.1)
                server.send_signal(signal.SIGSTOP)
                wait_until(Process(server.process.pid).stopped, "the server to stand still")
                half.sendall(frame(b"hello")[6:])
                for peer in (idle, new):
                    peer.sendall(frame(b"hello"))
                with connect(server.address) as queued:
                    queued.sendall(frame(b"hello"))
                    time.sleep(tries(6, 10))
                    server.send_signal(signal.SIGCONT)
                    for peer in (half, idle, new, queued):
                        self.assertEqual(peer.recv(100), frame(b"hello"))
                self.assertEqual(late.recv(100), b"", "this one has sent nothing")
            expect_balance(self, server, accepted=5, first_message_timeout=1)


if __name__ == "__main__":
    main()
