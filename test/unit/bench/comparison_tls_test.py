#!/usr/bin/env python3
"""The parts of test/bench/compare_tls.py that need no server."""

import pathlib
import sys
import unittest
import unittest.mock

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from comparison import processes, tls_campaign, tls_measuring, tls_servers, tls_tables  # noqa: E402


def run(part, server, what, number, **figures):
    return {"part": part, "server": server, "load": what, "round": number, **figures}


def report():
    """Asio takes twice the time of each round, whatever that is; its tail is three times as long where handshakes stall."""
    runs = []
    for number, base in enumerate((1000, 4000, 2000)):
        runs += [run("messages", "Fairlead", "64,1,64", number, cpu_ns=base),
                 run("messages", "Fairlead, plain TCP", "64,1,64", number, cpu_ns=base / 2),
                 run("messages", "Asio, tuned", "64,1,64", number, cpu_ns=base * 2)]
    for server, factor in (("Fairlead", 1), ("Asio, tuned", 3)):
        runs += [run("memory", server, "session", 0, bytes=15000 * factor), run("memory", server, "hello", 0, bytes=1500),
                 run("handshakes", server, "full", 0, per_core=5000), run("handshakes", server, "resumed", 0, per_core=9000),
                 run("stalled", server, "silent", 0, p99_us=500), run("stalled", server, "hello", 0, p99_us=500 * factor)]
    return {"machine": "a machine", "notes": ["a note"], "sessions": 10000, "stalled": 5000,
            "servers": ["Fairlead", "Fairlead, plain TCP", "Asio, tuned"], "runs": runs}


class Tables(unittest.TestCase):
    def test_messages_are_compared_with_ours_in_each_round(self):
        text = tls_tables.all_tables(report())
        self.assertIn("| Fairlead | 2.00 (1.00) |", text)
        self.assertIn("| Fairlead, plain TCP | 1.00 (0.50) |", text)
        self.assertIn("| Asio, tuned | 4.00 (2.00) |", text)
        self.assertIn("- a note", text)

    def test_a_server_has_its_memory_handshakes_and_tail_in_a_row(self):
        text = tls_tables.all_tables(report())
        self.assertIn("| Asio, tuned | 45,000 | 1,500 | 5,000 | 9,000 | 500 · 1,500 (3.00) |", text)
        self.assertIn("one of 10,000 idle sessions", text)

    def test_plain_tcp_has_messages_only(self):
        self.assertEqual(tls_tables.all_tables(report()).count("Fairlead, plain TCP"), 1)

    def test_what_was_not_measured_has_no_table(self):
        partial = report()
        partial["runs"] = [each for each in partial["runs"] if each["part"] == "memory"]
        text = tls_tables.all_tables(partial)
        self.assertNotIn("Processor time", text)
        self.assertIn("| Fairlead | 15,000 | 1,500 | – | – | – |", text)


class Measuring(unittest.TestCase):
    def rounds(self, parts, count):
        seen = []
        rows = [tls_servers.Row("ours", None), tls_servers.Row("plain", None, over_tls=False)]
        plan = tls_campaign.Plan("tool", parts, ["64,1,64"], 10, 10, count, 0.1, 0.1)
        measure = {part: lambda row, what, *_, part=part: seen.append((part, row.name, what)) or {"figure": 1}
                   for part in tls_campaign.PARTS}
        with unittest.mock.patch.object(tls_campaign, "MEASURES", measure), unittest.mock.patch("sys.stderr"):
            tls_campaign.TlsCampaign(plan, rows, [0]).run()
        return seen

    def test_plain_tcp_takes_part_in_messages_only(self):
        self.assertEqual({part for part, name, _ in self.rounds(tls_campaign.PARTS, 1) if name == "plain"}, {"messages"})

    def test_memory_is_measured_in_few_rounds(self):
        self.assertEqual(len(self.rounds(("memory",), 9)), tls_campaign.MEMORY_ROUNDS * 2)

    def test_memory_is_counted_per_connection(self):
        server = unittest.mock.MagicMock()
        server.__enter__.return_value = server
        server.cpu_ns.return_value = 0
        server.private_bytes.side_effect = [1_000_000, 21_000_000]
        row = tls_servers.Row("one", lambda *_: server)
        plan = tls_campaign.Plan("tool", (), [], 10_000, 5_000, 1, 1, 1)
        with unittest.mock.patch.object(tls_measuring, "Crowd") as crowd, unittest.mock.patch("time.sleep"):
            self.assertEqual(tls_measuring.memory_run(row, "session", plan, [0, 1]), {"bytes": 2000})
            self.assertEqual(crowd.call_args.args[2:4], ("session", 10_000))

    def test_an_address_is_read_from_a_url(self):
        self.assertEqual(processes.address_of("tls://127.0.0.1:9443"), ("127.0.0.1", 9443))


if __name__ == "__main__":
    unittest.main()
