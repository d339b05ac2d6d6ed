#!/usr/bin/env python3
"""The parts of test/bench/compare.py that need no measuring."""

import argparse
import os
import pathlib
import socket
import sys
import unittest
import unittest.mock
import xml.etree.ElementTree

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from comparison import campaign as campaigns, figures, loads, options, page, picture, processes, servers, tables  # noqa: E402

CORE = min(os.sched_getaffinity(0))
SVG = "{http://www.w3.org/2000/svg}"


def run(server, load, number, cpu_ns, part="load"):
    return {"part": part, "server": server, "load": load, "round": number, "cpu_ns": cpu_ns, "per_second": 1e5,
            "p50_us": 10, "p99_us": 1234, "load_busy": 0.99, "idle_bytes": 1500, "used_bytes": 1600}


def report():
    """Fairlead takes half of raw epoll's time in each round of `64,1,64`, and ten times as much in `64,16,64`."""
    runs = []
    for number, base in enumerate((100, 400, 200)):
        for load, ratio in (("64,1,64", 0.5), ("64,16,64", 10)):
            runs += [run("raw epoll", load, number, base), run("Fairlead", load, number, base * ratio)]
        runs += [run(server, "1000", number, base, "connections") for server in ("raw epoll", "Fairlead")]
    return {"machine": "a machine", "machine_in_short": "<machine> & core", "notes": ["a note"],
            "servers": ["raw epoll", "Fairlead"], "runs": runs}


class Figures(unittest.TestCase):
    def test_a_ratio_is_taken_within_each_round(self):
        value, ratio = figures.figure_and_ratio(report()["runs"], "load", "Fairlead", "64,1,64", "cpu_ns")
        self.assertEqual((value, ratio), (100, 0.5))
        self.assertEqual(figures.median_ratio({0: 10, 1: 20, 2: 90}, {0: 10, 1: 10, 2: 10}), 2)

    def test_a_round_that_failed_for_either_is_left_out(self):
        self.assertEqual(figures.median_ratio({0: 10, 1: 90}, {0: 10, 2: 1}), 1)
        self.assertIsNone(figures.median_ratio({0: 10}, {}))
        self.assertIsNone(figures.median({}))

    def test_every_round_begins_with_another_server(self):
        self.assertEqual([figures.rotated(["a", "b", "c"], number) for number in range(4)],
                         [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]])
        self.assertEqual(figures.rotated([], 1), [])


class Loads(unittest.TestCase):
    def test_a_load_is_written_as_it_is_read(self):
        for each in (*loads.ALL, *loads.QUICK, *loads.INPROC):
            self.assertEqual(str(loads.parse(each)), each)
        self.assertEqual(loads.parse("64,4,64@60000").rate, 60000)

    def test_what_is_no_load_is_refused(self):
        for wrong in ("", "1,2", "1,2,3,4", "1,2,x", "0,1,64", "1,0,64", "1,1,64@", "-1,1,64"):
            with self.assertRaises(ValueError, msg=wrong):
                loads.parse(wrong)

    def test_one_process_takes_no_more_than_fits_into_its_sockets(self):
        fitting = [each for each in loads.ALL if loads.fits_inproc(loads.parse(each))]
        self.assertEqual(fitting, ["1,1,64", "64,1,64", "64,16,64", "64,16,1024", "1000,1,64"])


class Tables(unittest.TestCase):
    def test_they_have_medians_and_ratios(self):
        text = tables.all_tables(report())
        self.assertIn("| Fairlead | 0.10 (0.50) | 2.00 (10.00) |", text)
        self.assertIn("| raw epoll | 0.20 (1.00) | 0.20 (1.00) |", text)
        self.assertIn("| Fairlead | 10.0 · 1,234 |", text)
        self.assertIn("| Fairlead | 1,500 | 1,600 | 0.20 (1.00) |", text)
        self.assertIn("≥ 100.0 k", text)
        self.assertIn("- a note", text)

    def test_a_server_without_figures_has_a_dash(self):
        lacking = report()
        lacking["runs"] = [each for each in lacking["runs"]
                           if (each["server"], each["load"]) != ("Fairlead", "64,1,64")]
        self.assertIn("| Fairlead | – | 2.00 (10.00) |", tables.all_tables(lacking))

    def test_nothing_measured_is_no_failure(self):
        self.assertIn("a machine", tables.all_tables({**report(), "runs": []}))


class Picture(unittest.TestCase):
    def test_it_is_well_formed_and_names_servers_and_loads(self):
        root = xml.etree.ElementTree.fromstring(picture.draw(report()))
        self.assertEqual(root.tag, SVG + "svg")
        texts = [each.text for each in root.iter(SVG + "text")]
        for wanted in ("Fairlead", "raw epoll", "64 connections × 16, 64 bytes", "<machine> & core", "10.00 ▸"):
            self.assertIn(wanted, texts)

    def test_bars_are_as_long_as_their_ratio_and_end_with_the_axis(self):
        root = xml.etree.ElementTree.fromstring(picture.draw(report()))
        one, half, one_again, ten = [float(each.get("width")) for each in root.iter(SVG + "rect")]
        self.assertAlmostEqual(half, one / 2, delta=0.2)
        self.assertEqual(one_again, one)
        self.assertAlmostEqual(ten, one * picture.MOST, delta=0.2)


