"""A peer of `fairlead serve files` that does as it is told, also what docs/file-transfer.md forbids."""

import contextlib
import ctypes
import itertools
import json
import os
import socket
import struct
import tempfile

from .programs import PATIENCE, Server, connect, frame

CHUNK = 512 * 1024 - 64  # the most bytes in a piece, unless the server says less
ENDS = ("stored", "reject", "failed")

_xxhash = ctypes.CDLL("libxxhash.so.0")


class _Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


_xxhash.XXH3_128bits.restype = _Hash128
_xxhash.XXH3_64bits.restype = ctypes.c_uint64
_xxhash.XXH3_128bits.argtypes = _xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def hash_of(data):
    value = _xxhash.XXH3_128bits(data, len(data))
    return f"{value.high:016x}{value.low:016x}"


def check_of(data):
    return _xxhash.XXH3_64bits(data, len(data))


def piece(number, offset, data, check=None):
    """The message of a piece; its check is right unless another is given."""
    return struct.pack(">BIQQ", 1, number, offset, check_of(data) if check is None else check) + data


def serve_files(directory, *arguments, listen="tcp://127.0.0.1:0"):
    return ("serve", "files", "--directory", str(directory), "--listen", listen, *arguments)


class FileServer(Server):
    """`fairlead serve files` in a directory; the log is quiet unless told."""

    def __init__(self, directory, *arguments, **options):
        super().__init__(*serve_files(directory, *arguments), **options)


class Peer:
    """One connection. Files get the next number each unless one is given."""

    def __init__(self, address, source=None):
        """`source`: the address that the server is to see, of those of this machine."""
        self.connection = socket.create_connection(address, PATIENCE, (source, 0)) if source else connect(address)
        self._input = b""
        self._numbers = itertools.count(1)

    def send(self, *messages):
        """Messages as they are, or to be made JSON of, in one go."""
        self.connection.sendall(b"".join(
            frame(each if isinstance(each, bytes) else json.dumps(each).encode()) for each in messages))

    def offer(self, name, number=None, **fields):
        """Gives the number."""
        number = next(self._numbers) if number is None else number
        self.send({"type": "offer", "version": 1, "id": number, "name": name, **fields})
        return number

    def send_piece(self, number, offset, data, check=None):
        self.send(piece(number, offset, data, check))

    def send_pieces(self, number, data, begin=0, chunk=CHUNK):
        for offset in range(begin, len(data), chunk):
            self.send_piece(number, offset, data[offset:offset + chunk])

    def finish(self, number, data=None, **fields):
        """With the size and the hash of `data`, when that is given."""
        if data is not None:
            fields = {"size": len(data), "hash": hash_of(data), **fields}
        self.send({"type": "finish", "id": number, **fields})

    def receive(self):
        """The next message, or nothing when the server has ended the connection."""
        while len(self._input) < 4 or len(self._input) < 4 + struct.unpack_from(">I", self._input)[0]:
            data = self.connection.recv(65536)
            if not data:
                assert not self._input, f"ended within a message: {self._input!r}"
                return None
            self._input += data
        end = 4 + struct.unpack_from(">I", self._input)[0]
        message, self._input = self._input[4:end], self._input[end:]
        return json.loads(message)

    def upload(self, name, data, chunk=CHUNK, **fields):
        """Gives what the server says of it at last; nothing when it ends the connection instead."""
        number = self.offer(name, size=len(data), **fields)
        answer = self.receive()
        while answer and answer["type"] in ("accept", "again"):
            begin = answer["offset"]
            if begin and answer["type"] == "accept" and answer["hash"] != hash_of(data[:begin]):
                begin = 0
            self.send_pieces(number, data, begin, min(chunk, CHUNK))
            self.finish(number, data)
            answer = self.receive()
        return answer

    def ended(self):
        """Whether the server ends the connection, whatever it says before; waits for that."""
        with contextlib.suppress(ConnectionResetError):
            while self.receive():
                pass
        return True

    def leave(self):
        """Ends our side, and waits until the server has ended its own, so that nothing is under way any more."""
        self.connection.shutdown(socket.SHUT_WR)
        return self.ended()

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def upload(server, name, data, **fields):
    """The same over a connection of its own."""
    with Peer(server.address) as peer:
        return peer.upload(name, data, **fields)


def leave_part(server, name, data, sent, resume, **fields):
    """Uploads the first `sent` bytes, waits until they are there, and goes away."""
    with Peer(server.address) as peer:
        number = peer.offer(name, size=len(data), resume=resume, **fields)
        accepted = peer.receive()
        assert accepted["type"] == "accept", accepted
        peer.send_pieces(number, data[:sent], accepted["offset"])
        # A wrong piece is answered at once, with where the next one belongs: what came before has been judged.
        peer.send_piece(number, 0, data[:1], check=check_of(data[:1]) ^ 1)
        answer = peer.receive()
        assert (answer["type"], answer["offset"]) == ("again", sent), answer
        peer.leave()


def content(directory):
    """All files that have a name, with their bytes."""
    found = {}
    for name in os.listdir(directory):
        if name != ".incoming":
            with open(os.path.join(directory, name), "rb") as file:
                found[name] = file.read()
    return found


def incoming(directory):
    """The names of what is kept of uploads that are under way or were cut short."""
    return sorted(os.listdir(os.path.join(directory, ".incoming")))


def occupied(directory, name):
    """Bytes that the file takes on the disk."""
    return os.stat(os.path.join(directory, name)).st_blocks * 512


def keeps_holes(directory):
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        file.truncate(1 << 20)
        return occupied(directory, file.name) == 0


def temporary_directory():
    return tempfile.TemporaryDirectory(prefix="fairlead-files-", ignore_cleanup_errors=True)
