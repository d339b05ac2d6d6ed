#!/usr/bin/env python3
"""The live page of the admin endpoint in Chromium: on a stand-in that says what a test wants, and on `fairlead serve`."""

import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from support.admin_mock import COUNTERS, HOSTILE, PAGE, AdminMock, listener, page_and_policy, session
from support.browser import MISSING, Browser
from support.process import wait_until
from support.programs import PATIENCE, Server, connect, frame, run

RIGHT, LEFT, ENTER = "\ue014", "\ue012", "\ue007"
VALUES = "#charts figure:nth-child(%d) .key b"  # of a chart
MESSAGES, BYTES, HANDLER_TIME, CONNECTIONS, SESSIONS_OPEN, LOOP_TIME = range(1, 7)

browser = None


def setUpModule():
    global browser
    browser = Browser()
    unittest.addModuleCleanup(browser.__exit__)


def rows():
    return browser.run("return Array.from(document.querySelectorAll('#sessions tbody tr'), "
                       "row => Array.from(row.cells, cell => cell.textContent))")


def counts(table):
    """What a table of counters says: {label: [in the last five minutes, since the start]}."""
    found = browser.run("return Array.from(document.querySelectorAll(arguments[0] + ' tbody tr'), "
                        "row => Array.from(row.cells, cell => cell.textContent))", table)
    return {label: values for label, *values in found}


class PageTest(unittest.TestCase):
    def shows(self, read, expected):
        """Waits until the page shows it."""
        last = []

        def is_shown():
            last[:] = [read()]
            return last == [expected]

        wait_until(is_shown, lambda: f"the page shows {last[0]!r}, not {expected!r}")

    def shows_text(self, selector, expected):
        self.shows(lambda: browser.text(selector), expected)

    def open(self, tick=lambda mock: None, pace=0.1, step=1, sessions=(), counters=(), **state):
        mock = AdminMock(pace=pace, step=step, tick=tick)
        self.addCleanup(lambda: mock.stop())
        mock.state |= state
        mock.sessions = list(sessions)
        mock.state["counters"] |= dict(counters)
        self.addCleanup(browser.open, "about:blank")
        browser.complaints()
        browser.open(mock.url)
        return mock

    def wait_for_samples(self, number):
        wait_until(lambda: browser.run("return samples.length") >= number, "the page got no states")

    def expect_no_complaints(self):
        self.assertEqual(browser.complaints(), [])
        self.assertFalse(browser.has_dialog())


