#!/usr/bin/env python3
"""Measures the echo of `fairlead serve` over WebSocket beside that over the length prefix: the server's processor time for a message.

Rounds are in turns; medians, and medians of the ratios within the rounds. Other servers join by `--also NAME=COMMAND`, which prints
`listening ws://HOST:PORT/` first; Beast's and uWebSockets' are in others.
"""

import os
import signal
import sys

sys.dont_write_bytecode = True  # nothing is to be left among the sources

from compare import INTERRUPTED, interrupt  # noqa: E402
from comparison import loads, machine, servers, tables  # noqa: E402
from comparison.campaign import Campaign, Plan  # noqa: E402
from comparison.options import make_parser_of_one_table, require_programs  # noqa: E402

BESIDE = "length prefix"
TOOL = "apps/fairlead/fairlead"


def parse_arguments():
    parser = make_parser_of_one_table(__doc__)
    parser.add_argument("--loads", nargs="+", default=("64,16,64", "64,16,1024", "64,1,64"), metavar="C,P,S",
                        help="connections, messages under way on each, bytes in one")
    given = parser.parse_args()
    try:
        given.loads = [loads.parse(each) for each in given.loads]
        given.also = [servers.also(each) for each in given.also]
    except ValueError as wrong:
        parser.error(str(wrong))
    require_programs(parser, given.build, TOOL)
    return given


def main():
    given, cores = parse_arguments(), machine.choose_cores()
    tool = str(given.build / TOOL)
    echo = (tool, "serve", "--threads", "1", "echo", "--listen")
    rows = [servers.Row(BESIDE, (*echo, "tcp://127.0.0.1:0")), servers.Row("WebSocket", (*echo, "ws://127.0.0.1:0/")), *given.also]
    campaign = Campaign(Plan(tool=tool, parts=("load",), loads=given.loads, inproc_loads=[], connections=0, rounds=given.rounds,
                             duration=given.duration, warm_up=0.5), rows, cores)
    print(f"load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    os.sched_setaffinity(0, {cores[-1]})
    code = 0
    try:
        campaign.run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    print(tables.table(f"Processor time of the server, µs a message (ratio to the {BESIDE})", list(map(str, given.loads)),
                       [[row.name, *(tables.cost(campaign.runs, "load", row.name, str(load), 1000, BESIDE) for load in given.loads)]
                        for row in rows]))
    return code or (1 if campaign.faults else 0)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    sys.exit(main())
