"""The rows of the tables: which servers there are, and how they are started."""

import dataclasses
import shlex

PLAN = "PLAN"
ANY_PORT = "tcp://127.0.0.1:0"


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    command: tuple
    inproc: tuple = ()  # the same with both ends on one thread; PLAN stands for CONNECTIONS,DEPTH,SIZE,SECONDS


def plain(servers, name, program, inproc=True):
    path = str(servers / program)
    return Row(name, (path, "127.0.0.1", "0"), (path, "--inproc", PLAN) if inproc else ())


def fairlead(build):
    return Row("Fairlead",
               (str(build / "apps/fairlead/fairlead"), "serve", "--threads", "1", "--listen", ANY_PORT, "echo"),
               (str(build / "test/bench/fairlead-inproc"), "--inproc", PLAN))


def session_handler(build):
    return Row("Fairlead, session handler", (str(build / "test/bench/servers/session-handler"), "127.0.0.1", "0"),
               (str(build / "test/bench/fairlead-inproc"), "--inproc", PLAN, "--handler", "session-handler"))


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
    found.append(fairlead(build))
    found.append(session_handler(build))
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
