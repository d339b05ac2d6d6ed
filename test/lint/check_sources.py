#!/usr/bin/env python3
"""Forbids what Fairlead does not use on Boost 1.81 and GCC 12.

    check_sources.py ROOT          the sources below include, src, apps, test and bench; exit code 1 where one is at fault
    check_sources.py --self-test   the samples at the end of this file

Two kinds of rules: names that must not appear, and what must not stand in one full expression with co_await, where GCC 12
destroys some temporaries twice. The second reads C++ roughly: it knows brackets, statements, lambdas and initializers,
not types. Take what it complains about out of the expression: name it first, then move it.
"""

import pathlib
import re
import sys

FOLDERS = ("include", "src", "apps", "test", "bench")
SOURCES = {".hpp", ".cpp", ".h", ".ipp"}

NAMES = [
    (r"\bawaitable_operators\b", "a || b loses the result of one side: wait for one thing, let a deadline close it"),
    (r"\w*parallel_group\b", "parallel_group is not thread-safe: see awaitable_operators"),
    (r"\bexperimental\s*(?:/|::)\s*(?:basic_)?(?:concurrent_)?channel",
     "a closed channel drops what it holds: use a queue of the shard"),
    (r"\bdetached(?:_t)?\b", "detached swallows exceptions: spawn through the runtime, which reports them"),
    (r"\bbind_cancellation_slot\b|\bcancellation_(?:signal|slot_binder)\b",
     "a cancelled co_spawn may use freed memory: cancel by closing on the owner's thread"),
    (r"\bboost/asio/(?:impl|detail)/|\basio\s*::\s*detail\b", "a detail of Asio, which changes without notice"),
    (r"\bBOOST_ASIO_(?:HAS_IO_URING|DISABLE_EPOLL)\w*", "Asio's io_uring backend loses data on Boost 1.81"),
]

LAMBDA = "a capturing lambda in one expression with co_await is destroyed twice by GCC 12: name it first, then move it"
BRACES = "a braced initializer in one expression with co_await is destroyed twice by GCC 12: name it first, then move it"

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
      | (?P<number>\b\d(?:'?[\w.])*)
      | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return TOKEN.sub(lambda m: blank(m[0]) if m["comment"] else m[0], text)


def without_literals(text):
    """Strings and characters become blanks between their quotes; lines and columns stay where they are."""
    def replace(m):
        if m["number"] or m["comment"]:
            return m[0]
        quote = m[0][-1]
        return quote + blank(m[0][1:-1]) + quote
    return TOKEN.sub(replace, text)


def without_directives(text):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: blank(m[0]), text, flags=re.MULTILINE)


OPENING = {")": "(", "]": "[", "}": "{"}


def pair_brackets(code):
    """Positions of opening and closing brackets, each mapped to the other."""
    partner, pending = {}, []
    for at, c in enumerate(code):
        if c in "([{":
            pending.append(at)
        elif c in ")]}" and pending and code[pending[-1]] == OPENING[c]:
            begin = pending.pop()
            partner[begin], partner[at] = at, begin
    return partner


def last_word(code, end):
    """The word or the character before `end`, blanks skipped."""
    before = code[:end].rstrip()
    word = re.search(r"\w+$", before)
    return word[0] if word else before[-1:]


def opens_block(code, brace, statement_limit=400):
    """Whether a brace begins statements, not an initializer."""
    before = code[max(0, brace - statement_limit):brace].rstrip()
    if not before or before[-1] in ";{}:)]":
        return True
    if re.search(r"\b(?:else|do|try|const|noexcept|override|final|mutable)$", before):
        return True
    return re.search(r"\)[\w\s]*->\s*[\w:<>,\s*&]+$", before) is not None    # a function with a trailing return type


def continues_expression(code, end):
    """Whether an expression goes on behind a closing brace."""
    rest = code[end + 1:].lstrip()
    return re.match(r"[,)\].?|<=]|->|&&|\+(?!\+)|:(?!:)", rest) is not None


def expression_start(code, at, partner):
    while at > 0:
        at -= 1
        c = code[at]
        if c == ";":
            return at + 1
        if c == "}" and not continues_expression(code, at):
            return at + 1
        if c == ")" and at in partner and heads_statement(code, partner[at]):
            return at + 1
        if c in ")]}":
            at = partner.get(at, at)
        elif c == "(" and heads_statement(code, at):
            return at + 1
        elif c == "{" and opens_block(code, at):
            return at + 1
    return 0


def heads_statement(code, parenthesis):
    word = last_word(code, parenthesis)
    if word == "constexpr":
        word = last_word(code, code[:parenthesis].rindex("constexpr"))
    return word in ("if", "while", "for", "switch", "catch")


def body_of_lambda(code, bracket, end, partner):
    """Where the body of a lambda begins, or none if the bracket is something else: a subscript, a binding."""
    before = code[:bracket].rstrip()
    if re.search(r"\bauto\s*(?:const)?\s*&{0,2}$", before):
        return None
    word = last_word(code, bracket)
    keyword = word in ("return", "co_return", "co_await", "co_yield", "else", "do", "case")
    if (re.fullmatch(r"\w+", word) and not keyword) or word in (")", "]", "\""):
        return None
    at = partner.get(bracket, end) + 1
    while at < end:
        if code[at] == "{":
            return at
        if code[at] in ";,)]}":
            return None
        at = partner.get(at, at) + 1 if code[at] in "([" else at + 1
    return None


def faults_of_expression(code, start, partner):
    """What is wrong between `start` and the end of the full expression there: (position, why)."""
    at = start
    while at < len(code):
        c = code[at]
        if c == ";" or c in ")]}":
            return
        if code.startswith("[[", at):
            at = partner.get(at, at) + 1
            continue
        if c == "[":
            body = body_of_lambda(code, at, len(code), partner)
            if body is not None:
                if code[at + 1:partner[at]].strip():
                    yield at, LAMBDA
                at = partner.get(body, body) + 1
                continue
        if c == "{":
            yield at, BRACES
            at = partner.get(at, at) + 1
            continue
        if c == "(" and at in partner:
            yield from faults_in_parentheses(code, at, partner)
            at = partner[at] + 1
            continue
        at += 1


def faults_in_parentheses(code, opening, partner):
    at = opening + 1
    while at < partner[opening]:
        found = False
        for fault in faults_of_expression(code, at, partner):
            yield fault
        return


def faults(text):
    """(line, why) for everything forbidden in a C++ source."""
    plain = without_comments(text)
    found = {(plain.count("\n", 0, m.start()) + 1, why)
             for pattern, why in NAMES for m in re.finditer(pattern, keep_includes(plain))}
    code = without_directives(without_literals(plain))
    partner = pair_brackets(code)
    for m in re.finditer(r"\bco_await\b", code):
        start = expression_start(code, m.start(), partner)
        for at, why in faults_of_expression(code, start, partner):
            found.add((code.count("\n", 0, at) + 1, why))
    return sorted(found)
