"""Puts what was measured into docs/performance.md, between two marks, with the picture beside it."""

from . import picture, tables

BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"
PICTURE = "images/performance.svg"


def replaced(text, figures):
    """The page with other figures. Errors: ValueError when it has no place for them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN.strip()} or {END.strip()}")
    return before + begin + figures + end + after


def write(docs, report):
    target = docs / "performance.md"
    shown = f"\n![Processor time of each server beside raw epoll]({PICTURE})\n\n{tables.all_tables(report)}\n"
    text = replaced(target.read_text(encoding="utf-8"), shown)
    (docs / PICTURE).parent.mkdir(exist_ok=True)
    (docs / PICTURE).write_text(picture.draw(report), encoding="utf-8")
    target.write_text(text, encoding="utf-8")
