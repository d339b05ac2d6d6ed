#!/usr/bin/env python3
"""Measures what faults cost a server; for an optimised build on a machine that does nothing else:

    FAIRLEAD=build/release/apps/fairlead/fairlead test/bench/faults/measure.py [descriptors] [slowloris] [announced]
"""

import multiprocessing
import pathlib
import resource
import select
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "integration"))

from support.crowd import Crowd
from support.process import KIB, Process, wait_until
from support.programs import Server, connect, frame

HELLO = frame(b"hello")


def serve(*arguments, **options):
    return Server("serve", "echo", *arguments, "--log-level", "error", "--listen", "tcp://127.0.0.1:0", **options)


def exchange(peer):
    peer.sendall(HELLO)
    return peer.recv(100) == HELLO


def cpu_share(server, seconds):
    process = Process(server.process.pid)
    used, begin = process.cpu_time(), time.monotonic()
    time.sleep(seconds)
    return (process.cpu_time() - used) / (time.monotonic() - begin)


# --- out of descriptors ---------------------------------------------------------------------------------------------


def descriptors():
    """What 200 peers for 64 descriptors cost, and how long one of them waits once another has left."""
    with serve() as server:
        print(f"idle: {cpu_share(server, 20):.2%} of a core")
    for name, limited_at_start in (("known at the start", True), ("learnt from accept", False)):
        limit = (64, 64)
        options = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit)} if limited_at_start else {}
        with serve(**options) as server:
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limit)
            with Crowd(server.address, 200) as crowd:
                crowd.send(HELLO)
                wait_until(crowd.answered, server.log)
                share = cpu_share(server, 20)
                waits = []
                for _ in range(100):
                    before = len(crowd.answered())
                    begin = time.monotonic()
                    crowd.dismiss(crowd.answered()[:1])
                    wait_until(lambda: len(crowd.answered()) >= before, server.log)
                    waits.append(time.monotonic() - begin)
        print(f"out of descriptors, {name}: {share:.2%} of a core; accept resumes after "
              f"{statistics.median(waits) * 1000:.1f} ms (median), {max(waits) * 1000:.1f} ms (most of {len(waits)})")


# --- slowloris ------------------------------------------------------------------------------------------------------


def drip(address, number, ready):
    """Peers that send a byte a second, spread over it, and come back as soon as they are closed."""
    crowd = Crowd(address, number)
    ready.set()
    begin, turn = time.monotonic(), 0
    while True:
        for peer in crowd.peers[turn % 100::100]:
            try:
                peer.send(b"\0")
            except OSError:  # closed, as we are about to see
                pass
        if turn % 100 == 0:
            crowd.look()
            gone = [peer for peer in crowd.peers if peer.fileno() in crowd.ends]
            crowd.dismiss(gone)
            for _ in gone:
                crowd.add(connect(address))
        turn += 1
        time.sleep(max(0, begin + turn / 100 - time.monotonic()))


def latencies(address, peers=64, interval=0.02, seconds=20):
    """Each peer asks every so often, one after the other, whether or not the last reply has come."""
    poll = select.epoll()
    connections = {}
    for _ in range(peers):
        connection = connect(address)
        connection.setblocking(False)
        connections[connection.fileno()] = connection
        poll.register(connection, select.EPOLLIN)
    order = list(connections)
    asked, found, received = {each: [] for each in order}, [], dict.fromkeys(order, 0)
    due, turn, end = time.monotonic(), 0, time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        if now >= due:
            descriptor = order[turn % peers]
            connections[descriptor].send(HELLO)
            asked[descriptor].append(due)
            turn, due = turn + 1, due + interval / peers
        for descriptor, _ in poll.poll(0):  # a wait would be rounded up to milliseconds
            received[descriptor] += len(connections[descriptor].recv(65536))
            now = time.monotonic()
            while received[descriptor] >= len(HELLO):
                received[descriptor] -= len(HELLO)
                found.append(now - asked[descriptor].pop(0))
    for each in connections.values():
        each.close()
    return found


def percentiles(found):
    ranked = statistics.quantiles(found, n=1000)
    return (f"p50 {ranked[499] * 1e6:.0f} µs, p99 {ranked[989] * 1e6:.0f} µs, p99.9 {ranked[998] * 1e6:.0f} µs "
            f"({len(found)} requests)")


def slowloris():
    """How long 64 honest peers wait alone, beside 5,000 that drip at another server (they take up a core), and here."""
    for _ in range(3):
        with serve() as server, serve() as other:
            print(f"64 honest peers: {percentiles(latencies(server.address))}")
            for where, target in (("at another server", other), ("here", server)):
                ready = multiprocessing.Event()
                attack = multiprocessing.Process(target=drip, args=(target.address, 5000, ready))
                attack.start()
                try:
                    ready.wait(60)
                    used = Process(server.process.pid).cpu_time()
                    found = latencies(server.address)
                    used = Process(server.process.pid).cpu_time() - used
                    print(f"beside 5,000 that drip {where}: {percentiles(found)}; the server used {used / 20:.1%} of a core")
                finally:
                    attack.kill()
                    attack.join()


# --- announced ------------------------------------------------------------------------------------------------------


def announced():
    """What a peer costs that announces 1 MiB and sends nothing, or no more than 100 bytes of it; or that is idle."""
    for what, begin in (("idle", b""), ("announces 1 MiB and sends nothing", b"\0\x10\0\0"),
                        ("announces 1 MiB and sends 100 bytes", b"\0\x10\0\0" + b"x" * 100)):
        with serve("--first-message-timeout", "1h", "--message-timeout", "1h") as server:
            process = Process(server.process.pid)
            with connect(server.address) as first:
                exchange(first)
                before, resident = process.private_memory(), process.resident_memory()
                with Crowd(server.address, 10_000) as crowd:
                    if begin:
                        crowd.send(begin)
                    wait_until(lambda: len(process.descriptors()) > 10_000, server.log)
                    exchange(first)
                    time.sleep(1)
                    private, grown = process.private_memory() - before, process.resident_memory() - resident
                    left = 10_000 - crowd.ended()
        print(f"each of {left} peers that {what if ' ' in what else 'is ' + what}: {private / left / KIB:.2f} KiB private, "
              f"{grown / left / KIB:.2f} KiB resident")


if __name__ == "__main__":
    for each in sys.argv[1:] or ("descriptors", "slowloris", "announced"):
        {"descriptors": descriptors, "slowloris": slowloris, "announced": announced}[each]()
