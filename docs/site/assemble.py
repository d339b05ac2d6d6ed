#!/usr/bin/env python3
"""Assembles the pages of the site: copies the Markdown and makes a page of each source or folder that it links to.

    assemble.py ROOT OUT    fills OUT/pages and writes OUT/mkdocs.yml, from the tree at ROOT

Paths stay as they are in the tree, so links between pages need no change. A link to a source becomes one to its page:
include/fairlead/url.hpp is shown by include/fairlead/url.hpp.md, a folder by FOLDER/index.md.
"""

import json
import os
import pathlib
import shutil
import sys

import links

PICTURES = {".svg", ".png", ".jpg", ".gif", ".webp"}
LANGUAGES = {".hpp": "cpp", ".h": "cpp", ".cpp": "cpp", ".py": "python", ".sh": "bash", ".cmake": "cmake", ".json": "json"}
HERE = pathlib.Path(__file__).resolve().parent


def is_readable(file):
    try:
        return file.is_file() and "__pycache__" not in file.parts and "\0" not in file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False


class Site:
    """The pages of one tree; each file is shown once, however many links lead to it."""

    def __init__(self, root, out):
        self.root = root
        self.out = out
        self.written = {}

    def write(self, path, text):
        target = self.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def show(self, file):
        """Makes sure that a file or folder of the tree is on the site. Returns the path of its page below `out`."""
        path = file.relative_to(self.root)
        if path in self.written:
            return self.written[path]
        if file.is_dir() and (file / "README.md").exists():
            return self.show(file / "README.md")
        is_as_it_is = file.suffix == ".md" or file.suffix in PICTURES
        self.written[path] = path / "index.md" if file.is_dir() else path if is_as_it_is else pathlib.Path(f"{path}.md")
        if file.is_dir():
            self.show_folder(file)
        elif file.suffix in PICTURES:
            (self.out / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, self.out / path)
        elif file.suffix == ".md":
            self.show_page(file)
        else:
            self.show_source(file)
        return self.written[path]

    def show_page(self, page):
        lines = page.read_text(encoding="utf-8").split("\n")
        for number, start, end, target in reversed(list(links.links("\n".join(lines)))):
            path, anchor = links.split(target)
            if not path or not links.is_relative(target):
                continue
            shown = self.show((page.parent / path).resolve())
            changed = os.path.relpath(self.root / shown, page.parent) + ("#" + anchor if anchor else "")
            line = lines[number - 1]
            lines[number - 1] = line[:start] + changed + line[end:]
        self.write(page.relative_to(self.root), "\n".join(lines))

    def show_source(self, file):
        path = file.relative_to(self.root)
        language = "cmake" if file.name == "CMakeLists.txt" else LANGUAGES.get(file.suffix, "text")
        text = file.read_text(encoding="utf-8").rstrip("\n")
        names = f"; its names are in the [reference]({os.path.relpath('reference.md', path.parent)})"
        more = names if path.parts[0] == "include" else ""
        self.write(self.written[path], f"---\nhide: [toc]\n---\n\n# {file.name}\n\n`{path}`{more}\n\n"
                                       f"~~~~~~~~ {language}\n{text}\n~~~~~~~~\n")

    def show_folder(self, folder):
        path = folder.relative_to(self.root)
        entries = []
        for file in sorted(filter(is_readable, folder.rglob("*"))):
            self.show(file)
            shown = os.path.relpath(self.written[file.relative_to(self.root)], path)
            entries.append(f"- [{file.relative_to(folder)}]({shown})")
        self.write(path / "index.md", f"# {path}\n\n" + "\n".join(entries) + "\n")


def guide(root):
    """The pages of docs in the order in which docs/README.md links to them, then the others."""
    pages = [page for page in links.pages(root) if root / "docs" in page.parents]
    contents = root / "docs" / "README.md"
    if contents.exists():
        targets = [links.split(target)[0] for *_, target in links.links(contents.read_text(encoding="utf-8"))]
        order = {(contents.parent / path).resolve(): at for at, path in reversed(list(enumerate(targets)))}
        pages.sort(key=lambda page: (page != contents, order.get(page, len(order) + len(targets))))
    return pages


def navigation(root):
    def entries(pages):
        return [str(page.relative_to(root)) for page in pages]

    others = [page for page in links.pages(root) if page.parent == root and page.name != "README.md"]
    return [{"Home": "README.md"}, {"Guide": entries(guide(root))}, {"Reference": "reference.md"},
            {"Project": entries(others)}]


def main(root, out):
    pages = out / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    site = Site(root, pages)
    for page in links.pages(root):
        site.show(page)
    (pages / "assets").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "site.css", pages / "assets" / "site.css")
    configuration = {"INHERIT": os.path.relpath(HERE / "mkdocs.yml", out), "docs_dir": "pages", "site_dir": "site",
                     "nav": navigation(root)}
    (out / "mkdocs.yml").write_text(json.dumps(configuration, indent=2), encoding="utf-8")  # JSON is YAML
    print(f"{len(site.written)} pages in {pages}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*(pathlib.Path(each).resolve() for each in sys.argv[1:]))
