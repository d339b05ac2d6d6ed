"""Starts programs on a core and ends them; nothing else is ever ended."""

import contextlib
import os
import pathlib
import select
import socket
import subprocess
import tempfile
import time

PATIENCE = 20
HOST = "127.0.0.1"


class Failed(Exception):
    """A program did not do what it should; says which, and what it said."""


def start(command, core, **options):
    """In a session of its own, so that Ctrl-C reaches only us."""
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True,
                                preexec_fn=lambda: os.sched_setaffinity(0, {core}), **options)
    except OSError as failed:
        raise Failed(f"{command[0]}: {failed.strerror}") from failed


def end(process):
    for ask in (process.terminate, process.kill):
        if process.poll() is not None:
            break
        ask()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)


def run(command, core, seconds):
    """What a program that ends by itself has printed: exit code, stdout, stderr."""
    process = start(command, core, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        output, errors = process.communicate(timeout=seconds + PATIENCE)
    except subprocess.TimeoutExpired as hung:
        raise Failed(f"{command[0]} did not end") from hung
    finally:
        end(process)
    return process.returncode, output, errors.strip()


def address_of(url):
    host, port = url.partition("://")[2].rstrip("/").rsplit(":", 1)
    return host, int(port)


class Program:
    """A running program, ended with the `with` block."""

    def __init__(self, command, core):
        self._log = tempfile.TemporaryFile()
        try:
            self._process = start(command, core, stdout=subprocess.PIPE, stderr=self._log,
                                  bufsize=0)  # `select` sees each line
            self.pid = self._process.pid
            self._wait_until_it_runs()
        except BaseException:
            self.close()
            raise

    def _wait_until_it_runs(self):
        """Errors: Failed."""

    def next_line(self, patience=PATIENCE):
        ready, _, _ = select.select([self._process.stdout], [], [], patience)
        return self._process.stdout.readline().decode().strip() if ready else ""

    def log(self):
        size = os.fstat(self._log.fileno()).st_size
        text = os.pread(self._log.fileno(), 400, max(0, size - 400)).decode(errors="replace").strip()
        return text or "it said nothing"

    def require_alive(self):
        if self._process.poll() is not None:
            raise Failed(f"it ended with {self._process.returncode}: {self.log()}")

    def cpu_ns(self):
        """What it has used of the processor so far, all threads."""
        return time.clock_gettime_ns(~self.pid << 3 | 2)  # clock_getcpuclockid(3), which Python does not have

    def _memory(self, *kinds):
        lines = pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        sizes = [int(line.split()[1]) * 1024 for line in lines if line.startswith(kinds)]
        if len(sizes) != len(kinds):
            raise Failed("its memory cannot be seen")
        return sum(sizes)

    def rss_bytes(self):
        return self._memory("Rss:")

    def private_bytes(self):
        return self._memory("Private_Clean:", "Private_Dirty:")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def wait_for_descriptors(self, count, what):
        until = time.monotonic() + PATIENCE
        while self.descriptors() != count:
            self.require_alive()
            if time.monotonic() > until:
                raise Failed(f"it did not {what}: {self.descriptors()} descriptors, not {count}")
            time.sleep(0.01)

    def close(self):
        if hasattr(self, "_process"):
            end(self._process)
            self._process.stdout.close()
        self._log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Server(Program):
    """A server, which says `listening URL` once it does."""

    def _wait_until_it_runs(self):
        self.url = self.next_line().removeprefix("listening ")
        if not self.url.startswith(("tcp://", "tls://", "ws://")):
            raise Failed(f"it did not start: {self.log()}")

    def address(self):
        return address_of(self.url)


def free_port():
    with socket.socket() as asked:
        asked.bind((HOST, 0))
        return asked.getsockname()[1]


class SilentServer(Program):
    """A server that says nothing when it listens at its port."""

    def __init__(self, command, core, port):
        self._port = port
        super().__init__(command, core)

    def _wait_until_it_runs(self):
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(self.address()):
                return
            self.require_alive()
            if time.monotonic() > until:
                raise Failed(f"it does not listen: {self.log()}")
            time.sleep(0.05)

    def address(self):
        return HOST, self._port
