#!/usr/bin/env python3
"""`fairlead serve files` and losses of power: what was called stored and durable is there after each, and whole."""

import os
import shutil
import subprocess
import sys
import unittest

from support import mounts
from support.campaign import choices, main, tell, tries
from support.files import FileServer, Peer, content, hash_of, temporary_directory, upload
from support.power import Disk, mounted, new_file_system
from support.process import MIB

SIZE = 32 * MIB
FILES = 40


class PowerLost(unittest.TestCase):
    def setUp(self):
        directory = temporary_directory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        self.target = os.path.join(self.root, "mounted")
        self.served = os.path.join(self.target, "served")
        os.mkdir(self.target)
        self.sent = {}    # hashes of what names may stand for
        self.stored = {}  # name: hash, and how much of the log there was when the answer had come

    def path(self, name):
        return os.path.join(self.root, name)

    def receive_files(self, disk, *arguments):
        """Files of many sizes, one name again and again among them; gives how much of the log came before the first."""
        random = choices("power files")
        with mounted(disk, self.target):
            os.mkdir(self.served)
            subprocess.run(["sync", "-f", self.served], check=True)
            with FileServer(self.served, "--existing", "replace", "--min-free-space", "0", "--linger-timeout", "100ms",
                            *arguments) as server, Peer(server.address) as peer:
                begin = len(self.disk.log)
                for number in range(FILES):
                    name = f"name {number}" if number % 4 else "again and again"
                    data = random.randbytes(random.choice((0, 1, 5000, 70_000, 300_000)))
                    self.sent.setdefault(name, []).append(hash_of(data))
                    fields = {"resume": f"r{number}"} if number % 2 else {}
                    answer = peer.upload(name, data, chunk=60_000, **fields)
                    self.assertEqual(answer["type"], "stored")
                    self.stored.setdefault(name, []).append((hash_of(data), len(self.disk.log)))
                end = len(self.disk.log)
        return begin, end

    def lost_after(self, point, image):
        """Which names that were called stored are not there or stand for something older."""
        path = self.path("image")
        with open(path, "wb") as file:
            file.write(image)
        lost = []
        with mounted(path, self.target):
            found = {name: hash_of(data) for name, data in content(self.served).items()}
            with FileServer(self.served, "--min-free-space", "0") as server:
                again = os.urandom(1000)
                self.assertEqual(upload(server, "after it", again, resume="r1")["type"], "stored", server.log())
                self.assertEqual(server.stop(), 0)
            self.assertEqual(content(self.served)["after it"], again)
        for name, hashed in found.items():
            self.assertIn(hashed, self.sent[name], f"{name} is not whole, at {point}")
        for name, answers in self.stored.items():
            answered = [hashed for hashed, position in answers if position <= point]
            if answered and found.get(name) not in self.sent[name][len(answered) - 1:]:
                lost.append(name)
        return lost

    def try_all(self, points_wanted, *arguments):
        """What was lost at each of the points, in all."""
        image = new_file_system(self.path("empty"), SIZE)
        with Disk(self.path("disk"), image) as self.disk:
            begin, end = self.receive_files(self.path("disk"), *arguments)
        random = choices("power points")
        positions = [position for answers in self.stored.values() for _, position in answers]
        points = random.sample(positions, min(len(positions), points_wanted // 2))
        points += [random.randint(begin, end) for _ in range(points_wanted - len(points))]
        lost = []
        for point, left in self.disk.images(points, random):
            lost += self.lost_after(point, left)
        writes = sum(1 for entry in self.disk.log[begin:end] if entry)
        tell(f"{len(points)} losses of power among {writes} writes and {end - begin - writes} flushes, {FILES} files "
             f"stored{' ' + ' '.join(arguments) if arguments else ''}: {len(lost)} lost")
        return lost

    def test_keep_what_was_called_stored(self):
        self.assertEqual(self.try_all(tries(30, 500)), [])

    def test_are_seen_to_lose_what_nobody_waited_for(self):
        """The rig itself: without sync an answer comes long before the bytes are on the disk."""
        self.assertGreater(len(self.try_all(20, "--no-sync")), 0)


def why_not():
    if not shutil.which("mkfs.ext4"):
        return "there is no mkfs.ext4"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "there is no /dev/fuse"
    if subprocess.run(["losetup", "-f"], capture_output=True).returncode:
        return "there is no loop device"
    return mounts.enter()


if __name__ == "__main__":
    if reason := why_not():
        print(f"  no power can be lost here: {reason}")
        sys.exit(77)
    main()
