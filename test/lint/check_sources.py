#!/usr/bin/env python3
"""Forbids what Fairlead does not use on Boost 1.81 and GCC 12.

    check_sources.py ROOT          the sources of the tree at ROOT; exit code 1 where one is at fault
    check_sources.py --self-test   the samples at the end of this file

Three kinds of rules: names that must not appear; what must not stand in one full expression with co_await, where GCC 12
destroys some temporaries twice; it also compiles a condition that awaits, `if (co_await f())`, to a trap; and headers that
programs must not include. The second kind reads C++ roughly: it knows brackets, statements, lambdas and braces, not types.
What it complains about is cured by naming the thing first and moving it into the expression.
"""

import pathlib
import re
import sys

FOLDERS = ("include", "src", "apps", "test")
SOURCES = {".hpp", ".cpp", ".h", ".ipp"}
CANARY = "test/unit/core/co_await_canary_test.cpp"  # shows what compilers make of the forbidden shapes
TEMPLATES = "apps/fairlead/new/template"  # of several of its folders a project is made
# These do, or name, what users may do, whatever the library itself does without.
AS_USERS_DO = ("include/fairlead/built_with.hpp",
               "src/runtime/shard_call.cpp", "src/runtime/shard_call.hpp",  # see shard_call::departure
               "src/server/background_task.cpp", "src/server/background_task.hpp",
               "test/docs/asio_objects.cpp", "test/support/cancellable.hpp",
               "test/unit/runtime/asio_objects_test.cpp", "test/unit/runtime/sleep_cancellation_test.cpp",
               "test/unit/session/awaitable_operators_test.cpp", "test/unit/session/cancelled_receives_test.cpp",
               "test/unit/transport/event_tokens_test.cpp",
               "src/runtime/joined_tasks.cpp")  # its completion handlers have no executor, so no pointer is posted

NAMES = [
    (r"\bawaitable_operators\b", "a || b loses the result of one side: await one thing, let its deadline close it"),
    (r"\w*parallel_group\b", "parallel_group is not thread-safe: await one thing, let its deadline close it"),
    (r"\bexperimental\s*(?:/|::)\s*(?:basic_)?(?:concurrent_)?channel", "a channel drops what it holds when closed"),
    (r"\bdetached(?:_t)?\b", "detached swallows exceptions: spawn through the shard, which reports them"),
    (r"\bbind_cancellation_slot\b|\bcancellation_(?:signal|slot_binder)\b",
     "cancelling a co_spawn may use freed memory: close the stream on its own thread"),
    (r"\bboost/asio/(?:detail|impl)/|\basio\s*::\s*detail\b", "a detail of Asio, which changes without notice"),
]
IO_URING = (r"BOOST_ASIO_(?:HAS_IO_URING|DISABLE_EPOLL)\w*", "Asio's io_uring backend loses data on Boost 1.81")

PRIVATE = "a private header: programs include <fairlead/...> and their own headers; what they miss, users miss too"

LAMBDA = "a capturing lambda in one expression with co_await, which GCC 12 may destroy twice: name it first"
CONDITION = "co_await in a condition (if, while, for, switch), which GCC 12 compiles to a trap: name its result first"
BRACES = "a braced initializer in one expression with co_await, which GCC 12 may destroy twice: name it first"


