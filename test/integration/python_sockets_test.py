#!/usr/bin/env python3
"""Programs of a few lines with Python's socket module on either end, written as their authors would write them."""

import socket
import struct
import unittest

from support.programs import PlainServer, Server, connect, run

CHINESE = "你好，世界。收到！🚢"


def receive_exactly(connection, size):
    received = b""
    while len(received) < size:
        more = connection.recv(size - len(received))
        if not more:
            raise EOFError(f"{len(received)} of {size} bytes")
        received += more
    return received


def receive_framed(connection):
    (size,) = struct.unpack(">I", receive_exactly(connection, 4))
    return receive_exactly(connection, size)


class PythonClient(unittest.TestCase):
    def test_raw(self):
        with Server("serve", "reply", "--text", "{message} 收到", "--framing", "raw", "--listen",
                    "tcp://127.0.0.1:0") as server, connect(server.address) as connection:
            for text in (CHINESE, "exit", "\0"):
                connection.sendall(text.encode("utf-8"))
                expected = f"{text} 收到"
                self.assertEqual(receive_exactly(connection, len(expected.encode())).decode("utf-8"), expected)

    def test_raw_in_single_bytes(self):
        message = CHINESE.encode("utf-8") * 20
        with Server("serve", "echo", "--framing", "raw", "--listen", "tcp://127.0.0.1:0") as server:
            with connect(server.address) as connection:
                for byte in message:
                    connection.sendall(bytes([byte]))
                connection.shutdown(socket.SHUT_WR)
                self.assertEqual(receive_exactly(connection, len(message)), message)
                self.assertEqual(connection.recv(1), b"")

    def test_four_byte_header(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0") as server, connect(server.address) as connection:
            for text in (CHINESE, "", "x" * 100_000):
                message = text.encode("utf-8")
                connection.sendall(struct.pack(">I", len(message)))
                connection.sendall(message)
                self.assertEqual(receive_framed(connection).decode("utf-8"), text)


class PythonServer(unittest.TestCase):
    def talk(self, answer, *framing):
        with PlainServer(answer) as server:
            done = run("talk", server.url, *framing, input=f"{CHINESE}\n".encode())
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode("utf-8")

    def test_raw(self):
        heard = []

        def answer(connection):
            while data := connection.recv(1024):
                heard.append(data)
                connection.sendall("收到: ".encode() + data)

        self.assertEqual(self.talk(answer, "--framing", "raw"), f"收到: {CHINESE}\n")
        self.assertEqual(b"".join(heard).decode("utf-8"), CHINESE)

    def test_four_byte_header(self):
        def answer(connection):
            message = "收到: ".encode() + receive_framed(connection)
            connection.sendall(struct.pack(">I", len(message)) + message)
            self.assertEqual(connection.recv(1), b"")

        self.assertEqual(self.talk(answer), f"收到: {CHINESE}\n")


if __name__ == "__main__":
    unittest.main()
