#!/usr/bin/env python3
"""`fairlead serve` as its users meet it: what it prints, what it answers, how it ends."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from support.ledger import statistics
from support.load import peer_that_never_reads
from support.process import Process, wait_until
from support.programs import FAIRLEAD, PATIENCE, Server, address_of, ask, connect, frame, held_port, read_to_end, run

ANY_PORT = ("--listen", "tcp://127.0.0.1:0")


def greet(peer):
    """What comes back to a greeting."""
    peer.sendall(frame(b"hello"))
    return peer.recv(100)


class Listening(unittest.TestCase):
    def skip_without_ipv6(self):
        if not socket.has_ipv6:
            self.skipTest("this Python knows no IPv6")
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as problem:
            self.skipTest(f"no IPv6 here: {problem}")

    def test_each_listener_is_announced_on_stdout_with_its_port_and_the_log_goes_to_stderr(self):
        with Server("serve", "echo", *ANY_PORT, *ANY_PORT, listeners=2) as server:
            self.assertEqual(len(set(server.urls)), 2)
            for url in server.urls:
                self.assertEqual(ask(address_of(url), frame(b"hello")), frame(b"hello"))
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.more_output(), "")
            self.assertIn("stopping", server.log())

    def test_ipv6(self):
        self.skip_without_ipv6()
        with Server("serve", "echo", "--listen", "tcp://[::1]:0") as server:
            self.assertRegex(server.url, r"^tcp://\[::1\]:\d+$")
            self.assertEqual(ask(server.address, frame(b"six")), frame(b"six"))

    def test_every_address_of_both_families_at_one_port(self):
        self.skip_without_ipv6()
        port = held_port(self, "0.0.0.0")
        one_by_one = [f"tcp://[::]:{port}", f"tcp://0.0.0.0:{port}"]
        for urls in (["tcp://*:0"], one_by_one, one_by_one[::-1]):
            arguments = [word for url in urls for word in ("--listen", url)]
            with self.subTest(urls=urls), Server("serve", "echo", *arguments, listeners=2) as server:
                self.assertEqual({address_of(url)[0] for url in server.urls}, {"0.0.0.0", "::"})
                at = address_of(server.urls[0])[1]
                for host in ("127.0.0.1", "::1"):
                    self.assertEqual(ask((host, at), frame(b"hello")), frame(b"hello"))

    def test_a_port_that_it_has_already_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            for url in (f"unix://@fairlead-twice-{os.getpid()}", f"unix://{folder}/twice"):
                refused = run("serve", "echo", "--listen", url, "--listen", url)
                self.assertEqual(refused.returncode, 1)
                self.assertIn(f"this server listens at {url} already", refused.stderr.decode())

    @unittest.skipIf(os.geteuid() != 0, "only root can give a program its own /etc/hosts")
    def test_a_name_is_listened_to_at_all_its_addresses_and_at_one_port(self):
        self.skip_without_ipv6()
        with tempfile.NamedTemporaryFile("w") as hosts:
            # Both families, one address twice, and one that no machine has (RFC 5737).
            hosts.write("::1 both.test\n127.0.0.1 both.test\n127.0.0.1 both.test alias.test\n192.0.2.1 both.test\n")
            hosts.flush()
            in_its_view = ["--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts.name]
            if subprocess.run(["unshare", *in_its_view, "true"], capture_output=True).returncode != 0:
                self.skipTest("no mounts of its own here")
            with Server(*in_its_view, FAIRLEAD, "serve", "echo", "--listen", "tcp://both.test:0", program="unshare",
                        listeners=2) as server:
                ports = {address_of(url)[1] for url in server.urls}
                self.assertEqual({address_of(url)[0] for url in server.urls}, {"::1", "127.0.0.1"})
                self.assertEqual(len(ports), 1)
                for url in server.urls:
                    self.assertEqual(ask(address_of(url), frame(b"hello")), frame(b"hello"))
                self.assertEqual(server.stop(), 0)
                self.assertEqual(server.more_output(), "")


class StandardDescriptors(unittest.TestCase):
    """What cannot be printed is said in the log, and no socket takes the place of a closed descriptor."""

    def serve_and_stop(self, shell_redirection):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "socket")
            program = subprocess.Popen(
                ["/bin/sh", "-c", f'exec "$0" serve echo --listen "$1" {shell_redirection}', FAIRLEAD, f"unix://{path}"],
                stderr=subprocess.PIPE)
            try:
                def is_listening():
                    self.assertIsNone(program.poll(), "it has ended")
                    try:
                        connect(path).close()
                        return True
                    except OSError:
                        return False

                wait_until(is_listening, "it to listen")
                self.assertEqual(ask(path, frame(b"hello")), frame(b"hello"))
            finally:
                program.terminate()
            _, log = program.communicate(timeout=PATIENCE)
            return program.returncode, log.decode()

    def test_a_full_stdout(self):
        code, log = self.serve_and_stop("> /dev/full")
        self.assertEqual(code, 0)
        self.assertRegex(log, "cannot write to standard output: No space left.*listening unix:///")

    def test_a_closed_stdout(self):
        code, log = self.serve_and_stop(">&-")
        self.assertEqual(code, 0)
        self.assertRegex(log, "cannot write to standard output: Bad file descriptor.*listening unix:///")

    def test_all_closed(self):
        self.assertEqual(self.serve_and_stop("<&- >&- 2>&-"), (0, ""))

    def test_help_that_cannot_be_printed_is_an_error(self):
        for asked in ("--help", "--version", "serve --help"):
            done = run("-c", f'exec "$0" {asked} > /dev/full', FAIRLEAD, program="/bin/sh")
            self.assertEqual((done.returncode, done.stderr), (1, b"fairlead: cannot write to standard output\n"))


class Answering(unittest.TestCase):
    def expect(self, arguments, exchanges, **options):
        with Server("serve", *arguments, *ANY_PORT, **options) as server:
            for request, reply in exchanges:
                self.assertEqual(ask(server.address, request), reply)
            self.assertEqual(server.stop(), 0)

    def test_echo(self):
        self.expect(["echo"], [(frame(b"") + frame(bytes(range(256))), frame(b"") + frame(bytes(range(256))))])

    def test_echo_with_a_prefix(self):
        self.expect(["echo", "--prefix", "re: ", "--framing", "line"], [(b"one\ntwo\r\n", b"re: one\nre: two\n")])

    def test_reply(self):
        self.expect(["reply", "--text", "{message} 收到", "--framing", "raw"], [("船".encode(), "船 收到".encode())])

    def test_uppercase_in_a_turkish_locale(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ, LC_ALL="tr_TR.UTF-8")
            if shutil.which("localedef"):
                # Where the sources of locales are installed this makes the Turkish one, where not the system's is used.
                made = subprocess.run(["localedef", "-i", "tr_TR", "-f", "UTF-8", folder + "/tr_TR.UTF-8"],
                                      capture_output=True)
                if made.returncode == 0:
                    environment["LOCPATH"] = folder
            expected = bytes(byte - 32 if 97 <= byte <= 122 else byte for byte in range(256))
            self.expect(["uppercase"], [(frame(bytes(range(256))), frame(expected)),
                                        (frame("iıİ größe".encode()), frame("Iıİ GRößE".encode()))],
                        env=environment)

    def test_options_stand_before_or_behind_the_handler(self):
        for arguments in (["--framing", "line", "uppercase"], ["uppercase", "--framing", "line"]):
            self.expect(arguments, [(b"ahoy\n", b"AHOY\n")])

    def test_max_message_has_the_largest_pass_and_refuses_one_byte_more(self):
        for size, text in ((1024, "1KiB"), (1024, "1k"), (512, "512"), (512, "512B"), (512, "0.5KiB"), (65536, "64KB")):
            largest, one_more = frame(b"x" * size), frame(b"x" * (size + 1))
            self.expect(["echo", "--max-message", text], [(largest + one_more + largest, largest)])

    def test_threads(self):
        for threads in ("1", "2", "0"):
            self.expect(["echo", "--threads", threads], [(frame(b"hello") * 100, frame(b"hello") * 100)])

    def test_log_level(self):
        for level, silent in (("error", True), ("info", False)):
            with Server("serve", "echo", "--log-level", level, *ANY_PORT) as server:
                self.assertEqual(ask(server.address, b"GET / HTTP/1.1\r\n\r\n"), b"")
                self.assertEqual(server.stop(), 0)
                self.assertEqual(server.log() == "", silent, server.log())


class WrongUsage(unittest.TestCase):
    """Each ends with exit code 2 and one line on stderr that says what is right."""

    CASES = [
        ("", "choose from serve, talk"),
        ("sreve", "choose from serve, talk"),
        ("serve", "choose from echo, uppercase, reply"),
        ("serve ecco", "choose from echo, uppercase, reply"),
        ("serve echo --prefx x", "--prefx"),
        ("serve reply", "--text is required"),
        ("serve echo --framing lenght", "did you mean 'length'?"),
        ("serve echo --framing nonsense", "use length[:WIDTH[:be|le]], varint, line, delimiter:TEXT, fixed:SIZE, raw or "),
        ("serve echo --framing length:9", "length"),
        ("serve reply --text hi --framing fixed:5", "framing fixed:5 cannot carry the answer 'hi'"),
        ("serve echo --prefix > --framing fixed:5", "framing fixed:5 cannot carry the answer '>xxxxx'"),
        ("serve echo --listen 127.0.0.1:9000", "tcp://HOST:PORT"),
        ("serve echo --listen sctp://127.0.0.1:9000", "tcp://HOST:PORT"),
        ("serve echo --listen udp://127.0.0.1:0 --framing line", "does not go with UDP alone"),
        ("serve echo --listen tcp://127.0.0.1:65536", "0 to 65535"),
        ("serve echo --max-message 64XB", "such as 64KiB"),
        ("serve echo --max-message 0", "at least 1"),
        ("serve echo --max-message -1", "such as 64KiB"),
        ("serve echo --framing length:1 --max-message 1MiB", "255"),
        ("serve echo --write-high-watermark 8MiB", "lower the one or raise the other"),
        ("serve echo --max-write-buffer 1KiB", "lower the one or raise the other"),
        ("serve echo --drain-timeout soon", "such as 500ms"),
        ("serve echo --drain-timeout 10000h", "is more than 8784h, the most that can be set"),
        ("serve echo --threads many", "0 to 1024"),
        ("serve echo --listen unix://run/echo.sock", "unix:///PATH"),
        ("serve echo --unix-mode 888", "in octal"),
        ("serve echo --unix-mode 01777", "in octal"),
        ("serve echo --unix-user no-such-user-here", "the user's number"),
        ("serve echo --unix-user 4294967295", "too large"),
        ("serve echo --proxy-from 10.0.0.1/8", "write 10.0.0.0/8, or 10.0.0.1 for one address"),
        ("serve echo --proxy-from 10.0.0.0/8,proxy.example", "'proxy.example' is no range of addresses; write"),
        ("serve echo --proxy-from 10.0.0.0/33", "no prefix length from 0 to 32"),
        ("serve echo --listen udp://127.0.0.1:0 --proxy-from unix:", "name a range of IP addresses"),
        ("serve echo --listen unix://@never --proxy-from 10.0.0.0/8", "name 'unix:', all peers on Unix sockets"),
        ("serve echo --log-level loud", "debug,info,warn,error,off"),
    ]

    def test_is_explained(self):
        for arguments, advice in self.CASES:
            with self.subTest(arguments):
                done = run(*arguments.split())
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertIn(advice, done.stderr.decode())
                self.assertRegex(done.stderr.decode(), r"\Afairlead: [^\n]+ --help\n\Z")

    def test_help_and_version_are_no_errors(self):
        for arguments, part in (("--help", "serve"), ("serve --help", "--drain-timeout"), ("talk --help", "--timeout"),
                                ("serve reply --help", "--text"), ("--version", "fairlead 0.")):
            with self.subTest(arguments):
                done = run(*arguments.split())
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertIn(part, done.stdout.decode())


class FailingToStart(unittest.TestCase):
    """Exit code 1, and one line on stderr with the URL and the reason."""

    def expect(self, url, reason):
        done = run("serve", "echo", *ANY_PORT, "--listen", url)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr.decode(), r"\Afairlead: [^\n]*" + reason + r"[^\n]*\n\Z")
        self.assertIn(url + ":", done.stderr.decode())

    def test_at_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as holder:
            self.expect("tcp://127.0.0.1:%d" % holder.getsockname()[1], "already in use")

    def test_at_an_address_of_no_interface(self):
        self.expect("tcp://192.0.2.1:9000", "Cannot assign requested address")

    def test_at_a_name_without_address(self):
        self.expect("tcp://nosuchhost.invalid:9000", "(not known|[Tt]emporary failure|No address)")

    @unittest.skipIf(os.geteuid() == 0, "root may use every port")
    def test_at_a_port_that_takes_permission(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as first_free:
            if int(first_free.read()) <= 1:
                self.skipTest("every port is free for all here")
        self.expect("tcp://127.0.0.1:1", "Permission denied")


class CutOff(unittest.TestCase):
    """A peer that asks and never reads holds up a stop, which then ends with exit code 3."""

    def test_at_the_drain_deadline(self):
        with Server("serve", "echo", "--drain-timeout", "100ms", *ANY_PORT) as server, peer_that_never_reads(server):
            server.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 3)
            self.assertIn("cut off", server.log())

    def test_by_a_second_signal(self):
        with Server("serve", "echo", "--drain-timeout", "1h", *ANY_PORT) as server, peer_that_never_reads(server):
            server.send_signal(signal.SIGINT)
            with self.assertRaises(ConnectionRefusedError):  # it has stopped accepting
                while True:
                    connect(server.address).close()
            server.send_signal(signal.SIGINT)
            self.assertEqual(server.wait(), 3)
            self.assertIn("second signal", server.log())


class Stopping(unittest.TestCase):
    def test_peers_that_come_meanwhile_are_served_or_refused_and_none_is_reset(self):
        problems = []

        def keep_connecting(address):
            try:
                while True:
                    ask(address, frame(b"hello"))
            except ConnectionRefusedError:
                pass
            except OSError as problem:
                problems.append(problem)

        for _ in range(8):  # a peer must meet the moment between the last accept and the close
            with Server("serve", "echo", "--threads", "1", *ANY_PORT) as server:
                peers = [threading.Thread(target=keep_connecting, args=[server.address]) for _ in range(8)]
                for peer in peers:
                    peer.start()
                ask(server.address, frame(b"hello"))
                self.assertEqual(server.stop(), 0)
                for peer in peers:
                    peer.join(PATIENCE)
        self.assertEqual(problems, [])


class Signals(unittest.TestCase):
    def stand_still(self, server):
        server.send_signal(signal.SIGSTOP)
        wait_until(Process(server.process.pid).stopped, "the server to stand still")

    def test_that_the_parent_has_blocked_are_heard(self):
        def block():
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])

        with Server("serve", "echo", *ANY_PORT, preexec_fn=block) as server:
            self.assertEqual(statistics(server)["accepted"], 0)
            self.assertEqual(server.stop(), 0)

    def test_a_hangup_together_with_a_stop_cuts_nothing_off(self):
        with Server("serve", "echo", "--drain-timeout", "1h", *ANY_PORT) as server, connect(server.address) as peer:
            peer.sendall(frame(b"hello") + frame(b"begun")[:5])
            self.assertEqual(peer.recv(100), frame(b"hello"))
            self.stand_still(server)
            server.send_signal(signal.SIGTERM)
            server.send_signal(signal.SIGHUP)  # delivered before the other, for its number is lower
            server.send_signal(signal.SIGCONT)
            self.assertEqual(read_to_end(peer), b"")
            self.assertEqual(server.wait(), 0, server.log())
            self.assertIn("1 sessions finished, 0 cut off", server.log())

    def test_after_standing_still_no_handler_is_blamed(self):
        with Server("serve", "echo", *ANY_PORT) as server, connect(server.address) as peer:
            self.assertEqual(greet(peer), frame(b"hello"))
            self.stand_still(server)
            before = server.log()
            time.sleep(0.5)  # longer than a handler may take
            begin = time.monotonic()
            server.send_signal(signal.SIGCONT)
            self.assertEqual(greet(peer), frame(b"hello"))
            time.sleep(0.2)  # so that the watchdog looks
            if time.monotonic() - begin < 0.25:  # else the machine is busy, and a thread may have been late
                self.assertNotIn("has been blocked", server.log().removeprefix(before))

    def test_a_storm_of_questions_is_answered_by_few_reports(self):
        with Server("serve", "echo", *ANY_PORT) as server, connect(server.address) as peer:
            before = time.monotonic()
            for _ in range(2000):
                server.send_signal(signal.SIGUSR1)
                time.sleep(0.0005)
            self.assertEqual(statistics(server)["active"], 1)
            reports = server.log().count(" statistics ")
            self.assertLess(reports, 4 * (time.monotonic() - before) + 4)
            self.assertEqual(greet(peer), frame(b"hello"))


class Idle(unittest.TestCase):
    def test_a_server_without_sessions_sleeps(self):
        with Server("serve", "echo", "--threads", "2", *ANY_PORT) as server:
            with connect(server.address) as peer:
                self.assertEqual(greet(peer), frame(b"hello"))
            wait_until(lambda: statistics(server)["active"] == 0, "the session to end")
            process = Process(server.process.pid)

            def sleeps():
                before, begin = process.wakeups(), time.monotonic()
                time.sleep(1)
                wakeups, seconds = process.wakeups() - before, time.monotonic() - begin
                return wakeups <= 12 * seconds  # a sanitizer has a thread that wakes ten times

            wait_until(sleeps, "a second in which it sleeps")
            self.assertEqual(ask(server.address, frame(b"awake")), frame(b"awake"))


class Lingering(unittest.TestCase):
    def test_a_peer_that_never_ends_its_side_is_left_after_the_linger_timeout(self):
        with Server("serve", "echo", "--linger-timeout", "100ms", *ANY_PORT) as server:
            with connect(server.address) as peer:
                self.assertEqual(greet(peer), frame(b"hello"))
                server.send_signal()
                self.assertEqual(read_to_end(peer), b"")
                self.assertEqual(server.wait(), 0)


if __name__ == "__main__":
    unittest.main()
