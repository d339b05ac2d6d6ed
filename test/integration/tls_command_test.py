#!/usr/bin/env python3
"""TLS in `fairlead serve`, `talk`, `load` and `send`: what works, and what is said where it does not."""

import os
import pwd
import re
import ssl
import tempfile
import unittest

from support.programs import PlainServer, Server, connect, read_to_end, run
from support.tls import certificates_of_module

ANY_PORT = ("--listen", "tls://127.0.0.1:0")
LINES = b"ahoy\nall hands on deck\n"
SHORT_LOAD = ("--connections", "4", "--duration", "3s", "--warm-up", "0ms", "--timeout", "20s")


def setUpModule():
    global certificates
    certificates = certificates_of_module()


def serve(*arguments, certificate=None, listen=ANY_PORT, **options):
    certificate = certificate or certificates.server
    return Server("serve", "echo", *listen, *certificate.options(), *arguments, **options)


def subject_of(server, name):
    """The common name of the certificate that a client gets which asks for this name."""
    with connect(server.address) as connection:
        with certificates.client_context().wrap_socket(connection, server_hostname=name) as secure:
            return dict(pair for (pair,) in secure.getpeercert()["subject"])["commonName"]


class Works(unittest.TestCase):
    def expect_echo(self, url, *arguments, errors=b""):
        done = run("talk", url, *arguments, input=LINES)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, LINES, errors))

    def test_talk_over_tcp_and_over_a_unix_socket(self):
        unix = f"tls+unix://{certificates.path('socket')}"
        with serve(listen=(*ANY_PORT, "--listen", unix, "--listen", "tcp://127.0.0.1:0"), listeners=3) as server:
            self.expect_echo(server.urls[0], *certificates.ca)
            self.expect_echo(server.urls[0].replace("127.0.0.1", "localhost"), *certificates.ca)
            self.expect_echo(server.urls[0], *certificates.ca, "--tls-server-name", "localhost", "--tls-min", "1.3")
            self.expect_echo(unix, *certificates.ca, "--tls-server-name", "localhost")
            self.expect_echo(next(url for url in server.urls if url.startswith("tcp:")))
            self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(certificates.path("socket")))

    def test_load_of_listeners_with_tls_and_without(self):
        with serve(listen=(*ANY_PORT, "--listen", "tcp://127.0.0.1:0"), listeners=2) as server:
            done = run("load", *server.urls, *certificates.ca, "--check", "--churn", "5", *SHORT_LOAD)
        self.assertEqual((done.returncode, done.stderr), (0, b""), done.stdout)

    @unittest.skipUnless(os.environ.get("FAIRLEAD_FILES") == "ON", "built without files")
    def test_send(self):
        with tempfile.TemporaryDirectory(prefix="fairlead-") as folder:
            content = os.urandom(3_000_000)
            with Server("serve", "files", "--directory", folder, *ANY_PORT, *certificates.server.options()) as server:
                done = run("send", server.url, "-", "--name", "cargo", *certificates.ca, input=content)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            with open(os.path.join(folder, "cargo"), "rb") as file:
                self.assertEqual(file.read(), content)

    def test_insecure_talks_to_strangers_and_says_loudly_what_that_means(self):
        stranger = certificates.make("stranger", names="DNS:elsewhere.example", issuer=None)
        warning = (b"fairlead: WARNING: with --tls-insecure no certificate is verified: an attacker on the way to the "
                   b"server can read and change everything\n")
        unix = f"tls+unix://{certificates.path('insecure')}"
        with serve(certificate=stranger, listen=(*ANY_PORT, "--listen", unix), listeners=2) as server:
            self.expect_echo(server.url, "--tls-insecure", errors=warning)
            self.expect_echo(unix, "--tls-insecure", errors=warning)
            done = run("load", server.url, "--tls-insecure", *SHORT_LOAD)
            self.assertEqual((done.returncode, done.stderr), (0, warning))

    def test_a_client_gets_the_certificate_for_the_name_that_it_asks_for(self):
        port = certificates.make("port", names="DNS:port.example")
        harbours = certificates.make("harbours", names="DNS:*.harbour.example")
        with serve(*port.options(), *harbours.options()) as server:
            self.assertEqual(subject_of(server, "port.example"), "port")
            self.assertEqual(subject_of(server, "first.harbour.example"), "harbours")
            self.assertEqual(subject_of(server, "localhost"), "server")

    def test_application_protocols_are_agreed_on(self):
        with serve("--tls-alpn", "echo/2,echo/1") as server:
            context = certificates.client_context()
            context.set_alpn_protocols(["echo/1"])
            with connect(server.address) as connection:
                with context.wrap_socket(connection, server_hostname="localhost") as secure:
                    self.assertEqual(secure.selected_alpn_protocol(), "echo/1")
            self.expect_echo(server.url, *certificates.ca, "--tls-alpn", "echo/3,echo/2")
            done = run("talk", server.url, *certificates.ca, "--tls-alpn", "chat")
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"no_application_protocol", done.stderr)

    def test_certificates_of_clients_are_demanded_where_their_issuer_is_named(self):
        known = certificates.make("known", names="DNS:ann.example")
        stranger = certificates.make("unknown", issuer=None)
        with serve("--tls-client-ca", certificates.root.chain) as server:
            self.expect_echo(server.url, *certificates.ca, *known.options())
            for options, alert in ((), b"certificate_required"), (stranger.options(), b"unknown_ca"):
                done = run("talk", server.url, *certificates.ca, *options, input=LINES)
                self.assertEqual((done.returncode, done.stdout), (1, b""))
                self.assertIn(alert, done.stderr)
        with serve("--tls-client-ca", certificates.root.chain, "--tls-client-certificate", "optional") as server:
            self.expect_echo(server.url, *certificates.ca)
            done = run("talk", server.url, *certificates.ca, *stranger.options(), input=LINES)
            self.assertEqual((done.returncode, done.stdout), (1, b""))

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_a_key_that_root_alone_can_read_serves_a_user(self):
        nobody = pwd.getpwnam("nobody")
        os.chmod(certificates.folder, 0o755)
        self.assertEqual(os.stat(certificates.server.key).st_mode & 0o077, 0)
        with serve("--user", "nobody") as server:
            self.expect_echo(server.url, *certificates.ca)
            self.assertEqual(os.stat(f"/proc/{server.process.pid}").st_uid, nobody.pw_uid)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_a_key_that_the_user_cannot_read_serves_no_unix_socket_of_that_user(self):
        nobody = pwd.getpwnam("nobody")
        os.chmod(certificates.folder, 0o755)
        with tempfile.TemporaryDirectory(prefix="fairlead-") as folder:
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            done = run("serve", "echo", "--user", "nobody", "--listen", f"tls+unix://{folder}/socket",
                       *certificates.server.options())
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr.decode(), rf"\Afairlead: cannot read {certificates.server.key}: Permission denied.*; "
                                               r"user nobody \(--user\) needs these rights; use chown or chmod\n\Z")

    def test_a_certificate_may_come_through_a_pipe(self):
        command = (f'exec "$0" serve echo --listen tls://127.0.0.1:0 --log-level debug '
                   f'--tls-certificate <(cat {certificates.server.chain}) --tls-key <(cat {certificates.server.key})')
        with Server("-c", command, os.environ["FAIRLEAD"], program="/bin/bash") as server:
            self.expect_echo(server.url, *certificates.ca)


