#!/usr/bin/env python3
"""What bash, zsh and fish complete, each asked by its own means."""

import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

from support.process import wait_until
from support.programs import FAIRLEAD

BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"

# Lines, and words that are offered, or not (`!`). What a shell shows of a word may begin behind a colon.
LINES = [
    ("fairlead ", "serve talk check !generate !--listen"),
    ("fairlead ser", "serve !talk"),
    ("fairlead --", "--version --help !--listen"),
    ("fairlead serve ", "echo uppercase reply !serve"),
    ("fairlead serve --lis", "--listen !--framing"),
    ("fairlead serve --log-level ", "debug error !echo"),
    ("fairlead serve --log-level d", "debug !error"),
    ("fairlead serve --framing ", "length varint delimiter: raw !echo"),
    ("fairlead serve --framing le", "length !raw"),
    ("fairlead serve --listen ", "tcp:// unix:/// unix://@ wss://"),
    ("fairlead serve --framing line echo --", "--prefix --listen"),
    ("fairlead serve reply --", "--text --framing !--prefix"),
    ("fairlead serve --multicast serve ec", "echo"),
    ("fairlead talk ", "tcp:// tls:// ws://"),
    ("fairlead talk --tls-ca ", "some.pem folder/ !tcp://"),
    ("fairlead talk --tls-ca fol", "folder/ !some.pem"),
    ("fairlead talk --tls-ca=some.pem ", "tcp:// tls:// ws://"),
    ("fairlead check so", "some.pem"),
]
if os.environ["FAIRLEAD_FILES"] == "ON":
    LINES += [
        ("fairlead serve files --directory ", "folder/ !some.pem"),
        ("fairlead send tcp://127.0.0.1:9000 so", "some.pem"),
    ]


