#!/usr/bin/env python3
"""Measures Fairlead beside other servers that do the same work, the echo of framed messages.

`load` runs servers and `fairlead load` as two processes, each on a core of its own; `inproc` has both ends on one
thread, which shows smaller differences; `connections` is about memory and accepting. docs/performance.md says what is
measured how.
"""

import json
import os
import pathlib
import signal
import sys

sys.dont_write_bytecode = True  # nothing is to be left among the sources

from comparison import loads, machine, page, picture, servers, tables  # noqa: E402
from comparison.campaign import Campaign, Plan  # noqa: E402
from comparison.options import ROOT, check, choose, counted, make_parser  # noqa: E402

PARTS = ("load", "inproc", "connections")
INTERRUPTED = 130


def parse_arguments(arguments):
    parser = make_parser("./dev bench", __doc__, PARTS)
    parser.add_argument("--loads", nargs="+", metavar="C,P,S[@RATE]",
                        help="connections, messages under way on each, bytes in one; at a fixed rate in all")
    parser.add_argument("--connections", type=int, help="that are idle, for their memory (10000)")
    parser.add_argument("--servers", metavar="NAME;NAME…", help="only these, and raw epoll")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=COMMAND",
                        help="another server, which prints `listening tcp://HOST:PORT` first")
    parser.add_argument("--svg", metavar="FILE", help="write a picture")
    parser.add_argument("--docs", action="store_true", help="put tables and picture into docs/performance.md")
    given = parser.parse_args(arguments)
    check(parser, given, PARTS, ("connections",), "; micro and tls stand alone, and first")
    return parser, given


def make_plan(given, most_connections, notes):
    texts = given.loads or (loads.QUICK if given.quick else loads.ALL)
    wanted = [loads.parse(each) for each in texts]
    possible = [load for load in wanted if load.connections <= most_connections]
    notes += [f"{load} is left out: the descriptors (ulimit -Hn) are enough for {most_connections} connections"
              for load in wanted if load not in possible]
    idle = choose(given.connections, 1000, 10000, given.quick)
    if idle > most_connections:
        notes.append(f"idle connections are {most_connections}, not {idle}: the descriptors allow no more")
    return Plan(tool=str(given.build / "apps/fairlead/fairlead"), parts=tuple(given.parts or PARTS), loads=possible,
                inproc_loads=[loads.parse(each) for each in given.loads or loads.INPROC
                              if loads.fits_inproc(loads.parse(each))],
                connections=min(idle, most_connections),
                rounds=choose(given.rounds, 1, 5, given.quick),
                duration=choose(given.duration, 0.5, 3, given.quick),
                warm_up=choose(given.warm_up, 0.2, 0.5, given.quick))


def announce(plan, rows, cores):
    minutes = plan.seconds(len(rows)) / 60
    print(f"{counted(len(rows), 'server')}, {counted(plan.rounds, 'round')}, about {minutes:.0f} min; "
          "Ctrl-C shows what there is by then", file=sys.stderr)
    if len(cores) == 1:
        print("there is one core: server and load share it, so only processor time tells something", file=sys.stderr)
    if os.getloadavg()[0] > 0.5:
        print(f"this machine is busy (load average {os.getloadavg()[0]:.1f}): figures will be off", file=sys.stderr)


def measure(given, rows, notes):
    """The report, and the exit code."""
    cores = machine.choose_cores()
    plan = make_plan(given, machine.raise_descriptor_limit(), notes)
    described = f"{machine.describe(given.build, cores)}; {counted(plan.rounds, 'round')} of {plan.duration:g} s"
    busy = os.getloadavg()[0]
    if busy > 0.5:
        notes.append(f"the machine was busy with other work (load average {busy:.1f} at the start): provisional")
    announce(plan, rows, cores)
    os.sched_setaffinity(0, {cores[-1]})
    campaign, code = Campaign(plan, rows, cores), 0
    try:
        campaign.run()
    except KeyboardInterrupt:
        notes.append("interrupted before the end")
        code = INTERRUPTED
    measured = {run["server"] for run in campaign.runs}
    notes += [f"failed: {fault}" for fault in campaign.faults]
    report = {"machine": described, "machine_in_short": machine.describe_in_short(), "notes": notes,
              "servers": [row.name for row in rows if row.name in measured], "runs": campaign.runs}
    return report, code or (1 if campaign.faults else 0)


def publish(report, given, code):
    print(tables.all_tables(report))
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if given.svg:
        pathlib.Path(given.svg).write_text(picture.draw(report), encoding="utf-8")
    if given.docs and code == 0:
        page.write(ROOT / "docs", report)
    elif given.docs:
        print("docs/performance.md is left as it was: something failed", file=sys.stderr)


def interrupt(*_):
    """Once: a second one would leave running what the first one is ending."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(arguments):
    parser, given = parse_arguments(arguments)
    try:
        if given.only_parse:
            for each in given.loads or ():
                loads.parse(each)
            return 0
        if given.given:
            report, code = json.loads(pathlib.Path(given.given).read_text(encoding="utf-8")), 0
        else:
            rows, notes = servers.rows(given.build)
            rows += [servers.also(each) for each in given.also]
            if given.servers:
                rows = servers.choose(rows, [each.strip() for each in given.servers.split(";")])
            report, code = measure(given, rows, notes)
    except ValueError as wrong:
        parser.error(str(wrong))
    publish(report, given, code)
    return code


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as failed:
        sys.exit(f"./dev bench: {failed}")
