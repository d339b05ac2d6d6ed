#!/usr/bin/env python3
"""Checks that the relative links and anchors of the Markdown pages lead somewhere.

    links.py ROOT    the pages of the tree at ROOT; exit code 1 if a link is broken

Anchors follow GitHub's rule for headings. Links to other sites are not followed.
"""

import pathlib
import re
import sys
import urllib.parse

ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^ {0,3}\[[^\]]+\]:\s+<?([^\s>]+)>?")
HEADING = re.compile(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*$")


def pages(root):
    """The pages in the order of reading: README.md first, docs/README.md before the others of docs."""
    top = [root / name for name in ("README.md", "SECURITY.md", "CHANGELOG.md")]
    below = sorted((root / "docs").rglob("*.md"), key=lambda page: (page.name != "README.md", page))
    return [page for page in top if page.exists()] + below


def lines_of_prose(text):
    """Pairs of a number, from 1, and a line; fenced code is left out."""
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        found = FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not line[found.end():].strip():
                fence = ""
        elif found:
            fence = found[1]
        else:
            yield number, line


def links(text):
    """The targets of the links in a page: number of the line, first and last column, target."""
    for number, line in lines_of_prose(text):
        without_code = CODE.sub(lambda code: "`" * len(code[0]), line)
        for found in LINK.finditer(without_code):
            which = 1 if found[1] else 2
            yield number, found.start(which), found.end(which), found[which]


def anchors(text):
    """The anchors that the headings of a page get."""
    found = set()
    for _, line in lines_of_prose(text):
        if heading := HEADING.match(line):
            words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
            found.add(re.sub(r"[^\w\- ]", "", words).lower().replace(" ", "-"))
    return found


def split(target):
    """The path and the anchor of a relative target, decoded."""
    path, _, anchor = target.partition("#")
    return urllib.parse.unquote(path), urllib.parse.unquote(anchor)


def is_relative(target):
    return not ELSEWHERE.match(target)


def fault(target, page, root):
    """The reason why a link leads nowhere; None if it is right."""
    path, anchor = split(target)
    if path.startswith("/"):
        return f"{target} is absolute: write it relative to this page"
    at = (page.parent / path).resolve() if path else page
    if not at.exists():
        return f"{target}: there is no such file"
    if root not in [at, *at.parents]:
        return f"{target} leads out of the tree"
    if anchor and at.suffix != ".md":
        return f"{target}: only pages have anchors"
    if anchor and anchor not in anchors(at.read_text(encoding="utf-8")):
        return f"{target}: {at.relative_to(root)} has no heading with the anchor #{anchor}"
    return None


def check(root):
    checked, broken = 0, 0
    for page in pages(root):
        for number, _, _, target in links(page.read_text(encoding="utf-8")):
            if not is_relative(target):
                continue
            checked += 1
            if why := fault(target, page, root):
                broken += 1
                print(f"{page.relative_to(root)}:{number}: {why}")
    print(f"{checked} links checked, {broken} broken")
    return 1 if broken or not checked else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(check(pathlib.Path(sys.argv[1]).resolve()))
