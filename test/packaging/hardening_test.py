#!/usr/bin/env python3
"""The built command has the protections of cmake/fairlead_hardening.cmake, as readelf(1) and objdump(1) see them.

The property note by which the kernel would switch on landing pads is not looked for: it is there only if all object files
of the program have it, those of the C library's start too.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

FAIRLEAD = os.environ["FAIRLEAD"]
HARDENING = os.environ["HARDENING"].split()
FORTIFY = os.environ["FORTIFY"].split()

OVERFLOW = """#include <cstring>
int main(int, char** arguments) {
    char room[8];
    std::memcpy(room, arguments[1], std::strlen(arguments[1]));
    return room[0] != 'x';
}
"""


def readelf(*arguments, program=FAIRLEAD):
    return subprocess.run(["readelf", "-W", *arguments, program], check=True, capture_output=True, text=True).stdout


def dynamic_flags():
    return re.search(r"\(FLAGS_1\) +Flags: (.*)", readelf("-d"))[1].split()


def checks_of(program):
    """The functions of the C library that look whether memory was overwritten, of those that the program needs."""
    return set(re.findall(r" UND (__stack_chk_fail|__\w+_chk)\b", readelf("--dyn-syms", program=program)))


@unittest.skipUnless(shutil.which("readelf") and shutil.which("objdump"), "there are no binutils")
class Command(unittest.TestCase):
    def test_it_is_loaded_at_any_address(self):
        self.assertRegex(readelf("-h"), r"Type: +DYN")
        self.assertIn("PIE", dynamic_flags())

    def test_its_relocations_are_done_at_the_start_and_then_read_only(self):
        self.assertIn("GNU_RELRO", readelf("-l"))
        self.assertIn("NOW", dynamic_flags())

    def test_nothing_is_writable_and_executable(self):
        segments = re.findall(r"^ +(\w+)(?: +0x[0-9a-f]+){5} ([R ][W ][E ]) ", readelf("-l"), re.MULTILINE)
        self.assertIn(("GNU_STACK", "RW "), segments)
        self.assertEqual([each for each in segments if each[1] == "RWE"], [])

    def test_its_functions_look_after_the_stack(self):
        self.assertIn("-fstack-protector-strong", HARDENING)
        self.assertIn("__stack_chk_fail", checks_of(FAIRLEAD))

    def test_its_functions_begin_with_landing_pads(self):
        if "-fcf-protection=full" not in HARDENING:
            self.skipTest("this compiler has none")
        shown = subprocess.run(["objdump", "--disassemble=main", "--no-show-raw-insn", FAIRLEAD], check=True,
                               capture_output=True, text=True).stdout
        self.assertRegex(re.search(r"<main>:\n.*", shown)[0], r":\tendbr(64|32)\b")

    def test_its_calls_of_the_c_library_are_checked_where_it_is_optimised(self):
        if os.environ["BUILD_TYPE"] not in ("Release", "RelWithDebInfo", "MinSizeRel"):
            self.skipTest("this build is not optimised; see FortifySource")
        self.assertNotEqual(checks_of(FAIRLEAD) - {"__stack_chk_fail"}, set())


@unittest.skipUnless(FORTIFY and shutil.which("readelf"), "this compiler does not know level 3, or there are no binutils")
class FortifySource(unittest.TestCase):
    """The flags that an optimised build is given."""

    def test_they_end_a_program_that_writes_beyond_its_buffer(self):
        with tempfile.TemporaryDirectory() as folder:
            source, program = pathlib.Path(folder, "overflow.cpp"), folder + "/overflow"
            source.write_text(OVERFLOW, encoding="ascii")
            subprocess.run([os.environ["CXX"], "-O2", "-Werror", *FORTIFY, source, "-o", program], check=True)
            self.assertIn("__memcpy_chk", checks_of(program))
            self.assertEqual(subprocess.run([program, "x"]).returncode, 0)
            done = subprocess.run([program, "x" * 64], capture_output=True)
            self.assertEqual(done.returncode, -signal.SIGABRT)
            self.assertIn(b"buffer overflow detected", done.stderr)


if __name__ == "__main__":
    unittest.main()
