"""file_sender.py HOST PORT FILE... sends files as docs/file-transfer.md says, one by one; run again, it goes on.
Prints `stored NAME SIZE HASH` for each that was stored, and ends with exit code 1 and reasons when one was not."""

import ctypes, hashlib, json, os, select, socket, struct, sys


class Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_createState.restype = ctypes.c_void_p
xxhash.XXH3_64bits.restype = ctypes.c_uint64
xxhash.XXH3_128bits_digest.restype = Hash


def hash_of(file, size):
    state = ctypes.c_void_p(xxhash.XXH3_createState())
    xxhash.XXH3_128bits_reset(state)
    for offset in range(0, size, 1 << 20):
        piece = os.pread(file, min(size - offset, 1 << 20), offset)
        xxhash.XXH3_128bits_update(state, piece, ctypes.c_size_t(len(piece)))
    value = xxhash.XXH3_128bits_digest(state)
    xxhash.XXH3_freeState(state)
    return f"{value.high:016x}{value.low:016x}"


def send(peer, message):
    peer.sendall(struct.pack(">I", len(message)) + message)


def receive(peer):
    size = int.from_bytes(peer.recv(4, socket.MSG_WAITALL), "big")
    return json.loads(peer.recv(size, socket.MSG_WAITALL))  # ValueError when the connection has ended


def send_file(peer, number, path, file):
    now = os.fstat(file)
    size, begin, chunk, finished = now.st_size, None, 0, False
    token = hashlib.sha256(repr((os.path.realpath(path), size, now.st_mtime_ns, now.st_ctime_ns)).encode()).hexdigest()
    send(peer, json.dumps({"type": "offer", "version": 1, "id": number, "name": os.path.basename(path), "size": size,
                           "hash": hash_of(file, size), "resume": token, "mtime_ns": max(now.st_mtime_ns, 0)}).encode())
    while True:
        if begin is None or finished or select.select([peer], [], [], 0)[0]:
            answer = receive(peer)
            if answer["type"] not in ("accept", "again"):
                return answer
            begin, chunk, finished = answer["offset"], answer.get("chunk", chunk), False
            if answer["type"] == "accept" and begin > 0 and hash_of(file, begin) != answer["hash"]:
                begin = 0
        elif begin < size:
            piece = os.pread(file, min(chunk, size - begin, 1 << 20), begin)
            if not piece:
                raise OSError(f"{path} has become shorter")
            check = xxhash.XXH3_64bits(piece, ctypes.c_size_t(len(piece)))
            send(peer, struct.pack(">BIQQ", 1, number, begin, check) + piece)
            begin += len(piece)
        else:
            send(peer, json.dumps({"type": "finish", "id": number}).encode())
            finished = True


def main(host, port, *paths):
    failed = False
    with socket.create_connection((host, int(port))) as peer:
        for number, path in enumerate(paths, 1):
            with open(path, "rb") as opened:
                answer = send_file(peer, number, path, opened.fileno())
            stored = answer["type"] == "stored"
            text = "stored {name} {size} {hash}".format(**answer) if stored else f"{path}: {json.dumps(answer)}"
            print(text, file=sys.stdout if stored else sys.stderr, flush=True)
            failed = failed or not stored
    return failed


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 3 else __doc__)
    except (OSError, ValueError) as why:
        sys.exit(f"file_sender.py: the connection or a file failed: {why}")
