#!/usr/bin/env python3
"""`fairlead serve chat` at a nats-server whose users show JWTs: what passes, and what is told of a user that is refused."""

import os
import sys
import unittest

from support.campaign import SKIPPED, main
from support.nats_operator import OperatedBroker, why_not
from support.process import wait_until
from support.programs import Server, connect, run
from support.tls import Certificates

CHAT = ("serve", "chat", "--framing", "line", "--listen", "tcp://127.0.0.1:0")
REFUSED = "the broker refuses the user; check the name and the password in its URL, or the credentials file"


class Process:
    """A chat that shares its rooms over the broker."""

    def __init__(self, case, url, credentials=None, *options):
        more = ("--topics-credentials", credentials) if credentials else ()
        self._server = Server(*CHAT, "--topics", url, *more, *options)
        case.addCleanup(self._server.close)
        self.log = self._server.log

    def visitor(self, case):
        connection = connect(self._server.address)
        case.addCleanup(connection.close)
        return connection

    def wait_for(self, words, times=1):
        wait_until(lambda: self.log().count(words) >= times, self.log)


def wait_until_heard(speaker, listener, log):
    """The first lines may come before the broker knows who listens."""
    heard = b""
    listener.settimeout(0.05)

    def is_heard():
        nonlocal heard
        speaker.sendall(b"ahoy\n")
        try:
            heard += listener.recv(65536)
        except TimeoutError:
            pass
        return b"ahoy" in heard

    wait_until(is_heard, log)


class OfAnOperator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = OperatedBroker()
        cls.addClassCleanup(cls.broker.close)

    def test_messages_pass_between_processes_with_credentials(self):
        broker = self.broker
        one, two = (Process(self, broker.url, broker.credentials(name)) for name in ("one", "two"))
        one.wait_for("connected to")
        two.wait_for("connected to")
        wait_until_heard(one.visitor(self), two.visitor(self), two.log)

    @unittest.skipUnless(os.environ["FAIRLEAD_TLS"] == "ON", "this build has no TLS")
    def test_messages_pass_over_tls_too(self):
        with Certificates() as certificates:
            broker = OperatedBroker(certificates.server)
            self.addCleanup(broker.close)
            credentials = broker.credentials("user")
            trusting = ("--topics-tls-ca", certificates.root.chain)
            one, two = (Process(self, broker.url, credentials, *trusting) for _ in range(2))
            one.wait_for("connected to")
            two.wait_for("connected to")
            wait_until_heard(one.visitor(self), two.visitor(self), two.log)

    def test_a_user_that_is_refused_is_told_with_advice(self):
        broker = self.broker
        refused = {
            "whose JWT has expired": Process(self, broker.url, broker.credentials("late", seconds=-5)),
            "of an account that is not known": Process(self, broker.url, broker.credentials("x", issuer=broker.stranger())),
            "without credentials": Process(self, broker.url),
            "with a password": Process(self, f"nats://joe:secret@{broker.address}"),
        }
        for kind, process in refused.items():
            with self.subTest(kind):
                process.wait_for(f"NATS: no connection to {broker.address}: {REFUSED}")
                self.assertNotIn("connected to", process.log())
                self.assertNotIn("secret", process.log())

    def test_a_user_that_is_revoked_is_told_and_comes_back_with_the_file_that_replaces_it(self):
        broker = self.broker
        credentials = broker.credentials("leaving")
        process = Process(self, broker.url, credentials)
        process.wait_for("connected to")
        broker.revoke("leaving")
        process.wait_for(f"NATS: the connection to {broker.address} is lost: ")
        process.wait_for(REFUSED)
        os.replace(broker.credentials("coming"), credentials)
        process.wait_for("connected to", times=2)

    def test_a_user_without_the_right_to_publish_is_told_so(self):
        broker = self.broker
        process = Process(self, broker.url, broker.credentials("quiet", publish={"deny": [">"]}))
        process.wait_for("connected to")
        visitor = process.visitor(self)
        visitor.sendall(b"ahoy\n")
        process.wait_for("Permissions Violation for Publish to")
        self.assertIn("the user needs the rights to publish and to subscribe to it", process.log())

    def test_options_that_cannot_work_are_refused_at_the_start(self):
        for options, words in ((("--topics-credentials", "/nowhere"), "--topics is required"),
                               (("--topics", "nats://127.0.0.1", "--topics-credentials", "/nowhere"),
                                "cannot read '/nowhere': No such file or directory")):
            with self.subTest(words):
                done = run(*CHAT, *options)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(words, done.stderr.decode())


if __name__ == "__main__":
    if why_not():
        print(why_not())
        sys.exit(SKIPPED)
    main()
