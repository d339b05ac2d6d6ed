#!/usr/bin/env python3
"""Finds words that make a sentence be read twice.

    check_words.py ROOT          the comments and identifiers of the sources, the strings of the command, the README
                                 and docs/; exit code 1 where one is found
    check_words.py --self-test   the samples at the end of this file

Plain technical English is subject, verb, object; things are called by their names. A line that is right all the same says
so with `words: allow`, in Markdown as a comment.
"""

import pathlib
import re
import sys

ALLOW = "words: allow"

# "What" is right in an indirect question: the text says what happened and what to do. A heading of a page may be one.
INDIRECT = re.compile(r"(?:\b(?:say|says|see|show|shows|know|known|describes?|explains?|decides?|what .* and) |^#+ )$", re.IGNORECASE)

WORDS = [
    (r"\b(?:who|whom|whoever)\b", "name it: the caller, the handler, the peer, a user"),
    (r"\bwhat(?:ever)?\b(?!\()", "name it: the bytes, the message, the error"),
    (r"\b(?:some|any|no)body\b", "name it: a peer, another program, no handler"),
    (r"\bof \w+ there (?:is|are)\b", "turn it round: there is no … of …"),
    (r"\bfor so long\b", "say the time"),
    (r"\bin the clothes\b", "name the form: IPv4-mapped"),
    (r"\b(?:go|goes|going|gone|went) on\b", "continue, or resume"),
    (r"\b(?:tell|tells|told) of\b", "report"),
    (r"\bso (?:many|much|long) (?:a|an|without)\b", "say the number or the time"),
    (r"\bwithout a word\b", "without an error message"),
    (r"\blets? \w+ have (?:its|their) turn\b", "the others have their turns"),
]
SUMMARY = [
    (r"^(?:Whether|Who|What|Where|Why|How)\b", "begin with a verb or a noun: Returns true if …, The size of …"),
    (r"^Gives\b", "Returns …"),
]

STRING = re.compile(r'"((?:\\.|[^"\\\n])*)"')
IDENTIFIER = re.compile(r"\b(?:who|whom|whose|whoever|what|whatever|where)\b(?!\(\))")
REMARK = re.compile(r"(?<!/)//(?!/)\s?(.*)")


def compiled(rules):
    return [(re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in rules]


def faults_in(text, rules):
    for pattern, advice in rules:
        for hit in pattern.finditer(text):
            if not (hit.group().lower() == "what" and INDIRECT.search(text[:hit.start()])):
                yield hit.group(), advice


def doc_comments(source):
    """Gives (line number, words, whether it begins a comment); pictures and examples are indented and left out."""
    inside = False
    for number, line in enumerate(source.splitlines(), 1):
        trailing = re.search(r"///<\s?(.*)", line)
        leading = re.match(r"\s*///(?!<)\s?(.*)", line)
        if trailing:
            yield number, trailing.group(1), False
        elif leading:
            text = leading.group(1)
            if not text.startswith("    "):
                yield number, text, not inside
        inside = bool(leading)


def without_strings(source):
    return [STRING.sub('""', line) for line in source.splitlines()]


def remarks(source):
    """Gives (line number, words) of the comments that are no doc comments."""
    for number, line in enumerate(without_strings(source), 1):
        remark = REMARK.search(line)
        if remark:
            yield number, remark.group(1)


def identifiers(name, source):
    """The faults among the names of the code."""
    return [f"{name}:{number}: `{found}`: name it by a noun: the peer, the reason, the address"
            for number, line in enumerate(without_strings(source), 1)
            for found in IDENTIFIER.findall(line.partition("//")[0])]


def prose(markdown):
    """Gives (line number, words); code, which is fenced, indented or in backquotes, is left out."""
    fenced = False
    for number, line in enumerate(markdown.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            yield number, line


def check(name, lines, rules, summary=()):
    found = []
    for number, text, *first in lines:
        if ALLOW in text:
            continue
        text = re.sub(r"`[^`]*`|\]\([^)]*\)", "`…`", text)
        rules_here = list(rules) + (list(summary) if first and first[0] else [])
        for words, advice in faults_in(text, rules_here):
            found.append(f"{name}:{number}: \"{words}\": {advice}")
    return found


def check_tree(root):
    words, summary = compiled(WORDS), compiled(SUMMARY)
    found = []
    for folder in ("include", "src", "apps"):
        for path in sorted((root / folder).rglob("*.[hc]pp")):
            source, name = path.read_text(), path.relative_to(root)
            found += check(name, doc_comments(source), words, summary) + check(name, remarks(source), words)
            found += identifiers(name, source)
    for path in sorted((root / "apps/fairlead").rglob("*.cpp")):
        lines = ((number, " ".join(STRING.findall(line))) for number, line in
                 enumerate(path.read_text().splitlines(), 1)
                 if not line.lstrip().startswith(("#", "//")) and ALLOW not in line)
        found += check(path.relative_to(root), lines, words)
    for path in [root / "README.md", root / "SECURITY.md", *sorted((root / "docs").glob("*.md"))]:
        found += check(path.relative_to(root), prose(path.read_text()), words)
    return found


def self_test():
    words, summary = compiled(WORDS), compiled(SUMMARY)

    def in_header(text):
        return check("h", doc_comments(text), words, summary)

    wrong = ["/// What ends a session.", "/// Whether it is open.", "/// Gives the size.", "int a; ///< who waits",
             "/// Returns a, whatever b says.", "/// Of datagrams there is no connection.", "/// It goes on.",
             "/// Nobody reads it."]
    right = ["/// Says what happened and what to do.", "///     whatever(who);   // an example", "/// Its `what()` names it.",
             "/// Returns true if `who` is open.", "int a; // what is no doc comment",
             "/// First.\n/// How the second line begins does not matter."]
    for text in wrong:
        assert in_header(text), text
    for text in right:
        assert not in_header(text), (text, in_header(text))
    assert check("r", remarks("f(); // who calls it\n"), words)
    assert not check("r", remarks('f("http://who"); /// of another check\n'), words)
    assert identifiers("i", "void find(const url& where);\n")
    assert not identifiers("i", 'log(failed.what(), "where"); // who\n')
    assert check("m", prose("It goes on.\n"), words)
    assert not check("m", prose("```\nwho\n```\n    who\n"), words)
    assert not check("m", prose("as `who` says\nwho <!-- words: allow -->\n"), words)
    print("all samples are as they should be")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = check_tree(pathlib.Path(sys.argv[1]))
    print("\n".join(found + [f"{len(found)} words to change"]))
    return sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
