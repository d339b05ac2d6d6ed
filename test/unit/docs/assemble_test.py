#!/usr/bin/env python3
"""The pages of the site: where links lead, and in which order the guide has them."""

import json
import pathlib
import tempfile
import unittest

import assemble


class Pages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve() / "tree"
        self.out = self.root / "build"
        self.write("README.md", "# Top\n[a](docs/a.md#part) [b](include/b.hpp), `[no](link)` and [c](apps) [d](docs)\n")
        self.write("docs/a.md", "# A\n## Part\n[b](../include/b.hpp) ![p](p.svg) [site](https://example.org/x.hpp)\n")
        self.write("docs/z.md", "# Z\n")
        self.write("docs/p.svg", "<svg/>")
        self.write("include/b.hpp", "// ``` ~~~\nint b;\n")
        self.write("apps/deep/c.py", "print()\n")
        self.write("apps/data.bin", "a\0b")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def assembled(self, path):
        assemble.main(self.root, self.out)
        return (self.out / "pages" / path).read_text()

    def test_links_lead_to_pages_of_sources_and_folders(self):
        self.assertEqual(self.assembled("README.md").split("\n")[1],
                         "[a](docs/a.md#part) [b](include/b.hpp.md), `[no](link)` and [c](apps/index.md) [d](docs/index.md)")
        self.assertEqual(self.assembled("docs/a.md").split("\n")[2],
                         "[b](../include/b.hpp.md) ![p](p.svg) [site](https://example.org/x.hpp)")

    def test_a_source_is_shown_as_it_is(self):
        self.assertIn("~~~~~~~~ cpp\n// ``` ~~~\nint b;\n~~~~~~~~\n", self.assembled("include/b.hpp.md"))

    def test_a_folder_lists_what_can_be_read(self):
        self.assertEqual(self.assembled("apps/index.md"), "# apps\n\n- [deep/c.py](deep/c.py.md)\n")
        self.assertIn("print()", self.assembled("apps/deep/c.py.md"))

    def test_a_folder_with_a_readme_is_that_page(self):
        self.write("docs/README.md", "# Contents\n")
        self.assertIn("[d](docs/README.md)", self.assembled("README.md"))

    def test_the_guide_is_in_the_order_of_its_contents_and_other_pages_follow(self):
        self.write("docs/m.md", "# M\n")
        self.assertEqual(self.guide(), ["docs/a.md", "docs/m.md", "docs/z.md"])
        self.write("docs/README.md", "# Contents\n[z](z.md) [b](../include/b.hpp) [a](a.md#part) [z](z.md)\n")
        self.assertEqual(self.guide(), ["docs/README.md", "docs/z.md", "docs/a.md", "docs/m.md"])

    def guide(self):
        assemble.main(self.root, self.out)
        navigation = json.loads((self.out / "mkdocs.yml").read_text())["nav"]
        return next(each["Guide"] for each in navigation if "Guide" in each)


if __name__ == "__main__":
    unittest.main()
