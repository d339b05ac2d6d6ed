#!/usr/bin/env python3
"""`fairlead new`: the files of each kind of project, wrong usage, and the page docs/new-project.md. test/packaging builds them."""

import ast
import itertools
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

from support.console import blocks, commands
from support.programs import FAIRLEAD, run

PAGE = (pathlib.Path(os.environ["SOURCE"]) / "docs/new-project.md").read_text(encoding="utf-8")
HAS_TLS = os.environ["FAIRLEAD_TLS"] == "ON"
TRANSPORTS = ["tcp", "udp", "ws"] + ["tls"] * HAS_TLS


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fairlead-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def new(self, *arguments):
        return run("new", *arguments, cwd=self.folder)

    def refusal(self, *arguments, code=2):
        done = self.new(*arguments)
        self.assertEqual((done.returncode, done.stdout), (code, b""))
        self.assertEqual(done.stderr.count(b"\n"), 1)
        return done.stderr.decode()


class Kinds(Folder):
    def kinds(self):
        for handler, transport in itertools.product(("message", "session"), TRANSPORTS):
            for framing in ("line", "custom") if transport in ("tcp", "tls") else (None,):
                framing_options = ("--framing", framing) if framing else ()
                yield "-".join(filter(None, (handler, transport, framing))), ("--handler", handler, "--transport", transport,
                                                                              *framing_options)

    def test_each_is_made_whole(self):
        units = []
        for name, options in self.kinds():
            with self.subTest(name):
                done = self.new(name, *options)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                files = [each for each in (self.folder / name).rglob("*") if each.is_file()]
                self.assertIn(f"made {name} with {len(files)} files; next:\n  cd {name}\n", done.stdout.decode())
                for file in files:
                    self.check(file)
                units.append(self.folder / name / f"{name}.service")
        self.check_units(units)

    def check(self, file):
        text = file.read_text(encoding="utf-8")
        self.assertNotRegex(text, r"@[A-Z_]+@")
        if file.suffix == ".py":
            ast.parse(text)
        elif file.suffix == ".json":
            json.loads(text)
        elif file.suffix == ".sh":
            subprocess.run(["sh", "-n", file], check=True)

    def check_units(self, units):
        if not shutil.which("systemd-analyze"):
            return
        program = self.folder / "program"  # a path without spaces, at which systemd divides
        program.symlink_to(FAIRLEAD)
        for unit in units:
            text = unit.read_text(encoding="utf-8")
            unit.write_text(re.sub(r"/usr/local/bin/\S+", str(program), text), encoding="utf-8")
        done = run("verify", *units, program="systemd-analyze")
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_the_directory_has_the_permissions_of_others(self):
        self.assertEqual(self.new("greeter").returncode, 0)
        (self.folder / "other").mkdir()
        modes = [stat.S_IMODE((self.folder / each).stat().st_mode) for each in ("greeter", "other")]
        self.assertEqual(modes[0], modes[1])

    def test_another_place_can_be_named(self):
        (self.folder / "a b").mkdir()
        done = self.new("greeter", "--in", "a b")
        self.assertIn(b"  cd 'a b/greeter'\n", done.stdout)
        self.assertTrue((self.folder / "a b/greeter/CMakeLists.txt").exists())


class Refusals(Folder):
    def test_a_bad_name(self):
        self.assertIn("lower-case letters", self.refusal("Greeter"))
        self.assertIn("NAME", self.refusal())
        self.assertEqual(os.listdir(self.folder), [])

    def test_an_unknown_framing_with_the_text_of_the_other_commands(self):
        of_talk = run("talk", "tcp://127.0.0.1:1", "--framing", "lines").stderr.decode()
        self.assertEqual(self.refusal("greeter", "--framing", "lines").partition("; see ")[0], of_talk.partition("; see ")[0])

    def test_choices_that_do_not_go_together(self):
        self.assertIn("leave it out", self.refusal("greeter", "--transport", "udp", "--framing", "line"))
        self.assertIn("session", self.refusal("greeter", "--handler", "sessions"))
        if not HAS_TLS:
            self.assertIn("built without it", self.refusal("greeter", "--transport", "tls"))

    def test_a_directory_that_is_in_use(self):
        (self.folder / "greeter").mkdir()
        (self.folder / "greeter/notes").write_text("mine", encoding="utf-8")
        self.assertIn("greeter exists and is not empty; nothing was written", self.refusal("greeter", code=1))
        self.assertEqual(os.listdir(self.folder / "greeter"), ["notes"])

    def test_a_place_that_is_missing_or_not_writable(self):
        self.assertIn("cannot write to the directory missing: No such file or directory", self.refusal("greeter", "--in", "missing", code=1))
        (self.folder / "file").touch()
        self.assertIn("Not a directory", self.refusal("greeter", "--in", "file", code=1))
        self.assertEqual(os.listdir(self.folder), ["file"])


class Page(Folder):
    def test_every_command_of_new_prints_what_is_shown(self):
        shown = [each for block in blocks(PAGE, "console") for each in commands(block) if each[0].startswith("fairlead new ")]
        self.assertTrue(shown)
        for command, output in shown:
            done = self.new(*command.split()[2:])
            self.assertEqual((done.returncode, done.stdout.decode(), done.stderr), (0, output, b""))


if __name__ == "__main__":
    unittest.main()
