"""The tables of TLS, in Markdown."""

from . import tls_campaign as campaign
from .figures import by_round, loads_of, median, median_ratio
from .tables import NOTHING, cost, digits, table
from .tls_servers import OURS


def figure(runs, part, server, kind, name):
    value = median(by_round(runs, part, server, kind, name))
    return NOTHING if value is None else f"{value:,.0f}"


def tail(runs, server):
    """What stalled handshakes do to the tail of busy sessions."""
    silent, hello = (by_round(runs, "stalled", server, kind, "p99_us") for kind in ("silent", "hello"))
    ratio = median_ratio(hello, silent)
    return NOTHING if ratio is None else f"{digits(median(silent))} · {digits(median(hello))} ({ratio:.2f})"


def connections_table(runs, servers, report):
    columns = [f"bytes, one of {report['sessions']:,} idle sessions", f"bytes, one of {report['stalled']:,} stalled handshakes",
               "handshakes a second of a core, full", "resumed",
               f"p99 of 64 busy sessions, µs, beside {report['stalled']:,} idle connections · stalled handshakes (ratio)"]
    named = [name for name in servers if any(run["server"] == name and run["part"] != "messages" for run in runs)]
    return table("Memory, handshakes, and handshakes that stall", columns,
                 [[name, figure(runs, "memory", name, "session", "bytes"), figure(runs, "memory", name, "hello", "bytes"),
                   figure(runs, "handshakes", name, "full", "per_core"),
                   figure(runs, "handshakes", name, "resumed", "per_core"), tail(runs, name)] for name in named])


def all_tables(report):
    runs, servers = report["runs"], report["servers"]
    parts = [report["machine"] + "\n"]
    columns = loads_of(runs, "messages")
    if columns:
        parts.append(table(f"Processor time of the server, µs a message (ratio to {OURS})", columns,
                           [[name, *(cost(runs, "messages", name, each, 1000, OURS) for each in columns)] for name in servers]))
    if any(run["part"] in campaign.KINDS for run in runs):
        parts.append(connections_table(runs, servers, report))
    if report["notes"]:
        parts.append("\n".join(f"- {note}" for note in report["notes"]) + "\n")
    return "\n".join(parts)
