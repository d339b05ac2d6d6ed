#!/usr/bin/env python3
"""`fairlead serve files` on a disk that fails or is slow: what could not be made safe is never called stored."""

import contextlib
import os
import pathlib
import re
import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.files import (FileServer, Peer, content, hash_of, incoming, leave_part, serve_files, temporary_directory,
                           upload)
from support.injection import InjectedServer, why_not
from support.process import MIB, Process
from support.programs import DidNotStart

DATA = bytes(range(256)) * 2400  # three pieces
ON_DISK = "pwrite64,pwritev,pwritev2,write,fdatasync,fsync,renameat,renameat2,linkat"

FAULTS = {
    "pwrite64": ("EIO", "ENOSPC", "EDQUOT", "EFBIG", "ENOMEM", "EROFS"),
    "fdatasync": ("EIO", "ENOSPC", "EDQUOT"),
    "fsync": ("EIO", "ENOSPC", "EDQUOT"),
    "renameat2": ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMLINK", "ENOMEM"),
    "openat2": ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE", "ENFILE", "ENOMEM"),
    "fchmod": ("EIO", "EPERM", "EROFS"),
    "flock": ("ENOLCK",),
    "fstatfs": ("EIO", "ENOSYS"),
    "newfstatat": ("EIO", "EACCES", "ENOMEM"),
    "unlinkat": ("EIO", "EROFS"),
}
BEFORE_THE_NAME = ("pwrite64", "fdatasync", "renameat2", "fchmod")


def setUpModule():
    if reason := why_not():
        raise unittest.SkipTest(f"nothing can be injected here: {reason}")


class Order(unittest.TestCase):
    def calls(self, *arguments, **fields):
        with temporary_directory() as directory:
            with InjectedServer(ON_DISK + ",sendto,sendmsg,writev", None, None,
                                *serve_files(directory, *arguments)) as server:
                self.assertEqual(upload(server, "name", DATA, **fields)["type"], "stored")
                server.stop()
                return server.calls()

    def places(self, calls, pattern):
        return [number for number, line in enumerate(calls) if re.search(pattern, line)]

    def test_is_writes_then_data_then_name_then_directory_then_answer(self):
        for policy in ("reject", "number", "replace"):
            for fields in ({}, {"resume": "r"}, {"mtime_ns": 10**18}):
                with self.subTest(policy=policy, fields=fields):
                    calls = self.calls("--existing", policy, **fields)
                    writes = self.places(calls, r" pwrite(64|v2?)\(")
                    file = re.search(r"\((\d+),", calls[writes[0]])[1]
                    synced, = self.places(calls, rf" fdatasync\({file}\) += 0")
                    named, = self.places(calls, r' renameat2?\(\d+, "[^"]+", \d+, "name"')
                    directory = re.search(r', (\d+), "name"', calls[named])[1]
                    fixed, = self.places(calls, rf" fsync\({directory}\) += 0")
                    answered, = self.places(calls, r'\\"type\\":\\"stored')
                    order = [*writes, synced, named, fixed, answered]
                    self.assertEqual(order, sorted(order), "\n".join(calls))
                    if policy != "replace":
                        self.assertIn("RENAME_NOREPLACE", calls[named])

    def test_without_sync_the_sender_is_told(self):
        with temporary_directory() as directory:
            with InjectedServer("fdatasync,fsync", None, None, *serve_files(directory, "--no-sync")) as server:
                answer = upload(server, "name", DATA)
                self.assertEqual((answer["type"], answer["durable"]), ("stored", False))
                server.stop()
                self.assertFalse([line for line in server.calls() if "sync(" in line])


