"""A program on a terminal of its own, with a test in the place of the person."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import termios

from .programs import FAIRLEAD, PATIENCE


class Terminal:
    """`fairlead ARGUMENTS`, until `close`. Without `environment`, on a terminal that cannot move its cursor."""

    def __init__(self, *arguments, environment=None):
        self.process, self._descriptor = pty.fork()
        if self.process == 0:
            os.execve(FAIRLEAD, [FAIRLEAD, *arguments], {**os.environ, **(environment or {"TERM": "dumb"})})

    def type(self, keys):
        os.write(self._descriptor, keys)

    def read_until(self, part, times=1):
        shown = b""
        while shown.count(part) < times:
            if not select.select([self._descriptor], [], [], PATIENCE)[0]:
                raise AssertionError(f"{part!r} is not shown {times} times in {shown!r}")
            shown += os.read(self._descriptor, 1000)
        return shown

    def read_to_end(self):
        shown = b""
        with contextlib.suppress(OSError):  # the program has ended
            while more := os.read(self._descriptor, 1000):
                shown += more
        return shown

    def send_signal(self, number):
        os.kill(self.process, number)

    def exit_code(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])

    def close(self):
        os.close(self._descriptor)


def terminal_of_its_own(test):
    """For `preexec_fn`: the program gets a session with a controlling terminal, which hangs up at the end of the test."""
    ours, theirs = pty.openpty()
    test.addCleanup(os.close, ours)
    test.addCleanup(os.close, theirs)

    def take_it():
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    return take_it


class ShortTalk:
    """Tests of `talk` on a terminal, for a TestCase that has the server's `url` and a `terminal`, whatever they speak."""

    def test_there_is_a_prompt(self):
        greeting = self.terminal.read_until(b"> ")
        self.assertIn(b"connected to " + self.url.encode(), greeting)
        self.terminal.type(b"hello\n")
        # The terminal's echo of what was typed and a prompt, then the reply and the next prompt.
        self.terminal.read_until(b"hello\r\n> ", times=2)
        self.terminal.type(b"exit\n")
        self.assertEqual(self.terminal.exit_code(), 0)

    def test_end_of_input_ends_it(self):
        self.terminal.read_until(b"> ")
        self.terminal.type(b"\x04")
        self.assertEqual(self.terminal.exit_code(), 0)

    def test_interrupt_ends_it_quietly(self):
        self.terminal.read_until(b"> ")
        self.terminal.type(b"\x03")
        self.assertEqual(self.terminal.exit_code(), -signal.SIGINT)
