#!/usr/bin/env python3
"""Links of the Markdown: which are found, and which are broken."""

import pathlib
import tempfile
import unittest

import links

PAGE = """# A server, in *sixteen* lines

[a](other.md) and `[not](code.md)`, ![picture](images/a.svg)
```sh
[not](fenced.md)
```
~~~~
```
[not](fenced.md)
~~~~
[b](other.md#two-words "title")
[c]: reference.md
"""


class Pages(unittest.TestCase):
    def test_links_outside_of_code_are_found_with_their_lines(self):
        self.assertEqual([(line, target) for line, _, _, target in links.links(PAGE)],
                         [(3, "other.md"), (3, "images/a.svg"), (11, "other.md#two-words"), (12, "reference.md")])

    def test_columns_are_those_of_the_target(self):
        line, start, end, target = next(links.links(PAGE))
        self.assertEqual(PAGE.split("\n")[line - 1][start:end], target)

    def test_headings_get_the_anchors_that_GitHub_gives(self):
        text = "## `fairlead send` – files, `--name`!\n# [linked](x.md) *text* #\n```\n# none\n```\n## 收到 under_score\n"
        self.assertEqual(links.anchors(text), {"fairlead-send--files---name", "linked-text", "收到-under_score"})


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        (self.root / "docs").mkdir()
        (self.root / "source.hpp").write_text("int a;\n")
        (self.root / "docs" / "a.md").write_text("# Words here\n")
        self.page = self.root / "README.md"
        self.page.write_text("# Top\n")

    def fault(self, target):
        return links.fault(target, self.page, self.root)

    def test_what_is_there_is_no_fault(self):
        for target in ("docs/a.md", "docs", "source.hpp", "docs/a.md#words-here", "#top", "docs/../source.hpp"):
            self.assertIsNone(self.fault(target), target)

    def test_each_fault_is_named(self):
        for target, why in (("docs/b.md", "no such file"), ("docs/a.md#words", "no heading"), ("#words-here", "no heading"),
                            ("../", "out of the tree"), ("/docs/a.md", "absolute"), ("source.hpp#L1", "only pages")):
            self.assertIn(why, self.fault(target) or "nothing", target)

    def test_a_broken_link_fails_the_check_and_other_sites_do_not(self):
        self.page.write_text("# Top\n[a](https://example.org/none) [b](docs/a.md)\n")
        self.assertEqual(links.check(self.root), 0)
        (self.root / "docs" / "a.md").write_text("[b](../none)\n")
        self.assertEqual(links.check(self.root), 1)

    def test_the_contents_come_before_the_other_pages_of_docs(self):
        (self.root / "docs" / "README.md").write_text("# Contents\n")
        (self.root / "docs" / "0.md").write_text("# First by name\n")
        self.assertEqual([str(page.relative_to(self.root)) for page in links.pages(self.root)],
                         ["README.md", "docs/README.md", "docs/0.md", "docs/a.md"])


if __name__ == "__main__":
    unittest.main()
