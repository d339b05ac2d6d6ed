"""The figures a server gives on SIGUSR1, and whether they agree with each other and with what was done to it."""

import re
import signal
import unittest

from .process import wait_until
from .programs import Server


def statistics(server):
    """The newest figures, asked for now."""
    return _figures(server, "statistics (accepted=.*)")


def datagram_statistics(server):
    """The newest figures of what became of datagrams, asked for now."""
    figures = _figures(server, "datagrams (datagrams_received=.*)")
    return {key.removeprefix("datagrams_"): value for key, value in figures.items()}


def _figures(server, line_of):
    def lines():
        return re.findall(f" {line_of}\n", server.log())

    before = len(lines())
    line = wait_until(lambda: lines()[before:], server.log, ask=lambda: server.send_signal(signal.SIGUSR1))[0]
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)\b", line)}


def expect_balance(test: unittest.TestCase, server: Server, **expected):
    """Waits until no session is left but `active` (none unless told) and the figures are at least as `expected`.

    Then they must add up and be as expected.

    A cause that is expected is named without its `closed_`.
    """
    active = expected.setdefault("active", 0)
    figures = {}

    def causes():
        return {key.removeprefix("closed_"): value for key, value in figures.items() if key.startswith("closed_")}

    def settled():
        figures.update(statistics(server))
        known = {**figures, **causes()}
        return figures["active"] == active and all(known.get(key, 0) >= value for key, value in expected.items())

    wait_until(settled, lambda: f"{figures}")
    test.assertEqual(figures["accepted"], figures["active"] + sum(causes().values()), figures)
    figures.update(causes())
    test.assertEqual({key: figures.get(key) for key in expected}, expected, figures)
    return figures


def expect_datagrams(test: unittest.TestCase, server: Server, **expected):
    """Waits until the figures of datagrams are at least as `expected`, and has these be so; gives all of them."""
    figures = {}

    def settled():
        figures.update(datagram_statistics(server))
        return all(figures[key] >= value for key, value in expected.items())

    wait_until(settled, lambda: f"{figures}")
    test.assertEqual({key: figures[key] for key in expected}, expected, figures)
    return figures


def expect_answers(server: Server, number):
    """Waits until so many datagrams got a reply or were refused one, which comes after they are counted; gives all figures."""
    figures = {}

    def settled():
        figures.update(datagram_statistics(server))
        return figures["sent"] + figures["refused_for_rate"] + figures["refused_for_target"] >= number

    wait_until(settled, lambda: f"{figures}")
    return figures
