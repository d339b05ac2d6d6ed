#!/usr/bin/env python3
"""Publishes to many subscribers over TCP: deliveries in a second of the server's processor time, and the 99th percentile of the time
from the publisher to a subscriber.

Topics, a loop over handles, and topics over WebSocket; nats-server where it is installed. Rounds are in turns; medians, and medians of
the ratios within the rounds. Other servers of WebSocket join by `--also NAME=COMMAND`, which prints `listening ws://HOST:PORT` first and
does what servers/publish.cpp does; uWebSockets' is in others. `--stopped` measures in turns with one more subscriber that reads and
that has stopped, to whom nothing can be sent any more.
"""

import collections
import json
import os
import shutil
import signal
import sys

sys.dont_write_bytecode = True  # nothing is to be left among the sources

from compare import INTERRUPTED, interrupt  # noqa: E402
from comparison import machine, servers  # noqa: E402
from comparison.figures import median, median_ratio, rotated  # noqa: E402
from comparison.options import make_parser_of_one_table, positive, require_programs  # noqa: E402
from comparison.processes import HOST, Failed, Server, SilentServer, free_port, run  # noqa: E402
from comparison.tables import table  # noqa: E402

TOOL, PUBLISHER = "test/bench/topics-load", "test/bench/servers/publish"
BASE = "Fairlead, topics"
LOADS = ("64,1", "1024,1", "64,32", "1024,32")  # bytes, messages on the way
TURNS = 5  # with and without a stopped subscriber, in one run
PATIENCE_FOR_A_CROWD = 120  # on a busy machine


class Nats(SilentServer):
    def __init__(self, path, core):
        port = free_port()
        self.url = f"nats://{HOST}:{port}"
        super().__init__([path, "-a", HOST, "-p", str(port)], core, port)


def rows(build):
    """{name: what starts it on a core}"""
    program = str(build / PUBLISHER)
    found = {BASE: (program, "tcp://127.0.0.1:0", "topics"), "Fairlead, loop over handles": (program, "tcp://127.0.0.1:0", "loop"),
             "Fairlead, topics over WebSocket": (program, "ws://127.0.0.1:0", "topics")}
    starts = {name: lambda core, command=command: Server(command, core) for name, command in found.items()}
    nats = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
    if nats:
        starts["nats-server"] = lambda core: Nats(nats, core)
    else:
        print("nats-server is not installed", file=sys.stderr)
    return starts


def measure(start, given, loads, cores):
    """The figures of each load."""
    with start(cores[0]) as server:
        command = [str(given.build / TOOL), server.url, str(server.pid), str(given.subscribers), str(given.duration)]
        code, output, errors = run([*command, *loads], cores[-1], given.duration * len(loads) + PATIENCE_FOR_A_CROWD)
        server.require_alive()
    if code != 0:
        raise Failed(errors)
    return [json.loads(line) for line in output.splitlines()]


def parse_arguments():
    parser = make_parser_of_one_table(__doc__)
    parser.add_argument("--subscribers", type=positive(int), default=10_000)
    parser.add_argument("--servers", metavar="NAME;NAME…", help="only these")
    parser.add_argument("--stopped", action="store_true", help="what one stopped subscriber does to the others")
    given = parser.parse_args()
    try:
        also = [servers.also(each) for each in given.also]
    except ValueError as wrong:
        parser.error(str(wrong))
    require_programs(parser, given.build, TOOL, PUBLISHER)
    starts = {**rows(given.build), **{row.name: lambda core, row=row: Server(row.command, core) for row in also}}
    chosen = given.servers.split(";") if given.servers else list(starts)
    for name in chosen:
        if name not in starts:
            parser.error(f"there is no server {name!r}; there are: {'; '.join(starts)}")
    return given, {name: starts[name] for name in chosen}


def compare(seen, names):
    """Of {(name, load, figure): {round: value}}."""
    def per_core(name, load):
        return {number: 1e6 / cost for number, cost in seen[name, load, "cpu_ns"].items()}

    def cell(name, load):
        rates = per_core(name, load)
        if not rates:
            return "–"
        ratio = median_ratio(rates, per_core(BASE, load))
        return (f"{median(rates):,.0f}" + (f" ({ratio:.2f})" if ratio else "")
                + f" · {median(seen[name, load, 'p99_us']) / 1000:,.0f}")
    return table(f"Thousands of deliveries in a second of processor time (ratio to {BASE}) · p99, ms", LOADS,
                 [[name, *(cell(name, load) for load in LOADS)] for name in names])


def compare_stopped(seen, names):
    def cell(name, load):
        reads, stopped = seen[name, load, "p99_us"], seen[name, load + ",stopped", "p99_us"]
        ratio = median_ratio(stopped, reads)
        return f"{median(reads) / 1000:,.1f} · {median(stopped) / 1000:,.1f} ({ratio:.3f})" if ratio else "–"
    return table("p99 of the others, ms: all read · one has stopped (ratio)", LOADS[:2],
                 [[name, *(cell(name, load) for load in LOADS[:2])] for name in names])


def run_rounds(given, starts, loads, cores, seen):
    """Returns the exit code."""
    code = 0
    for number in range(given.rounds):
        for name in rotated(list(starts), number):
            try:
                measured = measure(starts[name], given, loads, cores)
            except (Failed, OSError, ValueError) as wrong:
                code = 1
                print(f"FAILED  {name}: {wrong}", file=sys.stderr, flush=True)
                continue
            print(f"round {number + 1}  {name}", file=sys.stderr, flush=True)
            for at, (load, figures) in enumerate(zip(loads, measured)):
                for figure, value in figures.items():
                    seen[name, load, figure][number, at // 2 if given.stopped else 0] = value
    return code


def main():
    given, starts = parse_arguments()
    cores = machine.choose_cores()
    if given.subscribers + 2 > machine.raise_descriptor_limit():
        sys.exit("the descriptors (ulimit -Hn) are not enough for so many subscribers")
    loads = LOADS if not given.stopped else [each + end for each in LOADS[:2] for _ in range(TURNS) for end in ("", ",stopped")]
    print(f"load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    os.sched_setaffinity(0, {cores[-1]})
    seen = collections.defaultdict(dict)
    try:
        code = run_rounds(given, starts, loads, cores, seen)
    except KeyboardInterrupt:
        code = INTERRUPTED
    print((compare_stopped if given.stopped else compare)(seen, list(starts)))
    return code


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    sys.exit(main())