class IsRefused(unittest.TestCase):
    """Wrong usage: one sentence, exit code 2."""

    def expect(self, says, *arguments):
        done = run(*arguments)
        self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
        self.assertRegex(done.stderr.decode(), rf"\Afairlead: {says}.*; see fairlead \w+ --help\n\Z")

    def expect_of_serve(self, says, *arguments):
        self.expect(says, "serve", "echo", *arguments)

    def test_tls_without_a_certificate(self):
        self.expect_of_serve("tls://127.0.0.1:0 needs a certificate and its key; name .*--tls-certificate", *ANY_PORT)
        self.expect_of_serve("1 certificate and no key are given; give each", *ANY_PORT, "--tls-certificate", "x")

    def test_an_empty_value(self):
        self.expect_of_serve("--tls-client-ca: the value is empty; give one", *ANY_PORT, *certificates.server.options(),
                             "--tls-client-ca", "")

    def test_a_certificate_without_tls(self):
        self.expect_of_serve("--tls-certificate is for TLS, and tcp://127.0.0.1:9000 is not; write tls://",
                             *certificates.server.options())
        self.expect("--tls-ca is for TLS, and tcp://127.0.0.1:1 is not", "talk", "tcp://127.0.0.1:1", *certificates.ca)
        self.expect("--tls-insecure is for TLS", "load", "udp://127.0.0.1:1", "--tls-insecure")
        self.expect("--tls-insecure is for TLS", "talk", "udp://127.0.0.1:1", "--tls-insecure")

    def test_files_that_cannot_be_used(self):
        chain, key = certificates.server.chain, certificates.server.key
        other = certificates.make("other")
        expired = certificates.make("expired", days=-1)
        missing = certificates.path("missing")
        self.assertFalse(os.path.exists(missing))
        for chain_file, key_file, says in (
                (missing, key, f"the TLS file '{missing}' cannot be used: No such file or directory"),
                (chain, missing, f"the TLS file '{missing}' cannot be used: No such file or directory"),
                (certificates.folder, key, f"the TLS file '{certificates.folder}' cannot be used: it is a directory"),
                (key, chain, f"the TLS file '{key}' cannot be used: it has no certificate in PEM form"),
                (chain, chain, "the TLS file '.*' cannot be used: it has certificates and no private key"),
                (chain, other.key, "the TLS file '.*' cannot be used: its key does not belong to the first certificate"),
                (expired.chain, expired.key, "the TLS file '.*' cannot be used: .* expired on .*; renew it")):
            self.expect_of_serve(says, *ANY_PORT, "--tls-certificate", chain_file, "--tls-key", key_file)
        self.expect_of_serve(f"the TLS file '{missing}' cannot be used", *ANY_PORT, *certificates.server.options(),
                             "--tls-client-ca", missing)

    def test_files_of_clients_that_cannot_be_used(self):
        missing = certificates.path("missing")
        for command in (("talk", "tls://127.0.0.1:9"), ("load", "tls://127.0.0.1:9")):
            self.expect(f"the TLS file '{missing}' cannot be used: No such file", *command, "--tls-ca", missing)
        self.expect("a certificate needs its key", "talk", "tls://127.0.0.1:9", "--tls-key", missing)
        self.expect("tls\\+unix:///x has no host .*--tls-server-name", "talk", "tls+unix:///x")

    @unittest.skipUnless(os.environ.get("FAIRLEAD_FILES") == "ON", "built without files")
    def test_files_of_senders_that_cannot_be_used(self):
        missing = certificates.path("missing")
        self.expect(f"the TLS file '{missing}' cannot be used: No such file", "send", "tls://127.0.0.1:9", "/etc/passwd",
                    "--tls-ca", missing)


