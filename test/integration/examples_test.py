#!/usr/bin/env python3
"""Each example does what its comment says."""

import json
import os
import pathlib
import re
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import unittest

from support.files import Peer, hash_of, piece
from support.programs import PATIENCE, Server, connect, frame, held_port, read_to_end, run

EXAMPLES = os.environ["EXAMPLES"]


def whole_file(number, name, data):
    """The messages that offer, send and end a file."""
    return ({"type": "offer", "version": 1, "id": number, "name": name, "size": len(data)}, piece(number, 0, data),
            {"type": "finish", "id": number, "hash": hash_of(data)})


class Visitor:
    """A connection that says and hears lines."""

    def __init__(self, address, buffer=None):
        self._socket = socket.socket()
        if buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(address)
        self._lines = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._lines.close()
        self._socket.close()

    def say(self, line):
        self._socket.sendall(line.encode() + b"\n")

    def next(self):
        return self._lines.readline().decode().rstrip("\n")

    def expect(self, pattern, skip=None):
        """Reads lines up to one that matches; those before it match `skip`."""
        line = self.next()
        while skip and not re.fullmatch(pattern, line) and re.fullmatch(skip, line):
            line = self.next()
        if not re.fullmatch(pattern, line):
            raise AssertionError(f"{line!r} is not {pattern!r}")


