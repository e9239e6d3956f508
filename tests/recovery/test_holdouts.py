"""Held-out accounts stand in every report, beside all others, and in all other lines like everybody (figures.md A6)."""

import datetime as dt

import msgspec
import pytest

from engine.coordinates.snapshot import variant_of
from engine.recovery.holdouts import find_hold_outs
from engine.recovery.report import Asked, make_report
from tests.recovery.debtors import at, day, owe, pay

SINCE = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
WRITTEN = '{"courtesy":{"hold_out":20,"variants":{"b":40,"a":60}},"tone":{"variants":{"x":100}}}'


def test_the_versions_say_what_is_held_out() -> None:
    """Since the first that does, as the last one says; the order of variants stays, and a mere test is none."""
    changed = WRITTEN.replace('"hold_out":20', '"hold_out":10,"until":"2026-12-31"')
    (found,) = find_hold_outs([(WRITTEN, SINCE), (changed, SINCE + dt.timedelta(days=9)), ("{}", SINCE)])
    assert found.since == SINCE
    assert (found.experiment.hold_out, found.experiment.until) == (10, dt.date(2026, 12, 31))
    assert found.experiment.variants == (("b", 40), ("a", 60))


def test_every_report_shows_them() -> None:
    """By the draw of decisions; they are in the total too."""
    hold_outs = find_hold_outs([(WRITTEN, SINCE)])
    debtors = [
        msgspec.structs.replace(owe(outcomes=(pay("03-10", 6000),)), id=f"A-{number}", hold_outs=hold_outs)
        for number in range(200)
    ]
    (found,) = make_report(debtors, Asked(as_of=day("12-31"))).currencies
    held_out, others = found.hold_outs
    drawn = [variant_of(hold_outs[0].experiment, each.id, day("03-07")) for each in debtors]
    assert (held_out.key, held_out.figures.cases) == ("courtesy: held out", drawn.count("hold_out"))
    assert (others.key, others.figures.cases) == ("courtesy: others", 200 - drawn.count("hold_out"))
    assert found.total.cases == 200


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [("03-07", None, 1), ("03-07 00:01", None, 0), ("03-01", "03-08", 1), ("03-01", "03-07", 0)],
)
def test_only_cases_that_opened_in_the_experiment(since: str, until: str | None, count: int) -> None:
    """From when the version came into use to before its last day."""
    end = "" if until is None else f',"until":"2026-{until}"'
    hold_outs = find_hold_outs([(WRITTEN.replace('"hold_out":20', f'"hold_out":20{end}'), at(since))])
    (found,) = make_report([msgspec.structs.replace(owe(), hold_outs=hold_outs)], Asked(as_of=day("12-31"))).currencies
    assert sum(row.figures.cases for row in found.hold_outs) == count