class Page(unittest.TestCase):
    def test_only_what_is_between_the_marks_is_replaced(self):
        for mark in (page.MARK, page.MARK_OF_TLS):
            begin, end = page.marks(mark)
            self.assertEqual(page.replaced(f"before\n{begin}old\n{end}after\n", "new\n", mark),
                             f"before\n{begin}new\n{end}after\n")

    def test_a_page_without_the_marks_is_refused(self):
        with self.assertRaises(ValueError):
            page.replaced("text", "new")

    def test_the_documentation_has_a_place_for_the_figures(self):
        text = (BENCH.parents[1] / "docs/performance.md").read_text(encoding="utf-8")
        for mark in (page.MARK, page.MARK_OF_TLS):
            self.assertIn("new\n" + page.marks(mark)[1], page.replaced(text, "new\n", mark))


class Options(unittest.TestCase):
    def test_a_number_of_an_option_is_more_than_0(self):
        self.assertEqual((options.positive(int)("3"), options.positive(float)("0.5")), (3, 0.5))
        for kind, wrong in ((int, "0"), (int, "0.5"), (float, "-1"), (float, "x")):
            with self.assertRaises(argparse.ArgumentTypeError, msg=wrong):
                options.positive(kind)(wrong)


class Rows(unittest.TestCase):
    def test_a_row_of_the_command_line(self):
        row = servers.also("mine=./echo --name 'a b'")
        self.assertEqual((row.name, row.command), ("mine", ("./echo", "--name", "a b")))
        for wrong in ("mine", "=echo", "mine="):
            with self.assertRaises(ValueError, msg=wrong):
                servers.also(wrong)

    def test_raw_epoll_is_always_among_the_chosen(self):
        found = [servers.Row(name, ()) for name in ("raw epoll", "libuv", "Fairlead")]
        self.assertEqual([row.name for row in servers.choose(found, ["Fairlead"])], ["raw epoll", "Fairlead"])
        with self.assertRaisesRegex(ValueError, "there is no server 'x'; there are: raw epoll; libuv"):
            servers.choose(found, ["x"])


class Processes(unittest.TestCase):
    def test_a_server_ends_with_its_block(self):
        code = "import time; print('listening tcp://127.0.0.1:7', flush=True); time.sleep(60)"
        with processes.Server((sys.executable, "-c", code), CORE) as server:
            self.assertEqual(server.address(), ("127.0.0.1", 7))
            self.assertGreater(server.cpu_ns(), 0)
            self.assertGreater(server.rss_bytes(), 0)
            pid = server.pid
        self.assertFalse(pathlib.Path(f"/proc/{pid}").exists())

    def test_a_server_of_websocket_may_name_its_path(self):
        code = "import time; print('listening ws://127.0.0.1:7/', flush=True); time.sleep(60)"
        with processes.Server((sys.executable, "-c", code), CORE) as server:
            self.assertEqual(server.address(), ("127.0.0.1", 7))

    def test_a_silent_server_that_ends_is_named_with_what_it_said(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            taken.shutdown(socket.SHUT_RDWR)  # refuses connections, and keeps the port
            with self.assertRaisesRegex(processes.Failed, "it ended with 1: no port for me"):
                processes.SilentServer((sys.executable, "-c", "raise SystemExit('no port for me')"), CORE, taken.getsockname()[1])


class Campaign(unittest.TestCase):
    def setUp(self):
        self.plan = campaigns.Plan(tool="/nowhere", parts=("load",), loads=[loads.parse("1,1,64")], inproc_loads=[],
                                   connections=1, rounds=2, duration=0.1, warm_up=0)
        quiet = unittest.mock.patch("sys.stderr")
        quiet.start()
        self.addCleanup(quiet.stop)

    def test_a_server_that_does_not_start_is_named_with_what_it_said(self):
        failing = servers.Row("mine", (sys.executable, "-c", "raise SystemExit('no port for me')"))
        missing = servers.Row("other", ("/nowhere/echo",))
        campaign = campaigns.Campaign(self.plan, [failing, missing], [CORE])
        campaign.run()
        self.assertEqual(campaign.runs, [])
        self.assertRegex(campaign.faults[0], "^mine, .*no port for me")
        self.assertRegex(campaign.faults[1], "^other, .*/nowhere/echo: No such file")

    def test_a_run_that_fails_leaves_the_others_of_its_round(self):
        rows = [servers.Row("one", ("one",)), servers.Row("two", ("two",))]
        outcomes = [{"cpu_ns": 1}, processes.Failed("it broke"), {"cpu_ns": 3}, {"cpu_ns": 4}]
        with unittest.mock.patch.object(campaigns.measuring, "check"), \
                unittest.mock.patch.object(campaigns.measuring, "load_run", side_effect=outcomes):
            campaign = campaigns.Campaign(self.plan, rows, [CORE])
            campaign.run()
        self.assertEqual([(each["round"], each["server"], each["cpu_ns"]) for each in campaign.runs],
                         [(0, "one", 1), (1, "two", 3), (1, "one", 4)])
        self.assertEqual(campaign.faults, ["two, load 1,1,64: it broke"])


if __name__ == "__main__":
    unittest.main()
