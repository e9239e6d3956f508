"""What a change comes to for a portfolio, as the parts of a page; and as text, Markdown and HTML."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape

from cli.bulk.impact import Measured
from cli.bulk.writing import write_amount
from cli.reporters.heat import write_field
from cli.reporters.impactdays import AHEAD, draw_days, tabulate_days, tell_days
from engine.portfolio.impact import REFUSED, Cell, Impact, join
from pages import html, markdown
from pages.page import Block, Items, Section, Table, Text

_MOST_ROWS = 30
_MOST_COLUMNS = 12
_NOTHING = "–"
_MATRIX = "From answer to answer"
_NUMBERS = frozenset({2, 3, 4})


def write_text(measured: Measured) -> str:
    """Return the impact for a terminal."""
    lines: list[str] = []
    for section in list_sections(measured):
        lines += ["", section.heading]
        for block in section.blocks:
            lines += _write_block(block)
    return "\n".join(lines) + "\n"


def write_markdown(measured: Measured) -> str:
    """Return the impact for a pull request."""
    lines: list[str] = []
    for section in list_sections(measured):
        lines += [f"### {section.heading}", ""]
        for block in section.blocks:
            lines += markdown.write_block(block)
    return "\n".join(lines)


def write_html(measured: Measured) -> Iterator[str]:
    """Yield the impact as parts of a page, with a heat map of the matrix."""
    for section in list_sections(measured):
        yield f"<h2>{escape(section.heading)}</h2>"
        for block in section.blocks:
            yield html.write_block(block)
        if section.heading == _MATRIX:
            yield _drawwrite_field(measured.impact)
        if section.heading == AHEAD and measured.foreseen is not None:
            yield draw_days(measured.foreseen)


def tell(measured: Measured) -> dict[str, object]:
    """Return the impact for a program."""
    impact = measured.impact
    return {
        "accounts": measured.accounts,
        "as_of": measured.as_of,
        "rows_count": impact.rows_count,
        "changed": impact.changed,
        "whole": impact.whole,
        "matrix": [{"was": was, "becomes": becomes, "cell": cell} for (was, becomes), cell in impact.matrix.items()],
        "segments": impact.segments,
        "contacts_before": impact.contacts_before,
        "contacts_after": impact.contacts_after,
        "movers": impact.list_movers(),
        **({} if measured.foreseen is None else {"ahead": tell_days(measured.foreseen)}),
    }


def list_sections(measured: Measured) -> tuple[Section, ...]:
    """Return the impact in its parts; what has nothing to tell is left out."""
    impact = measured.impact
    changed = impact.changed
    percent = 100 * changed.count / impact.rows_count if impact.rows_count else 0
    said = f"{changed.count:,} of {impact.rows_count:,} accounts ({percent:.2f} %) are answered otherwise"
    head = f"{said}, asked as of {measured.as_of}."
    sections = [
        Section(heading=f"What it changes for {measured.accounts}", blocks=(Text(words=head), _list_totals(impact)))
    ]
    if changed.count:
        sections.append(Section(heading=_MATRIX, blocks=(_tabulate_matrix(impact),)))
        sections.append(Section(heading="By segment", blocks=(_tabulate_segments(impact),)))
        sections.append(
            Section(heading="The largest claims that are answered otherwise", blocks=(_list_movers(impact),))
        )
    if measured.foreseen is not None:
        sections.append(Section(heading=AHEAD, blocks=(tabulate_days(measured.foreseen),)))
    return tuple(sections)


def _list_totals(impact: Impact) -> Items:
    whole = impact.whole
    items = [
        f"claimed with actions: {_say_change(whole.claimed_before, whole.claimed_after)}",
        f"fees charged: {_say_change(whole.fees_before, whole.fees_after)}",
    ]
    for channel in sorted({*impact.contacts_before, *impact.contacts_after}):
        before, after = impact.contacts_before.get(channel, 0), impact.contacts_after.get(channel, 0)
        items.append(f"contacts by {channel}: {before:,} → {after:,}{_say_difference(after - before)}")
    for name, words in (("blocked", "blocked"), ("not_covered", "not covered"), (REFUSED, "refused")):
        if count := impact.count_into(name):
            items.append(f"newly {words}: {count:,} accounts")
    return Items(items=tuple(items))


def _tabulate_matrix(impact: Impact) -> Table:
    changes = [(pair, cell) for pair, cell in impact.matrix.items() if pair[0] != pair[1]]
    changes.sort(key=lambda each: (-each[1].count, each[0]))
    rows = [(was, becomes, *_numbers(cell)) for (was, becomes), cell in changes[:_MOST_ROWS]]
    if rest := changes[_MOST_ROWS:]:
        rows.append((f"{len(rest):,} more", "", *_numbers(join(cell for _, cell in rest))))
    return Table(headings=("was", "becomes", "accounts", "claimed before", "after"), rows=tuple(rows), right=_NUMBERS)


def _tabulate_segments(impact: Impact) -> Table:
    ordered = sorted(impact.segments.items(), key=lambda each: (-each[1].count, each[0]))
    rows = tuple((segment or _NOTHING, *_numbers(cell)) for segment, cell in ordered[:_MOST_ROWS])
    return Table(headings=("segment", "accounts", "claimed before", "after"), rows=rows, right=frozenset({1, 2, 3}))


def _list_movers(impact: Impact) -> Table:
    rows = tuple(
        (
            each.account_id,
            f"{each.was}\n{each.reason_before or ''}".rstrip(),
            f"{each.becomes}\n{each.reason_after or ''}".rstrip(),
            _say_money({each.currency: each.claimed_before}),
            _say_money({each.currency: each.claimed_after}),
        )
        for each in impact.list_movers()
    )
    headings = ("account", "was, and why", "becomes, and why", "claimed before", "after")
    return Table(headings=headings, rows=rows, right=frozenset({3, 4}))


def _numbers(cell: Cell) -> tuple[str, str, str]:
    return f"{cell.count:,}", _say_money(cell.claimed_before), _say_money(cell.claimed_after)


def _say_change(before: Mapping[str, Decimal], after: Mapping[str, Decimal]) -> str:
    return f"{_say_money(before)} → {_say_money(after)}"


def _say_difference(count: int) -> str:
    return f" ({count:+,})" if count else ""


def _say_money(amounts: Mapping[str, Decimal]) -> str:
    written = (f"{Decimal(write_amount(each, code)):,} {code}" for code, each in sorted(amounts.items()) if each)
    return " + ".join(written) or _NOTHING


def _write_block(block: Block) -> Iterator[str]:
    match block:
        case Text():
            yield f"  {block.words}"
        case Items():
            yield from (f"    {item}" for item in block.items)
        case Table():
            yield from _align(block)


def _align(table: Table) -> Iterator[str]:
    """Yield a table's lines; a second line of a cell stands below its row."""
    rows = [table.headings, *table.rows]
    firsts = [[cell.split("\n")[0] for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in firsts) for column in range(len(table.headings))]
    for row, first in zip(rows, firsts, strict=True):
        cells = (
            cell.rjust(width) if column in table.right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(first, widths, strict=True))
        )
        yield "    " + "  ".join(cells).rstrip()
        for name, cell in zip(table.headings, row, strict=True):
            yield from (f"        {name.split(',')[0]}: {line}" for line in cell.split("\n")[1:])


def _drawwrite_field(impact: Impact) -> str:
    """Return the matrix with a field an answer before and after, the darker the more accounts."""
    was = _most(impact, 0)
    becomes = _most(impact, 1)
    cells = {pair: cell.count for pair, cell in impact.matrix.items()}
    largest = max(cells.values(), default=1)
    heads = "".join(f"<th>{escape(name)}</th>" for name in becomes)
    rows = ""
    for one in was:
        fields = (write_field(cells.get((one, other), 0), largest, is_same=one == other) for other in becomes)
        rows += f"<tr><th>{escape(one)}</th>{''.join(fields)}</tr>"
    about = "Accounts by what was decided (down) and what is decided now (across); the same answer is grey."
    table = f"<table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<p>{about}</p><div class="scroll">{table}</div>'


def _most(impact: Impact, side: int) -> Sequence[str]:
    """Return the answers of a side, the most frequent of those that change first."""
    counts: dict[str, int] = {}
    for pair, cell in impact.matrix.items():
        counts[pair[side]] = counts.get(pair[side], 0) + cell.count * (pair[0] != pair[1])
    return sorted((name for name in counts if counts[name]), key=lambda name: (-counts[name], name))[:_MOST_COLUMNS]
