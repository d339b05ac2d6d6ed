#!/usr/bin/env python3
"""`fairlead serve files` and names that want to be elsewhere: each is refused, and nothing outside is looked at."""

import itertools
import os
import re
import unittest

from support.campaign import main, tell
from support.canary import Tree
from support.files import FileServer, Peer, content, incoming, leave_part, serve_files, upload
from support.injection import InjectedServer, why_not

UP = ("..", "%2e%2e", "%252e%252e", ".%2e", "%2E.", "．．", "․․", "..%00", "\u202e..")
SEPARATORS = ("/", "\\", "%2f", "%5c", "%252f", "%255C", "∕", "⁄", "／", "＼", "⧵", "／.／")
TARGETS = ("outside/canary", "canary", "etc/passwd", "x")

FORBIDDEN = [chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))] + list(':*?"<>|/\\')
TURNING = ["\u200e", "\u200f", "\u061c", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]
DEVICES = ("CON", "PRN", "AUX", "NUL", *(f"{kind}{number}" for kind in ("COM", "LPT") for number in range(1, 10)))

NOT_UTF8 = (b"\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xc0\xae\xc0\xae", b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80", b"\xe2\x88", b"\x80", b"\xc1\x9c", b"\xf8\x88\x80\x80\x80")


def hostile_names():
    yield from ("", ".", "..", "...", "/", "//", "\\", "~", "~root", "-", "-rf", "--help", " ", " x", "x ", "x.", ".x",
                ".incoming", ".ssh", "C:", "C:\\x", "a:stream", "a::$DATA", "\\\\server\\share", "//server/share",
                "a/../..", "a/./b", "/etc/passwd", "x\n", "x\x1b[2J", "x" * 256, "é" * 128, "x" * 4096, "/" * 4096,
                "\ud800", "\udfff")
    for depth, up, separator in itertools.product((1, 2, 8), UP, SEPARATORS):
        for target in TARGETS:
            yield (up + separator) * depth + target
    for separator, target in itertools.product(SEPARATORS, TARGETS):
        yield from (separator + target, "inside" + separator + target, target + separator)
    for bad in (*FORBIDDEN, *TURNING):
        yield from (bad, f"a{bad}b", f"{bad}b", f"a{bad}")
    for bad in FORBIDDEN:
        if ord(bad) < 0x80:
            yield from (f"a%{ord(bad):02x}b", f"a%25{ord(bad):02X}b")
    for device in DEVICES:
        yield from (device, device.lower(), f"{device}.txt", f"{device.title()}.tar.gz")
        yield f"%{ord(device[0]):x}{device[1:]}"


class Hostile(unittest.TestCase):
    def expect_refused(self, server, names):
        with Peer(server.address) as peer:
            for begin in range(0, len(names), 50):
                batch = names[begin:begin + 50]
                numbers = [peer.offer(name, size=1) for name in batch]
                for name, number in zip(batch, numbers):
                    answer = peer.receive()
                    with self.subTest(name=name):
                        self.assertEqual((answer["id"], answer["type"], answer["code"], answer["retry"]),
                                         (number, "reject", "name", False), answer)

    def expect_not_utf8_refused(self, server):
        for bad in NOT_UTF8:
            for name in (bad, b"a" + bad, b".." + bad + b"x"):
                with self.subTest(name=name), Peer(server.address) as peer:
                    peer.send(b'{"type":"offer","version":1,"id":1,"size":1,"name":"%b"}' % name)
                    answer = peer.receive()
                    self.assertEqual(answer["type"], "reject")
                    self.assertIn(answer["code"], ("name", "protocol"))

    def test_names_are_refused_and_the_tree_beside_is_as_it_was(self):
        names = list(dict.fromkeys(hostile_names()))
        self.assertGreaterEqual(len(names), 1000)
        with Tree() as tree, FileServer(tree.inside) as server:
            self.expect_refused(server, [name for name in names if not re.search("[\ud800-\udfff]", name)])
            self.expect_not_utf8_refused(server)
            self.assertEqual((content(tree.inside), incoming(tree.inside)), ({}, []))
            tree.expect_untouched(self)
            self.assertEqual(upload(server, "a name", b"x")["type"], "stored")
        tell(f"{len(names)} names, and {3 * len(NOT_UTF8)} that are not UTF-8")

    def test_lone_surrogates_are_refused_however_they_are_escaped(self):
        with Tree() as tree, FileServer(tree.inside) as server:
            for name in ("\ud800", "\udfff", "a\ud800b", "\udc80"):
                with Peer(server.address) as peer:
                    peer.offer(name, size=1)
                    answer = peer.receive()
                    self.assertEqual(answer["type"], "reject")
                    self.assertIn(answer["code"], ("name", "protocol"))
            self.assertEqual((content(tree.inside), incoming(tree.inside)), ({}, []))

    def test_names_as_people_give_them_are_kept_as_they_are(self):
        names = ["a", "a b.txt", "x" * 255, "é" * 127, "日本語.pdf", "100%.txt", "50%20off", "a..b", "a-b~c", "CONSOLE",
                 "😀.png", "tab\u00a0space", "e\u0301.txt", "%zz", "a.b.c.d", "com10", "#1 (2) [3] {4} & 'x'; $HOME `id`"]
        with Tree() as tree, FileServer(tree.inside) as server:
            for name in names:
                with self.subTest(name=name):
                    answer = upload(server, name, name.encode())
                    self.assertEqual((answer["type"], answer.get("name")), ("stored", name), answer)
            self.assertEqual(content(tree.inside), {name: name.encode() for name in names})


PATHS = ("open", "creat", "openat", "openat2", "rename", "renameat", "renameat2", "link", "linkat", "unlink",
         "unlinkat", "mkdir", "mkdirat", "rmdir", "symlink", "symlinkat", "chmod", "fchmodat", "chown", "lchown",
         "fchownat", "truncate", "chdir", "stat", "lstat", "newfstatat", "statx", "statfs", "access", "faccessat", "faccessat2", "readlink",
         "readlinkat", "utimensat", "utime", "utimes", "mknod", "mknodat", "execve")


class Calls(unittest.TestCase):
    """What the kernel is asked for."""

    def setUp(self):
        if reason := why_not():
            self.skipTest(f"system calls cannot be traced here: {reason}")

    def calls_of_uploads(self, tree, policy):
        """The calls that name a file, each as its line, once the server has said where it listens."""
        traced = ",".join(f"?{call}" for call in (*PATHS, "write"))
        with InjectedServer(traced, None, None, *serve_files(tree.inside, "--existing", policy)) as server:
            for name in ("one", "two", "one", "../x", "/etc/passwd", "..%2fx"):
                upload(server, name, os.urandom(1000))
            leave_part(server, "three", b"x" * 1000, 500, "resume-of-three")
            leave_part(server, "four", b"x" * 1000, 500, "resume-of-four")
            self.assertEqual(upload(server, "three", b"x" * 1000, resume="resume-of-three")["type"], "stored")
            self.assertEqual(server.stop(), 0, server.log())
            calls = server.calls()
        begin = next(number for number, line in enumerate(calls) if 'write(1, "listening' in line)
        calls = [line for line in calls[begin + 1:] if re.search(rf"^\d+ +({'|'.join(PATHS)})\(", line)]
        own = re.compile(r'"/etc/localtime"|"/proc/sys/vm/overcommit_memory"')  # the C library's: time of day, memory
        return [line for line in calls if not own.search(line)]

    def test_each_is_for_one_component_below_a_descriptor(self):
        name = r'"(?:[^"/\\]|\\\d+)*"'
        allowed = re.compile(rf"^\d+ +\w+\(\d+, {name}(, \d+, {name})?[,) ]")
        count = 0
        for policy in ("reject", "number", "replace"):
            with Tree() as tree:
                calls = self.calls_of_uploads(tree, policy)
                for line in calls:
                    self.assertRegex(line, allowed)
                    self.assertNotIn('".."', line)
                opened = [line for line in calls if " openat" in line]
                self.assertTrue(opened)
                for line in opened:
                    self.assertRegex(line, "O_NOFOLLOW|RESOLVE_NO_SYMLINKS|O_EXCL|O_TMPFILE|O_DIRECTORY")
                tree.expect_untouched(self)
                count += len(calls)
                for call in ("openat", "renameat"):
                    self.assertTrue(any(f" {call}" in line for line in calls), f"no {call}, so nothing was looked at")
        tell(f"{count} calls that name a file, all below a descriptor")


if __name__ == "__main__":
    main()