# --- text ---------------------------------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<number>\b\d(?:'?[\w.])*)
      | (?P<literal>(?:u8|[uUL])?(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'))""",
    re.VERBOSE | re.DOTALL)
INCLUDE = re.compile(r"\s*#\s*include\b")
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def strip(text):
    """The code alone: comments and what stands in quotes become blanks, includes keep their names."""
    without_comments = TOKEN.sub(lambda m: blank(m[0]) if m["comment"] else m[0], text)

    def empty_quotes(m):
        return m[0] if m["number"] else m[0][-1] + blank(m[0][1:-1]) + m[0][-1]

    lines = zip(without_comments.split("\n"), TOKEN.sub(empty_quotes, without_comments).split("\n"))
    return "\n".join(line if INCLUDE.match(line) else quoteless for line, quoteless in lines)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


# --- full expressions ---------------------------------------------------------------------------------------------

class Code:
    """A source without comments, literals and directives, and the bracket that belongs to each bracket in it."""

    def __init__(self, text):
        self.text = text
        self.partner = {}
        pending = []
        for at, c in enumerate(text):
            if c in "([{":
                pending.append(at)
            elif c in ")]}" and pending and text[pending[-1]] + c in ("()", "[]", "{}"):
                begin = pending.pop()
                self.partner[begin], self.partner[at] = at, begin

    def before(self, position):
        return self.text[:position].rstrip()

    def heads_statement(self, parenthesis):
        """Whether this parenthesis is the one of `if (…)`, `while (…)` and the like."""
        return re.search(r"\b(?:if|if\s+constexpr|while|for|switch|catch)$", self.before(parenthesis)) is not None

    def opens_block(self, brace):
        """Whether this brace begins statements; if not, an initializer."""
        before = self.before(brace)
        if before.endswith("{"):
            return self.opens_block(self.text.rindex("{", 0, brace))
        return (not before or before[-1] in ";}:)]"
                or re.search(r"\b(?:else|do|try|const|noexcept|override|final|mutable)$", before) is not None
                or re.search(r"\)[\w\s]*->[\w:<>,\s*&]+$|\brequires\b[^;{}]*$", before) is not None)

    def expression_goes_on(self, brace):
        """Whether what stands behind this closing brace still belongs to its expression."""
        if brace not in self.partner:
            return False
        before = self.before(self.partner[brace])
        if before.endswith(")"):
            before = self.before(self.partner.get(len(before) - 1, 0))
        if before.endswith("]"):                                        # a lambda, perhaps called at once
            return True
        rest = self.text[brace + 1:brace + 200].lstrip()
        return re.match(r"[,)\].?|<=]|->|&&|\+(?!\+)|:(?!:)", rest) is not None

    def start_of_expression(self, position):
        """Where the full expression, or roughly the statement, begins that this position is part of."""
        at = position - 1
        while at >= 0:
            c = self.text[at]
            if (c == ";" or c == "}" and not self.expression_goes_on(at)
                    or c == ")" and at in self.partner and self.heads_statement(self.partner[at])
                    or c == "(" and self.heads_statement(at)
                    or c == "{" and self.opens_block(at)):
                return at + 1
            at = (self.partner.get(at, at) if c in ")]}" else at) - 1
        return 0

    def end_of_expression(self, start):
        at = start
        while at < len(self.text) and self.text[at] not in ";)]}":
            at = self.partner.get(at, at) + 1
        return at

    def lambda_body(self, bracket):
        """Where the body of the lambda begins whose captures these are; none for a subscript or a binding."""
        before = self.before(bracket)
        if re.search(r"\bauto(?:\s+const)?\s*&{0,2}$|[\])\"]$", before):
            return None
        if re.search(r"\w$", before) and not re.search(r"\b(?:(?:co_)?return|co_await|co_yield|else|do)$", before):
            return None
        at, angles = self.partner.get(bracket, len(self.text)) + 1, 0
        while at < len(self.text):
            c = self.text[at]
            if c == "{":
                return at
            if c in ";)]}" or c == "," and angles == 0:
                return None
            angles += (c == "<") - (c == ">" and self.text[at - 1] != "-")
            at = (self.partner.get(at, at) if c in "([" else at) + 1
        return None

    def faults_between(self, start, end):
        at = start
        while at < end:
            c = self.text[at]
            body = self.lambda_body(at) if c == "[" else None
            if self.text.startswith("[[", at):                          # an attribute
                at = self.partner.get(at, at)
            elif body is not None:                                      # its body consists of expressions of their own
                if self.text[at + 1:self.partner[at]].strip():
                    yield at, LAMBDA
                at = self.partner.get(body, body)
            elif c == "{":
                yield at, BRACES
                at = self.partner.get(at, at)
            at += 1

    def in_condition(self, start, position):
        """Whether the expression that begins at `start` is the condition of a statement, or any part of a `for`. One that
        declares, `if (auto x = co_await f())`, is none."""
        if re.search(r"[^=!<>]=(?!=)", self.text[start:position]):
            return False
        at = start - 1
        while at >= 0 and self.text[at] not in "({":
            at = self.partner.get(at, at) - 1
        return at >= 0 and self.heads_statement(at)

    def faults(self):
        for found in re.finditer(r"\bco_await\b", self.text):
            start = self.start_of_expression(found.start())
            if self.in_condition(start, found.start()):
                yield found.start(), CONDITION
            yield from self.faults_between(start, self.end_of_expression(start))


def faults_in_source(text):
    """What is forbidden in a C++ source: sorted pairs of a line and a reason."""
    stripped = strip(text)
    faults = {(line_of(stripped, found.start()), why)
              for name, why in NAMES + [IO_URING] for found in re.finditer(name, stripped)}
    code = Code(DIRECTIVE.sub(lambda m: blank(m[0]), stripped))
    return sorted(faults | {(line_of(code.text, at), why) for at, why in code.faults()})


def faults_in_includes(text, is_own, is_public):
    """What a program includes that is neither its own, by `is_own`, nor public, by `is_public`; both take the name."""
    for found in re.finditer(r'^\s*#\s*include\s*(?:"([^"\n]*)"|<(fairlead/[^>\n]*)>)', strip(text), re.MULTILINE):
        own, public = found.groups()
        if not (is_own(own) if own is not None else is_public(public)):
            yield line_of(text, found.start(1 if own is not None else 2)), PRIVATE


def faults_in_program(path, root):
    folders = [folder for folder in path.parents if root / "apps" in [folder, *folder.parents]]
    if root / TEMPLATES in path.parents:
        folders += (root / TEMPLATES).glob("*/src")
    return list(faults_in_includes(path.read_text(encoding="utf-8"),
                                   lambda name: any((folder / name).is_file() for folder in folders),
                                   lambda name: (root / "include" / name).is_file()))


def faults_in_cmake(text):
    text = re.sub(r"#[^\n]*", "", text)
    return [(line_of(text, m.start()), IO_URING[1]) for m in re.finditer(IO_URING[0], text)]


# --- the tree -----------------------------------------------------------------------------------------------------

def check(root):
    files = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*")) if path.is_file()]
    files += [root / "CMakeLists.txt", root / "CMakePresets.json", *sorted((root / "cmake").glob("*.cmake"))]
    checked, bad = 0, 0
    for path in files:
        if path in {root / each for each in (CANARY, *AS_USERS_DO)}:
            continue
        if path.suffix in SOURCES:
            examine = faults_in_source
        elif path.suffix == ".cmake" or path.name in ("CMakeLists.txt", "CMakePresets.json"):
            examine = faults_in_cmake
        else:
            continue
        checked += 1
        faults = list(examine(path.read_text(encoding="utf-8")))
        if path.suffix in SOURCES and root / "apps" in path.parents:
            faults += faults_in_program(path, root)
        for line, why in sorted(faults):
            bad += 1
            print(f"{path.relative_to(root)}:{line}: {why}")
    print(f"{checked} files checked, {bad} faults")
    return 1 if bad or not checked else 0


# --- samples ------------------------------------------------------------------------------------------------------

BAD = r"""
#include <boost/asio/experimental/awaitable_operators.hpp>
using namespace asio::experimental::awaitable_operators;
auto group = asio::experimental::make_parallel_group(a, b);
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
asio::experimental::channel<void(error_code)> wakeups;
co_spawn(context, serve(), asio::detached);
co_spawn(context, serve(), boost::asio::detached_t());
#include <boost/asio/detached.hpp>
co_spawn(context, serve(), asio::bind_cancellation_slot(signal.slot(), done));
asio::cancellation_signal signal;
#include <boost/asio/detail/socket_ops.hpp>
#include "boost/asio/detail/socket_ops.hpp"
asio::detail::socket_type socket;
boost::asio::detail::thread_context context;
#define BOOST_ASIO_HAS_IO_URING 1
#define BOOST_ASIO_HAS_IO_URING_AS_DEFAULT
task f() { co_await blocking([path] { return read(path); }); }
task f() { co_await blocking([=] { return 1; }); }
task f() { co_await blocking([&] { return 1; }); }
task f() { co_await blocking([this] { return 1; }); }
task f() { co_await blocking([p = std::move(p)]() mutable { return 1; }); }
task f() { co_await blocking([p]() -> std::pair<int, int> { return g(p); }); }
task f() { co_await blocking([p]<class T, class U>(T a, U b) { return a; }); }
task f() { auto x = co_await blocking(1, [p](int a) noexcept { return a; }); }
task f() { if (auto x = co_await blocking([p] { return p; })) g(); }
task f() { while (co_await blocking([p] { return p; })) { g(); } }
task f() { co_return co_await blocking([p] { return p; }); }
task f() { g([p] { h(); i(); }, co_await j()); }
task f() { g(co_await j(), [p] { h(); i(); }); }
task f() { x = [p] { return p; }() && co_await j(); }
task f() { return_if(c && [p] { return p; }(), co_await j()); }
task f() { co_await connect(options{.port = 1}); }
task f() { co_await connect({1, 2}); }
task f() { co_await connect(std::vector<int>{1}); }
task f() { co_await session{1}.receive(); }
task f() { g(options{1}, co_await h()); }
task f() { g(options{co_await h()}); }
task f() { g({{co_await h()}}); }
task f() { return_value = pair{1, co_await h()}; }
task f() { co_return result{co_await h()}; }
task f() { co_return {1, co_await h()}; }
task f() { g(options{1}) ? co_await h() : i(); }
task f() { for (auto x = co_await g(options{1}); x; ) h(); }
task f() { if (x) { y(); } else co_await g(options{1}); }
task f() { EXPECT_EQ(co_await g(), (options{1})); }
task f() { x = [p](int a) { return a; }(1) && co_await j(); }
task f() { auto l = [p]() -> task { co_await g(options{1}); }; }
task f() { if (co_await g()) h(); }
task f() { if (x && !co_await g()) h(); }
task f() { if (int x = 1; co_await g(x)) h(); }
task f() { if (co_await g() == 3) h(); }
task f() { while (co_await g()) { h(); } }
task f() { do { h({1}); } while (co_await g()); }
task f() { for (options o{1}; co_await g(o); ) h(); }
task f() { switch (co_await g()) { default: h(); } }
task f() { co_await /* why */ g( // not
options{"a;b"}); }
"""

GOOD = r"""
// asio::detached, awaitable_operators and options{1} in a comment
/* co_await connect(options{1}); asio::detail::x */
log("asio::detached; co_await connect(options{1})");
log(R"(co_await connect(options{1}) "asio::detached")");
namespace detail { struct state; }
#include <boost/asio/experimental/promise.hpp>
#include <fairlead/detail/list.hpp>
task f() { co_await blocking(named); }
task f() { co_await blocking([] { return options{1}; }); }
task f() { co_await blocking([](int a, int b) -> std::pair<int, int> { return {a, b}; }); }
task f() { auto l = [p] { return p; }; co_await blocking(std::move(l)); }
task f() { options o{1}; co_await connect(o); options p{2}; }
task f() { g({1}); co_await h(); g({2}); }
task f() { auto [a, b] = co_await g(); const auto& [c, d] = co_await h(); auto&& [e] = co_await i(); }
task f() { x[i] = co_await g(y[j], z()[k]); }
task f() { [[maybe_unused]] auto x = co_await g(); }
task f() { auto l = [this, x]() -> task { co_await g(); }; h({1}); }
task f() { spawn([p = std::move(p)]() mutable -> asio::awaitable<void> { co_await g(p); }, done); }
task f() { spawn([p] { return p; }); co_await g(); }
task f() { if (auto o = options{1}; o.set) co_await g(); }
task f() { if (const bool x = co_await g(); x) { h(options{1}); } else { h({2}); } }
task f() { while (auto message = co_await receive()) send("{" + text(*message) + '{'); }
task f() { for (auto x = co_await g(); x; x = co_await g()) h({1}); }
task f() { switch (auto x = co_await g()) { case 1: { h({1}); co_await i(); break; } default: h({2}); } }
task f() { do { h({1}); co_await g(); } while (x); }
task f() { if (x) co_await g(); while (y) { co_await h(); } }
task f() { if (spawn([]() -> task { co_await g(); })) h(); }
task f() { try { h({1}); co_await g(); } catch (const error& e) { h({2}); } }
task f() { if constexpr (x) { h({1}); } co_await g(); }
task f() { { h({1}); } *p = co_await g(); }
asio::awaitable<std::vector<int>> f() const noexcept { co_return co_await g(1'000'000, 'x', "\"{"); }
struct s { int a{1}; task f() { co_await g(); } int b{2}; };
s::s() : a{1}, b{2} { spawn(f()); }
template <class T> task f() requires std::copyable<T> { co_await g(); }
TEST(a, b) { run([&]() -> task { EXPECT_EQ(co_await g(), 1); }); check({1}); }
#define BRACED options{1}
task f() { if (x) co_await g(); else co_await h(std::chrono::seconds(1)); }
"""


PROGRAM = r"""
#include "options.hpp"
#include "load/plan.hpp"
#include <fairlead/server.hpp>
#include <boost/asio/post.hpp>
#include <vector>
// #include "core/utf8.hpp"
"""

PRIVATE_INCLUDES = r"""
#include "core/utf8.hpp"
#  include "server/admission.hpp"
#include "fairlead/server.hpp"
#include <fairlead/core/utf8.hpp>
"""


def faults_in_sample(text):
    return list(faults_in_includes(text, {"options.hpp", "load/plan.hpp"}.__contains__,
                                   {"fairlead/server.hpp"}.__contains__))


def samples(text):
    """One sample a line; a line that begins inside a statement belongs to the one before."""
    lines = []
    for line in text.strip("\n").split("\n"):
        if lines and lines[-1].count("(") > lines[-1].count(")"):
            lines[-1] += "\n" + line
        else:
            lines.append(line)
    return lines


def self_test():
    wrong = [f"not found in: {s}" for s in samples(BAD) if not faults_in_source(s)]
    wrong += [f"{why}, wrongly, in: {s}" for s in samples(GOOD) for _, why in faults_in_source(s)]
    # Together they show that one does not hide or infect another, and that lines are counted right.
    wrong += [f"{why}, wrongly, in line {line} of all" for line, why in faults_in_source(GOOD)]
    lines = GOOD + BAD
    expected = lines.split("\n").index("co_spawn(context, serve(), asio::detached);") + 1
    if expected not in [line for line, _ in faults_in_source(lines)]:
        wrong.append(f"not found in line {expected} of all")
    definition = "add_definitions(-DBOOST_ASIO_HAS_IO_URING)"
    if not faults_in_cmake(definition) or faults_in_cmake("# " + definition):
        wrong.append("CMake files are not read rightly")
    wrong += [f"not found in: {s}" for s in samples(PRIVATE_INCLUDES) if not faults_in_sample(s)]
    wrong += [f"{why}, wrongly, in line {line} of a program" for line, why in faults_in_sample(PROGRAM)]
    if [line for line, _ in faults_in_sample(PROGRAM + PRIVATE_INCLUDES)] != [9, 10, 11, 12]:
        wrong.append("the lines of private headers are not counted rightly")
    print("\n".join(wrong) or f"{len(samples(BAD))} bad samples found, {len(samples(GOOD))} good ones passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(self_test() if sys.argv[1] == "--self-test" else check(pathlib.Path(sys.argv[1])))
