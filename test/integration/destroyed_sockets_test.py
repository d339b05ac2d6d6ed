#!/usr/bin/env python3
"""The administrator destroys sockets under the server, with ss -K."""

import shutil
import subprocess
import unittest

from support.campaign import main, tell, tries
from support.ledger import expect_balance, statistics
from support.process import MIB, Process, wait_until
from support.programs import Server, ask, connect, frame

ANY_PORT = ("--listen", "tcp://127.0.0.1:0")


def destroy(server, peer):
    """Destroys the server's end of a connection."""
    port, peers_port = server.address[1], peer.getsockname()[1]
    subprocess.run(["ss", "-K", "-n", "-t", "src", "127.0.0.1", "sport", "=", f":{port}", "dport", "=",
                    f":{peers_port}"], capture_output=True, timeout=30)


def cannot():
    """Why sockets cannot be destroyed here, or nothing."""
    if not shutil.which("ss"):
        return "there is no ss"
    with Server("serve", "echo", *ANY_PORT) as server, connect(server.address) as peer:
        peer.sendall(frame(b"hello"))
        peer.recv(100)
        peer.settimeout(1)
        destroy(server, peer)
        try:
            peer.recv(1)
        except ConnectionError:
            return ""
        except TimeoutError:
            pass
    return "it takes the right to, and a kernel with INET_DIAG_DESTROY"


class Destroyed(unittest.TestCase):
    def between_messages(self, peer):
        peer.sendall(frame(b"hello"))
        peer.recv(100)

    def in_header(self, peer):
        peer.sendall(frame(b"hello")[:2])

    def in_body(self, peer):
        peer.sendall(frame(b"hello")[:6])

    def in_reply(self, peer):
        peer.setblocking(False)
        try:
            for _ in range(1 * MIB // 60_000):
                peer.send(frame(b"x" * 60_000))
        except BlockingIOError:
            pass

    def test_in_each_state_that_session_ends_and_no_other(self):
        rounds = tries(3, 100)
        states = (self.between_messages, self.in_header, self.in_body, self.in_reply)
        with Server("serve", "echo", *ANY_PORT) as server, connect(server.address) as friend:
            self.between_messages(friend)
            process = Process(server.process.pid)
            descriptors = len(process.descriptors())
            for state in states * rounds:
                with connect(server.address) as peer:
                    state(peer)
                    wait_until(lambda: statistics(server)["active"] == 2, "the session's beginning")
                    destroy(server, peer)
                    wait_until(lambda: len(process.descriptors()) == descriptors, f"the session's end {state}")
            self.between_messages(friend)
            expect_balance(self, server, accepted=len(states) * rounds + 1, active=1, by_system=len(states) * rounds)
            self.assertEqual(ask(server.address, frame(b"new")), frame(b"new"))
        tell(f"{rounds} sockets destroyed in each of {len(states)} states")


def setUpModule():
    if reason := cannot():
        raise unittest.SkipTest(f"sockets cannot be destroyed here: {reason}")


if __name__ == "__main__":
    main()
