#!/usr/bin/env python3
"""The README is true: its commands do what it shows, its server compiles and answers, its links lead somewhere.

Each kind of code block has a test; a block that none of them knows is a fault.
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from support.console import all_blocks, commands, free_ports
from support.programs import FAIRLEAD, PATIENCE, Server, connect, frame

SOURCE = pathlib.Path(os.environ["SOURCE"])
README = (SOURCE / "README.md").read_text(encoding="utf-8")
BLOCKS = all_blocks(README)
SLOW = 600  # seconds, for a compiler on a busy machine


def blocks(kind):
    return [text for each, text in BLOCKS if each == kind]


class Text(unittest.TestCase):
    def test_every_block_is_of_a_kind_that_is_tested(self):
        self.assertEqual({kind for kind, _ in BLOCKS}, {"", "cmake", "console", "cpp", "sh"})
        for line in "".join(blocks("sh")).splitlines():
            self.assertRegex(line, r"^(\./dev|cmake --install|c\+\+) ")
        self.assertEqual(len(blocks("")), 1, "the picture of the layers")

    def test_every_link_leads_somewhere(self):
        links = re.findall(r"\]\(([^)]+)\)", README)
        self.assertTrue(links)
        for link in links:
            self.assertTrue((SOURCE / link.partition("#")[0]).exists(), link)

    def test_every_dev_command_is_known(self):
        known = subprocess.run([SOURCE / "dev", "help"], capture_output=True, timeout=PATIENCE, check=True)
        commands = set(re.findall(r"\./dev (\w+)", README))
        self.assertLessEqual({"demo", "test"}, commands)
        for command in commands:
            self.assertRegex(known.stdout.decode(), rf"(?m)^  {command}\b")


class Console(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_every_command_prints_what_is_shown(self):
        self.assertTrue(blocks("console"))
        for block in blocks("console"):
            for command, shown in commands(free_ports(self, block)):
                with self.subTest(command):
                    self.assertEqual(self.output(command, shown.count("\n")), shown)

    def output(self, command, lines):
        """What the command prints; one that ends in & is started and has printed that many lines."""
        environment = dict(os.environ, PATH=os.path.dirname(FAIRLEAD) + ":" + os.environ["PATH"])
        if not command.endswith("&"):
            done = subprocess.run(command, shell=True, cwd=self.folder, env=environment, capture_output=True,
                                  timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            return done.stdout.decode()
        command = "exec " + command.removesuffix("&")
        server = Server("-c", command, program="/bin/sh", listeners=lines, cwd=self.folder, env=environment)
        self.addCleanup(server.close)
        return "".join(f"listening {url}\n" for url in server.urls)


class Use(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.home = pathlib.Path(folder.name)
        cls.prefix = cls.home / ".local"
        install = next(line for line in "".join(blocks("sh")).splitlines() if line.startswith("cmake --install "))
        cls.shell(install.replace("build/release", os.environ["BUILD"]))

    @classmethod
    def shell(cls, command, **variables):
        environment = dict(os.environ, HOME=str(cls.home), **variables)
        done = subprocess.run(command, shell=True, cwd=cls.home, env=environment, timeout=SLOW, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, f"{command}\n{done.stdout}"

    def test_the_server_compiles_as_shown_and_answers(self):
        (source,) = blocks("cpp")
        self.assertLessEqual(len([line for line in source.splitlines() if line.strip()]), 15)
        source = free_ports(self, source)
        (self.home / "server.cpp").write_text(source, encoding="utf-8")
        (compile_line,) = [line for line in "".join(blocks("sh")).splitlines() if line.startswith("c++ ")]
        package = next(self.prefix.rglob("fairlead.pc")).parent
        self.shell(compile_line.replace("c++ ", os.environ["CXX"] + " ", 1), PKG_CONFIG_PATH=str(package))

        ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", source)]
        with subprocess.Popen([self.home / "server"], stderr=subprocess.DEVNULL) as server:
            try:
                for port, request, reply in zip(ports, (frame(b"ahoy"), b"Ann\n"), (frame(b"AHOY"), b"hello Ann\n")):
                    with self.connection(port) as connection:
                        connection.sendall(request)
                        self.assertEqual(connection.recv(len(reply), socket.MSG_WAITALL), reply)
                server.terminate()
                self.assertEqual(server.wait(PATIENCE), 0)
            finally:
                server.kill()

    @staticmethod
    def connection(port):
        while True:  # ends with the test's own limit
            try:
                return connect(("127.0.0.1", port))
            except ConnectionRefusedError:
                pass

    def test_a_project_configures_as_shown(self):
        self.assertEqual(len(blocks("cmake")), 2)
        for number, snippet in enumerate(blocks("cmake")):
            project = self.home / f"project{number}"
            (project / "third_party").mkdir(parents=True)
            (project / "third_party/fairlead").symlink_to(SOURCE)
            (project / "main.cpp").write_text("int main() {}\n", encoding="utf-8")
            (project / "CMakeLists.txt").write_text(
                "cmake_minimum_required(VERSION 3.25)\nproject(app LANGUAGES CXX)\nadd_executable(app main.cpp)\n"
                + snippet, encoding="utf-8")
            generator = "-G Ninja" if shutil.which("ninja") else ""
            self.shell(f"cmake -S {project} -B {project}/build {generator} -DCMAKE_PREFIX_PATH={self.prefix}",
                       CXX=os.environ["CXX"])


if __name__ == "__main__":
    unittest.main()
