#!/usr/bin/env python3
"""Compares `fairlead serve relay` with `socat -b 262144`, and its bytes with one message in parts: one connection over the loopback,
one thread each.

Rounds are in turns; medians. Usage: relay.py [FAIRLEAD [GIBIBYTES [ROUNDS]]]
"""

import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time

PIECE = bytes(1 << 20)
SOCAT = shutil.which("socat")


def relay_of_fairlead(program, target, *options):
    """A running relay and its address."""
    running = subprocess.Popen([program, "serve", "relay", "--threads", "1", "--listen", "tcp://127.0.0.1:0", "--to",
                                "tcp://%s:%d" % target, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    host, port = running.stdout.readline().strip().rpartition("//")[2].rsplit(":", 1)
    return running, (host, int(port))


def relay_in_parts(program, target):
    return relay_of_fairlead(program, target, "--framing", "length:8", "--max-message", "1024GiB")


def relay_of_socat(_, target):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    running = subprocess.Popen([SOCAT, "-d", "-d", "-b", "262144", "TCP-LISTEN:%d,bind=%s" % address[::-1],
                                "TCP:%s:%d" % target], stderr=subprocess.PIPE, text=True)
    while "listening on" not in running.stderr.readline():
        pass
    return running, address


def cpu_of(pid):
    """Seconds of the processor so far."""
    return time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid(3)


def measure(start, program, size):
    """Seconds, and those of the relay's processor."""
    header = struct.pack(">Q", size) if start is relay_in_parts else b""
    with socket.create_server(("127.0.0.1", 0)) as target:
        running, address = start(program, target.getsockname())
        received = 0

        def read_all():
            nonlocal received
            room = bytearray(len(PIECE))
            with target.accept()[0] as connection:
                while size_read := connection.recv_into(room):
                    received += size_read
                if received == len(header) + size:
                    used.append(cpu_of(running.pid) - before)

        used = []
        with socket.create_connection(address) as sender:
            reader = threading.Thread(target=read_all)
            reader.start()
            before, begin = cpu_of(running.pid), time.monotonic()
            sender.sendall(header)
            for _ in range(size // len(PIECE)):
                sender.sendall(PIECE)
            sender.shutdown(socket.SHUT_WR)
            reader.join()
            taken = time.monotonic() - begin
        running.terminate()
        running.wait()
    if not used:
        sys.exit(f"{running.args[0]}: {received} of {len(header) + size} bytes arrived")
    return taken, used[0]


def main(program="build/release/apps/fairlead/fairlead", gibibytes="2", rounds="5"):
    starts = {"fairlead": relay_of_fairlead, "in parts": relay_in_parts}
    if SOCAT:
        starts["socat"] = relay_of_socat
    else:
        print("socat is not installed", file=sys.stderr)
    taken = {name: [] for name in starts}
    print(f"load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    for _ in range(int(rounds)):
        for name, start in starts.items():
            taken[name].append(measure(start, program, int(gibibytes) << 30))
    for name, runs in taken.items():
        wall, cpu = (statistics.median(each) / int(gibibytes) for each in zip(*runs))
        print(f"{name:10} {1 / wall:6.2f} GiB/s  {cpu:6.3f} s of the processor for a GiB")


if __name__ == "__main__":
    main(*sys.argv[1:])
