#!/usr/bin/env python3
"""`fairlead serve` under a service manager: what it tells it of its states, and the sockets that it is passed."""

import fcntl
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from support.process import Process, wait_until
from support.programs import FAIRLEAD, PATIENCE, Server, ask, connect, frame, held_port, run


class Manager:
    """A service manager that is to be notified: at a path, or at an abstract name."""

    def __init__(self, address):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self.variable = address.replace("\0", "@", 1)
        self._received = queue.Queue()
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self):
        while message := self._socket.recv(4096):
            self._received.put(dict(line.split("=", 1) for line in message.decode().split("\n")))

    def next(self, timeout=PATIENCE):
        """The next notification, as a dictionary of its lines."""
        return self._received.get(timeout=timeout)

    def next_with(self, key):
        while key not in (found := self.next()):
            pass
        return found

    def clear(self):
        """Forgets what has come."""
        while not self._received.empty():
            self._received.get_nowait()

    def empty(self):
        return self._received.empty()

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._socket.close()


class Managed(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fairlead-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def manager(self, address=None):
        manager = Manager(address or self.folder + "/notify")
        self.addCleanup(manager.close)
        return manager


class Notified(Managed):
    def serve(self, manager, *arguments, **variables):
        return Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", *arguments,
                      env={**os.environ, "NOTIFY_SOCKET": manager.variable, **variables})

    def test_it_says_that_it_is_ready_and_that_it_stops(self):
        for address in (self.folder + "/notify", f"\0fairlead-test-{os.getpid()}"):
            manager = self.manager(address)
            with self.serve(manager) as server:
                ready = manager.next()
                self.assertEqual((ready["READY"], ready["STATUS"]), ("1", "serving"))
                self.assertEqual(ask(server.address, frame(b"x")), frame(b"x"))
                with connect(server.address) as open_session:
                    open_session.sendall(frame(b"x"))
                    open_session.recv(100)
                    server.send_signal()
                    stopping = manager.next()
                self.assertEqual(server.wait(), 0)
            self.assertEqual((stopping["STOPPING"], stopping["STATUS"]), ("1", "stopping: 1 sessions to finish"))

    def test_a_manager_that_is_gone_changes_nothing(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0",
                    env={**os.environ, "NOTIFY_SOCKET": self.folder + "/nobody", "WATCHDOG_USEC": "20000"}) as server:
            self.assertEqual(ask(server.address, frame(b"x")), frame(b"x"))
            self.assertEqual(server.stop(), 0)

    def test_a_socket_of_another_kind_is_told(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0",
                    env={**os.environ, "NOTIFY_SOCKET": "vsock:2:1234"}) as server:
            self.assertEqual(server.stop(), 0)
            self.assertIn("NOTIFY_SOCKET is 'vsock:2:1234'", server.log())

    def test_it_shows_that_it_is_alive_in_half_of_the_time(self):
        manager = self.manager()
        began = time.monotonic()  # before the first, which may wait to be read
        with self.serve(manager, WATCHDOG_USEC="400000"):
            for _ in range(4):
                manager.next_with("WATCHDOG")
            self.assertGreaterEqual(time.monotonic() - began, 4 * 0.2 - 0.1)

    def test_a_watchdog_of_another_process_is_left_alone(self):
        manager = self.manager()
        with self.serve(manager, WATCHDOG_USEC="20000", WATCHDOG_PID="1"):
            manager.next_with("READY")
            time.sleep(0.1)
            self.assertTrue(manager.empty())


LAUNCHER = """
import fcntl, os, sys
sockets, names, pid, program = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
os.environ.update(LISTEN_PID=pid or str(os.getpid()), LISTEN_FDS=str(sockets))
if names:
    os.environ["LISTEN_FDNAMES"] = names
os.execv(program[0], program)
"""


