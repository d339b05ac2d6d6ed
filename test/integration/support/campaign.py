"""How much a test of faults tries – a little, or everything with `./dev test --long` – and what it says of it."""

import faulthandler
import os
import random
import sys
import unittest

LONG = bool(os.environ.get("FAIRLEAD_LONG"))
SANITIZED = os.environ.get("FAIRLEAD_SANITIZE", "")
SKIPPED = 77  # what ctest is told when nothing could be tried

TIME_TO_LIVE = 3 * 3600 if LONG else 600  # seconds; a test that hangs says where and fails

SEED = int(os.environ.get("FAIRLEAD_SEED") or random.SystemRandom().randrange(1 << 32))


def tries(few, all_of_them):
    return all_of_them if LONG else few


def tell(text):
    """For the log of the test: what was tried, and how often."""
    print(f"  {text}", flush=True)


def choices(name):
    """Random choices that FAIRLEAD_SEED repeats."""
    return random.Random(f"{SEED} {name}")


def main():
    faulthandler.dump_traceback_later(TIME_TO_LIVE, exit=True)
    tell(f"FAIRLEAD_SEED={SEED}{', at full length' if LONG else ''}{', sanitized: ' + SANITIZED if SANITIZED else ''}")
    result = unittest.main(exit=False, verbosity=2).result
    if result.wasSuccessful() and result.skipped and result.testsRun <= len(result.skipped):
        sys.exit(SKIPPED)
    sys.exit(not result.wasSuccessful())
