#!/usr/bin/env python3
"""Builds the reference of the public headers with Doxygen and says which public names have no documentation.

    reference.py ROOT OUT            OUT/pages/reference, and OUT/pages/reference.md with the headers and their names
    reference.py ROOT OUT --check    only looks for faults

The exit code is 1 if a public name is undocumented or Doxygen complains, of a link or a parameter for example.

These need no words of their own: default, copy and move constructors, destructors, assignment, operator==, deleted
functions, functions that override a documented one, specializations of names of std and boost, and a variable declared in
one line with a documented one. Doxygen's complaint that it does not know an IPv6 address such as ::ffff is left out.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
NO_FAULT = re.compile(r"warning: (documented symbol '[^']*\b(std|boost)::|Internal inconsistency: .*\b(std|boost)::|"
                      r"explicit link request to '[0-9a-f]{4}' could not be resolved)")

TABS = """<tab type="mainpage" visible="no" title=""/>
<tab type="user" url="../index.html" title="Guide"/>
<tab type="user" url="../reference.html" title="Headers"/>"""


def run_doxygen(root, out, html):
    shutil.rmtree(out / "xml", ignore_errors=True)
    (out / "pages").mkdir(parents=True, exist_ok=True)
    layout = out / "layout.xml"
    subprocess.run(["doxygen", "-l", layout], check=True)
    layout.write_text(layout.read_text(encoding="utf-8").replace('<tab type="mainpage" visible="yes" title=""/>', TABS),
                      encoding="utf-8")
    settings = {"OUTPUT_DIRECTORY": out, "HTML_OUTPUT": "pages/reference", "WARN_LOGFILE": out / "reference.log",
                "LAYOUT_FILE": layout, "GENERATE_HTML": "YES" if html else "NO"}
    more = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    subprocess.run(["doxygen", "-"], input=(HERE / "Doxyfile").read_text(encoding="utf-8") + more, cwd=root, text=True,
                   check=True)


# --- undocumented names -------------------------------------------------------------------------------------------

def has_words(element):
    return any("".join(element.find(part).itertext()).strip() for part in ("briefdescription", "detaileddescription"))


def is_public(element):
    return element.get("prot", "public") != "private"


def needs_words(member, scope):
    name, arguments = member.findtext("name"), member.findtext("argsstring") or ""
    if name.startswith("~") or name in ("operator=", "operator==") or arguments.endswith("=delete"):
        return False
    if member.get("kind") == "friend" and "(" not in arguments or member.find("reimplements") is not None:
        return False
    if name == scope.split("::")[-1].split("<")[0]:
        parameters = ["".join(each.find("type").itertext()) for each in member.findall("param")]
        return parameters not in ([], [f"const {name} &"], [f"{name} &&"])
    return True


def place(element):
    location = element.find("location")
    return location.get("file"), int(location.get("line", 1))


def undocumented(compound, root):
    """The file, line and name of each name in a class, namespace, concept or file that has no words."""
    scope = compound.findtext("compoundname")
    kind = compound.get("kind")
    if not is_public(compound) or kind not in ("class", "struct", "union", "concept", "namespace", "file"):
        return
    if kind not in ("file", "namespace"):
        if not scope.startswith("fairlead"):
            return
        if not has_words(compound):
            yield *place(compound), scope
    described = {place(member) for member in compound.iter("memberdef") if has_words(member)}
    for member in filter(is_public, compound.iter("memberdef")):
        file, line = place(member)
        name = member.findtext("qualifiedname") or member.findtext("name")
        if place(member) not in described and needs_words(member, scope):
            yield file, line, name
        source = (root / "include" / file if not pathlib.Path(file).is_absolute() else pathlib.Path(file))
        for value in member.findall("enumvalue"):
            if not has_words(value):
                yield file, line_of_value(source, line, value.findtext("name")), f"{name}::{value.findtext('name')}"


def line_of_value(source, line, name):
    lines = source.read_text(encoding="utf-8").split("\n")
    return next((at for at in range(line, len(lines) + 1) if re.search(rf"\b{name}\b\s*(,|=|}}|//|$)", lines[at - 1])), line)


def faults(root, out, compounds):
    found = set()
    private = tuple(each.findtext("compoundname") + "::" for each in compounds if not is_public(each))
    for compound in compounds:
        if not (compound.findtext("compoundname") + "::").startswith(private):
            found |= {(f"include/{file}", line, f"{name} is not documented")
                      for file, line, name in undocumented(compound, root)}
    complaints = dict.fromkeys((out / "reference.log").read_text(encoding="utf-8").replace(f"{root}/", "").splitlines())
    return [f"{file}:{line}: {what}" for file, line, what in sorted(found)] + \
        [line for line in complaints if line.strip() and not NO_FAULT.search(line)]


# --- the page -----------------------------------------------------------------------------------------------------

def links_by_header(compounds):
    """For each header, as programs include it, a dictionary of the names it declares in namespaces and their pages."""
    found = {}
    for compound in filter(is_public, compounds):
        scope, kind = compound.findtext("compoundname"), compound.get("kind")
        if not (scope + "::").startswith("fairlead::"):
            continue
        if kind == "namespace":
            for member in compound.iter("memberdef"):
                name = f"{scope}::{member.findtext('name')}".removeprefix("fairlead::")
                page, anchor = member.get("id").rsplit("_1", 1)
                found.setdefault(place(member)[0], {}).setdefault(name, f"{page}.html#{anchor}")
        elif has_words(compound):
            found.setdefault(place(compound)[0], {})[scope.removeprefix("fairlead::")] = f"{compound.get('id')}.html"
    return found


def write_page(out, compounds):
    pages = {place(each)[0]: each.get("id") + ".html" for each in compounds if each.get("kind") == "file"}
    lines = ["# Reference", "", "Each public header and the names it declares; `<fairlead/fairlead.hpp>` includes most of them.",
             "The same in other orders: [all classes](reference/annotated.html), [all headers](reference/files.html),",
             "[all members](reference/functions.html).", ""]
    for header, names in sorted(links_by_header(compounds).items(), key=lambda each: (each[0].count("/"), each[0])):
        shown = " · ".join(f"[`{name}`](reference/{page})" for name, page in sorted(names.items()))
        lines.append(f"- [{header.removeprefix('fairlead/')}](reference/{pages[header]}): {shown}")
    (out / "pages" / "reference.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(root, out, html):
    run_doxygen(root, out, html)
    compounds = [ElementTree.parse(file).getroot().find("compounddef") for file in sorted((out / "xml").glob("*.xml"))
                 if file.name not in ("index.xml", "Doxyfile.xml")]
    found = faults(root, out, compounds)
    print("\n".join(found + [f"{len(links_by_header(compounds))} headers, {len(found)} faults"]))
    if html:
        write_page(out, compounds)
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ["--check"]):
        sys.exit(__doc__)
    sys.exit(main(*(pathlib.Path(each).resolve() for each in sys.argv[1:3]), html=len(sys.argv) == 3))
