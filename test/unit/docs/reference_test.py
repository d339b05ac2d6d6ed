#!/usr/bin/env python3
"""Which names of a header need words, seen in what Doxygen writes."""

import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import reference

COMPOUND = """<compounddef kind="{kind}" prot="{prot}"><compoundname>fairlead::a</compoundname>{members}
<briefdescription><para>{words}</para></briefdescription><detaileddescription/><location file="fairlead/a.hpp" line="3"/>
</compounddef>"""
MEMBER = """<memberdef kind="{kind}" prot="{prot}"><type/><name>{name}</name><argsstring>{arguments}</argsstring>{parts}
<briefdescription>{words}</briefdescription><detaileddescription/><location file="fairlead/a.hpp" line="{line}"/></memberdef>"""


def member(name, line=4, kind="function", prot="public", arguments="()", parts="", words=""):
    return MEMBER.format(name=name, line=line, kind=kind, prot=prot, arguments=arguments, parts=parts, words=words)


def undocumented(*members, kind="class", prot="public", words="Words.", root=pathlib.Path("/none")):
    compound = ElementTree.fromstring(COMPOUND.format(kind=kind, prot=prot, words=words, members="".join(members)))
    return [(line, name) for _, line, name in reference.undocumented(compound, root)]


class Names(unittest.TestCase):
    def test_without_words_are_faults(self):
        self.assertEqual(undocumented(member("f", 7), member("g", 8, words="<para>Does it.</para>")), [(7, "f")])
        self.assertEqual(undocumented(member("v", 7, kind="variable", prot="protected")), [(7, "v")])
        self.assertEqual(undocumented(words=""), [(3, "fairlead::a")])
        self.assertEqual(undocumented(kind="concept", words=""), [(3, "fairlead::a")])

    def test_that_are_private_need_no_words(self):
        self.assertEqual(undocumented(member("f", prot="private")), [])
        self.assertEqual(undocumented(member("f"), prot="private", words=""), [])

    def test_of_constructors_need_words_unless_they_are_default_copy_or_move(self):
        parameter = "<param><type>{}</type></param>"
        for type_ in ("const a &amp;", "a &amp;&amp;"):
            self.assertEqual(undocumented(member("a", arguments="(x)", parts=parameter.format(type_))), [], type_)
        self.assertEqual(undocumented(member("a")), [])
        self.assertEqual(undocumented(member("a", arguments="(x)", parts=parameter.format("int"))), [(4, "a")])

    def test_that_everybody_knows_need_no_words(self):
        for name, arguments in (("~a", "()"), ("operator=", "(a &amp;&amp;other)"), ("operator==", "(a)"), ("f", "()=delete")):
            self.assertEqual(undocumented(member(name, arguments=arguments)), [], name)
        self.assertEqual(undocumented(member("f", parts='<reimplements refid="b">f</reimplements>')), [])

    def test_declared_in_one_line_share_its_words(self):
        self.assertEqual(undocumented(member("v", 9, kind="variable"), member("w", 9, kind="variable", words="<para>w</para>")), [])

    def test_of_enumerators_need_words_and_have_their_own_line(self):
        value = ("<enumvalue><name>{}</name><briefdescription>{}</briefdescription><detaileddescription/></enumvalue>")
        parts = value.format("first", "<para>w</para>") + value.format("second", "")
        with tempfile.TemporaryDirectory() as folder:
            header = pathlib.Path(folder, "include/fairlead/a.hpp")
            header.parent.mkdir(parents=True)
            header.write_text("\nenum class e {\n    first, ///< w\n    second,\n};\n")
            found = undocumented(member("e", 2, kind="enum", parts=parts, words="<para>w</para>"), root=pathlib.Path(folder))
        self.assertEqual(found, [(4, "e::second")])


if __name__ == "__main__":
    unittest.main()
