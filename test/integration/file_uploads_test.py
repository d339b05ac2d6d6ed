#!/usr/bin/env python3
"""`fairlead serve files`: whole files, cut ones, too long ones, wrong ones; many senders of one name; modes."""

import contextlib
import os
import stat
import threading
import time
import unittest

from support.campaign import choices, main, tell, tries
from support.files import (CHUNK, FileServer, Peer, content, hash_of, incoming, keeps_holes, leave_part, occupied, piece,
                           temporary_directory, upload)
from support.process import MIB, wait_until
from support.programs import frame, reset

STEP = 4096
SIZE = 16 * STEP


def random_bytes(name, size):
    return choices(name).randbytes(size)


class Whole(unittest.TestCase):
    def test_files_of_every_kind_of_size_arrive_as_they_were(self):
        sizes = (0, 1, STEP - 1, STEP, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17, 5_000_000)
        with temporary_directory() as directory, FileServer(directory) as server:
            files = {f"file of {size}": random_bytes(f"whole {size}", size) for size in sizes}
            for name, data in files.items():
                answer = upload(server, name, data)
                self.assertEqual(answer, {"type": "stored", "id": 1, "name": name, "size": len(data),
                                          "hash": hash_of(data), "durable": True})
            self.assertEqual((content(directory), incoming(directory)), (files, []))

    def test_many_over_one_connection_in_one_go(self):
        with temporary_directory() as directory, FileServer(directory) as server, Peer(server.address) as peer:
            files = {f"{number}": b"%d" % number * number for number in range(64)}
            numbers = [peer.offer(name, size=len(data)) for name, data in files.items()]
            accepted = [peer.receive() for _ in numbers]
            self.assertEqual({answer["type"] for answer in accepted}, {"accept"})
            for number, data in zip(numbers, files.values()):
                peer.send_pieces(number, data)
            for number, data in reversed(list(zip(numbers, files.values()))):
                peer.finish(number, data)
            stored = [peer.receive() for _ in numbers]
            self.assertEqual({answer["type"] for answer in stored}, {"stored"}, stored)
            self.assertEqual(content(directory), files)

    def test_the_very_file_that_is_there_is_stored_at_once_also_when_its_answer_was_lost(self):
        for policy in ("reject", "number", "replace"):
            with temporary_directory() as directory, FileServer(directory, "--existing", policy) as server:
                data = random_bytes("lost", SIZE)
                with Peer(server.address) as peer:
                    number = peer.offer("name", size=SIZE, resume="r")
                    self.assertEqual(peer.receive()["type"], "accept")
                    peer.send_pieces(number, data)
                    peer.finish(number, data)
                wait_until(lambda: content(directory), "the file")
                with Peer(server.address) as peer:
                    peer.offer("name", size=SIZE, hash=hash_of(data), resume="r")
                    self.assertEqual(peer.receive()["type"], "stored", policy)
                self.assertEqual(content(directory), {"name": data})

    def test_a_file_that_another_has_replaced_is_not_called_stored_without_being_sent(self):
        """A sender that comes again was told so of what had been there before, if the other had the same size."""
        for policy in ("reject", "number", "replace"):
            with temporary_directory() as directory, FileServer(directory, "--existing", policy) as server:
                first, second = random_bytes("first", SIZE), random_bytes("second", SIZE)
                self.assertEqual(upload(server, "name", first, resume="r", hash=hash_of(first))["type"], "stored")
                with open(os.path.join(directory, "name"), "wb") as file:
                    file.write(second)
                answer = upload(server, "name", first, resume="r", hash=hash_of(first))
                if policy == "reject":
                    self.assertEqual((answer["type"], answer["code"]), ("reject", "exists"))
                else:
                    self.assertEqual(content(directory)[answer["name"]], first, answer)


