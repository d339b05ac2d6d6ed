#!/usr/bin/env python3
"""`fairlead load`: what it sends and counts, and what it says of servers that answer wrongly, late or not at all."""

import contextlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import unittest
import xml.etree.ElementTree

from support.ledger import statistics
from support.programs import FAIRLEAD, PATIENCE, Server, held_port, run
from support.process import wait_until
from support.terminal import Terminal

SHORT = ("--duration", "400ms", "--warm-up", "50ms")


def load(*arguments, code=0):
    """The report of a load as JSON, and what it said on stderr."""
    done = run("load", *arguments, "--json")
    if done.returncode != code:
        raise AssertionError(f"{done.returncode} instead of {code}: {done.stderr.decode()}")
    return json.loads(done.stdout) if done.stdout else None, done.stderr.decode()


class ManyServer:
    """A server of a few lines for any number of connections: `answer(connection)` is called for each, on a thread."""

    def __init__(self, answer):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = "tcp://127.0.0.1:%d" % self._listener.getsockname()[1]
        self._answer = answer
        self._last = None  # the address of the last connection
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, peer = self._listener.accept()
                if peer == self._last:
                    return connection.close()
                self._threads.append(threading.Thread(target=self._answer_one, args=(connection,)))
                self._threads[-1].start()

    def _answer_one(self, connection):
        connection.settimeout(PATIENCE)
        with contextlib.suppress(OSError), connection:
            self._answer(connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with socket.socket() as last:  # behind those that wait to be accepted
            last.bind(("127.0.0.1", 0))
            last.settimeout(PATIENCE)
            self._last = last.getsockname()
            last.connect(self._listener.getsockname())
            self._threads[0].join(PATIENCE)
        self._listener.close()
        for each in self._threads:
            each.join(PATIENCE)


def frames(connection):
    """The messages of framing `length`, until the peer ends its side."""
    while True:
        header = connection.recv(4, socket.MSG_WAITALL)
        if len(header) < 4:
            return
        size = struct.unpack(">I", header)[0]
        yield connection.recv(size, socket.MSG_WAITALL) if size else b""


def reply(connection, message):
    connection.sendall(struct.pack(">I", len(message)) + message)


class Echo(unittest.TestCase):
    """Against servers that answer as they should, every byte compared."""

    def check(self, *arguments, framing="length", listen="tcp://127.0.0.1:0", **expected):
        server_framing = () if listen.startswith("udp") else ("--framing", framing)
        options = ("--reply-rate", "0") if listen.startswith("udp") else ()
        with Server("serve", "echo", *server_framing, *options, "--listen", listen) as server:
            report, errors = load(server.url, "--check", *SHORT, *server_framing, *arguments)
        self.assertGreater(report["messages"], 0)
        for kind in ("connect", "broken", "lost", "refused", "wrong"):
            self.assertEqual(report["errors"][kind], 0, errors)
        for key, value in expected.items():
            self.assertEqual(report[key], value)
        return report

    def test_tcp(self):
        report = self.check(connections=64, pipeline=1, connects=64, rate=None, unsent=0, size=[64, 64])
        self.assertEqual(report["bytes_sent"], 64 * report["messages"])
        self.assertEqual(report["bytes_received"], report["bytes_sent"])

    def test_tcp_with_many_under_way_on_several_threads(self):
        self.check("--pipeline", "50", "--connections", "7", "--threads", "2", connects=7, threads=2)

    def test_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check("--connections", "5", listen=f"unix://{folder}/echo.sock", connects=5)

    def test_udp(self):
        self.check("--connections", "4", "--pipeline", "3", "--size", "8..500", listen="udp://127.0.0.1:0", connects=4)

    def test_every_framing(self):
        for framing in ("length:2:le", "varint", "line", "delimiter:end", "fixed:48", "raw"):
            with self.subTest(framing):
                self.check("--connections", "3", "--pipeline", "4", framing=framing)

    def test_the_size_of_a_fixed_framing_is_that_of_its_messages(self):
        self.check("--connections", "2", framing="fixed:48", size=[48, 48])

    def test_sizes_vary_from_nothing_to_more_than_a_read(self):
        report = self.check("--size", "0..100KiB", "--connections", "3", "--pipeline", "2", size=[0, 102400])
        self.assertNotEqual(report["bytes_sent"], 0)

    def test_large_messages(self):
        self.check("--size", "1MiB", "--connections", "2", "--pipeline", "2")

    def test_connections_are_spread_over_several_servers(self):
        seen = []

        def answer_as(number):
            def answer(connection):
                seen.append(number)
                for message in frames(connection):
                    reply(connection, message)
            return answer

        with ManyServer(answer_as(1)) as one, ManyServer(answer_as(2)) as other:
            report, _ = load(one.url, other.url, "--connections", "6", *SHORT)
        self.assertEqual(report["targets"], [one.url, other.url])
        self.assertEqual(sorted(seen), [1, 1, 1, 2, 2, 2])

    def test_connections_are_made_anew_after_so_many_messages(self):
        report = self.check("--churn", "5", "--connections", "4", "--pipeline", "2")
        self.assertGreater(report["connects"], 4)
        self.assertLessEqual(report["messages"], 5 * report["connects"])

    def test_a_churned_connection_gets_exactly_so_many_messages_and_ends_well(self):
        seen, lock = [], threading.Lock()

        def answer(connection):
            number = 0
            for message in frames(connection):
                number += 1
                reply(connection, message)
            with lock:
                seen.append(number)  # not after a reset

        with ManyServer(answer) as server:
            report, _ = load(server.url, "--churn", "3", "--connections", "2", *SHORT)
        self.assertEqual(len(seen), report["connects"])
        self.assertGreater(len(seen), 2)
        self.assertLessEqual(set(seen), {0, 1, 2, 3})
        self.assertGreaterEqual(seen.count(3), len(seen) - 2, "all but the last two")

    def test_sockets_of_udp_are_made_anew_too(self):
        report = self.check("--churn", "5", "--connections", "2", listen="udp://127.0.0.1:0")
        self.assertGreater(report["connects"], 2)

    def test_ramp_up(self):
        self.check("--ramp-up", "200ms", "--connections", "8", connects=8)


class Rate(unittest.TestCase):
    def test_as_many_messages_as_are_due(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0") as server:
            report, _ = load(server.url, "--rate", "500", "--duration", "1s", "--warm-up", "100ms", "--threads", "2")
        # Whatever the machine does: each that was due was answered, or is told of.
        self.assertEqual(report["messages"] + report["unsent"] + report["errors"]["timed_out"], 500)
        self.assertGreater(report["messages"], 0)
        self.assertEqual(report["rate"], 500)

    def test_udp(self):
        with Server("serve", "echo", "--listen", "udp://127.0.0.1:0") as server:
            report, _ = load(server.url, "--rate", "200", "--duration", "1s", "--warm-up", "0")
        self.assertEqual(report["messages"] + report["unsent"] + report["errors"]["timed_out"], 200)

    def test_the_rate_grows_over_the_ramp_up(self):
        seen, lock = [0], threading.Lock()

        def answer(connection):
            for message in frames(connection):
                with lock:
                    seen[0] += 1
                reply(connection, message)

        with ManyServer(answer) as server:
            report, _ = load(server.url, "--rate", "400", "--ramp-up", "1s", "--duration", "500ms", "--warm-up", "0",
                             "--connections", "4", "--pipeline", "50")
        self.assertEqual(report["messages"] + report["unsent"], 200)
        self.assertLessEqual(seen[0], 402, "half of 400 in the ramp-up, and 200")

    def test_a_server_that_stalls_is_not_flattered(self):
        """One connection, a message every 10 ms; the server sleeps 400 ms over one of them. In a closed loop that is one
        slow message; at a rate all that were due meanwhile have waited."""
        self.expect_a_stall_to_show(0.4, "500ms", due=50)

    def test_what_was_due_and_could_not_be_sent_counts_with_the_time_it_waited(self):
        self.assertGreater(self.expect_a_stall_to_show(1, "400ms", due=40)["unsent"], 20)

    def test_far_above_what_a_server_can_do(self):
        """The billion messages of a second cannot be sent; what was answered and what was not add up all the same."""
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0") as server:
            report, errors = load(server.url, "--rate", "1000000000", "--duration", "1s", "--warm-up", "500ms",
                                  "--threads", "2")
            self.assertGreater(report["messages"], 0)
            self.assertEqual(report["due"], 1_000_000_000)
            self.assertEqual(report["messages"] + report["unsent"], report["due"])
            self.assertGreater(report["dropped"], 0)
            self.assertGreaterEqual(report["latency_us"]["max"], 500_000)
            self.assertEqual(statistics(server)["messages_in"], report["messages"] + 500_000_000 - report["dropped"])
        self.assertRegex(errors, r"fairlead: \d+ of 1000000000 messages that were due could not be sent: the server does "
                                 r"not keep up with --rate 1000000000")

    def expect_a_stall_to_show(self, seconds, duration, due):
        def answer(connection):
            for number, message in enumerate(frames(connection)):
                if number == 5:
                    threading.Event().wait(seconds)
                reply(connection, message)

        with ManyServer(answer) as server:
            report, _ = load(server.url, "--rate", "100", "--duration", duration, "--warm-up", "0",
                             "--connections", "1")
        self.assertEqual(report["messages"] + report["unsent"], due)
        self.assertGreater(report["latency_us"]["p50"], 50_000)
        return report


class Faults(unittest.TestCase):
    def test_a_wrong_reply_is_found_and_told_of(self):
        with Server("serve", "uppercase", "--framing", "line", "--listen", "tcp://127.0.0.1:0") as server:
            report, errors = load(server.url, "--framing", "line", "--check", *SHORT, code=1)
        self.assertGreater(report["errors"]["wrong"], 0)
        self.assertRegex(errors, rf"wrong; {server.url}, connection \d+: message 1: byte \d+ of 64 is 0x[45]., "
                                 r"and 0x[67]. was sent")

    def test_a_wrong_reply_without_a_framing(self):
        with Server("serve", "uppercase", "--framing", "raw", "--listen", "tcp://127.0.0.1:0") as server:
            report, errors = load(server.url, "--framing", "raw", "--check", *SHORT, code=1)
        self.assertGreater(report["errors"]["wrong"], 0)
        self.assertRegex(errors, r"message 1: byte \d+ of 64 is 0x")

    def test_a_wrong_size(self):
        with Server("serve", "reply", "--text", "ok", "--listen", "tcp://127.0.0.1:0") as server:
            report, errors = load(server.url, "--check", *SHORT, code=1)
            self.assertIn("message 1: it has 2 bytes, and 64 were sent", errors)
            self.assertGreater(report["errors"]["wrong"], 0)
            report, _ = load(server.url, *SHORT)  # which is right where nothing is compared
            self.assertEqual(report["bytes_received"], 2 * report["messages"])
            self.assertEqual(sum(report["errors"].values()), 0)

    def test_a_wrong_datagram(self):
        with Server("serve", "uppercase", "--reply-rate", "0", "--listen", "udp://127.0.0.1:0") as server:
            report, errors = load(server.url, "--check", "--connections", "2", *SHORT, code=1)
            self.assertGreater(report["errors"]["wrong"], 0)
            self.assertRegex(errors, r"wrong; udp://127.0.0.1:\d+, connection \d+: byte \d+ of 64 is 0x")

    def test_a_datagram_without_its_number_answers_the_oldest(self):
        with Server("serve", "reply", "--text", "ok", "--reply-rate", "0", "--listen", "udp://127.0.0.1:0") as server:
            report, _ = load(server.url, "--connections", "2", "--pipeline", "3", *SHORT)
        self.assertGreater(report["messages"], 0)
        self.assertEqual(report["errors"]["wrong"] + report["errors"]["unexpected"], 0)

    def test_lost_datagrams_are_counted_and_do_not_stop_it(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.settimeout(PATIENCE)

            def answer_every_other():
                for number in range(1_000_000):
                    message, peer = server.recvfrom(65536)
                    if message == b"end":
                        return
                    if number % 2:
                        server.sendto(message, peer)

            thread = threading.Thread(target=answer_every_other)
            thread.start()
            port = server.getsockname()[1]
            report, errors = load(f"udp://127.0.0.1:{port}", "--connections", "2", "--timeout", "100ms", "--duration",
                                  "4s", "--warm-up", "0", "--check")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"end", server.getsockname())
            thread.join(PATIENCE)
        self.assertGreater(report["messages"], 2)
        self.assertGreater(report["errors"]["timed_out"], 2, errors)
        self.assertEqual(report["errors"]["wrong"], 0)

    def test_a_reply_that_does_not_come_costs_the_connection_and_no_more(self):
        def answer(connection):
            for number, message in enumerate(frames(connection)):
                if number < 3:
                    reply(connection, message)

        with ManyServer(answer) as server:
            report, errors = load(server.url, "--connections", "2", "--timeout", "1s", "--duration", "5s",
                                  "--warm-up", "0", "--check")
        self.assertGreater(report["errors"]["timed_out"], 2)
        self.assertGreater(report["connects"], 2)
        self.assertGreater(report["messages"], 6)
        self.assertRegex(errors, r"timed_out; tcp://127.0.0.1:\d+, connection \d: message 4")
        self.assertEqual(report["errors"]["broken"], 0)

    def test_a_reply_that_was_not_asked_for(self):
        def answer(connection):
            for message in frames(connection):
                framed = struct.pack(">I", len(message)) + message
                connection.sendall(framed + framed)

        with ManyServer(answer) as server:
            report, _ = load(server.url, "--connections", "1", *SHORT)
        self.assertGreater(report["errors"]["unexpected"], 0)

    def wait_for_load(self, server, connections):
        def loaded():
            figures = statistics(server)
            return figures["active"] == connections and figures["messages_in"] > 10 * connections
        wait_until(loaded, server.log)

    def test_a_server_that_goes_away_and_comes_back(self):
        with tempfile.TemporaryDirectory() as folder:
            url = f"unix://{folder}/echo.sock"
            with Server("serve", "echo", "--listen", url) as server:
                loading = subprocess.Popen([FAIRLEAD, "load", url, "--connections", "4", "--duration", "1h",
                                            "--warm-up", "0", "--check", "--json"],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.wait_for_load(server, connections=4)
                server.stop(signal.SIGKILL)
            with Server("serve", "echo", "--listen", url) as server:
                self.wait_for_load(server, connections=4)
                loading.send_signal(signal.SIGINT)
                output, errors = loading.communicate(timeout=PATIENCE)
        report = json.loads(output)
        self.assertEqual(loading.returncode, 0, errors)
        self.assertEqual(report["errors"]["broken"], 4)
        self.assertGreaterEqual(report["connects"], 8)
        self.assertEqual(report["errors"]["wrong"], 0)
        self.assertRegex(errors.decode(), r"fairlead: 4 broken; unix://.*, connection \d: ")

    def test_a_server_that_goes_away_for_good(self):
        with Server("serve", "echo", "--listen", f"tcp://127.0.0.1:{held_port(self)}") as server:
            loading = subprocess.Popen([FAIRLEAD, "load", server.url, "--connections", "4", "--duration", "5s",
                                        "--warm-up", "0", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.wait_for_load(server, connections=4)
            server.stop(signal.SIGKILL)
            output, errors = loading.communicate(timeout=PATIENCE)
        report = json.loads(output)
        self.assertEqual(loading.returncode, 0, errors)
        self.assertEqual(report["errors"]["broken"], 4)
        self.assertGreater(report["errors"]["connect"], 0)
        self.assertIn(b"connection refused", errors)

    def test_nothing_to_connect_to(self):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            url = "tcp://127.0.0.1:%d" % nobody.getsockname()[1]
            done = run("load", url, "--duration", "1h")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr.decode(), rf"\Afairlead: cannot connect to {url}: connection refused[^\n]*"
                                               rf"fairlead serve echo --listen {url}\n\Z")

    def test_nobody_answers(self):
        def answer(connection):
            for _ in frames(connection):
                pass

        with ManyServer(answer) as server:
            report, errors = load(server.url, "--timeout", "100ms", *SHORT, code=1)
        self.assertEqual(report["messages"], 0)
        self.assertEqual(set(report["latency_us"].values()), {None})
        self.assertIn("no message was answered", errors)

    def test_a_server_that_refuses_each_message(self):
        with Server("serve", "echo", "--max-message", "1KiB", "--listen", "tcp://127.0.0.1:0") as server:
            report, errors = load(server.url, "--size", "2KiB", *SHORT, code=1)
        self.assertEqual(report["messages"], 0)
        self.assertIn("does it take messages of 2KiB in framing length?", errors)

    def test_replies_that_come_too_late_are_no_silence(self):
        def answer(connection):
            for number, message in enumerate(frames(connection)):
                if number == 1:
                    threading.Event().wait(4)
                reply(connection, message)

        with ManyServer(answer) as server:
            report, errors = load(server.url, "--connections", "1", "--warm-up", "2s", "--duration", "500ms",
                                  "--timeout", "20s", code=1)
        self.assertEqual(report["messages"], 0)
        self.assertIn("no message was answered in the measured time, but 2 outside of it", errors)
        self.assertNotIn("is it one that answers", errors)

    def test_no_server_of_udp(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
            nobody.bind(("127.0.0.1", 0))
            nobody.connect(nobody.getsockname())  # hears itself only, so its port refuses others
            port = nobody.getsockname()[1]
            report, errors = load(f"udp://127.0.0.1:{port}", "--timeout", "100ms", *SHORT, code=1)
        self.assertGreater(report["errors"]["refused"], 0)
        self.assertIn("connection refused: nothing is listening", errors)


class Output(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("serve", "echo", "--listen", "tcp://127.0.0.1:0")
        cls.addClassCleanup(cls.server.close)
        cls.url = cls.server.url

    def test_the_table(self):
        done = run("load", self.url, *SHORT, "--connections", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = done.stdout.decode()
        self.assertTrue(text.startswith(f"{self.url}, framing length, 3 connections x 1, 64 bytes, closed loop\n"), text)
        for line in ("messages", "rate", "sent", "received", "connects", "errors", "latency", "  p50", "  p90",
                     "  p99", "  p99.9", "  max", "processor"):
            self.assertRegex(text, rf"(?m)^{re.escape(line)}(\s|$)")

    def test_json_is_one_line_whose_figures_agree(self):
        done = run("load", self.url, *SHORT, "--json")
        self.assertEqual(done.stdout.count(b"\n"), 1)
        report = json.loads(done.stdout)
        self.assertAlmostEqual(report["messages_per_second"], report["messages"] / report["seconds"], delta=1)
        latency = [report["latency_us"][name] for name in ("p50", "p90", "p99", "p99.9", "max")]
        self.assertEqual(latency, sorted(latency))
        self.assertGreater(latency[0], 0)
        self.assertGreater(report["processor_seconds"], 0)

    def test_the_processor_time_of_the_server(self):
        done = run("load", self.url, *SHORT, "--json", "--server-pid", str(self.server.process.pid))
        used = json.loads(done.stdout)["server"]
        self.assertGreater(used["replies"], 0)
        self.assertGreater(used["cpu_ns"], 0)
        self.assertAlmostEqual(used["cpu_ns_per_reply"], used["cpu_ns"] / used["replies"], delta=0.01)

    def test_a_server_that_is_no_process(self):
        done = run("load", self.url, *SHORT, "--server-pid", "4194304")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"there is no process 4194304", done.stderr)

    def test_a_picture_that_cannot_be_written_is_told_of_before_the_load(self):
        done = run("load", self.url, "--duration", "1h", "--histogram", "/nowhere/latency.svg")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertEqual(done.stderr, b"fairlead: cannot write /nowhere/latency.svg: No such file or directory\n")

    def test_a_load_that_fails_leaves_the_picture_as_it_was(self):
        with tempfile.TemporaryDirectory() as folder:
            picture = os.path.join(folder, "latency.svg")
            self.assertEqual(run("load", "unix:///nowhere.sock", "--histogram", picture).returncode, 1)
            self.assertEqual(os.listdir(folder), [])
            with open(picture, "w", encoding="ascii") as file:
                file.write("before")
            self.assertEqual(run("load", "unix:///nowhere.sock", "--histogram", picture).returncode, 1)
            with open(picture, encoding="ascii") as file:
                self.assertEqual(file.read(), "before")

    def test_the_picture_is_well_formed(self):
        with tempfile.TemporaryDirectory() as folder:
            picture = os.path.join(folder, "latency.svg")
            done = run("load", self.url, *SHORT, "--histogram", picture)
            self.assertEqual(done.returncode, 0, done.stderr)
            root = xml.etree.ElementTree.parse(picture).getroot()
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        texts = " ".join(root.itertext())
        self.assertIn(self.url, texts)
        self.assertIn("latency", texts)
        self.assertIn("99 %", texts)

    def test_a_picture_that_cannot_be_written(self):
        done = run("load", self.url, *SHORT, "--histogram", "/dev/full")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write /dev/full: No space left on device", done.stderr)
        self.assertIn(b"messages", done.stdout, "what was measured is told all the same")

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "wb") as full:
            done = run("load", self.url, *SHORT, stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write to standard output", done.stderr)

    def test_a_terminal_shows_how_far_it_is(self):
        terminal = Terminal("load", self.url, "--duration", "3s", "--warm-up", "200ms")
        self.addCleanup(terminal.close)
        self.assertIn(b" /s", terminal.read_until(b"no error"))
        terminal.read_until(b"processor")
        self.assertEqual(terminal.exit_code(), 0)

    def test_interrupt_ends_it_with_what_was_measured(self):
        terminal = Terminal("load", self.url, "--duration", "1h", "--warm-up", "0")
        self.addCleanup(terminal.close)
        terminal.read_until(b"p50")
        terminal.type(b"\x03")
        shown = terminal.read_until(b"processor")
        self.assertIn(b"of 1h, then interrupted", shown)
        self.assertRegex(shown, rb"messages +[1-9]")
        self.assertEqual(terminal.exit_code(), 0)

    def test_interrupt_does_not_wait_for_replies(self):
        asked = threading.Event()

        def stay_silent(connection):
            for _ in frames(connection):
                asked.set()

        with ManyServer(stay_silent) as server:
            loading = subprocess.Popen([FAIRLEAD, "load", server.url, "--duration", "1h", "--timeout", "1h", "--json"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertTrue(asked.wait(PATIENCE))
            loading.send_signal(signal.SIGINT)
            output, errors = loading.communicate(timeout=PATIENCE)
        self.assertEqual(loading.returncode, 1)
        self.assertEqual(sum(json.loads(output)["errors"].values()), 0)
        self.assertIn(b"which was interrupted", errors)

    def test_interrupt_without_a_terminal(self):
        command = [FAIRLEAD, "load", self.url, "--duration", "1h", "--warm-up", "0", "--json", "--threads", "2"]
        before = statistics(self.server)["messages_in"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as loading:
            # More than one of each of the 64 connections: then a reply has been counted.
            wait_until(lambda: statistics(self.server)["messages_in"] > before + 64, self.server.log)
            loading.send_signal(signal.SIGINT)
            output, errors = loading.communicate(timeout=PATIENCE)
        self.assertEqual(loading.returncode, 0, errors)
        report = json.loads(output)
        self.assertTrue(report["interrupted"])
        self.assertLess(report["seconds"], 3600)


class WrongUsage(unittest.TestCase):
    def test_each_is_refused_with_a_reason(self):
        tcp, udp = "tcp://127.0.0.1:9", "udp://127.0.0.1:9"
        for arguments, reason in (
                ((), "URL"),
                (("127.0.0.1:9",), "127.0.0.1:9"),
                ((tcp, "--connections", "0"), "--connections is at least 1"),
                ((tcp, "--pipeline", "0"), "--pipeline is from 1"),
                ((tcp, "--pipeline", "70000"), "--pipeline is from 1 to 65536"),
                ((tcp, "--threads", "0"), "--threads is from 1"),
                ((tcp, "--threads", "3", "--connections", "2"), "no more than there are connections"),
                ((tcp, "--duration", "0"), "--duration is more than 0"),
                ((tcp, "--rate", "0"), "--rate is at least 1"),
                ((tcp, "--rate", "fast"), "'fast' is not a number"),
                ((tcp, "--timeout", "0"), "--timeout is more than 0"),
                ((tcp, "--size", "9..1"), "'9..1' is no range"),
                ((tcp, "--size", "x"), "'x' is not a size"),
                ((tcp, "--framing", "morse"), "morse"),
                ((tcp, "--framing", "raw", "--size", "0..9"), "no empty messages"),
                ((tcp, "--framing", "fixed:16", "--size", "17"), "cannot carry messages of 17 bytes"),
                ((tcp, "--framing", "length:1", "--size", "1..256"), "cannot carry messages of 1..256 bytes"),
                ((udp, "--framing", "line"), "--framing does not go with datagrams"),
                ((udp, "--size", "65508"), "a datagram carries at most 65507"),
                ((udp, "--size", "7", "--check"), "--check needs datagrams of at least 8"),
                (("tcp://127.0.0.1:0",), "port 0"),
        ):
            with self.subTest(arguments):
                done = run("load", *arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
                self.assertIn(reason, done.stderr.decode())
                self.assertEqual(done.stderr.count(b"\n"), 1)


if __name__ == "__main__":
    unittest.main()
