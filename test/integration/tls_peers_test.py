#!/usr/bin/env python3
"""TLS with programs that others wrote, and with peers that do not follow the protocol."""

import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import unittest

from support.process import wait_until
from support.programs import FAIRLEAD, PATIENCE, PlainServer, Server, connect, read_to_end, run
from support.tls import BareClient, certificates_of_module

HANDSHAKE, ALERT, DATA, CHANGE = 22, 21, 23, 20
LINE = b"ahoy\n"


def setUpModule():
    global certificates
    certificates = certificates_of_module()


def serve(*arguments, listen="tls://127.0.0.1:0", handler=("echo",), framing="line"):
    return Server("serve", *handler, "--framing", framing, "--listen", listen, *certificates.server.options(),
                  *arguments)


def converse(server, context=None):
    """A line there and back, over Python's ssl."""
    with connect(server.address) as connection:
        with (context or certificates.client_context()).wrap_socket(connection, server_hostname="localhost") as secure:
            secure.sendall(LINE)
            return secure.recv(100), secure.version()


class Program(subprocess.Popen):
    """A program of the shell to which lines are sent, one after the reply to the other."""

    def __init__(self, *command):
        self._output = tempfile.TemporaryFile()
        super().__init__(command, stdin=subprocess.PIPE, stdout=self._output, stderr=subprocess.STDOUT)

    def output(self):
        return os.pread(self._output.fileno(), 1 << 20, 0).decode(errors="replace")

    def wait_for(self, text, times=1):
        def shown():
            return self.output().count(text) >= times
        wait_until(lambda: shown() or self.poll() is not None, lambda: f"{text!r} in {self.output()}")
        assert shown(), f"{text!r} in {self.output()}"

    def say(self, line):
        self.stdin.write(line)
        self.stdin.flush()

    def __exit__(self, *_):
        self.kill()
        super().__exit__(*_)
        self._output.close()


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class Clients(unittest.TestCase):
    """Programs of others that a server of ours serves."""

    def openssl(self, server, *arguments):
        host, port = server.address
        return Program("openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile", certificates.root.chain,
                       "-verify_return_error", "-verify_hostname", "localhost", "-servername", "localhost", *arguments)

    def test_python(self):
        with serve() as server:
            self.assertEqual(converse(server), (LINE, "TLSv1.3"))
            context = certificates.client_context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            self.assertEqual(converse(server, context), (LINE, "TLSv1.2"))

    def test_python_resumes_its_session(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = certificates.client_context()
            context.minimum_version = context.maximum_version = version
            with serve() as server:
                session = None
                for resumed in (False, True):
                    with connect(server.address) as connection:
                        with context.wrap_socket(connection, server_hostname="localhost", session=session) as secure:
                            secure.sendall(LINE)
                            self.assertEqual(secure.recv(100), LINE)
                            self.assertEqual(secure.session_reused, resumed, version)
                            session = secure.session

    def test_openssl(self):
        with serve() as server:
            for version in ("-tls1_2", "-tls1_3"):
                with self.openssl(server, version, "-brief") as client:
                    client.wait_for("Verification: OK")
                    client.say(LINE)
                    client.wait_for("ahoy\n")
                    client.say(b"Q\n")
                    self.assertEqual(client.wait(PATIENCE), 0)

    def test_openssl_that_updates_its_keys(self):
        with serve() as server, self.openssl(server, "-tls1_3") as client:
            client.wait_for("Verify return code: 0 (ok)")
            for number in range(20):
                client.say(b"K\n" if number % 2 else b"k\n")  # K: ours are to be updated too
                client.wait_for("KEYUPDATE\n", times=number + 1)
                client.say(b"line %d\n" % number)
                client.wait_for(f"line {number}\n")
            client.say(b"Q\n")
            self.assertEqual(client.wait(PATIENCE), 0)

    def test_openssl_that_renegotiates_is_refused(self):
        with serve() as server:
            with self.openssl(server, "-tls1_2") as client:
                client.wait_for("Verify return code: 0 (ok)")
                client.say(b"R\n")
                client.wait_for("no renegotiation")
                self.assertEqual(client.wait(PATIENCE), 1)
            self.assertEqual(converse(server)[0], LINE)

    def test_openssl_of_old_versions_is_refused(self):
        with serve() as server:
            for version in ("-tls1", "-tls1_1"):
                with self.openssl(server, version, "-cipher", "ALL:@SECLEVEL=0") as client:
                    client.wait_for("alert protocol version")
                    self.assertEqual(client.wait(PATIENCE), 1)
            wait_until(lambda: server.log().count("supports no version of TLS that is allowed here") == 2, server.log)

    @needs("gnutls-cli")
    def test_gnutls(self):
        with serve() as server:
            host, port = server.address
            for priority in ("NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"):
                with Program("gnutls-cli", "--port", str(port), "--x509cafile", certificates.root.chain, "--priority",
                             priority, "--verify-hostname", "localhost", "--sni-hostname", "localhost", host) as client:
                    client.wait_for("The certificate is trusted.")
                    client.wait_for("Handshake was completed")
                    client.say(LINE)
                    client.wait_for("\nahoy\n")
                    client.stdin.close()
                    self.assertEqual(client.wait(PATIENCE), 0, client.output())

    @needs("curl")
    def test_curl(self):
        with serve("--tls-alpn", "http/1.1", handler=("reply", "--text", "HTTP/1.1 204 No Content"),
                   framing=r"delimiter:\r\n\r\n") as server:
            port = server.address[1]
            done = run("--silent", "--show-error", "--cacert", certificates.root.chain, "--write-out",
                       "%{http_code} %{ssl_verify_result}", f"https://localhost:{port}/", program="curl")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"204 0", b""))


