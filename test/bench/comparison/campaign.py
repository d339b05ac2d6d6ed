"""Rounds: in each every load, and under it each server in turn, so that whatever drifts meets all alike."""

import contextlib
import dataclasses
import sys

from . import measuring
from .figures import rotated
from .processes import Failed

MEMORY_ROUNDS = 3  # more would not tell more


@dataclasses.dataclass
class Plan:
    tool: str
    parts: tuple  # of load, inproc, connections
    loads: list
    inproc_loads: list
    connections: int
    rounds: int
    duration: float
    warm_up: float

    @property
    def inproc_seconds(self):
        return min(self.duration, 1.0)  # what it shows is steadier

    def seconds(self, servers):
        """About how long it will take."""
        each_load = sum(self.duration + self.warm_up + 2 * load.ramp_up + 0.3 for load in self.loads)
        inproc = len(self.inproc_loads) * (self.inproc_seconds + 0.2)
        memory = min(self.rounds, MEMORY_ROUNDS) * (1 + self.connections / 2000)
        return servers * (self.rounds * (each_load * ("load" in self.parts) + inproc * ("inproc" in self.parts))
                          + (memory + self.rounds) * ("connections" in self.parts) + 2)


class Campaign:
    """What has been measured so far: `runs`; `faults`, who failed at what."""

    def __init__(self, plan, rows, cores):
        self.plan, self.rows, self.cores = plan, rows, cores
        self.runs, self.faults = [], []

    @contextlib.contextmanager
    def _noting(self, row, what):
        try:
            yield
        except (Failed, OSError, ValueError) as failed:
            self.faults.append(f"{row.name}, {what}: {failed}")
            print(f"FAILED  {self.faults[-1]}", file=sys.stderr, flush=True)

    def check(self):
        """Leaves only those that give back every byte."""
        passed = []
        for row in self.rows:
            with self._noting(row, "check of every byte"):
                measuring.check(row, self.plan.tool, self.cores)
                passed.append(row)
        self.rows = passed

    def show(self, figures):
        return f"{figures['cpu_ns']:10.0f} ns" if "cpu_ns" in figures else f"{figures['used_bytes']:10.0f} bytes"

    def _turns(self, part, rows, loads, number, measure):
        for load in loads:
            for row in rotated(rows, number):
                with self._noting(row, f"{part} {load}"):
                    figures = measure(row, load)
                    self.runs.append({"part": part, "server": row.name, "load": str(load), "round": number, **figures})
                    print(f"round {number + 1}  {part:11} {load!s:14} {row.name:24} {self.show(figures)}",
                          file=sys.stderr, flush=True)

    def run(self):
        plan, cores = self.plan, self.cores
        self.check()
        for number in range(plan.rounds):
            if "load" in plan.parts:
                self._turns("load", self.rows, plan.loads, number,
                            lambda row, load: measuring.load_run(row, load, plan, cores))
            if "inproc" in plan.parts:
                self._turns("inproc", [row for row in self.rows if row.inproc], plan.inproc_loads, number,
                            lambda row, load: measuring.inproc_run(row, load, plan, cores))
            if "connections" in plan.parts:
                if number < MEMORY_ROUNDS:
                    self._turns("connections", self.rows, [plan.connections], number,
                                lambda row, count: measuring.memory_run(row, count, cores))
                self._turns("connections", self.rows, [plan.connections], number,
                            lambda row, _: measuring.accept_run(row, cores))