class Numbers(PageTest):
    def test_rates_are_differences_of_counters_and_totals_are_as_counted(self):
        def tick(mock):
            for name, more in (("messages_in", 12_000), ("messages_out", 40), ("bytes_in", 30 << 20), ("bytes_out", 10_000),
                               ("accepted", 70), ("held_back", 20)):
                mock.state["counters"][name] += more
            mock.state["closed"]["idle_timeout"] += 30

        mock = self.open(tick, pace=0.05, step=10, counters={"active": 4321, "held_for_sessions": 12345},
                         datagrams={"dropped": {"queue": 1, "memory": 2}, "refused": {"rate": 3}, "failed": {"no_room": 4}})
        self.shows(lambda: browser.texts(VALUES % MESSAGES), ["1,200/s", "4.0/s"])
        self.shows(lambda: browser.texts(VALUES % BYTES), ["3.00 MiB/s", "1000 B/s"])
        self.shows(lambda: browser.texts(VALUES % CONNECTIONS), ["7.0/s", "3.0/s"])
        self.shows(lambda: browser.texts(VALUES % SESSIONS_OPEN), ["4,321"])
        self.shows_text("#pressure .recent", "last 5 min")
        mock.stop()
        state = mock.state
        self.shows(lambda: counts("#pressure")["max sessions: waited"], ["0", "12,345"])
        self.assertEqual(counts("#pressure")["datagrams: dropped"], ["0", "3"])
        self.assertEqual(counts("#pressure")["datagrams: not sent"], ["0", "7"])
        held_back, idle = state["counters"]["held_back"], state["closed"]["idle_timeout"]
        self.shows(lambda: counts("#pressure")["slow peer: not read"], ["600", f"{held_back:,}"])
        self.shows(lambda: counts("#ends")["idle timeout"], ["900", f"{idle:,}"])
        label = browser.run("return document.querySelector('#charts svg').getAttribute('aria-label')")
        self.assertEqual(label, "Messages, last five minutes: in 1,200/s, out 4.0/s; highest 1,200/s")

    def test_latencies_are_quantiles_of_the_observations_of_a_second(self):
        def tick(mock):
            handler, loop = (each["counts"] for each in mock.state["histograms"])
            handler[6] += 98  # from 50 to 100 µs
            handler[12] += 2  # from 5 to 10 ms
            loop[-1] += 1     # above the largest limit, 5 s

        self.open(tick)
        self.shows(lambda: browser.texts(VALUES % HANDLER_TIME), ["75.5 µs", "7.50 ms"])
        self.shows(lambda: browser.texts(VALUES % LOOP_TIME), ["5.00 s", "5.00 s"])

    def test_a_second_without_observations_has_no_latency(self):
        self.open(histograms=[])
        self.shows(lambda: browser.texts(VALUES % MESSAGES), ["0/s", "0/s"])
        self.assertEqual(browser.texts(VALUES % HANDLER_TIME), ["–", "–"])

    def test_listeners_and_buffers_are_bars_towards_their_limits(self):
        self.open(counters={"buffered_bytes": 230 << 20, "buffer_budget": 256 << 20},
                  listeners=[listener("tcp://127.0.0.1:9000", 50, 200), listener("unix://@a", 9, 0),
                             listener("tcp://127.0.0.1:9001", 99, 100, is_open=False)])
        self.shows(lambda: browser.texts("#limits b"), ["50 of 200", "9, no limit", "99 of 100 (closed)", "230 MiB of 256 MiB"])
        widths = "return Array.from(document.querySelectorAll('.bar div'), each => each.style.width)"
        self.assertEqual(browser.run(widths), ["25%", "0%", "99%", "89.8%"])
        kinds = "return Array.from(document.querySelectorAll('.limit'), each => each.className)"
        self.assertEqual(browser.run(kinds), ["limit", "limit", "limit bad", "limit warn"])

    def test_arrow_keys_and_the_pointer_read_earlier_values(self):
        mock = self.open(lambda mock: mock.state["counters"].update(messages_in=mock.state["uptime"] ** 2), pace=0.02)
        self.shows_text("#charts .axis :last-child", "now")
        self.wait_for_samples(20)
        mock.stop()
        self.shows(lambda: browser.run("return document.body.className"), "old")
        newest = float(browser.texts(VALUES % MESSAGES)[0].removesuffix("/s"))
        browser.run("document.getElementById('charts').focus()")
        browser.press(LEFT, LEFT, LEFT, RIGHT)
        self.assertEqual(browser.texts(VALUES % MESSAGES)[0], "%.0f/s" % (newest - 4))
        self.assertRegex(browser.text("#charts .axis b"), r"^at \d\d:\d\d:\d\d$")
        browser.press(RIGHT, RIGHT)
        self.assertEqual(browser.text("#charts .axis b"), "")
        self.assertEqual(browser.texts(VALUES % MESSAGES)[0], "%.0f/s" % newest)
        x, y, width = browser.run("const plot = document.querySelector('.plot').getBoundingClientRect();"
                                  "return [plot.left, plot.top + plot.height / 2, plot.width]")
        browser.command("Input.dispatchMouseEvent", type="mouseMoved", x=x + width * (1 - 10 / 300), y=y)
        self.shows(lambda: browser.texts(VALUES % MESSAGES)[0], "%.0f/s" % (newest - 20))
        browser.command("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=1)
        self.shows(lambda: browser.texts(VALUES % MESSAGES)[0], "%.0f/s" % newest)


class State(PageTest):
    def test_says_in_which_phase_the_server_is(self):
        mock = self.open()
        for phase, text in (("serving", "Serving"), ("drain_announced", "Drain announced"), ("draining", "Draining")):
            mock.state["phase"] = phase
            self.shows_text("#phase", text)

    def test_says_which_shard_is_stuck_and_on_what(self):
        mock = self.open()
        self.shows_text("#stuck", "All 2 shards respond.")
        height = browser.run("return document.getElementById('charts').offsetTop")
        mock.state["shards"][0]["blocked_for"] = 0.2  # as any handler may
        mock.state["shards"][1] |= {"blocked_for": 12.5, "blocked_by": "session 7 tcp://10.0.0.9:4242"}
        self.shows(lambda: browser.texts("#shards li"), ["0: 0 open", "1: stuck 12 s"])
        self.assertEqual(re.sub(r"\d\d:\d\d:\d\d", "TIME", browser.text("#stuck")),
                         "Shard 1 is stuck on session 7 tcp://10.0.0.9:4242 since TIME.")
        self.assertEqual(browser.run("return document.getElementById('charts').offsetTop"), height)
        mock.state["shards"][0]["blocked_for"] = 0
        self.shows_text("#shown", "0 of 0 shown; without those of stuck shards (1)")
        self.assertTrue(browser.run("return document.title").startswith("Stuck: "))

    def test_says_when_it_lost_the_server_and_that_it_is_back(self):
        mock = self.open(pace=0.02)
        self.wait_for_samples(5)
        mock.stop()
        self.shows(lambda: re.sub(r"\d", "0", browser.text("#connection")), "Lost the server at 00:00:00; trying again …")
        self.assertTrue(browser.run("return document.title").startswith("Lost: "))
        mock.start()
        self.shows_text("#connection", "Live")
        self.assertNotEqual(browser.text(".recent"), "last 0 s")  # the same server: the charts go on

    def test_a_server_that_says_nothing_is_lost(self):
        mock = self.open()
        self.shows_text("#connection", "Live")
        mock.silent = True
        self.shows(lambda: browser.run("news_at -= patience; "  # instead of waiting
                                       "return document.getElementById('connection').textContent")[:15], "Lost the server")
        mock.silent = False
        self.shows_text("#connection", "Live")

    def test_says_that_the_server_has_no_place_for_one_more_page(self):
        mock = self.open()
        self.shows_text("#connection", "Live")
        mock.stop()
        mock.refuses = True
        mock.start()
        self.shows_text("#connection", "The server refuses one more live page: close another; trying again …")
        mock.refuses = False
        self.shows_text("#connection", "Live")

    def restart(self, mock, change):
        mock.stop()
        change(mock.state)
        mock.start()
        self.shows(lambda: re.sub(r"\d", "0", browser.text("#connection")), "Live; the server was restarted at 00:00:00")
        rates = browser.run("return samples.flatMap(each => each.values[0])")
        self.assertEqual([each for each in rates if each is not None and each < 0], [])

    def test_knows_that_the_server_was_restarted(self):
        mock = self.open(counters={"messages_in": 5000}, uptime=500.0)
        self.wait_for_samples(3)
        self.restart(mock, lambda state: state.update(uptime=1.0))
        self.wait_for_samples(3)
        browser.run("restarted_at = 0")
        self.restart(mock, lambda state: state["counters"].update(messages_in=0))

    def test_a_hidden_page_costs_the_server_nothing(self):
        mock = self.open()
        self.shows_text("#connection", "Live")
        hide = "Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true});" \
               "document.dispatchEvent(new Event('visibilitychange'))"
        browser.run(hide, True)
        wait_until(lambda: not mock.open_streams, "the stream of a hidden page stayed open")
        asked = mock.state["uptime"]
        browser.run(hide, False)
        wait_until(lambda: mock.state["uptime"] > asked + 1, "the page did not come back")
        self.shows(lambda: browser.run("return document.body.className"), "")


class Sessions(PageTest):
    def crowd(self):
        crowd = [session(i, bytes_in=i * 7 % 1000, state="handling" if i % 10 == 0 else "receiving",
                         listener="unix://@a" if i % 4 == 0 else "tcp://0.0.0.0:9000") for i in range(1, 1001)]
        return self.open(listeners=[listener("tcp://0.0.0.0:9000"), listener("unix://@a")], sessions=crowd)

    def test_of_a_thousand_sessions_a_hundred_are_shown(self):
        self.crowd()
        self.shows_text("#shown", "100 of 1,000 shown")
        self.assertEqual([row[0] for row in rows()], [str(i) for i in range(1, 101)])
        self.assertEqual(rows()[1], ["2", "tcp://10.0.0.2:30002", "receiving", "message", "0 B", "1 s", "0", "0",
                                     "14 B", "0 B", "tcp://0.0.0.0:9000", ""])
        self.expect_no_complaints()

    def test_a_click_on_a_header_sorts_and_another_turns_the_order_round(self):
        mock = self.crowd()
        self.shows_text("#shown", "100 of 1,000 shown")
        ids = [each["id"] for each in sorted(mock.sessions, key=lambda each: each["bytes_in"])]
        header = "#sessions th:nth-child(9)"
        browser.click(header + " button")
        self.shows(lambda: rows()[0][0], str(ids[-1]))
        browser.click(header + " button")
        self.shows(lambda: [row[0] for row in rows()], [str(each) for each in ids[:100]])
        sorts = browser.run("return Array.from(document.querySelectorAll('#sessions th'), each => each.ariaSort)")
        self.assertEqual([each for each in sorts if each], ["ascending"])
        browser.run("document.querySelector('#sessions th:nth-child(1) button').focus()")
        browser.press(ENTER)
        self.shows(lambda: rows()[0][0], "1000")

    def test_filters_by_text_listener_and_state(self):
        self.crowd()
        browser.type("#remote", "10.0.0.20:")
        self.shows_text("#shown", "4 of 4 shown, 1,000 open")
        self.assertEqual([row[0] for row in rows()], ["20", "270", "520", "770"])
        browser.click("#listener option:nth-child(3)")
        self.shows(lambda: [row[0] for row in rows()], ["20", "520"])
        browser.run("document.getElementById('remote').value = ''")
        browser.click("#state option[value=handling]")
        self.shows_text("#shown", "50 of 50 shown, 1,000 open")

    def test_tls_is_shown_by_version_and_server_name(self):
        tls = {"version": "TLSv1.3", "cipher": "c", "server_name": "a.example", "alpn": ""}
        self.open(sessions=[session(1, tls=tls), session(2)])
        self.shows(lambda: [row[11] for row in rows()], ["1.3 a.example", ""])


class HostileNames(PageTest):
    def test_are_text(self):
        mock = self.open(sessions=map(session, range(len(HOSTILE))),
                         listeners=[listener("tcp://0.0.0.0:9000")] * (1 + len(HOSTILE)))
        self.shows(lambda: len(rows()), len(HOSTILE))
        elements = "return document.querySelectorAll('*').length"
        self.shows(lambda: len(browser.texts("#limits .limit")), 2 + len(HOSTILE))
        before = browser.run(elements)

        mock.sessions = [session(i, **dict.fromkeys(("remote", "listener", "state", "waits_for"), name),
                                 tls={"version": name, "cipher": name, "server_name": name, "alpn": name})
                         for i, name in enumerate(HOSTILE)]
        mock.state["listeners"] = [listener(name) for name in (HOSTILE[0], *HOSTILE)]
        mock.state["shards"][0] |= {"blocked_for": 1.5, "blocked_by": HOSTILE[0]}
        mock.state |= {"phase": HOSTILE[0], "version": HOSTILE[0]}
        self.shows(lambda: rows()[0][1], HOSTILE[0])
        self.shows_text("#version", HOSTILE[0])
        self.assertEqual(browser.run(elements), before + len(HOSTILE))  # the options of #listener
        self.assertEqual(rows()[1][1], "\\u{202e}gnp.exe\\u{2066}")
        self.assertEqual(rows()[2][2], "\\u{1b}[2J\\u{0}\\u{7}")
        self.assertEqual(browser.texts("#listener option")[1:], ["tcp://0.0.0.0:9000", *(row[10] for row in rows())])
        self.expect_no_complaints()


class Layout(PageTest):
    def tearDown(self):
        browser.command("Emulation.clearDeviceMetricsOverride")
        browser.command("Emulation.setEmulatedMedia", features=[])

    def test_a_narrow_window_needs_no_sideways_scrolling(self):
        browser.command("Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=1, mobile=False)
        mock = self.open(counters=dict.fromkeys(COUNTERS, 10 ** 15),
                         listeners=[listener(name, 10 ** 9, 10 ** 9) for name in HOSTILE],
                         sessions=[session(i, remote=name) for i, name in enumerate(HOSTILE)])
        mock.state["shards"][0] |= {"blocked_for": 1.5, "blocked_by": "x" * 500}
        self.shows(lambda: browser.text("#stuck")[:16], "Shard 0 is stuck")
        self.shows(lambda: len(rows()), len(HOSTILE))
        self.assertLessEqual(browser.run("return document.documentElement.scrollWidth"), 400)
        self.assertGreater(browser.run("return document.getElementById('charts').clientWidth"), 350)

    def test_is_dark_where_that_is_wanted(self):
        self.open()
        colour = "return getComputedStyle(document.body).backgroundColor"
        levels = []
        for scheme in ("light", "dark"):
            browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            levels.append(sum(map(int, re.findall(r"\d+", browser.run(colour)))))
        self.assertGreater(levels[0], 600)
        self.assertLess(levels[1], 150)


class OnAServer(PageTest):
    def serve(self):
        if b"--admin" not in run("serve", "--help").stdout:
            self.skipTest("this fairlead has no --admin")
        server = Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--admin", "tcp://127.0.0.1:0")
        self.addCleanup(server.close)
        self.url = server.admin[0].replace("tcp://", "http://") + "/"
        self.addCleanup(browser.open, "about:blank")
        browser.complaints()
        browser.open(self.url)
        return server

    def ask(self, path):
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as reply:
            return reply.headers, reply.read().decode()

    def test_the_numbers_on_the_page_are_those_of_the_server(self):
        server = self.serve()
        clients = [connect(server.address) for _ in range(3)]
        for client in clients:
            self.addCleanup(client.close)
        for number, client in enumerate(clients, 1):
            client.sendall(frame(b"x" * 96) * 10 * number)
            self.assertEqual(len(client.recv(1000 * number, socket.MSG_WAITALL)), 1000 * number)
        self.shows_text("#shown", "3 of 3 shown")
        sizes = {"10": "1000 B", "20": "1.95 KiB", "30": "2.93 KiB"}
        self.shows(lambda: sorted(row[6:10] for row in rows()), [[n, n, size, size] for n, size in sizes.items()])
        self.shows(lambda: browser.texts(VALUES % SESSIONS_OPEN), ["3"])
        browser.click("#sessions th:nth-child(9) button")
        self.shows(lambda: [row[6] for row in rows()], ["30", "20", "10"])
        clients.pop().close()
        self.shows(lambda: counts("#ends")["by the peer"], ["1", "1"])
        self.shows_text("#shown", "2 of 2 shown")

        metrics = self.ask("metrics")[1]
        self.assertIn('fairlead_sessions_closed_total{cause="peer"} 1\n', metrics)
        self.assertIn("fairlead_sessions_active 2\n", metrics)
        self.assertEqual(browser.run("return samples.at(-1).state.counters.messages_in"), 60)
        self.assertIn("fairlead_messages_in_total 60\n", metrics)
        self.expect_no_complaints()
        server.stop()
        self.shows(lambda: browser.text("#connection")[:15], "Lost the server")

    def test_its_policy_allows_the_parts_of_the_page_and_nothing_else(self):
        self.serve()
        headers, page = self.ask("")
        self.assertEqual((page.encode(), headers["Content-Security-Policy"]), page_and_policy())


class Embedding(unittest.TestCase):
    @unittest.skipUnless(shutil.which("cmake"), "cmake is missing")
    def test_the_source_has_the_page_and_the_hashes_of_its_parts(self):
        page, policy = page_and_policy()
        with tempfile.TemporaryDirectory() as folder:
            output = pathlib.Path(folder) / "live_page.cpp"
            subprocess.run(["cmake", "-D", f"SOURCE={PAGE}", "-D", f"OUTPUT={output}",
                            "-P", PAGE.parent / "embed_page.cmake"], check=True)
            source = output.read_bytes()
        self.assertIn(b'R"page(' + page + b')page"', source)
        self.assertIn(policy.encode(), source)


if __name__ == "__main__":
    if MISSING:
        print(f"the live page is tested with Chromium: {' and '.join(MISSING)} not found")
        sys.exit(77)
    unittest.main()
