#!/usr/bin/env python3
"""Each example does what its comment says."""

import os
import pathlib
import select
import socket
import struct
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

    def tunnel_to(self, target):
        return Server("tcp://127.0.0.1:0", target, program=os.path.join(EXAMPLES, "11_tcp_tunnel"))

    def test_11_tcp_tunnel(self):
        self.assertEqual(run(program=os.path.join(EXAMPLES, "11_tcp_tunnel")).returncode, 2)
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "01_echo_server")) as target:
            with self.tunnel_to(target.url) as tunnel:
                done = run("talk", tunnel.url, input=b"hello\nworld\n")
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"hello\nworld\n", b""))
                self.assertEqual(target.stop(), 0)
                with socket.create_connection(tunnel.address, 10) as refused:
                    self.assertEqual(refused.recv(1), b"")
                self.assertEqual(tunnel.stop(), 0)

    def test_11_tcp_tunnel_ends_one_direction_at_a_time(self):
        with socket.create_server(("127.0.0.1", 0)) as target:
            with self.tunnel_to("tcp://127.0.0.1:%d" % target.getsockname()[1]) as tunnel:
                with socket.create_connection(tunnel.address, 10) as near, target.accept()[0] as far:
                    far.settimeout(10)
                    far.sendall(b"the server speaks first")
                    self.assertEqual(near.recv(100), b"the server speaks first")
                    near.sendall(b"all of it")
                    near.shutdown(socket.SHUT_WR)
                    self.assertEqual(far.makefile("rb").read(), b"all of it")
                    far.sendall(b"still open in this direction")
                    far.close()
                    self.assertEqual(near.makefile("rb").read(), b"still open in this direction")
                self.assertEqual(tunnel.stop(), 0)

    def test_11_tcp_tunnel_ends_a_connection_when_the_other_breaks(self):
        with socket.create_server(("127.0.0.1", 0)) as target:
            with self.tunnel_to("tcp://127.0.0.1:%d" % target.getsockname()[1]) as tunnel:
                with socket.create_connection(tunnel.address, 10) as near, target.accept()[0] as far:
                    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    far.close()
                    self.assertEqual(near.recv(1), b"")
                self.assertEqual(tunnel.stop(), 0)

    def test_11_tcp_tunnel_reads_no_more_than_the_other_side_takes(self):
        with socket.create_server(("127.0.0.1", 0)) as target:
            with self.tunnel_to("tcp://127.0.0.1:%d" % target.getsockname()[1]) as tunnel:
                with socket.create_connection(tunnel.address, 10) as near, target.accept()[0] as far:
                    near.setblocking(False)
                    sent = 0
                    while sent < 256 << 20 and select.select([], [near], [], 1)[1]:
                        sent += near.send(bytes(1 << 16))
                    self.assertLess(sent, 256 << 20, "nobody reads, and the tunnel takes it all")
                    near.shutdown(socket.SHUT_WR)
                    far.settimeout(10)
                    self.assertEqual(len(far.makefile("rb").read()), sent)
                self.assertEqual(tunnel.stop(), 0)

    def test_there_are_no_others(self):
        self.assertEqual(sorted(name for name in os.listdir(EXAMPLES) if name[0].isdigit()),
                         ["01_echo_server", "02_message_handler", "03_session_handler", "04_client", "05_datagrams",
                          "06_receive_files", "07_beside_asio", "08_gateway", "09_own_stream", "11_tcp_tunnel"])


if __name__ == "__main__":
    unittest.main()
