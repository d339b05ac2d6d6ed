#!/usr/bin/env python3
"""`fairlead serve files --protocol separator`: senders as tutorials write them, and what may go wrong with these."""

import os
import socket
import time
import unittest

from support.campaign import choices, main, tell, tries
from support.canary import Tree
from support.files import FileServer, content, incoming, keeps_holes, occupied, temporary_directory
from support.process import MIB, wait_until
from support.programs import connect, read_to_end, reset

SEPARATOR = "<SEPARATOR>"
BUFFER_SIZE = 4096


def send_file(address, path):
    """As in the tutorials."""
    filesize = os.path.getsize(path)
    s = socket.socket()
    s.connect(address)
    s.send(f"{path}{SEPARATOR}{filesize}".encode())
    with open(path, "rb") as f:
        while True:
            bytes_read = f.read(BUFFER_SIZE)
            if not bytes_read:
                break
            s.sendall(bytes_read)
    s.close()


class PlainServer(FileServer):
    def __init__(self, directory, *arguments, **options):
        super().__init__(directory, "--protocol", "separator", *arguments, **options)


def send(server, header, data, pieces=()):
    """Ends the stream and waits until the server has ended its own; `pieces`: where the stream is cut for a moment."""
    stream = header.encode("utf-8", "surrogateescape") + data
    with connect(server.address) as connection:
        begin = 0
        for end in (*pieces, len(stream)):
            connection.sendall(stream[begin:end])
            begin = end
            if pieces:
                time.sleep(0.002)
        connection.shutdown(socket.SHUT_WR)
        return read_to_end(connection)


class Tutorial(unittest.TestCase):
    def test_its_sender_is_understood(self):
        with temporary_directory() as directory, temporary_directory() as elsewhere, PlainServer(directory) as server:
            files = {}
            for size in (0, 1, 5, 4095, 4096, 100_000, 3_000_000):
                files[f"file {size}"] = choices(f"plain {size}").randbytes(size)
                path = os.path.join(elsewhere, f"file {size}")
                with open(path, "wb") as file:
                    file.write(files[f"file {size}"])
                send_file(server.address, path)
            wait_until(lambda: (content(directory), incoming(directory)) == (files, []), server.log)

    def test_files_that_begin_with_digits(self):
        with temporary_directory() as directory, PlainServer(directory) as server:
            files = {}
            for size in (1, 2, 5, 9, 10, 12, 99, 100, 123, 1234, 20_000):
                for begin in (b"", b"0", b"1", b"00", b"12345678901234567890", b"999"):
                    data = (begin + b"1234567890" * size)[:size]
                    files[f"{size}-{begin.decode()}"] = data
                    send(server, f"{size}-{begin.decode()}{SEPARATOR}{size}", data)
            self.assertEqual(content(directory), files)
            tell(f"{len(files)} files of digits behind their size")

    def test_zeros_stay_holes(self):
        with temporary_directory() as directory, PlainServer(directory) as server:
            if not keeps_holes(directory):
                self.skipTest("the file system keeps no holes")
            files = {"letters": b"x" + bytes(10 * MIB) + b"data" + bytes(10 * MIB),
                     "digits": b"1" + bytes(10 * MIB)}  # copied at the end, for its size could have been longer
            for name, data in files.items():
                send(server, f"{name}{SEPARATOR}{len(data)}", data)
            self.assertEqual(content(directory), files)
            for name in files:
                self.assertLess(occupied(directory, name), 1 * MIB, name)

    def test_the_stream_cut_anywhere_in_the_header(self):
        with temporary_directory() as directory, PlainServer(directory) as server:
            header = f"name.txt{SEPARATOR}11"
            stream = len(header) + 11
            for cut in range(1, stream, tries(3, 1)):
                send(server, f"{cut}{header}", b"12 and more", (cut,))
                self.assertEqual(content(directory)[f"{cut}name.txt"], b"12 and more", f"cut at {cut}")

    def test_another_separator(self):
        with temporary_directory() as directory, PlainServer(directory, "--separator", "|") as server:
            send(server, "name|5", b"hello")
            send(server, "other|3", b"a|b")
            self.assertEqual(content(directory), {"name": b"hello", "other": b"a|b"})