class Sparse(unittest.TestCase):
    """Zeros take no room on a disk that keeps holes."""

    def test_a_file_of_zeros_around_data_keeps_its_holes_also_when_it_is_gone_on_with_inside_one(self):
        data = bytes(20 * MIB + 123) + b"data" + bytes(10 * MIB)
        with temporary_directory() as directory, FileServer(directory) as server:
            if not keeps_holes(directory):
                self.skipTest("the file system keeps no holes")
            self.assertEqual(upload(server, "whole", data)["type"], "stored")
            sent = 12 * MIB + 1
            leave_part(server, "in two", data, sent, "r")
            with Peer(server.address) as peer:
                number = peer.offer("in two", size=len(data), resume="r")
                accepted = peer.receive()
                self.assertEqual((accepted["offset"], accepted["hash"]), (sent, hash_of(data[:sent])))
                peer.send_pieces(number, data, sent)
                peer.finish(number, data)
                self.assertEqual(peer.receive()["type"], "stored")
            self.assertEqual(content(directory), {"whole": data, "in two": data})
            for name in ("whole", "in two"):
                self.assertLess(occupied(directory, name), 1 * MIB)


class Cut(unittest.TestCase):
    def test_at_any_place_leaves_nothing_under_the_name_and_goes_on_from_there(self):
        data = random_bytes("cut", SIZE)
        with temporary_directory() as directory, FileServer(directory) as server:
            for sent in range(0, SIZE + 1, STEP):
                with self.subTest(sent=sent):
                    name, resume = f"name {sent}", f"resume-{sent}"
                    leave_part(server, name, data, sent, resume)
                    self.assertNotIn(name, content(directory))
                    with Peer(server.address) as peer:
                        number = peer.offer(name, size=SIZE, resume=resume)
                        answer = peer.receive()
                        self.assertEqual((answer["type"], answer["offset"]), ("accept", sent))
                        if sent:
                            self.assertEqual(answer["hash"], hash_of(data[:sent]))
                        peer.send_pieces(number, data, sent, 1000)
                        peer.finish(number, data)
                        self.assertEqual(peer.receive()["type"], "stored")
                    self.assertEqual(content(directory)[name], data)
            self.assertEqual(incoming(directory), [])
        tell(f"cut at {SIZE // STEP + 1} places and gone on with")

    def test_without_resume_nothing_is_kept(self):
        data = random_bytes("cut", SIZE)
        with temporary_directory() as directory, FileServer(directory) as server:
            for sent in range(0, SIZE + 1, STEP):
                for leave in (Peer.close, lambda peer: reset(peer.connection)):
                    with Peer(server.address) as peer:
                        number = peer.offer("name", size=SIZE)
                        self.assertEqual(peer.receive()["type"], "accept")
                        peer.send_pieces(number, data[:sent])
                        leave(peer)
            wait_until(lambda: not incoming(directory), lambda: incoming(directory))
            self.assertEqual(content(directory), {})

    def test_within_a_message_keeps_what_was_checked(self):
        data = random_bytes("cut", SIZE)
        with temporary_directory() as directory, FileServer(directory) as server:
            for number, cut in enumerate((1, 3, 4, 5, 24, 25, 26, 1000, STEP + 24)):
                name, resume = f"name {number}", f"resume-{number}"
                with Peer(server.address) as peer:
                    file = peer.offer(name, size=SIZE, resume=resume)
                    self.assertEqual(peer.receive()["type"], "accept")
                    peer.send_piece(file, 0, data[:STEP])
                    peer.send_piece(file, 0, b"out of place")
                    self.assertEqual(peer.receive()["offset"], STEP)
                    message = piece(file, STEP, data[STEP:2 * STEP])
                    peer.connection.sendall(frame(message)[:cut])
                    peer.leave()
                with Peer(server.address) as peer:
                    file = peer.offer(name, size=SIZE, resume=resume)
                    answer = peer.receive()
                    self.assertEqual((answer["type"], answer.get("offset")), ("accept", STEP), (cut, answer))
                    peer.send({"type": "abandon", "id": file})
            wait_until(lambda: not incoming(directory), lambda: incoming(directory))
            self.assertEqual(content(directory), {})