class Servers(unittest.TestCase):
    """Programs of others that serve `talk`."""

    def talk(self, port, *arguments):
        done = run("talk", f"tls://127.0.0.1:{port}", "--framing", "line", *certificates.ca, *arguments,
                   input=b"hello\nstressed\n")
        return done.returncode, done.stdout, done.stderr

    def test_openssl(self):
        for version in ("-tls1_2", "-tls1_3"):
            with Program("openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-rev", version, "-cert",
                         certificates.server.chain, "-key", certificates.server.key) as server:
                server.wait_for("ACCEPT")
                wait_until(lambda: "\n" in server.output().partition("ACCEPT")[2], server.output)
                port = server.output().partition("ACCEPT")[2].split()[0].rpartition(":")[2]
                self.assertEqual(self.talk(port), (0, b"olleh\ndesserts\n", b""))

    def test_python(self):
        with self.python(certificates.server_context()) as server:
            self.assertEqual(self.talk(server.url.rpartition(":")[2]), (0, b"hello\nstressed\n", b""))

    def test_python_that_demands_a_certificate(self):
        context = certificates.server_context()
        context.load_verify_locations(certificates.root.chain)
        context.verify_mode = ssl.CERT_REQUIRED
        with self.python(context) as server:
            client = certificates.make("client", names="DNS:ann.example")
            self.assertEqual(self.talk(server.url.rpartition(":")[2], *client.options())[:2], (0, b"hello\nstressed\n"))
        with self.python(context) as server:
            code, replies, errors = self.talk(server.url.rpartition(":")[2])
        self.assertEqual((code, replies), (1, b""))
        self.assertIn(b"certificate_required: the peer sent this TLS alert; it demands a certificate of ours", errors)

    def test_a_server_that_leaves_without_close_notify_has_cut_the_connection(self):
        def answer(connection):
            with certificates.server_context().wrap_socket(connection, server_side=True) as secure:
                secure.sendall(secure.recv(100))  # and no unwrap

        with PlainServer(answer) as server:
            with Program(FAIRLEAD, "talk", server.url.replace("tcp:", "tls:"), *certificates.ca) as talk:
                talk.say(b"hello\n")
                talk.wait_for("TLS ended without close_notify")
                self.assertEqual(talk.wait(PATIENCE), 1)

    @staticmethod
    def python(context):
        def answer(connection):
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    while data := secure.recv(1000):
                        secure.sendall(data)
                    secure.unwrap()
            except ssl.SSLError:
                pass

        return PlainServer(answer)


