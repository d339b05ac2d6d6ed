"""File systems of the test's own, mounted where nobody else sees them."""

import contextlib
import ctypes
import os

from support.namespaces import start_again

INSIDE = "FAIRLEAD_TEST_MOUNTS"
REMOUNT, READ_ONLY, DETACH = 32, 1, 2

_libc = ctypes.CDLL(None, use_errno=True)


def enter():
    """Starts this program once more in a mount namespace; gives why that cannot be, or nothing once inside."""
    if os.environ.get(INSIDE):
        return ""
    if os.geteuid() != 0:
        return "mounting needs root"
    unshare = ["unshare", "--mount", "--propagation", "private"]
    return start_again(unshare, ["mount", "-t", "tmpfs", "tmpfs", "/mnt"], INSIDE)


def mount(source, target, kind, flags=0, options=""):
    if _libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}: {os.strerror(ctypes.get_errno())}")


def unmount(target, flags=0):
    if _libc.umount2(target.encode(), flags) != 0:
        raise OSError(ctypes.get_errno(), f"umount {target}: {os.strerror(ctypes.get_errno())}")


@contextlib.contextmanager
def tmpfs(target, options):
    mount("tmpfs", target, "tmpfs", options=options)
    try:
        yield target
    finally:
        unmount(target, DETACH)