class Resumed(unittest.TestCase):
    """Who may go on with what."""

    def setUp(self):
        with contextlib.ExitStack() as stack:
            self.directory = stack.enter_context(temporary_directory())
            self.server = stack.enter_context(FileServer(self.directory))
            self.addCleanup(stack.pop_all().close)
        self.data = random_bytes("resumed", SIZE)
        leave_part(self.server, "name", self.data, 5 * STEP, "right")

    def offset(self, name="name", **fields):
        with Peer(self.server.address) as peer:
            peer.offer(name, **fields)
            answer = peer.receive()
            peer.leave()
            self.assertEqual(answer["type"], "accept")
            return answer["offset"]

    def test_only_who_knows_all_of_resume_name_and_size(self):
        for name, size, resume in (("name", SIZE, "wrong"), ("name", SIZE, "righ"), ("other", SIZE, "right"),
                                   ("name", SIZE + 1, "right"), ("name", SIZE - 1, "right"), ("name", STEP, "right"),
                                   ("name", None, "right"), ("name", SIZE, None)):
            with self.subTest(name=name, size=size, resume=resume):
                fields = {key: value for key, value in (("size", size), ("resume", resume)) if value is not None}
                self.assertEqual(self.offset(name, **fields), 0)
        self.assertEqual(self.offset(size=SIZE, resume="right"), 5 * STEP)

    def test_a_changed_beginning_is_sent_again_and_the_old_one_is_dropped(self):
        changed = b"changed" + self.data[7:]
        self.assertEqual(upload(self.server, "name", changed, resume="right")["type"], "stored")
        self.assertEqual((content(self.directory), incoming(self.directory)), ({"name": changed}, []))

    def test_a_changed_beginning_that_is_not_sent_again_is_refused(self):
        changed = b"changed" + self.data[7:]
        with Peer(self.server.address) as peer:
            number = peer.offer("name", size=SIZE, resume="right")
            begin = peer.receive()["offset"]
            peer.send_pieces(number, changed, begin)
            peer.finish(number, changed)
            answer = peer.receive()
            self.assertEqual((answer["type"], answer["code"], answer["kept"]), ("failed", "hash", 0))
        self.assertEqual((content(self.directory), incoming(self.directory)), ({}, []))

    def test_an_offset_that_lies_is_answered_and_does_no_harm(self):
        with Peer(self.server.address) as peer:
            number = peer.offer("name", size=SIZE, resume="right")
            begin = peer.receive()["offset"]
            for offset in (begin + 1, begin - 1, STEP, SIZE - 1):
                peer.send_piece(number, offset, self.data[offset:offset + 1])
                answer = peer.receive()
                if answer["type"] == "failed":
                    self.fail(f"{offset}: {answer}")
                self.assertEqual((answer["type"], answer["offset"]), ("again", begin), offset)
                peer.send_piece(number, begin, self.data[begin:begin + STEP])
                begin += STEP
            peer.send_pieces(number, self.data, begin)
            peer.finish(number, self.data)
            self.assertEqual(peer.receive()["type"], "stored")
        self.assertEqual(content(self.directory), {"name": self.data})

    def test_offsets_beyond_all_files_are_refused(self):
        for offset in (SIZE, SIZE + 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1):
            with self.subTest(offset=offset), Peer(self.server.address) as peer:
                number = peer.offer(f"{offset}", size=SIZE)
                self.assertEqual(peer.receive()["type"], "accept")
                peer.send_piece(number, offset, b"x")
                self.assertIn(peer.receive()["type"], ("again", "failed", "reject"))
        self.assertEqual(content(self.directory), {})

    def test_whoever_comes_later_goes_on_and_the_earlier_is_told(self):
        with Peer(self.server.address) as first, Peer(self.server.address) as second:
            number = first.offer("name", size=SIZE, resume="right")
            self.assertEqual(first.receive()["type"], "accept")
            self.assertEqual(second.upload("name", self.data, resume="right")["type"], "stored")
            first.send_piece(number, 5 * STEP, self.data[5 * STEP:6 * STEP])
            self.assertEqual(first.receive()["code"], "superseded")
        self.assertEqual((content(self.directory), incoming(self.directory)), ({"name": self.data}, []))

    def test_words_that_are_no_resume_are_refused(self):
        for resume in ("", "x" * 129, "../x", "a/b", "a.b", "a b", "é", "\0", 5, None, [], {"a": 1}):
            with self.subTest(resume=resume), Peer(self.server.address) as peer:
                peer.offer("new", size=1, resume=resume)
                answer = peer.receive()
                self.assertEqual((answer["type"], answer["code"]), ("reject", "protocol"), answer)
                self.assertTrue(peer.ended())


