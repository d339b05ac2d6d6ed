"""How the engine is chosen: what was asked for where it is to be had, else epoll with one line in the log."""

import unittest

from support.injection import InjectedServer, why_not
from support.programs import Server, connect, run

LISTEN = ("--listen", "tcp://127.0.0.1:0")
FALLS_BACK = "io_uring is not to be had here, epoll is used instead"
HELLO = b"\0\0\0\5hello"


class Engines(unittest.TestCase):
    def echoes(self, server):
        answer = b""
        with connect(server.address) as connection:
            connection.sendall(HELLO)
            while len(answer) < len(HELLO):
                answer += connection.recv(100)
        self.assertEqual(answer, HELLO)

    def test_each_serves(self):
        for engine in ("auto", "epoll", "io_uring"):
            with self.subTest(engine), Server("serve", "echo", "--engine", engine, *LISTEN) as server:
                self.echoes(server)

    @unittest.skipIf(why_not(), why_not())
    def test_where_the_system_refuses_io_uring_epoll_serves_and_one_line_says_so(self):
        for error in ("ENOSYS", "EPERM", "EACCES", "EINVAL", "ENOMEM"):
            with self.subTest(error), InjectedServer("io_uring_setup", error, "1+", "serve", "echo", "--threads", "2",
                                                     "--engine", "io_uring", *LISTEN) as server:
                self.echoes(server)
                self.assertEqual(server.log().count(FALLS_BACK), 1, server.log())

    def test_nothing_is_said_where_none_was_asked_for(self):
        with Server("serve", "echo", "--engine", "auto", *LISTEN) as server:
            self.echoes(server)
            self.assertNotIn("io_uring", server.log())

    def test_one_that_does_not_exist_is_refused(self):
        refused = run("serve", "echo", "--engine", "kqueue")
        self.assertEqual(refused.returncode, 2)
        self.assertIn(b"--engine", refused.stderr)


if __name__ == "__main__":
    unittest.main()
