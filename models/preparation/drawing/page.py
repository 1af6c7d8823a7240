"""
The shell of a report: one HTML page that stands alone, in light and dark, on paper and on a phone.

Whatever is given is text, and is escaped here; only what these functions and svg.py return is HTML.
A page fetches nothing and runs nothing, and says so to the browser (its Content-Security-Policy).
"""

from collections.abc import Collection, Sequence
from html import escape

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59626d; --back: #fff; --line: #d9dee4;
  --panel: #f5f7f9; --main: #0b63a5; --bad: #b3261e; --good: #1a6e3a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #a0a9b4; --back: #14171a;
  --line: #353c44; --panel: #1d2126; --main: #6cb6f0; --bad: #ff8a80; --good: #6fcf8e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 60rem; color: var(--ink);
  background: var(--back); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
p, ul { margin: .5rem 0; max-width: 44rem; }
.verdict { padding: .7rem 1rem; background: var(--panel); border-left: .3rem solid; }
.verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); }
.wide { overflow-x: auto; margin: .6rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0;
  border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; } .number { text-align: right; white-space: nowrap; }
td.long { min-width: 14rem; max-width: 26rem; overflow-wrap: anywhere; }
tr.marked td { background: var(--panel); font-weight: 600; }
figure { margin: .8rem 0; max-width: 42rem; } figcaption { color: var(--soft); font-size: .9rem; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg text.axis { fill: var(--soft); }
svg text.dropped { fill: var(--soft); } svg text.chosen { font-weight: 700; }
svg .grid { stroke: var(--line); } svg .bar { fill: var(--main); } svg .over { fill: var(--bad); }
svg .point { fill: var(--main); } svg .point.dropped { fill: none; stroke: var(--soft); }
svg .point.chosen { fill: var(--good); } svg .ring { fill: none; stroke: var(--good); }
@media print { body { max-width: none; } .wide { overflow: visible; } }
"""


def page(title: str, parts: Sequence[str]) -> bytes:
    """The whole file, in UTF-8; `parts` are HTML."""
    name = escape(title)
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        f"<title>{name}</title><style>{STYLE}</style>"
    )
    body = "\n".join([f"<h1>{name}</h1>", *parts])
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'
    ).encode()


def verdict(text: str, *, good: bool) -> str:
    return f'<p class="verdict {"good" if good else "bad"}">{escape(text)}</p>'


def section(title: str, *parts: str) -> str:
    return "\n".join([f"<h2>{escape(title)}</h2>", *parts])


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def listed(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"


def figure(drawing: str, caption: str) -> str:
    """`drawing` is SVG."""
    return f"<figure>{drawing}<figcaption>{escape(caption)}</figcaption></figure>"


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str = "",
    numbers: Collection[int] = (),
    long: Collection[int] = (),
    marked: Collection[int] = (),
) -> str:
    """`numbers` and `long` are columns (set right; broken anywhere), `marked` are rows; from 0."""
    kinds = ["number" if at in numbers else "long" if at in long else "" for at in range(len(head))]
    top = _line("th", head, kinds)
    lines = [
        _line("td", row, kinds, "marked" if at in marked else "") for at, row in enumerate(rows)
    ]
    told = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide" tabindex="0"><table>{told}<thead>{top}</thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _line(tag: str, cells: Sequence[str], kinds: Sequence[str], named: str = "") -> str:
    told = [
        f"<{tag}{_class(kind)}>{escape(cell)}</{tag}>"
        for cell, kind in zip(cells, kinds, strict=True)
    ]
    return f"<tr{_class(named)}>{''.join(told)}</tr>"


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
