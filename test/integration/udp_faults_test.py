#!/usr/bin/env python3
"""What the system has to say against datagrams, coming and going: counted under its name, and the loop goes on."""

import signal
import socket
import time
import unittest

from support.campaign import SANITIZED, main, tell, tries
from support.datagrams import datagram_peer, exchange
from support.injection import InjectedServer, why_not
from support.ledger import datagram_statistics, expect_datagrams
from support.process import Process, wait_until
from support.programs import DidNotStart, Server

SERVE = ("serve", "echo", "--threads", "1", "--listen", "udp://127.0.0.1:0")


class ClosedPorts(unittest.TestCase):
    """Replies to peers that have gone come back as ICMP."""

    def test_do_not_end_the_service(self):
        number = tries(3_000, 1_000_000)
        for threads in ("1", "2"):
            with Server("serve", "echo", "--threads", threads, "--reply-rate", "0", "--listen",
                        "udp://127.0.0.1:0") as server, datagram_peer(server.address) as friend:
                for count in range(number):
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as passer_by:
                        passer_by.sendto(b"no reply needed", server.address)
                    if count % 100 == 0:
                        self.assertEqual(exchange(friend, b"%d" % count), b"%d" % count)
                figures = expect_datagrams(self, server, received=number + number // 100, sent=number + number // 100)
                self.assertEqual(sum(figures.values()), 2 * figures["sent"], figures)
                self.assertEqual(server.stop(), 0)
        tell(f"{number} replies to ports that were closed, of one thread and of two")


class CallFails(unittest.TestCase):
    def setUp(self):
        if reason := why_not():
            self.skipTest(f"nothing can be injected here: {reason}")

    def injected(self, call, error, when, *more):
        return InjectedServer(call, error, when, *SERVE, *more)

    SENDING = {
        "EMSGSIZE": "failed_too_large",
        "ENOBUFS": "failed_no_room",
        "ENOMEM": "failed_no_room",
        "EAGAIN": "failed_no_room",
        "EPERM": "failed_not_permitted",
        "EACCES": "failed_not_permitted",
        "EHOSTUNREACH": "failed_unreachable",
        "ENETUNREACH": "failed_unreachable",
        "ENETDOWN": "failed_unreachable",
        "EIO": "failed_otherwise",
        "EINVAL": "failed_otherwise",
    }

    def test_sending_one(self):
        for error, count in self.SENDING.items():
            for offload in ((), ("--no-udp-offload",)):
                with self.subTest(error=error, offload=offload), \
                        self.injected("sendmmsg", error, "2", *offload) as server, datagram_peer(server.address) as peer:
                    self.assertEqual(exchange(peer, b"first"), b"first")
                    peer.send(b"second")
                    expect_datagrams(self, server, **{count: 1})
                    self.assertEqual(exchange(peer, b"third"), b"third")
                    expect_datagrams(self, server, received=3, sent=2, **{count: 1})
                    self.assertEqual(server.stop(), 0)
                    self.assertEqual(len(server.injected()), 1)

    def test_sending_for_the_fault_of_an_earlier_datagram_or_a_signal_loses_nothing(self):
        for error in ("ECONNREFUSED", "EINTR"):
            with self.subTest(error=error), self.injected("sendmmsg", error, "2") as server, \
                    datagram_peer(server.address) as peer:
                for message in (b"first", b"second", b"third"):
                    self.assertEqual(exchange(peer, message), message)
                expect_datagrams(self, server, received=3, sent=3)
                self.assertEqual(server.stop(), 0)
                self.assertEqual(len(server.injected()), 1)

    def test_sending_always(self):
        for error, count in (("EPERM", "failed_not_permitted"), ("ECONNREFUSED", "failed_unreachable"),
                             ("ENOBUFS", "failed_no_room"), ("EINVAL", "failed_otherwise")):
            with self.subTest(error=error), self.injected("sendmmsg", error, "1+", "--reply-rate", "0") as server, \
                    datagram_peer(server.address) as peer:
                for number in range(300):
                    peer.send(b"%d" % (number // 10))
                    if number % 100 == 99:  # no more at once than there is room for
                        expect_datagrams(self, server, received=number + 1)
                expect_datagrams(self, server, received=300, sent=0, **{count: 300})
                self.assertEqual(server.stop(), 0)

    def test_sending_a_bundle_sends_its_datagrams_one_by_one(self):
        for error in ("EIO", "EINVAL", "EMSGSIZE", "EOPNOTSUPP"):
            with self.subTest(error=error), self.injected("sendmmsg", error, "1") as server, \
                    datagram_peer(server.address) as peer:
                self.stand_still(server)
                for number in range(40):
                    peer.send(b"%02d" % number)
                server.send_signal(signal.SIGCONT)
                self.assertEqual([peer.recv(100) for _ in range(40)], [b"%02d" % number for number in range(40)])
                expect_datagrams(self, server, received=40, sent=40)
                self.assertEqual(server.stop(), 0)
                self.assertEqual(len(server.injected()), 1)

    def stand_still(self, server):
        server.send_signal(signal.SIGSTOP)
        wait_until(Process(server.process.pid).stopped, "the server to stand still")

    RECEIVING = ("ECONNREFUSED", "EHOSTUNREACH", "ENOMEM", "ENOBUFS", "EINTR", "EIO", "EPROTO", "EFAULT", "ENOTCONN")

    def test_receiving(self):
        for error in self.RECEIVING:
            for when, times in (("1", 1), ("2", 1), ("1..3", 3), ("1..20", 20)):
                with self.subTest(error=error, when=when), self.injected("recvmmsg", error, when) as server, \
                        datagram_peer(server.address) as peer:
                    for message in (b"first", b"second", b"third"):
                        self.assertEqual(exchange(peer, message), message)
                    for _ in range(20):  # each brings at least one more call
                        self.assertEqual(exchange(peer, b"more"), b"more")
                    expect_datagrams(self, server, received=23, sent=23, receive_failures=times)
                    self.assertEqual(server.stop(), 0)
                    self.assertEqual(len(server.injected()), times)
                    self.assertIn("receiving failed", server.log())

    def test_receiving_always_takes_no_core_and_does_not_prevent_the_end(self):
        for error in ("ECONNREFUSED", "ENOMEM"):
            with self.subTest(error=error), \
                    self.injected("recvmmsg", error, "2+", "--drain-timeout", "300ms") as server, datagram_peer(server.address) as peer:
                self.assertEqual(exchange(peer, b"first"), b"first")
                begin, used = time.monotonic(), Process(server.process.pid).cpu_time()
                peer.send(b"never read")
                for _ in range(100):
                    peer.send(b"nor these")
                    time.sleep(0.01)
                share = (Process(server.process.pid).cpu_time() - used) / (time.monotonic() - begin)
                tell(f"recvmmsg fails for ever with {error}: {share:.0%} of a core, under strace")
                wait_until(lambda: datagram_statistics(server)["receive_failures"] > 8, server.log)
                self.assertEqual(server.stop(), 0, server.log())
                # Pauses double up to 80 ms: a dozen in a second, and eight at once for each datagram at the worst.
                seconds = time.monotonic() - begin
                self.assertLess(len(server.injected()), 2_000 + 13 * seconds)
                self.assertLess(server.log().count("receiving failed"), 40 + 12 * seconds)

    def test_watching_and_options_as_it_starts(self):
        """Where the system refuses what is asked of the socket, the server says so or does without; it never hangs."""
        for call, error in (("socket", "EMFILE"), ("bind", "EACCES"), ("setsockopt", "ENOPROTOOPT")):
            for when in range(1, tries(2 if SANITIZED else 6, 12)):
                with self.subTest(call=call, when=when):
                    self.expect_start_or_sentence(call, error, str(when))

    def expect_start_or_sentence(self, call, error, when):
        try:
            with self.injected(call, error, when) as server, datagram_peer(server.address) as peer:
                self.assertEqual(exchange(peer, b"hello"), b"hello")
                self.assertEqual(server.stop(), 0)
        except DidNotStart as failure:
            self.assertEqual(failure.code, 1, failure.log)
            self.assertRegex(failure.log, r"\Afairlead: [^\n]+\n\Z")


if __name__ == "__main__":
    main()