class Examples(unittest.TestCase):
    def expect(self, example, lines, replies, *framing, url="tcp://127.0.0.1:0"):
        with Server(url, program=os.path.join(EXAMPLES, example)) as server:
            done = run("talk", server.url, *framing, input=lines)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, replies, b""))
            self.assertEqual(server.stop(), 0)

    def test_01_echo_server(self):
        self.expect("01_echo_server", b"hello\nworld\n", b"hello\nworld\n")

    def test_an_address_in_use_is_one_line_and_exit_code_1(self):
        echo = os.path.join(EXAMPLES, "01_echo_server")
        with Server("tcp://127.0.0.1:0", program=echo) as server:
            done = run(server.url, program=echo)
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertRegex(done.stderr.decode(), f"^cannot listen at {server.url}: another program uses this "
                                                     "port; [^\n]*: Address already in use[^\n]*\n$")
            self.assertEqual(server.stop(), 0)

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
        own, port = (held_port(self, "0.0.0.0") for _ in range(2))  # at all addresses, for one of them takes them all
        with Server(f"tcp://127.0.0.1:{own}", str(port), program=os.path.join(EXAMPLES, "07_beside_asio")) as server:
            done = run("talk", server.url, "--framing", "line", input=b"hello\n")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"HELLO\n", b""))
            with socket.create_connection(server.address), socket.create_connection(("127.0.0.1", port)) as asked:
                asked.settimeout(10)
                self.assertRegex(asked.makefile("rb").read(), rb"^[01] sessions\n$")
            for _ in range(20):  # visitors that have left when they are answered
                with socket.create_connection(("127.0.0.1", port)) as rude:
                    rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with socket.create_connection(("127.0.0.1", port)) as asked:
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

    def test_16_key_value(self):
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "16_key_value")) as server:
            host, port = server.address
            redis = lambda *words: run("-h", host, "-p", str(port), *words, program="redis-cli").stdout
            self.assertEqual(redis("set", "name", "two\r\nlines"), b"OK\n")
            self.assertEqual(redis("get", "name"), b"two\r\nlines\n")
            self.assertEqual([redis("del", "name") for _ in range(2)], [b"1\n", b"0\n"])
            self.assertEqual(redis("get", "name"), b"\n")
            self.assertIn(b"ERR unknown command 'flushall'", redis("flushall"))
            self.assertIn(b"ERR wrong number of arguments for 'get'", redis("get"))
            measured = run("-h", host, "-p", str(port), "-t", "set,get", "-n", "5000", "-c", "20", "-P", "8", "-q",
                           program="redis-benchmark")
            self.assertEqual((measured.returncode, measured.stdout.count(b"requests per second"), measured.stderr), (0, 2, b""))
            self.assertEqual(redis("get", "key:__rand_int__"), b"VXK\n")
            self.assertEqual(server.stop(), 0)

    def test_12_statsd(self):
        with Server("udp://127.0.0.1:0", program=os.path.join(EXAMPLES, "12_statsd")) as server:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two:
                for datagram in (b"visits:2|c\nerrors:1|c\n", b"visits:40|c", b"visits:1x|c", b"load:7|g", b"nonsense"):
                    one.sendto(datagram, server.address)
                two.sendto(b"visits:-1|c", server.address)
                sums = {"errors": 0, "visits": 0}
                while sums != {"errors": 1, "visits": 41}:
                    name, number = server.next_line().split()
                    sums[name] += int(number)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.more_output(), "")

    def test_10_file_drop(self):
        drop = os.path.join(EXAMPLES, "10_file_drop")
        with tempfile.TemporaryDirectory() as ann, tempfile.TemporaryDirectory() as ben, \
                tempfile.TemporaryDirectory() as folder:
            with Server("tcp://127.0.0.1:0", "s3cret", ann, "0ther", ben, program=drop) as server:
                for token, name in ((b"s3cret", "a.txt"), (b"0ther", "b.txt")):
                    with Peer(server.address) as peer:
                        data = f"bytes of {name}".encode()
                        peer.send(token, *whole_file(1, name, data))
                        self.assertEqual([peer.receive()["type"] for _ in range(2)], ["accept", "stored"])
                        peer.leave()
                with Peer(server.address) as peer:
                    peer.send(b"guessed", *whole_file(1, "c.txt", b"c"))
                    self.assertEqual(peer.receive()["reason"], "unknown token")
                    self.assertTrue(peer.ended())
                done = run("send", server.url, os.path.join(EXAMPLES, "10_file_drop"))
                self.assertEqual((done.returncode, done.stdout), (1, b""))
                self.assertIn(b"the receiver ended the connection: unknown token", done.stderr)
                file, token = pathlib.Path(folder, "c.txt"), pathlib.Path(folder, "token")
                file.write_text("bytes of c.txt")
                token.write_text("0ther\n")
                done = run("send", server.url, "--token", str(token), str(file))
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                token.write_text("\n")
                done = run("send", server.url, "--token", str(token), str(file))
                self.assertEqual(done.returncode, 2)
                self.assertIn(b"the file is empty", done.stderr)
                self.assertEqual(server.stop(), 0)
            for directory, names in ((ann, ["a.txt"]), (ben, ["b.txt", "c.txt"])):
                self.assertEqual(sorted(os.listdir(directory)), [".incoming", *names])
                for name in names:
                    self.assertEqual(pathlib.Path(directory, name).read_text(), f"bytes of {name}")
                self.assertEqual(os.listdir(os.path.join(directory, ".incoming")), [])
        for wrong in ((), ("s3cret",), ("s3cret", "/srv/ann", "0ther")):
            self.assertEqual(run("tcp://127.0.0.1:0", *wrong, program=drop).returncode, 2)

    def test_13_chat(self):
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "13_chat")) as server:
            with Visitor(server.address) as ann, Visitor(server.address) as bob:
                ann.expect(r"\* visitor \d+ joined")
                ann.say("/nick Ann")
                ann.expect(r"\* visitor \d+ is Ann now", skip=r"\* visitor \d+ joined")
                bob.say("/nick Bob")
                ann.expect(r"\* visitor \d+ is Bob now", skip=r"\* visitor \d+ joined")
                ann.say("ahoy")
                bob.expect("Ann: ahoy", skip=r"\* visitor .*")
                bob.close()
                ann.expect(r"\* Bob left: .+", skip="Ann: ahoy")
            self.assertEqual(server.stop(), 0)

    def test_13_chat_drops_a_slow_reader_and_nobody_else(self):
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "13_chat")) as server:
            with Visitor(server.address) as ann, Visitor(server.address, buffer=4096) as sleepy:
                sleepy.say("/nick Sleepy")
                ann.expect(r"\* visitor \d+ is Sleepy now", skip=r"\* .*")
                for _ in range(20_000):  # 16 MB at most, several times what waits for one visitor
                    ann.say("x" * 1000)
                    line = ann.next()
                    if line.startswith("* Sleepy left"):
                        break
                self.assertRegex(line, r"\* Sleepy left: .*too slowly")
                ann.say("peace")
                ann.expect(r"visitor \d+: peace", skip=r"visitor \d+: x+")
            self.assertEqual(server.stop(), 0)

    def test_14_json_rpc(self):
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "14_json_rpc")) as server, \
                connect(server.address) as peer, peer.makefile("rb") as replies:
            def request(method, params, **fields):
                return {"jsonrpc": "2.0", "method": method, "params": params, **fields}

            def say(*texts):  # in one go, so that all are there when the first begins
                peer.sendall(b"".join(frame(each.encode()) for each in texts))

            def hear():
                return json.loads(replies.read(int.from_bytes(replies.read(4), "big")))

            def result(value, number):
                return {"jsonrpc": "2.0", "result": value, "id": number}

            def error(code, number=None):
                return {"jsonrpc": "2.0", "error": {"code": code, "message": ERRORS[code]}, "id": number}

            ERRORS = {-32700: "Parse error", -32600: "Invalid Request", -32601: "Method not found", -32602: "Invalid params"}
            say(json.dumps(request("sleep", [1000], id=1)), json.dumps(request("add", [1, 2, 3], id="two")))
            self.assertEqual(hear(), result(6, "two"))
            self.assertEqual(hear(), result("slept 1000 ms", 1))
            for text, reply in ((json.dumps(request("fly", [], id=3)), error(-32601, 3)),
                                (json.dumps(request("add", ["one"], id=4)), error(-32602, 4)),
                                (json.dumps(request("sleep", [], id=5)), error(-32602, 5)),
                                (json.dumps(request("add", "one", id=6)), error(-32600)),
                                (json.dumps(request("add", [1], id=[7])), error(-32600)),
                                (json.dumps({"method": "add", "params": [1], "id": 8}), error(-32600)),
                                ("{not json", error(-32700)), ('"\\ud800"', error(-32700)), ("1", error(-32600)),
                                ("[]", error(-32600)), ("[1, 2]", [error(-32600), error(-32600)]),
                                (json.dumps([request("add", [1], id=9), request("add", [2]), 3]), [result(1, 9), error(-32600)])):
                say(text)
                self.assertEqual(hear(), reply, text)
            # Notifications, single and in a batch, get no reply.
            say(json.dumps(request("add", [1])), json.dumps([request("add", [1]), request("fly", [])]),
                json.dumps(request("add", [], id=10)))
            self.assertEqual(hear(), result(0, 10))
            self.assertEqual(server.stop(), 0)

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
                        (query(b"\0\0\1\0\1"), reply(0x8503, b"\0\0\1\0\1")),
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

    def tunnel_to(self, target):
        return Server("tcp://127.0.0.1:0", target, program=os.path.join(EXAMPLES, "11_tcp_tunnel"))

    def test_11_tcp_tunnel(self):
        self.assertEqual(run(program=os.path.join(EXAMPLES, "11_tcp_tunnel")).returncode, 2)
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "01_echo_server")) as target:
            with self.tunnel_to(target.url) as tunnel:
                done = run("talk", tunnel.url, input=b"hello\nworld\n")
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"hello\nworld\n", b""))
                self.assertEqual(target.stop(), 0)
                with self.assertRaises(ConnectionResetError), socket.create_connection(tunnel.address, 10) as refused:
                    refused.recv(1)
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
                    near.sendall(b"x")
                    far.settimeout(10)
                    self.assertEqual(far.recv(1), b"x")  # the tunnel has its connection
                    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    far.close()
                    with self.assertRaises(ConnectionResetError):
                        near.recv(1)
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

    def test_17_prices(self):
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "17_prices")) as server:
            with Visitor(server.address) as bank, Visitor(server.address) as ann, Visitor(server.address) as bob:
                ann.say("x" * 256)
                ann.expect("cannot follow this: .+")
                for visitor, name in ((ann, "EURUSD"), (ann, "EURGBP"), (bob, "EURGBP")):
                    visitor.say(name)
                    visitor.say(name + " 0")  # comes back, so the subscription is there
                    visitor.expect(name + " 0", skip=r"EUR... 0")
                for price in ("EURUSD 1.09", "EURGBP 0.85"):
                    bank.say(price)
                    ann.expect(price, skip=r"EUR... 0")
                bob.expect("EURGBP 0.85", skip=r"EURGBP 0")
            self.assertEqual(server.stop(), 0)

    def test_18_mqtt_broker(self):
        with Server("tcp://127.0.0.1:0", program=os.path.join(EXAMPLES, "18_mqtt_broker")) as server:
            host, port = server.address
            at = ("-h", host, "-p", str(port), "-V", "mqttv311")
            hearing = subprocess.Popen(["mosquitto_sub", *at, "-t", "home/door", "-C", "1", "-W", str(PATIENCE)],
                                       stdout=subprocess.PIPE)
            while hearing.poll() is None:  # it may not have subscribed yet
                for quality in ("0", "1"):
                    said = run(*at, "-t", "home/door", "-m", "open", "-q", quality, program="mosquitto_pub")
                    self.assertEqual((said.returncode, said.stderr), (0, b""))
            self.assertEqual((hearing.communicate()[0], hearing.returncode), (b"open\n", 0))

            def ask(client, packet, answer):
                client.sendall(packet)
                self.assertEqual(client.recv(len(answer), socket.MSG_WAITALL), answer)

            hello = b"\x10\x0c\0\4MQTT\4\2\0\x3c\0\0"
            with connect(server.address) as client:
                ask(client, hello, b"\x20\2\0\0")
                ask(client, b"\x82\x0b\0\1\0\1a\0\0\2b#\0", b"\x90\4\0\1\0\x80")  # no wildcards
                ask(client, b"\x30\4\0\1ab", b"\x30\4\0\1ab")
                ask(client, b"\x30\x83\1\0\1a" + b"x" * 128, b"\x30\x83\1\0\1a" + b"x" * 128)  # a length of two bytes
                ask(client, b"\xc0\0", b"\xd0\0")
                ask(client, b"\xa2\5\0\2\0\1a", b"\xb0\2\0\2")
                client.sendall(b"\x30\4\0\1ab\xe0\0")
                self.assertEqual(client.recv(1), b"", "it hears nothing more")
            for wrong in (b"\xc0\0", b"\x10\x0c\0\4MQTT\5\2\0\x3c\0\0", b"\x10\xff\xff\xff\xff\1",
                          hello + b"\x30\1\0", hello + b"\x82\4\0\1\0\5"):
                with connect(server.address) as client:
                    client.sendall(wrong)
                    client.shutdown(socket.SHUT_WR)
                    read_to_end(client)
            self.assertEqual(server.stop(), 0)

    def test_19_own_metrics(self):
        with tempfile.TemporaryDirectory() as directory, Server(
                "tcp://127.0.0.1:0", f"unix://{directory}/admin",
                program=os.path.join(EXAMPLES, "19_own_metrics")) as server:
            done = run("talk", server.url, "--framing", "line", input=b"rope\n")
            self.assertEqual(done.stdout, b"taken\n")
            page = run("-s", "--unix-socket", directory + "/admin", "http://localhost/metrics", program="curl").stdout
            self.assertIn(b"\norders_total 1\n", page)
            self.assertIn(b'\norder_size_bytes_bucket{le="16"} 1\n', page)
            self.assertEqual(server.stop(), 0)

    def test_20_retries(self):
        url = f"tcp://127.0.0.1:{held_port(self)}"
        asking = subprocess.Popen([os.path.join(EXAMPLES, "20_retries"), url, "hello", "world"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        self.assertIn(b"hello: ", asking.stderr.readline())
        with Server(url, program=os.path.join(EXAMPLES, "01_echo_server")):
            self.assertEqual((asking.communicate(timeout=PATIENCE)[0], asking.returncode), (b"hello\nworld\n", 0))

    def test_there_are_no_others(self):
        self.assertEqual(sorted(name for name in os.listdir(EXAMPLES) if name[0].isdigit()),
                         ["01_echo_server", "02_message_handler", "03_session_handler", "04_client", "05_datagrams",
                          "06_receive_files", "07_beside_asio", "08_gateway", "09_own_stream", "10_file_drop",
                          "11_tcp_tunnel", "12_statsd", "13_chat", "14_json_rpc", "15_dns", "16_key_value",
                          "17_prices", "18_mqtt_broker", "19_own_metrics", "20_retries"])


if __name__ == "__main__":
    unittest.main()
