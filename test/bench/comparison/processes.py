"""Starts programs on a core and ends them; nothing else is ever ended."""

import contextlib
import os
import pathlib
import select
import subprocess
import tempfile
import time

PATIENCE = 20


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


class Server:
    """A running server, which says `listening URL` once it does; ended with the `with` block."""

    def __init__(self, command, core):
        self._log = tempfile.TemporaryFile()
        try:
            self._process = start(command, core, stdout=subprocess.PIPE, stderr=self._log)
            self.pid = self._process.pid
            self.url = self._first_line().removeprefix("listening ")
            if not self.url.startswith("tcp://"):
                raise Failed(f"it did not start: {self.log()}")
        except BaseException:
            self.close()
            raise

    def _first_line(self):
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        return self._process.stdout.readline().decode().strip() if ready else ""

    def log(self):
        size = os.fstat(self._log.fileno()).st_size
        text = os.pread(self._log.fileno(), 400, max(0, size - 400)).decode(errors="replace").strip()
        return text or "it said nothing"

    def address(self):
        host, port = self.url.removeprefix("tcp://").rsplit(":", 1)
        return host, int(port)

    def require_alive(self):
        if self._process.poll() is not None:
            raise Failed(f"it ended with {self._process.returncode}: {self.log()}")

    def cpu_ns(self):
        """What it has used of the processor so far, all threads."""
        return time.clock_gettime_ns(~self.pid << 3 | 2)  # clock_getcpuclockid(3), which Python does not have

    def rss_bytes(self):
        for line in pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
        raise Failed("its memory cannot be seen")

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
