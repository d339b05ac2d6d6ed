"""Peers that speak UDP, and a relay that loses, doubles and reorders."""

import itertools
import random
import select
import socket
import threading
import time

from .programs import PATIENCE

IPPROTO_UDP, UDP_SEGMENT, UDP_GRO = 17, 103, 104
MOST_OVER_IPV4, MOST_OVER_IPV6 = 65_507, 65_527


def datagram_peer(address, source=None, timeout=PATIENCE):
    """A socket connected to the address: it hears only what comes from there."""
    family, kind, _, _, where = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)[0]
    peer = socket.socket(family, kind)
    try:
        peer.settimeout(timeout)
        if source:
            peer.bind(source)
        peer.connect(where)
    except OSError:
        peer.close()
        raise
    return peer


def exchange(peer, message):
    """The reply to a message."""
    peer.send(message)
    return peer.recv(65_536)


def ask_once(address, message, **options):
    with datagram_peer(address, **options) as peer:
        return exchange(peer, message)


def exchange_surely(peer, message):
    """The same on a way that may lose: asks again until the reply has come, and gives how often that was."""
    end = time.monotonic() + PATIENCE
    for tried in itertools.count(1):
        peer.send(message)
        while select.select([peer], [], [], 0.05)[0]:
            if peer.recv(65_536) == message:  # else it is late, or double
                return tried
        if time.monotonic() > end:
            raise TimeoutError("no reply")


def receive_all(peer, quiet=1.0):
    """What comes until nothing has come for a while."""
    received = []
    while select.select([peer], [], [], quiet)[0]:
        received.append(peer.recv(65_536))
    return received


class DatagramRelay:
    """Passes datagrams of one client on to `target` and back. Of each direction some are lost, doubled or held back
    until the next one has gone, as often as the shares say."""

    def __init__(self, target, loss=0.1, doubling=0.1, holding=0.1, seed=0):
        self._shares = (loss, doubling, holding)
        self._random = random.Random(seed)
        self._near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._near.bind(("127.0.0.1", 0))
        self.address = self._near.getsockname()
        self._far = datagram_peer(target)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.seen = 0          # datagrams of the client
        self.to_server = []    # what went on of them
        self.from_server = []  # what came back, before anything was done to it

    def _run(self):
        client = None
        held = {self._near: [], self._far: []}
        while not self._ending.is_set():
            for ready in select.select([self._near, self._far], [], [], 0.05)[0]:
                if ready is self._near:
                    message, client = ready.recvfrom(65_536)
                    self.seen += 1
                    for each in self._fate(message, held[ready]):
                        self.to_server.append(each)
                        self._far.send(each)
                else:
                    message = ready.recv(65_536)
                    self.from_server.append(message)
                    for each in self._fate(message, held[ready]):
                        self._near.sendto(each, client)

    def _fate(self, message, held):
        loss, doubling, holding = self._shares
        choice = self._random.random()
        if choice < loss:
            return []
        if choice < loss + doubling:
            return [message, message]
        if choice < loss + doubling + holding:
            held.append(message)
            return []
        passing = [message, *held]
        held.clear()
        return passing

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self._thread.join(PATIENCE)
        self._near.close()
        self._far.close()
