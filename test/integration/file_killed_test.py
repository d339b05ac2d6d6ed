#!/usr/bin/env python3
"""`fairlead send` and `fairlead serve files`, either killed again and again: every file arrives, whole, and once."""

import os
import signal
import subprocess
import time
import unittest

from support.campaign import choices, main, tell, tries
from support.files import FileServer, content, hash_of, incoming, serve_files, temporary_directory
from support.process import MIB
from support.programs import FAIRLEAD, PATIENCE, Server, held_port


class Killed(unittest.TestCase):
    def setUp(self):
        self.random = choices(self.id())
        elsewhere, directory = temporary_directory(), temporary_directory()
        self.addCleanup(elsewhere.cleanup)
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.files, self.paths = {}, []
        for index, size in enumerate((0, 1, 1000, 300_000, 5 * MIB, 20 * MIB, 3000)):
            self.files[f"file {index}"] = self.random.randbytes(size)
            self.paths.append(os.path.join(elsewhere.name, f"file {index}"))
            with open(self.paths[-1], "wb") as file:
                file.write(self.files[f"file {index}"])

    def start_sending(self, url, *arguments):
        sender = subprocess.Popen([FAIRLEAD, "send", *arguments, url, *self.paths], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        self.addCleanup(sender.stdout.close)
        self.addCleanup(sender.stderr.close)
        self.addCleanup(sender.kill)
        return sender

    def expect_whole(self, output):
        """All that has a name is whole, and all that the sender was told of is there."""
        found = content(self.directory)
        for name, data in found.items():
            self.assertEqual(hash_of(data), hash_of(self.files[name]), f"{name} is not whole")
        for line in output.decode().splitlines():
            name, size, hashed = line.removeprefix("stored ").rsplit(" ", 2)
            self.assertEqual((len(found[name]), hash_of(found[name])), (int(size), hashed))

    def expect_the_end(self, sender):
        output, errors = sender.communicate(timeout=PATIENCE)
        self.assertEqual((sender.returncode, errors), (0, b""))
        self.expect_whole(output)
        self.assertEqual(len(output.splitlines()), len(self.files), output)
        self.assertEqual(set(content(self.directory)), set(self.files))
        self.assertEqual(incoming(self.directory), [])

    def test_the_same_command_sends_the_rest_of_what_a_sender_left(self):
        kills = 0
        with FileServer(self.directory) as server:
            for _ in range(tries(20, 200)):
                sender = self.start_sending(server.url)
                time.sleep(self.random.uniform(0, 0.08))
                kills += sender.poll() is None
                sender.send_signal(signal.SIGKILL)
                output, _ = sender.communicate(timeout=PATIENCE)
                # A line that it did not get to the end of tells nothing.
                self.expect_whole(output[:output.rfind(b"\n") + 1])
            self.expect_the_end(self.start_sending(server.url))
            self.assertEqual(server.stop(), 0)
        self.assertGreater(kills, 0)
        tell(f"{kills} senders killed, and then one that was not")

    def serve_at(self, url):
        return Server(*serve_files(self.directory, listen=url))

    def test_a_sender_outlives_its_receivers(self):
        kills = tries(10, 100)
        url = f"tcp://127.0.0.1:{held_port(self)}"
        server = self.serve_at(url)
        try:
            sender = self.start_sending(server.url, "--retries", "100000")
            for _ in range(kills):
                time.sleep(self.random.uniform(0, 0.03))
                server.stop(signal.SIGKILL)
                self.expect_whole(b"")
                server.close()
                server = self.serve_at(url)
            self.expect_the_end(sender)
        finally:
            server.close()
        tell(f"{kills} receivers killed under one sender")


if __name__ == "__main__":
    main()
