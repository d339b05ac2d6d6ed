"""Made-up traffic, for looking at the live page. A pace below 1 fills its charts sooner. In test/integration:

    FAIRLEAD= python3 -m support.admin_traffic [--scene calm|crowd|stuck|hostile|drain] [--port N] [--pace SECONDS]
"""

import argparse
import math
import random
import threading

from .admin_mock import HOSTILE, TIMES, AdminMock, listener, session

URLS = ("tcp://0.0.0.0:9000", "tls://0.0.0.0:9443", "unix:///run/orders.sock")


class Traffic:
    """Changes the state of a stand-in from second to second."""

    def __init__(self, scene):
        self.scene, self.second, self._random = scene, 0, random.Random(7)

    def begin(self, mock):
        pick = self._random
        for i in range(12 if self.scene == "hostile" else 40 if self.scene == "calm" else 1000):
            url = pick.choices(URLS, (6, 3, 1))[0]
            state, waits = pick.choices((("receiving", "message"), ("receiving", "rest_of_message"), ("handling", "handler"),
                                         ("held_back", "peer_to_read")), (80, 12, 6, 2))[0]
            number = 4_100_000 + 7 * i
            remote = "unix://" if url.startswith("unix") else "tcp://10.%d.%d.%d:%d" % (
                pick.randrange(4), pick.randrange(250), pick.randrange(250), pick.randrange(30000, 60000))
            if self.scene == "hostile":
                remote = HOSTILE[i % len(HOSTILE)]
            tls = {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "server_name": "orders.example", "alpn": ""}
            age = pick.expovariate(1 / 600)
            asked = int(age * pick.paretovariate(1.2)) + 1
            mock.sessions.append(session(
                number, listener=url, remote=remote, tls=tls if url.startswith("tls") else None, transport=url[:4].strip(":"),
                age=age, state=state, waits_for=waits,
                queued=pick.randrange(1 << 20) * (state == "held_back"), messages_in=asked, messages_out=asked,
                bytes_in=asked * 180, bytes_out=asked * 420))
        state = mock.state
        state["uptime"] = 3 * 86400.0 + 4 * 3600
        state["listeners"] = [listener(URLS[0], most=2000, accepted=2_911_400), listener(URLS[1], most=500, accepted=1_180_271),
                              listener(URLS[2], most=0, accepted=9_402)]
        if self.scene == "hostile":
            state["listeners"] += [listener(name, 3, 5, 8) for name in HOSTILE]
        state["shards"] = [{"index": i, "active": 0, "blocked_for": 0.0, "blocked_by": ""} for i in range(8)]
        state["counters"] |= {"accepted": 4_101_073, "messages_in": 812_400_000, "messages_out": 812_390_000,
                              "bytes_in": 146 << 30, "bytes_out": 341 << 30, "buffer_budget": 256 << 20, "held_back": 1_204,
                              "held_for_sessions": 18, "tls_handshake_failures": 4_011, "tls_handshakes": 1_180_271}
        state["closed"] |= {"peer": 3_990_211, "handler": 101_930, "system": 7_414, "idle_timeout": 1_502, "malformed": 16}

    def __call__(self, mock):
        if not self.second:
            self.begin(mock)
        self.second += 1
        state, pick, t = mock.state, self._random, self.second
        load = 1 + 0.25 * math.sin(t / 70) + 0.06 * pick.gauss(0, 1) - 0.7 * (180 < t % 300 < 188)
        rate, arrivals = int(9_400 * load), int(38 * load + pick.gauss(0, 3))
        counters = state["counters"]
        for name, more in (("messages_in", rate), ("messages_out", rate - 3), ("bytes_in", rate * 180),
                           ("bytes_out", rate * 420), ("accepted", arrivals), ("tls_handshakes", arrivals // 4)):
            counters[name] += max(0, more)
        for name, one_in in (("held_back", 4), ("tls_handshake_failures", 9)):
            counters[name] += pick.randrange(one_in) == 0
        state["closed"]["peer"] += max(0, arrivals + pick.randrange(-3, 4))
        for name, one_in in (("handler", 2), ("system", 12), ("idle_timeout", 25)):
            state["closed"][name] += pick.randrange(one_in) == 0
        counters["active"] = int(len(mock.sessions) * (1 + 0.03 * math.sin(t / 40)))
        counters["buffered_bytes"] = int((38 + 9 * load) * (1 << 20))
        for each, share in zip(state["listeners"], (0.53, 0.42, 0.05)):
            each["active"] = int(counters["active"] * share)
        for each in state["shards"]:
            each["active"] = counters["active"] // len(state["shards"]) + each["index"] % 3
        for histogram, typical in zip(state["histograms"], (42e-6, 160e-6)):
            for _ in range(400):
                took = typical * load * pick.lognormvariate(0, 0.7)
                histogram["counts"][sum(took > each for each in TIMES)] += rate // 400
        if self.scene == "stuck" and t > 250:
            state["shards"][3] |= {"blocked_for": t - 250.0, "blocked_by": "session 4100210 tcp://10.2.17.201:48121"}
        if self.scene == "drain" and t > 250:
            state["phase"] = "draining"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scene", default="crowd")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pace", type=float, default=1.0)
    wanted = parser.parse_args()
    mock = AdminMock(wanted.port, wanted.pace, tick=Traffic(wanted.scene))
    print("listening", mock.url, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
