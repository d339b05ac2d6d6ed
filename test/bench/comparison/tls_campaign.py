"""Rounds of the measurements of TLS."""

import dataclasses
import pathlib

from . import tls_measuring as measuring
from .campaign import Campaign

MEMORY_ROUNDS = 2  # more would not tell more

PARTS = ("messages", "memory", "handshakes", "stalled")
KINDS = {"memory": ("session", "hello"), "handshakes": ("full", "resumed"), "stalled": ("silent", "hello")}
MEASURES = {"messages": measuring.load_run, "memory": measuring.memory_run, "handshakes": measuring.handshakes_run,
            "stalled": measuring.stalled_run}


@dataclasses.dataclass
class Plan:
    tool: pathlib.Path
    parts: tuple
    loads: list
    sessions: int
    stalled: int
    rounds: int
    duration: float
    warm_up: float

    def seconds(self, servers):
        """About how long it will take."""
        run = self.duration + self.warm_up + 0.5
        memory = min(self.rounds, MEMORY_ROUNDS) * 2 * (1 + self.sessions / 1500)
        each = {"messages": self.rounds * len(self.loads) * run, "handshakes": self.rounds * 2 * run, "memory": memory,
                "stalled": self.rounds * 2 * (run + self.stalled / 5000)}
        return servers * sum(each[part] for part in self.parts)


class TlsCampaign(Campaign):
    def show(self, figures):
        return ", ".join(f"{name} {value:.0f}" for name, value in figures.items() if value >= 2)

    def run(self):
        plan = self.plan
        for number in range(plan.rounds):
            for part in plan.parts:
                if part == "memory" and number >= MEMORY_ROUNDS:
                    continue
                rows = [row for row in self.rows if row.over_tls or part == "messages"]
                self._turns(part, rows, KINDS.get(part, plan.loads), number,
                            lambda row, what, part=part: MEASURES[part](row, what, plan, self.cores))