class Passed(Managed):
    """A parent that opens the sockets, as a service manager does: the launcher has them as descriptors 3, 4 and so on."""

    def listener(self, family=socket.AF_INET, address=("127.0.0.1", 0), kind=socket.SOCK_STREAM, listens=True):
        made = socket.socket(family, kind)
        self.addCleanup(made.close)
        made.bind(address)
        if kind == socket.SOCK_STREAM and listens:
            made.listen()
        return made

    @staticmethod
    def url_of(listener):
        scheme = "tcp" if listener.type == socket.SOCK_STREAM else "udp"
        return scheme + "://%s:%d" % listener.getsockname()

    def options(self, sockets, pid="", names="", count=None):
        """What starts a program with these sockets: arguments in front of it, and options of Popen."""

        def move():  # to 3 and on, whatever is there
            copies = [fcntl.fcntl(each.fileno(), fcntl.F_DUPFD, 100) for each in sockets]
            for number, each in enumerate(copies, 3):
                os.dup2(each, number, inheritable=True)
                os.close(each)
        count = len(sockets) if count is None else count
        return ("-c", LAUNCHER, str(count), names, pid, FAIRLEAD), {
            "program": sys.executable, "preexec_fn": move, "close_fds": False}

    def serve(self, sockets, *arguments, listeners=1, **how):
        front, options = self.options(sockets, **how)
        server = Server(*front, "serve", "echo", *arguments, listeners=listeners, **options)
        self.addCleanup(server.close)
        return server

    def refusal(self, sockets, *arguments, **how):
        front, options = self.options(sockets, **how)
        done = run(*front, "serve", "echo", *arguments, **options)
        self.assertEqual((done.returncode, done.stdout), (1, b""), done.stderr)
        return done.stderr.decode()

    def test_are_listened_with(self):
        tcp, udp = self.listener(), self.listener(kind=socket.SOCK_DGRAM)
        path = self.folder + "/service"
        unix = self.listener(socket.AF_UNIX, path)
        urls = [self.url_of(tcp), self.url_of(udp), "unix://" + path]
        adopted = [part for url in urls for part in ("--adopt", "web=" + url)]
        with self.serve([tcp, udp, unix], *adopted, listeners=3, names="web:web:web") as server:
            self.assertEqual(sorted(server.urls), sorted(urls))
            for url in urls:
                done = run("talk", url, input=b"hello\n")
                self.assertEqual((done.returncode, done.stdout), (0, b"hello\n"), done.stderr)
            self.assertEqual(server.stop(), 0)
        self.assertTrue(os.path.exists(path))  # the manager's
        with connect(path), connect(tcp.getsockname()):
            pass  # the next process accepts them

    def test_peers_wait_from_one_process_to_the_next(self):
        listener = self.listener()
        for _ in range(3):
            with connect(listener.getsockname()) as early:
                early.sendall(frame(b"early"))
                with self.serve([listener], "--adopt", f"web={self.url_of(listener)}", names="web") as server:
                    self.assertEqual(early.recv(100), frame(b"early"))
                    early.close()
                    self.assertEqual(server.stop(), 0)

    def test_without_names_are_called_unknown(self):
        listener = self.listener()
        with self.serve([listener], "--adopt", f"unknown={self.url_of(listener)}") as server:
            self.assertEqual(ask(server.address, frame(b"x")), frame(b"x"))

    def test_stay_after_a_reload(self):
        listener = self.listener()
        front, options = self.options([listener], names="web")
        with Server(*front, "serve", "echo", "--adopt", f"web={self.url_of(listener)}", start_new_session=True,
                    **options) as server:
            server.send_signal(signal.SIGHUP)
            wait_until(lambda: "reloaded: " in server.log(), server.log)
            self.assertIn("reloaded: no value changed", server.log())
            self.assertEqual(ask(server.address, frame(b"x")), frame(b"x"))

    def test_are_not_passed_on(self):
        listener = self.listener()
        with self.serve([listener], "--adopt", f"web={self.url_of(listener)}", names="web") as server:
            self.assertTrue(Process(server.process.pid).descriptors()[3].startswith("socket:"))
            self.assertTrue(Process(server.process.pid).descriptor_flags(3) & os.O_CLOEXEC)

    def test_those_of_another_process_are_left_alone(self):
        listener = self.listener()
        with self.serve([listener], "--listen", "tcp://127.0.0.1:0", names="web", pid="1") as server:
            self.assertNotEqual(server.url, self.url_of(listener))

    def test_what_does_not_fit_is_an_error_that_says_so(self):
        tcp, udp, deaf = self.listener(), self.listener(kind=socket.SOCK_DGRAM), self.listener(listens=False)
        url = self.url_of(tcp)
        for sockets, arguments, names, part in (
                ([udp], ["--adopt", "web=" + url], "web", "use ListenStream="),
                ([tcp], ["--adopt", "web=tcp://127.0.0.1:1"], "web", "another address than that of the URL"),
                ([tcp], ["--adopt", "web=unix:///run/x"], "web", "of another family than the URL"),
                ([deaf], ["--adopt", "web=" + self.url_of(deaf)], "web", "does not listen"),
                ([tcp], [], "web", "there is no --adopt for the passed socket 'web' (descriptor 3, a stream socket of IPv4"),
                ([tcp, udp], ["--adopt", "web=" + url], "web:more", "there is no --adopt for the passed socket 'more'"),
                ([tcp], ["--adopt", "web=" + url, "--adopt", "more=tcp://127.0.0.1:1"], "web",
                 "no passed socket is called 'more'"),
                ([], ["--adopt", "web=" + url], "", "there is no socket to adopt")):
            with self.subTest(part):
                said = self.refusal(sockets, *arguments, names=names)
                self.assertRegex(said, r"\Afairlead: [^\n]+\n\Z")
                self.assertIn(part, said)

    def test_variables_that_contradict_each_other_are_told(self):
        listener = self.listener()
        front, options = self.options([listener], names="a:b")
        done = run(*front, "serve", "echo", **options)
        self.assertEqual(done.returncode, 2)
        self.assertIn("LISTEN_FDNAMES has 2 names and LISTEN_FDS says 1", done.stderr.decode())

    def test_are_handed_over_like_others_and_stay_the_managers(self):
        path = self.folder + "/service"
        unix = self.listener(socket.AF_UNIX, path)
        entrance = f"unix://{self.folder}/entrance"
        old = self.serve([unix], "--adopt", f"web=unix://{path}", "--hand-over", entrance, names="web")
        new = Server("serve", "echo", "--listen", f"unix://{path}", "--hand-over", entrance)
        with new:
            self.assertEqual(old.wait(), 0)
            self.assertEqual(ask(path, frame(b"x")), frame(b"x"))
            self.assertEqual(new.stop(), 0)
        self.assertEqual(os.listdir(self.folder), ["service"])

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "systemd-socket-activate is not installed (package systemd)")
    def test_by_systemd_itself(self):
        port = held_port(self)
        manager = subprocess.Popen(
            ["systemd-socket-activate", "-l", f"127.0.0.1:{port}", "--fdname=web", FAIRLEAD, "serve", "echo", "--adopt",
             f"web=tcp://127.0.0.1:{port}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with manager:
            try:
                wait_until(lambda: self.listens(port), "systemd-socket-activate to listen")
                self.assertEqual(ask(("127.0.0.1", port), frame(b"x")), frame(b"x"))
                self.assertEqual(manager.stdout.readline().decode(), f"listening tcp://127.0.0.1:{port}\n")
            finally:
                manager.terminate()
            self.assertEqual(manager.wait(PATIENCE), 0)

    @staticmethod
    def listens(port):
        with open("/proc/net/tcp", encoding="ascii") as table:
            return f"0100007F:{port:04X} 00000000:0000 0A" in table.read()

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed (package systemd)")
    def test_the_units_are_valid(self):
        units = pathlib.Path(__file__).parents[2] / "apps/fairlead/systemd"
        for each in units.iterdir():
            text = each.read_text(encoding="utf-8").replace("/usr/bin/fairlead", FAIRLEAD)
            pathlib.Path(self.folder, each.name).write_text(text, encoding="utf-8")
        done = run("verify", *(f"{self.folder}/{each.name}" for each in units.iterdir()), program="systemd-analyze")
        self.assertEqual((done.returncode, done.stderr), (0, b""))


if __name__ == "__main__":
    unittest.main()
