#!/usr/bin/env python3
"""System calls that fail: one connection may suffer, the server serves on and ends well."""

import contextlib
import re
import signal
import socket
import time
import unittest

from support.campaign import SANITIZED, choices, main, tell, tries
from support.injection import InjectedServer, why_not
from support.ledger import expect_balance
from support.process import Process, wait_until
from support.programs import PATIENCE, DidNotStart, ask, connect, frame, reset

ANY_PORT = ("--listen", "tcp://127.0.0.1:0")
DEADLINES = [argument for what in ("first-message", "message", "idle", "write") for argument in (f"--{what}-timeout", "1s")]
SERVE = ("serve", "echo", "--threads", "1", "--drain-timeout", "300ms", "--linger-timeout", "200ms", *ANY_PORT)

# What accept(2) asks to try again after, for it is the failure of the connection that was to be accepted.
OF_THE_CONNECTION = ("ECONNABORTED", "EINTR", "EPERM", "EPROTO", "ENETDOWN", "ENOPROTOOPT", "EHOSTDOWN", "ENONET",
                     "EHOSTUNREACH", "ENETUNREACH")
OF_THE_SYSTEM = ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM")

# What the manual has each call say for reasons other than a mistake of the caller. Where the kernel says EAGAIN it also
# announces the end of that; behind an injected one the session waits for its deadline.
DOCUMENTED = {
    "accept4": OF_THE_CONNECTION + OF_THE_SYSTEM,
    "recvfrom": ("EAGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "EINTR", "ENOMEM", "ENOTCONN", "ETIMEDOUT"),
    "sendto": ("EAGAIN", "ECONNRESET", "EHOSTUNREACH", "EINTR", "ENOBUFS", "ENOMEM", "EPIPE", "ETIMEDOUT"),
    "sendmsg": ("EAGAIN", "ECONNRESET", "EHOSTUNREACH", "EINTR", "ENOBUFS", "ENOMEM", "EPIPE", "ETIMEDOUT"),
    "writev": ("EAGAIN", "ECONNRESET", "EHOSTUNREACH", "EINTR", "ENOBUFS", "ENOMEM", "EPIPE", "ETIMEDOUT"),
    "epoll_wait": ("EINTR",),
    "epoll_pwait": ("EINTR",),
    "epoll_ctl": ("ENOMEM", "ENOSPC"),
    "timerfd_settime": ("EINVAL",),
    "getsockopt": ("ENOBUFS",),
    "getsockname": ("ENOBUFS",),
    "setsockopt": ("ENOMEM", "ENOBUFS"),
    "shutdown": ("ENOTCONN", "ENOBUFS"),
    "close": ("EINTR", "EIO"),
    "write": ("EAGAIN", "EINTR", "EIO", "ENOSPC", "EPIPE"),
    "socket": ("EACCES", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"),
    "bind": ("EACCES", "EADDRINUSE"),
    "listen": ("EADDRINUSE",),
    "epoll_create1": ("EMFILE", "ENFILE", "ENOMEM"),
    "eventfd2": ("EMFILE", "ENFILE", "ENOMEM"),
    "timerfd_create": ("EMFILE", "ENFILE", "ENOMEM"),
    "pipe2": ("EMFILE", "ENFILE"),
    "fcntl": ("EMFILE",),
}
# UndefinedBehaviorSanitizer writes to a pipe to see whether memory can be read, and expects EFAULT or success.
SANITIZERS_OWN = "CHECK failed: sanitizer_posix_libcdep.cpp"

if SANITIZED:
    del DOCUMENTED["pipe2"]  # UndefinedBehaviorSanitizer itself looks by a pipe whether memory can be read

# What the kernel does not fail for any reason of its own: Asio wakes threads by a MOD and passes signals on by a pipe. Nor
# is the announcement of the listeners made to fail, which these tests need.
IMPOSSIBLE = re.compile(r"EPOLL_CTL_(DEL|MOD)|fcntl\(\d+, F_(SETFL|SETFD|GETFL|GETFD)|write\((?!2,)")


def setUpModule():
    if reason := why_not():
        raise unittest.SkipTest(f"nothing can be injected here: {reason}")


class AcceptFails(unittest.TestCase):
    """Whoever waits behind the failure is served, without another connection to call for it."""

    PEERS = 5

    def expect_all_served(self, error, when):
        with InjectedServer("accept4", error, when, *SERVE) as server:
            server.send_signal(signal.SIGSTOP)
            wait_until(Process(server.process.pid).stopped, "the server to stand still")
            with contextlib.ExitStack() as open_ones:
                peers = [open_ones.enter_context(connect(server.address)) for _ in range(self.PEERS)]
                for each in peers:
                    each.sendall(frame(b"hello"))
                server.send_signal(signal.SIGCONT)
                for each in peers:
                    self.assertEqual(each.recv(100), frame(b"hello"))
            expect_balance(self, server, accepted=self.PEERS)
            self.assertEqual(server.stop(), 0, server.log())
            self.assertGreater(len(server.injected()), 0)
            return server.log().count("accept failed")

    def test_for_one_connection(self):
        for error in OF_THE_CONNECTION:
            for when in ("1", "3", "1..3"):
                with self.subTest(error=error, when=when):
                    self.expect_all_served(error, when)
        tell(f"{len(OF_THE_CONNECTION)} errors at 3 places before and between {self.PEERS} peers")

    def test_for_a_connection_that_does_not_support_it(self):
        self.expect_all_served("EOPNOTSUPP", "2")  # accept(2) has it among those to try again after

    def test_for_want_of_descriptors_or_memory(self):
        for error in OF_THE_SYSTEM:
            for when in ("1", "3", "1..5"):
                with self.subTest(error=error, when=when):
                    self.assertGreater(self.expect_all_served(error, when), 0, "and it is logged")
        tell(f"{len(OF_THE_SYSTEM)} errors at 3 places before and between {self.PEERS} peers")


class AcceptFailsForEver(unittest.TestCase):
    """An error that stays, as a security module may give it, neither holds up a stop nor takes a whole core."""

    def expect_a_stop(self, error):
        with InjectedServer("accept4", error, "3+", *SERVE) as server:
            with connect(server.address) as friend, connect(server.address):
                begin, used = time.monotonic(), Process(server.process.pid).cpu_time()
                for _ in range(50):
                    friend.sendall(frame(b"hello"))
                    self.assertEqual(friend.recv(100), frame(b"hello"))
                    time.sleep(0.02)
                share = (Process(server.process.pid).cpu_time() - used) / (time.monotonic() - begin)
                tell(f"accept4 fails for ever with {error}: {share:.0%} of a core, under strace")
                lines = server.log().count("accept failed")
                self.assertLess(lines, 40 + 12 * (time.monotonic() - begin), server.log())  # ten a second, and a burst
                server.send_signal()
                try:
                    self.assertIn(server.process.wait(PATIENCE), (0, 3))
                finally:
                    server.process.kill()
                # Each pause doubles up to 80 ms: a second of them makes a dozen, a spin thousands.
                self.assertLess(len(server.injected()), 200 + 13 * (time.monotonic() - begin))

    def test_for_want_of_descriptors(self):
        self.expect_a_stop("ENFILE")

    def test_for_want_of_permission(self):
        self.expect_a_stop("EPERM")


class AnyCallFails(unittest.TestCase):
    """Whichever call fails, a new peer is served, nothing is left open, and the end is clean."""

    def use(self, address):
        """Peers of every kind; each may be the one that suffers."""
        for behave in (self.ask_thrice, self.ask_for_much, self.break_framing, self.go_away, self.half_close):
            try:
                with connect(address) as peer:
                    peer.settimeout(1)
                    behave(peer)
            except OSError:
                pass

    def ask_thrice(self, peer):
        for _ in range(3):
            peer.sendall(frame(b"hello"))
            peer.recv(100)

    def ask_for_much(self, peer):
        peer.sendall(frame(b"x" * 200_000))
        received = 0
        while received < 200_000 and (data := peer.recv(65536)):
            received += len(data)

    def break_framing(self, peer):
        peer.sendall(b"\xff" * 100)
        peer.recv(1)

    def go_away(self, peer):
        peer.sendall(frame(b"hello"))
        reset(peer)

    def half_close(self, peer):
        peer.sendall(frame(b"hello"))
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(100):
            pass

    def served(self, address):
        try:
            with connect(address) as peer:
                peer.settimeout(2)
                peer.sendall(frame(b"new"))
                return peer.recv(100) == frame(b"new")
        except OSError:
            return False

    def calls(self):
        """Every call the server makes in such use, behind the work of the loader: its line, its name, which of these."""
        with InjectedServer(",".join(f"?{call}" for call in DOCUMENTED), None, None, *SERVE, *DEADLINES) as server:
            self.use(server.address)
            wait_until(lambda: self.served(server.address), server.log)
            server.stop()
            calls, seen = [], {}
            for line in server.calls():
                if name := re.match(r"\d+ +(\w+)\(", line):
                    seen[name[1]] = seen.get(name[1], 0) + 1
                    calls.append((line, name[1], seen[name[1]]))
        begin = next(index for index, call in enumerate(calls) if call[1] == "epoll_create1")
        return [call for call in calls[begin:] if not IMPOSSIBLE.search(call[0])]

    def asio_registers(self, calls):
        """Those calls among them by which Asio registers what it waits for itself: all before the first socket."""
        return [call for call in calls[:[name for _, name, _ in calls].index("socket")] if call[1] == "epoll_ctl"]

    def expect_survival(self, call, error, when):
        """Gives what was hit: the line of the call, or nothing when there were not so many of them."""
        try:
            server = InjectedServer(call, error, when, *SERVE, *DEADLINES)
        except DidNotStart as failure:
            self.assertEqual(failure.code, 1, failure.log)
            self.assertRegex(failure.log, r"\Afairlead: [^\n]+\n\Z")
            return "while it started"
        with server:
            before = len(Process(server.process.pid).descriptors())
            allowed = before + (call == "close")  # it was not made
            self.use(server.address)
            wait_until(lambda: self.served(server.address), server.log)
            wait_until(lambda: len(Process(server.process.pid).descriptors()) <= allowed, server.log)
            # Asked again, for the write that failed may have been the one by which the signal is heard.
            wait_until(lambda: server.process.poll() is not None, server.log,
                       ask=lambda: server.send_signal(signal.SIGTERM))
            code = server.wait()
            injected = server.injected()
            if SANITIZED and SANITIZERS_OWN in server.log():
                return ""
            if not any(IMPOSSIBLE.search(line) for line in injected):
                self.assertIn(code, (0, 3), server.log())
            self.assertNotIn("anitizer", server.log())
            return "".join(injected)

    def test_is_survived(self):
        calls = self.calls()
        own = self.asio_registers(calls)
        points = [(name, error, when) for line, name, when in calls if (line, name, when) not in own
                  for error in DOCUMENTED[name]]
        number = tries(10 if SANITIZED else 60, len(points))
        chosen = choices("injection").sample(points, min(number, len(points)))
        hit, starts = {}, 0
        for call, error, when in chosen:
            with self.subTest(f"{call} fails with {error}, number {when}"):
                what = self.expect_survival(call, error, when)
                hit[call] = hit.get(call, 0) + bool(what)
                starts += what == "while it started"
        tell(f"{len(chosen)} of {len(points)} places and errors tried, {sum(hit.values())} hit, {starts} of them while it "
             f"started; by call: {', '.join(f'{call} {count}' for call, count in sorted(hit.items()))}")


if __name__ == "__main__":
    main()
