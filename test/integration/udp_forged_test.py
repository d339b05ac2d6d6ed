#!/usr/bin/env python3
"""Datagrams that say they come from somebody else: replies to them begin no loop and are no weapon."""

import shutil
import unittest

from support import network
from support.campaign import SANITIZED, choices, main, tell, tries
from support.datagrams import ask_once
from support.ledger import datagram_statistics, expect_answers, expect_datagrams
from support.process import MIB, Process, wait_until
from support.programs import Server

UDP = ("--listen", "udp://127.0.0.1:0")
SERVICES = (7, 9, 13, 17, 19, 37, 53, 69, 111, 123, 137, 161, 389, 520, 1900, 3702, 5353, 11211)


class Loops(unittest.TestCase):
    def test_with_another_address_of_ours_do_not_begin(self):
        with Server("serve", "echo", "--listen", "udp://0.0.0.0:0") as server, network.Forger() as forger:
            port = server.address[1]
            forger.send(("10.1.0.2", port), ("10.1.0.1", port), b"to myself")
            expect_datagrams(self, server, received=1, refused_for_target=1, sent=0)

    def test_between_two_servers_end_by_themselves(self):
        for first_options, second_options in (((), ()), (("--threads", "1"), ("--no-udp-offload",))):
            # At a rate that a busy machine exceeds as well.
            with Server("serve", "echo", "--reply-rate", "100", *first_options, *UDP) as first, \
                    Server("serve", "echo", "--reply-rate", "100", *second_options, *UDP) as second, \
                    network.Forger() as forger:
                forger.send(first.address, second.address, b"for ever?")
                figures = []

                def total(name):
                    return sum(each[name] for each in figures)

                def over():  # one was forged, and the last was not answered
                    figures[:] = [datagram_statistics(first), datagram_statistics(second)]
                    return total("refused_for_rate") and total("received") == total("sent") + 1

                wait_until(over, lambda: f"{figures}")
                self.assertEqual(total("refused_for_rate"), 1, figures)
                received = total("received")
                self.assertEqual([datagram_statistics(first), datagram_statistics(second)], figures)
                self.assertEqual(ask_once(first.address, b"hello", source=("127.0.0.2", 0)), b"hello")
                tell(f"a loop of two servers ended after {received} datagrams")

    def test_with_services_do_not_begin(self):
        with Server("serve", "echo", *UDP) as server, network.Forger() as forger:
            for port in (0, *SERVICES):
                forger.send(("127.0.0.1", port), server.address, b"a request")
            expect_datagrams(self, server, received=1 + len(SERVICES), refused_for_target=1 + len(SERVICES), sent=0)
            self.assertEqual(ask_once(server.address, b"hello"), b"hello")

    def test_with_ourselves_do_not_begin(self):
        for listening, asked in (("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("0.0.0.0", "127.0.0.5"),
                                 ("0.0.0.0", "10.1.0.1"), ("10.1.0.1", "10.1.0.1")):
            with self.subTest(listening=listening, asked=asked), network.Forger() as forger, \
                    Server("serve", "echo", "--listen", f"udp://{listening}:0") as server:
                port = server.address[1]
                sources = {asked, "127.0.0.1"} if asked.startswith("10.") else {asked, "127.0.0.1", "127.0.0.9"}
                for source in sources:
                    forger.send((source, port), (asked, port), b"to myself")
                expect_datagrams(self, server, received=len(sources), refused_for_target=len(sources), sent=0)

    def test_services_are_answered_when_told(self):
        with Server("serve", "echo", "--answer-services", *UDP) as server:
            for port in SERVICES:
                self.assertEqual(ask_once(server.address, b"%d" % port, source=("127.0.0.1", port)), b"%d" % port)
            with network.Forger() as forger:
                forger.send(("127.0.0.1", 0), server.address, b"no port")
                forger.send(server.address, server.address, b"to myself")
            expect_datagrams(self, server, received=len(SERVICES) + 2, sent=len(SERVICES), refused_for_target=2)


class Sources(unittest.TestCase):
    def test_in_any_number_get_no_more_than_they_sent_and_take_no_memory(self):
        number = tries(10_000, 1_000_000)
        random = choices("sources")
        with Server("serve", "echo", "--listen", f"udp://{network.Tunnel.SERVER}:0") as server:
            process = Process(server.process.pid)
            size_before = None
            bytes_in = bytes_out = answers = 0

            def take_answers():
                nonlocal answers, bytes_out
                replies = self.tunnel.datagrams_answered()
                answers += len(replies)
                bytes_out += sum(map(len, replies))
                return answers

            for count in range(number):
                source = f"10.99.{random.randrange(1, 255)}.{random.randrange(1, 255)}"
                payload = b"x" * random.randrange(200)
                self.tunnel.send_datagram(source, random.randrange(1, 65_536), server.address[1], payload)
                bytes_in += len(payload)
                if count == number // 10:
                    size_before = process.private_memory()
                if count % 100 == 99:  # not faster than they are answered
                    wait_until(lambda: take_answers() > count // 2, lambda: f"{answers} of {count} were answered")
            figures = datagram_statistics(server)
            grown = process.private_memory() - size_before
            wait_until(lambda: not self.tunnel.datagrams_answered(), "the end of replies")
            self.assertGreater(figures["received"], number // 2, figures)
            self.assertGreater(answers, number // 2)
            self.assertLessEqual(bytes_out, bytes_in)
            self.assertLess(grown, (16 if SANITIZED else 2) * MIB)
            tell(f"{number} sources sent {bytes_in} bytes and got {bytes_out}; memory grew by {grown / MIB:.1f} MiB")

    def test_one_gets_so_many_a_second_whatever_its_ports(self):
        with Server("serve", "echo", "--threads", "1", "--reply-rate", "10", "--listen",
                    f"udp://{network.Tunnel.SERVER}:0") as server:
            self.tunnel.datagrams_answered()
            for port in range(2_000, 4_000):
                self.tunnel.send_datagram("10.99.7.7", port, server.address[1], b"x")
                if port % 200 == 199:  # no more at once than there is room for
                    expect_datagrams(self, server, received=port - 1_999)
            figures = expect_answers(server, 2_000)
            self.assertGreater(figures["refused_for_rate"], 1_000, figures)
            self.assertEqual(figures["sent"] + figures["refused_for_rate"] + figures["refused_for_target"], 2_000)

    def test_get_replies_of_a_few_times_their_request_at_most(self):
        with Server("serve", "reply", "--text", "x" * 1_000, "--listen", f"udp://{network.Tunnel.SERVER}:0") as server:
            self.tunnel.datagrams_answered()
            answered = 0
            for size in range(0, 400):
                self.tunnel.send_datagram(f"10.99.8.{1 + size % 200}", 2_000, server.address[1], b"y" * size)
                answered += 3 * (28 + size) >= 1_028
                if size % 100 == 99:  # no more at once than there is room for
                    expect_datagrams(self, server, received=size + 1, sent=answered)
            replies = []
            wait_until(lambda: replies.extend(self.tunnel.datagrams_answered()) or len(replies) >= answered,
                       lambda: f"{len(replies)} of {answered} replies")
            self.assertEqual(len(replies), answered)


class Refusals(unittest.TestCase):
    """What the routes of the system refuse."""

    def test_are_counted_under_their_names(self):
        kinds = {"prohibit": "failed_not_permitted", "unreachable": "failed_unreachable",
                 "blackhole": "failed_otherwise"}
        for number, (kind, count) in enumerate(kinds.items()):
            network.ip(f"route add {kind} 10.99.{100 + number}.0/24")
            with self.subTest(kind=kind), Server("serve", "echo", "--listen", "udp://0.0.0.0:0") as server, \
                    network.Forger() as forger:
                address = ("127.0.0.1", server.address[1])
                forger.send((f"10.99.{100 + number}.5", 2_000), address, b"hello")
                expect_datagrams(self, server, received=1, sent=0, **{count: 1})
                self.assertEqual(ask_once(address, b"hello"), b"hello")


def setUpModule():
    if why_not:
        raise unittest.SkipTest(f"there can be no network of our own: {why_not}")
    if not shutil.which("ip"):
        raise unittest.SkipTest("there is no ip(8)")
    Sources.tunnel = network.Tunnel()
    network.ip("addr add 10.1.0.1/24 dev lo")
    network.ip("addr add 10.1.0.2/24 dev lo")


if __name__ == "__main__":
    why_not = network.enter()
    main()
