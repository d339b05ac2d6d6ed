#!/usr/bin/env python3
"""`fairlead serve files` on a disk that is full, read-only or gone: senders are told, and it goes on after."""

import json
import os
import re
import shutil
import sys
import tempfile
import threading
import unittest

from support import mounts
from support.campaign import main, tell
from support.files import FileServer, Peer, content, hash_of, incoming, serve_files, temporary_directory, upload
from support.injection import InjectedServer, why_not
from support.process import KIB, MIB, wait_until

DATA = os.urandom(3 * MIB)
NO_RESERVE = ("--min-free-space", "0", "--linger-timeout", "100ms")


def fill(directory, leave):
    """A file that takes all of the disk but so many bytes; gives its path, outside of the directory that is served."""
    path = os.path.join(directory, "ballast")
    with open(path, "wb") as file:
        status = os.statvfs(directory)
        file.write(bytes(status.f_bavail * status.f_frsize - leave))
    return path


def upload_several(peer, begin, end):
    """Gives their names."""
    names = [f"file {number}" for number in range(begin, end)]
    for name in names:
        assert peer.upload(name, b"x")["type"] == "stored", name
    return names


class Disk(unittest.TestCase):
    def setUp(self):
        directory = temporary_directory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name

    def mounted(self, options):
        disk = mounts.tmpfs(self.root, options)
        disk.__enter__()
        self.addCleanup(disk.__exit__, None, None, None)
        served = os.path.join(self.root, "served")
        os.mkdir(served)
        return served

    def upload_part(self, peer, data, known=True):
        """Gives what the server says of a file for which there is no room."""
        number = peer.offer("name", resume="r", **({"size": len(data)} if known else {}))
        accepted = peer.receive()
        if accepted["type"] != "accept":
            return accepted
        peer.send_pieces(number, data, accepted["offset"], 64 * KIB)
        peer.finish(number, data)
        return peer.receive()


class Full(Disk):
    def test_in_the_middle_of_a_file_is_told_with_what_is_kept_and_it_goes_on_once_there_is_room(self):
        for known in (True, False):
            with self.subTest(size_known=known):
                served = self.mounted("size=8m")
                with FileServer(served, *NO_RESERVE) as server, Peer(server.address) as peer, \
                        Peer(server.address) as other:
                    number = peer.offer("name", resume="r", **({"size": len(DATA)} if known else {}))
                    self.assertEqual(peer.receive()["type"], "accept")
                    self.assertEqual(other.upload("before", b"x")["type"], "stored")
                    ballast = fill(self.root, 1 * MIB)
                    peer.send_pieces(number, DATA, 0, 60 * KIB)
                    peer.finish(number, DATA)
                    answer = peer.receive()
                    self.assertEqual((answer["type"], answer["code"], answer["retry"]), ("failed", "space", True))
                    self.assertGreater(answer["kept"], 0)
                    self.assertLessEqual(answer["kept"], 1 * MIB)
                    self.assertNotIn("name", content(served))
                    # Whoever wants nothing of the disk is answered; whoever does is told.
                    for _ in range(50):
                        other.offer("../x", size=1)
                        self.assertEqual(other.receive()["code"], "name")
                    self.assertEqual(other.upload("another", bytes(2 * MIB))["code"], "space")
                    os.unlink(ballast)
                    wait_until(lambda: upload(server, "after", b"y")["type"] == "stored", server.log)
                    again = peer.offer("name", resume="r", **({"size": len(DATA)} if known else {}))
                    accepted = peer.receive()
                    self.assertEqual((accepted["type"], accepted["offset"]), ("accept", answer["kept"]))
                    self.assertEqual(accepted["hash"], hash_of(DATA[:answer["kept"]]))
                    peer.send_pieces(again, DATA, accepted["offset"])
                    peer.finish(again, DATA)
                    self.assertEqual(peer.receive()["type"], "stored")
                    self.assertEqual(content(served)["name"], DATA)
                    self.assertEqual(incoming(served), [])
                    self.assertEqual(server.stop(), 0)
                mounts.unmount(self.root, mounts.DETACH)
                mounts.mount("tmpfs", self.root, "tmpfs")  # for the clean-up to have something to unmount

    def test_writes_that_take_a_part_only_are_no_whole_ones(self):
        """The kernel takes the beginning of a piece that there is no room for."""
        if reason := why_not():
            self.skipTest(reason)
        served = self.mounted("size=4m")
        with InjectedServer("pwrite64", None, None, *serve_files(served, *NO_RESERVE)) as server, \
                Peer(server.address) as peer:
            number = peer.offer("name", resume="r", size=len(DATA))
            self.assertEqual(peer.receive()["type"], "accept")
            ballast = fill(self.root, 100 * KIB)
            peer.send_pieces(number, DATA)
            answer = peer.receive()
            self.assertEqual((answer["type"], answer["code"]), ("failed", "space"))
            kept = answer["kept"]
            os.unlink(ballast)
            self.assertEqual(peer.upload("name", DATA, resume="r")["type"], "stored")
            self.assertEqual(content(served), {"name": DATA})
            server.stop()
            short = [line for line in server.calls()
                     if (found := re.search(r", (\d+), \d+\) += (\d+)", line)) and int(found[2]) < int(found[1])]
            self.assertTrue(short, "the kernel took them whole, and this shows nothing")
            tell(f"{len(short)} short writes, {kept} bytes kept")

    def test_before_the_first_byte(self):
        served = self.mounted("size=4m")
        with FileServer(served, "--min-free-space", "2MiB") as server:
            self.assertEqual(upload(server, "too large", DATA)["code"], "space")
            self.assertEqual(upload(server, "small", b"x")["type"], "stored")
            fill(self.root, 1 * MIB)
            self.assertEqual(upload(server, "another", b"x")["code"], "space")
            self.assertEqual((list(content(served)), incoming(served)), (["small"], []))

    def test_of_inodes(self):
        served = self.mounted("size=64m,nr_inodes=64")
        with FileServer(served, *NO_RESERVE) as server, Peer(server.address) as peer:
            ends = [peer.upload(f"{index}", b"%d" % index) for index in range(100)]
            stored = [answer for answer in ends if answer["type"] == "stored"]
            self.assertGreater(len(stored), 30)
            self.assertLess(len(stored), 64)
            for answer in ends[len(stored):]:
                self.assertEqual((answer["code"], answer["retry"]), ("space", True), answer)
            os.unlink(os.path.join(served, "0"))
            self.assertEqual(peer.upload("more", b"x")["type"], "stored")
            self.assertEqual(server.stop(), 0)


