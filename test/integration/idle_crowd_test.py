#!/usr/bin/env python3
"""Many peers that are there and say nothing, and some that talk all along."""

import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.crowd import Crowd
from support.friend import Friend
from support.ledger import expect_balance
from support.process import wait_until
from support.programs import Server, frame

HELLO = frame(b"hello")


class IdleCrowd(unittest.TestCase):
    """The idle cost the active nothing but memory, and are served when they speak at last."""

    IDLE = tries(300 if SANITIZED else 1_000, 10_000)
    ACTIVE = tries(10, 500)
    SECONDS = tries(2, 3_600)

    def test_neither_the_idle_nor_the_active_lose_anything(self):
        with Server("serve", "echo", "--first-message-timeout", "2h", "--idle-timeout", "2h", "--listen",
                    "tcp://127.0.0.1:0") as server, Crowd(server.address, self.IDLE) as idle:
            active = [Friend(server.address) for _ in range(self.ACTIVE)]
            for each in active:
                each.__enter__()
            time.sleep(self.SECONDS)
            wait_until(lambda: all(each.rounds or each.problem for each in active), "a round of each")
            for each in active:
                each.__exit__()
            self.assertEqual([each.problem for each in active if each.problem], [])
            self.assertTrue(all(each.rounds for each in active))
            self.assertEqual(idle.ended(), 0)
            self.assertEqual(idle.send(HELLO), self.IDLE)
            idle.wait_for_replies(len(HELLO))
            rounds = sum(each.rounds for each in active)
            expect_balance(self, server, active=self.IDLE, accepted=self.IDLE + self.ACTIVE, by_peer=self.ACTIVE,
                           messages_in=self.IDLE + rounds, messages_out=self.IDLE + rounds)
        tell(f"{self.IDLE} idle beside {self.ACTIVE} active for {self.SECONDS} s: {rounds} rounds, no error")


if __name__ == "__main__":
    main()