class TooMuch(unittest.TestCase):
    """More than was announced is never in the file."""

    def test_in_one_piece_or_behind_the_last(self):
        data = random_bytes("more", SIZE)
        with temporary_directory() as directory, FileServer(directory) as server:
            for pieces in ([data + b"x"], [data, b"x"], [data[:-1], b"xx"], [data, data]):
                with Peer(server.address) as peer:
                    number = peer.offer("name", size=SIZE)
                    self.assertEqual(peer.receive()["type"], "accept")
                    offset = 0
                    for each in pieces:
                        peer.send_piece(number, offset, each)
                        offset += len(each)
                    peer.finish(number, hash=hash_of(b"".join(pieces)))
                    answer = peer.receive()
                    self.assertEqual((answer["type"], answer["code"]), ("failed", "size"), answer)
            self.assertEqual((content(directory), incoming(directory)), ({}, []))

    def test_finishing_with_another_size_than_was_announced_or_sent(self):
        data = random_bytes("more", SIZE)
        with temporary_directory() as directory, FileServer(directory) as server:
            for announced, sent, finished in ((SIZE, SIZE, SIZE - 1), (SIZE, SIZE, SIZE + 1), (SIZE, SIZE - 1, None),
                                              (SIZE, 0, None), (None, SIZE, SIZE - 1), (None, SIZE, SIZE + 1),
                                              (None, SIZE, 2**64 - 1), (SIZE, SIZE - 1, SIZE - 1)):
                with self.subTest(announced=announced, sent=sent, finished=finished), Peer(server.address) as peer:
                    number = peer.offer("name", **({} if announced is None else {"size": announced}))
                    self.assertEqual(peer.receive()["type"], "accept")
                    peer.send_pieces(number, data[:sent])
                    peer.finish(number, hash=hash_of(data[:sent]), **({} if finished is None else {"size": finished}))
                    answer = peer.receive()
                    self.assertEqual(answer["type"], "failed", answer)
                    self.assertIn(answer["code"], ("size", "protocol"))
            self.assertEqual((content(directory), incoming(directory)), ({}, []))

    def test_a_piece_larger_than_was_agreed_ends_the_connection(self):
        with temporary_directory() as directory, FileServer(directory) as server, Peer(server.address) as peer:
            number = peer.offer("name", size=10 * CHUNK)
            peer.send_piece(number, 0, bytes(peer.receive()["chunk"] + 1))
            self.assertEqual(peer.receive()["code"], "protocol")
            self.assertTrue(peer.ended())


