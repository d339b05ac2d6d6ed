#!/usr/bin/env python3
"""A backlog that is full, and a flood of connections that are never completed."""

import errno
import signal
import socket
import threading
import time
import unittest

from support import network
from support.campaign import choices, main, tell, tries
from support.crowd import Crowd
from support.ledger import expect_balance
from support.process import Process, wait_until
from support.programs import PATIENCE, Server, ask, connect, frame

HELLO = frame(b"hello")
BACKLOG = 16


def exchange(peer):
    peer.sendall(HELLO)
    return peer.recv(100)


class Full(unittest.TestCase):
    PEERS = 100

    def test_the_established_are_untouched_and_the_others_get_in_when_there_is_room(self):
        network.limit_backlogs(BACKLOG)
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0") as server, connect(server.address) as friend:
            self.assertEqual(exchange(friend), HELLO)
            server.send_signal(signal.SIGSTOP)
            wait_until(Process(server.process.pid).stopped, "the server to stand still")
            with Crowd(server.address, 0) as crowd:
                begun = []
                for _ in range(self.PEERS):
                    peer = socket.socket()
                    peer.setblocking(False)
                    self.assertEqual(peer.connect_ex(server.address), errno.EINPROGRESS)
                    crowd.add(peer)
                    begun.append(peer)
                time.sleep(0.1)
                waiting = sum(self.unconnected(peer) for peer in begun)
                self.assertGreater(waiting, 0, "the backlog was not full")
                server.send_signal(signal.SIGCONT)
                self.assertEqual(exchange(friend), HELLO)
                for peer in begun:  # SYNs are sent again ever later
                    wait_until(lambda: not self.unconnected(peer), "a connection", 2 * PATIENCE)
                self.assertEqual(crowd.send(HELLO), self.PEERS)
                crowd.wait_for_replies(len(HELLO))
                self.assertEqual(crowd.ends, {})
            expect_balance(self, server, accepted=self.PEERS + 1, active=1)
        tell(f"{self.PEERS} peers for a backlog of {BACKLOG}, {waiting} of them had to wait for the server")

    @staticmethod
    def unconnected(peer):
        try:
            peer.getpeername()
            return False
        except OSError:
            return True


class Flood(unittest.TestCase):
    def setUp(self):
        try:
            self.tunnel = network.Tunnel()
        except OSError as problem:
            self.skipTest(f"there can be no tunnel: {problem}")
        self.addCleanup(self.tunnel.close)

    def test_of_connections_never_completed_hurts_nobody(self):
        number = tries(5000, 500_000)
        with Server("serve", "echo", "--listen", "tcp://0.0.0.0:0") as server:
            address = ("127.0.0.1", server.address[1])
            with connect(address) as friend:
                flooding = threading.Thread(target=self.flood, args=(address[1], number))
                flooding.start()
                rounds = 0
                while flooding.is_alive() or rounds < 10:
                    self.assertEqual(exchange(friend), HELLO)
                    self.assertEqual(ask(address, HELLO), HELLO, "a newcomer")
                    rounds += 1
                flooding.join()
            with connect((network.Tunnel.SERVER, address[1])) as there:  # to where the flood went
                self.assertEqual(exchange(there), HELLO)
            expect_balance(self, server, accepted=rounds + 2)
        self.assertGreater(self.answers, 0, "the flood did not reach the server")
        tell(f"{number} SYNs, {self.answers} answered, meanwhile {rounds} rounds with a friend and newcomers")

    def flood(self, port, number):
        random = choices("flood")
        self.answers = 0
        for each in range(number):
            source = f"10.99.{random.randrange(1, 256)}.{random.randrange(256)}"
            self.tunnel.send_syn(source, random.randrange(1024, 65536), port)
            if each % 100 == 0:
                self.answers += self.tunnel.count_answers()
        self.answers += self.tunnel.count_answers()


def setUpModule():
    if why_not:
        raise unittest.SkipTest(f"there can be no network of our own: {why_not}")


if __name__ == "__main__":
    why_not = network.enter()
    main()
