#!/usr/bin/env python3
"""`fairlead serve files`: what it costs to receive many files at once."""

import contextlib
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.files import FileServer, Peer, content, hash_of, temporary_directory
from support.process import MIB, Process

UPLOADS = 50
SIZE = tries(4, 64) * MIB


@unittest.skipIf(SANITIZED, "a sanitizer's build needs memory of its own")
class Memory(unittest.TestCase):
    def test_of_fifty_uploads_at_once_is_less_than_a_mebibyte_each(self):
        chunk = bytes(range(256)) * 1024
        with temporary_directory() as directory, FileServer(directory, "--no-sync") as server, \
                contextlib.ExitStack() as stack:
            process = Process(server.process.pid)
            base = process.most_resident_memory()
            peers = [stack.enter_context(Peer(server.address)) for _ in range(UPLOADS)]
            numbers = [peer.offer(f"{index}", size=SIZE) for index, peer in enumerate(peers)]
            for peer in peers:
                self.assertEqual(peer.receive()["type"], "accept")
            for offset in range(0, SIZE, len(chunk)):
                for peer, number in zip(peers, numbers):
                    peer.send_piece(number, offset, chunk)
            expected = hash_of(chunk * (SIZE // len(chunk)))
            for peer, number in zip(peers, numbers):
                peer.finish(number, hash=expected)
            for peer in peers:
                self.assertEqual(peer.receive()["type"], "stored")
            used = process.most_resident_memory() - base
            tell(f"{UPLOADS} uploads of {SIZE // MIB} MiB at once: {used / MIB:.1f} MiB above {base / MIB:.1f}")
            self.assertLess(used, UPLOADS * MIB)
            self.assertEqual(len(content(directory)), UPLOADS)

    def test_of_offers_that_announce_much_and_send_nothing_is_small(self):
        with temporary_directory() as directory, FileServer(directory, "--max-uploads", "100000",
                                                            "--max-uploads-per-address", "0") as server, \
                contextlib.ExitStack() as stack:
            process = Process(server.process.pid)
            base = process.private_memory()
            for index in range(UPLOADS):
                peer = stack.enter_context(Peer(server.address))
                numbers = [peer.offer(f"{index} {each}", size=1000, resume=f"r-{index}-{each}") for each in range(64)]
                self.assertEqual({peer.receive()["type"] for _ in numbers}, {"accept"})
            used = process.private_memory() - base
            tell(f"{UPLOADS * 64} open files: {used / MIB:.1f} MiB")
            self.assertLess(used, UPLOADS * MIB)


if __name__ == "__main__":
    main()