class WrongPeers(unittest.TestCase):
    """Peers that do not follow the protocol are refused, told so by an alert where TLS has begun, and logged."""

    def setUp(self):
        self.server = serve()
        self.addCleanup(self.server.close)
        self.addCleanup(lambda: self.assertEqual(converse(self.server)[0], LINE, "the server serves on"))

    def expect_log(self, text):
        wait_until(lambda: text in self.server.log(), lambda: f"{text!r} in {self.server.log()}")

    def bare(self, version=None):
        context = certificates.client_context()
        if version:
            context.minimum_version = context.maximum_version = version
        return BareClient(connect(self.server.address), context)

    def alert_for(self, data):
        """The alert that answers this instead of a hello."""
        with connect(self.server.address) as connection:
            connection.sendall(data)
            reply = read_to_end(connection)
        self.assertEqual((reply[0], len(reply)), (ALERT, 7), reply)
        self.assertEqual(reply[5], 2, "it is fatal")
        return reply[6]

    def test_a_hello_in_single_bytes_is_a_hello(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.bare(version) as client:
                client.handshake(piece=1)
                client.send(client.records(LINE), piece=1)
                self.assertEqual(client.read(len(LINE)), LINE)

    def test_a_hello_in_small_records_is_a_hello(self):
        with self.bare() as client:
            hello = client.hello()[5:]
            for offset in range(0, len(hello), 3):
                part = hello[offset:offset + 3]
                client.send(struct.pack(">BHH", HANDSHAKE, 0x0301, len(part)) + part)
            client.handshake()
            client.send(client.records(LINE))
            self.assertEqual(client.read(len(LINE)), LINE)

    def test_a_hello_that_ends_early(self):
        for size in (1, 5, 6, 100):
            with self.bare() as client:
                client.send(client.hello()[:size])
                client.connection.shutdown(socket.SHUT_WR)
                self.assertEqual(read_to_end(client.connection), b"")
        self.expect_log("failed: the peer ended the connection in the TLS handshake")

    def test_plain_text_at_a_listener_of_tls(self):
        for text, name in ((b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "an HTTP request"),
                           (b"SSH-2.0-OpenSSH_9.2\r\n", "an SSH banner")):
            with connect(self.server.address) as connection:
                connection.sendall(text)
                read_to_end(connection)
            self.expect_log("this looks like " + name)
        self.expect_log("failed: the peer does not speak TLS; connect to the right port, or use TLS on both sides "
                        "(first bytes: 47 45 54 ")

    def test_a_hello_at_a_listener_of_plain_text(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0") as plain:
            with BareClient(connect(plain.address), certificates.client_context()) as client:
                client.send(client.hello())
                self.assertEqual(read_to_end(client.connection), b"")
            wait_until(lambda: "a TLS hello" in plain.log(), plain.log)

    def test_a_first_record_that_is_too_large(self):
        body = b"\x01\x00\x40\x00" + b"x" * 16_381
        self.expect_end_by(struct.pack(">BHH", HANDSHAKE, 0x0301, len(body)) + body)

    def test_a_hello_of_nonsense(self):
        self.assertIn(self.alert_for(struct.pack(">BHH", HANDSHAKE, 0x0301, 104) + b"\x01\0\0\x64" + b"\xff" * 100),
                      (47, 50, 70))  # illegal_parameter, decode_error, protocol_version

    def test_another_message_than_a_hello(self):
        self.expect_end_by(struct.pack(">BHH", HANDSHAKE, 0x0303, 4) + b"\x14\0\0\0")  # Finished

    def expect_end_by(self, data):
        self.assertEqual(self.alert_for(data), 50, "decode_error")
        self.expect_log("failed: the peer broke the TLS protocol, or bytes were changed on their way")

    def test_an_alert_in_place_of_the_rest_of_the_handshake(self):
        with self.bare() as client:
            client.send(client.hello())
            client.connection.recv(65536)
            client.send(struct.pack(">BHHBB", ALERT, 0x0303, 2, 2, 80))
            read_to_end(client.connection)
        self.expect_log("failed: internal_error: the peer sent this TLS alert")

    def test_a_client_that_refuses_the_certificate(self):
        context = ssl.create_default_context()
        with connect(self.server.address) as connection, self.assertRaises(ssl.SSLCertVerificationError):
            context.wrap_socket(connection, server_hostname="localhost")
        self.expect_log("failed: unknown_ca: the peer sent this TLS alert; it does not know the issuer of our certificate")

    def expect_alert_after(self, version, spoil, alert):
        with self.bare(version) as client:
            client.handshake()
            client.send(client.records(LINE))
            self.assertEqual(client.read(len(LINE)), LINE)
            client.send(spoil(client.records(LINE)))
            with self.assertRaises(ssl.SSLError) as failed:
                client.read(1)
            self.assertEqual(failed.exception.reason, alert)

    def test_records_that_were_changed_on_their_way(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.expect_alert_after(version, lambda record: record[:-1] + bytes([record[-1] ^ 1]),
                                    "SSLV3_ALERT_BAD_RECORD_MAC")

    def test_a_record_that_is_larger_than_the_protocol_allows(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            size = 16_384 + (2048 if version == ssl.TLSVersion.TLSv1_2 else 256) + 1
            self.expect_alert_after(version, lambda record: struct.pack(">BHH", DATA, 0x0303, size) + b"x" * size,
                                    "TLSV1_ALERT_RECORD_OVERFLOW")

    def test_a_record_of_an_unknown_type(self):
        self.expect_alert_after(ssl.TLSVersion.TLSv1_3, lambda record: b"\x99" + record[1:],
                                "SSLV3_ALERT_UNEXPECTED_MESSAGE")

    def test_plain_text_after_the_handshake(self):
        with self.bare() as client:
            client.handshake()
            client.send(b"GET / HTTP/1.1\r\n\r\n")
            with self.assertRaises(ssl.SSLError):
                client.read(1)

    def test_records_without_data(self):
        with self.bare(ssl.TLSVersion.TLSv1_2) as client:
            client.handshake()
            client.send(struct.pack(">BHH", CHANGE, 0x0303, 1) + b"\x01")
            with self.assertRaises(ssl.SSLError):
                client.read(1)


if __name__ == "__main__":
    unittest.main()
