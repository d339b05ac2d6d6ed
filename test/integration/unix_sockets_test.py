#!/usr/bin/env python3
"""`fairlead serve` and `fairlead talk` on Unix sockets, as their users meet them."""

import errno
import os
import signal
import socket
import stat
import subprocess
import tempfile
import unittest

from support.process import wait_until
from support.programs import FAIRLEAD, PATIENCE, Server, ask, connect, frame, run

STRANGER = 54321  # a user whom nobody is


def ask_as(user, address, request):
    """What a process of that user is answered, or the name of the error that it meets."""
    reading_end, writing_end = os.pipe()
    child = os.fork()
    if child == 0:
        reply = b"no reply"
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            reply = ask(address, request)
        except OSError as problem:
            reply = errno.errorcode[problem.errno].encode()
        finally:
            os.write(writing_end, reply)
            os._exit(0)
    os.close(writing_end)
    with open(reading_end, "rb") as pipe:
        reply = pipe.read()
    os.waitpid(child, 0)
    return reply


class OnUnixSockets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fairlead-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = folder.name + "/socket"
        self.url = "unix://" + self.path

    def serve(self, *arguments, **options):
        return Server("serve", "echo", "--listen", self.url, *arguments, **options)

    def kill(self, server):
        """Comes back once nobody listens."""
        self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
        wait_until(self.nobody_listens, "the listener to be gone")

    def nobody_listens(self):
        try:
            connect(self.path).close()
        except ConnectionRefusedError:
            return True
        return False

    def expect_refusal(self, *parts):
        done = run("serve", "echo", "--listen", self.url)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr.decode(), r"\Afairlead: cannot listen at [^\n]+\n\Z")
        for part in (self.url, *parts):
            self.assertIn(part, done.stderr.decode())


