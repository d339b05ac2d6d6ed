"""The options that every measurement of ./dev bench has."""

import argparse
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]


def make_parser(program, description, parts):
    parser = argparse.ArgumentParser(prog=program, usage=f"{program} [PART…] [OPTIONS…]", description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(parts)}; all of them unless named")
    parser.add_argument("--quick", action="store_true", help="one short round: whether everything works, not figures")
    parser.add_argument("--rounds", type=int, help="medians are over so many (5)")
    parser.add_argument("--duration", type=float, help="seconds that each run is measured for (3)")
    parser.add_argument("--warm-up", type=float, help="seconds before that (0.5)")
    parser.add_argument("--json", metavar="FILE", help="write every single figure")
    parser.add_argument("--from", dest="given", metavar="FILE", help="measure nothing: show what --json has written")
    parser.add_argument("--only-parse", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help=argparse.SUPPRESS)
    return parser


def check(parser, given, parts, counts, more_parts=""):
    """Ends the program with advice for wrong options; `counts` are those that are more than 0."""
    for part in given.parts:
        if part not in parts:
            parser.error(f"there is no part {part!r}; there are {', '.join(parts)}{more_parts}")
    for name in ("rounds", "duration", *counts):
        if getattr(given, name) is not None and getattr(given, name) <= 0:
            parser.error(f"--{name} is more than 0")
    if given.warm_up is not None and given.warm_up < 0:
        parser.error("--warm-up is no less than 0")
    if given.docs and given.quick:
        parser.error("--docs wants more than what --quick measures")


def choose(value, quick, usual, is_quick):
    return value if value is not None else quick if is_quick else usual


def counted(number, thing):
    return f"{number} {thing}" + ("" if number == 1 else "s")


def positive(kind):
    """The type of an option: an int or a float above 0."""
    def parse(text):
        try:
            value = kind(text)
        except ValueError as wrong:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from wrong
        if value <= 0:
            raise argparse.ArgumentTypeError(f"{text} is not more than 0")
        return value
    return parse


def make_parser_of_one_table(description):
    """For a program with one table, whose rows --also joins."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="the build that is measured (build/release)")
    parser.add_argument("--rounds", type=positive(int), default=9, help="medians are over so many (9)")
    parser.add_argument("--duration", type=positive(float), default=1, help="seconds that each load is measured for (1)")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=COMMAND", help="another server in the same rounds")
    return parser


def require_programs(parser, build, *names):
    for name in names:
        if not (build / name).exists():
            parser.error(f"{build / name} is not built: `./dev bench --quick` builds and tries everything")
