#!/usr/bin/env python3
"""UDP with another machine: which address replies leave from, one link's addresses, groups of multicast, names."""

import shutil
import socket
import struct
import tempfile
import unittest

from support import network
from support.campaign import main
from support.datagrams import exchange, receive_all
from support.ledger import expect_datagrams
from support.programs import FAIRLEAD, PATIENCE, Server, run

GROUP, OTHER_GROUP, GROUP_OF_IPV6 = "239.255.0.1", "239.255.0.2", "ff02::1234"
HERE, HERE_TOO, THERE = network.Neighbour.HERE, network.Neighbour.HERE_TOO, network.Neighbour.THERE


class Neighbours(unittest.TestCase):
    def peer(self, family=socket.AF_INET):
        made = neighbour.socket(family)
        made.settimeout(PATIENCE)
        self.addCleanup(made.close)
        return made

    def connected(self, *address):
        peer = self.peer(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        peer.connect(address)
        return peer


class Addresses(Neighbours):
    def test_a_reply_leaves_from_the_one_that_was_asked(self):
        for host in ("0.0.0.0", "[::]"):
            with Server("serve", "echo", "--listen", f"udp://{host}:0") as server:
                for asked in (HERE, HERE_TOO):
                    for _ in range(5):
                        self.assertEqual(exchange(self.connected(asked, server.address[1]), b"hello"), b"hello")

    def test_of_one_link(self):
        for host in ("[fe80::1%near]", "[::]"):
            with self.subTest(host=host), Server("serve", "echo", "--listen", f"udp://{host}:0") as server:
                port = int(server.url.rsplit(":", 1)[1])
                for _ in range(3):
                    peer = self.connected(network.Neighbour.LINK_HERE, port, 0, neighbour.far_index)
                    self.assertEqual(exchange(peer, b"hello"), b"hello")
                self.assertEqual(server.stop(), 0)

    def test_large_datagrams_pass_in_fragments(self):
        with Server("serve", "echo", "--listen", f"udp://{HERE}:0") as server:
            peer = self.connected(*server.address)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            for size in (1_472, 1_473, 9_000, 65_507, 100):
                self.assertEqual(exchange(peer, b"x" * size), b"x" * size)


class Groups(Neighbours):
    """What is sent to a group that was joined is heard, and answered by one to one."""

    def ask_group(self, group, port, message, family=socket.AF_INET):
        peer = self.peer(family)
        if family == socket.AF_INET:
            peer.sendto(message, (group, port))
        else:
            peer.sendto(message, (group, port, 0, neighbour.far_index))
        return peer

    def expect_heard(self, server, group=GROUP, here=(HERE,)):
        peer = self.ask_group(group, server.address[1], b"to all")
        reply, source = peer.recvfrom(100)
        self.assertEqual(reply, b"to all")
        self.assertIn(source[0], here)
        self.assertEqual(source[1], server.address[1])
        self.assertEqual(receive_all(peer, 0.2), [], "one reply")

    def test_named_by_the_url(self):
        with Server("serve", "echo", "--listen", f"udp://{GROUP}:0") as server:
            self.assertRegex(server.url, rf"^udp://{GROUP}:\d+$")
            self.expect_heard(server)

    def test_named_beside_it(self):
        for host in ("0.0.0.0", "[::]"):
            for group in (GROUP, GROUP + "@near"):
                with self.subTest(host=host, group=group), \
                        Server("serve", "echo", "--listen", f"udp://{host}:0", "--multicast", group) as server:
                    self.expect_heard(server)
                    self.assertEqual(exchange(self.connected(HERE_TOO, server.address[1]), b"to one"), b"to one")

    def test_several(self):
        with Server("serve", "echo", "--listen", "udp://0.0.0.0:0", "--multicast", GROUP + "@near", "--multicast",
                    OTHER_GROUP + "@near") as server:
            self.expect_heard(server)
            self.expect_heard(server, OTHER_GROUP)

    def test_of_ipv6(self):
        with Server("serve", "echo", "--listen", "udp://[::]:0", "--multicast", GROUP_OF_IPV6 + "@near") as server:
            peer = self.ask_group(GROUP_OF_IPV6, server.address[1], b"to all", socket.AF_INET6)
            reply, source = peer.recvfrom(100)
            self.assertEqual((reply, source[0].partition("%")[0]), (b"to all", network.Neighbour.LINK_HERE))

    def test_are_joined_at_the_interface_of_their_zone(self):
        for url in ("udp://[ff02::1234%25near]:0", "udp://[ff02::1234%near]:0", "udp://[ff05::1234%25near]:0"):
            with self.subTest(url=url), Server("serve", "echo", "--listen", url) as server:
                group = url[len("udp://["):].partition("%")[0]
                self.assertEqual(server.url.rsplit(":", 1)[0], f"udp://[{group}%25near]")
                self.assertEqual(interfaces_of(group), ["near"])
                peer = self.peer(socket.AF_INET6)
                peer.sendto(b"to all", (group, int(server.url.rsplit(":", 1)[1]), 0, neighbour.far_index))
                self.assertEqual(peer.recvfrom(100)[0], b"to all")
        for beside in ("ff02::1234%near", "ff02::1234%near@near", "ff05::1234@near"):
            with self.subTest(beside=beside), \
                    Server("serve", "echo", "--listen", "udp://[::]:0", "--multicast", beside):
                self.assertEqual(interfaces_of(beside.partition("%")[0].partition("@")[0]), ["near"])

    def test_are_sent_to_by_the_interface_of_their_zone(self):
        for group in ("ff02::1234", "ff05::1234"):
            with self.subTest(group=group):
                member = self.peer(socket.AF_INET6)
                member.bind(("::", 0))
                member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                                  socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", neighbour.far_index))
                run("talk", f"udp://[{group}%25near]:{member.getsockname()[1]}", "--timeout", "10ms", input=b"to all\n")
                self.assertEqual(member.recv(100), b"to all")

    def test_of_two_interfaces_are_refused(self):
        any_port = ("--listen", "udp://[::]:0", "--multicast")
        self.expect_refused(2, "the zone of ff02::1234%near is another interface than 'lo'", *any_port,
                            "ff02::1234%near@lo")
        self.expect_refused(2, "there is no network interface 'nope0'", *any_port, "ff02::1234%nope0")
        self.expect_refused(2, "nobody at udp://.ff02::1234%25near.:[0-9]* could hear the group ff02::1%lo", "--listen",
                            "udp://[ff02::1234%25near]:0", "--multicast", "ff02::1%lo")
        self.expect_refused(2, "nobody at .* could hear the group ff02::1 at another interface", "--listen",
                            "udp://[ff02::1234%25near]:0", "--multicast", "ff02::1@lo")
        self.expect_refused(1, "cannot listen at udp://.ff02::1234.:0: a link-local address needs its interface",
                            "--listen", "udp://[ff02::1234]:0")
        self.expect_refused(1, "cannot listen at udp://.ff02::1234%25nope0.:0: there is no such network interface",
                            "--listen", "udp://[ff02::1234%25nope0]:0")

    def test_that_only_others_here_have_joined_are_not_heard(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                             socket.inet_aton(OTHER_GROUP) + socket.inet_aton(HERE))
            for arguments in (("udp://0.0.0.0:0", "--multicast", GROUP + "@near"), (f"udp://{GROUP}:0",)):
                with Server("serve", "echo", "--listen", *arguments) as server:
                    self.ask_group(OTHER_GROUP, server.address[1], b"to others")
                    self.expect_heard(server)
                    expect_datagrams(self, server, received=1, sent=1)

    def test_are_joined_at_the_interface_that_was_named(self):
        with Server("serve", "echo", "--listen", "udp://0.0.0.0:0", "--multicast", GROUP + "@lo") as server:
            self.ask_group(GROUP, server.address[1], b"at the other interface")
            self.assertEqual(exchange(self.connected(HERE, server.address[1]), b"to one"), b"to one")
            expect_datagrams(self, server, received=1, sent=1)

    def expect_refused(self, code, sentence, *arguments):
        refused = run("serve", "echo", *arguments)
        self.assertEqual((refused.returncode, refused.stdout), (code, b""), refused.stderr)
        self.assertRegex(refused.stderr.decode(), rf"\Afairlead: {sentence}[^\n]*\n\Z")

    def test_that_are_none_are_refused(self):
        any_port = ("--listen", "udp://0.0.0.0:0", "--multicast")
        self.expect_refused(2, "'10.0.0.1' is no address of multicast", *any_port, "10.0.0.1")
        self.expect_refused(2, "'nonsense' is no address of multicast", *any_port, "nonsense")
        self.expect_refused(2, "there is no network interface 'nope0'", *any_port, GROUP + "@nope0")
        self.expect_refused(1, "cannot listen at udp://0.0.0.0:0: joining the group 239.255.0.1: ", *any_port, GROUP,
                            "--multicast", GROUP)

    def test_that_nobody_could_join_are_refused(self):
        self.expect_refused(2, ".*ff02::1234", "--listen", "udp://0.0.0.0:0", "--multicast", GROUP_OF_IPV6 + "@near")
        self.expect_refused(2, ".*239.255.0.1", "--listen", "tcp://127.0.0.1:0", "--multicast", GROUP)


class Names(Neighbours):
    """A name server that takes questions and answers none."""

    def setUp(self):
        silent = self.peer()
        silent.bind((THERE, 53))
        settings = tempfile.NamedTemporaryFile("w", suffix=".conf")
        self.addCleanup(settings.close)
        settings.write(f"nameserver {THERE}\n")
        settings.flush()
        self.with_it = ["--mount", "--propagation", "private", "sh", "-c",
                        f'mount --bind {settings.name} /etc/resolv.conf && exec "$@"', "sh"]
        tried = run(*self.with_it, "true", program="unshare")
        if tried.returncode:
            self.skipTest(f"there can be no name server of our own: {tried.stderr.decode().strip()}")

    def test_are_not_waited_for_longer_than_was_asked(self):
        waiting = run(*self.with_it, FAIRLEAD, "talk", "udp://name.test:9000", "--timeout", "100ms", program="unshare")
        self.assertEqual(waiting.returncode, 1)
        self.assertIn("no name server told in time which address name.test has", waiting.stderr.decode())

    def test_do_not_hold_up_the_load_of_other_servers(self):
        with Server("serve", "echo", "--listen", f"udp://{HERE}:0") as server:
            loading = run(*self.with_it, FAIRLEAD, "load", server.url, "udp://name.test:9000", "--connections", "2",
                          "--duration", "3s", "--warm-up", "0s", "--timeout", "100ms", program="unshare")
        self.assertEqual(loading.returncode, 0, loading.stderr)
        self.assertIn("no name server told in time which address name.test has", loading.stderr.decode())


def interfaces_of(group):
    """The interfaces at which somebody here has joined a group of IPv6."""
    wanted = socket.inet_pton(socket.AF_INET6, group).hex()
    with open("/proc/net/igmp6", encoding="ascii") as joined:
        lines = [line.split() for line in joined]
    return [interface for _, interface, address, *_ in lines if address == wanted]


def add_an_interface_that_groups_prefer():
    network.ip("link add other type veth peer name another")
    for each in ("another", "other"):
        network.ip(f"link set {each} up")
    network.ip("-6 route add multicast ff00::/8 dev other table local metric 1")


def setUpModule():
    global neighbour
    if why_not:
        raise unittest.SkipTest(f"there can be no network of our own: {why_not}")
    if not shutil.which("ip"):
        raise unittest.SkipTest("there is no ip(8)")
    neighbour = network.Neighbour()
    unittest.addModuleCleanup(neighbour.__exit__)
    add_an_interface_that_groups_prefer()


if __name__ == "__main__":
    why_not = network.enter()
    main()
