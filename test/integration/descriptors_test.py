#!/usr/bin/env python3
"""File descriptors: too few of them, and which a child process would inherit."""

import os
import resource
import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.crowd import Crowd
from support.ledger import expect_balance
from support.process import Process, wait_until
from support.programs import Server, connect, frame

ANY_PORT = ("--listen", "tcp://127.0.0.1:0")


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


@unittest.skipIf(SANITIZED, "UndefinedBehaviorSanitizer itself needs descriptors, and sees faults where it has none")
class TooFew(unittest.TestCase):
    """The peers for whom there is no descriptor wait in the backlog, at no cost to anybody else."""

    PEERS = 200

    def hold(self, server, friend, seconds):
        """What the server does while nobody can be let in; the friend is answered all the time."""
        process = Process(server.process.pid)
        lines, used, begin = server.log().count("\n"), process.cpu_time(), time.monotonic()
        rounds = 0
        while time.monotonic() < begin + seconds:
            friend.sendall(frame(b"hello"))
            self.assertEqual(friend.recv(100), frame(b"hello"))
            rounds += 1
            time.sleep(0.02)
        took = time.monotonic() - begin
        share = (process.cpu_time() - used) / took
        lines = server.log().count("\n") - lines
        tell(f"{self.PEERS} peers for 64 descriptors during {took:.1f} s: {share:.1%} of a core, {lines} lines logged, "
             f"{rounds} rounds with a friend, {Process(server.process.pid).threads()} threads")
        self.assertLess(share, 0.05)
        self.assertLessEqual(lines, 5 + 2 * took, server.log())  # not one for each connection that had to wait

    def test_the_others_wait_and_are_let_in_as_there_is_room(self):
        with Server("serve", "echo", *ANY_PORT, preexec_fn=few_descriptors) as server:
            self.expect_service(server)

    def test_also_if_their_number_was_lowered_while_it_ran(self):
        with Server("serve", "echo", *ANY_PORT) as server:  # so that it learns of it from accept
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (64, 64))
            figures = self.expect_service(server)
            self.assertGreater(figures["accept_pauses"], 0)

    def test_the_program_keeps_a_reserve_for_itself(self):
        for threads in ("1", "2", "6"):
            with self.subTest(threads=threads), Server("serve", "echo", "--threads", threads, *ANY_PORT,
                                                       preexec_fn=few_descriptors) as server:
                with Crowd(server.address, self.PEERS) as crowd:
                    crowd.send(frame(b"hello"))
                    wait_until(crowd.answered, server.log)
                    time.sleep(0.2)
                    self.assertLess(len(Process(server.process.pid).descriptors()), 64 - 8)
                figures = expect_balance(self, server, accepted=self.PEERS)
                self.assertEqual((figures["accept_failures"], figures["accept_pauses"]), (0, 0))

    def expect_service(self, server):
        with connect(server.address) as friend, Crowd(server.address, self.PEERS) as crowd:
            crowd.send(frame(b"hello"))
            wait_until(lambda: crowd.look().received[crowd.peers[0].fileno()], "the first peers to be answered")
            self.hold(server, friend, tries(1.5, 60))

            served, longest = 0, 0.0
            while crowd.peers:
                begin = time.monotonic()
                wait_until(crowd.answered, server.log)
                longest = max(longest, time.monotonic() - begin)
                served += crowd.dismiss(crowd.answered())
            self.assertEqual((served, crowd.ends), (self.PEERS, {}))
            tell(f"as others left all were answered, the first of each batch after {longest * 1000:.0f} ms at most")
        figures = expect_balance(self, server, accepted=self.PEERS + 1)
        self.assertEqual(server.stop(), 0)
        return figures


class Inherited(unittest.TestCase):
    """Of the descriptors of a running server a child process would inherit those of the standard streams only."""

    def test_all_others_close_on_exec(self):
        for threads in ("1", "2"):
            with Server("serve", "echo", "--threads", threads, *ANY_PORT, *ANY_PORT, listeners=2) as server:
                with Crowd(server.address, 10) as crowd:
                    crowd.send(frame(b"hello"))
                    crowd.wait_for_replies(len(frame(b"hello")))
                    process = Process(server.process.pid)
                    descriptors = process.descriptors()
                    sockets = sum(target.startswith("socket:") for target in descriptors.values())
                    self.assertEqual(sockets, 10 + 2)
                    inherited = {number: target for number, target in descriptors.items()
                                 if not process.descriptor_flags(number) & os.O_CLOEXEC}
                    self.assertLessEqual(set(inherited), {0, 1, 2}, inherited)
        tell(f"{len(descriptors)} descriptors, {sockets} of them sockets")


if __name__ == "__main__":
    main()
