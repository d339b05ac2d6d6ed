#!/usr/bin/env python3
"""run_cases.py PROGRAM --limit SECONDS --results FILE: runs a GoogleTest program as one test of CTest.

The cases share a process, which saves the start of one for each. A case that takes longer than SECONDS, or that ends the
process, fails; the cases behind it run in a new process. Prints the output of cases that failed or were skipped, then how
many there were of each kind; the numbers of passed, failed and skipped cases are left in FILE for `./dev test`. GTEST_FILTER chooses cases.
"""

import argparse
import os
import pathlib
import re
import selectors
import signal
import subprocess
import sys
import time

BEGIN = re.compile(r"^\[ RUN      \] (\S+)$")
END = re.compile(r"\[  (?:     OK|FAILED |SKIPPED) \] ")
KINDS = {"     OK": "passed", "FAILED ": "failed", "SKIPPED": "skipped"}


class Cases:
    def __init__(self, program, limit):
        self.program, self.limit = program, limit
        self.waiting = self._list()
        self.count = {"passed": 0, "failed": 0, "skipped": 0}

    def _list(self):
        """The names of all cases, in the order in which they run."""
        found, suite = [], ""
        text = subprocess.run([self.program, "--gtest_list_tests"], stdout=subprocess.PIPE, timeout=60, check=True).stdout
        for line in text.decode().splitlines():
            name = line.split("#")[0].rstrip()
            if not line.startswith(" "):
                suite = name if name.endswith(".") else ""
            elif suite:
                found.append(suite + name.strip())
        return [each for each in found if not re.search(r"(^|[./])DISABLED_", each)]

    def run(self):
        while self.waiting:
            before = len(self.waiting)
            self._run_once()
            if len(self.waiting) == before:  # it did not even begin
                self._end_of(self.waiting[0], "failed", [])
        return self.count

    def _run_once(self):
        """Runs the waiting cases in one process until all have ended, one hangs, or the process ends."""
        self.running, self.output, self.since = None, [], time.monotonic()
        process = subprocess.Popen([self.program, "--gtest_filter=" + ":".join(self.waiting), "--gtest_color=no"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        hung = not self._follow(process)
        if self.rest:
            self._take(self.rest)
        if hung:
            self.output.append(f"stopped after {self.limit} seconds")
            kill_group(process)
        code = process.wait()
        kill_group(process)  # what it left behind
        process.stdout.close()
        if self.running is not None:
            if not hung:
                self.output.append(f"the process ended with {describe(code)}")
            self._end_of(self.running, "failed", self.output)
        elif hung or code not in (0, 1) or code == 1 and not self.failed_here:
            self.count["failed"] += 1  # a leak, say
            tell(f"{self.program}: {describe(code)} after the last case", self.output)

    def _follow(self, process):
        """Reads until the process ends; false where it goes on for too long."""
        self.failed_here = False
        self.rest = b""  # of a line that has no end yet
        descriptor = process.stdout.fileno()
        os.set_blocking(descriptor, False)
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while True:
                left = self.since + self.limit - time.monotonic()
                if left <= 0:
                    return False
                if not selector.select(min(left, 0.5)):
                    if process.poll() is None or selector.select(0):
                        continue
                    return True  # ended, though some child of it holds the pipe
                more = os.read(descriptor, 1 << 16)
                *lines, self.rest = (self.rest + more).split(b"\n")
                for line in lines:
                    self._take(line)
                if not more:
                    return self._ends_soon(process)

    def _ends_soon(self, process):
        try:
            process.wait(max(1, self.since + self.limit - time.monotonic()))
            return True
        except subprocess.TimeoutExpired:
            return False

    def _take(self, line):
        line = line.decode(errors="replace")
        begin, end = BEGIN.search(line), END.search(line)
        if begin:
            self.running, self.output, self.since = begin[1], [], time.monotonic()
        elif end and self.running is not None and line[end.end():].startswith(self.running):
            self.output += [line[:end.start()]] if end.start() else []
            self._end_of(self.running, KINDS[end[0][3:10]], self.output)
            self.running, self.output, self.since = None, [], time.monotonic()
        else:
            self.output.append(line)

    def _end_of(self, name, kind, output):
        self.waiting.remove(name)
        self.count[kind] += 1
        self.failed_here = getattr(self, "failed_here", False) or kind == "failed"
        if kind != "passed":
            tell(f"{name}: {kind}", output)


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def describe(code):
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"


def tell(heading, output):
    print(f"=== {heading}", *output, sep="\n", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--limit", type=float, required=True)
    parser.add_argument("--results", type=pathlib.Path)
    options = parser.parse_args()
    count = Cases(str(options.program), options.limit).run()
    print(", ".join(f"{number} {kind}" for kind, number in count.items()))
    if options.results:
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text("{passed} {failed} {skipped}\n".format(**count))
    return 1 if count["failed"] or not any(count.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
