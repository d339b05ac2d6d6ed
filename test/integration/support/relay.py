"""A relay between a client and a server that does to the bytes what networks do, and worse."""

import random
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

from .programs import connect

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST


@dataclass(frozen=True)
class Fault:
    """What happens to the bytes of one direction; several may be combined. Of a pair one value between is drawn."""

    delay: tuple = (0, 0)           # seconds before each piece goes on
    slices: tuple = (65536, 65536)  # bytes in each piece
    rate: float = float("inf")      # bytes per second
    reset_after: int = None         # after so many bytes both sides get an RST
    half_close_after: int = None    # after so many bytes this direction ends with a FIN; the other goes on
    close_after: int = None         # after so many bytes both directions end with a FIN
    silent_after: int = None        # after so many bytes nothing goes on any more in this direction, not even an end

    def end(self):
        """After how many bytes this direction ends early, if it does."""
        ends = (self.reset_after, self.half_close_after, self.close_after, self.silent_after)
        return min((each for each in ends if each is not None), default=None)


NONE = Fault()


class Relay:
    """Passes each connection on to `target`, with one fault for each direction; `seed` makes the random choices."""

    def __init__(self, target, to_server=NONE, to_client=NONE, seed=0):
        self._target = target
        self._faults = (to_server, to_client)
        self._random = random.Random(seed)
        self._ending = threading.Event()
        self._cut = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
        self.address = self._listener.getsockname()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            choices = random.Random(self._random.random())
            self._threads.append(threading.Thread(target=self._serve, args=(client, choices)))
            self._threads[-1].start()

    def heal(self):
        """Resets the connections that there are; those that come later have no fault."""
        self._faults = (NONE, NONE)
        cut, self._cut = self._cut, threading.Event()
        cut.set()

    def _serve(self, client, choices):
        cut = self._cut  # before the faults are looked at, which change first
        with client:
            try:
                server = connect(self._target)
            except OSError:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                return
            with server:
                self._pass_on(client, server, choices, cut)

    def _pass_on(self, client, server, choices, cut):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        directions = [_Direction(client, server, self._faults[0], choices),
                      _Direction(server, client, self._faults[1], choices)]
        try:
            while not self._ending.is_set() and not all(each.ended for each in directions):
                if cut.is_set():
                    raise ConnectionResetError
                _step(directions)
        except OSError:  # one side is gone, or is to be: so is the other
            for each in (client, server):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def close(self):
        self._ending.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for each in self._threads:
            each.join(10)
        self._listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _Direction:
    def __init__(self, source, sink, fault, choices):
        source.setblocking(False)
        self.source, self.sink, self.fault, self.choices = source, sink, fault, choices
        self.piece = b""
        self.due = 0.0
        self.passed = 0
        self.ended = False

    def _left(self):
        end = self.fault.end()
        return 1 << 62 if end is None else end - self.passed

    def at_the_end(self):
        return not self.piece and self._left() == 0

    def read(self):
        size = min(self.choices.randint(*self.fault.slices), self._left())
        self.piece = self.source.recv(size)
        if not self.piece:
            self._end()
        self.due = time.monotonic() + self.choices.uniform(*self.fault.delay) + len(self.piece) / self.fault.rate

    def write(self):
        written = self.sink.send(self.piece)
        self.piece = self.piece[written:]
        self.passed += written

    def fail(self):
        """What the fault wants once its number of bytes has passed."""
        if self.passed == self.fault.reset_after:
            raise ConnectionResetError
        if self.passed == self.fault.half_close_after:
            self._end()
        elif self.passed == self.fault.close_after:
            self._end()
            self.source.shutdown(socket.SHUT_RDWR)

    def _end(self):
        self.ended = True
        try:
            self.sink.shutdown(socket.SHUT_WR)
        except OSError:  # the other direction has ended it already
            pass


def _step(directions):
    poll = select.poll()
    now = time.monotonic()
    wait = 0.05  # to see that the relay is to end
    interest = {}
    for each in directions:
        if each.ended:
            continue
        if each.at_the_end():
            each.fail()
        elif not each.piece:
            interest[each.source] = interest.get(each.source, 0) | select.POLLIN
        elif each.due <= now:
            interest[each.sink] = interest.get(each.sink, 0) | select.POLLOUT
        else:
            wait = min(wait, each.due - now)
    for connection, events in interest.items():
        poll.register(connection, events)
    ready = {descriptor for descriptor, _ in poll.poll(wait * 1000)}
    for each in directions:
        if each.ended or each.at_the_end():
            continue
        try:
            if each.piece and each.due <= now and each.sink.fileno() in ready:
                each.write()
            elif not each.piece and each.source.fileno() in ready:
                each.read()
        except BlockingIOError:
            pass
