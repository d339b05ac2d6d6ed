#!/usr/bin/env python3
"""admin_cost.py FAIRLEAD [--sessions N] [--seconds N]: the CPU time that a watched server takes.

Prints, in percent of a core, what a server with N idle sessions takes without a client of its admin endpoint, and then with a
stream of /events, and /sessions and /metrics each once a second. The program is a release build of the command.
"""

import argparse
import http.client
import os
import resource
import socket
import subprocess
import threading
import time


def cpu_time(pid):
    """Seconds, as exact as the scheduler counts."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def measure(pid, seconds):
    begin = cpu_time(pid)
    time.sleep(seconds)
    return 100 * (cpu_time(pid) - begin) / seconds


def fetch_every_second(address, path, end):
    connection = http.client.HTTPConnection(*address)
    while not end.wait(1):
        connection.request("GET", path)
        connection.getresponse().read()


def read_events(address, end):
    connection = http.client.HTTPConnection(*address)
    connection.request("GET", "/events")
    stream = connection.getresponse()
    while not end.is_set() and stream.readline():
        pass


def address_in(line):
    host, port = line.split("://")[1].strip().rsplit(":", 1)
    return host, int(port)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, highest))
    server = subprocess.Popen([options.program, "serve", "echo", "--listen", "tcp://127.0.0.1:0", "--admin",
                               "tcp://127.0.0.1:0", "--first-message-timeout", "0", "--idle-timeout", "0"],
                              stdout=subprocess.PIPE, text=True)
    try:
        admin = address_in(server.stdout.readline())
        where = address_in(server.stdout.readline())
        crowd = [socket.create_connection(where) for _ in range(options.sessions)]
        time.sleep(2)
        end = threading.Event()
        readers = [threading.Thread(target=read_events, args=(admin, end))]
        readers += [threading.Thread(target=fetch_every_second, args=(admin, path, end))
                    for path in ("/sessions", "/metrics")]
        without = measure(server.pid, options.seconds)
        for each in readers:
            each.start()
        time.sleep(1)
        watched = measure(server.pid, options.seconds)
        end.set()
        for each in readers:
            each.join()
        print(f"{len(crowd)} idle sessions: {without:.2f} % of a core unwatched, {watched:.2f} % watched")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
