"""A control group that limits the memory of a process, of either version of cgroups(7)."""

import os
import tempfile


class MemoryGroup:
    """Made in the group this process is in; OSError where that is not allowed. `join` is for the child's side of fork."""

    def __init__(self, limit):
        with open("/proc/self/cgroup", encoding="ascii") as file:
            groups = {kinds: path for _, kinds, path in (line.rstrip("\n").split(":", 2) for line in file)}
        if "memory" in groups:
            parent, limits = "/sys/fs/cgroup/memory" + groups["memory"], ("memory.limit_in_bytes",)
            self._events, self._most = "memory.oom_control", "memory.max_usage_in_bytes"
        else:
            parent, limits = "/sys/fs/cgroup" + groups.get("", "/"), ("memory.max", "memory.swap.max")
            self._events, self._most = "memory.events", "memory.peak"
        self.path = tempfile.mkdtemp(prefix="fairlead-test-", dir=parent)
        try:
            self._write(limits[0], limit)
            for name in limits[1:]:
                self._write(name, 0)
        except OSError:
            self.close()
            raise

    def _write(self, name, value):
        with open(os.path.join(self.path, name), "w", encoding="ascii") as file:
            file.write(str(value))

    def join(self):
        self._write("cgroup.procs", os.getpid())

    def killed(self):
        """How many of its processes were killed for want of memory."""
        with open(os.path.join(self.path, self._events), encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("oom_kill "))

    def most(self):
        """The most bytes that there have been, with what the system keeps for its processes; None before Linux 5.19."""
        try:
            with open(os.path.join(self.path, self._most), encoding="ascii") as file:
                return int(file.read())
        except FileNotFoundError:
            return None

    def close(self):
        os.rmdir(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