class Hashes(unittest.TestCase):
    @staticmethod
    def offer_once_free(peer, more):
        """Once the server has seen that the connection before, which sent the same, has ended."""
        def offer():
            number = peer.offer("name", size=SIZE, resume="r", **more)
            answer = peer.receive()
            return answer.get("code") != "busy" and (number, answer)
        return wait_until(offer, "the upload before goes on")

    def test_wrong_missing_or_of_another_file_are_refused_and_nothing_is_kept(self):
        data, other = random_bytes("hashes", SIZE), random_bytes("other", SIZE)
        right, wrong = hash_of(data), hash_of(other)
        with temporary_directory() as directory, FileServer(directory) as server:
            for offered, finished in ((None, wrong), (wrong, None), (wrong, wrong), (right, wrong), (wrong, right),
                                      (None, None), (None, right[:-1]), (None, right.upper()), (None, ""),
                                      (None, "0" * 32), (None, 5), ("x" * 32, None)):
                with self.subTest(offered=offered, finished=finished), Peer(server.address) as peer:
                    number, answer = self.offer_once_free(peer, {} if offered is None else {"hash": offered})
                    if answer["type"] == "accept":
                        peer.send_pieces(number, data)
                        peer.finish(number, **({} if finished is None else {"hash": finished}))
                        answer = peer.receive()
                    self.assertIn(answer["type"], ("reject", "failed"))
                    self.assertIn(answer["code"], ("hash", "protocol"))
                    self.assertEqual(content(directory), {})
                    if answer["code"] == "hash":
                        self.assertEqual((answer["kept"], incoming(directory)), (0, []))

    def test_a_wrong_piece_is_asked_for_again_a_hundred_times_at_most(self):
        data = random_bytes("pieces", SIZE)
        with temporary_directory() as directory, FileServer(directory) as server, Peer(server.address) as peer:
            number = peer.offer("name", size=SIZE)
            self.assertEqual(peer.receive()["type"], "accept")
            times = 0
            while True:
                peer.send_piece(number, 0, data[:STEP], check=times)
                answer = peer.receive()
                if answer["type"] != "again":
                    break
                self.assertEqual(answer["offset"], 0)
                times += 1
            self.assertEqual((answer["type"], answer["code"]), ("failed", "hash"))
            self.assertEqual(times, 100)
            self.assertEqual(peer.upload("name", data)["type"], "stored")


class OneName(unittest.TestCase):
    """Many send different files of one name at once."""

    def send_at_once(self, server, files):
        """Each over a connection of its own, the last message of all at one time; gives the answers."""
        answers = [None] * len(files)
        ready = threading.Barrier(len(files))

        def send(index, data):
            with Peer(server.address) as peer:
                number = peer.offer("name.txt", size=len(data))
                answers[index] = peer.receive()
                ready.wait(30)
                if answers[index]["type"] == "accept":
                    peer.send_pieces(number, data)
                    ready.wait(30)
                    peer.finish(number, data)
                    answers[index] = peer.receive()
                else:
                    ready.wait(30)

        threads = [threading.Thread(target=send, args=each) for each in enumerate(files)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)
        return answers

    def expect(self, policy, turns):
        for turn in range(turns):
            files = [random_bytes(f"{turn} {index}", 1000 + index) for index in range(50)]
            with temporary_directory() as directory, FileServer(directory, "--existing", policy) as server:
                answers = self.send_at_once(server, files)
                stored = [(answer, data) for answer, data in zip(answers, files) if answer["type"] == "stored"]
                for answer in answers:
                    if answer["type"] != "stored":
                        self.assertIn(answer["code"], ("exists", "busy"))
                for answer, data in stored:
                    self.assertEqual(answer["hash"], hash_of(data))
                yield stored, content(directory)
                self.assertEqual(incoming(directory), [])

    def test_one_of_them_wins_by_default(self):
        for stored, found in self.expect("reject", tries(3, 100)):
            self.assertEqual(len(stored), 1)
            self.assertEqual(found, {"name.txt": stored[0][1]})

    def test_each_gets_a_number(self):
        for stored, found in self.expect("number", tries(3, 100)):
            self.assertEqual(len(stored), 50)
            self.assertEqual(found, {answer["name"]: data for answer, data in stored})
            self.assertEqual(set(found), {"name.txt", *(f"name ({number}).txt" for number in range(1, 50))})

    def test_the_last_replaces_the_others(self):
        for stored, found in self.expect("replace", tries(3, 100)):
            self.assertEqual(len(stored), 50)
            self.assertEqual(list(found), ["name.txt"])
            self.assertIn(found["name.txt"], [data for _, data in stored])

    def test_whoever_reads_sees_one_or_the_other_while_it_is_replaced(self):
        files = [bytes([65 + index]) * 300_000 for index in range(2)]
        with temporary_directory() as directory, FileServer(directory, "--existing", "replace") as server:
            self.assertEqual(upload(server, "name", files[0])["type"], "stored")
            ended = threading.Event()
            wrong, reads = [], 0

            def read():
                nonlocal reads
                while not ended.is_set():
                    found = content(directory)
                    reads += 1
                    if list(found) != ["name"] or found["name"] not in files:
                        wrong.append({name: len(data) for name, data in found.items()})

            reader = threading.Thread(target=read)
            reader.start()
            with Peer(server.address) as peer:
                for turn in range(tries(50, 1000)):
                    self.assertEqual(peer.upload("name", files[turn % 2])["type"], "stored")
            ended.set()
            reader.join()
            self.assertEqual(wrong, [])
            self.assertGreater(reads, 0)