class Reading(unittest.TestCase):
    def test_a_file_that_is_there_is_read_once_however_often_its_hash_is_asked_for(self):
        data = os.urandom(4 * MIB)
        with temporary_directory() as directory:
            pathlib.Path(directory, "name").write_bytes(data)
            time.sleep(2.5)  # a file that has just changed is not remembered
            with InjectedServer("read", None, None, *serve_files(directory)) as server:
                for hashed in ("0" * 32, "1" * 32, hash_of(data), "2" * 32):
                    with Peer(server.address) as peer:
                        peer.offer("name", size=len(data), hash=hashed)
                        self.assertEqual(peer.receive()["type"], "stored" if hashed == hash_of(data) else "reject")
                server.stop()
                reads = [line for line in server.calls() if line.endswith("= 262144")]
                self.assertEqual(len(reads), len(data) // 262144)


class Failing(unittest.TestCase):
    def try_with(self, call, error, when):
        """One upload meets the fault; gives its answer, or nothing when it was not met."""
        with temporary_directory() as directory:
            with InjectedServer(call, error, when, *serve_files(directory, "--threads", "1", "--blocking-threads", "1")
                                ) as server:
                answer = upload(server, "name", DATA, resume="r")
                self.assertIsNotNone(answer, server.log())
                stored = {"name": DATA} if answer["type"] == "stored" else {}
                found = content(directory)
                if answer["type"] == "stored" or call in BEFORE_THE_NAME:
                    self.assertEqual(found, stored, answer)
                else:
                    self.assertIn(found, ({}, {"name": DATA}), "whole or not at all")
                if (call, error) == ("fsync", "EIO") and answer["type"] != "stored":
                    self.assertEqual(upload(server, "another", DATA)["code"], "storage")
                    self.assertIn(server.stop(), (0, 3))
                    return answer
                # The next upload meets no fault, and the same one again ends well.
                self.assertEqual(upload(server, "another", DATA)["type"], "stored", server.log())
                again = upload(server, "name", DATA, resume="r", hash=hash_of(DATA))
                self.assertEqual(again["type"], "stored", again)
                self.assertEqual(content(directory), {"name": DATA, "another": DATA})
                self.assertIn(server.stop(), (0, 3))
                return answer if server.injected() else None

    def test_calls_never_lead_to_a_file_that_is_stored_and_not_safe(self):
        never_stored = {"pwrite64", "fdatasync", "fsync", "renameat2"}
        met = {}
        for call, errors in FAULTS.items():
            for error in errors:
                for when in range(1, tries(2, 20)):
                    with self.subTest(call=call, error=error, when=when):
                        try:
                            answer = self.try_with(call, error, when)
                        except DidNotStart as failure:
                            self.assertRegex(failure.log, r"\Afairlead: [^\n]+\n\Z|loading shared libraries")
                            continue
                        if not answer:
                            break
                        met[call] = met.get(call, 0) + 1
                        if call in never_stored and when == 1:
                            self.assertIn(answer["type"], ("reject", "failed"))
                            self.assertIn(answer["code"], ("space", "storage", "quota", "size"))
                            if error in ("ENOSPC", "EDQUOT"):
                                self.assertTrue(answer["retry"])
        self.assertLessEqual(never_stored, set(met), met)
        tell(", ".join(f"{call} {count}" for call, count in met.items()))

    def test_a_failed_sync_is_not_tried_again_as_if_it_were_good(self):
        """The bytes that were not written are gone from the cache after the first failure: the next fsync succeeds."""
        for call in ("fdatasync", "fsync"):
            with self.subTest(call=call), temporary_directory() as directory:
                with InjectedServer(call, "EIO", "1", *serve_files(directory)) as server:
                    with Peer(server.address) as peer:
                        answer = peer.upload("name", DATA, resume="r")
                        self.assertEqual((answer["type"], answer["code"], answer["kept"]), ("failed", "storage", 0))
                    if call == "fdatasync":
                        self.assertEqual((content(directory), incoming(directory)), ({}, []))
                    with Peer(server.address) as peer:
                        peer.offer("other" if call == "fsync" else "name", size=len(DATA), resume="r")
                        self.assertEqual(peer.receive()["offset"], 0, "all of it is to be sent again")
                    server.stop()
                    self.assertEqual(len([line for line in server.calls() if f" {call}(" in line]), 1)

    def test_interrupted_calls_are_made_again_or_are_failures(self):
        for call in ("pwrite64", "fdatasync", "fsync", "openat2", "renameat2"):
            with self.subTest(call=call):
                answer = self.try_with(call, "EINTR", "1")
                self.assertTrue(answer["type"] == "stored" or answer["retry"], answer)

    def test_a_write_that_takes_nothing_is_a_failure(self):
        answer = self.try_with("pwrite64", "retval=0", "1")
        self.assertEqual((answer["type"], answer["code"]), ("failed", "space"))

    def test_what_was_kept_and_cannot_be_read_is_sent_again(self):
        data = os.urandom(8 * MIB)
        with temporary_directory() as directory:
            with FileServer(directory) as server:
                leave_part(server, "name", data, len(data) - 1, "r")
            # The loader's own reads come before the tenth.
            with InjectedServer("pread64", "EIO", "10+", *serve_files(directory)) as server:
                answer = upload(server, "name", data, resume="r")
                self.assertIsNotNone(answer, server.log())
                self.assertEqual(content(directory), {"name": data} if answer["type"] == "stored" else {})
                server.stop()
                self.assertTrue(server.injected())
                if answer["type"] != "stored":
                    self.assertEqual((answer["code"], answer["kept"]), ("storage", 0))
                    self.assertEqual(incoming(directory), [], "or no try after it would end better")


class Slow(unittest.TestCase):
    """Each fdatasync takes ten seconds on a thread of its own, and many files end at once."""

    # Others are answered by a thread that is free, so the last file waits for the disk while they are.
    SENDERS, THREADS, SECONDS = (20, 30, 10) if SANITIZED else (100, 120, 10)
    CONTENT = DATA[:1000] if SANITIZED else DATA

    def test_disks_hold_up_nobody_who_does_not_need_them(self):
        with temporary_directory() as directory, InjectedServer(
                "fdatasync", f"delay_enter={self.SECONDS * 1_000_000}", "1+",
                *serve_files(directory, "--blocking-threads", str(self.THREADS), "--idle-timeout", "0")) as server:
            process = Process(server.process.pid)
            before = process.private_memory()
            with contextlib.ExitStack() as stack:
                senders = [stack.enter_context(Peer(server.address)) for _ in range(self.SENDERS)]
                numbers = [peer.offer(f"{index}", size=len(self.CONTENT)) for index, peer in enumerate(senders)]
                for peer, number in zip(senders, numbers):
                    self.assertEqual(peer.receive()["type"], "accept")
                    peer.send_pieces(number, self.CONTENT)
                    peer.finish(number, self.CONTENT)
                with Peer(server.address) as other:
                    for _ in range(200):
                        other.offer("../x", size=1)
                    for _ in range(200):
                        self.assertEqual(other.receive()["code"], "name")
                self.assertLess(len(content(directory)), self.SENDERS, "others were answered while these waited")
                used = process.private_memory() - before
                for peer in senders:
                    self.assertEqual(peer.receive()["type"], "stored")
            self.assertEqual(content(directory), {f"{index}": self.CONTENT for index in range(self.SENDERS)})
            tell(f"{self.SENDERS} files waited for the disk with {used / MIB:.1f} MiB more")
            if not SANITIZED:
                self.assertLess(used, self.SENDERS * MIB)
            self.assertEqual(server.stop(), 0)

    def test_disks_do_not_hold_up_a_stop(self):
        with temporary_directory() as directory, InjectedServer(
                "fdatasync", "delay_enter=8000000", "1+",
                *serve_files(directory, "--drain-timeout", "200ms")) as server:
            with Peer(server.address) as peer:
                number = peer.offer("name", size=len(DATA), resume="r")
                self.assertEqual(peer.receive()["type"], "accept")
                peer.send_pieces(number, DATA)
                peer.finish(number, DATA)
                self.assertFalse(content(directory))
                self.assertIn(server.stop(), (0, 3))
                try:
                    answer = peer.receive()
                except ConnectionResetError:
                    answer = None
                if answer:
                    self.assertIn(answer["type"], ("stored", "failed"))
                if answer and answer["type"] == "stored":
                    self.assertEqual(content(directory), {"name": DATA})
                self.assertIn(content(directory), ({}, {"name": DATA}))


if __name__ == "__main__":
    main()
