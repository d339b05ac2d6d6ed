#!/usr/bin/env python3
"""Each example does what its comment says."""

import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import unittest

from support.programs import Server, run

EXAMPLES = os.environ["EXAMPLES"]


class Examples(unittest.TestCase):
    def expect(self, example, lines, replies, *framing, url="tcp://127.0.0.1:0"):
        with Server(url, program=os.path.join(EXAMPLES, example)) as server:
            done = run("talk", server.url, *framing, input=lines)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, replies, b""))
            self.assertEqual(server.stop(), 0)

    def test_01_echo_server(self):
        self.expect("01_echo_server", b"hello\nworld\n", b"hello\nworld\n")

    def test_02_message_handler(self):
        self.expect("02_message_handler", b"first\nsecond\n", b"1: first\n2: second\n", "--framing", "line")

    def test_03_session_handler(self):
        self.expect("03_session_handler", b"Ann\nahoy\n", b"who are you?\nhello Ann\nAnn said: ahoy\n",
                    "--framing", "line")

    def test_04_client(self):
        client = os.path.join(EXAMPLES, "04_client")
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "01_echo_server")) as server:
            done = run(server.url, "hello", "world", program=client)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"hello\nworld\n", b""))
            url = server.url
            self.assertEqual(server.stop(), 0)
        done = run(url, "hello", program=client)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"connection refused: nothing is listening on 127.0.0.1:", done.stderr)
        self.assertEqual(run(url, program=client).returncode, 2)

    def test_05_datagrams(self):
        self.expect("05_datagrams", b"first\nsecond\n", b"1: first\n2: second\n", url="udp://127.0.0.1:0")

    def test_06_receive_files(self):
        with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as own:
            for name in ("sunset.jpg", "notes.txt"):
                pathlib.Path(own, name).write_bytes(b"bytes of " + name.encode())
            with Server("tcp://127.0.0.1:0", directory, program=os.path.join(EXAMPLES, "06_receive_files")) as server:
                done = run("send", server.url, os.path.join(own, "sunset.jpg"), os.path.join(own, "notes.txt"))
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stdout, rb"^stored sunset.jpg 19 [0-9a-f]{32}\n$")
                self.assertIn(b"this server takes pictures only", done.stderr)
                self.assertEqual(server.stop(), 0)
            self.assertEqual(pathlib.Path(directory, "sunset.jpg").read_bytes(), b"bytes of sunset.jpg")
            self.assertEqual(sorted(os.listdir(directory)), [".incoming", "sunset.jpg"])

    def test_07_beside_asio(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with Server("tcp://127.0.0.1:0", str(port), program=os.path.join(EXAMPLES, "07_beside_asio")) as server:
            done = run("talk", server.url, "--framing", "line", input=b"hello\n")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"HELLO\n", b""))
            with socket.create_connection(server.address), socket.create_connection(("127.0.0.1", port)) as asked:
                asked.settimeout(10)
                self.assertRegex(asked.makefile("rb").read(), rb"^[01] sessions\n$")
            self.assertEqual(server.stop(), 0)

    def test_08_gateway(self):
        gateway = os.path.join(EXAMPLES, "08_gateway")
        self.assertEqual(run(program=gateway).returncode, 2)
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "01_echo_server")) as backend:
            with Server("tcp://127.0.0.1:0", backend.url, program=gateway) as front:
                done = run("talk", front.url, "--framing", "line", input=b"hello\nworld\n")
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"hello\nworld\n", b""))
                self.assertEqual(backend.stop(), 0)
                done = run("talk", front.url, "--framing", "line", input=b"anybody there?\n")
                self.assertEqual(done.returncode, 0)
                self.assertRegex(done.stdout, rb"^no answer: ")
                self.assertEqual(front.stop(), 0)

    def test_09_own_stream(self):
        own_stream = os.path.join(EXAMPLES, "09_own_stream")
        done = run("secret", "hello", "world", program=own_stream)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"HELLO\nWORLD\n", b""))
        self.assertEqual(run("", "hello", program=own_stream).returncode, 2)

    def test_15_dns(self):
        def name(*labels):
            return b"".join(bytes([len(each)]) + each for each in labels) + b"\0"

        def query(question, flags=0x0100, questions=1, more=b""):
            return struct.pack(">6H", 0xABCD, flags, questions, 0, 0, 0) + question + more

        known = name(b"mail", b"Example", b"test") + b"\0\1\0\1"
        text = name(b"mail", b"example", b"test") + b"\0\x10\0\1"
        unknown = name(b"nobody", b"example", b"test") + b"\0\1\0\1"
        record = b"\xc0\x0c\0\1\0\1\0\0\x01\x2c\0\4\xc0\0\2\x19"

        def reply(flags, question=b"", answer=b""):
            counts = (bool(question), bool(answer), 0, 0)
            return struct.pack(">6H", 0xABCD, flags, *counts) + question + answer

        with Server("udp://127.0.0.1:0", program=os.path.join(EXAMPLES, "15_dns")) as server:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                peer.settimeout(10)
                peer.connect(server.address)
                for asked, expected in (
                        (query(known), reply(0x8500, known, record)),
                        (query(known, flags=0), reply(0x8400, known, record)),
                        (query(known, more=b"more records"), reply(0x8500, known, record)),
                        (query(text), reply(0x8500, text)),
                        (query(unknown), reply(0x8503, unknown)),
                        (query(b""), reply(0x8501)),
                        (query(known[:-1]), reply(0x8501)),
                        (query(b"\x3f" + b"x" * 40), reply(0x8501)),
                        (query(b"\xc0\x0c\0\1\0\1"), reply(0x8501)),
                        (query(b"\0\0\1\0\1"), reply(0x8501)),
                        (query(known, questions=2), reply(0x8501)),
                        (query(known, flags=0x2800), reply(0xac04, known))):
                    peer.send(asked)
                    self.assertEqual(peer.recv(512), expected, asked)
                peer.send(query(known, flags=0x8000))  # a reply
                peer.send(b"\xab\xcd\0")  # no header
                peer.send(query(unknown))
                self.assertEqual(peer.recv(512), reply(0x8503, unknown), "neither was answered")
            with self.subTest("dig"):
                if not shutil.which("dig"):
                    self.skipTest("dig is not installed")
                self.dig(server, "www.example.test", "192.0.2.80", "NOERROR")
                self.dig(server, "nobody.example.test", "", "NXDOMAIN")
            self.assertEqual(server.stop(), 0)

    def dig(self, server, name, address, status):
        host, port = server.address
        at = ["dig", f"@{host}", "-p", str(port), "+tries=1", "+timeout=10", name, "A"]
        short = subprocess.run([*at, "+short"], capture_output=True, text=True)
        self.assertEqual((short.returncode, short.stdout.strip()), (0, address), short.stderr)
        self.assertIn(f"status: {status}", subprocess.run(at, capture_output=True, text=True).stdout)

    def test_there_are_no_others(self):
        self.assertEqual(sorted(name for name in os.listdir(EXAMPLES) if name[0].isdigit()),
                         ["01_echo_server", "02_message_handler", "03_session_handler", "04_client", "05_datagrams",
                          "06_receive_files", "07_beside_asio", "08_gateway", "09_own_stream", "15_dns"])


if __name__ == "__main__":
    unittest.main()
