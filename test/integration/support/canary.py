"""A directory to receive files in, beside others that nobody may touch."""

import os
import stat
import tempfile


class Tree:
    """`inside` is to be served; what is in `outside` must stay as it is. Removed at the end of the `with` block."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="fairlead-files-", ignore_cleanup_errors=True)
        self.root = self._directory.name
        self.inside = self.path("inside")
        self.outside = self.path("outside")
        os.mkdir(self.inside)
        os.makedirs(os.path.join(self.outside, "deeper"))
        for name in ("canary", "deeper/canary", "passwd"):
            with open(os.path.join(self.outside, name), "w", encoding="ascii") as file:
                file.write(f"this is {name}\n")
        self._before = self._snapshot()

    def path(self, *names):
        return os.path.join(self.root, *names)

    def within(self, *names):
        return os.path.join(self.inside, *names)

    def expect_untouched(self, test):
        test.assertEqual(self._snapshot(), self._before)

    def _snapshot(self):
        """Everything in the root but `inside`: what it is, whose, when changed, and its bytes."""
        found = {}
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(each for each in folders if os.path.join(folder, each) != self.inside)
            for name in folders + sorted(files):
                path = os.path.join(folder, name)
                status = os.lstat(path)
                data = b""
                if stat.S_ISREG(status.st_mode):
                    with open(path, "rb") as file:
                        data = file.read()
                found[os.path.relpath(path, self.root)] = (status.st_mode, status.st_uid, status.st_size,
                                                           status.st_mtime_ns, data)
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._directory.cleanup()
