#!/usr/bin/env python3
"""A system that gives the server no more threads."""

import os
import resource
import unittest

from support.campaign import SANITIZED, main
from support.programs import run


@unittest.skipIf(SANITIZED, "sanitizers need threads of their own")
class NoThreads(unittest.TestCase):
    """A start that fails says at what."""

    def test_is_a_clear_failure_to_start(self):
        # The limit is one of its user, and root has none: so be someone who has no process at all.
        someone = {"user": 54321, "group": 54321, "extra_groups": []} if os.geteuid() == 0 else {}
        done = run("serve", "echo", "--threads", "4", "--listen", "tcp://127.0.0.1:0", **someone,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (0, 0)))
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr.decode(), r"\Afairlead: [^\n]*thread[^\n]*\n\Z")


if __name__ == "__main__":
    main()
