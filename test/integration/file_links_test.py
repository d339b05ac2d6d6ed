#!/usr/bin/env python3
"""`fairlead serve files` where somebody plants links and the like in its directory: never followed, never waited for."""

import ctypes
import os
import stat
import threading
import unittest

from support.campaign import main, tell, tries
from support.canary import Tree
from support.files import ENDS, FileServer, Peer, content, incoming, leave_part, upload
from support.programs import DidNotStart

DATA = b"of the sender " * 1000
RESUME = "a-resume-that-nobody-guesses"
AT_FDCWD, RENAME_EXCHANGE = -100, 2

_libc = ctypes.CDLL(None, use_errno=True)


def exchange(one, other):
    """Swaps two names in one step."""
    if _libc.renameat2(AT_FDCWD, one.encode(), AT_FDCWD, other.encode(), RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def device(tree, path):
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))


PLANTED = {
    "a link to a file": lambda tree, path: os.symlink(os.path.join(tree.outside, "canary"), path),
    "a link that goes up": lambda tree, path: os.symlink("../outside/canary", path),
    "a link to nothing yet": lambda tree, path: os.symlink(os.path.join(tree.outside, "new"), path),
    "a link to a directory": lambda tree, path: os.symlink(tree.outside, path),
    "a link to itself": lambda tree, path: os.symlink(path, path),
    "another name of a file": lambda tree, path: os.link(os.path.join(tree.outside, "canary"), path),
    "a FIFO": lambda tree, path: os.mkfifo(path),
    "a directory": lambda tree, path: os.mkdir(path),
    **({"a device": device} if os.geteuid() == 0 else {}),
}


class Planted(unittest.TestCase):
    def test_at_the_name_of_a_file_is_left_alone_unless_told_to_replace_it(self):
        for what, plant in PLANTED.items():
            for policy in ("reject", "number", "replace"):
                with self.subTest(what=what, policy=policy), Tree() as tree, \
                        FileServer(tree.inside, "--existing", policy) as server:
                    target = tree.within("name.txt")
                    plant(tree, target)
                    before = os.lstat(target)
                    answer = upload(server, "name.txt", DATA)
                    replaced = policy == "replace" and not stat.S_ISDIR(before.st_mode)
                    if policy == "number":
                        self.assertEqual((answer["type"], answer["name"]), ("stored", "name (1).txt"))
                    elif replaced:
                        self.assertEqual((answer["type"], answer["name"]), ("stored", "name.txt"))
                    else:
                        self.assertIn(answer["type"], ("reject", "failed"))
                        self.assertEqual(answer["code"], "exists")
                    if replaced:
                        self.assertTrue(stat.S_ISREG(os.lstat(target).st_mode))
                        self.assertEqual(content(tree.inside), {"name.txt": DATA})
                    else:
                        after = os.lstat(target)
                        self.assertEqual((after.st_ino, after.st_mode), (before.st_ino, before.st_mode))
                    tree.expect_untouched(self)
                    self.assertEqual(server.stop(), 0, server.log())

    def test_where_a_part_was_kept_is_not_written_through(self):
        for what, plant in PLANTED.items():
            for restart in (False, True):
                with self.subTest(what=what, restart=restart), Tree() as tree:
                    server = FileServer(tree.inside)
                    try:
                        leave_part(server, "name", DATA, 5000, RESUME)
                        part, = incoming(tree.inside)
                        os.unlink(tree.within(".incoming", part))
                        plant(tree, tree.within(".incoming", part))
                        if restart:
                            self.assertEqual(server.stop(), 0)
                            server.close()
                            server = FileServer(tree.inside)
                        answer = upload(server, "name", DATA, resume=RESUME)
                        self.assertIn(answer["type"], ENDS)
                        if answer["type"] == "stored":
                            self.assertEqual(content(tree.inside), {"name": DATA})
                        else:
                            self.assertEqual((answer["code"], content(tree.inside)), ("storage", {}))
                        self.assertEqual(upload(server, "another", DATA, resume="another-one")["type"], "stored")
                        tree.expect_untouched(self)
                        self.assertEqual(server.stop(), 0, server.log())
                    finally:
                        server.close()

    def test_before_the_start_anywhere_in_the_directory_is_survived(self):
        with Tree() as tree:
            os.mkdir(tree.within(".incoming"))
            for number, plant in enumerate(PLANTED.values()):
                plant(tree, tree.within(f"{number}"))
                plant(tree, tree.within(".incoming", f"{number}"))
                plant(tree, tree.within(".incoming", f"{number:032x}.part"))
            os.utime(tree.within(".incoming"), (0, 0))
            # What was kept long enough is removed at the start: these names, and nothing they stand for.
            with FileServer(tree.inside, "--keep-partials", "1ms", "--max-total", "1GiB") as server:
                self.assertEqual(upload(server, "name", DATA, resume=RESUME)["type"], "stored")
                tree.expect_untouched(self)
                self.assertEqual(server.stop(), 0, server.log())

    def test_in_place_of_the_directory_for_parts_is_not_used(self):
        for what, plant in PLANTED.items():
            if what == "a directory":
                continue
            with self.subTest(what=what), Tree() as tree:
                plant(tree, tree.within(".incoming"))
                with self.assertRaises(DidNotStart) as refused:
                    FileServer(tree.inside).close()
                self.assertEqual(refused.exception.code, 1)
                self.assertRegex(refused.exception.log, r"\Afairlead: [^\n]+\n\Z")
                self.assertIn(tree.inside, refused.exception.log)
                tree.expect_untouched(self)


