#!/usr/bin/env python3
"""The files of apps/examples/cluster: three instances behind HAProxy, a broker, and a rolling restart under load."""

import asyncio
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from support.campaign import SKIPPED, main, tell, tries
from support.chat_crowd import Crowd, until
from support.cluster import HERE, INSTANCES, Cluster, why_not
from support.process import wait_until
from support.programs import PATIENCE

ASK = os.environ["ASK"]
CLIENTS = 20
ROUNDS = tries(1, 60)
VISITORS = tries(12, 200)
LINES_A_SECOND = tries(60, 100)  # of all together
PROBES = 10  # visitors that speak when the broker is back
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

    # Some seconds: three instances end and start again, and so does the broker.
    @unittest.skipUnless(os.environ.get("FAIRLEAD_NATS") == "ON", "this build has no NATS")
    def test_a_chat_reaches_all_visitors_once_through_a_rolling_restart_and_a_restart_of_the_broker(self):
        with Cluster("chat --framing line --history 0 --topics {nats}") as cluster:
            asyncio.run(self.talk_through_restarts(cluster))

    async def talk_through_restarts(self, cluster):
        async with Crowd(cluster.port, VISITORS) as crowd:
            crowd.speak(LINES_A_SECOND)
            await until(crowd.all_know_all, crowd.describe)
            for each in INSTANCES:
                old = cluster.instances[each]
                self.assertEqual(await asyncio.to_thread(cluster.restart_instance, each), 0, old.log())
                await until(crowd.is_complete, crowd.describe)
            await until(crowd.all_know_all, crowd.describe)
            await crowd.settle()
            self.assertEqual(sum(each.gaps for each in crowd.all_visits()), 0, "the broker was never away")

            said = {each.key: each.said for each in crowd.open_visits()}
            cluster.broker.end(signal.SIGKILL)
            for each in crowd.open_visits() * 2:
                each.say()
            await asyncio.to_thread(cluster.start_broker)
            begin = time.monotonic()
            away = {each.key: each.said for each in crowd.open_visits()[:PROBES]}
            crowd.speak(10 * PROBES, PROBES)
            await until(lambda: crowd.all_heard({key: number + 1 for key, number in away.items()}), crowd.describe)
            tell(f"{time.monotonic() - begin:.2f} s after the broker was back, lines reached all again")
            crowd.excuse(said)
            await until(lambda: all(each.gaps for each in crowd.open_visits()), "a gap that was not told")
            await until(lambda: all(cluster.metric(each, "nats_connected") for each in INSTANCES), "an instance without broker")

            crowd.speak(LINES_A_SECOND)
            await asyncio.sleep(tries(0, 10))
            await crowd.settle()
            tell(crowd.describe())
            self.assertEqual(list(crowd.unexcused())[:10], [], "not heard, though others before and behind were")
            self.assertEqual(list(crowd.untold())[:10], [], "not heard, though its visitor was told that it was")
            self.assertEqual(crowd.twice()[:10], [])
            self.assertEqual(crowd.complaints()[:10], [])

    def test_the_page_shows_what_the_arithmetic_gives(self):
        page = pathlib.Path(os.environ["SOURCE"], "docs", "scaling.md").read_text(encoding="utf-8")
        table = subprocess.run([sys.executable, HERE / "scaling.py"], stdout=subprocess.PIPE, timeout=PATIENCE, check=True)
        self.assertIn(table.stdout.decode(), page)


if __name__ == "__main__":
    if why_not():
        print(why_not())
        sys.exit(SKIPPED)
    main()
