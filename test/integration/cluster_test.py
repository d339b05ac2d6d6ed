#!/usr/bin/env python3
"""The files of apps/examples/cluster: three instances behind HAProxy, a broker, and a rolling restart under load."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import unittest

from support.campaign import SKIPPED, main, tell, tries
from support.cluster import HERE, INSTANCES, Cluster, why_not
from support.process import wait_until
from support.programs import PATIENCE

ASK = os.environ["ASK"]
CLIENTS = 20
ROUNDS = tries(1, 60)
REQUESTS = int(os.environ.get("FAIRLEAD_REQUESTS") or tries(10_000, 1_000_000))


class Asking:
    """Clients that ask at least so often, and until `finish`."""

    def __init__(self, url, requests):
        self._process = subprocess.Popen([ASK, url, str(CLIENTS), str(requests)], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE)

    def running(self):
        return self._process.poll() is None

    def finish(self):
        """What they counted."""
        words = self._process.communicate(timeout=tries(PATIENCE * 4, 3600))[0].decode().split()
        return dict(zip(words[::2], map(int, words[1::2])))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait(PATIENCE)
        self._process.stdin.close()
        self._process.stdout.close()


class Guest:
    """One who talks in lines, and never waits for any."""

    def __init__(self, port):
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._connection.setblocking(False)
        self._heard = b""

    def say(self, line):
        self._connection.sendall(line.encode() + b"\n")

    def heard(self, part):
        """How often it was heard so far."""
        with contextlib.suppress(BlockingIOError):
            while more := self._connection.recv(65536):
                self._heard += more
        return self._heard.count(part.encode() + b"\n")

    def close(self):
        self._connection.close()


class ClusterTest(unittest.TestCase):
    def test_a_rolling_restart_fails_no_request_of_clients_that_reconnect(self):
        with Cluster() as cluster, Asking(cluster.url, REQUESTS) as clients:
            wait_until(lambda: all(cluster.metric(each, "fairlead_messages_in_total") for each in INSTANCES),
                       cluster.balancer.log)
            for each in INSTANCES * ROUNDS:
                self.assertTrue(clients.running())
                old = cluster.instances[each]
                self.assertEqual(cluster.restart_instance(each), 0, old.log())
                self.assertIn("0 cut off", old.log())
                wait_until(lambda each=each: cluster.metric(each, "fairlead_sessions_accepted_total") is not None,
                           cluster.instances[each].log)
            counted = clients.finish()
            tell(f"{counted}")
            self.assertGreaterEqual(counted["requests"], REQUESTS)
            self.assertEqual(counted["failed"], 0)
            self.assertGreater(counted["connections"], CLIENTS, "no client had to reconnect")

    def test_an_instance_that_is_killed_fails_no_request_either(self):
        with Cluster() as cluster, Asking(cluster.url, 0) as clients:
            wait_until(lambda: cluster.metric(1, "fairlead_messages_in_total"), cluster.balancer.log)
            cluster.instances[1].end(signal.SIGKILL)
            cluster.start_instance(1)
            counted = clients.finish()
            self.assertEqual(counted["failed"], 0, counted)

    def test_the_broker_comes_back_at_its_port(self):
        with Cluster() as cluster:
            cluster.broker.end(signal.SIGKILL)
            self.assertEqual(cluster.banner(), b"")
            cluster.start_broker()

    @unittest.skipUnless(os.environ.get("FAIRLEAD_NATS") == "ON", "this build has no NATS")
    def test_a_chat_reaches_the_visitors_of_all_instances_once_also_after_the_broker_was_away(self):
        with Cluster("chat --framing line --topics {nats}") as cluster, contextlib.ExitStack() as stack:
            guests = [Guest(cluster.port) for _ in range(2 * len(INSTANCES))]  # in turn at each instance
            for each in guests:
                stack.callback(each.close)
            for text in ("ahoy", "here again"):
                said = self.say_until_all_have_heard(guests, text)
                self.assertEqual([max(map(each.heard, said)) for each in guests], [1] * len(guests))
                cluster.broker.end(signal.SIGKILL)
                cluster.start_broker()

    def say_until_all_have_heard(self, guests, text):
        """All the lines that were said: an instance connects to the broker when it can."""
        said = []

        def all_have_heard():
            if len(said) < 10 * (time.monotonic() - begin):
                said.append(f": {text} {len(said)}")
                guests[0].say(said[-1].removeprefix(": "))
            return any(all(map(lambda guest, line=line: guest.heard(line), guests)) for line in said)

        begin = time.monotonic()
        wait_until(all_have_heard, f"no line {text!r} has reached all")
        return said

    def test_the_page_shows_what_the_arithmetic_gives(self):
        page = pathlib.Path(os.environ["SOURCE"], "docs", "scaling.md").read_text(encoding="utf-8")
        table = subprocess.run([sys.executable, HERE / "scaling.py"], stdout=subprocess.PIPE, timeout=PATIENCE, check=True)
        self.assertIn(table.stdout.decode(), page)


if __name__ == "__main__":
    if why_not():
        print(why_not())
        sys.exit(SKIPPED)
    main()
