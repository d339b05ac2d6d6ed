#!/usr/bin/env python3
"""A built site: broken links and what is loaded from elsewhere are found, with their lines."""

import pathlib
import tempfile
import unittest

import check_site


class Sites(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        (self.root / "sub").mkdir()
        (self.root / "sub" / "index.html").write_text('<h1 id="here">x</h1><a name="old"></a>')
        (self.root / "a.css").write_text("p { color: red }\n")

    def faults(self, text, name="page.html"):
        (self.root / name).write_text(text)
        return [(line, why) for _, line, why in check_site.Site(self.root).faults()]

    def test_a_whole_site_has_no_faults(self):
        self.assertEqual(self.faults('<link rel="stylesheet" href="a.css?v=1"><a href="sub/#here">x</a><a href="sub/index.html#old">'
                                     '<a href="#"></a><a href="https://example.org/">x</a><a href="mailto:a@b">y</a>'
                                     '<link rel="canonical" href="https://example.org/">'), [])

    def test_broken_links_have_a_line(self):
        found = self.faults('<p>\n<a href="none.html">x</a>\n<a href="sub/#none">y</a><img src="none.png"><a href="../a.css">z</a>')
        self.assertEqual([line for line, _ in found], [2, 3, 3, 3])
        self.assertIn("no such page", found[0][1])
        self.assertIn("no such anchor", [why for line, why in found if "#none" in why][0])

    def test_what_is_loaded_from_elsewhere_is_a_fault(self):
        for text in ('<script src="https://example.org/a.js"></script>', '<img src="//example.org/a.png">',
                     '<link rel="preconnect" href="https://example.org">', '<p style="background: url(http://example.org/a)">',
                     '<link rel="stylesheet" href="https://example.org/a.css">'):
            self.assertIn("another site", "".join(why for _, why in self.faults(text)), text)

    def test_a_style_sheet_loads_nothing_from_elsewhere(self):
        self.assertIn((1, "https://example.org/f.woff is loaded from another site"),
                      self.faults('@font-face { src: url("https://example.org/f.woff") }', "b.css"))


if __name__ == "__main__":
    unittest.main()
