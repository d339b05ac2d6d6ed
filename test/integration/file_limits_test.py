#!/usr/bin/env python3
"""`fairlead serve files`: sizes, totals and shares are refused before the first byte, and few peers cannot take all."""

import contextlib
import os
import resource
import select
import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.crowd import Crowd
from support.files import (FileServer, Peer, content, hash_of, incoming, leave_part, temporary_directory, upload)
from support.ledger import statistics
from support.process import KIB, wait_until

LARGE = (2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1)


@unittest.skipIf(SANITIZED, "UndefinedBehaviorSanitizer itself needs descriptors, and sees faults where it has none")
class Descriptors(unittest.TestCase):
    """Sessions leave some of the descriptors to uploads, and what fails for want of them is told by its cause."""

    def offer(self, files, max_uploads):
        """The answers to so many offers on one connection while others hold all that sessions may have."""
        def few_descriptors():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        with temporary_directory() as directory, FileServer(
                directory, "--max-uploads", str(max_uploads), "--first-message-timeout", "0",
                preexec_fn=few_descriptors) as server:
            with Peer(server.address) as peer, Crowd(server.address, 100):
                wait_until(lambda: statistics(server)["held_for_sessions"], server.log)
                for number in range(files):
                    peer.offer(f"file-{number}", size=1)
                return [peer.receive() for _ in range(files)]

    def test_sessions_leave_them_to_uploads(self):
        self.assertEqual([each["type"] for each in self.offer(20, max_uploads=20)], ["accept"] * 20)

    def test_the_want_of_them_is_no_failure_of_the_disk(self):
        answers = self.offer(60, max_uploads=1000)
        refused = [each for each in answers if each["type"] != "accept"]
        self.assertTrue(refused)
        for each in refused:
            self.assertEqual((each["type"], each["code"], each["retry"]), ("reject", "busy", True), each)
            self.assertIn("the receiver has no descriptor left for another file", each["reason"])
        self.assertGreaterEqual(len(answers) - len(refused), 20)


