"""Requests that are sent without waiting for replies."""

import contextlib
import threading

from .ledger import statistics
from .process import wait_until
from .programs import connect, frame


def peer_that_never_reads(server):
    """A peer that reads no reply and asks until the server holds it back. The server has held back no other before."""
    peer = connect(server.address)
    peer.setblocking(False)
    request = frame(b"x" * 60_000)
    sent = 0

    def held_back():
        nonlocal sent
        with contextlib.suppress(BlockingIOError):
            while True:
                sent = (sent + peer.send(request[sent:])) % len(request)
        return statistics(server)["held_back"] > 0

    try:
        wait_until(held_back, server.log)
    except BaseException:
        peer.close()
        raise
    return peer


class Client(threading.Thread):
    """Sends numbered requests without waiting for replies, and reads until the server ends its side."""

    BATCH = 50

    def __init__(self, address):
        super().__init__()
        self.connection = connect(address)
        self.ended = threading.Event()
        self.flowing = threading.Event()  # replies have begun to come
        self.received = b""
        self.problem = None

    def run(self):
        sender = threading.Thread(target=self.send)
        sender.start()
        try:
            while more := self.connection.recv(65536):
                self.received += more
                self.flowing.set()
        except OSError as problem:
            self.problem = problem
        self.ended.set()
        self.flowing.set()
        sender.join()
        self.connection.close()

    def send(self):
        first = 0
        while not self.ended.is_set():
            batch = b"".join(frame(b"request %d" % number) for number in range(first, first + self.BATCH))
            first += self.BATCH
            try:
                self.connection.sendall(batch)
            except OSError:  # the reader says what happened
                return

    def replies_expected(self):
        """The replies to the first requests, cut where what was received ends."""
        number, expected = 0, bytearray()
        while len(expected) < len(self.received):
            expected += frame(b"request %d" % number)
            number += 1
        return bytes(expected)
