#!/usr/bin/env python3
"""Messages that are larger than memory, through `fairlead serve source`, `relay` and `sink`. FAIRLEAD_LARGE_MESSAGES and
FAIRLEAD_LARGE_MIB say how many and how large, in place of the usual."""

import contextlib
import os
import struct
import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.memory_group import MemoryGroup
from support.process import MIB, Process, wait_until
from support.programs import Server, connect

MESSAGES = int(os.environ.get("FAIRLEAD_LARGE_MESSAGES") or tries(3, 20))
SIZE = int(os.environ.get("FAIRLEAD_LARGE_MIB") or tries(100, 2048)) * MIB
LIMIT = 64 * MIB  # for each program
FRAMING = ("--framing", "length:8")
LARGE = ("--max-message", "1TiB")
BLOCK = 64 * 1024  # of the source, which repeats it


class Limited:
    """A server in a control group of its own, or without one where the system lets us make none."""

    def __init__(self, stack, handler, *options):
        self._handler = handler
        try:
            self._group = stack.enter_context(MemoryGroup(LIMIT))
        except (OSError, StopIteration) as problem:
            self._group = None
            tell(f"no control group for {handler}, only its resident memory is looked at: {problem}")
        join = {"preexec_fn": self._group.join} if self._group else {}
        self.server = stack.enter_context(
            Server("serve", handler, "--listen", "tcp://127.0.0.1:0", *FRAMING, *options, **join))
        self._process = Process(self.server.process.pid)
        self._before = self._process.most_resident_memory()

    def expect_little_memory(self, test):
        if self._group:
            test.assertEqual(self._group.killed(), 0, f"{self._handler} was killed for want of memory")
        test.assertIsNone(self.server.process.poll(), self.server.log())
        grown = self._process.most_resident_memory() - self._before
        charged = self._group and self._group.most()
        tell(f"{self._handler}: at most {(self._before + grown) / MIB:.1f} MiB resident, {grown / MIB:.1f} more than at "
             "its start" + (f"; {charged / MIB:.1f} MiB of {LIMIT // MIB} in its control group" if charged else ""))
        test.assertLess(grown, 16 * MIB)


@unittest.skipIf(SANITIZED, "a sanitizer's build needs memory of its own")
class LargeMessages(unittest.TestCase):
    def test_pass_through_programs_that_hold_little_of_them(self):
        with contextlib.ExitStack() as stack:
            source = Limited(stack, "source", "--size", f"{SIZE // MIB}MiB", "--messages", str(MESSAGES),
                             "--content", "random")
            relay = Limited(stack, "relay", *LARGE, "--to", source.server.url)
            sink = Limited(stack, "sink", *LARGE)
            begin = time.monotonic()
            try:
                self.pass_on(relay.server.address, sink.server.address)
            finally:  # one that is killed lets the others fail
                for each in (source, relay, sink):
                    each.expect_little_memory(self)
            received = f": {MESSAGES} messages, {MESSAGES * SIZE} bytes, "
            wait_until(lambda: received in sink.server.log(), sink.server.log)
            tell(f"{MESSAGES} messages of {SIZE // MIB} MiB in {time.monotonic() - begin:.1f} s")

    def pass_on(self, origin, target):
        """What comes from `origin` to `target`, having looked at every byte."""
        piece = memoryview(bytearray(MIB))
        content = None
        with connect(origin) as reader, connect(target) as writer:
            for _ in range(MESSAGES):
                header = self.fill(reader, piece[:8])
                self.assertEqual(bytes(header), struct.pack(">Q", SIZE))
                writer.sendall(header)
                for _ in range(SIZE // MIB):
                    self.fill(reader, piece)
                    content = content or bytes(piece[:BLOCK]) * (MIB // BLOCK)
                    if piece != content:  # not by assertEqual, which would describe a difference of megabytes
                        self.fail("these are not the bytes of the source")
                    writer.sendall(piece)
            self.assertEqual(reader.recv(1), b"")

    def fill(self, reader, piece):
        filled = 0
        while filled != len(piece):
            got = reader.recv_into(piece[filled:])
            self.assertNotEqual(got, 0, "the stream ended early")
            filled += got
        return piece


if __name__ == "__main__":
    main()
