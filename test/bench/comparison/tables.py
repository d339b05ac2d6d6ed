"""Tables in Markdown."""

from . import loads
from .figures import BASE, by_round, figure_and_ratio, loads_of, median

NOTHING = "–"


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(title, columns, rows):
    lines = [f"**{title}**", "", "| server | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def cost(runs, part, server, load, divisor=1.0, base=BASE):
    value, ratio = figure_and_ratio(runs, part, server, load, "cpu_ns", base)
    if value is None:
        return NOTHING
    return digits(value / divisor) + (f" ({ratio:.2f})" if ratio is not None else "")


def pace(runs, server, load):
    rate = median(by_round(runs, "load", server, load, "per_second"))
    busy = median(by_round(runs, "load", server, load, "load_busy"))
    if rate is None:
        return NOTHING
    return ("≥ " if busy > 0.95 and not loads.parse(load).rate else "") + f"{rate / 1000:,.1f} k"


def latency(runs, server, load):
    figures = [median(by_round(runs, "load", server, load, name)) for name in ("p50_us", "p99_us")]
    return NOTHING if None in figures else " · ".join(digits(each) for each in figures)


def memory(runs, server, load, figure):
    value = median(by_round(runs, "connections", server, load, figure))
    return NOTHING if value is None else f"{value:,.0f}"


def load_tables(runs, servers):
    columns = loads_of(runs, "load")
    for title, cell in (("Processor time of the server, µs a message (ratio to raw epoll)",
                         lambda server, load: cost(runs, "load", server, load, 1000)),
                        ("Messages a second (≥: the load generator was at its own limit)",
                         lambda server, load: pace(runs, server, load)),
                        ("Latency, µs: p50 · p99", lambda server, load: latency(runs, server, load))):
        yield table(title, columns, [[name, *(cell(name, each) for each in columns)] for name in servers])


def inproc_table(runs, servers):
    columns = loads_of(runs, "inproc")
    names = [name for name in servers if any(run["part"] == "inproc" and run["server"] == name for run in runs)]
    return table("In one process, ns a message (ratio to raw epoll)", columns,
                 [[name, *(cost(runs, "inproc", name, each) for each in columns)] for name in names])


def connections_table(runs, servers, load):
    rows = [[name, memory(runs, name, load, "idle_bytes"), memory(runs, name, load, "used_bytes"),
             cost(runs, "connections", name, load, 1000)] for name in servers]
    return table(f"Connections: memory of each of {load} idle ones, and µs of processor time to accept and close one",
                 ["bytes, before its first message", "bytes, after it", "µs (ratio to raw epoll)"], rows)


def all_tables(report):
    """Everything that was measured, as one text."""
    runs, servers = report["runs"], report["servers"]
    parts = [report["machine"] + "\n"]
    if loads_of(runs, "load"):
        parts += load_tables(runs, servers)
    if loads_of(runs, "inproc"):
        parts.append(inproc_table(runs, servers))
    parts += [connections_table(runs, servers, load) for load in loads_of(runs, "connections")]
    if report["notes"]:
        parts.append("\n".join(f"- {note}" for note in report["notes"]) + "\n")
    return "\n".join(parts)
