"""The figures a server gives on SIGUSR1, and whether they agree with each other and with what was done to it."""

import re
import signal
import unittest

from .process import wait_until
from .programs import Server


def statistics(server):
    """The newest figures, asked for now."""
    def lines():
        return re.findall(r" statistics (accepted=.*)\n", server.log())

    before = len(lines())
    server.send_signal(signal.SIGUSR1)
    line = wait_until(lambda: lines()[before:], server.log)[0]
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)\b", line)}


def expect_balance(test: unittest.TestCase, server: Server, **expected):
    """Waits until no session is left but `active` (none unless told), has the figures add up and be as `expected`.

    A cause that is expected is named without its `closed_`.
    """
    active = expected.setdefault("active", 0)
    figures = {}

    def settled():
        figures.update(statistics(server))
        return figures["active"] == active and figures["accepted"] >= expected.get("accepted", 0)

    wait_until(settled, lambda: f"{figures}")
    causes = {key.removeprefix("closed_"): value for key, value in figures.items() if key.startswith("closed_")}
    test.assertEqual(figures["accepted"], figures["active"] + sum(causes.values()), figures)
    figures.update(causes)
    test.assertEqual({key: figures.get(key) for key in expected}, expected, figures)
    return figures
