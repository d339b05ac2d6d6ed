#!/usr/bin/env python3
"""Every option that a message of a subcommand names is one that this subcommand has."""

import pathlib
import re
import unittest

from support.programs import run

SOURCES = pathlib.Path(__file__).parents[2] / "apps" / "fairlead"

# Files whose messages belong to one subcommand; the messages of the others name no options, or those of `serve`.
FILES = {
    "talk": ("talk.cpp", "talk/*.cpp", "dialogue.cpp", "udp_dialogue.cpp", "line_input.cpp", "screen.cpp", "silence.cpp",
             "client_tls.cpp"),
    "load": ("load.cpp", "load/*.cpp", "load/*.hpp", "client_tls.cpp"),
    "send": ("send.cpp", "client_tls.cpp"),
    "new": ("new.cpp", "new/*.cpp"),
    "decode": ("decode.cpp", "decode/*.cpp"),
    "dissector": ("dissector.cpp", "dissector/*.cpp"),
    "serve": ("serve*.cpp", "check.cpp", "reload.cpp", "config/*.cpp", "*_options.cpp", "answer_check.cpp",
              "process_rights.?pp", "start_advice.cpp",
              "user_change.cpp", "manual/form_pages.cpp"),
}

# Options of other programs, which a message shows how to call.
OF_OTHERS = {"new": {"--preset", "--build", "--hex", "--tls-ca", "--user"}}


def literals(text):
    """The string literals of a source, neighbours joined as the compiler does."""
    code = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    joined = re.sub(r'"\s*\n\s*"', "", code)
    return re.findall(r'"((?:[^"\\\n]|\\.)*)"', joined)


def options_of(subcommand):
    return set(re.findall(r"--[a-z][a-z0-9-]*", run(subcommand, "--help").stdout.decode()))


class Advice(unittest.TestCase):
    def check(self, subcommand):
        known = {name: options_of(name) | OF_OTHERS.get(name, set()) for name in ("serve", subcommand)}
        named = 0
        for pattern in FILES[subcommand]:
            files = sorted(SOURCES.glob(pattern))
            self.assertTrue(files, pattern)
            for file in files:
                for literal in literals(file.read_text(encoding="utf-8")):
                    whose = "serve" if "fairlead serve" in literal else subcommand
                    for option in re.findall(r"--[a-z][a-z0-9-]*", literal):
                        named += 1
                        self.assertIn(option, known[whose], f"{file.name}: {literal}")
        self.assertGreater(named, 3)

    def test_of_talk(self):
        self.check("talk")

    def test_of_load(self):
        self.check("load")

    def test_of_send(self):
        self.check("send")

    def test_of_new(self):
        self.check("new")

    def test_of_decode(self):
        self.check("decode")

    def test_of_dissector(self):
        self.check("dissector")

    def test_of_serve(self):
        self.check("serve")

    def test_no_message_of_the_command_goes_unread(self):
        read = {file for patterns in FILES.values() for pattern in patterns for file in SOURCES.glob(pattern)}
        for file in set(SOURCES.rglob("*.?pp")) - read:
            for literal in literals(file.read_text(encoding="utf-8")):
                for option in re.findall(r"--[a-z][a-z0-9-]*", literal):
                    self.assertIn(option, ("--help", "--version", "--framing"), f"{file.name}: {literal}")


if __name__ == "__main__":
    unittest.main()