class Fails(unittest.TestCase):
    """A connection that cannot be: the reason in words, exit code 1."""

    def expect(self, url, *says, trusting=None, more=(), command=("talk",)):
        trust = () if trusting == "system" else ("--tls-ca", (trusting or certificates.root).chain)
        done = run(*command, url, *trust, *more)
        said = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (1, b""), said)
        self.assertIn(f"fairlead: cannot connect to {url}: no TLS with {url.partition('://')[2]}: ", said)
        for each in says:
            self.assertRegex(said, each)

    def refused_here(self, certificate, *says, **options):
        with serve(certificate=certificate) as server:
            self.expect(server.url, "the peer's certificate was refused: ", *says, **options)

    def test_a_self_signed_certificate(self):
        alone = certificates.make("alone", issuer=None)
        self.refused_here(alone, "it is self-signed and not among the trusted ones; name it as one to trust",
                          r"the certificate of 'CN=alone' is self-signed")

    def test_an_unknown_issuer(self):
        self.refused_here(certificates.server, "its issuer is unknown; name the issuer's certificate as one to trust",
                          "the certificate of 'CN=server' of the issuer 'CN=root'", trusting="system")

    def test_the_name_of_another(self):
        other = certificates.make("elsewhere", names="DNS:elsewhere.example,DNS:too.example")
        self.refused_here(other, "its addresses do not match the address of the server",
                          "is for DNS:elsewhere.example, DNS:too.example")
        self.refused_here(other, "its names do not match the name of the server", more=("--tls-server-name", "x.example"))

    def test_a_certificate_that_has_expired(self):
        context = certificates.server_context(certificates.make("late", days=-1))

        def answer(connection):
            with self.assertRaises(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)

        with PlainServer(answer) as server:
            self.expect(server.url.replace("tcp:", "tls:"), "it has expired; the peer must renew it",
                        r"the certificate of 'CN=late' expired on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")

    def test_a_peer_that_speaks_plain_text(self):
        def answer(connection):
            connection.sendall(b"220 mail.example ESMTP\r\n")
            read_to_end(connection)

        with PlainServer(answer) as server:
            self.expect(server.url.replace("tcp:", "tls:"), "the peer does not speak TLS; connect to the right port",
                        "this looks like an SMTP or FTP greeting")

    def test_a_peer_that_leaves(self):
        with PlainServer(lambda connection: connection.recv(1000)) as server:
            self.expect(server.url.replace("tcp:", "tls:"), "the peer ended the connection in the TLS handshake")

    def test_a_peer_that_says_nothing(self):
        with PlainServer(read_to_end) as server:
            self.expect(server.url.replace("tcp:", "tls:"), r"the TLS handshake did not end in time.* \(--timeout 200ms\)",
                        more=("--timeout", "200ms"))

    def test_a_version_that_is_too_old(self):
        context = certificates.server_context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2

        def answer(connection):
            with self.assertRaises(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)

        with PlainServer(answer) as server:
            self.expect(server.url.replace("tcp:", "tls:"), "protocol_version: the peer sent this TLS alert",
                        more=("--tls-min", "1.3"))

    def test_a_load(self):
        other = certificates.make("other_root", names="", authority=True, issuer=None)
        with serve() as server:
            self.expect(server.url, "its issuer is unknown", trusting=other, command=("load", *SHORT_LOAD))

    @unittest.skipUnless(os.environ.get("FAIRLEAD_FILES") == "ON", "built without files")
    def test_a_sender(self):
        with serve() as server:
            done = run("send", server.url, "/etc/passwd", "--retries", "0")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr.decode(), rf"(?m)^fairlead: /etc/passwd: .*{re.escape(server.url)}: no TLS with .*: "
                                               "the peer's certificate was refused: its issuer is unknown")


if __name__ == "__main__":
    unittest.main()
