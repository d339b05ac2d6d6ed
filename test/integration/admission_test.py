#!/usr/bin/env python3
"""Who is let in: the caps on sessions and on the rate of connections."""

import socket
import time
import unittest

from support.campaign import main, tell, tries
from support.crowd import Crowd
from support.ledger import expect_balance, statistics
from support.process import wait_until
from support.programs import PATIENCE, Server, connect, frame, read_to_end

ANY_PORT = ("--listen", "tcp://127.0.0.1:0")
HELLO = frame(b"hello")


def exchange(peer):
    peer.sendall(HELLO)
    return peer.recv(100)


def connect_from(source, address):
    peer = socket.create_connection(address, timeout=PATIENCE, source_address=(source, 0))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


class TotalCap(unittest.TestCase):
    """Beyond the cap peers wait in the backlog; each is let in as another leaves."""

    CAP = 20
    PEERS = tries(200, 2000)

    def test_the_others_wait(self):
        for threads in ("1", "2"):
            with Server("serve", "echo", "--max-sessions", str(self.CAP), "--threads", threads, *ANY_PORT) as server:
                with Crowd(server.address, self.PEERS) as crowd:
                    self.assertEqual(crowd.send(HELLO), self.PEERS)
                    served = 0
                    while crowd.peers:
                        expected = min(self.CAP, len(crowd.peers))
                        wait_until(lambda: len(crowd.answered()) >= expected, server.log)
                        time.sleep(0.01)
                        self.assertEqual(len(crowd.answered()), expected, "never more than the cap")
                        served += crowd.dismiss(crowd.answered()[:7])
                    self.assertEqual((served, crowd.ends), (self.PEERS, {}))
                figures = expect_balance(self, server, accepted=self.PEERS, by_peer=self.PEERS, accept_failures=0)
                self.assertGreater(figures["held_for_sessions"], 0)
                self.assertEqual(server.stop(), 0)
        tell(f"{self.PEERS} peers, never more than {self.CAP} at a time, all served")


class CapPerAddress(unittest.TestCase):
    """An address that has as many as it may gets no more; others and those it has are not hurt."""

    CAP = 5

    def test_more_are_closed(self):
        with Server("serve", "echo", "--max-sessions-per-address", str(self.CAP), *ANY_PORT) as server:
            greedy = [connect_from("127.0.0.2", server.address) for _ in range(self.CAP)]
            for peer in greedy:
                self.assertEqual(exchange(peer), HELLO)
            refused = tries(50, 5000)
            for _ in range(refused):
                with connect_from("127.0.0.2", server.address) as peer:
                    self.assertEqual(self.ending(peer), b"")
            with connect_from("127.0.0.3", server.address) as other:
                self.assertEqual(exchange(other), HELLO)
            for peer in greedy:
                self.assertEqual(exchange(peer), HELLO)
            greedy.pop().close()
            wait_until(lambda: statistics(server)["active"] == self.CAP - 1, server.log)
            with connect_from("127.0.0.2", server.address) as peer:
                self.assertEqual(exchange(peer), HELLO)
            for peer in greedy:
                peer.close()
            expect_balance(self, server, accepted=self.CAP + 2, refused_for_address=refused)
        tell(f"{refused} connections beyond {self.CAP} of an address were closed")

    def ending(self, peer):
        try:
            return read_to_end(peer)
        except ConnectionResetError:
            return b""


class Rate(unittest.TestCase):
    """A flood of connections is let in no faster than said, and all of it."""

    def test_the_others_wait(self):
        number = tries(60, 600)
        with Server("serve", "echo", "--accept-rate", "40", *ANY_PORT) as server:
            begin = time.monotonic()
            with Crowd(server.address, number) as crowd:
                crowd.send(HELLO)
                crowd.wait_for_replies(len(HELLO))
                took = time.monotonic() - begin
                self.assertEqual(crowd.ends, {})
            with connect(server.address) as peer:
                self.assertEqual(exchange(peer), HELLO)
            expect_balance(self, server, accepted=number + 1)
        tell(f"{number} connections at 40 a second took {took:.2f} s")
        self.assertGreater(took, (number - 40) / 40 * 0.9, "less a second's worth that may come at once")


if __name__ == "__main__":
    main()
