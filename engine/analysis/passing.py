"""What passing days alone can bring an account into, with nothing executed, paid or changed."""

from engine.conditions.boxes import Box, Region
from engine.conditions.sets import IntegerSet, ValueSet, integers
from engine.coordinates.keys import variant_key
from engine.model.ruleset import Edition

# An invoice that is not overdue yet will be: these rise with the days, whatever else is the case.
_RISING = frozenset({"overdue_balance", "overdue_invoices"})
# What history yields is forgotten with the days, or counted further.
_FALLING = frozenset({"contacts_last_7_days", "contacts_last_30_days"})
_UNSETTLED = ("@timing:", "@reach:", "@limited:", "@turn", "@attempts:", "@stopped:", variant_key(""))


def reach_by_waiting(region: Region, edition: Edition) -> Region:
    """Return a region that holds every account that is in the given one on some day from now on, and perhaps more."""
    return tuple(Box(sides=dict(_loosen(box, edition))) for box in region)


def _loosen(box: Box, edition: Edition) -> list[tuple[str, ValueSet]]:
    found: list[tuple[str, ValueSet]] = []
    for key, values in box.sides.items():
        if key.startswith(_UNSETTLED):
            continue
        fact = edition.facts.get(key)
        if isinstance(values, IntegerSet) and values.intervals:
            rises = key in _RISING or (fact is not None and fact.moves > 0)
            falls = key in _FALLING or (fact is not None and fact.moves < 0)
            found.append((key, _widen(values, rises=rises, falls=falls)))
        else:
            found.append((key, values))
    return found


def _widen(values: IntegerSet, *, rises: bool, falls: bool) -> IntegerSet:
    if rises:
        return integers((None, values.intervals[-1][1]), missing=values.missing)
    if falls:
        return integers((values.intervals[0][0], None), missing=values.missing)
    return values
