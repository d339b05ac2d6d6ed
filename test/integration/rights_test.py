#!/usr/bin/env python3
"""The rights that `fairlead serve` gives up: new privileges, those of root, and those to files elsewhere."""

import contextlib
import ctypes
import os
import pwd
import re
import socket
import tempfile
import unittest

from support.campaign import SANITIZED
from support.files import FileServer, content, leave_part, serve_files, temporary_directory, upload
from support.injection import InjectedServer, why_not
from support.programs import Server, ask, frame, run

HELLO = frame(b"hello")
ANY_PORT = ("--listen", "tcp://127.0.0.1:0")
DATA = os.urandom(300_000)
CREATE_RULESET, VERSION = 444, 1  # landlock_create_ruleset(2)


def statuses(pid):
    """The fields of /proc/PID/status, of each thread."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
            yield {key: value.split() for key, value in (line.split(":", 1) for line in file)}


def receive_all_kinds(test, server, directory):
    """A new file, one that is gone on with, one that replaces another, and the first again."""
    test.assertEqual(upload(server, "new", DATA)["type"], "stored", server.log())
    leave_part(server, "long", DATA, 100_000, resume="long")
    test.assertEqual(upload(server, "long", DATA, resume="long")["type"], "stored", server.log())
    test.assertEqual(upload(server, "new", DATA[1:])["type"], "stored", server.log())
    test.assertEqual(content(directory), {"new": DATA[1:], "long": DATA})


class NewPrivileges(unittest.TestCase):
    @unittest.skipIf(SANITIZED == "thread", "ThreadSanitizer starts a thread of its own before")
    def test_no_thread_can_get_any(self):
        with Server("serve", "echo", *ANY_PORT) as server:
            self.assertEqual(ask(server.address, HELLO), HELLO)
            self.assertEqual({status["NoNewPrivs"][0] for status in statuses(server.process.pid)}, {"1"})


@unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
class AnotherUser(unittest.TestCase):
    USER = pwd.getpwnam("nobody")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fairlead-")
        self.addCleanup(folder.cleanup)
        self.directory = folder.name

    def give_directory(self):
        os.chown(self.directory, self.USER.pw_uid, self.USER.pw_gid)

    def expect_refusal(self, *arguments, says):
        done = run(*arguments, "--user", "nobody")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr.decode(), rf"\Afairlead: {says}: .*Permission denied.*; user nobody "
                                               r"\(--user\) needs these rights; use chown or chmod\n\Z")

    def test_all_threads_are_that_user(self):
        with Server("serve", "echo", "--user", "nobody", *ANY_PORT) as server:
            self.assertEqual(ask(server.address, HELLO), HELLO)
            for status in statuses(server.process.pid):
                self.assertEqual(status["Uid"], [str(self.USER.pw_uid)] * 4)
                self.assertEqual(status["Gid"], [str(self.USER.pw_gid)] * 4)
                self.assertNotIn("0", status["Groups"])
                self.assertEqual(int(status["CapEff"][0], 16) | int(status["CapPrm"][0], 16), 0)
            self.assertEqual(server.stop(), 0)

    def test_the_group_can_be_another(self):
        with Server("serve", "echo", "--user", "nobody:daemon", *ANY_PORT) as server:
            self.assertEqual({status["Gid"][1] for status in statuses(server.process.pid)}, {"1"})

    def test_ports_of_root_are_listened_at(self):
        with socket.socket() as free:
            for port in range(600, 700):
                with contextlib.suppress(OSError):  # it is taken
                    free.bind(("127.0.0.1", port))
                    break
        with Server("serve", "echo", "--user", "nobody", "--listen", f"tcp://127.0.0.1:{port}") as server:
            self.assertEqual(ask(server.address, HELLO), HELLO)

    def test_files_are_received_and_owned_by_that_user(self):
        self.give_directory()
        with FileServer(self.directory, "--existing", "replace", "--user", "nobody") as server:
            receive_all_kinds(self, server, self.directory)
        for name in ("new", "long", ".incoming"):
            self.assertEqual(os.stat(os.path.join(self.directory, name)).st_uid, self.USER.pw_uid)

    def test_a_directory_that_the_user_may_not_write_to_is_refused_at_the_start(self):
        self.expect_refusal(*serve_files(self.directory), says=f"cannot receive files in {self.directory}")
        self.assertEqual(os.listdir(self.directory), [])

    def test_the_file_of_a_unix_socket_is_the_users_and_is_removed(self):
        self.give_directory()
        path = self.directory + "/socket"
        with Server("serve", "echo", "--user", "nobody", "--listen", "unix://" + path) as server:
            self.assertEqual(os.stat(path).st_uid, self.USER.pw_uid)
            self.assertEqual(ask(server.address, HELLO), HELLO)
            self.assertEqual(server.stop(), 0)
        self.assertEqual(os.listdir(self.directory), [])

    def test_the_admin_endpoint_is_the_users_too(self):
        self.give_directory()
        path = self.directory + "/admin"
        with Server("serve", "echo", "--user", "nobody", *ANY_PORT, "--admin", "unix://" + path) as server:
            self.assertEqual(os.stat(path).st_uid, self.USER.pw_uid)
            for status in statuses(server.process.pid):
                self.assertEqual(status["Uid"], [str(self.USER.pw_uid)] * 4)
            self.assertTrue(ask(path, b"GET /readyz HTTP/1.0\r\n\r\n").endswith(b"ready\n"))
            self.assertEqual(server.stop(), 0)
        self.assertEqual(os.listdir(self.directory), [])

    def test_a_unix_socket_where_the_user_may_not_write_is_refused_at_the_start(self):
        url = f"unix://{self.directory}/socket"
        self.expect_refusal("serve", "echo", "--listen", url, says=f"cannot listen at {url}")

    def test_a_start_that_fails_for_another_reason_says_nothing_of_rights(self):
        self.give_directory()
        url = f"unix://{self.directory}/socket"
        with Server("serve", "echo", "--user", "nobody", "--listen", url):
            done = run("serve", "echo", "--user", "nobody", "--listen", url)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr.decode(), r"another server listens there: Address already in use[^;]*\n\Z")

    def test_an_unknown_user_and_root_are_wrong_usage(self):
        for name, says in (("no-such-user", "there is no user 'no-such-user' here"), ("root", "'root' is root")):
            done = run("serve", "echo", "--user", name)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(f"--user: {says}".encode(), done.stderr)


class Files(unittest.TestCase):
    """By Landlock, where the kernel has it; what it allows is tried in test/unit/command/confinement_test.cpp."""

    def setUp(self):
        if problem := why_not():
            self.skipTest(problem)

    def test_access_is_confined_before_there_are_other_threads(self):
        version = ctypes.CDLL(None).syscall(CREATE_RULESET, None, 0, VERSION)
        if version < 2:
            self.skipTest(f"this kernel has no Landlock of version 2 or newer ({version})")
        with temporary_directory() as directory:
            with InjectedServer("landlock_restrict_self,clone,clone3", None, None, *serve_files(directory),
                                "--existing", "replace") as server:
                receive_all_kinds(self, server, directory)
                self.assertEqual(server.stop(), 0)
                calls = server.calls()
        if SANITIZED != "thread":  # which has begun one of its own
            self.assertRegex(calls[0], r"landlock_restrict_self\(.*= 0$")
        self.assertGreater(len(calls), 1, "no thread was seen to start")

    def test_a_kernel_that_cannot_confine_is_told_of_to_those_who_debug(self):
        for call, why in (("landlock_create_ruleset", "this kernel has no Landlock"),
                          ("landlock_restrict_self", "Landlock does not take the rules")):
            for level, lines in (("debug", 1), ("info", 0)):
                with InjectedServer(call, "EOPNOTSUPP", "1+", "serve", "echo", "--log-level", level,
                                    *ANY_PORT) as server:
                    self.assertEqual(ask(server.address, HELLO), HELLO)
                    self.assertEqual(server.stop(), 0)
                    said = re.findall(rf"debug access to files is not confined: {why} \(Operation not supported\)$",
                                      server.log(), re.MULTILINE)
                    self.assertEqual(len(said), lines, server.log())


if __name__ == "__main__":
    unittest.main()
