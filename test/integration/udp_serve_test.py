#!/usr/bin/env python3
"""`fairlead serve` at udp:// URLs: datagrams of every size, the limits of replies, the addresses it answers from."""

import os
import signal
import socket
import unittest

from support.campaign import main
from support.datagrams import MOST_OVER_IPV4, MOST_OVER_IPV6, ask_once, datagram_peer, exchange, receive_all
from support.ledger import expect_answers, expect_datagrams, statistics
from support.process import wait_until
from support.programs import DidNotStart, Server, address_of, ask, frame, run

ANY_PORT = ("--listen", "udp://127.0.0.1:0")


def skip_without_ipv6(test):
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as tried:
            tried.bind(("::1", 0))
    except OSError as problem:
        test.skipTest(f"no IPv6 here: {problem}")


class Sizes(unittest.TestCase):
    AT_THE_EDGES = (0, 1, 1471, 1472, 1473, 9_000, 65_506, MOST_OVER_IPV4)

    def expect_each_echoed(self, server, sizes):
        with datagram_peer(server.address) as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            for size in sizes:
                with self.subTest(size=size):
                    message = os.urandom(size)
                    self.assertEqual(exchange(peer, message), message)

    def test_each_there_is_comes_back_whole(self):
        for offload in ((), ("--no-udp-offload",)):
            with Server("serve", "echo", *offload, *ANY_PORT) as server:
                self.expect_each_echoed(server, self.AT_THE_EDGES)
                figures = expect_datagrams(self, server, received=len(self.AT_THE_EDGES), sent=len(self.AT_THE_EDGES))
                self.assertEqual(sum(figures.values()), 2 * len(self.AT_THE_EDGES), figures)
                self.assertEqual(server.stop(), 0)

    def test_ipv6_has_room_for_twenty_bytes_more(self):
        skip_without_ipv6(self)
        with Server("serve", "echo", "--listen", "udp://[::1]:0") as server:
            self.expect_each_echoed(server, (*self.AT_THE_EDGES, MOST_OVER_IPV6 - 1, MOST_OVER_IPV6))
            self.assertEqual(server.stop(), 0)

    def test_what_is_larger_than_the_limit_is_dropped_and_never_cut(self):
        too_large = (1_001, 1_472, 1_473, 2_000, 65_506, MOST_OVER_IPV4)
        with Server("serve", "echo", "--max-message", "1000", *ANY_PORT) as server, \
                datagram_peer(server.address) as peer:
            for size in too_large:
                peer.send(b"x" * size)
                self.assertEqual(exchange(peer, b"y" * 1_000), b"y" * 1_000, "that to the next, and nothing before")
            expect_datagrams(self, server, received=2 * len(too_large), sent=len(too_large),
                             dropped_too_large=len(too_large))
            self.assertEqual(statistics(server)["messages_in"], len(too_large))
            self.assertEqual(server.stop(), 0)
            self.assertRegex(server.log(), r"udp://127\.0\.0\.1:\d+ was dropped: it has 1001 bytes")
            for size in too_large:
                self.assertIn(f"{size} bytes, and max_message is 1000", server.log())

    def test_a_limit_of_the_largest_datagram_or_more_changes_nothing(self):
        for limit in ("65507", "65535", "1MiB"):
            with Server("serve", "echo", "--max-message", limit, *ANY_PORT) as server:
                self.expect_each_echoed(server, (0, MOST_OVER_IPV4))

    def test_datagrams_without_bytes_are_messages(self):
        with Server("serve", "reply", "--text", "[{message}]", *ANY_PORT) as server, \
                datagram_peer(server.address) as peer:
            for _ in range(100):
                self.assertEqual(exchange(peer, b""), b"[]")
            self.assertEqual(exchange(peer, b"more"), b"[more]")
            expect_datagrams(self, server, received=101, sent=101)


