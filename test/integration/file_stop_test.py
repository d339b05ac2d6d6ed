#!/usr/bin/env python3
"""`fairlead serve files`: stops, kills and restarts amid uploads; silent senders; what is kept, and how long."""

import os
import signal
import threading
import time
import unittest
from random import Random

from support.campaign import SANITIZED, choices, main, tell, tries
from support.files import FileServer, Peer, content, hash_of, incoming, leave_part, temporary_directory, upload
from support.process import wait_until
from support.programs import PATIENCE

DATA = bytes(range(256)) * 4000
PART = 300_000


class Stopped(unittest.TestCase):
    def test_in_the_middle_keeps_the_part_and_goes_on_after_a_restart(self):
        for number, drain, codes in ((signal.SIGTERM, "200ms", (0, 3)), (signal.SIGINT, "0", (0, 3))):
            with self.subTest(signal=number, drain=drain), temporary_directory() as directory:
                with FileServer(directory, "--drain-timeout", drain) as server, Peer(server.address) as peer:
                    file = peer.offer("name", size=len(DATA), resume="r")
                    self.assertEqual(peer.receive()["type"], "accept")
                    peer.send_pieces(file, DATA[:PART])
                    peer.send_piece(file, 0, b"out of place")
                    self.assertEqual(peer.receive()["offset"], PART)
                    self.assertIn(server.stop(number), codes, server.log())
                self.assertEqual(content(directory), {})
                self.assertEqual(len(incoming(directory)), 1)
                with FileServer(directory) as server, Peer(server.address) as peer:
                    peer.offer("name", size=len(DATA), resume="r")
                    answer = peer.receive()
                    self.assertEqual((answer["type"], answer["offset"]), ("accept", PART))
                    self.assertEqual(answer["hash"], hash_of(DATA[:PART]))
                    peer.leave()
                    self.assertEqual(upload(server, "name", DATA, resume="r")["type"], "stored")
                self.assertEqual((content(directory), incoming(directory)), ({"name": DATA}, []))

    def test_without_resume_leaves_nothing(self):
        with temporary_directory() as directory:
            with FileServer(directory, "--drain-timeout", "0") as server, Peer(server.address) as peer:
                file = peer.offer("name", size=len(DATA))
                self.assertEqual(peer.receive()["type"], "accept")
                peer.send_pieces(file, DATA[:PART])
                self.assertIn(server.stop(), (0, 3))
            self.assertEqual((content(directory), incoming(directory)), ({}, []))

    def test_a_file_that_ends_within_the_drain_is_stored(self):
        data = DATA[:1000]  # what has come at the stop is taken in one look
        with temporary_directory() as directory, FileServer(directory, "--drain-timeout", "20s") as server, \
                Peer(server.address) as peer:
            file = peer.offer("name", size=len(data))
            self.assertEqual(peer.receive()["type"], "accept")
            peer.send_pieces(file, data)
            peer.finish(file, data)
            server.send_signal()
            self.assertEqual(peer.receive()["type"], "stored")
            self.assertEqual(server.wait(), 0)
            self.assertEqual(content(directory), {"name": data})


