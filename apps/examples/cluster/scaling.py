#!/usr/bin/env python3
"""Arithmetic for topics on many machines: how much the brokers carry, and what returns when one of them restarts.

    scaling.py [--sessions N] [--members N] [--rooms N] [--rate N] [--size N] [--hot N]

Members of a room are on machines by chance. Change the assumptions below to what you have measured.
"""

import argparse
import math

BROKER_MESSAGES = 1_000_000  # out of one nats-server a second: measure yours, see docs/scaling.md
BROKER_BYTES = 0.7 * 1.25e9  # out of one nats-server a second: 70 % of 10 Gbit/s
OVERHEAD = 110               # bytes of a message beside its payload: subject, header, MSG line, TCP and IP in large packets
MACHINES = (3, 100, 10_000)
PER_LEAF = 200               # machines of one leaf node, where there are leaf nodes
RECONNECT = {3: 1, 100: 1, 10_000: 10}  # nats_options::reconnect.max_delay, in seconds


def machines_of_room(members, machines):
    """How many machines have a member, on average."""
    return machines * -math.expm1(members * math.log1p(-1 / machines))


def brokers(messages, size):
    """Servers for that many copies a second, and one that may fail."""
    return math.ceil(max(messages / BROKER_MESSAGES, messages * (size + OVERHEAD) / BROKER_BYTES)) + 1


def evaluate(machines, given):
    rooms = given.rooms or machines * given.sessions / given.members
    published = machines * given.sessions * given.rate / 60
    spread = machines_of_room(given.members, machines)
    copies = published * (spread - 1)  # none goes back to the process that published
    servers = brokers(copies, given.size)
    delay = RECONNECT[machines]
    leaves = math.ceil(machines / PER_LEAF)
    return {
        "sessions": machines * given.sessions,
        "messages published a second": published,
        "deliveries to sessions a second, per machine": published * given.members / machines,
        "machines with a member of one room": spread,
        "copies that brokers send a second": copies,
        "Gbit/s that brokers send": copies * (given.size + OVERHEAD) * 8 / 1e9,
        "brokers, one of them to spare": servers,
        "subscriptions at the brokers": rooms * spread,
        "copies a second that one machine takes": copies / machines,
        f"hot topic, {given.hot} a second: copies a second": given.hot * (machines - 1),
        "  of these over the routes between brokers": given.hot * (servers - 1),
        f"  with leaf nodes of {PER_LEAF} machines, out of the hub": given.hot * (leaves - 1),
        "connects a second at a broker that came back": machines / servers / (delay / 2),
        "subscriptions it reads again": rooms * spread / servers,
    }


def shown(value):
    if value < 10:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{round(value):,}"


def table(given):
    columns = [evaluate(machines, given) for machines in MACHINES]
    rows = [["machines", *(f"{machines:,}" for machines in MACHINES)]]
    rows += [[name, *(shown(column[name]) for column in columns)] for name in columns[0]]
    widths = [max(len(row[each]) for row in rows) for each in range(len(rows[0]))]
    return "\n".join(row[0].ljust(widths[0]) + "".join("  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))
                     for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20_000, help="of one machine (%(default)s)")
    parser.add_argument("--members", type=int, default=20, help="of one room (%(default)s)")
    parser.add_argument("--rooms", type=int, help="in all; default: each session is in one")
    parser.add_argument("--rate", type=float, default=1, help="messages that a session publishes in a minute (%(default)s)")
    parser.add_argument("--size", type=int, default=100, help="bytes of a message (%(default)s)")
    parser.add_argument("--hot", type=int, default=100, help="messages a second of a topic with members everywhere")
    print(table(parser.parse_args()))


if __name__ == "__main__":
    main()
