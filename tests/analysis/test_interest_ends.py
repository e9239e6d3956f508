"""Interest tables that end on one day are told together, at the first of them."""

import datetime as dt

from tests.analysis.reading import check

TABLE = "{{rates: [{{from: 2020-01-01, percent: 10}}], known_until: {until}, day_count: act/365}}"
NOTICE = "{{id: {name}, then: {{action: send_dunning_notice, channel: email, interest: {name}}}}}"
BLOCKED = "from 2027-01-01 decisions that carry {} are blocked."


def told(ends: dict[str, str]) -> list[tuple[int, str]]:
    """Return with its line what is said on 1 December 2026 of tables that end so."""
    tables = "".join(f"  {name}: {TABLE.format(until=until)}\n" for name, until in ends.items())
    rules = "".join(f"  - {NOTICE.format(name=name)}\n" for name in ends)
    found = check(f"interest:\n{tables}rules:\n{rules}", on=dt.date(2026, 12, 1))
    diagnostics = [each.diagnostic for each in found if each.diagnostic.code == "interest-ends"]
    assert all(each.witness for each in diagnostics)
    return [(each.line, each.message) for each in diagnostics]


def test_tables_that_end_on_one_day_are_told_once() -> None:
    """Three tables are one finding, and one that ends on another day is its own."""
    assert told({"eu": "2026-12-31", "nl": "2026-11-30", "de": "2026-12-31", "se": "2026-12-31"}) == [
        (2, f"The interests “eu”, “de” and “se” end on 2026-12-31; {BLOCKED.format('one of them')}"),
        (3, "The interest “nl” ended on 2026-11-30; from 2026-12-01 decisions that carry it are blocked."),
    ]


def test_a_table_that_ends_later_is_not_told() -> None:
    """Forty-five days ahead it is told, not a day earlier."""
    assert told({"eu": "2027-01-15"}) != []
    assert told({"eu": "2027-01-16"}) == []
