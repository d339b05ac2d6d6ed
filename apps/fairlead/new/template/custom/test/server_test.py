#!/usr/bin/env python3
"""The program from outside: it listens, answers frames that this file makes by itself, and stops.

server_test.py SERVER FAIRLEAD: the paths of the two programs
"""

import binascii
import signal
import struct
import subprocess
import sys
import unittest

SERVER, FAIRLEAD = sys.argv[1:]
SERVER_ARGUMENTS = [@TESTED_ARGUMENTS@]  # port 0: a free one
TALK_OPTIONS = [@TALK_OPTIONS@]
LIMIT = 20  # seconds


def frame(message):
    return struct.pack(">H", len(message)) + message + struct.pack(">H", binascii.crc_hqx(message, 0xFFFF))


class Server(unittest.TestCase):
    def setUp(self):
        self.process = subprocess.Popen([SERVER, *SERVER_ARGUMENTS], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.process.stdout.close)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self.url = self.process.stdout.readline().removeprefix("listening ").strip()

    def ask(self, frames):
        """All bytes that come back. `frames` must not contain the byte of a line feed, which `talk` takes for itself."""
        done = subprocess.run([FAIRLEAD, "talk", self.url, *TALK_OPTIONS], input=frames + b"\n", stdout=subprocess.PIPE,
                              timeout=LIMIT, check=True)
        return bytes.fromhex(done.stdout.decode())

    def test_answers_each_message(self):
        self.assertEqual(self.ask(frame(b"ahoy") + frame(b"all hands")), frame(b"AHOY") + frame(b"ALL HANDS"))

    def test_stops_at_a_signal(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(LIMIT), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
