"""From single runs to the figures of the tables. A run is a dict: part, server, load, round and what was measured."""

import statistics

BASE = "raw epoll"


def by_round(runs, part, server, load, figure):
    """{round: figure}, for the rounds that have it."""
    return {run["round"]: run[figure] for run in runs
            if run["part"] == part and run["server"] == server and run["load"] == load and run.get(figure) is not None}


def median(values):
    """Of {round: figure}; None of none."""
    return statistics.median(values.values()) if values else None


def median_ratio(values, base):
    """The median of the ratios within each round, in which what slows the machine down cancels out."""
    ratios = [value / base[number] for number, value in values.items() if base.get(number)]
    return statistics.median(ratios) if ratios else None


def loads_of(runs, part):
    """In the order in which they were first run."""
    return list(dict.fromkeys(run["load"] for run in runs if run["part"] == part))


def figure_and_ratio(runs, part, server, load, figure, base=BASE):
    values = by_round(runs, part, server, load, figure)
    return median(values), median_ratio(values, by_round(runs, part, base, load, figure))


def rotated(servers, number):
    """Each round begins with another server."""
    at = number % len(servers) if servers else 0
    return servers[at:] + servers[:at]