class Shell:
    """A folder with a script to complete by and files to complete, and what one shell offers for lines."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "some.pem").touch()
        (cls.folder / "folder").mkdir()
        subprocess.run([FAIRLEAD, "generate", cls.folder / "share"], check=True, timeout=60, env={"SOURCE_DATE_EPOCH": "0"})

    def offered(self, *lines):
        """Returns a list of words for each line."""
        raise NotImplementedError

    def run_shell(self, *command, **more):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, **more)

    def test_it_offers_subcommands_options_and_values_also_behind_colons_and_equals_signs(self):
        lines = LINES + [(line.replace("FOLDER", str(self.folder)), words.replace("FOLDER", str(self.folder)))
                         for line, words in self.LINES_OF_ITS_OWN]
        for (line, expected), offered in zip(lines, self.offered(*(line for line, _ in lines)), strict=True):
            for word in expected.split():
                with self.subTest(line=line, word=word):
                    (self.assertNotIn if word.startswith("!") else self.assertIn)(word.lstrip("!"), offered)


@unittest.skipUnless(shutil.which("bash") and os.path.exists(BASH_COMPLETION), "there is no bash-completion")
class Bash(Shell, unittest.TestCase):
    SCRIPT = "share/bash-completion/completions/fairlead"
    LINES_OF_ITS_OWN = [
        ("fairlead talk tc", "tcp://"),
        ("fairlead talk tcp:", "//"),
        ("fairlead talk unix:", "/// //@"),
        ("fairlead talk unix://FOLDER/so", "//FOLDER/some.pem"),
        ("fairlead serve --listen=tl", "tls:// tls+unix:///"),
        ("fairlead serve --framing=de", "delimiter:"),
        ("fairlead serve --framing length", "length length:"),
        ("fairlead serve --adopt web=u", "udp:// unix:///"),
    ]

    @staticmethod
    def words(line):
        """As readline divides a line: breaks are words of their own."""
        words = re.findall(r"[:=]+|[^:=\s]+", line)
        return words + ([""] if line.endswith(" ") else [])

    def offered(self, *lines, before=""):
        script = f"{before}\nsource {BASH_COMPLETION}; source {self.SCRIPT}; compopt() {{ :; }}\n"
        for line in lines:
            words = " ".join(f"'{word}'" for word in self.words(line))
            script += (f"COMP_LINE='{line}' COMP_POINT={len(line)} COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); "
                       "COMPREPLY=(); _fairlead; printf '%s\\n' \"${COMPREPLY[@]}\" --end--\n")
        done = self.run_shell("bash", "--norc", "-c", script)
        self.assertEqual(done.stderr, "")
        # Bash itself puts the slash behind a directory.
        lists = [["folder/" if word == "folder" else word for word in part.split("\n")]
                 for part in done.stdout.split("--end--\n")]
        return lists[:-1]

    def test_it_runs_nothing_of_the_line(self):
        lines = ["fairlead serve $(>ran) ", "fairlead serve --$(>ran) "]
        self.offered(*lines)
        self.offered(*lines, before="BASH_COMPAT=51")  # which expands some words twice
        self.assertFalse((self.folder / "ran").exists())

    def test_its_syntax_is_right(self):
        self.assertEqual(self.run_shell("bash", "-n", self.SCRIPT).stderr, "")


@unittest.skipUnless(shutil.which("fish"), "there is no fish")
class Fish(Shell, unittest.TestCase):
    SCRIPT = "share/fish/vendor_completions.d/fairlead.fish"
    LINES_OF_ITS_OWN = [
        ("fairlead talk tcp:", "tcp://"),
        ("fairlead talk unix://FOLDER/so", "unix://FOLDER/some.pem"),
        ("fairlead serve --listen=tl", "--listen=tls:// --listen=tls+unix:///"),
        ("fairlead serve --adopt web=u", "web=udp:// web=unix:///"),
    ]

    def offered(self, *lines):
        script = f"source {self.SCRIPT}\n" + "".join(f"complete -C '{line}'; echo --end--\n" for line in lines)
        done = self.run_shell("fish", "--no-config", "-c", script)
        self.assertEqual(done.stderr, "")
        return [[line.split("\t")[0] for line in part.split("\n")] for part in done.stdout.split("--end--\n")][:-1]

    def test_its_syntax_is_right(self):
        self.assertEqual(self.run_shell("fish", "--no-execute", self.SCRIPT).stderr, "")


ZSH_CAPTURE = r"""
PS1=
fpath=(share/zsh/vendor-completions $fpath)
autoload -Uz compinit
compinit -D -u
compadd() {
    local -a hits
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
        builtin compadd -A hits "$@"
        print -rl -- $hits >>offered
    fi
    builtin compadd "$@"
}
capture() {
    zle complete-word
    print -- --end-- >>offered
    zle kill-whole-line
}
zle -N capture
bindkey '^I' capture
: >offered
"""


@unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
class Zsh(Shell, unittest.TestCase):
    SCRIPT = "share/zsh/vendor-completions/_fairlead"
    LINES_OF_ITS_OWN = [
        ("fairlead talk tcp:", "tcp://"),
        ("fairlead talk unix://FOLDER/so", "some.pem"),
        ("fairlead serve --listen=tl", "tls:// tls+unix:///"),
        ("fairlead serve --adopt web=u", "udp:// unix:///"),
    ]

    def offered(self, *lines):
        """Types the lines at a terminal, each with a tab; `compadd` then writes what it is given into a file."""
        (self.folder / "capture").write_text(ZSH_CAPTURE)
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {"PATH": os.environ["PATH"], "HOME": ".", "TERM": "vt100", "LC_ALL": "C.UTF-8"})
        shown = threading.Thread(target=self.drain, args=(terminal,))
        shown.start()
        file = self.folder / "offered"
        try:
            os.write(terminal, b". ./capture\n")
            wait_until(file.exists, "the shell has not begun")
            for number, line in enumerate(lines, 1):
                os.write(terminal, line.encode() + b"\t")
                wait_until(lambda: file.read_text().count("--end--\n") == number, line)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            shown.join()
            os.close(terminal)
        return [[word + "/" if word == "folder" else word for word in part.split("\n")]
                for part in file.read_text().split("--end--\n")][:-1]

    @staticmethod
    def drain(terminal):
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:  # the shell has ended
            pass

    def test_its_syntax_is_right(self):
        self.assertEqual(self.run_shell("zsh", "-n", self.SCRIPT).stderr, "")


if __name__ == "__main__":
    unittest.main()
