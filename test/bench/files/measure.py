#!/usr/bin/env python3
"""Measures the transfer of files beside socat and rsync, for an optimised build on a machine that does nothing else:

    FAIRLEAD=build/release/apps/fairlead/fairlead test/bench/files/measure.py [--rounds 5] [--directory DIR]... [one] [many]

`one` is a file of 1 GiB, `many` are 10,000 files of 4 KiB. The directories, such as /dev/shm/bench and /var/tmp/bench, are made
and removed. All programs take turns in each round; the table has medians, and of each round's ratio to socat (`one`) or to
rsync (`many`). CPU is of the receiver and of the sender, kernel work on their behalf included; the sources are in memory.
"""

import argparse
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

FAIRLEAD = os.environ["FAIRLEAD"]
GIB = 1 << 30
PATIENCE = 600


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return holder.getsockname()[1]


def wait_for(port):
    """Until something listens there; asked without a connection, which socat would take for its sender."""
    wanted = f":{port:04X} 00000000:0000 0A"
    for _ in range(1000):
        if wanted in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii"):
            return
        time.sleep(0.01)
    raise RuntimeError(f"nothing listens on port {port}")


def cpu_of(process):
    """Seconds, of a process and of its children that it has waited for."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(each) for each in fields[11:15]) / os.sysconf("SC_CLK_TCK")


class Fairlead:
    def __init__(self, name, *options):
        self.name, self.options = name, options

    def begin(self, directory):
        self.port = free_port()
        return [FAIRLEAD, "serve", "files", "--directory", directory, "--listen", f"tcp://127.0.0.1:{self.port}",
                "--threads", "1", "--min-free-space", "0", "--log-level", "error", *self.options]

    def send(self, files):
        return [FAIRLEAD, "send", f"tcp://127.0.0.1:{self.port}", *files]


class Socat:
    """Its fastest form: as large blocks as it takes, with and without waiting for the disk."""

    def __init__(self, name, block, sync=False):
        self.name, self.block, self.sync = name, block, sync

    def begin(self, directory):
        self.port, self.directory = free_port(), directory
        return ["socat", "-u", "-b", str(self.block), f"TCP-LISTEN:{self.port},bind=127.0.0.1,reuseaddr",
                f"CREATE:{directory}/received"]

    def send(self, files):
        (name,) = files
        return ["socat", "-u", "-b", str(self.block), f"OPEN:{name}", f"TCP:127.0.0.1:{self.port}"]


class Rsync:
    def __init__(self, name, *options):
        self.name, self.options = name, options

    def begin(self, directory):
        self.port = free_port()
        self.config = tempfile.NamedTemporaryFile("w", suffix=".conf")
        self.config.write(f"port = {self.port}\naddress = 127.0.0.1\nuse chroot = no\n"
                          f"[files]\npath = {directory}\nread only = no\nuid = 0\ngid = 0\n")
        self.config.flush()
        return ["rsync", "--daemon", "--no-detach", f"--config={self.config.name}"]

    def send(self, files):
        return ["rsync", "--whole-file", *self.options, *files, f"rsync://127.0.0.1:{self.port}/files/"]


def measure(tool, directory, files):
    """Seconds of the clock, of the receiver's processor and of the sender's, and the receiver's most memory in MiB."""
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    os.sync()
    receiver = subprocess.Popen(tool.begin(directory), stdout=subprocess.DEVNULL)
    try:
        wait_for(tool.port)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        before = cpu_of(receiver)
        begin = time.monotonic()
        subprocess.run(tool.send(files), stdout=subprocess.DEVNULL, timeout=PATIENCE, check=True)
        sender = resource.getrusage(resource.RUSAGE_CHILDREN)
        if isinstance(tool, Socat):
            _, _, ended = os.wait4(receiver.pid, 0)
            if tool.sync:
                descriptor = os.open(directory + "/received", os.O_RDONLY)
                os.fsync(descriptor)
                os.close(descriptor)
            taken = time.monotonic() - begin
            receiver.returncode = 0
            received, memory = ended.ru_utime + ended.ru_stime, ended.ru_maxrss / 1024
        else:
            taken = time.monotonic() - begin
            if isinstance(tool, Rsync):
                time.sleep(0.3)  # until the daemon has waited for its child
            received, memory = cpu_of(receiver) - before, float("nan")
            if isinstance(tool, Fairlead):
                status = pathlib.Path(f"/proc/{receiver.pid}/status").read_text(encoding="ascii")
                memory = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    finally:
        if receiver.returncode is None:
            receiver.terminate()
            receiver.wait()
    stored = [each for each in pathlib.Path(directory).iterdir() if each.is_file()]
    assert sum(each.stat().st_size for each in stored) == sum(os.path.getsize(each) for each in files), tool.name
    sent = sender.ru_utime + sender.ru_stime - used.ru_utime - used.ru_stime
    return taken, received, sent, memory


def table(what, directory, tools, files, rounds):
    size = sum(os.path.getsize(each) for each in files)
    results = {tool.name: [] for tool in tools}
    for _ in range(rounds):
        for tool in tools:
            results[tool.name].append(measure(tool, directory, files))
    shutil.rmtree(directory, ignore_errors=True)
    base = results[tools[-1].name]
    print(f"\n{what}, {directory}, {rounds} rounds; ratios to {tools[-1].name}\n")
    print("| | s | MB/s | time ratio | CPU s receiver | ratio | CPU s sender | MiB |\n|---|---:|---:|---:|---:|---:|---:|---:|")
    for tool in tools:
        rows = results[tool.name]
        taken, received, sent, memory = (statistics.median(column) for column in zip(*rows))
        time_ratio = statistics.median(row[0] / other[0] for row, other in zip(rows, base))
        cpu_ratio = statistics.median(row[1] / other[1] for row, other in zip(rows, base))
        print(f"| {tool.name} | {taken:.2f} | {size / taken / 1e6:.0f} | {time_ratio:.2f} | {received:.2f} | {cpu_ratio:.2f} "
              f"| {sent:.2f} | {memory:.1f} |")
    sys.stdout.flush()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--directory", action="append")
    options.add_argument("what", nargs="*", default=["one", "many"])
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as source:
        for directory in chosen.directory or ["/dev/shm/fairlead-bench", "/var/tmp/fairlead-bench"]:
            if "one" in chosen.what:
                large = os.path.join(source, "large")
                if not os.path.exists(large):
                    with open(large, "wb") as file:
                        for _ in range(GIB >> 20):
                            file.write(os.urandom(1 << 20))
                tools = [Fairlead("fairlead"), Fairlead("fairlead --no-sync", "--no-sync"), Rsync("rsync"),
                         Rsync("rsync --fsync", "--fsync"), Socat("socat -b 8192", 8192),
                         Socat("socat -b 262144, then fsync", 262144, sync=True), Socat("socat -b 262144", 262144)]
                table("1 GiB", directory, tools, [large], chosen.rounds)
            if "many" in chosen.what:
                folder = os.path.join(source, "many")
                if not os.path.exists(folder):
                    os.mkdir(folder)
                    for number in range(10_000):
                        pathlib.Path(folder, f"f{number:05}").write_bytes(os.urandom(4096))
                files = sorted(os.path.join(folder, each) for each in os.listdir(folder))
                tools = [Fairlead("fairlead"), Fairlead("fairlead --no-sync", "--no-sync"),
                         Rsync("rsync --fsync", "--fsync"), Rsync("rsync")]
                table("10,000 files of 4 KiB", directory, tools, files, chosen.rounds)


if __name__ == "__main__":
    main()
