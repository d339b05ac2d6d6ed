#!/usr/bin/env python3
"""Finds C++ in README.md, docs/*.md and the doc comments of public headers that no compiler has seen, and long examples.

    check_examples.py ROOT          the pages of the tree at ROOT; exit code 1 where a block is at fault
    check_examples.py --self-test   the samples at the end of this file

Each ```cpp block must stand, line by line and in one piece, in a source under test/docs or apps/examples that the
CMakeLists.txt beside it names. The block may be indented less or more than there. The same holds for each paragraph of a doc
comment that is indented and has a line of code: one that ends with a semicolon or a brace.

A numbered program in apps/examples shows one idea in at most MOST_LINES lines.
"""

import pathlib
import re
import sys
import textwrap

FOLDERS = ("test/docs", "apps/examples")
CPP = {"cpp", "c++", "cxx", "cc"}
MOST_LINES = 40

# Pages whose blocks a test compiles and runs by itself, and that test.
COVERED = {
    "README.md": "test/integration/readme_test.py compiles the server as shown and talks to it",
    "docs/from-python-sockets.md": "test/integration/from_python_test.py compiles the programs as shown and runs them in pairs",
}


def blocks(page):
    """The C++ blocks of a page: the number of the first line of each, and its lines. None for one without an end."""
    lines = page.split("\n")
    at = 0
    while at < len(lines):
        fence = re.match(r"( *)(```+)\s*(\S*)", lines[at])
        if not fence:
            at += 1
            continue
        end = next((i for i in range(at + 1, len(lines)) if lines[i].strip() == fence[2]), None)
        if fence[3].lower() in CPP or end is None:
            yield at + 2, None if end is None else lines[at + 1:end]
        if end is None:
            return
        at = end + 1


CODE_LINE = re.compile(r"[;{}]\s*(?://.*)?$")


def examples(header):
    """The examples in the doc comments of a header: the number of the first line of each, and its lines."""
    begin, lines = 0, []
    for number, line in enumerate(header.split("\n") + [""], 1):
        indented = re.match(r"\s*///     (.*)", line)
        if indented:
            begin = begin or number
            lines.append(indented[1])
            continue
        if any(CODE_LINE.search(each) for each in lines):
            yield begin, lines
        begin, lines = 0, []


def plain(lines):
    """The lines without common indentation, blanks at their ends, and empty lines before and after."""
    return textwrap.dedent("\n".join(line.rstrip() for line in lines)).strip("\n").split("\n")


def stands_in(block, source):
    """Whether `source`, a list of lines, has the lines of the block in one piece."""
    first = block[0].lstrip()
    return any(line.lstrip() == first and plain(source[at:at + len(block)]) == block
               for at, line in enumerate(source))


def sources_of(root):
    """The sources that are compiled, by path: those that their CMakeLists.txt names, and headers."""
    found = {}
    for folder in FOLDERS:
        build = root / folder / "CMakeLists.txt"
        named = set(re.findall(r"[\w.]+", build.read_text(encoding="utf-8"))) if build.is_file() else set()
        for path in sorted((root / folder).glob("*.[hc]pp")):
            if path.suffix == ".hpp" or {path.name, path.stem} & named:
                found[path] = [line.rstrip() for line in path.read_text(encoding="utf-8").split("\n")]
    return found


def faults_in_page(page, sources, blocks_of=blocks):
    for line, block in blocks_of(page):
        if block is None:
            yield line, "a code block without an end: close it with ```"
        elif not any(stands_in(plain(block), source) for source in sources):
            yield line, ("this C++ is not compiled: copy the lines, without a change, from a source that a CMakeLists.txt in "
                         + " or ".join(FOLDERS) + " names, or put them there and test what they do")


def fault_in_program(program):
    """What is wrong with the text of a numbered example, or None."""
    count = len(program.splitlines())
    if count > MOST_LINES:
        return (f"an example of {count} lines, and {MOST_LINES} are allowed: make it simpler, show one idea, or move what "
                "the protocol needs to a header beside it")
    return None