class Swapped(unittest.TestCase):
    """Somebody else swaps directories with links to elsewhere, again and again."""

    NUMBER = tries(300, 10_000)

    def upload_while(self, swap, server):
        """Gives what became of the uploads, by type."""
        ended, swaps = threading.Event(), 0

        def swap_on():
            nonlocal swaps
            while not ended.is_set():
                swap()
                swaps += 1

        swapping = threading.Thread(target=swap_on)
        ends = dict.fromkeys(ENDS, 0)
        swapping.start()
        try:
            with Peer(server.address) as peer:
                for number in range(self.NUMBER):
                    name = "name" if number % 2 else f"name{number}"
                    fields = {"resume": f"resume-{number}"} if number % 3 else {}
                    ends[peer.upload(name, b"%d" % number, **fields)["type"]] += 1
        finally:
            ended.set()
            swapping.join()
        self.assertGreater(swaps, 0)
        return ends, swaps

    def expect_no_escape(self, what, one, policy):
        """`one`, of which a directory is made unless it is one, changes places with a link to `outside`."""
        with Tree() as tree:
            path = tree.path(*one)
            os.makedirs(os.path.join(tree.inside, ".incoming"), 0o700, exist_ok=True)
            os.makedirs(path, exist_ok=True)
            link = tree.within("link") if one[-1] != "inside" else tree.path("link")
            with FileServer(tree.inside, "--existing", policy) as server:
                os.symlink(tree.outside, link)
                ends, swaps = self.upload_while(lambda: exchange(path, link), server)
                self.assertEqual(sorted(os.listdir(tree.outside)), ["canary", "deeper", "passwd"])
                self.assertGreater(ends["stored"], 0, server.log()[-2000:])
                self.assertEqual(server.stop(), 0)
            tell(f"{what} swapped {swaps} times: {ends}")

    def test_the_directory_itself(self):
        self.expect_no_escape("the directory", ("inside",), "reject")

    def test_the_directory_for_parts(self):
        self.expect_no_escape("the directory for parts", ("inside", ".incoming"), "reject")

    def test_the_name_of_a_file(self):
        for policy in ("reject", "number", "replace"):
            self.expect_no_escape(f"a name ({policy})", ("inside", "name"), policy)


if __name__ == "__main__":
    main()
