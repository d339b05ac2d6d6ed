"""The rows of the tables: which servers there are, and how they are started."""

import dataclasses
import shlex
import subprocess

PLAN = "PLAN"
ANY_PORT = "tcp://127.0.0.1:0"
ENGINES = ("epoll", "io_uring")


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    command: tuple
    inproc: tuple = ()  # the same with both ends on one thread; PLAN stands for CONNECTIONS,DEPTH,SIZE,SECONDS
    descriptor: str = ""  # a kind of descriptor without which it is not what it is called


def mentions(command, option):
    """Whether the program's own help knows an option."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    except OSError:
        return False
    return option in done.stdout + done.stderr


def plain(servers, name, program, inproc=True):
    path = str(servers / program)
    return Row(name, (path, "127.0.0.1", "0"), (path, "--inproc", PLAN) if inproc else ())


def fairlead(build, engine=""):
    """`fairlead serve echo`, on the engine that it chooses by itself or on that one."""
    program, inproc = str(build / "apps/fairlead/fairlead"), str(build / "test/bench/fairlead-inproc")
    chosen = ("--engine", engine) if engine else ()
    can_inproc = not engine or mentions((inproc,), "--engine")
    return Row(f"Fairlead, {engine}" if engine else "Fairlead",
               (program, "serve", "--threads", "1", "--listen", ANY_PORT, *chosen, "echo"),
               (inproc, "--inproc", PLAN, *chosen) if can_inproc else (),
               engine if engine == "io_uring" else "")


def conversation(build):
    return Row("Fairlead, conversation", (str(build / "test/bench/servers/conversation"), "127.0.0.1", "0"),
               (str(build / "test/bench/fairlead-inproc"), "--inproc", PLAN, "--handler", "conversation"))


def rows(build):
    """All that were built, raw epoll first; and remarks on those that were not."""
    folder, notes = build / "test/bench/servers", []
    found = [plain(folder, "raw epoll", "raw-epoll"),
             plain(folder, "Asio, textbook", "asio-textbook"),
             plain(folder, "Asio, tuned", "asio-tuned")]
    if (folder / "libuv").exists():
        found.append(plain(folder, "libuv", "libuv", inproc=False))
    else:
        notes.append("libuv is left out: it was not there when the servers were built")
    if mentions((str(build / "apps/fairlead/fairlead"), "serve", "--help"), "--engine"):
        found += [fairlead(build, engine) for engine in ENGINES]
    else:
        found.append(fairlead(build))
    found.append(conversation(build))
    return found, notes


def also(text):
    """A row that the command line gives: NAME=COMMAND."""
    name, equals, command = text.partition("=")
    if not equals or not name or not command.strip():
        raise ValueError(f"{text!r} is no server; one is NAME=COMMAND")
    return Row(name, tuple(shlex.split(command)))


def choose(found, names):
    """Those of these names; raw epoll, which all are compared with, always."""
    known = [row.name for row in found]
    for name in names:
        if name not in known:
            raise ValueError(f"there is no server {name!r}; there are: {'; '.join(known)}")
    return [row for row in found if row.name in names or row.name == known[0]]