class Modes(unittest.TestCase):
    def mode_of_a_file(self, umask, *arguments):
        with temporary_directory() as directory:
            with FileServer(directory, *arguments, preexec_fn=lambda: os.umask(umask)) as server:
                self.assertEqual(upload(server, "name", b"#!/bin/sh\n", mode=0o6777, executable=True)["type"], "stored")
                self.assertEqual(stat.S_IMODE(os.stat(os.path.join(directory, ".incoming")).st_mode), 0o700)
            return stat.S_IMODE(os.stat(os.path.join(directory, "name")).st_mode)

    def test_are_those_of_the_option_whatever_the_umask(self):
        for umask in (0, 0o022, 0o077, 0o777):
            for arguments, mode in (((), 0o600), (("--file-mode", "0644"), 0o644), (("--file-mode", "0666"), 0o666)):
                with self.subTest(umask=oct(umask), mode=oct(mode)):
                    self.assertEqual(self.mode_of_a_file(umask, *arguments), mode)

    def test_never_have_set_id_or_sticky_bits(self):
        for mode in ("4755", "2755", "1777", "6777"):
            with self.subTest(mode=mode), temporary_directory() as directory:
                try:
                    with FileServer(directory, "--file-mode", mode) as server:
                        upload(server, "name", b"x")
                except AssertionError:
                    continue  # refused as wrong usage, which is as good
                self.assertEqual(os.stat(os.path.join(directory, "name")).st_mode & 0o7000, 0)


class Changed(unittest.TestCase):
    DATA = bytes(range(256)) * 4000

    def flip(self, directory):
        time.sleep(0.05)  # times of files may be coarse
        part, = incoming(directory)
        with open(os.path.join(directory, ".incoming", part), "r+b") as file:
            file.write(b"!")

    def test_parts_are_read_before_they_are_gone_on_with(self):
        with temporary_directory() as directory, FileServer(directory) as server:
            leave_part(server, "name", self.DATA, 500_000, "r")
            self.flip(directory)
            with Peer(server.address) as peer:
                number = peer.offer("name", size=len(self.DATA), resume="r")
                accepted = peer.receive()
                self.assertEqual((accepted["type"], accepted["offset"]), ("accept", 500_000))
                self.assertEqual(accepted["hash"], hash_of(b"!" + self.DATA[1:500_000]))
                peer.send_pieces(number, self.DATA, 500_000)  # of a sender that does not compare
                peer.finish(number, self.DATA)
                answer = peer.receive()
                self.assertEqual((answer["type"], answer["code"]), ("failed", "hash"))
            self.assertEqual((content(directory), incoming(directory)), ({}, []))
            self.assertEqual(upload(server, "name", self.DATA, resume="r")["type"], "stored")
            self.assertEqual(content(directory), {"name": self.DATA})

    def test_files_are_not_stored_when_another_program_wrote_to_them(self):
        with temporary_directory() as directory, FileServer(directory) as server, Peer(server.address) as peer:
            number = peer.offer("name", size=len(self.DATA), resume="r")
            self.assertEqual(peer.receive()["type"], "accept")
            peer.send_pieces(number, self.DATA)
            peer.offer("../answered when all is written", size=1)
            self.assertEqual(peer.receive()["code"], "name")
            self.flip(directory)
            peer.finish(number, self.DATA)
            answer = peer.receive()
            self.assertEqual((answer["type"], answer["code"], answer["kept"]), ("failed", "storage", 0))
            self.assertEqual((content(directory), incoming(directory)), ({}, []))


if __name__ == "__main__":
    main()