def check(root):
    sources = sources_of(root)
    checked, bad = 0, 0
    for path in [root / "README.md", *sorted((root / "docs").glob("**/*.md"))]:
        name = str(path.relative_to(root))
        if name in COVERED:
            test = COVERED[name].split()[0]
            if not (root / test).is_file():
                bad += 1
                print(f"{name}:1: {test}, which compiled its C++, is gone: take the page out of COVERED")
            continue
        page = path.read_text(encoding="utf-8")
        checked += len(list(blocks(page)))
        for line, why in faults_in_page(page, sources.values()):
            bad += 1
            print(f"{name}:{line}: {why}")
    for path in sorted((root / "include").rglob("*.hpp")):
        header = path.read_text(encoding="utf-8")
        checked += len(list(examples(header)))
        for line, why in faults_in_page(header, sources.values(), examples):
            bad += 1
            print(f"{path.relative_to(root)}:{line}: {why}")
    programs = sorted((root / "apps/examples").glob("[0-9]*.cpp"))
    for path in programs:
        why = fault_in_program(path.read_text(encoding="utf-8"))
        if why:
            bad += 1
            print(f"{path.relative_to(root)}:{MOST_LINES + 1}: {why}")
    print(f"{checked} blocks and {len(programs)} examples checked, {bad} faults")
    return 1 if bad or not checked or not programs else 0


# --- samples ------------------------------------------------------------------------------------------------------

SOURCE = """\
#include <vector>

int f() {
    if (x)
        return 1;

    return 2;
}
""".split("\n")

FOUND = {
    "the whole file": "```cpp\n" + "\n".join(SOURCE) + "```\n",
    "a part, indented less": "```cpp\nif (x)\n    return 1;\n\nreturn 2;\n```\n",
    "a part, indented more": "- so:\n\n  ```cpp\n        if (x)\n            return 1;\n  ```\n",
    "another language": "```sh\nmake\n```\n```\nplain\n```\n",
    "no code": "text `int f()` and ``` in a line\n",
}
HEADER_FOUND = "/// One.\n///\n///     a picture ──▶ of something\n///\n///     if (x)\n///         return 1;\nint f();\n"
HEADER_NOT_FOUND = "/// One.\n///\n    ///     return 3;       // another\n"
NOT_FOUND = {  # and the line that is at fault
    "another line": ("```cpp\nint g() {\n```\n", 2),
    "a line left out": ("text\n\n```cpp\nif (x)\n    return 1;\nreturn 2;\n```\n", 4),
    "another indentation": ("```cpp\nif (x)\nreturn 1;\n```\n", 2),
    "the second block": ("```cpp\nreturn 2;\n```\n```cpp\nreturn 3;\n```\n", 5),
    "another name of the language": ("```c++\nint g() {\n```\n", 2),
    "more than the file has": ("```cpp\n    return 2;\n}\n}\n```\n", 2),
    "no end": ("```cpp\nreturn 2;\n", 2),
}


def self_test():
    wrong = [f"not taken for compiled: {name}" for name, page in FOUND.items() if list(faults_in_page(page, [SOURCE]))]
    wrong += [f"not found, or in another line: {name}" for name, (page, line) in NOT_FOUND.items()
              if [at for at, _ in faults_in_page(page, [SOURCE])] != [line]]
    if list(faults_in_page(HEADER_FOUND, [SOURCE], examples)):
        wrong.append("not taken for compiled: an example in a header")
    if [at for at, _ in faults_in_page(HEADER_NOT_FOUND, [SOURCE], examples)] != [3]:
        wrong.append("not found: an example in a header")
    if fault_in_program("\n" * MOST_LINES):
        wrong.append(f"not accepted: an example of {MOST_LINES} lines")
    if not fault_in_program("\n" * (MOST_LINES + 1)):
        wrong.append("not found: an example that is too long")
    print("\n".join(wrong) or f"{len(NOT_FOUND)} bad samples found, {len(FOUND)} good ones passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(self_test() if sys.argv[1] == "--self-test" else check(pathlib.Path(sys.argv[1])))
