#!/usr/bin/env python3
"""run_cases_test.py RUN_CASES SAMPLE: how the runner of GoogleTest programs counts and tells."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

RUN_CASES, SAMPLE = sys.argv[1:3]


def run_cases(limit="10", program=SAMPLE, **environment):
    """The exit code, what was printed, and the numbers left for `./dev test`."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, RUN_CASES, program, "--limit", limit, "--results", folder + "/cases/program"],
                              stdout=subprocess.PIPE, timeout=60, text=True, env={**os.environ, **environment})
        results = pathlib.Path(folder, "cases", "program")
        return done.returncode, done.stdout, results.read_text() if results.exists() else None


class Cases(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.code, cls.said, cls.numbers = run_cases()

    def test_are_counted_whatever_becomes_of_others(self):
        self.assertEqual((self.code, self.numbers), (1, "5 4 1\n"))
        self.assertEqual(self.said.splitlines()[-1], "5 passed, 4 failed, 1 skipped")

    def test_that_fail_are_named_with_what_they_said(self):
        self.assertIn("=== sample.fails: failed\ntold before it fails\n", self.said)
        self.assertIn("=== of/with_parameters.fails_for_b/1: failed\n", self.said)

    def test_that_are_skipped_say_why(self):
        self.assertRegex(self.said, r"=== sample.is_skipped: skipped\n(.*\n)*lacks a machine")

    def test_that_end_the_process_or_hang_are_named_with_what_they_said(self):
        self.assertIn("=== sample.ends_the_process: failed\ntold at last\n", self.said)
        self.assertIn("the process ended with signal SIGABRT\n", self.said)
        self.assertIn("=== sample.hangs: failed\ntold and no end of line\nstopped after 10.0 seconds\n", self.said)

    def test_that_pass_say_nothing(self):
        self.assertNotIn("not worth telling", self.said)
        self.assertNotIn("leaves_an_open_line", self.said)


class Programs(unittest.TestCase):
    def test_that_fail_behind_their_last_case_count_as_one_more_failure(self):
        code, said, numbers = run_cases(FAIL_AT_EXIT="1", GTEST_FILTER="-sample.hangs")
        self.assertEqual((code, numbers), (1, "5 4 1\n"))
        self.assertIn("code 23 after the last case", said)

    def test_without_a_case_fail(self):
        self.assertNotEqual(run_cases(program="/bin/true")[0], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
