"""Clients that keep a server busy while one process hands over to the next: each is a process of its own, which says what it
has seen when it is told to end. And a next process of a few lines."""

import multiprocessing
import os
import selectors
import socket
import time

from .files import Peer
from .programs import PATIENCE, connect, frame


def take_sockets(path):
    """Asks for the sockets at the path of a hand-over, and does not get ready: the connection, and the kinds of the messages."""
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    peer.settimeout(PATIENCE)
    peer.connect(path)
    peer.send(b"fairlead hand-over 1\nask\nprocess 1\n")
    kinds = []
    while not kinds or kinds[-1] != "end":
        text, descriptors, _, _ = socket.recv_fds(peer, 8192, 100)
        for each in descriptors:
            os.close(each)
        kinds.append(text.decode().split("\n")[1])
    return peer, kinds


class Crowd:
    """Processes that run `work(address, number, ended)` until `ended()` is true; `results` are what they return."""

    def __init__(self, work, address, count):
        context = multiprocessing.get_context("fork")
        self._end = context.Event()
        self._queue = context.Queue()
        self._workers = [context.Process(target=self._run, args=(work, address, number, os.getpid()), daemon=True)
                         for number in range(count)]
        for each in self._workers:
            each.start()

    def _run(self, work, address, number, parent):
        self._queue.put(work(address, number, lambda: self._end.is_set() or os.getppid() != parent))

    def kill(self):
        """Ends them without results, if a test has failed."""
        for each in self._workers:
            each.kill()

    def end(self):
        self._end.set()
        results = [self._queue.get(timeout=PATIENCE) for _ in self._workers]
        for each in self._workers:
            each.join(PATIENCE)
        return results


def quick(address, number, ended):
    """Connects, sends a message, takes the reply and closes, as fast as it can: how often, and what failed."""
    done, failures = 0, []
    # Each has an address of its own, for the ports of one are used up within seconds.
    source = f"127.0.0.{number + 2}" if isinstance(address, tuple) else None
    while not ended():
        request = frame(b"%d of client %d" % (done, number))
        try:
            with connect(address, source) as connection:
                connection.sendall(request)
                reply = b""
                while len(reply) < len(request) and (part := connection.recv(4096)):
                    reply += part
                if reply != request:
                    failures.append(f"message {done}: {reply!r} for {request!r}")
        except OSError as problem:
            failures.append(f"message {done}: {problem!r}")
        done += 1
    return done, failures[:10]


def staying(count):
    """So many connections that stay, and ask now and then; one that the server ends is made again, and asks again what was not
    answered. How many requests were answered, how often a connection was made again, how many requests were asked again, and
    what failed."""

    def work(address, _, ended):
        chooser = selectors.DefaultSelector()
        counts = {"answered": 0, "connected": 0, "repeated": 0, "failures": []}

        def open_one(asks):
            try:
                connection = connect(address)
            except OSError as problem:
                counts["failures"].append(f"connecting: {problem!r}")
                return
            counts["connected"] += 1
            state = {"waits": False, "next": time.monotonic()}
            chooser.register(connection, selectors.EVENT_READ, state)
            if asks:
                counts["repeated"] += 1
                ask(connection, state)

        def ask(connection, state):
            state["waits"] = True
            try:
                connection.sendall(frame(b"still here"))
            except OSError:
                pass  # its end is read next

        for _ in range(count):
            open_one(False)
        while not ended():
            for key, _ in chooser.select(0.01):
                try:
                    got = key.fileobj.recv(4096)
                except OSError:
                    got = b""
                if got:
                    counts["answered"] += 1
                    key.data["waits"] = False
                    continue
                chooser.unregister(key.fileobj)
                key.fileobj.close()
                open_one(key.data["waits"])
            now = time.monotonic()
            for key in list(chooser.get_map().values()):
                if not key.data["waits"] and now >= key.data["next"]:
                    key.data["next"] = now + 1
                    ask(key.fileobj, key.data)
        for key in list(chooser.get_map().values()):
            key.fileobj.close()
        return counts

    return work


def uploading(address, number, ended):
    """Sends one small file after the other; the names and contents of those that were acknowledged, and what failed.

    The second number in a name says how many files were acknowledged before.
    """
    stored, failures, again = {}, [], 0
    while not ended():
        name, data = f"file-{number}-{len(stored)}-{again}", os.urandom(2000)
        try:
            with Peer(address) as peer:
                answer = peer.upload(name, data)
        except (OSError, AssertionError, ValueError) as problem:  # the connection ended: not acknowledged
            again += 1
            if isinstance(problem, ConnectionRefusedError):
                failures.append(repr(problem))
            continue
        if answer and answer["type"] == "stored":
            stored[name] = data
        else:
            again += 1
    return stored, again, failures
