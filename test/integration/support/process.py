"""What a running process uses, from /proc, and waiting until something holds."""

import os
import time

from .programs import PATIENCE

KIB = 1024
MIB = 1024 * KIB


class Process:
    """Looks at the process of a number; it need not be a child of ours."""

    def __init__(self, pid):
        self.pid = pid

    def private_memory(self):
        """Bytes that belong to no file. Pages of the program do not count: they are private or not as others run it."""
        return self._sum("smaps_rollup", ("Anonymous",))

    def resident_memory(self):
        return self._sum("status", ("VmRSS",))

    def most_resident_memory(self):
        """The most that there has been."""
        return self._sum("status", ("VmHWM",))

    def threads(self):
        return int(self._fields("status")["Threads"])

    def cpu_time(self):
        """Seconds in user and kernel mode, of all threads."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            times = file.read().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        """Which descriptors are open, and what each is, such as `socket:[12345]`."""
        found = {}
        for number in os.listdir(f"/proc/{self.pid}/fd"):
            try:
                found[int(number)] = os.readlink(f"/proc/{self.pid}/fd/{number}")
            except FileNotFoundError:  # closed while we looked
                pass
        return found

    def descriptor_flags(self, descriptor):
        """As open(2) has them."""
        return int(self._fields(f"fdinfo/{descriptor}")["flags"], 8)

    def wakeups(self):
        """How often its threads have waited for something."""
        return sum(int(self._fields(f"task/{thread}/status")["voluntary_ctxt_switches"])
                   for thread in os.listdir(f"/proc/{self.pid}/task"))

    def stopped(self):
        """Whether a SIGSTOP has reached all of its threads."""
        states = []
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            states.append(self._fields(f"task/{thread}/status")["State"][0])
        return set(states) <= {"T", "t"}  # t: under strace

    def _fields(self, name):
        with open(f"/proc/{self.pid}/{name}", encoding="ascii", errors="replace") as file:
            lines = (line.split(":", 1) for line in file if ":" in line)
            return {key.strip(): value.strip() for key, value in lines}

    def _sum(self, name, keys):
        fields = self._fields(name)
        return sum(int(fields[key].removesuffix(" kB")) for key in keys) * KIB


def wait_until(condition, what, limit=PATIENCE, ask=None):
    """Gives what `condition` gives as soon as that is true; fails with `what`, or with what it gives, at the limit.

    `ask` is called first and then every three seconds: under ptrace ThreadSanitizer now and then keeps a signal until the
    next one.
    """
    begin = asked = time.monotonic()
    pause = 0.001
    if ask:
        ask()
    while not (value := condition()):
        now = time.monotonic()
        if ask and now - asked > 3:
            ask()
            asked = now
        if now - begin > limit:
            raise AssertionError(f"not within {limit} s: {what() if callable(what) else what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    return value
