"""The picture: for each load a group of bars, a row for each server, as long as its processor time for a message is
beside that of raw epoll. Its colours can be seen on light and on dark pages."""

from xml.sax.saxutils import escape

from . import loads
from .figures import BASE, figure_and_ratio, loads_of

WIDTH, LEFT, RIGHT, TOP = 800, 190, 24, 64
BAR, GAP, HEAD, FOOT = 12, 3, 24, 44
MOST = 2.0  # where the axis ends; longer bars are cut there, and their number tells

STYLE = """
text { font: 12px sans-serif; fill: #768390 }
.title { font-size: 16px; font-weight: bold }
.group { font-weight: bold }
.axis { stroke: #8c959f; stroke-width: 1 }
.grid { stroke: #8c959f; stroke-width: 1; opacity: 0.3 }
.other { fill: #7d8590 }
.ours { fill: #2f81f7 }
@media (prefers-color-scheme: light) { text { fill: #57606a } }
@media (prefers-color-scheme: dark) { text { fill: #adbac7 } }
text.number { fill: #ffffff; font-size: 11px }
"""


def x_of(ratio):
    return LEFT + (WIDTH - LEFT - RIGHT) * min(ratio, MOST) / MOST


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def bar(y, server, ratio):
    kind = "ours" if server.startswith("Fairlead") else "other"
    number = f"{ratio:.2f}" if ratio <= MOST else f"{ratio:.2f} ▸"
    return [text(LEFT - 8, y + BAR - 2, server, anchor="end"),
            f'<rect x="{LEFT}" y="{y}" width="{x_of(ratio) - LEFT:.1f}" height="{BAR}" class="{kind}"/>',
            text(x_of(ratio) - 4, y + BAR - 2, number, "number", "end")]


def axis(top, bottom):
    parts = []
    for step in range(int(MOST * 2) + 1):
        x = x_of(step / 2)
        kind = "axis" if step in (0, 2) else "grid"
        parts += [f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" class="{kind}"/>',
                  text(x, bottom + 16, f"{step / 2:.1f}", anchor="middle")]
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, bottom + 34,
                      f"processor time a message, {BASE} = 1; shorter is better", anchor="middle"))
    return parts


def draw(report):
    """The SVG, as text."""
    runs, parts, y = report["runs"], [], TOP
    for load in loads_of(runs, "load"):
        ratios = {server: figure_and_ratio(runs, "load", server, load, "cpu_ns")[1] for server in report["servers"]}
        if not any(ratios.values()):
            continue
        parts.append(text(LEFT, y + 15, loads.parse(load).describe(), "group"))
        y += HEAD
        for server, ratio in ratios.items():
            if ratio:
                parts += bar(y, server, ratio)
                y += BAR + GAP
        y += GAP
    heading = [text(16, 24, "Echo of framed messages: processor time of the server for a message", "title"),
               text(16, 44, report["machine_in_short"])]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + FOOT}" width="{WIDTH}" '
            f'height="{y + FOOT}" role="img">\n<style>{STYLE}</style>\n'
            + "\n".join(heading + axis(TOP, y) + parts) + "\n</svg>\n")
