#!/usr/bin/env python3
"""`./dev demo`: what it says before, while and after it builds. A stand-in for CMake builds nothing."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

DEV = pathlib.Path(__file__).parents[3] / "dev"

CMAKE = """#!/bin/sh
echo "$*" >>calls
echo "[1/9] Building CXX object a.o"
if [ -e error ]; then cat error; exit 1; fi
mkdir -p build/release/apps/demo
touch build/release/build.ninja
printf '#!/bin/sh\\necho the demo "$@"\\n' >build/release/apps/demo/fairlead-demo
chmod +x build/release/apps/demo/fairlead-demo
"""
COMPILER = "a.cpp:1:2: \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kthere is no such thing\n" + 200 * "    note of the compiler\n"


class Demo(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        shutil.copy(DEV, self.tree)
        (self.tree / "bin").mkdir()
        (self.tree / "bin/cmake").write_text(CMAKE, encoding="utf-8")
        (self.tree / "bin/cmake").chmod(0o755)

    def demo(self, *arguments):
        environment = dict(os.environ, PATH=f"{self.tree}/bin:{os.environ['PATH']}", DEV_INSTALL="no",
                           CMAKE_BUILD_PARALLEL_LEVEL="2")
        return subprocess.run([self.tree / "dev", "demo", *arguments], env=environment, capture_output=True, text=True,
                              timeout=60)

    def fail_with(self, text):
        (self.tree / "error").write_text(text, encoding="utf-8")
        done = self.demo()
        self.assertEqual(done.returncode, 1)
        self.assertLessEqual(done.stderr.count("\n"), 8, "no page of a compiler")
        self.assertIn("the whole output is in build/release/demo.log", done.stderr)
        return done.stderr

    def test_says_first_how_long_it_takes_and_shows_the_demo_alone(self):
        done = self.demo("--tour")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^==> building the demo, once: about \d+ min with 2 jobs; .*\n"
                                      r"(==> built in \d+ s; .*\n)?the demo --tour\n$")  # a busy machine takes more than 5 s
        self.assertIn("[1/9]", (self.tree / "build/release/demo.log").read_text(encoding="utf-8"))

    def test_configures_once(self):
        self.demo()
        (self.tree / "calls").unlink()
        self.assertEqual(self.demo().returncode, 0)
        calls = (self.tree / "calls").read_text(encoding="utf-8")
        self.assertEqual(calls, "--build --preset release --target fairlead-demo fairlead-command\n")

    def test_a_failed_build_ends_with_its_error_and_with_advice(self):
        shown = self.fail_with(COMPILER)
        self.assertIn("  a.cpp:1:2: error: there is no such thing\n", shown)
        self.assertIn("./dev build release shows all errors", shown)

    def test_knows_what_helps(self):
        for error, advice in (
                ("CMake Error at a.cmake:1 (message):\n  Fairlead needs Boost\n", "install what is missing"),
                ("g++: fatal error: Killed signal terminated program cc1plus\n", "CMAKE_BUILD_PARALLEL_LEVEL=1 ./dev demo"),
                ("as: a.o: No space left on device\n", "free some space"),
                ("CMake Error: The current CMakeCache.txt directory /a is different\n", "remove build/release")):
            with self.subTest(error):
                shown = self.fail_with(error)
                self.assertIn(error.splitlines()[0], shown)
                self.assertIn(advice, shown)


if __name__ == "__main__":
    unittest.main()
