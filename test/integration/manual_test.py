#!/usr/bin/env python3
"""The pages of the manual that the command writes: what --help says, every form of a URL and of a framing, and clean roff."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from support.programs import FAIRLEAD, run

SOURCE_DATE = "1000000000"  # 2001-09-09


def generate(directory, **environment):
    return subprocess.run([FAIRLEAD, "generate", directory], capture_output=True, text=True, env=environment, timeout=60)


def printed(*arguments):
    return run(*arguments).stdout.decode()


def complaint(*arguments):
    return run(*arguments).stderr.decode()


def plain(roff):
    """The words of a page without fonts, macros and line breaks."""
    text = re.sub(r"\\f[BIR]|\\&", "", roff)
    for escape, character in (("\\-", "-"), ("\\(aq", "'"), ("\\(ga", "`"), ("\\(ha", "^"), ("\\(ti", "~"), ("\\e", "\\")):
        text = text.replace(escape, character)
    return " ".join(text.split())


def options_of(text):
    """The options and arguments of a help text: pairs of the longest name, and what its description may be.

    A description begins at column 30, or 32 with a handler; behind a long name on the next line. A space before the column may
    also be one of a long name.
    """
    described = []
    for line in text.splitlines():
        name = re.match(r"( +)((?:-\w,)?--[a-z-]+|[A-Z]{2,})(?=\s|$)", line)
        if name and len(name[1]) <= 4:
            column = 28 + len(name[1])
            begun = [line[column:]] if line[column - 1:column] == " " else [""]
            if begun[0] and line[column - 2] != " ":
                begun.append("")
            described.append((name[2].split(",")[-1], begun))
        elif described and line.startswith(" " * 30):
            described[-1][1][:] = [(words + " " + line.strip()).strip() for words in described[-1][1]]
    return described


class Manual(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        done = generate(cls.folder.name, SOURCE_DATE_EPOCH=SOURCE_DATE)
        assert done.returncode == 0, done.stderr
        cls.pages = {path.name: path.read_text("ascii") for path in pathlib.Path(cls.folder.name, "man").rglob("*.?")}
        cls.subcommands = re.findall(r"^  (\w+) ", printed("--help").split("Subcommands:")[1], re.MULTILINE)

    def test_there_is_a_page_for_the_command_and_for_each_subcommand(self):
        expected = {"fairlead.1", "fairlead-url.7", "fairlead-framing.7", *(f"fairlead-{each}.1" for each in self.subcommands)}
        self.assertEqual(set(self.pages), expected)
        self.assertIn("serve", self.subcommands)

    def test_a_page_has_every_option_of_the_help_in_the_same_words(self):
        for subcommand in ["", *self.subcommands]:
            page = plain(self.pages["fairlead" + (subcommand and "-" + subcommand) + ".1"])
            described = options_of(printed(*subcommand.split(), "--help"))
            self.assertGreaterEqual(len(described), 1)
            for name, words in described:
                with self.subTest(subcommand=subcommand, option=name):
                    self.assertIn(f".TP {name}" if name.isupper() else name, page)
                    self.assertTrue(any(each and each in page for each in words), words)

    def test_the_page_of_serve_has_its_handlers_and_their_options(self):
        page = plain(self.pages["fairlead-serve.1"])
        for words in (".SS fairlead serve uppercase", ".SS fairlead serve reply", "--text", "Default: tcp://127.0.0.1:9000."):
            self.assertIn(words, page)

    def test_examples_are_those_of_the_help_and_have_options_of_the_page(self):
        for subcommand in self.subcommands:
            lines = re.findall(r"^  (.*fairlead \w+ .*)$", printed(subcommand, "--help").partition("Examples:\n")[2], re.MULTILINE)
            page = plain(self.pages[f"fairlead-{subcommand}.1"])
            for line in lines:
                with self.subTest(line=line):
                    self.assertIn(line, page.partition(".SH EXAMPLES")[2])
                    for option in re.findall(r"--[a-z-]+", line):
                        self.assertIn(f"{option} ", page.partition(".SH EXAMPLES")[0])
            if subcommand in ("serve", "talk"):
                self.assertGreaterEqual(len(lines), 2)

    def test_pages_name_the_exit_codes_and_each_other(self):
        for subcommand in self.subcommands:
            with self.subTest(subcommand=subcommand):
                page = plain(self.pages[f"fairlead-{subcommand}.1"])
                self.assertRegex(page, r"\.SH EXIT STATUS Exit codes: 0 ")
                self.assertRegex(page, r"\.SH SEE ALSO .*fairlead\(1\)")
                self.assertIn(f"fairlead-{subcommand}(1)", plain(self.pages["fairlead.1"]))
        self.assertIn("fairlead-url(7), fairlead-framing(7)", plain(self.pages["fairlead-serve.1"]))

    def test_the_pages_of_forms_have_each_form_that_the_parsers_advise(self):
        urls = complaint("talk", "nonsense").split("write one of ")[1].split("; see")[0]
        for syntax in urls.split(", "):
            self.assertIn(syntax, plain(self.pages["fairlead-url.7"]))
        framings = complaint("serve", "echo", "--framing", "nonsense").split("use ")[1].split("; see")[0]
        for syntax in re.split(", | or ", framings):
            self.assertIn(syntax, plain(self.pages["fairlead-framing.7"]))
        self.assertIn('With length:2 the message "hello" is sent as the bytes 00 05 68 65 6c 6c 6f.',
                      plain(self.pages["fairlead-framing.7"]))

    def test_pages_are_clean_roff(self):
        if not shutil.which("mandoc"):
            self.skipTest("there is no mandoc")
        paths = sorted(map(str, pathlib.Path(self.folder.name, "man").rglob("*.?")))
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *paths], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_pages_show_the_date_of_the_source_and_are_the_same_each_time(self):
        with tempfile.TemporaryDirectory() as again:
            self.assertEqual(generate(again, SOURCE_DATE_EPOCH=SOURCE_DATE, TZ="Asia/Tokyo").returncode, 0)
            for path in pathlib.Path(again, "man").rglob("*.?"):
                self.assertIn("2001-09-09", path.read_text())
                self.assertEqual(path.read_text(), self.pages[path.name])

    def test_generate_is_for_builds_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            for date in ({}, {"SOURCE_DATE_EPOCH": "today"}):
                done = generate(folder, **date)
                self.assertEqual(done.returncode, 2)
                self.assertIn("set SOURCE_DATE_EPOCH", done.stderr)
            self.assertEqual(os.listdir(folder), [])
        done = generate("/proc/nowhere", SOURCE_DATE_EPOCH=SOURCE_DATE)
        self.assertEqual((done.returncode, "/proc/nowhere" in done.stderr), (1, True), done.stderr)
        self.assertNotIn("generate", printed("--help") + complaint("nonsense"))


if __name__ == "__main__":
    unittest.main()
