#!/usr/bin/env python3
"""A callable of the wrong form is refused by one error of the compiler that names both forms.

    check_handlers.py CXX INCLUDE [BOOST_INCLUDE…]
"""

import re
import subprocess
import sys

PROGRAM = """\
#include <fairlead/session.hpp>
struct uncopyable {
    uncopyable() = default;
    uncopyable(uncopyable&&) = default;
    void operator()(fairlead::bytes_view, fairlead::peer&) {}
};
void function(fairlead::bytes_view, fairlead::peer&) {}
fairlead::handler of_a_function{function};
fairlead::handler of_messages{[](fairlead::bytes_view, fairlead::peer&) {}};
fairlead::handler of_sessions{[](fairlead::session&) -> boost::asio::awaitable<void> { co_return; }};
fairlead::handler with_other_parameters{[](int) {}};
fairlead::handler with_another_result{[](fairlead::session&) { return 1; }};
fairlead::handler that_is_no_copy{uncopyable{}};
fairlead::handler whose_coroutine_would_be_dropped{
    [](fairlead::bytes_view, fairlead::peer&) -> boost::asio::awaitable<void> { co_return; }};
"""
WRONG = 4


def main():
    compiler, includes = sys.argv[1], [each for each in sys.argv[2:] if each]
    done = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", *(f"-I{each}" for each in includes), "-xc++", "-"],
                          input=PROGRAM, capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if re.search(r"\berror:", line)]
    explained = [line for line in errors if "bytes_view message" in line and "awaitable<void>" in line]
    print("\n".join(errors))
    if len(errors) != WRONG or len(explained) != WRONG:
        sys.exit(f"{len(errors)} errors, of which {len(explained)} name both forms: there should be {WRONG} of these")


if __name__ == "__main__":
    main()