class Replies(unittest.TestCase):
    def test_uppercase(self):
        with Server("serve", "uppercase", *ANY_PORT) as server:
            self.assertEqual(ask_once(server.address, bytes(range(256))), bytes(range(256)).upper())

    def test_are_not_much_larger_than_the_request_unless_told(self):
        text = "x" * 200
        with Server("serve", "reply", "--text", text, *ANY_PORT) as server, datagram_peer(server.address) as peer:
            # 3 × (28 + 48) bytes are as many as the reply and its headers have: 28 + 200.
            peer.send(b"y" * 47)
            self.assertEqual(exchange(peer, b"y" * 48), text.encode(), "the reply to the second, and nothing before")
            expect_datagrams(self, server, received=2, sent=1, refused_for_ratio=1)
        with Server("serve", "reply", "--text", text, "--reply-ratio", "0", *ANY_PORT) as server:
            self.assertEqual(ask_once(server.address, b""), text.encode())
        with Server("serve", "echo", "--reply-ratio", "1", *ANY_PORT) as server:
            self.assertEqual(ask_once(server.address, b"equal"), b"equal")

    def test_are_so_many_a_second_to_one_address(self):
        with Server("serve", "echo", "--reply-rate", "1", "--threads", "1", *ANY_PORT) as server:
            with datagram_peer(server.address) as one, datagram_peer(server.address) as other:
                for number in range(50):
                    (one, other)[number % 2].send(b"%d" % number)
                expect_datagrams(self, server, received=50)
                figures = expect_answers(server, 50)
                received = len(receive_all(one)) + len(receive_all(other))
                self.assertEqual(figures["sent"] + figures["refused_for_rate"], 50)
                self.assertEqual(received, figures["sent"])
                self.assertGreaterEqual(received, 10, "after a quiet time there are ten times as many")
                self.assertGreater(figures["refused_for_rate"], 0)
                wait_until(lambda: one.send(b"again") and receive_all(one, 0.2), "a reply after a while")

    def test_larger_than_a_datagram_can_be_are_counted(self):
        with Server("serve", "echo", "--prefix", "x", "--reply-ratio", "0", *ANY_PORT) as server, \
                datagram_peer(server.address) as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            peer.send(b"y" * MOST_OVER_IPV4)
            self.assertEqual(exchange(peer, b"y" * (MOST_OVER_IPV4 - 1)), b"x" + b"y" * (MOST_OVER_IPV4 - 1))
            expect_datagrams(self, server, received=2, sent=1, failed_too_large=1)


