"""Faults in the system calls of a server, by strace: the Nth of one kind fails with an error of our choice."""

import os
import re
import shutil
import signal
import subprocess
import tempfile

from .campaign import SANITIZED
from .process import wait_until
from .programs import FAIRLEAD, PATIENCE, Server


def why_not():
    """Why nothing can be injected here, or nothing."""
    if not shutil.which("strace"):
        return "strace is not installed"
    tried = subprocess.run(["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=close", "true"], capture_output=True)
    return tried.stderr.decode().strip() if tried.returncode else ""


def whole_calls(lines):
    """Joins calls that strace shows in two parts because another thread's came between them; each stands at its end."""
    begun, whole = {}, []
    for line in lines:
        thread = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line[:-len("<unfinished ...>")].rstrip()
        elif (resumed := re.search(r"<\.\.\. \w+ resumed>", line)) and thread in begun:
            whole.append(begun.pop(thread) + line[resumed.end():])
        else:
            whole.append(line)
    return whole + list(begun.values())


class InjectedServer(Server):
    """A server in which `call` fails with `error`; `when` as strace(1) has it: 3 the third, 3+ from then on, 3..5.

    Calls are counted for each thread by itself. A call that is made to fail is not made at all, so a failing close
    leaves the descriptor open. Without an error the calls are noted only; then there may be several, with commas.
    Instead of an error there may be what else strace can do to a call, such as `delay_enter=2000000` (microseconds).
    """

    def __init__(self, call, error, when, *arguments, **options):
        with tempfile.NamedTemporaryFile(delete=False) as log:
            self._injections = log.name
        environment = dict(os.environ)
        if os.environ.get("FAIRLEAD_SANITIZE"):  # LeakSanitizer cannot work under ptrace
            environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        fault = error if error and "=" in error else f"error={error}"
        injection = ("-e", f"inject={call}:{fault}:when={when}") if error else ()
        # With -D strace is not the parent: the process that was started is the server itself.
        super().__init__("-D", "-f", "--seccomp-bpf", "-q", "-o", self._injections, "-e", f"trace={call}", *injection,
                         FAIRLEAD, *arguments, program="strace", env=environment, **options)

    def wait(self):
        # Under ptrace ThreadSanitizer now and then keeps a signal until the next one. SIGHUP cuts nothing off.
        for _ in range(PATIENCE // 3 if SANITIZED == "thread" else 0):
            try:
                return self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.send_signal(signal.SIGHUP)
        return super().wait()

    def injected(self):
        """The calls that failed by our doing, once the server has ended."""
        return [line for line in self.calls() if "(INJECTED)" in line]

    def calls(self):
        """All calls that were traced, a line each, once the server has ended."""
        end = re.compile(rf"^{self.process.pid} +\+\+\+ (exited|killed)", re.MULTILINE)
        wait_until(lambda: end.search(self._trace()), "the end of strace's log")
        return whole_calls(self._trace().splitlines())

    def _trace(self):
        with open(self._injections, encoding="utf-8", errors="replace") as log:
            return log.read()

    def close(self):
        try:
            super().close()
        finally:
            os.unlink(self._injections)
