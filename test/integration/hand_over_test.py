#!/usr/bin/env python3
"""`fairlead serve --hand-over`: one process takes the listening sockets of another, and no peer notices."""

import contextlib
import fcntl
import os
import re
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time
import unittest

from support.campaign import choices, main, tell, tries
from support.files import content, serve_files, temporary_directory
from support.process import wait_until
from support.programs import FAIRLEAD, PATIENCE, DidNotStart, Server, ask, connect, frame, run
from support.successors import Crowd, quick, staying, take_sockets, uploading
from support.tls import Certificates, why_not

HAND_OVERS = int(os.environ.get("FAIRLEAD_HAND_OVERS") or tries(5, 1000))
STAYING = 500 if HAND_OVERS >= 50 else 20


def no_tls():
    """Why there can be no test of TLS, or nothing."""
    said = run("serve", "echo", "--listen", "tls://127.0.0.1:0").stderr.decode()
    return "built without TLS" if "has no TLS" in said else why_not()


class HandOver(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fairlead-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = folder.name + "/entrance"
        self.where = "unix://" + self.path

    def serve(self, *listen, arguments=("serve", "echo"), options=(), **more):
        """A server with that hand-over, which begins to listen anew or takes over."""
        urls = [part for each in listen for part in ("--listen", each)]
        server = Server(*arguments, *urls, "--hand-over", self.where, *options, listeners=max(1, len(listen)), **more)
        self.addCleanup(server.close)
        return server

    def expect_took_over(self, server, old):
        """The new one has told the old one that it is ready, which ends."""
        wait_until(lambda: f"took over from process {old.process.pid}" in server.log(), server.log)
        self.assertEqual(old.wait(), 0, old.log())
        self.assertIn(f"process {server.process.pid} has taken over", old.log())

    def entrance(self):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(peer.close)
        peer.settimeout(PATIENCE)
        peer.connect(self.path)
        return peer


class TakingOver(HandOver):
    def test_all_listeners_go_on_with_the_same_ports_and_files(self):
        unix = f"unix://{self.folder}/service"
        name = f"unix://@fairlead-test-{os.getpid()}"
        listen = ("tcp://127.0.0.1:0", "udp://127.0.0.1:0", unix, name, "tcp://[::1]:0")
        old = self.serve(*listen, options=("--threads", "2"))
        inode = os.stat(f"{self.folder}/service").st_ino
        new = self.serve(*listen, options=("--threads", "2"))
        self.assertEqual(sorted(new.urls), sorted(old.urls))
        self.expect_took_over(new, old)
        self.assertEqual(os.stat(f"{self.folder}/service").st_ino, inode)
        for url in new.urls:
            done = run("talk", url, input=b"hello\n")
            self.assertEqual((done.returncode, done.stdout), (0, b"hello\n"), (url, done.stderr))
        self.assertEqual(new.stop(), 0)
        self.assertEqual(os.listdir(self.folder), [])  # it owned the files in the end

    def test_all_sockets_of_udp_go_on_whatever_the_number_of_threads(self):
        old = self.serve("udp://127.0.0.1:0", options=("--threads", "4"))
        for threads in ("1", "8"):
            new = self.serve("udp://127.0.0.1:0", options=("--threads", threads))
            self.expect_took_over(new, old)
            for number in range(40):  # the system divides them among all sockets
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                    peer.settimeout(PATIENCE)
                    peer.sendto(b"%d" % number, new.address)
                    self.assertEqual(peer.recv(100), b"%d" % number)
            old = new

    def test_a_session_that_is_in_the_middle_ends_in_the_old_process(self):
        old = self.serve("tcp://127.0.0.1:0")
        with connect(old.address) as visitor, connect(old.address) as silent:
            visitor.sendall(frame(b"half")[:5])
            new = self.serve("tcp://127.0.0.1:0")
            wait_until(lambda: "has taken over" in old.log(), old.log)
            visitor.sendall(frame(b"half")[5:])  # within the second that sessions have
            self.assertEqual(visitor.recv(100), frame(b"half"))
            self.assertEqual(silent.recv(1), b"")
        self.expect_took_over(new, old)

    def test_peers_in_the_backlog_are_accepted_by_the_new_process(self):
        unix = f"unix://{self.folder}/service"
        listen = ("tcp://127.0.0.1:0", unix)
        old = self.serve(*listen, options=("--max-sessions", "1"))
        addresses = {url: (url.startswith("unix:") and url.removeprefix("unix://")) or old.address for url in old.urls}
        with connect(old.address) as first:
            first.sendall(frame(b"first"))
            self.assertEqual(first.recv(100), frame(b"first"))
            waiting = [connect(address) for address in addresses.values() for _ in range(3)]
            for each in waiting:
                self.addCleanup(each.close)
                each.sendall(frame(b"from the backlog"))
            new = self.serve(*listen)
            for each in waiting:
                self.assertEqual(each.recv(100), frame(b"from the backlog"))
        self.expect_took_over(new, old)

    def test_the_admin_endpoint_goes_on_at_its_port_and_file(self):
        file = f"{self.folder}/admin"
        options = ("--admin", "tcp://127.0.0.2:0", "--admin", f"unix://{file}")
        old = self.serve("tcp://127.0.0.1:0", options=options)
        inode = os.stat(file).st_ino
        new = self.serve("tcp://127.0.0.1:0", options=options)
        self.assertEqual(new.admin, old.admin)
        self.expect_took_over(new, old)
        self.assertEqual(os.stat(file).st_ino, inode)
        host, port = new.admin[0].removeprefix("tcp://").split(":")
        for address in ((host, int(port)), file):
            with connect(address) as asker:
                asker.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
                self.assertTrue(asker.recv(4096).startswith(b"HTTP/1.1 200 "))
        self.assertEqual(new.stop(), 0)
        self.assertEqual(os.listdir(self.folder), [])

    def test_listeners_that_differ(self):
        gone = f"unix://{self.folder}/gone"
        old = self.serve("tcp://127.0.0.1:0", gone)
        new = self.serve("tcp://127.0.0.1:0", f"unix://{self.folder}/added")
        self.expect_took_over(new, old)
        wait_until(lambda: "it is closed" in new.log(), new.log)
        self.assertIn(f"also listened at {gone}, where this one does not; it is closed", new.log())
        self.assertEqual(sorted(os.listdir(self.folder)), ["added", "entrance"])
        self.assertEqual(ask(f"{self.folder}/added", frame(b"x")), frame(b"x"))

    def test_the_entrance_is_for_its_user_alone(self):
        self.serve("tcp://127.0.0.1:0")
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_servers_that_root_starts_for_another_user_hand_over(self):
        os.chown(self.folder, 65534, 65534)
        listen, options = ("tcp://127.0.0.1:0", f"unix://{self.folder}/service"), ("--user", "65534")
        old = self.serve(*listen, options=options)
        self.assertEqual(os.stat(self.path).st_uid, 65534)
        new = self.serve(*listen, options=options)
        self.expect_took_over(new, old)
        self.assertEqual(ask(f"{self.folder}/service", frame(b"x")), frame(b"x"))
        self.assertEqual(new.stop(), 0)
        self.assertEqual(os.listdir(self.folder), [])

    def test_it_is_announced_to_the_service_manager_by_the_new_process(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(self.folder + "/notify")
            manager.settimeout(PATIENCE)
            environment = {**os.environ, "NOTIFY_SOCKET": self.folder + "/notify"}
            old = self.serve("tcp://127.0.0.1:0", env=environment)
            self.assertEqual(manager.recv(1000), b"READY=1\nSTATUS=serving")
            new = self.serve("tcp://127.0.0.1:0", env=environment)
            self.assertEqual(manager.recv(1000), f"READY=1\nSTATUS=serving\nMAINPID={new.process.pid}".encode())
            self.expect_took_over(new, old)
            manager.setblocking(False)
            with self.assertRaises(BlockingIOError):  # the service goes on, so it has not said STOPPING=1
                manager.recv(1000)

    @unittest.skipIf(no_tls(), no_tls())
    def test_a_session_of_tls_is_resumed_in_the_new_process(self):
        with Certificates() as certificates:
            options = certificates.server.options()
            old = self.serve("tls://127.0.0.1:0", options=options)
            context = certificates.client_context()
            session = None
            for expected in (False, True):
                with connect(old.address) as plain:
                    with context.wrap_socket(plain, server_hostname="localhost", session=session) as secure:
                        secure.sendall(frame(b"x"))
                        self.assertEqual(secure.recv(100), frame(b"x"))
                        self.assertEqual(secure.session_reused, expected)
                        session = secure.session
                if not expected:
                    new = self.serve("tls://127.0.0.1:0", options=options)
                    self.expect_took_over(new, old)


class Failing(HandOver):
    def expect_goes_on(self, old, *parts):
        wait_until(lambda: all(part in old.log() for part in ("this process goes on", *parts)), old.log)
        self.assertEqual(ask(old.address, frame(b"still here")), frame(b"still here"))

    def test_a_successor_that_dies_before_it_is_ready_changes_nothing(self):
        unix = f"unix://{self.folder}/service"
        old = self.serve("tcp://127.0.0.1:0", unix)
        for _ in range(3):
            peer, kinds = take_sockets(self.path)
            self.assertEqual(kinds, ["listener", "listener", "entrance", "end"])
            peer.close()
            self.expect_goes_on(old, "the other process ended the hand-over")
        new = self.serve("tcp://127.0.0.1:0", unix)
        self.expect_took_over(new, old)

    def test_a_successor_that_cannot_start_changes_nothing(self):
        old = self.serve("tcp://127.0.0.1:0")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            url = "tcp://127.0.0.1:%d" % taken.getsockname()[1]
            with self.assertRaises(DidNotStart) as failed:
                self.serve("tcp://127.0.0.1:0", url)
        self.assertEqual(failed.exception.code, 1)
        self.expect_goes_on(old)

    def test_garbage_changes_nothing(self):
        old = self.serve("tcp://127.0.0.1:0")
        for garbage, fault in ((b"GET / HTTP/1.1\r\n\r\n", "does not begin with"),
                               (b"fairlead hand-over 7\nask\n", "speaks version 7 of the hand-over"),
                               (b"fairlead hand-over 1\nready\n", "out of place"),
                               (b"\0" * 20_000, "too long")):
            peer = self.entrance()
            peer.send(garbage)
            answer = peer.recv(8192).decode()
            self.assertTrue(answer.startswith("fairlead hand-over 1\nrefused\nwhy "), answer)
            self.assertIn(fault, answer)
            self.expect_goes_on(old, fault)
        with socket.socket(socket.AF_UNIX) as other, self.assertRaises(OSError):
            other.connect(self.path)  # of another kind
        new = self.serve("tcp://127.0.0.1:0")
        self.expect_took_over(new, old)

    def test_a_predecessor_of_another_version_is_told_with_the_remedy(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(self.path)
            listener.listen()
            with self.subTest("in another process"):
                child = os.fork()
                if child == 0:
                    peer, _ = listener.accept()
                    peer.recv(100)
                    peer.send(b"fairlead hand-over 2\nlistener\n")
                    os._exit(0)
                done = run("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--hand-over", self.where)
                os.waitpid(child, 0)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr.decode(), r"cannot take over at unix://.*version 2.*\(a restart\)")

    @unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
    def test_another_user_gets_nothing(self):
        old = self.serve("tcp://127.0.0.1:0")
        os.chmod(self.folder, 0o755)
        os.chmod(self.path, 0o666)
        reading_end, writing_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            peer = self.entrance()
            answer, sockets, _, _ = socket.recv_fds(peer, 8192, 100)
            os.write(writing_end, f"{len(sockets)} {answer.decode()}".encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writing_end)
        with open(reading_end, encoding="ascii") as pipe:
            self.assertRegex(pipe.read(), r"\A0 fairlead hand-over 1\nrefused\nwhy user 65534 asked")
        self.expect_goes_on(old, "user 65534 asked for the sockets")

    def begin(self, *listen):
        """A new process that has the sockets and is not ready: another Fairlead seems to hold the directory of its last
        listener. Gives a function that lets it go on, and gives the server."""
        directory = tempfile.TemporaryDirectory(prefix="fairlead-")
        self.addCleanup(directory.cleanup)
        held = os.open(directory.name, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(held, fcntl.LOCK_EX)
        started = []

        def start():
            with contextlib.suppress(DidNotStart):
                started.append(self.serve(*listen, f"unix://{directory.name}/last"))
        starting = threading.Thread(target=start)
        starting.start()

        def go_on():
            os.close(held)
            starting.join(PATIENCE)
            return started[0] if started else None
        return go_on

    def test_the_new_process_goes_on_alone_if_the_old_one_is_stopped_before_it_is_ready(self):
        unix = f"unix://{self.folder}/service"
        for number in (signal.SIGTERM, signal.SIGKILL):
            old = self.serve("tcp://127.0.0.1:0", unix)
            go_on = self.begin("tcp://127.0.0.1:0", unix)
            wait_until(lambda: "handing over to process" in old.log(), old.log)
            old.stop(number)
            with connect(old.address) as waiting, connect(f"{self.folder}/service") as also:
                for each in (waiting, also):
                    each.sendall(frame(b"x"))
                new = go_on()
                for each in (waiting, also):
                    self.assertEqual(each.recv(100), frame(b"x"))
            wait_until(lambda: "ended while it handed over" in new.log(), new.log)
            self.assertEqual(new.stop(), 0)
            self.assertEqual(os.listdir(self.folder), [])

    def test_the_old_process_goes_on_if_the_new_one_is_stopped_before_it_is_ready(self):
        unix = f"unix://{self.folder}/service"
        old = self.serve("tcp://127.0.0.1:0", unix)
        for number in (signal.SIGTERM, signal.SIGKILL):
            go_on = self.begin("tcp://127.0.0.1:0", unix)
            found = wait_until(lambda: re.findall(r"handing over to process (\d+)", old.log())[-1:], old.log)
            os.kill(int(found[0]), number)
            self.assertIsNone(go_on())
            self.expect_goes_on(old)
            self.assertEqual(ask(f"{self.folder}/service", frame(b"x")), frame(b"x"))
            old = self.replace(old, unix)

    def test_a_signal_at_any_moment_leaves_one_process_that_serves_or_none(self):
        chance = choices("signals")
        service = f"{self.folder}/service"
        command = [FAIRLEAD, "serve", "echo", "--listen", f"unix://{service}", "--hand-over", self.where]

        def start():
            log = self.enterContext(tempfile.TemporaryFile())
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            return process

        def serves(process):
            with contextlib.suppress(OSError):
                return ask(service, frame(b"x")) == frame(b"x")
            return process.poll() is not None

        counts = {"old": 0, "new": 0, "neither": 0}
        old = start()
        wait_until(lambda: serves(old), "the first one to serve")
        for _ in range(tries(8, 300)):
            new = start()
            time.sleep(chance.uniform(0, 0.06))
            victim, other = chance.choice(((old, new), (new, old)))
            victim.terminate()
            self.assertIn(victim.wait(PATIENCE), (0, -signal.SIGTERM))
            wait_until(lambda process=other: serves(process), "the other one to serve or to end")
            alive = other.poll() is None
            counts["neither" if not alive else "old" if other is old else "new"] += 1
            old = other if alive else start()
            wait_until(lambda process=old: serves(process), "one to serve")
            self.assertIsNone(old.poll())
        tell(f"served after a SIGTERM: {counts}")

    def replace(self, old, unix):
        new = self.serve("tcp://127.0.0.1:0", unix)
        self.expect_took_over(new, old)
        return new


class UnderLoad(HandOver):
    def hand_over_again_and_again(self, server, start, count):
        """From one process to the next, so many times; gives the last one. Those before may still drain meanwhile."""
        leaving = []
        for _ in range(count):
            following = start()
            wait_until(lambda old=server, new=following: f"took over from process {old.process.pid}" in new.log(),
                       following.log)
            leaving.append(server)
            server = following
            while len(leaving) > 3:
                self.expect_ended(leaving.pop(0))
        for each in leaving:
            self.expect_ended(each)
        return server

    def expect_ended(self, server):
        self.assertEqual(server.wait(), 0, server.log())
        server.close()

    def test_no_connection_fails_and_no_reply_is_lost(self):
        def start():
            return self.serve("tcp://127.0.0.1:0")
        first = start()
        crowd, guests = Crowd(quick, first.address, 8), Crowd(staying(STAYING), first.address, 1)
        self.addCleanup(crowd.kill)
        self.addCleanup(guests.kill)
        began = time.monotonic()
        self.hand_over_again_and_again(first, start, HAND_OVERS)
        took = time.monotonic() - began
        results, (stayed,) = crowd.end(), guests.end()
        done = sum(count for count, _ in results)
        failures = [each for _, failed in results for each in failed]
        tell(f"{HAND_OVERS} hand-overs in {took:.1f} s: {done} connections ({done / took:.0f} a second), "
             f"{len(failures)} failed; {STAYING} that stay: {stayed}")
        self.assertEqual((failures, stayed["failures"]), ([], []))
        self.assertGreater(done, HAND_OVERS)
        self.assertGreater(stayed["connected"], STAYING)

    def test_no_acknowledged_file_is_lost(self):
        with temporary_directory() as directory:
            def start():
                server = Server(*serve_files(directory), "--hand-over", self.where, "--log-level", "info")
                self.addCleanup(server.close)
                return server
            first = start()
            crowd = Crowd(uploading, first.address, 3)
            self.addCleanup(crowd.kill)
            wait_until(lambda: any(name.split("-")[2] != "0" for name in content(directory)), "an acknowledged file")
            last = self.hand_over_again_and_again(first, start, tries(3, 200))
            results = crowd.end()
            self.assertEqual(last.stop(), 0)
            stored = {name: data for acknowledged, _, _ in results for name, data in acknowledged.items()}
            there = content(directory)
            lost = [name for name, data in stored.items() if there.get(name) != data]
            tell(f"{len(stored)} files acknowledged, {len(lost)} lost, {sum(again for _, again, _ in results)} sent again")
            self.assertEqual((lost, [each for _, _, failed in results for each in failed]), ([], []))
            self.assertGreater(len(stored), 0)


if __name__ == "__main__":
    main()
