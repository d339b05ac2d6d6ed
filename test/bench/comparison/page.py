"""Puts what was measured into docs/performance.md, between two marks, with the picture beside it."""

from . import picture, tables

MARK, MARK_OF_TLS = "figures", "figures of TLS"
PICTURE = "images/performance.svg"


def marks(name):
    return f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"


def replaced(text, figures, mark=MARK):
    """The page with other figures. Errors: ValueError when it has no place for them."""
    first, last = marks(mark)
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"the page lacks {first.strip()} or {last.strip()}")
    return before + begin + figures + end + after


def write_tables(docs, text, mark):
    target = docs / "performance.md"
    target.write_text(replaced(target.read_text(encoding="utf-8"), f"\n{text}\n", mark), encoding="utf-8")


def write(docs, report):
    write_tables(docs, f"![Processor time of each server beside raw epoll]({PICTURE})\n\n{tables.all_tables(report)}", MARK)
    (docs / PICTURE).parent.mkdir(exist_ok=True)
    (docs / PICTURE).write_text(picture.draw(report), encoding="utf-8")
