"""One run of one server over TLS."""

import json
import time

from .processes import PATIENCE, Failed, Program, run

BUSY = "64,1,64"
WARM_UP_CONNECTIONS = 8
PATIENCE_FOR_A_CROWD = 120  # on a busy machine


class Crowd(Program):
    """Connections that do something and then fall silent."""

    def __init__(self, tool, address, kind, count, core):
        super().__init__([str(tool), "crowd", address[0], str(address[1]), kind, str(count)], core)

    def _wait_until_it_runs(self):
        if self.next_line(PATIENCE_FOR_A_CROWD) != "ready":
            raise Failed(f"connections were not made: {self.log()}")


def tls_load(tool, what, address, options, core, seconds):
    code, output, errors = run([str(tool), what, address[0], str(address[1]), *map(str, options)], core, seconds)
    if code != 0:
        raise Failed(errors)
    return json.loads(output)


def load_run(row, load, plan, cores):
    with row.start(cores[0], cores[-1]) as server:
        address, over = (server.address(), "tls") if row.over_tls else (server.plain, "plain")
        return tls_load(plan.tool, "messages", address, (over, server.pid, load, plan.duration, plan.warm_up), cores[-1],
                        plan.duration + plan.warm_up)


def wait_until_idle(server):
    until, before = time.monotonic() + PATIENCE, -1
    while (used := server.cpu_ns()) - before > 1_000_000:
        server.require_alive()
        if time.monotonic() > until:
            raise Failed("it does not come to rest")
        before = used
        time.sleep(0.1)


def memory_run(row, kind, plan, cores):
    """Private memory of the server for each connection of a crowd."""
    count = min(plan.sessions if kind == "session" else plan.stalled, row.most)
    with row.start(cores[0], cores[-1]) as server:
        with Crowd(plan.tool, server.address(), "session", WARM_UP_CONNECTIONS, cores[-1]):
            wait_until_idle(server)
        before = server.private_bytes()
        with Crowd(plan.tool, server.address(), kind, count, cores[-1]):
            wait_until_idle(server)
            return {"bytes": (server.private_bytes() - before) / count}


def handshakes_run(row, kind, plan, cores):
    with row.start(cores[0], cores[-1]) as server:
        seen = tls_load(plan.tool, "handshakes", server.address(), (kind, server.pid, plan.duration), cores[-1],
                        plan.duration)
        return {**seen, "per_core": 1e9 / seen["cpu_ns"]}


def stalled_run(row, kind, plan, cores):
    """Busy sessions beside a crowd: of stalled handshakes, or of idle connections over plain TCP where the server has any."""
    with row.start(cores[0], cores[-1]) as server:
        address = getattr(server, "plain", server.address()) if kind == "silent" else server.address()
        with Crowd(plan.tool, address, kind, plan.stalled, cores[-1]):
            wait_until_idle(server)
            return tls_load(plan.tool, "messages", server.address(),
                            ("tls", server.pid, BUSY, plan.duration, plan.warm_up), cores[-1],
                            plan.duration + plan.warm_up)