class Gone(Disk):
    def test_remounted_read_only_is_told_and_it_goes_on_after(self):
        served = self.mounted("size=8m")
        with FileServer(served, *NO_RESERVE) as server, Peer(server.address) as peer:
            self.assertEqual(peer.upload("before", b"x")["type"], "stored")
            mounts.mount("tmpfs", self.root, "tmpfs", mounts.REMOUNT | mounts.READ_ONLY)
            for index in range(3):
                answer = peer.upload(f"{index}", b"x")
                self.assertEqual((answer["type"], answer["code"], answer["retry"]), ("reject", "storage", True))
            mounts.mount("tmpfs", self.root, "tmpfs", mounts.REMOUNT)
            self.assertEqual(peer.upload("after", b"x")["type"], "stored")
            self.assertEqual(set(content(served)), {"before", "after"})
            self.assertEqual(server.stop(), 0)

    def test_deleted_while_it_runs_is_told_and_nothing_is_called_stored(self):
        served = self.mounted("size=8m")
        with FileServer(served, *NO_RESERVE) as server, Peer(server.address) as peer:
            self.assertEqual(peer.upload("before", b"x")["type"], "stored")
            number = peer.offer("in the middle", size=2)
            self.assertEqual(peer.receive()["type"], "accept")
            shutil.rmtree(served)
            peer.send_piece(number, 0, b"ab")
            peer.finish(number, b"ab")
            self.assertEqual(peer.receive()["type"], "failed")
            for index in range(10):
                answer = peer.upload(f"{index}", b"x")
                self.assertIn(answer["type"], ("reject", "failed"))
                self.assertEqual(answer["code"], "storage")
            self.assertEqual(os.listdir(self.root), [])
            self.assertEqual(server.stop(), 0)

    def test_a_directory_for_parts_that_was_deleted_does_not_end_it(self):
        served = self.mounted("size=8m")
        with FileServer(served, *NO_RESERVE) as server:
            shutil.rmtree(os.path.join(served, ".incoming"))
            answer = upload(server, "name", b"x")
            tell(f"without .incoming: {answer['type']}")
            if answer["type"] == "stored":
                self.assertEqual(content(served), {"name": b"x"})
            else:
                self.assertEqual((answer["code"], content(served)), ("storage", {}))
            self.assertEqual(server.stop(), 0)


class Audit(Disk):
    def test_tells_what_it_lost_while_its_disk_was_full(self):
        served = self.mounted("size=1m")
        audit = os.path.join(served, "audit.jsonl")
        with tempfile.TemporaryDirectory() as elsewhere, \
                FileServer(elsewhere, "--audit-log", audit) as server, Peer(server.address) as peer:
            ballast = fill(self.root, 0)
            before = upload_several(peer, 0, 100)
            wait_until(lambda: "cannot be written: No space left on device" in server.log(), server.log)
            os.unlink(ballast)
            after = upload_several(peer, 100, 200)
            wait_until(lambda: "can be written again" in server.log(), server.log)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.log().count("cannot be written"), 1, server.log())
            with open(audit, encoding="ascii") as file:
                found = [json.loads(line) for line in file]
        lost = [entry["lines"] for entry in found if entry["event"] == "lost"]
        named = [entry["name"] for entry in found if entry["event"] == "stored"]
        self.assertEqual(len(lost), 1)
        self.assertGreater(lost[0], 0)
        self.assertEqual(lost[0] + len(named), len(before + after))
        self.assertEqual(named[-len(after):], after)


class Neighbours(Disk):
    def test_are_served_while_one_directory_is_full(self):
        """Another server, of another disk in the same machine, and the same server's other connections."""
        served = self.mounted("size=4m")
        with FileServer(served, *NO_RESERVE) as server:
            fill(self.root, 200 * KIB)
            ended, answered = threading.Event(), []

            def flood():
                while not ended.is_set():
                    with Peer(server.address) as peer:
                        answered.append(self.upload_part(peer, DATA, known=False)["code"])

            floods = [threading.Thread(target=flood) for _ in range(4)]
            for each in floods:
                each.start()
            try:
                with Peer(server.address) as peer:
                    for _ in range(100):
                        peer.offer("../x", size=1)
                        self.assertEqual(peer.receive()["code"], "name")
            finally:
                ended.set()
                for each in floods:
                    each.join()
            self.assertLessEqual(set(answered), {"space", "busy", "superseded"})
            self.assertIn("space", answered)
            self.assertEqual(content(served), {})


if __name__ == "__main__":
    if reason := mounts.enter():
        print(f"  nothing can be mounted here: {reason}")
        sys.exit(77)
    main()
