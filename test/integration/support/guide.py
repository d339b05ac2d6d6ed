#!/usr/bin/env python3
"""The programs in a guide: code blocks whose first line names their file. Run as `guide.py GUIDE OUTPUT` it makes one C++
source of all that are C++, which takes the name of one as its first argument."""

import pathlib
import re
import sys

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"(?:#|//) (\w+\.(?:py|cpp))\n")

# A URL is where the test wants it: the environment says what stands for a port or a path. So it does for no framing.
BEGIN = """
#include <cstdlib>

namespace {

std::string at(std::string url) {
    for (const std::string shown : {"9000", "9001", "9002", "/tmp/echo.sock"}) {
        const char* const real = std::getenv(shown.c_str());
        if (const auto found = url.find(shown); real && found != url.npos)
            return url.replace(found, shown.size(), real);
    }
    return url;
}

fairlead::framing rules() {
    const char* const named = std::getenv("FRAMING");
    return fairlead::parse_framing(named ? named : "raw");
}

} // namespace
"""


def programs(guide):
    """Texts by file name, and the line of the guide at which each begins."""
    found = {}
    for block in BLOCK.finditer(guide):
        name = NAME.match(block[2])
        if name is None:
            raise ValueError(f"a block of {block[1] or 'plain text'} does not begin with its name: {block[2][:40]!r}")
        if name[1] in found:
            raise ValueError(f"two programs are named {name[1]}")
        found[name[1]] = (block[2], guide.count("\n", 0, block.start(2)) + 1)
    return found


def in_one(found, guide_path):
    """One source: each program in a namespace of its own, its lines counted as they are in the guide."""
    sources = {name.removesuffix(".cpp"): program for name, program in found.items() if name.endswith(".cpp")}
    includes, bodies, calls = {}, "", ""
    for name, (text, line) in sources.items():
        includes |= dict.fromkeys(re.findall(r"^#include .*$", text, re.MULTILINE))
        body = re.sub(r"^#include .*$", "", text, flags=re.MULTILINE)
        body = re.sub(r'"(?:tcp|udp|unix)://[^"]*"', r"at(\g<0>)", body).replace("fairlead::raw{}", "rules()")
        bodies += f'\nnamespace {name} {{\n#line {line} "{guide_path}"\n{body}}}\n'
        arguments = "" if "int main()" in text else "argc - 1, argv + 1"
        calls += f'    if (name == "{name}")\n        return {name}::main({arguments});\n'
    return ("\n".join(includes) + "\n" + BEGIN + bodies + "\nint main(int argc, char** argv) {\n"
            "    const std::string name = argc > 1 ? argv[1] : \"\";\n" + calls + "    return 2;\n}\n")


if __name__ == "__main__":
    path = pathlib.Path(sys.argv[1])
    pathlib.Path(sys.argv[2]).write_text(in_one(programs(path.read_text(encoding="utf-8")), path), encoding="utf-8")
