#!/usr/bin/env python3
"""Finds links in README.md and docs/*.md that lead nowhere.

    check_links.py ROOT          the pages of the tree at ROOT; exit code 1 where a link is at fault
    check_links.py --self-test   the samples at the end of this file

A link leads to a file of the tree, or to a heading (`page.md#heading`). Links to other sites are not looked up.
"""

import pathlib
import re
import sys


def without_code(page):
    """The page with its code blocks blanked, so that lines are still counted right."""
    return re.sub(r"^( *)```.*?^ *```$", lambda m: re.sub(r"[^\n]", " ", m[0]), page, flags=re.MULTILINE | re.DOTALL)


def anchors(page):
    """The names by which a page's headings are linked to, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.*?) *$", without_code(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def faults_in_page(page, read):
    """`read` returns the text of the file that a path names, as seen from the page, or None where there is none."""
    text = without_code(page)
    for found in re.finditer(r"\]\(([^)\s]+)\)", text):
        path, _, heading = found[1].partition("#")
        if re.match(r"\w+:", path):
            continue
        target = read(path) if path else page
        line = text.count("\n", 0, found.start()) + 1
        if target is None:
            yield line, f"there is no {path}: correct the link"
        elif heading and heading not in anchors(target):
            yield line, f"there is no heading #{heading} in {path or 'this page'}: correct the link"


def check(root):
    bad = 0
    pages = [root / "README.md", *sorted((root / "docs").glob("**/*.md"))]
    for path in pages:
        def read(name, folder=path.parent):
            target = folder / name
            if not target.exists():
                return None
            return target.read_text(encoding="utf-8") if target.suffix == ".md" else ""
        for line, why in faults_in_page(path.read_text(encoding="utf-8"), read):
            bad += 1
            print(f"{path.relative_to(root)}:{line}: {why}")
    print(f"{len(pages)} pages checked, {bad} faults")
    return 1 if bad else 0


# --- samples ------------------------------------------------------------------------------------------------------

FILES = {"other.md": "# Other\n\n## `send`, and more\n", "file.hpp": ""}
GOOD = ["[a](other.md)", "[a](other.md#send-and-more)", "[a](file.hpp)", "[a](https://example.org/x)",
        "# Top\n[a](#top)", "```cpp\nf[0](other_thing)\n```"]
BAD = ["[a](none.md)", "[a](other.md#none)", "[a](#top)", "```\n# top\n```\n[a](#top)"]


def self_test():
    wrong = [f"{why}, wrongly, in: {page}" for page in GOOD for _, why in faults_in_page(page, FILES.get)]
    wrong += [f"not found in: {page}" for page in BAD if not list(faults_in_page(page, FILES.get))]
    if [line for line, _ in faults_in_page("```\nx\n```\n" + BAD[0], FILES.get)] != [4]:
        wrong.append("lines are not counted rightly")
    print("\n".join(wrong) or f"{len(BAD)} bad samples found, {len(GOOD)} good ones passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(self_test() if sys.argv[1] == "--self-test" else check(pathlib.Path(sys.argv[1])))
