#!/usr/bin/env python3
"""Checks that a built site is whole: each link and anchor leads somewhere, and nothing is loaded from elsewhere.

    check_site.py SITE    exit code 1 if a page is at fault
"""

import html.parser
import pathlib
import re
import sys
import urllib.parse

ELSEWHERE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data", "embed": "src"}
LOADED_LINKS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload"}
STYLE_URL = re.compile(r"(?:url\(\s*|@import\s+)[\"']?((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)

DOXYGEN_LINK = "#nested-classes"  # of Doxygen 1.9, where all nested classes are private and the page has no list of them


class Page(html.parser.HTMLParser):
    """The anchors of a page, and what it links to and loads, with lines."""

    def __init__(self, text):
        super().__init__()
        self.anchors = {"", "__top"}
        self.links = []
        self.assets = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        line = self.getpos()[0]
        has = {name: value for name, value in attributes if value}
        self.anchors |= {has[name] for name in ("id", "name") if name in has}
        if tag in ("a", "area") and "href" in has:
            self.links.append((line, has["href"]))
        if tag == "link" and LOADED_LINKS & set(has.get("rel", "").split()):
            self.assets.append((line, has.get("href", "")))
        if tag in LOADED and LOADED[tag] in has:
            self.assets.append((line, has[LOADED[tag]]))
        self.assets += [(line, url) for url in STYLE_URL.findall(has.get("style", ""))]


class Site:
    def __init__(self, root):
        self.root = root
        self.pages = {page: Page(page.read_text(encoding="utf-8")) for page in sorted(root.rglob("*.html"))}

    def fault_of_link(self, target, page):
        """The reason why a link or an asset is broken; None if it is right, or leads to another site."""
        if OTHER_SCHEME.match(target) or target.startswith("//") or target == DOXYGEN_LINK:
            return None
        path, _, anchor = target.partition("#")
        path = urllib.parse.unquote(path.partition("?")[0])
        at = page if not path else (self.root / path[1:] if path.startswith("/") else page.parent / path).resolve()
        at = at / "index.html" if at.is_dir() else at
        if not at.is_file() or self.root not in at.parents:
            return f"{target}: there is no such page"
        if at in self.pages and urllib.parse.unquote(anchor) not in self.pages[at].anchors:
            return f"{target}: {at.relative_to(self.root)} has no such anchor"
        return None

    def faults(self):
        for path, page in self.pages.items():
            if path == self.root / "404.html":  # may be shown at any depth, so its links are absolute
                continue
            for line, target in sorted(set(page.links + page.assets)):
                if why := self.fault_of_link(target, path):
                    yield path, line, why
            for line, target in page.assets:
                if ELSEWHERE.match(target):
                    yield path, line, f"{target} is loaded from another site"
        for path in sorted(self.root.rglob("*.css")):
            for line, text in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
                for target in STYLE_URL.findall(text):
                    yield path, line, f"{target} is loaded from another site"


def main(root):
    site = Site(root)
    broken = 0
    for path, line, why in site.faults():
        broken += 1
        print(f"{path.relative_to(root)}:{line}: {why}")
    print(f"{len(site.pages)} pages checked, {broken} faults")
    return 1 if broken or not site.pages else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