class Addresses(unittest.TestCase):
    def test_a_port_that_another_server_has_is_refused_though_threads_share_it(self):
        for threads in ("1", "2"):
            with Server("serve", "echo", "--threads", threads, *ANY_PORT) as server:
                for others in ("1", "2"):
                    refused = run("serve", "echo", "--threads", others, "--listen", server.url)
                    self.assertEqual((refused.returncode, refused.stdout), (1, b""))
                    self.assertRegex(refused.stderr.decode(),
                                     r"\Afairlead: cannot listen at udp://127\.0\.0\.1:\d+: another program uses this port;"
                                     r"[^\n]*: Address already in use[^\n]*\n\Z")
                self.assertEqual(ask_once(server.address, b"still here"), b"still here")

    def test_tcp_and_udp_have_the_same_port(self):
        with self.both_at_one_port() as server:
            url = server.urls[0]
            self.assertEqual(ask(address_of(url), frame(b"a stream")), frame(b"a stream"))
            self.assertEqual(ask_once(address_of(server.urls[1]), b"a datagram"), b"a datagram")
            datagrams = f" listener {server.urls[1]} accepted=0 active=0 datagrams_received=1 datagrams_sent=1 "
            wait_until(lambda: datagrams in server.log(), server.log, ask=lambda: server.send_signal(signal.SIGUSR1))
            self.assertIn(f" listener {url} accepted=1 ", server.log())
            self.assertEqual(server.stop(), 0)

    def both_at_one_port(self):
        """A port that is free for UDP may be taken for TCP, by any connection of another test."""
        for _ in range(20):
            with Server("serve", "echo", *ANY_PORT) as first:
                urls = [first.url.replace("udp", "tcp"), first.url]
                self.assertEqual(first.stop(), 0)
            try:
                return Server("serve", "echo", "--listen", urls[0], "--listen", urls[1], listeners=2)
            except DidNotStart as failure:
                self.assertIn("Address already in use", failure.log)
        raise AssertionError("no port is free for both")

    def test_a_name_is_listened_to_at_all_its_addresses(self):
        addresses = {each[4][0] for each in socket.getaddrinfo("localhost", 1, type=socket.SOCK_DGRAM)}
        with Server("serve", "echo", "--listen", "udp://localhost:0") as server:
            self.assertEqual(server.stop(), 0)
            urls = [server.url, *server.more_output().replace("listening ", "").split()]
            self.assertLessEqual({address_of(url)[0] for url in urls}, addresses)
        with Server("serve", "echo", "--listen", "udp://localhost:0", listeners=len(urls)) as server:
            for url in server.urls:
                self.assertEqual(ask_once(address_of(url), b"hello"), b"hello")

    def test_a_reply_leaves_from_the_address_that_was_asked(self):
        for threads in ("1", "2"):
            with Server("serve", "echo", "--threads", threads, "--listen", "udp://0.0.0.0:0") as server:
                for host in ("127.0.0.1", "127.0.0.5", "127.1.2.3"):
                    for _ in range(5):
                        self.assertEqual(ask_once((host, server.address[1]), host.encode()), host.encode())

    def test_both_families_at_one_socket(self):
        skip_without_ipv6(self)
        with Server("serve", "echo", "--listen", "udp://[::]:0") as server:
            for host in ("127.0.0.1", "127.0.0.5", "::1"):
                for _ in range(5):
                    self.assertEqual(ask_once((host, server.address[1]), host.encode()), host.encode())
            with datagram_peer(("127.0.0.1", server.address[1])) as peer:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
                self.assertEqual(len(exchange(peer, b"x" * MOST_OVER_IPV4)), MOST_OVER_IPV4)

    def test_several_are_served_by_the_same_threads(self):
        with Server("serve", "echo", "--reply-rate", "0", *ANY_PORT * 3, listeners=3) as server:
            peers = [datagram_peer(address_of(url)) for url in server.urls]
            for turn in range(100):
                for number, peer in enumerate(peers):
                    peer.send(b"%d %d" % (number, turn))
            for number, peer in enumerate(peers):
                for turn in range(100):
                    self.assertEqual(peer.recv(100), b"%d %d" % (number, turn))
                peer.close()
            expect_datagrams(self, server, received=300, sent=300)
            refused = run("serve", "echo", "--listen", server.url, "--listen", server.url)
            self.assertEqual(refused.returncode, 1)

    def test_an_address_that_this_machine_has_not_is_refused(self):
        refused = run("serve", "echo", "--listen", "udp://192.0.2.1:0")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("cannot listen at udp://192.0.2.1:0: this machine does not have that address; `ip address` lists "
                      "those that it has: Cannot assign requested address", refused.stderr.decode())

    def test_many_peers_of_two_threads_get_each_its_own_replies(self):
        count, rounds = 200, 20
        with Server("serve", "echo", "--threads", "2", "--reply-rate", "0", *ANY_PORT) as server:
            peers = [datagram_peer(server.address) for _ in range(count)]
            for turn in range(rounds):
                for number, peer in enumerate(peers):
                    peer.send(b"%d of %d" % (turn, number))
                for number, peer in enumerate(peers):
                    self.assertEqual(peer.recv(100), b"%d of %d" % (turn, number))
            for peer in peers:
                peer.close()
            expect_datagrams(self, server, received=count * rounds, sent=count * rounds)


if __name__ == "__main__":
    main()