class Serving(OnUnixSockets):
    def test_beside_tcp(self):
        name = f"unix://@fairlead-test-{os.getpid()}"
        with self.serve("--listen", name, "--listen", "tcp://127.0.0.1:0", listeners=3) as server:
            self.assertEqual(server.urls[:2], [self.url, name])
            for url in server.urls:
                done = run("talk", url, input=b"hello\n")
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"hello\n", b""))
            self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(self.path))

    def test_the_file_has_the_mode_that_was_asked_for_whatever_the_umask(self):
        for arguments, mode in (([], 0o600), (["--unix-mode", "0660"], 0o660), (["--unix-mode", "666"], 0o666)):
            for mask in (0, 0o077, 0o777):
                with self.serve(*arguments, umask=mask):
                    self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), mode)

    def test_what_a_killed_server_has_left_is_replaced(self):
        with self.serve() as killed:
            self.kill(killed)
        self.assertTrue(os.path.exists(self.path))
        with self.serve() as server:
            self.assertEqual(ask(server.address, frame(b"again")), frame(b"again"))

    def test_a_living_server_keeps_its_socket_even_while_it_does_nothing(self):
        with self.serve() as server:
            self.expect_refusal("another server listens there", "already in use")
            server.send_signal(signal.SIGSTOP)
            try:
                self.expect_refusal("already in use")
            finally:
                server.send_signal(signal.SIGCONT)
            self.assertEqual(ask(server.address, frame(b"still here")), frame(b"still here"))

    def test_a_file_is_left_alone(self):
        with open(self.path, "w", encoding="ascii") as file:
            file.write("precious")
        self.expect_refusal("a regular file is there", "choose another path")
        with open(self.path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")

    def test_of_several_that_start_at_once_one_wins(self):
        with self.serve() as killed:
            self.kill(killed)
        starting = [subprocess.Popen([FAIRLEAD, "serve", "echo", "--listen", self.url], stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE) for _ in range(6)]
        try:
            announced = [process.stdout.readline().decode() for process in starting]
            self.assertEqual(sorted(announced), [""] * 5 + [f"listening {self.url}\n"])
            self.assertEqual(ask(self.path, frame(b"who?")), frame(b"who?"))
        finally:
            for process in starting:
                process.terminate()
                with process:
                    errors = process.stderr.read().decode()
                    if process.wait(PATIENCE) != 0:
                        self.assertIn("already in use", errors)
        self.assertFalse(os.path.exists(self.path))

    def test_a_user_who_is_not_named_is_closed_and_logged(self):
        with self.serve("--unix-user", str(STRANGER)) as server:
            with connect(server.address) as refused:
                self.assertEqual(refused.recv(1), b"")
            self.assertEqual(server.stop(), 0)
            self.assertIn(f"refused a connection from user {os.geteuid()}", server.log())

    def test_users_are_named_by_number_or_name(self):
        with self.serve("--unix-user", "root", "--unix-user", str(os.geteuid())) as server:
            self.assertEqual(ask(server.address, frame(b"me")), frame(b"me"))
        with self.serve("--unix-user", "root", "--unix-user", str(STRANGER)) as server:
            self.assertEqual(run("talk", self.url, input=b"root?\n").returncode, 0 if os.geteuid() == 0 else 1)

    @unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
    def test_other_users_are_kept_out_by_the_mode(self):
        os.chmod(self.folder, 0o755)
        with self.serve():
            self.assertEqual(ask_as(STRANGER, self.path, frame(b"x")), b"EACCES")

    @unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
    def test_users_are_told_apart(self):
        os.chmod(self.folder, 0o755)
        with self.serve("--unix-user", str(STRANGER), "--unix-mode", "0666"):
            self.assertEqual(ask_as(STRANGER, self.path, frame(b"x")), frame(b"x"))
            # Closed, before or after the request came.
            self.assertIn(ask_as(STRANGER + 1, self.path, frame(b"x")), (b"", b"ECONNRESET", b"EPIPE"))


class Talking(OnUnixSockets):
    def expect_failure(self, *parts, arguments=()):
        done = run("talk", self.url, *arguments, input=b"hello\n")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr.decode(), r"\Afairlead: [^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, done.stderr.decode())

    def full_listener(self):
        """A listener whose backlog has no more room, and the connection that fills it."""
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.settimeout(PATIENCE)
        listener.bind(self.path)
        listener.listen(0)
        waiting = connect(self.path)
        self.addCleanup(waiting.close)
        with socket.socket(socket.AF_UNIX) as one_more:
            one_more.setblocking(False)
            self.assertEqual(one_more.connect_ex(self.path), errno.EAGAIN)
        return listener

    def test_where_nothing_is(self):
        self.expect_failure(f"no such file: nothing is listening on {self.path}",
                            f"fairlead serve echo --listen {self.url}")

    def test_where_a_server_has_been(self):
        with socket.socket(socket.AF_UNIX) as gone:
            gone.bind(self.path)
        self.expect_failure(f"connection refused: nothing is listening on {self.path}")

    def test_a_full_backlog_is_waited_for(self):
        listener = self.full_listener()
        talk = subprocess.Popen([FAIRLEAD, "talk", self.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with talk:
            talk.stdin.write(b"hello\n")
            talk.stdin.close()
            listener.accept()[0].close()  # the one that filled it
            served, _ = listener.accept()
            with served:
                served.settimeout(PATIENCE)
                self.assertEqual(served.recv(100), frame(b"hello"))
                served.sendall(frame(b"there was room"))
            self.assertEqual(talk.stdout.read(), b"there was room\n")
            self.assertEqual(talk.wait(PATIENCE), 0)

    def test_a_backlog_that_stays_full_is_told(self):
        self.full_listener()
        self.expect_failure("no room in time", "is it stuck?", "--timeout 200ms", arguments=("--timeout", "200ms"))

    @unittest.skipIf(os.geteuid() == 0, "root may connect to every socket")
    def test_where_the_mode_keeps_us_out(self):
        with self.serve("--unix-mode", "0"):
            self.expect_failure(f"permission denied: the permissions of {self.path}")


if __name__ == "__main__":
    unittest.main()
