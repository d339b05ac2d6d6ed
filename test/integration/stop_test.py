#!/usr/bin/env python3
"""Stops at bad moments: under load, with peers in the backlog, amid a storm of signals."""

import os
import signal
import socket
import subprocess
import time
import unittest

from support.campaign import choices, main, tell, tries
from support.crowd import Crowd
from support.ledger import statistics
from support.load import Client, peer_that_never_reads
from support.process import Process, wait_until
from support.programs import FAIRLEAD, PATIENCE, Server, connect, frame, read_to_end
from support.terminal import terminal_of_its_own

ANY_PORT = ("--listen", "tcp://127.0.0.1:0")


class UnderLoad(unittest.TestCase):
    """At whatever instant SIGTERM comes, each peer has whole replies to its first requests, and then an end."""

    def stop_at(self, instant, threads):
        with Server("serve", "echo", "--threads", str(threads), *ANY_PORT) as server:
            clients = [Client(server.address) for _ in range(3)]
            for each in clients:
                each.start()
            time.sleep(instant)
            server.send_signal(signal.SIGTERM)
            for each in clients:
                each.join(PATIENCE)
            self.assertEqual(server.wait(), 0, server.log())
        for each in clients:
            self.assertIsNone(each.problem)
            self.assertEqual(each.received, each.replies_expected(), "whole replies, in order, none left out")
        return sum(len(each.received) for each in clients)

    def test_nothing_acknowledged_is_lost_at_any_instant(self):
        random = choices("stop")
        number = tries(20, 1000)
        received = 0
        for attempt in range(number):
            instant = random.choice((0, random.uniform(0, 0.002), random.uniform(0, 0.1)))
            with self.subTest(attempt=attempt, instant=instant):
                received += self.stop_at(instant, random.choice((1, 2)))
        tell(f"{number} stops under load, {received} bytes of replies")


class Backlog(unittest.TestCase):
    """Peers that have connected and were not accepted yet are served before the end."""

    def test_each_peer_in_it_is_answered(self):
        number = tries(100, 1000)
        for threads in ("1", "2"):
            with Server("serve", "echo", "--threads", threads, *ANY_PORT) as server:
                server.send_signal(signal.SIGSTOP)
                wait_until(Process(server.process.pid).stopped, "the server to stand still")
                with Crowd(server.address, number) as crowd:
                    self.assertEqual(crowd.send(frame(b"hello") * 3), number)
                    silent = [connect(server.address) for _ in range(10)]
                    server.send_signal(signal.SIGTERM)
                    server.send_signal(signal.SIGCONT)
                    crowd.wait_for_the_end_of(number)
                    self.assertEqual(set(crowd.ends.values()), {"end"})
                    self.assertEqual(set(crowd.received.values()), {len(frame(b"hello") * 3)})
                    for each in silent:
                        with each:
                            self.assertEqual(read_to_end(each), b"")
                self.assertEqual(server.wait(), 0, server.log())
        tell(f"{number} peers in the backlog with requests, 10 without")


class Stages(unittest.TestCase):
    """A stop in whatever stage its sessions are, or the server itself."""

    def test_lets_go_of_each_kind_of_peer(self):
        with Server("serve", "echo", "--drain-timeout", "5s", *ANY_PORT) as server, \
                connect(server.address) as silent, connect(server.address) as inside, connect(server.address) as idle, \
                connect(server.address) as ended, peer_that_never_reads(server):
            inside.sendall(frame(b"a message")[:7])
            for peer in (idle, ended):
                peer.sendall(frame(b"hello"))
                self.assertEqual(peer.recv(100), frame(b"hello"))
            ended.shutdown(socket.SHUT_WR)
            expect_sessions = 4  # `ended` has gone
            wait_until(lambda: statistics(server)["active"] == expect_sessions, server.log)
            server.send_signal()
            for peer in (silent, inside, idle, ended):
                self.assertEqual(read_to_end(peer), b"")
                peer.close()
            self.assertEqual(server.wait(), 3, "one never read")
            self.assertIn("stopped: 3 sessions finished, 1 cut off", server.log())

    def test_while_it_starts_ends_it_one_way_or_the_other(self):
        number, random = tries(20, 1_000), choices("while it starts")
        codes = set()
        for _ in range(number):
            process = subprocess.Popen([FAIRLEAD, "serve", "echo", "--listen", "tcp://127.0.0.1:0"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(0, 0.03))
            process.send_signal(signal.SIGTERM)
            codes.add(process.wait(PATIENCE))
        self.assertLessEqual(codes, {0, -signal.SIGTERM})
        tell(f"{number} stops within 30 ms of the start")


class Storm(unittest.TestCase):
    """On a terminal SIGHUP begins a stop, any number of it does not cut anyone off, and none of it hides a later SIGTERM."""

    def start(self, *arguments):
        server = Server("serve", "echo", *arguments, *ANY_PORT, preexec_fn=terminal_of_its_own(self))
        self.addCleanup(server.close)
        return server

    def stuck_peer(self, server):
        """One for which a stop waits."""
        peer = peer_that_never_reads(server)
        self.addCleanup(peer.close)
        return peer

    def storm(self, server):
        number = tries(20_000, 1_000_000)
        for _ in range(number):
            os.kill(server.process.pid, signal.SIGHUP)
        tell(f"{number} SIGHUPs")

    def test_of_sighup_cuts_nobody_off(self):
        server = self.start("--drain-timeout", "1h", "--linger-timeout", "1h", "--write-timeout", "1h")
        peer = self.stuck_peer(server)
        self.storm(server)
        wait_until(lambda: "stopping" in server.log(), server.log)
        self.assertIsNone(server.process.poll())
        peer.settimeout(PATIENCE)
        self.assertEqual(set(read_to_end(peer)[4:1000]), {ord("x")})
        peer.close()
        self.assertEqual(server.wait(), 0, server.log())

    def test_of_sighup_does_not_hide_the_second_signal(self):
        server = self.start("--drain-timeout", "1h", "--linger-timeout", "1h", "--write-timeout", "1h")
        self.stuck_peer(server)
        server.send_signal(signal.SIGTERM)
        wait_until(lambda: "stopping" in server.log(), server.log)  # two pending SIGTERM are one, and come after SIGHUP
        self.storm(server)
        server.send_signal(signal.SIGTERM)
        wait_until(lambda: "a second signal came" in server.log(), server.log)
        self.assertEqual(server.wait(), 3, server.log())


if __name__ == "__main__":
    main()
