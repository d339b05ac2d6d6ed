"""What a server is loaded with."""

import dataclasses
import re

ALL = ("1,1,64", "64,1,64", "64,16,64", "64,16,1024", "16,4,65536", "1000,1,64", "10000,1,64", "64,4,64@60000")
QUICK = ("1,1,64", "64,1,64", "64,16,64", "64,16,1024", "16,4,65536", "1000,1,64", "64,4,64@60000")
INPROC = ("1,1,64", "64,1,64", "64,16,64", "64,16,1024")

CONNECTIONS_A_SECOND = 5000  # made at the start: more at once would overflow backlogs


@dataclasses.dataclass(frozen=True)
class Load:
    connections: int
    pipeline: int
    size: int
    rate: int = 0  # messages a second in all; 0: each reply brings the next message

    def __str__(self):
        return f"{self.connections},{self.pipeline},{self.size}" + (f"@{self.rate}" if self.rate else "")

    @property
    def ramp_up(self):
        """Seconds."""
        return self.connections / CONNECTIONS_A_SECOND if self.connections > 500 else 0

    def describe(self):
        connections = "1 connection" if self.connections == 1 else f"{self.connections} connections"
        size = f"{self.size // 1024} KiB" if self.size >= 1024 and self.size % 1024 == 0 else f"{self.size} bytes"
        pace = f", {self.rate} messages/s" if self.rate else ""
        return f"{connections} × {self.pipeline}, {size}{pace}"


def parse(text):
    """CONNECTIONS,PIPELINE,SIZE[@RATE]"""
    match = re.fullmatch(r"(\d+),(\d+),(\d+)(?:@(\d+))?", text)
    if not match:
        raise ValueError(f"{text!r} is no load; one is CONNECTIONS,PIPELINE,SIZE or CONNECTIONS,PIPELINE,SIZE@RATE")
    load = Load(*(int(each or 0) for each in match.groups()))
    if load.connections == 0 or load.pipeline == 0:
        raise ValueError(f"{text!r}: a load has at least one connection, and one message under way on it")
    return load


def fits_inproc(load):
    """What is sent on a connection in one turn must fit into its buffers, or both ends would wait for each other."""
    return not load.rate and load.connections <= 1000 and load.pipeline * (load.size + 4) <= 32 * 1024
