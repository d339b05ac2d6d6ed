"""Namespaces of the system for a test alone."""

import os
import subprocess
import sys


def start_again(unshare, tried, mark):
    """Starts this program once more by the command `unshare`, with the environment variable `mark`; gives why that cannot
    be, which running `tried` in the same way has shown."""
    try:
        done = subprocess.run([*unshare, *tried], capture_output=True)
    except FileNotFoundError:
        return "there is no unshare"
    if done.returncode:
        return done.stderr.decode().strip()
    sys.stdout.flush()
    os.execvpe("unshare", [*unshare, sys.executable, *sys.argv], dict(os.environ, **{mark: "1"}))
