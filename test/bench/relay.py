#!/usr/bin/env python3
"""Compares `fairlead serve relay` with `socat -b 262144`, and its bytes with one message in parts: one connection over the loopback,
one thread each.

Rounds are in turns; medians. Other relays join by `--also NAME=COMMAND`, which gets the target as HOST:PORT and prints
`listening tcp://HOST:PORT` first; tokio's is in others/tokio_relay.
"""

import argparse
import functools
import os
import shlex
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


def started(command):
    """A running server that prints its URL first, and its address."""
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    host, port = running.stdout.readline().strip().rpartition("/")[2].rsplit(":", 1)
    return running, (host, int(port))


def relay_of_fairlead(program, target, *options):
    """A running relay and its address."""
    return started([program, "serve", "relay", "--threads", "1", "--listen", "tcp://127.0.0.1:0", "--to", "tcp://%s:%d" % target,
                    *options])


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


def another_relay(command, _, target):
    return started([*shlex.split(command), "%s:%d" % target])


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


def arguments(what):
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--fairlead", default="build/release/apps/fairlead/fairlead", help="the command that is measured")
    parser.add_argument("--gibibytes", type=float, default=2, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--also", action="append", default=[], metavar="NAME=COMMAND", help="another program in the same rounds")
    return parser.parse_args()


def main():
    options = arguments(__doc__)
    starts = {"fairlead": relay_of_fairlead, "in parts": relay_in_parts}
    if SOCAT:
        starts["socat"] = relay_of_socat
    else:
        print("socat is not installed", file=sys.stderr)
    for name, _, command in (each.partition("=") for each in options.also):
        starts[name] = functools.partial(another_relay, command)
    taken = {name: [] for name in starts}
    print(f"load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    for _ in range(options.rounds):
        for name, start in starts.items():
            taken[name].append(measure(start, options.fairlead, round(options.gibibytes * 2**30)))
    for name, runs in taken.items():
        wall, cpu = (statistics.median(each) / options.gibibytes for each in zip(*runs))
        print(f"{name:10} {1 / wall:6.2f} GiB/s  {cpu:6.3f} s of the processor for a GiB")


if __name__ == "__main__":
    main()
