#!/usr/bin/env python3
"""A signal in the middle of pipelined load: what arrives is whole, in order, and then ends cleanly."""

import signal
import unittest

from support.load import Client
from support.programs import Server


class SignalUnderLoad(unittest.TestCase):
    def expect_clean_end(self, number, threads):
        with Server("serve", "echo", "--threads", threads, "--listen", "tcp://127.0.0.1:0") as server:
            clients = [Client(server.address) for _ in range(4)]
            for each in clients:
                each.start()
            for each in clients:
                each.flowing.wait(30)
            server.send_signal(number)
            for each in clients:
                each.join(30)
            self.assertEqual(server.wait(), 0, server.log())
        for each in clients:
            self.assertIsNone(each.problem)
            self.assertGreater(len(each.received), 0)
            self.assertEqual(each.received, each.replies_expected(), "whole replies, in order, none left out")

    def test_sigint(self):
        self.expect_clean_end(signal.SIGINT, "1")

    def test_sigterm(self):
        self.expect_clean_end(signal.SIGTERM, "2")


if __name__ == "__main__":
    unittest.main()