class Refusals(unittest.TestCase):
    def expect_refused(self, server, size, *codes):
        with Peer(server.address) as peer:
            peer.offer("name", size=size, resume="r")
            answer = peer.receive()
            self.assertEqual(answer["type"], "reject", (size, answer))
            self.assertIn(answer["code"], codes, (size, answer))
            return answer

    def test_of_what_is_larger_than_files_may_be(self):
        with temporary_directory() as directory, FileServer(directory, "--max-file-size", "1000") as server:
            for size in (1001, *LARGE):
                self.assertFalse(self.expect_refused(server, size, "size")["retry"])
            self.assertEqual(incoming(directory), [])
            for size in (0, 1, 1000):
                self.assertEqual(upload(server, f"{size}", bytes(size))["type"], "stored")

    def test_also_when_the_size_was_not_said(self):
        with temporary_directory() as directory, FileServer(directory, "--max-file-size", "1000") as server, \
                Peer(server.address) as peer:
            number = peer.offer("name", resume="r")
            self.assertEqual(peer.receive()["type"], "accept")
            peer.send_piece(number, 0, bytes(900))
            peer.send_piece(number, 900, bytes(101))
            self.assertEqual(peer.receive()["code"], "size")
            self.assertEqual((content(directory), incoming(directory)), ({}, []))

    def test_of_what_does_not_fit_into_the_directory_any_more(self):
        with temporary_directory() as directory, FileServer(directory, "--max-total", "10000") as server:
            self.assertEqual(upload(server, "one", bytes(6000))["type"], "stored")
            for size in (4001, *LARGE):
                self.assertTrue(self.expect_refused(server, size, "quota")["retry"])
            with Peer(server.address) as peer:  # an upload that is under way counts: what came, and as much again
                number = peer.offer("two", size=3000)
                self.assertEqual(peer.receive()["type"], "accept")
                peer.send_piece(number, 0, bytes(1500))
                peer.offer("../answered when the piece is written", size=1)
                self.assertEqual(peer.receive()["code"], "name")
                self.expect_refused(server, 1001, "quota")
                self.assertEqual(upload(server, "three", bytes(1000))["type"], "stored")
                peer.leave()
            self.assertEqual(upload(server, "four", bytes(3000))["type"], "stored")
            self.expect_refused(server, 1, "quota")
            self.assertEqual(sum(map(len, content(directory).values())), 10000)

    def test_of_more_than_a_directory_has_room_for_also_after_a_restart(self):
        with temporary_directory() as directory:
            with FileServer(directory, "--max-total", "10000") as server:
                self.assertEqual(upload(server, "one", bytes(6000))["type"], "stored")
                leave_part(server, "two", bytes(3000), 2000, "r")
            with FileServer(directory, "--max-total", "10000") as server:
                self.expect_refused(server, 4001, "quota")
                self.assertEqual(upload(server, "two", bytes(3000), resume="r")["type"], "stored")
                self.expect_refused(server, 1001, "quota")

    def test_of_what_grows_beyond_it_without_having_said_so(self):
        with temporary_directory() as directory, FileServer(directory, "--max-total", "10000") as server, \
                Peer(server.address) as peer:
            number = peer.offer("name")
            self.assertEqual(peer.receive()["type"], "accept")
            for offset in range(0, 11000, 1000):
                peer.send_piece(number, offset, bytes(1000))
            self.assertEqual(peer.receive()["code"], "quota")
            self.assertEqual((content(directory), incoming(directory)), ({}, []))
            # What it took is given back when the directory is counted again, which is not done at every offer.
            wait_until(lambda: upload(server, "name", bytes(10000))["type"] == "stored", server.log)

    def test_of_more_than_the_disk_has(self):
        with temporary_directory() as directory:
            status = os.statvfs(directory)
            free = status.f_bavail * status.f_frsize
            # Other programs may write to the disk meanwhile, and remove what they have written.
            with FileServer(directory, "--min-free-space", str(free - 2**31)) as server:
                for size in (*LARGE[3:], free, 2 * free):
                    self.assertTrue(self.expect_refused(server, size, "space")["retry"])
                self.assertEqual(incoming(directory), [])
                self.assertEqual(upload(server, "small", b"x")["type"], "stored")
            with FileServer(directory, "--min-free-space", str(2 * free)) as server:
                self.expect_refused(server, 0 + 1, "space")

    def test_of_nobody_else_because_one_offers_all_that_there_is(self):
        with temporary_directory() as directory, FileServer(directory, "--max-total", "10000") as server, \
                Peer(server.address) as peer:
            peer.offer("all", size=10000)
            self.assertEqual(peer.receive()["type"], "accept")
            self.assertEqual(upload(server, "other", bytes(5000))["type"], "stored")

    def test_numbers_that_are_none_are_refused(self):
        with temporary_directory() as directory, FileServer(directory) as server:
            for size in (-1, 2**64, 2**65, 1.5, 1e3, "5", True, None, [1], {"a": 1}, -0.0):
                with self.subTest(size=size), Peer(server.address) as peer:
                    peer.offer("name", size=size)
                    answer = peer.receive()
                    self.assertEqual((answer["type"], answer["code"]), ("reject", "protocol"), answer)
            for number in (0, -1, 2**32, 2**64, 1.5, "1", None):
                with self.subTest(id=number), Peer(server.address) as peer:
                    peer.send({"type": "offer", "version": 1, "id": number, "name": "name", "size": 1})
                    self.assertEqual(peer.receive()["code"], "protocol")
                    self.assertTrue(peer.ended())
            for version in (0, 2, 2**63, 99):
                with self.subTest(version=version), Peer(server.address) as peer:
                    peer.send({"type": "offer", "version": version, "id": 1, "name": "name", "size": 1})
                    answer = peer.receive()
                    self.assertEqual((answer["code"], answer["versions"], answer["retry"]), ("version", [1], False))

    def test_of_files_beyond_what_the_system_lets_a_process_write(self):
        """A write up to the limit is a short one, and the next brings SIGXFSZ unless that is ignored."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        with temporary_directory() as directory, FileServer(directory, preexec_fn=limit) as server:
            answer = upload(server, "large", bytes(300_000), resume="r")
            self.assertEqual(answer["type"], "failed", answer)
            self.assertEqual(content(directory), {})
            self.assertEqual(upload(server, "small", bytes(100_000))["type"], "stored")
            self.assertEqual(server.stop(), 0)


class Crowds(unittest.TestCase):
    def test_so_many_files_at_a_time_and_then_others_are_told_to_wait(self):
        with temporary_directory() as directory, FileServer(directory, "--max-uploads", "10") as server, \
                contextlib.ExitStack() as stack:
            peers = [stack.enter_context(Peer(server.address)) for _ in range(12)]
            for index, peer in enumerate(peers):
                peer.offer(f"{index}", size=1)
            codes = [peer.receive().get("code", "accept") for peer in peers]
            self.assertEqual((codes.count("accept"), codes.count("busy")), (10, 2))
            peers[codes.index("accept")].leave()
            self.assertEqual(upload(server, "name", b"x")["type"], "stored")

    def take_three_places(self, silent):
        for index in range(3):
            silent.offer(f"silent {index}", size=1)
        self.assertEqual([silent.receive()["type"] for _ in range(3)], ["accept"] * 3)

    def test_files_of_which_nothing_comes_do_not_hold_their_places(self):
        with temporary_directory() as directory, FileServer(directory, "--max-uploads", "3", "--offer-timeout", "3s"
                                                            ) as server, Peer(server.address) as silent:
            self.take_three_places(silent)
            answer = silent.receive()  # though it says nothing
            self.assertEqual((answer["type"], answer["code"], answer["retry"]), ("failed", "slow", True))
            wait_until(lambda: upload(server, "name", b"x")["type"] == "stored", server.log)

    def test_an_address_with_many_waiting_files_gives_way_to_another(self):
        with temporary_directory() as directory, FileServer(directory, "--max-uploads", "3", "--offer-timeout", "0"
                                                            ) as server, Peer(server.address) as silent:
            self.take_three_places(silent)
            with Peer(server.address, source="127.0.0.2") as peer:
                self.assertEqual(peer.upload("name", b"x")["type"], "stored")

    def test_so_many_of_one_connection(self):
        with temporary_directory() as directory, FileServer(directory) as server, Peer(server.address) as peer:
            numbers = [peer.offer(f"{index}", size=1) for index in range(70)]
            answers = [peer.receive() for _ in numbers[:65]]
            self.assertEqual([answer["type"] for answer in answers[:64]], ["accept"] * 64)
            self.assertIn(answers[64].get("code"), ("busy", "protocol"))

    def test_what_is_kept_counts_among_uploads_and_cannot_grow_without_end(self):
        """Parts that nobody goes on with hold their place on the disk until they are too old."""
        with temporary_directory() as directory, FileServer(directory, "--max-total", "100000") as server:
            refused = 0
            for index in range(200):
                with Peer(server.address) as peer:
                    number = peer.offer(f"{index}", size=1000, resume=f"r{index}")
                    answer = peer.receive()
                    if answer["type"] == "accept":
                        peer.send_piece(number, 0, bytes(999))
                    else:
                        self.assertEqual(answer["code"], "quota")
                        refused += 1
                    peer.leave()
            kept = sum(os.path.getsize(os.path.join(directory, ".incoming", name)) for name in incoming(directory))
            self.assertLessEqual(kept, 100_000)
            self.assertGreaterEqual(refused, 99)


class Reading(unittest.TestCase):
    def test_large_files_for_some_holds_up_no_others_and_ends_with_its_connections(self):
        size = 40 * 2**30  # of no blocks: it takes its time, and no room
        with temporary_directory() as directory, FileServer(directory, "--blocking-threads", "1") as server, \
                contextlib.ExitStack() as stack:
            with open(os.path.join(directory, "large"), "wb") as file:
                file.truncate(size)
            readers = [stack.enter_context(Peer(server.address)) for _ in range(4)]
            for peer in readers:
                peer.offer("large", size=size, hash="0" * 32)
            for index in range(3):
                self.assertEqual(upload(server, f"small {index}", b"x")["type"], "stored")
            answered, _, _ = select.select([peer.connection for peer in readers], [], [], 0)
            self.assertEqual(answered, [], "it is still being read")
            for peer in readers:
                peer.close()
            ended = "its connection ended while a file on the disk was read"
            wait_until(lambda: server.log().count(ended) == len(readers), server.log)
            self.assertEqual(server.stop(), 0)


class Shares(unittest.TestCase):
    """What one address may bring."""

    def test_in_files(self):
        with temporary_directory() as directory, FileServer(directory, "--max-files-per-address", "5") as server:
            for index in range(5):
                self.assertEqual(upload(server, f"{index}", b"x")["type"], "stored")
            answer = upload(server, "one more", b"x")
            self.assertEqual((answer["type"], answer["code"], answer["retry"]), ("reject", "quota", True))
            self.assertEqual(len(content(directory)), 5)

    def test_in_files_that_are_offered_ahead(self):
        with temporary_directory() as directory, FileServer(directory, "--max-files-per-address", "5") as server, \
                Peer(server.address) as peer:
            ends = []
            numbers = [peer.offer(f"{index}", size=1) for index in range(20)]
            answers = [peer.receive() for _ in numbers]
            for answer in answers:
                if answer["type"] == "accept":
                    peer.send_piece(answer["id"], 0, b"x")
                    peer.finish(answer["id"], b"x")
                    ends.append(peer.receive())
            self.assertEqual(len(content(directory)), 5)
            self.assertEqual([answer["type"] for answer in ends].count("stored"), 5)

    def test_in_bytes(self):
        with temporary_directory() as directory, FileServer(directory, "--max-bytes-per-address", "10000") as server:
            self.assertEqual(upload(server, "one", bytes(6000))["type"], "stored")
            answer = upload(server, "two", bytes(4001))
            self.assertEqual((answer["code"], answer["retry"]), ("quota", True))
            self.assertEqual(upload(server, "three", bytes(4000))["type"], "stored")
            with Peer(server.address) as peer:
                number = peer.offer("four")
                answer = peer.receive()
                if answer["type"] == "accept":
                    peer.send_piece(number, 0, b"x")
                    answer = peer.receive()
                self.assertEqual(answer["code"], "quota")
            self.assertEqual(len(content(directory)), 2)

    def test_come_back_after_their_time(self):
        with temporary_directory() as directory, FileServer(directory, "--max-files-per-address", "1",
                                                            "--quota-period", "1s") as server:
            self.assertEqual(upload(server, "one", b"x")["type"], "stored")
            wait_until(lambda: upload(server, "two", b"x")["type"] == "stored", server.log)

    def test_of_one_address_are_no_loss_to_another(self):
        with temporary_directory() as directory, FileServer(directory, "--max-files-per-address", "1") as server:
            self.assertEqual(upload(server, "one", b"x")["type"], "stored")
            self.assertEqual(upload(server, "two", b"x")["code"], "quota")
            with Peer(server.address, source="127.0.0.2") as peer:
                self.assertEqual(peer.upload("three", b"x")["type"], "stored")


class Many(unittest.TestCase):
    def test_tiny_files(self):
        number = tries(1_000, 100_000)
        with temporary_directory() as directory, FileServer(directory, "--no-sync") as server, \
                Peer(server.address) as peer:
            begin = time.monotonic()
            for first in range(0, number, 50):
                files = [b"%d" % index for index in range(first, first + 50)]
                numbers = [peer.offer(data.decode(), size=len(data), hash=hash_of(data)) for data in files]
                self.assertEqual({peer.receive()["type"] for _ in numbers}, {"accept"})
                for file, data in zip(numbers, files):
                    peer.send_piece(file, 0, data)
                    peer.finish(file)
                self.assertEqual({peer.receive()["type"] for _ in numbers}, {"stored"})
            took = time.monotonic() - begin
            self.assertEqual(len(os.listdir(directory)), number + 1)
            self.assertEqual(incoming(directory), [])
            self.assertEqual(server.stop(), 0)
        tell(f"{number} files, {number / took:.0f} a second")


class Rates(unittest.TestCase):
    def test_longer_than_an_upload_may_take_is_ended_and_kept(self):
        with temporary_directory() as directory, FileServer(directory, "--upload-timeout", "200ms") as server, \
                Peer(server.address) as peer:
            number = peer.offer("name", size=100 * KIB, resume="r")
            self.assertEqual(peer.receive()["type"], "accept")
            peer.send_piece(number, 0, bytes(KIB))
            time.sleep(0.4)
            peer.send_piece(number, KIB, bytes(KIB))
            answer = peer.receive()
            self.assertEqual((answer["type"], answer["code"], answer["retry"]), ("failed", "slow", True))
            self.assertIn(answer["kept"], (KIB, 2 * KIB), "on a busy machine the first piece is late already")
            self.assertEqual(len(incoming(directory)), 1)


if __name__ == "__main__":
    main()
