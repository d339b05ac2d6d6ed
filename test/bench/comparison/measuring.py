"""One run of one server under one load."""

import contextlib
import json
import socket
import struct

from .processes import Failed, Server, run
from .servers import PLAN

CHECKS = (("--connections", "8", "--pipeline", "4", "--size", "0..3000"),
          ("--connections", "2", "--pipeline", "3", "--size", "60KiB..64KiB"))
WARM_UP_CONNECTIONS = 8
ACCEPTED = 3000  # connections that are made and closed
AT_ONCE = 100


def load_server(tool, server, options, core, seconds):
    """The report of `fairlead load`, which must be without an error."""
    code, output, errors = run([tool, "load", server.url, "--json", "--server-pid", str(server.pid), *options], core,
                               seconds)
    server.require_alive()
    report = json.loads(output) if output else {"errors": {}}
    kinds = [f"{count} {kind}" for kind, count in report["errors"].items() if count]
    if code != 0 or kinds:
        raise Failed(f"the load ended with {code}, {', '.join(kinds) or 'no error'}: {errors}")
    if not report["server"] or not report["server"]["replies"]:
        raise Failed("the load came to nothing in its time")
    return report


def check(row, tool, cores):
    """Errors: Failed, unless every byte comes back."""
    with Server(row.command, cores[0]) as server:
        for shape in CHECKS:
            load_server(tool, server, (*shape, "--check", "--duration", "200ms", "--warm-up", "0"), cores[-1], 1)


def load_run(row, load, plan, cores):
    """The figures of one run."""
    with Server(row.command, cores[0]) as server:
        options = ["--connections", load.connections, "--pipeline", load.pipeline, "--size", load.size,
                   "--duration", f"{plan.duration * 1000:.0f}ms", "--warm-up", f"{plan.warm_up * 1000:.0f}ms",
                   "--ramp-up", f"{load.ramp_up * 1000:.0f}ms", *(("--rate", load.rate) if load.rate else ())]
        report = load_server(plan.tool, server, [str(each) for each in options], cores[-1],
                             plan.duration + plan.warm_up + load.ramp_up)
    return {"cpu_ns": report["server"]["cpu_ns_per_reply"],
            "per_second": report["messages_per_second"],
            "p50_us": report["latency_us"]["p50"],
            "p99_us": report["latency_us"]["p99"],
            "load_busy": report["processor_seconds"] / report["seconds"],
            "unsent": report["unsent"]}


def inproc_run(row, load, plan, cores):
    wanted = f"{load.connections},{load.pipeline},{load.size},{plan.inproc_seconds}"
    code, output, errors = run([wanted if each == PLAN else each for each in row.inproc], cores[0], plan.inproc_seconds)
    if code != 0:
        raise Failed(errors)
    return {"cpu_ns": json.loads(output)["ns_p50"]}


@contextlib.contextmanager
def connected(server, count):
    """That many connections, which the server has accepted."""
    idle = server.descriptors()
    with contextlib.ExitStack() as open_ones:
        peers = [open_ones.enter_context(socket.create_connection(server.address(), 20)) for _ in range(count)]
        server.wait_for_descriptors(idle + count, "accept every connection")
        yield peers
    server.wait_for_descriptors(idle, "close every connection")


def exchange(peers):
    """One message each, and its reply."""
    message = struct.pack(">I", 64) + b"x" * 64
    for peer in peers:
        peer.sendall(message)
    for peer in peers:
        if peer.recv(len(message), socket.MSG_WAITALL) != message:
            raise Failed("a reply is wrong")


def memory_run(row, count, cores):
    """What that many connections take that do nothing."""
    with Server(row.command, cores[0]) as server:
        with connected(server, WARM_UP_CONNECTIONS) as peers:
            exchange(peers)
        empty = server.rss_bytes()
        with connected(server, count) as peers:
            idle = server.rss_bytes()
            exchange(peers)
            used = server.rss_bytes()
    return {"idle_bytes": (idle - empty) / count, "used_bytes": (used - empty) / count}


def accept_run(row, cores):
    """What connections cost that come and go."""
    with Server(row.command, cores[0]) as server:
        with connected(server, AT_ONCE):
            pass
        before = server.cpu_ns()
        for _ in range(ACCEPTED // AT_ONCE):
            with connected(server, AT_ONCE):
                pass
        return {"cpu_ns": (server.cpu_ns() - before) / ACCEPTED}
