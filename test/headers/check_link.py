#!/usr/bin/env python3
"""check_link.py COMPILER NM LIBRARY DIRECTORY…: a program that is built otherwise than the library does not link.

Each file that includes a header refers to names that say how it was built; the library has those of its own build.
"""
import os
import subprocess
import sys
import tempfile

COMPILER, NM, LIBRARY, *DIRECTORIES = sys.argv[1:]
OTHERWISE = {
    "-fno-rtti": "without_rtti",
    "-D_GLIBCXX_DEBUG": "with_GLIBCXX_DEBUG",
    "-DBOOST_ASIO_DISABLE_EPOLL": "without_epoll_in_BOOST_ASIO",
    "-DBOOST_ASIO_DISABLE_THREADS": "without_threads_in_BOOST_ASIO",
    "-DBOOST_ASIO_ENABLE_HANDLER_TRACKING": "with_BOOST_ASIO_ENABLE_HANDLER_TRACKING",
    "-DBOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT": "with_BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT",
    "-include boost/version.hpp -UBOOST_VERSION -DBOOST_VERSION=100000": "boost_100000",
}


def names(kind, file):
    listed = subprocess.run([NM, "-C", kind, file], capture_output=True, text=True, check=True).stdout
    return {line.split("::")[-1] for line in listed.splitlines() if "fairlead::built_with::" in line and "by_this_file" not in line}


def names_needed(*flags):
    with tempfile.TemporaryDirectory() as folder:
        source, compiled = os.path.join(folder, "program.cpp"), os.path.join(folder, "program.o")
        with open(source, "w", encoding="ascii") as file:
            if "boost/version.hpp" in flags:  # the version is a macro of a header
                file.write("#undef BOOST_VERSION\n#define BOOST_VERSION 100000\n")
                flags = ("-include", "boost/version.hpp")
            file.write("#include <fairlead/bytes.hpp>\n")
        subprocess.run([COMPILER, "-std=c++20", *flags, *(f"-I{each}" for each in DIRECTORIES), "-c", source, "-o", compiled],
                       check=True)
        return names("--undefined-only", compiled)


def main():
    has = names("--defined-only", LIBRARY)
    faults = []
    if missing := names_needed() - has:
        faults.append(f"a program that is built alike does not link: {missing}")
    for flags, expected in OTHERWISE.items():
        if (missing := names_needed(*flags.split()) - has) != {expected}:
            faults.append(f"with {flags} {expected} should be missing, and it is {missing}")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
