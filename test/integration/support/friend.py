"""An honest peer among the others."""

import threading

from .programs import PATIENCE, connect, frame


class Friend(threading.Thread):
    """An honest peer that asks and is answered all along."""

    def __init__(self, address, framed=frame):
        super().__init__()
        self._connection = connect(address)
        self._message = framed(b"hello")
        self._ending = threading.Event()
        self.rounds = 0
        self.problem = None

    def run(self):
        try:
            while not self._ending.wait(0.01):
                self._connection.sendall(self._message)
                received = b""
                while len(received) < len(self._message):
                    data = self._connection.recv(1000)
                    if not data:
                        raise ConnectionError("the server ended it")
                    received += data
                self.rounds += 1
        except OSError as problem:
            self.problem = problem

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self.join(PATIENCE)
        self._connection.close()