class Wrong(unittest.TestCase):
    def test_early_ends_and_resets_leave_nothing(self):
        data = bytes(range(256)) * 100
        stream = f"name{SEPARATOR}{len(data)}".encode() + data
        with temporary_directory() as directory, PlainServer(directory) as server:
            for end in (0, 1, 4, 8, 15, 16, 19, 20, 21, 1000, len(stream) - 1):
                for close in (socket.socket.close, reset):
                    with connect(server.address) as connection:
                        connection.sendall(stream[:end])
                        close(connection)
            wait_until(lambda: not incoming(directory), lambda: incoming(directory))
            self.assertEqual(send(server, f"after{SEPARATOR}2", b"ok"), b"")
            self.assertEqual(content(directory), {"after": b"ok"})

    def test_a_whole_file_that_ends_in_a_reset_is_whole_or_not_there(self):
        data = b"x" * 10_000
        with temporary_directory() as directory, PlainServer(directory) as server:
            for index in range(50):
                with connect(server.address) as connection:
                    connection.sendall(f"{index}{SEPARATOR}{len(data)}".encode() + data)
                    reset(connection)
            wait_until(lambda: not incoming(directory), lambda: incoming(directory))
            self.assertLessEqual(set(content(directory).values()), {data})

    def test_more_or_less_than_was_announced_is_not_stored(self):
        with temporary_directory() as directory, PlainServer(directory) as server:
            for size, data in (("5", b"hell"), ("5", b"hello!"), ("0", b"x"), ("5", b""), ("", b"hello"), ("-1", b"x"),
                               ("1e3", b"x"), ("99999999999999999999999", b"x"), ("18446744073709551615", b"x"),
                               ("9" * 100_000, b""), ("0x5", b"hello"), (" 5", b"hello"), ("five", b"hello")):
                with self.subTest(size=size[:30], data=data):
                    try:
                        send(server, f"name{SEPARATOR}{size}", data)
                    except ConnectionError:
                        pass
                    self.assertEqual(content(directory), {})
            wait_until(lambda: not incoming(directory), lambda: incoming(directory))

    def test_streams_that_are_none_of_ours(self):
        random = choices("plain garbage")
        with temporary_directory() as directory, PlainServer(directory) as server:
            for stream in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00", b"x" * 1_000_000,
                           b"\0" * 100_000, b"<SEPARATOR>5hello", b"<SEPARATOR><SEPARATOR>5",
                           *(random.randbytes(1000) for _ in range(50))):
                with connect(server.address) as connection:
                    try:
                        connection.sendall(stream)
                        connection.shutdown(socket.SHUT_WR)
                        read_to_end(connection)
                    except ConnectionError:
                        pass
            self.assertEqual((content(directory), incoming(directory)), ({}, []))
            self.assertEqual(server.stop(), 0)

    def test_names_that_want_to_be_elsewhere(self):
        with Tree() as tree, PlainServer(tree.inside) as server:
            for name in ("../x", "../../x", "/etc/passwd", "../outside/canary", "..\\x", "a/b/c.txt", "C:\\dir\\d.txt"):
                send(server, f"{name}{SEPARATOR}1", b"x")
            for name in ("..", ".", "", "/", "a/", "a/..", ".incoming", "x/.incoming", "..%2fx", "a:b", "-rf", "~",
                         "NUL", "x\n", "x\0y", "x" * 256, "\udcff", "\udcc0\udcaf"):
                with self.subTest(name=name):
                    before = content(tree.inside)
                    send(server, f"{name}{SEPARATOR}1", b"x")
                    self.assertEqual(content(tree.inside), before)
            self.assertLessEqual(set(content(tree.inside)), {"x", "passwd", "canary", "c.txt", "d.txt"})
            self.assertEqual(incoming(tree.inside), [])
            tree.expect_untouched(self)

    def test_limits_hold(self):
        with temporary_directory() as directory, PlainServer(directory, "--max-file-size", "100") as server:
            for size, stored in ((100, True), (101, False), (1_000_000, False)):
                try:
                    send(server, f"{size}{SEPARATOR}{size}", bytes(size))
                except ConnectionError:
                    pass
                self.assertEqual(f"{size}" in content(directory), stored)

    def test_silent_senders_are_ended(self):
        with temporary_directory() as directory, \
                PlainServer(directory, "--idle-timeout", "300ms", "--first-message-timeout", "300ms") as server:
            for begin in (b"", b"na", b"name<SEPARATOR>100", b"name<SEPARATOR>100some"):
                with connect(server.address) as connection:
                    connection.sendall(begin)
                    try:
                        self.assertEqual(read_to_end(connection), b"")
                    except ConnectionResetError:
                        pass
            wait_until(lambda: incoming(directory) == [], server.log)  # the connection ends first
            self.assertEqual(content(directory), {})


class Existing(unittest.TestCase):
    def test_by_each_policy(self):
        expected = {"reject": {"name.txt": b"one"}, "replace": {"name.txt": b"three"},
                    "number": {"name.txt": b"one", "name (1).txt": b"two", "name (2).txt": b"three"}}
        for policy, files in expected.items():
            with temporary_directory() as directory, PlainServer(directory, "--existing", policy) as server:
                for data in (b"one", b"two", b"three"):
                    send(server, f"name.txt{SEPARATOR}{len(data)}", data)
                self.assertEqual(content(directory), files)


if __name__ == "__main__":
    main()
