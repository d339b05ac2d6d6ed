#!/usr/bin/env python3
"""The program from outside: it listens, answers `fairlead talk`, and stops.

server_test.py SERVER FAIRLEAD: the paths of the two programs
"""

import signal
import subprocess
import sys
import unittest

SERVER, FAIRLEAD = sys.argv[1:]
SERVER_ARGUMENTS = [@TESTED_ARGUMENTS@]  # port 0: a free one
TALK_OPTIONS = [@TALK_OPTIONS@]
LIMIT = 20  # seconds


class Server(unittest.TestCase):
    def setUp(self):
        self.process = subprocess.Popen([SERVER, *SERVER_ARGUMENTS], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.process.stdout.close)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self.url = self.process.stdout.readline().removeprefix("listening ").strip()

    def ask(self, message):
        done = subprocess.run([FAIRLEAD, "talk", self.url, *TALK_OPTIONS], input=message + "\n", text=True,
                              stdout=subprocess.PIPE, timeout=LIMIT, check=True)
        return done.stdout.removesuffix("\n")

    def test_answers_a_message(self):
        self.assertEqual(self.ask(@QUESTION@), @ANSWER@)

    def test_stops_at_a_signal(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(LIMIT), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
