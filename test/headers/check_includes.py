#!/usr/bin/env python3
"""check_includes.py COMPILER DIRECTORY…: what the public headers make a compiler read.

Compile time cannot be tested exactly, but what costs it can: handler.hpp needs nothing of Asio, session.hpp no io_context.hpp,
all of Fairlead no more than awaitable.hpp and io_context.hpp but for small headers, and none needs the dear ones of the standard
library.
"""
import re
import subprocess
import sys

COMPILER, DIRECTORIES = sys.argv[1], sys.argv[2:]
DEAR = {"algorithm", "filesystem", "format", "iostream", "ranges", "regex", "sstream", "thread"}
BUDGETS = {"fairlead/handler.hpp": 0.76, "fairlead/session.hpp": 1.09, "fairlead/fairlead.hpp": 1.11}
SMALL = {f"boost/asio/{each}.hpp" for each in ("recycling_allocator", "associated_cancellation_slot", "dispatch", "impl/dispatch")}


def read_by(*headers):
    """The headers that are read in the end, as they would be included."""
    source = "".join(f"#include <{each}>\n" for each in headers)
    command = [COMPILER, "-std=c++20", "-M", "-x", "c++", "-"] + [f"-I{each}" for each in DIRECTORIES]
    rules = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    files = re.findall(r"\S+", rules.replace("\\\n", " "))
    return {re.sub(r".*/(?=boost/)|.*/c\+\+/[^/]+/|.*/(?=[^/]+$)", "", each, count=1) for each in files}


def too_many(headers, without):
    more = read_by(*headers) - without - SMALL
    return {each for each in more if each in DEAR or each.startswith("boost/asio/")}


def lines_of(*headers):
    """How many lines the compiler is left with."""
    source = "".join(f"#include <{each}>\n" for each in headers)
    command = [COMPILER, "-std=c++20", "-E", "-P", "-x", "c++", "-"] + [f"-I{each}" for each in DIRECTORIES]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout.count("\n")


def over_budget():
    """What makes the compiler read more than it may: lines, as a part of what awaitable.hpp and io_context.hpp are."""
    both = lines_of("boost/asio/awaitable.hpp", "boost/asio/io_context.hpp")
    for header, budget in BUDGETS.items():
        part = lines_of(header) / both
        if part > budget:
            yield f"{header} is {part:.3f} of Asio's two headers, and may be {budget}"


def main():
    both = read_by("boost/asio/awaitable.hpp", "boost/asio/io_context.hpp")
    assert "boost/asio/io_context.hpp" in both, "the list of headers was not understood"
    assert too_many(["boost/asio/post.hpp", "ranges"], set()) >= {"boost/asio/post.hpp", "ranges"}
    faults = [("fairlead/handler.hpp", each) for each in too_many(["fairlead/handler.hpp"], set())]
    faults += [("fairlead/fairlead.hpp", each) for each in too_many(["fairlead/fairlead.hpp"], both)]
    faults += [(header, "boost/asio/io_context.hpp") for header in ("fairlead/session.hpp", "fairlead/fairlead.hpp")
               if "boost/asio/io_context.hpp" in read_by(header)]
    for header, dear in sorted(faults):
        print(f"{header} makes every file that includes it read <{dear}>")
    excess = list(over_budget())
    print("\n".join(excess))
    return 1 if faults or excess else 0


if __name__ == "__main__":
    sys.exit(main())