class Silent(unittest.TestCase):
    def test_senders_in_the_middle_are_ended_and_their_part_is_kept(self):
        with temporary_directory() as directory, FileServer(directory, "--idle-timeout", "3s") as server:
            with Peer(server.address) as peer:
                file = peer.offer("name", size=len(DATA), resume="r")
                self.assertEqual(peer.receive()["type"], "accept")
                peer.send_pieces(file, DATA[:PART])
                self.assertTrue(peer.ended())
            self.assertEqual(content(directory), {})
            with Peer(server.address) as peer:
                peer.offer("name", size=len(DATA), resume="r")
                self.assertEqual(peer.receive()["offset"], PART)

    def test_senders_within_a_piece_too(self):
        with temporary_directory() as directory, FileServer(directory, "--message-timeout", "3s") as server:
            with Peer(server.address) as peer:
                file = peer.offer("name", size=len(DATA), resume="r")
                self.assertEqual(peer.receive()["type"], "accept")
                peer.send_piece(file, 0, DATA[:PART // 2])
                peer.connection.sendall(b"\0\1\0\0\1")
                self.assertTrue(peer.ended())
            with Peer(server.address) as peer:
                peer.offer("name", size=len(DATA), resume="r")
                self.assertEqual(peer.receive()["offset"], PART // 2)


class Kept(unittest.TestCase):
    def test_no_longer_than_told_when_it_starts(self):
        with temporary_directory() as directory:
            with FileServer(directory) as server:
                leave_part(server, "old", DATA, PART, "r-old")
                old, = incoming(directory)
                leave_part(server, "new", DATA, PART, "r-new")
            day_and_more = time.time() - 25 * 3600
            os.utime(os.path.join(directory, ".incoming", old), (day_and_more, day_and_more))
            with FileServer(directory) as server:
                left = incoming(directory)
                self.assertEqual(len(left), 1)
                self.assertNotIn(old, left)
                for name, offset in (("old", 0), ("new", PART)):
                    with Peer(server.address) as peer:
                        peer.offer(name, size=len(DATA), resume=f"r-{name}")
                        self.assertEqual(peer.receive()["offset"], offset)

    def test_no_longer_than_told_while_it_runs(self):
        with temporary_directory() as directory, FileServer(directory, "--keep-partials", "500ms") as server:
            leave_part(server, "name", DATA, PART, "r")
            # It may be looked after as others come, so they do.
            wait_until(lambda: upload(server, f"{time.monotonic_ns()}", b"x") and not incoming(directory), server.log)

    def test_for_ever_where_that_limit_is_switched_off(self):
        with temporary_directory() as directory:
            with FileServer(directory, "--keep-partials", "0") as server:
                leave_part(server, "name", DATA, PART, "r")
            part, = incoming(directory)
            os.utime(os.path.join(directory, ".incoming", part), (0, 0))
            with FileServer(directory, "--keep-partials", "0") as server, Peer(server.address) as peer:
                peer.offer("name", size=len(DATA), resume="r")
                self.assertEqual(peer.receive()["offset"], PART)

    def test_what_is_abandoned_is_removed_at_once(self):
        with temporary_directory() as directory, FileServer(directory) as server:
            leave_part(server, "name", DATA, PART, "r")
            with Peer(server.address) as peer:
                file = peer.offer("name", size=len(DATA), resume="r")
                self.assertEqual(peer.receive()["offset"], PART)
                peer.send({"type": "abandon", "id": file})
                peer.leave()
            self.assertEqual((content(directory), incoming(directory)), ({}, []))


class Sender(threading.Thread):
    """Sends file after file until the server is gone; the last one is cut."""

    def __init__(self, address, name, random):
        super().__init__()
        self._address, self._name, self._random = address, name, random
        self.stored = {}   # what the server called stored, with its bytes
        self.cut = None    # name, bytes and resume of the last
        self.problem = None

    def run(self):
        try:
            with Peer(self._address) as peer:
                for number in range(1_000_000):
                    name = f"{self._name}-{number}"
                    data = self._random.randbytes(self._random.choice((0, 100, 4096, 70_000, 500_000)))
                    self.cut = (name, data, f"resume-{name}")
                    answer = peer.upload(name, data, chunk=self._random.choice((1000, 65536)), resume=self.cut[2])
                    if not answer:
                        return
                    if answer["type"] != "stored" or answer["hash"] != hash_of(data):
                        self.problem = answer
                        return
                    self.stored[name] = data
        except OSError:
            pass
        except Exception as problem:  # pylint: disable=broad-except
            self.problem = problem


class Killed(unittest.TestCase):
    ROUNDS = tries(10 if SANITIZED else 40, 200)

    def kill_one(self, random, directory, at_any_instant):
        """At any instant, or when something has been stored."""
        with FileServer(directory) as server:
            senders = [Sender(server.address, f"sender-{index}", Random(random.random()))
                       for index in range(4)]
            for each in senders:
                each.start()
            if at_any_instant:
                time.sleep(random.choice((random.uniform(0, 0.01), random.uniform(0, 0.15))))
            else:
                wait_until(lambda: any(each.stored or each.problem for each in senders), server.log)
            server.stop(signal.SIGKILL)
            for each in senders:
                each.join(PATIENCE)
                self.assertIsNone(each.problem)
        return senders

    def test_at_any_instant_leaves_whole_files_under_names_and_the_rest_to_go_on_with(self):
        random = choices("kill")
        stored, named, resumed = 0, 0, 0
        for turn in range(self.ROUNDS):
            with self.subTest(turn=turn), temporary_directory() as directory:
                senders = self.kill_one(random, directory, turn > 0)
                with FileServer(directory) as server:
                    found = content(directory)
                    sent = {}
                    for each in senders:
                        sent.update(each.stored)
                        if each.cut:
                            sent[each.cut[0]] = each.cut[1]
                        self.assertLessEqual(each.stored.items(), found.items(), "all that was called stored is there")
                        stored += len(each.stored)
                    for name, data in found.items():
                        self.assertEqual(data, sent[name], f"{name} is not whole")
                    named += len(found)
                    for each in senders:
                        if each.cut:
                            name, data, resume = each.cut
                            with Peer(server.address) as peer:
                                answer = peer.upload(name, data, resume=resume, hash=hash_of(data))
                            self.assertEqual(answer["type"], "stored", answer)
                            self.assertEqual(content(directory)[name], data)
                            resumed += 1
                    self.assertEqual(incoming(directory), [], "nothing is left behind")
                    self.assertEqual(server.stop(), 0)
        self.assertGreater(stored, 0)
        tell(f"{self.ROUNDS} kills: {stored} files called stored, {named} there and whole, {resumed} gone on with")


if __name__ == "__main__":
    main()
