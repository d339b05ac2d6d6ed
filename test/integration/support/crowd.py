"""Many peers of one server, in one thread."""

import select

from .process import wait_until
from .programs import connect


class Crowd:
    """Peers that connect one after the other and then do as they are told; closed at the end of the `with` block."""

    def __init__(self, address, size):
        self.peers = []
        self.received = {}  # bytes, by descriptor
        self.ends = {}      # how the server ended each, by descriptor: "end", or the error's name
        self._epoll = select.epoll()
        try:
            for _ in range(size):
                self.add(connect(address))
        except BaseException:
            self.close()
            raise

    def add(self, peer):
        peer.setblocking(False)
        self.peers.append(peer)
        self.received[peer.fileno()] = 0
        self._epoll.register(peer, select.EPOLLIN | select.EPOLLRDHUP)

    def send(self, data):
        """To each that has not ended; gives how many took it."""
        taken = 0
        for peer in self.peers:
            if peer.fileno() not in self.ends:
                try:
                    taken += peer.send(data) == len(data)
                except OSError as error:
                    self.ends[peer.fileno()] = type(error).__name__
        return taken

    def look(self):
        """Takes what has come."""
        by_descriptor = {peer.fileno(): peer for peer in self.peers}
        for descriptor, _ in self._epoll.poll(0, max(1, len(self.peers))):
            if descriptor in self.ends:
                continue
            try:
                while data := by_descriptor[descriptor].recv(65536):
                    self.received[descriptor] += len(data)
                self._end(descriptor, "end")
            except BlockingIOError:
                pass
            except OSError as error:
                self._end(descriptor, type(error).__name__)
        return self

    def _end(self, descriptor, how):
        self.ends[descriptor] = how
        self._epoll.unregister(descriptor)

    def ended(self):
        return len(self.look().ends)

    def wait_for_the_end_of(self, count, limit=60):
        wait_until(lambda: self.ended() >= count, lambda: f"{len(self.ends)} of {len(self.peers)} have ended", limit)

    def wait_for_replies(self, size, count=None, limit=60):
        """Waits until `count` of the peers (all unless told) have received that many bytes."""
        def answered():
            return sum(got >= size for got in self.look().received.values())
        count = len(self.peers) if count is None else count
        wait_until(lambda: answered() >= count, lambda: f"{answered()} of {count} were answered", limit)

    def answered(self):
        """The peers that have received anything."""
        self.look()
        return [peer for peer in self.peers if self.received[peer.fileno()]]

    def dismiss(self, peers):
        """Closes these peers and forgets them; gives how many."""
        for peer in peers:
            self.received.pop(peer.fileno())
            if not self.ends.pop(peer.fileno(), None):
                self._epoll.unregister(peer)
            peer.close()
        self.peers = [peer for peer in self.peers if peer.fileno() >= 0]
        return len(peers)

    def close(self):
        self._epoll.close()
        for peer in self.peers:
            peer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
