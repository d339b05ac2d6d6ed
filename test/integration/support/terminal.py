"""A program on a terminal of its own, with a test in the place of the person."""

import os
import pty
import select

from .programs import FAIRLEAD, PATIENCE


class Terminal:
    """`fairlead ARGUMENTS`, until `close`."""

    def __init__(self, *arguments):
        self._process, self._descriptor = pty.fork()
        if self._process == 0:
            os.execv(FAIRLEAD, [FAIRLEAD, *arguments])

    def type(self, keys):
        os.write(self._descriptor, keys)

    def read_until(self, part, times=1):
        shown = b""
        while shown.count(part) < times:
            if not select.select([self._descriptor], [], [], PATIENCE)[0]:
                raise AssertionError(f"{part!r} is not shown {times} times in {shown!r}")
            shown += os.read(self._descriptor, 1000)
        return shown

    def exit_code(self):
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def close(self):
        os.close(self._descriptor)
