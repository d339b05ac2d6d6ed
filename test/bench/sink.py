#!/usr/bin/env python3
"""Sends one message of many bytes behind eight of length to `fairlead serve sink`, which takes it in parts: time, processor time and
the most memory.

Rounds are in turns; medians. Other programs join by `--also NAME=COMMAND`, which prints `listening tcp://HOST:PORT` first; Netty's
decoder is in others/netty_sink.
"""

import os
import re
import shlex
import socket
import statistics
import struct
import sys
import time

from relay import PIECE, arguments, cpu_of, started


def most_memory_of(pid):
    """Bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s*(\d+) kB", file.read())[1]) * 1024


def measure(command, size):
    """Seconds, those of the processor, and bytes of memory at most."""
    running, address = started(command)
    before, begin = cpu_of(running.pid), time.monotonic()
    with socket.create_connection(address) as sender:
        sender.sendall(struct.pack(">Q", size))
        for _ in range(size // len(PIECE)):
            sender.sendall(PIECE)
        sender.shutdown(socket.SHUT_WR)
        while sender.recv(1024):
            pass
    measured = time.monotonic() - begin, cpu_of(running.pid) - before, most_memory_of(running.pid)
    running.terminate()
    running.wait()
    return measured


def main():
    options = arguments(__doc__)
    commands = {"fairlead": [options.fairlead, "serve", "sink", "--threads", "1", "--framing", "length:8", "--max-message", "1024GiB",
                             "--listen", "tcp://127.0.0.1:0"]}
    for name, _, command in (each.partition("=") for each in options.also):
        commands[name] = shlex.split(command)
    taken = {name: [] for name in commands}
    print(f"load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    for _ in range(options.rounds):
        for name, command in commands.items():
            taken[name].append(measure(command, round(options.gibibytes * 2**30)))
    for name, runs in taken.items():
        wall, cpu, memory = (statistics.median(each) for each in zip(*runs))
        print(f"{name:10} {options.gibibytes / wall:6.2f} GiB/s  {cpu / options.gibibytes:6.3f} s of the processor for a GiB  "
              f"{memory / 2**20:7.1f} MiB at most")


if __name__ == "__main__":
    main()
