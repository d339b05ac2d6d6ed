"""A program on a terminal with a screen, for tests that look at it as a person does. It needs Debian's python3-pyte."""

import fcntl
import os
import pty
import select
import struct
import termios
import time

import pyte

from .programs import PATIENCE
from .terminal import Terminal

ROWS = 12
LEFT, UP = b"\x1b[D", b"\x1b[A"


def control(letter):
    """Ctrl and a letter, as one key."""
    return bytes([ord(letter) & 0x1F])


def fresh_settings():
    """Of a terminal that no program has changed."""
    ours, theirs = pty.openpty()
    try:
        return termios.tcgetattr(theirs)
    finally:
        os.close(ours)
        os.close(theirs)


class Typist(Terminal):
    def __init__(self, *arguments, environment, columns=100):
        self._screen = pyte.Screen(columns, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        super().__init__(*arguments, environment={"TERM": "xterm", **environment})
        self._tell_size(columns)

    def resize(self, columns):
        self._screen.resize(ROWS, columns)
        self._tell_size(columns)

    def _tell_size(self, columns):
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))

    def lines(self):
        """What is on the screen below the greeting, as far as the cursor or the last text."""
        shown = [line.rstrip() for line in self._screen.display]
        end = max(at for at, line in enumerate(shown) if line or at == self._screen.cursor.y) + 1
        return shown[1:end]

    def expect(self, *lines, column=None):
        """Waits until these lines are on the screen, and the cursor is in that column."""
        end = time.monotonic() + PATIENCE
        while self.lines() != list(lines) or column not in (None, self._screen.cursor.x):
            if not select.select([self._descriptor], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"not {lines}, column {column}, but {self.lines()}, column {self._screen.cursor.x}")
            try:
                self._stream.feed(os.read(self._descriptor, 1000))
            except OSError as ended:
                raise AssertionError(f"not {lines} when it ended, but {self.lines()}") from ended

    def settings(self):
        return termios.tcgetattr(self._descriptor)
