"""The page that shows the table of declines to billing analysts."""

from engine.loading.declinetable import EDITIONS, NEWEST, read_table
from engine.model.decline import OTHER, Decline

_INTRODUCTION = """\
# Declines, and which charges may be sent again

What banks, card networks and processors say when a charge fails, in the edition `{edition}`, checked to {checked_on}.
Rulesets read this table with `decline:`; [retry-rules.md](retry-rules.md) says how, and which row goes before which.

*May be sent again* means unchanged, at most as often as the row says: “2 in 30 days” are two further attempts in thirty
days, today included, and a row with no number has no limit because it may not be sent again. *Wait* is the number of
days since the last attempt. *Source*: P law or rulebook, V network, acquirer or processor, H house rule on the safe
side of the source.

This page is generated from `engine/model/declines/{rows}.yaml`. {editions}
"""
_TITLES = {
    "sepa_debit": "SEPA direct debit",
    "bacs_debit": "Bacs direct debit",
    "ach_debit": "ACH debit",
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "discover": "Discover",
    "card": "Any card",
    "mastercard_advice": "The advice of Mastercard",
    "card_advice": "The advice of the processor",
}
_HEAD = (
    "| code | meaning | category | may be sent again | wait | remedy | source |",
    "|---|---|---|---|---|---|---|",
)


def write_decline_page() -> str:
    """Return docs/authors/declines.md."""
    table = read_table(NEWEST)
    others = ", ".join(f"`{each}`" for each in EDITIONS if each != NEWEST)
    editions = f"Rulesets may still name {others}; retry-rules.md says what is new since." if others else ""
    introduction = _INTRODUCTION.format(
        edition=NEWEST, checked_on=table.checked_on, rows=table.rows_of or NEWEST, editions=editions
    )
    parts = [introduction]
    for scheme, title in _TITLES.items():
        rows = [_write_row(row) for row in table.declines if row.scheme == scheme]
        parts.append("\n".join([f"## {title}\n\n`scheme: {scheme}`\n", *_HEAD, *rows, ""]))
    return "\n".join(parts)


def _write_row(row: Decline) -> str:
    codes = "any other" if row.codes == (OTHER,) else " ".join(f"`{code}`" for code in row.codes)
    cells = (codes, row.meaning, row.category, _write_limit(row), _write_wait(row), row.remedy, row.source)
    return f"| {' | '.join(cells)} |"


def _write_limit(row: Decline) -> str:
    often = f"{row.at_most} in {row.per_days} days"
    if row.retryable:
        return f"yes, {often}"
    return "no" if row.at_most is None else f"no; mended, {often}"


def _write_wait(row: Decline) -> str:
    if row.at_most is None:
        return ""
    return "1 day" if row.wait_days == 1 else f"{row.wait_days} days"
