#!/usr/bin/env python3
"""Measures Fairlead over TLS beside other servers with the same certificate (P-256): echoes of framed messages.

`messages` is the processor time of a message; `memory` that of idle sessions and of handshakes that stall; `handshakes` how many
of them a core does; `stalled` what those that stall do to busy sessions. HAProxy and nginx take part where they are installed.
docs/performance.md says what is measured how.
"""

import json
import os
import pathlib
import signal
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing is to be left among the sources

from compare import INTERRUPTED, interrupt  # noqa: E402
from comparison import loads, machine, page, tls_servers, tls_tables  # noqa: E402
from comparison.options import ROOT, check, choose, counted, make_parser  # noqa: E402
from comparison.processes import Failed  # noqa: E402
from comparison.tls_campaign import PARTS, Plan, TlsCampaign  # noqa: E402

LOADS = ("64,1,64", "64,16,64", "64,16,1024", "16,4,65536")


def parse_arguments(arguments):
    parser = make_parser("./dev bench tls", __doc__, PARTS)
    parser.add_argument("--loads", nargs="+", metavar="C,P,S", default=LOADS,
                        help="connections, messages under way on each, bytes in one")
    parser.add_argument("--sessions", type=int, help="that are idle, for their memory (10000)")
    parser.add_argument("--stalled", type=int, help="handshakes that stall (5000)")
    parser.add_argument("--servers", metavar="NAME;NAME…", help=f"only these, and {tls_servers.OURS}")
    parser.add_argument("--docs", action="store_true", help="put the tables into docs/performance.md")
    given = parser.parse_args(arguments)
    check(parser, given, PARTS, ("sessions", "stalled"))
    try:
        given.loads = [parse_load(each) for each in given.loads]
    except ValueError as wrong:
        parser.error(str(wrong))
    return parser, given


def parse_load(text):
    load = loads.parse(text)
    if load.rate:
        raise ValueError(f"{text!r}: loads of TLS have no rate")
    return load


def make_plan(given, most_connections, notes):
    sessions = choose(given.sessions, 500, 10000, given.quick)
    stalled = choose(given.stalled, 500, 5000, given.quick)
    if max(sessions, stalled) > most_connections:
        notes.append(f"connections are at most {most_connections}: the descriptors (ulimit -Hn) allow no more")
    return Plan(tool=given.build / "test/bench/tls-load", parts=tuple(given.parts or PARTS), loads=given.loads,
                sessions=min(sessions, most_connections), stalled=min(stalled, most_connections),
                rounds=choose(given.rounds, 1, 5, given.quick), duration=choose(given.duration, 0.5, 3, given.quick),
                warm_up=choose(given.warm_up, 0.3, 0.5, given.quick))


def choose_rows(rows, names):
    known = [row.name for row in rows]
    for name in names:
        if name not in known:
            raise ValueError(f"there is no server {name!r}; there are: {'; '.join(known)}")
    return [row for row in rows if row.name in names or row.name == tls_servers.OURS]


def measure(given, rows, notes):
    """The report, and the exit code."""
    cores = machine.choose_cores()
    plan = make_plan(given, machine.raise_descriptor_limit(), notes)
    if "memory" in plan.parts:
        notes += [f"{row.name} has {row.most:,} idle sessions: each takes two descriptors" for row in rows
                  if row.most < plan.sessions]
    busy = os.getloadavg()[0]
    if busy > 0.5:
        notes.append(f"the machine was busy with other work (load average {busy:.1f} at the start): provisional")
    print(f"{counted(len(rows), 'server')}, {counted(plan.rounds, 'round')}, about {plan.seconds(len(rows)) / 60:.0f} "
          "min; Ctrl-C shows what there is by then", *notes, sep="\n", file=sys.stderr)
    os.sched_setaffinity(0, {cores[-1]})
    campaign, code = TlsCampaign(plan, rows, cores), 0
    try:
        campaign.run()
    except KeyboardInterrupt:
        notes.append("interrupted before the end")
        code = INTERRUPTED
    measured = {run["server"] for run in campaign.runs}
    notes += [f"failed: {fault}" for fault in campaign.faults]
    described = f"{machine.describe(given.build, cores)}; {counted(plan.rounds, 'round')} of {plan.duration:g} s"
    report = {"machine": described, "notes": notes, "sessions": plan.sessions, "stalled": plan.stalled,
              "servers": [row.name for row in rows if row.name in measured], "runs": campaign.runs}
    return report, code or (1 if campaign.faults else 0)


def publish(report, given, code):
    print(tls_tables.all_tables(report))
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if given.docs and code == 0:
        page.write_tables(ROOT / "docs", tls_tables.all_tables(report), page.MARK_OF_TLS)
    elif given.docs:
        print("docs/performance.md is left as it was: something failed", file=sys.stderr)


def main(arguments):
    parser, given = parse_arguments(arguments)
    if given.only_parse:
        return 0
    if given.given:
        publish(json.loads(pathlib.Path(given.given).read_text(encoding="utf-8")), given, 0)
        return 0
    if not (given.build / "test/bench/tls-load").exists():
        parser.error("this build has no TLS: install OpenSSL (on Debian libssl-dev), and build without -DFAIRLEAD_TLS=OFF")
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as folder:
        rows, notes = tls_servers.rows(given.build, tls_servers.Certificate(folder))
        try:
            if given.servers:
                rows = choose_rows(rows, [each.strip() for each in given.servers.split(";")])
        except ValueError as wrong:
            parser.error(str(wrong))
        report, code = measure(given, rows, notes)
    publish(report, given, code)
    return code


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, Failed) as failed:
        sys.exit(f"./dev bench tls: {failed}")
