#!/usr/bin/env python3
"""The demo: its tour, the commands it suggests, its end."""

import os
import signal
import subprocess
import unittest
import urllib.request

from support.programs import PATIENCE, run

DEMO = os.environ["DEMO"]


class Tour(unittest.TestCase):
    def test_shows_what_tcp_does_to_messages_and_what_fairlead_makes_of_it(self):
        done = run("--tour", program=DEMO)
        shown = done.stdout.decode()
        self.assertEqual((done.returncode, done.stderr), (0, b""), shown)
        self.assertIn(", 1 instead of 3:", shown)
        self.assertIn('Fairlead saw   "ready"  "steady"  "go"\n', shown)
        self.assertIn('and answered   "ready"  "steady"  "go"  right\n', shown)
        self.assertRegex(shown, r", [1-4] instead of 1:")  # a busy machine may put pieces together
        self.assertIn('Fairlead saw   "all hands on deck"\n', shown)
        self.assertIn('and answered   "all hands on deck"  right\n', shown)
        self.assertIn("ahoy  ->  AHOY  right\n", shown)
        self.assertIn("你好  ->  你好 收到  right\n", shown)
        self.assertIn('Bob comes over WebSocket, and reads  "Ann: hello"  right\n', shown)
        self.assertIn('Ann reads over lines              "Bob: ahoy"  right\n', shown)
        self.assertTrue(shown.endswith("Every reply was right.\n"))
        self.assertNotIn("\x1b", shown, "colour is for terminals")
        self.assertLessEqual(shown.count("\n"), 40, "one screen")

    def test_wrong_usage(self):
        for arguments in (["--tuor"], ["--tour", "more"]):
            done = run(*arguments, program=DEMO)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(b"usage: fairlead-demo [--tour]", done.stderr)


class Servers(unittest.TestCase):
    def test_stay_for_what_is_suggested_until_interrupted(self):
        with subprocess.Popen([DEMO], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
            shown = ""
            while not shown.endswith("Ctrl-C stops the servers.\n"):
                line = demo.stdout.readline().decode()
                self.assertTrue(line, shown)
                shown += line
            suggested = [line.strip() for line in shown.split("in another terminal:\n")[1].splitlines()[:-1]]
            self.assertEqual(len(suggested), 5)

            page = suggested.pop().removeprefix("xdg-open ")
            with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
                self.assertIn("<title>Fairlead chat</title>", answer.read().decode())
            self.assertRegex(suggested.pop(2), r"^nc 127\.0\.0\.1 \d+$")  # for a person to type into
            for command, reply in zip(suggested, ("hello\n", "HELLO\n", "你好 收到\n")):
                with self.subTest(command):
                    done = subprocess.run(command, shell=True, capture_output=True, timeout=PATIENCE)
                    self.assertEqual((done.returncode, done.stdout.decode(), done.stderr), (0, reply, b""))

            demo.send_signal(signal.SIGINT)
            rest, errors = demo.communicate(timeout=PATIENCE)
            self.assertEqual((demo.returncode, errors), (0, b""))
            self.assertRegex(rest.decode(), r"\A\nStopped; \d+ connections were served\.\n\Z")


if __name__ == "__main__":
    unittest.main()
