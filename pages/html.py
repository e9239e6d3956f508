"""A page as HTML that needs nothing but itself, in the light and in the dark."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from pages.page import Block, Items, Page, Picture, Table, Text

STYLE = """
:root{color-scheme:light dark;--ink:#0f172a;--quiet:#475569;--faint:#e2e8f0;--ground:#fff;--panel:#f8fafc;
--link:#1d4ed8;--was:#b91c1c;--becomes:#15803d}
@media(prefers-color-scheme:dark){:root{--ink:#e2e8f0;--quiet:#a3b1c6;--faint:#334155;--ground:#0f172a;--panel:#1a2438;
--link:#93c5fd;--was:#fca5a5;--becomes:#86efac}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1140px;margin:0 auto;padding:40px 28px 80px}
h1{font-size:30px;line-height:1.2;margin:0 0 18px;letter-spacing:-.01em}
h2{font-size:21px;margin:46px 0 12px;padding-top:14px;border-top:1px solid var(--faint)}
h3{font-size:16px;margin:26px 0 8px}
p{margin:0 0 14px;max-width:80ch}
a{color:var(--link)}
nav{display:flex;flex-wrap:wrap;gap:6px 18px;margin:18px 0 0;font-size:14px}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 22px;margin:0;padding:16px 20px;background:var(--panel);
border-radius:10px;font-size:14.5px}
dt{color:var(--quiet)}dd{margin:0}
.scroll{overflow-x:auto;margin:0 0 18px}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;color:var(--quiet);font-weight:600;white-space:nowrap}
th,td{padding:9px 14px 9px 0;border-bottom:1px solid var(--faint);vertical-align:top}
td .more{display:block;color:var(--quiet);font-size:13px}
td.right,th.right{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
figure{margin:6px 0 22px;padding:12px;border:1px solid var(--faint);border-radius:12px;overflow-x:auto}
figure svg{display:block;max-width:100%;min-width:760px;height:auto}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--panel);padding:12px 14px;border-radius:8px;overflow-x:auto;margin:8px 0}
td.was,td.becomes{min-width:190px}.was{color:var(--was)}.becomes{color:var(--becomes)}.quiet{color:var(--quiet)}
.verdict{font-size:18px;font-weight:600}
@media screen and (max-width:720px){main{padding:24px 16px 60px}h1{font-size:25px}dl{grid-template-columns:1fr;gap:0}
dd{margin:0 0 8px}.cards thead{display:none}.cards tr{display:block;padding:10px 0;border-bottom:1px solid var(--faint)}
.cards td,.cards td.right{display:block;position:relative;padding:2px 0 2px 108px;border:0;text-align:left;
white-space:normal;overflow-wrap:anywhere}.cards td:empty{display:none}
.cards td::before{content:attr(data-label);position:absolute;left:0;width:100px;color:var(--quiet);font-weight:600}}
details{margin:10px 0}summary{cursor:pointer;color:var(--link)}
@media print{nav{display:none}main{padding:0}figure,tr{break-inside:avoid}}
""".strip()


def write_html(page: Page) -> str:
    """Return the page."""
    links = "".join(f'<a href="#{_anchor(each.heading)}">{escape(each.heading)}</a>' for each in page.sections)
    facts = "".join(f"<dt>{escape(word)}</dt><dd>{escape(value)}</dd>" for word, value in page.facts)
    body = [f"<h1>{escape(page.title)}</h1>", f"<dl>{facts}</dl>", f"<nav>{links}</nav>"]
    for section in page.sections:
        body.append(f'<h2 id="{_anchor(section.heading)}">{escape(section.heading)}</h2>')
        body += [write_block(block) for block in section.blocks]
    return write_document(page.title, body)


def write_index(title: str, pages: Sequence[Page]) -> str:
    """Return a page that leads to the others."""
    table = Table(
        headings=("ruleset", "covers", "effective", "law checked to"),
        rows=tuple(
            (page.title, *(dict(page.facts).get(key, "") for key in ("covers", "effective", "law checked to")))
            for page in pages
        ),
    )
    linked = _table(table)
    for page in pages:
        cell = escape(page.title)
        linked = linked.replace(f">{cell}</td>", f'><a href="{escape(page.name)}.html">{cell}</a></td>', 1)
    return write_document(title, [f"<h1>{escape(title)}</h1>", linked])


def write_document(title: str, body: Sequence[str]) -> str:
    """Return a whole document around ready parts."""
    head = '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    return f"{head}<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body><main>\n" + "\n".join(
        [*body, "</main></body>", "</html>", ""]
    )


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z]+", "-", heading.lower())


def write_block(block: Block) -> str:
    """Return a part of a page."""
    match block:
        case Text():
            return f"<p>{escape(block.words)}</p>"
        case Items():
            return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</ul>"
        case Table():
            return _table(block)
        case Picture():
            return f'<figure tabindex="0">{block.svg}</figure>'


def _table(table: Table) -> str:
    heads = "".join(
        f'<th scope="col"{_right(table, i)}>{escape(heading)}</th>' if heading else "<td></td>"
        for i, heading in enumerate(table.headings)
    )
    rows = "".join(f"<tr>{''.join(_cells(table, row))}</tr>" for row in table.rows)
    # What may be moved sideways can be reached by keyboard.
    head = f'<div class="scroll" tabindex="0"><table class="cards"><thead><tr>{heads}</tr></thead>'
    return f"{head}<tbody>{rows}</tbody></table></div>"


def _cells(table: Table, row: Sequence[str]) -> Iterator[str]:
    for index, cell in enumerate(row):
        first, *more = cell.split("\n")
        rest = "".join(f'<span class="more">{escape(line)}</span>' for line in more)
        label = escape(table.headings[index])
        yield f'<td{_right(table, index)} data-label="{label}">{escape(first)}{rest}</td>'


def _right(table: Table, index: int) -> str:
    return ' class="right"' if index in table.right else ""
