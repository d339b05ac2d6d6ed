#!/usr/bin/env python3
"""`fairlead decode` and `fairlead dissector`: streams, captures, and what Wireshark shows of the same capture."""

import itertools
import json
import os
import pathlib
import random
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

from support.captures import ETHERNET, LINUX_SLL, LINUX_SLL2, LOOP, NULL, RAW, RST, ACK, Capture, \
    ip_fragments, udp_packet
from support.programs import FAIRLEAD, PATIENCE, run

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from framing_reference import Delimited, FixedSize, LengthPrefixed, Line, VarintPrefixed

TSHARK = shutil.which("tshark")
PCAP = os.environ["FAIRLEAD_PCAP"] == "1"
CLIENT, SERVER = ("10.0.0.1", 50123), ("10.0.0.2", 9000)


def decode(stream, *arguments):
    """The exit code, and the rows as objects."""
    done = run("decode", "--json", *arguments, input=stream)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def shown(rows):
    """The messages of rows, and the names of faults."""
    return [row["fault"] if row["kind"] == "fault" else bytes.fromhex(row["hex"]) for row in rows]


class OfStreams(unittest.TestCase):
    def test_shows_messages_in_columns(self):
        done = run("decode", "--framing", "line", input=b"one\r\ntwo\x1b[2J\n")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout.decode().splitlines(),
                         ["    offset  ending     bytes  message",
                          "         0  0d 0a          3  one",
                          "         5  0a             7  two\\x1B[2J"])

    def test_says_where_the_stream_is_wrong(self):
        done = run("decode", "--framing", "length:1", "--max-message", "4", input=b"\3abc\5hello")
        self.assertEqual(done.returncode, 1)
        last = done.stdout.decode().splitlines()[-1]
        self.assertIn("         4  ! message_too_large: ", last)
        self.assertIn("the length says 5, a message has up to 4 bytes", last)

    def test_gives_objects_of_json(self):
        code, rows, _ = decode(b"\0\2hi\0\5he", "--framing", "length:2")
        self.assertEqual((code, rows[0]), (1, {"kind": "message", "offset": 0, "header": "0002", "size": 2, "text": "hi",
                                               "hex": "6869"}))
        self.assertEqual((rows[1]["offset"], rows[1]["fault"], rows[1]["left"]), (4, "truncated", 4))

    def test_reads_a_file_and_cuts_long_messages(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x" * 100 + b"\n")
            file.flush()
            done = run("decode", "--framing", "line", file.name)
            self.assertTrue(done.stdout.endswith(b"  100  " + b"x" * 64 + b" ...\n"), done.stdout)
            done = run("decode", "--framing", "line", file.name, "--bytes", "3", "--hex")
            self.assertTrue(done.stdout.endswith(b"  100  78 78 78 ...\n"), done.stdout)

    def test_shows_a_message_of_a_pipe_as_soon_as_it_is_there(self):
        with subprocess.Popen([FAIRLEAD, "decode", "--framing", "line"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:
            process.stdin.write(b"ahoy\n")
            process.stdin.flush()
            process.stdout.readline()  # the heading
            self.assertTrue(process.stdout.readline().endswith(b"ahoy\n"))
            process.stdin.close()
            self.assertEqual(process.wait(PATIENCE), 0)

    def test_says_what_is_wrong_with_its_use(self):
        for arguments, code, words in (
                (["/no/such/file"], 1, "cannot read '/no/such/file': No such file or directory"),
                (["/"], 1, "cannot read '/': Is a directory"),
                (["--framing", "lines"], 2, "did you mean 'line'?"),
                (["--from", "10.0.0.1"], 2, "--from and --to choose from a capture"),
                (["--bytes", "x"], 2, "--bytes"),
                (["--max-message", "0"], 2, "max_message")):
            done = run("decode", *arguments, input=b"text")
            self.assertEqual(done.returncode, code, arguments)
            self.assertIn(words, done.stderr.decode())
            self.assertEqual(done.stderr.count(b"\n"), 1)

    @unittest.skipIf(PCAP, "built with libpcap")
    def test_without_libpcap_says_that_captures_cannot_be_read(self):
        done = run("decode", input=Capture().pcap())
        self.assertEqual(done.returncode, 1)
        self.assertIn("built without libpcap", done.stderr.decode())

    def test_needs_no_memory_for_what_is_behind(self):
        def limit_memory():
            resource.setrlimit(resource.RLIMIT_DATA, (40 << 20, 40 << 20))

        stream = (b"\0\1\0\0" + bytes(65536)) * 1000  # 64 MiB
        done = run("decode", "--bytes", "0", input=stream, stdout=subprocess.DEVNULL, preexec_fn=limit_memory)
        self.assertEqual((done.returncode, done.stderr), (0, b""))


@unittest.skipUnless(PCAP, "built without libpcap")
class OfCaptures(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "capture")

    def decode(self, content, *arguments):
        with open(self.path, "wb") as file:
            file.write(content)
        return decode(b"", self.path, *arguments)

    @staticmethod
    def small(client=CLIENT, server=SERVER):
        capture = Capture()
        connection = capture.connect(client, server)
        connection.send("client", b"one\ntwo\nthree\n", 4)
        connection.send("server", b"ONE\nTWO\nTHREE\n", 4)
        connection.close()
        return capture

    def test_of_each_format_and_link_have_the_same_messages(self):
        files = [self.small().pcap(link) for link in (ETHERNET, NULL, RAW, LOOP, LINUX_SLL, LINUX_SLL2)]
        files += [self.small().pcap(order=order, nanoseconds=fine) for order in "<>" for fine in (False, True)]
        files += [self.small().pcapng(order=order) for order in "<>"]
        files += [self.small(("2001:db8::1", 50123), ("2001:db8::2", 9000)).pcap(link) for link in (ETHERNET, RAW, NULL)]
        for content in files:
            code, rows, errors = self.decode(content, "--framing", "line", "--from", ":50123")
            self.assertEqual((code, shown(rows), errors), (0, [b"one", b"two", b"three"], ""))
            self.assertEqual([row["offset"] for row in rows], [0, 4, 8])

    def test_of_one_conversation_show_both_directions(self):
        code, rows, _ = self.decode(self.small().pcap(), "--framing", "line")
        self.assertEqual((code, shown(rows)), (0, [b"one", b"two", b"three", b"ONE", b"TWO", b"THREE"]))
        self.assertEqual({(row["stream"], row["from"], row["to"]) for row in rows},
                         {(1, "10.0.0.1:50123", "10.0.0.2:9000"), (2, "10.0.0.2:9000", "10.0.0.1:50123")})
        done = run("decode", self.path, "--framing", "line")
        self.assertIn("stream 1: 10.0.0.1:50123 -> 10.0.0.2:9000\n", done.stdout.decode())
        self.assertRegex(done.stdout.decode(), r"\n     1 +\d+ +0\.00\d000 +8  0a +5  three\n")

    def test_of_several_conversations_ask_which(self):
        capture = self.small()
        capture.add(udp_packet(("10.0.0.1", 5353), ("10.0.0.3", 53), b"ping"))
        code, rows, errors = self.decode(capture.pcap(), "--framing", "line")
        self.assertEqual((code, rows), (2, []))
        self.assertIn("more than one conversation; choose by --from", errors)
        self.assertRegex(errors, r"\n  tcp  10\.0\.0\.1:50123 <-> 10\.0\.0\.2:9000  \d+ bytes ->, \d+ bytes <-\n")
        self.assertIn("  udp  10.0.0.1:5353 <-> 10.0.0.3:53  4 bytes ->, 0 bytes <-\n", errors)
        self.assertEqual(shown(self.decode(capture.pcap(), "--to", "10.0.0.3")[1]), [b"ping"])
        code, rows, errors = self.decode(capture.pcap(), "--from", "10.0.0.9")
        self.assertEqual((code, rows), (2, []))
        self.assertIn("10.0.0.2:9000", errors)

    def test_from_a_pipe_need_a_choice_and_are_shown_as_they_come(self):
        content = self.small().pcap()
        done = run("decode", input=content)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--from or --to", done.stderr)
        with subprocess.Popen([FAIRLEAD, "decode", "--framing", "line", "--from", CLIENT[0], "--json"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdin.write(content[:-200])
            process.stdin.flush()
            self.assertEqual(json.loads(process.stdout.readline())["text"], "one")
            process.stdin.write(content[-200:])
            process.stdin.close()
            self.assertEqual(len(process.stdout.readlines()), 2)
            self.assertEqual(process.wait(PATIENCE), 0)

    def test_without_some_bytes_say_where_they_are_missing(self):
        capture = Capture()
        connection = capture.connect(CLIENT, SERVER)
        connection.segment("client", connection.next["client"], payload=b"one\n")
        connection.segment("client", connection.next["client"] + 9, payload=b"three\n")
        code, rows, _ = self.decode(capture.pcap(), "--framing", "line")
        self.assertEqual((code, shown(rows)), (1, [b"one", "gap"]))
        self.assertIn("lacks 5 bytes at offset 4", rows[1]["why"])

    def test_with_cut_packets_say_where_bytes_are_missing(self):
        code, rows, _ = self.decode(self.small().pcap(snapshot=55), "--framing", "line", "--from", ":50123")
        self.assertEqual((code, shown(rows)), (1, ["gap"]))
        capture = Capture()
        capture.add(udp_packet(CLIENT, SERVER, b"a datagram"))
        code, rows, _ = self.decode(capture.pcap(snapshot=50))
        self.assertEqual((code, shown(rows)), (1, ["cut"]))
        self.assertIn("8 of 10 bytes", rows[0]["why"])

    def test_put_fragments_of_ip_together(self):
        large = random.Random(1).randbytes(5000)
        parts = list(ip_fragments(udp_packet(CLIENT, SERVER, large), 1480))
        capture = Capture()
        capture.packets = [parts[2], parts[0], udp_packet(CLIENT, SERVER, b"small"), parts[3], parts[1]]
        code, rows, errors = self.decode(capture.pcap())
        self.assertEqual((code, shown(rows), errors), (0, [b"small", large], ""))
        del capture.packets[0]
        code, rows, _ = self.decode(capture.pcap())
        self.assertEqual((code, shown(rows)), (1, [b"small", "fragments"]))
        self.assertEqual(self.decode(capture.pcap(), "--to", ":1")[0], 2)

    def test_that_end_early_say_so(self):
        whole = self.small().pcap()
        code, rows, errors = self.decode(whole[:-3], "--framing", "line", "--from", ":50123")
        self.assertEqual((code, shown(rows)), (1, [b"one", b"two", b"three"]))
        self.assertIn("cannot be read: truncated dump file", errors)
        code, rows, errors = self.decode(whole[:20])
        self.assertEqual((code, rows), (1, []))
        self.assertIn("cannot be read: truncated dump file", errors)

    def test_of_links_that_are_not_known_say_which_are(self):
        code, _, errors = self.decode(self.small().pcap(link=105))
        self.assertEqual(code, 1)
        self.assertIn("IEEE802_11; those of EN10MB, RAW,", errors)

    def test_of_a_closed_connection_end_at_the_reset(self):
        capture = Capture()
        connection = capture.connect(CLIENT, SERVER)
        connection.send("client", b"one\n")
        connection.segment("client", connection.next["client"], RST | ACK)
        self.assertEqual(self.decode(capture.pcap(), "--framing", "line")[0], 0)


# --- beside Wireshark ---------------------------------------------------------------------------------------------

def random_bytes(choices, size):
    return bytes(choices.randrange(256) for _ in range(size))


class Case:
    """A framing at a port: streams of whole messages, and one with a fault behind them."""

    def __init__(self, port, spec, framing, messages, fault=None, bad=b""):
        self.port, self.spec, self.fault = port, spec, fault
        self.messages = messages
        self.stream = b"".join(map(framing.encode, messages)) if framing else b"".join(messages)
        self.bad = bad

    @property
    def name(self):
        return f"p{self.port}"

    def add_to(self, capture):
        connection = capture.connect(("10.0.0.1", 50000), ("10.0.0.2", self.port), seed=self.port)
        connection.send("client", self.stream)
        connection.send("server", self.stream, 80)
        connection.close()
        if self.fault:
            connection = capture.connect(("10.0.0.1", 50001), ("10.0.0.2", self.port), seed=self.port + 1)
            connection.send("client", self.stream + self.bad, 200)
            connection.close()


def cases():
    choices = random.Random(4)
    some = [b"", b"a", b"hello\r\nworld", random_bytes(choices, 300), b"\0" * 20, random_bytes(choices, 5000), b"end"]
    words = [b"", b"a", b"one, two", b"x" * 300, b"\xff\0\x80", b"w" * 4000, b"end"]
    made = [Case(9100 + i, spec, framing, some, "message_too_large", header)
            for i, (spec, framing, header) in enumerate((
                ("length", LengthPrefixed(), b"\x7f\xff\xff\xff" + b"rest" * 30),
                ("length:2", LengthPrefixed(2, max=9000), b"\xff\xff" + b"rest" * 30),
                ("length:4:le", LengthPrefixed(4, little=True), b"\0\0\0\x80" + b"rest" * 30),
                ("length:8", LengthPrefixed(8), b"\xff" * 8 + b"rest" * 30),
                ("length:3:le", LengthPrefixed(3, little=True), b"\1\0\x20" + b"rest" * 30),
                ("varint", VarintPrefixed(), b"\xff\xff\xff\x7f" + b"rest" * 30)))]
    made += [Case(9200, "varint", VarintPrefixed(), some, "malformed", b"\x81\0" + b"rest" * 30),
             Case(9201, "varint", VarintPrefixed(), some, "malformed", b"\xff" * 9 + b"\x02" + b"rest" * 30),
             Case(9202, "line", Line(), words, "message_too_large", b"y" * 20_000 + b"\nrest"),
             Case(9203, r"delimiter:\r\n", Delimited([b"\r\n"]), words),
             Case(9204, r'delimiter:a"\x00', Delimited([b'a"\0']), [b"a", b"", b'a"', b"text"]),
             Case(9205, "fixed:16", FixedSize(16), [b"0123456789abcdef"] * 9),
             Case(9206, "raw", None, some)]
    return made


LIMITS = {"length:2": ("--max-message", "9000")}


def frame(opcode, payload, mask=b"", fin=True):
    size = len(payload)
    length = struct.pack(">B", size) if size < 126 else struct.pack(">BH", 126, size) if size < 65536 else \
        struct.pack(">BQ", 127, size)
    length = bytes([length[0] | (0x80 if mask else 0)]) + length[1:]
    if mask:
        payload = bytes(each ^ key for each, key in zip(payload, itertools.cycle(mask)))
    return bytes([opcode | (0x80 if fin else 0)]) + length + mask + payload


def websocket_frames(mask):
    return [(1, b"hello", mask, True), (2, bytes(range(256)) * 2, mask, True), (9, b"?", mask, True),
            (1, b"in two ", mask, False), (0, b"parts", mask, True), (2, b"z" * 70_000, mask, True),
            (8, b"\3\xe8bye", mask, True)]


REQUEST = (b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
ANSWER = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


@unittest.skipUnless(PCAP, "built without libpcap")
@unittest.skipUnless(TSHARK, "tshark: not installed")
class BesideWireshark(unittest.TestCase):
    """One start of tshark, which takes a second or two, for all framings."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.path = os.path.join(directory.name, "capture.pcap")
        cls.cases = cases()
        capture = Capture()
        for each in cls.cases:
            each.add_to(capture)
        connection = capture.connect(("10.0.0.1", 50000), ("10.0.0.2", 80))
        connection.send("client", REQUEST)
        connection.send("server", ANSWER)
        for side, mask in (("client", b"\x37\xfa\x21\x3d"), ("server", b"")):
            connection.send(side, b"".join(frame(*each) for each in websocket_frames(mask)), 1400)
        connection.close()
        with open(cls.path, "wb") as file:
            file.write(capture.pcap())
        cls.packets = cls.dissect(directory.name)

    @classmethod
    def dissect(cls, directory):
        command = [TSHARK, "-2", "-r", cls.path, "-o", "tcp.reassemble_out_of_order:TRUE", "-T", "fields",
                   "-E", "occurrence=a", "-E", "aggregator=|", "-E", "separator=/t"]
        cls.fields = ["ip.src", "tcp.srcport", "tcp.dstport", "websocket.opcode", "websocket.fin", "websocket.masking_key",
                      "websocket.payload.text", "data.data", "websocket.payload.close.status_code", "_ws.lua.error"]
        for each in cls.cases:
            script = os.path.join(directory, each.name + ".lua")
            done = run("dissector", "--framing", each.spec, "--port", str(each.port), "--name", each.name,
                       *LIMITS.get(each.spec, ()))
            assert done.returncode == 0, done.stderr
            with open(script, "wb") as file:
                file.write(done.stdout)
            command += ["-X", "lua_script:" + script]
            cls.fields += [f"{each.name}.{field}" for field in ("size", "message", "fault")]
        for field in cls.fields:
            command += ["-e", field]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False,
                              env={**os.environ, "HOME": directory, "XDG_CONFIG_HOME": directory})
        assert done.returncode == 0, done.stderr.decode()
        return [dict(zip(cls.fields, line.split("\t"))) for line in done.stdout.decode().splitlines()]

    def in_wireshark(self, case, source, target):
        """What tshark shows of one direction, as `shown` does."""
        found = []
        for packet in self.packets:
            if (packet["tcp.srcport"], packet["tcp.dstport"]) != (str(source), str(target)):
                continue
            messages = iter(packet[case.name + ".message"].split("|"))
            for size in filter(None, packet[case.name + ".size"].split("|")):
                found.append(bytes.fromhex(next(messages)) if size != "0" else b"")
            found += filter(None, packet[case.name + ".fault"].split("|"))
        return found

    def in_decode(self, case, source, target):
        code, rows, errors = decode(b"", self.path, "--framing", case.spec, *LIMITS.get(case.spec, ()),
                                    "--from", f":{source}", "--to", f":{target}")
        self.assertEqual(errors, "")
        self.assertEqual(code, 1 if case.fault in shown(rows) else 0)
        return shown(rows)

    def test_both_show_the_same_messages_of_every_framing(self):
        for each in self.cases:
            for source, target in ((50000, each.port), (each.port, 50000)):
                with self.subTest(each.spec, port=each.port, source=source):
                    decoded, dissected = self.in_decode(each, source, target), self.in_wireshark(each, source, target)
                    if each.spec == "raw":  # where it is divided means nothing
                        decoded, dissected = [b"".join(decoded)], [b"".join(dissected)]
                        self.assertEqual(decoded, [each.stream])
                    else:
                        self.assertEqual(decoded, each.messages)
                    self.assertEqual(dissected, decoded)

    def test_both_show_the_same_faults_and_nothing_behind_them(self):
        tried = 0
        for each in filter(lambda case: case.fault, self.cases):
            with self.subTest(each.spec, port=each.port):
                decoded = self.in_decode(each, 50001, each.port)
                self.assertEqual(decoded, [*each.messages, each.fault])
                self.assertEqual(self.in_wireshark(each, 50001, each.port), decoded)
                tried += 1
        self.assertGreater(tried, 5)

    def test_both_show_the_same_frames_of_websocket(self):
        for source, target, mask in ((50000, 80, b"\x37\xfa\x21\x3d"), (80, 50000, b"")):
            code, rows, errors = decode(b"", self.path, "--framing", "websocket", "--from", f":{source}", "--to", f":{target}")
            self.assertEqual((code, errors, rows[0]["kind"]), (0, "", "http"))
            self.assertEqual([(row["opcode"], bytes.fromhex(row["hex"]), bytes.fromhex(row.get("mask", "")), row["fin"])
                              for row in rows[1:]], websocket_frames(mask))
            dissected = []
            for packet in self.packets:
                if (packet["tcp.srcport"], packet["tcp.dstport"]) == (str(source), str(target)):
                    masks = iter(packet["websocket.masking_key"].split("|"))
                    for opcode, fin in zip(packet["websocket.opcode"].split("|"), packet["websocket.fin"].split("|")):
                        if opcode:
                            dissected.append((int(opcode), bytes.fromhex(next(masks, "")), fin in ("1", "True")))
            self.assertEqual(dissected, [(opcode, key, fin) for opcode, _, key, fin in websocket_frames(mask)])
            sent = [packet for packet in self.packets if packet["tcp.srcport"] == str(source) and packet["websocket.opcode"]]
            self.assertEqual(self.values(sent, "websocket.payload.text"), ["hello", "in two parts"])
            self.assertEqual([bytes.fromhex(each) for each in self.values(sent, "data.data")],
                             [payload for opcode, payload, _, _ in websocket_frames(mask) if opcode == 2])
            self.assertEqual(self.values(sent, "websocket.payload.close.status_code"), ["1000"])

    @staticmethod
    def values(packets, field):
        return [each for packet in packets for each in packet[field].split("|") if each]


class Dissector(unittest.TestCase):
    def test_says_what_is_wrong_with_its_use(self):
        for arguments, words in ((["--framing", "websocket", "--port", "80"], "Wireshark has a dissector for WebSocket itself"),
                                 (["--framing", "line"], "--port is required"),
                                 (["--port", "0"], "--port"), (["--port", "70000"], "--port"),
                                 (["--port", "9000", "--name", "My Protocol"], "lower-case letters")):
            done = run("dissector", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""), arguments)
            self.assertIn(words, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
