"""A disk that remembers every write and flush, so that it can be looked at as a loss of power would have left it.

It is a file in user space (FUSE, <linux/fuse.h>) under a loop device: what the file system above writes comes here as
writes, and its flushes as fsync. A disk with a cache of its own keeps what was written before the last flush, and of
what came after it any part.
"""

import contextlib
import os
import struct
import subprocess
import threading

from . import mounts

GETATTR, SETATTR, OPEN, READ, WRITE, RELEASE, FSYNC, FLUSH = 3, 4, 14, 15, 16, 18, 20, 25
FORGET, INIT, INTERRUPT, DESTROY, BATCH_FORGET = 2, 26, 36, 38, 42
ENOSYS, ENODEV = 38, 19
MOST = 128 * 1024
SECTOR = 512


class Disk:
    """Holds `image` behind the file `path`, from the `with` block's beginning to its end."""

    def __init__(self, path, image):
        self._path = path
        self._before = bytes(image)
        self._now = bytearray(image)
        self.log = []  # an offset and bytes for each write, nothing for each flush
        self._device = -1
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        with open(self._path, "wb"):
            pass
        self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        self._thread.start()
        mounts.mount("disk", self._path, "fuse", options=f"fd={self._device},rootmode=100000,user_id=0,group_id=0")
        return self

    def __exit__(self, *_):
        mounts.unmount(self._path, mounts.DETACH)
        self._thread.join(10)
        os.close(self._device)

    def images(self, points, random):
        """For each of the `points` – how much of the log there was – an image that might have been left then."""
        durable, position, pending = bytearray(self._before), 0, []
        for point in sorted(points):
            for entry in self.log[position:point]:
                if entry:
                    pending.append(entry)
                else:
                    for offset, data in pending:
                        durable[offset:offset + len(data)] = data
                    pending = []
            position = point
            image = bytearray(durable)
            share = random.choice((0, 0.5, 0.9, 1))
            for offset, data in pending:
                for begin in range(0, len(data), SECTOR):
                    if random.random() < share:
                        image[offset + begin:offset + begin + SECTOR] = data[begin:begin + SECTOR]
            yield point, image

    def _serve(self):
        while True:
            try:
                request = os.read(self._device, MOST + 4096)
            except OSError as problem:
                if problem.errno == ENODEV:  # unmounted
                    return
                continue
            _, call, number = struct.unpack_from("<IIQ", request)
            if call in (FORGET, BATCH_FORGET, INTERRUPT):
                continue
            error, answer = self._answer(call, request[40:])
            with contextlib.suppress(FileNotFoundError):  # it was interrupted
                os.write(self._device, struct.pack("<IiQ", 16 + len(answer), -error, number) + answer)

    def _answer(self, call, body):
        if call == INIT:
            big_writes = 1 << 5
            return 0, struct.pack("<IIIIHHIIHHI28x", 7, 31, MOST, big_writes, 16, 16, MOST, 1, 0, 0, 0)
        if call in (GETATTR, SETATTR):
            size = len(self._now)
            return 0, struct.pack("<QII", 3600, 0, 0) + struct.pack(
                "<QQQQQQIIIIIIIIII", 1, size, size // SECTOR, 0, 0, 0, 0, 0, 0, 0o100600, 1, 0, 0, 0, 4096, 0)
        if call == OPEN:
            return 0, struct.pack("<QII", 1, 0, 0)
        if call == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            return 0, bytes(self._now[offset:offset + size])
        if call == WRITE:
            _, offset, size = struct.unpack_from("<QQI", body)
            data = body[40:40 + size]
            self._now[offset:offset + size] = data
            self.log.append((offset, data))
            return 0, struct.pack("<II", size, 0)
        if call == FSYNC:
            self.log.append(None)
            return 0, b""
        if call in (RELEASE, FLUSH, DESTROY):
            return 0, b""
        return ENOSYS, b""


def new_file_system(path, size):
    """The bytes of an empty ext4 of so many bytes, made in the file `path`."""
    with open(path, "wb") as file:
        file.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", path], check=True,
                   capture_output=True)
    with open(path, "rb") as file:
        return file.read()


@contextlib.contextmanager
def mounted(image, target):
    """The file system in the file `image`, by a loop device."""
    subprocess.run(["mount", "-o", "loop", "-t", "ext4", image, target], check=True, capture_output=True)
    try:
        yield target
    finally:
        subprocess.run(["umount", target], check=True, capture_output=True)
