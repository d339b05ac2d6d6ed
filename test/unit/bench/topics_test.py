#!/usr/bin/env python3
"""The tables of test/bench/topics.py."""

import collections
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

import topics  # noqa: E402

OTHER = "other"


def seen(figures):
    found = collections.defaultdict(dict)
    found.update(figures)
    return found


class Tables(unittest.TestCase):
    def test_a_ratio_is_taken_within_each_round(self):
        rows = topics.compare(seen({(topics.BASE, "64,1", "cpu_ns"): {0: 1000, 1: 4000, 2: 2000},
                                    (topics.BASE, "64,1", "p99_us"): {0: 7000, 1: 9000, 2: 8000},
                                    (OTHER, "64,1", "cpu_ns"): {0: 2000, 1: 8000, 2: 2500},
                                    (OTHER, "64,1", "p99_us"): {0: 1000, 1: 1000, 2: 1000}}), [topics.BASE, OTHER])
        self.assertIn(f"| {topics.BASE} | 500 (1.00) · 8 | – |", rows)
        self.assertIn(f"| {OTHER} | 400 (0.50) · 1 | – |", rows)

    def test_a_server_without_the_one_beside_it_has_no_ratio(self):
        rows = topics.compare(seen({(OTHER, "64,1", "cpu_ns"): {0: 2000}, (OTHER, "64,1", "p99_us"): {0: 1000}}), [OTHER])
        self.assertIn(f"| {OTHER} | 500 · 1 | – |", rows)

    def test_a_stopped_subscriber_is_compared_with_the_turn_before(self):
        rows = topics.compare_stopped(seen({(OTHER, "64,1", "p99_us"): {0: 1000, 1: 5000, 2: 2000},
                                            (OTHER, "64,1,stopped", "p99_us"): {0: 1100, 1: 5000, 2: 2400}}), [OTHER])
        self.assertIn(f"| {OTHER} | 2.0 · 2.4 (1.100) | – |", rows)


if __name__ == "__main__":
    unittest.main()
