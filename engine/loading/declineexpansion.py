"""Rows of the table of declines as ordinary conditions on the standard facts: exactly where they are the row found."""

from collections.abc import Iterable, Iterator

import msgspec

from engine.model.condition import ALWAYS, AllOf, AnyOf, Condition, IsNoneOf, IsOneOf, IsPresent, NoneOf, Span
from engine.model.decline import ADVICE, CARD, DEBITS, NETWORKS, OTHER, Decline, DeclineTable
from engine.model.diagnostic import Position
from engine.model.vocabulary import Fact


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry stands, the facts as they are declared there, and whether the advice goes before the code."""

    facts: dict[str, Fact]
    at: Position
    heeds_advice: bool = True


def expand_rows(table: DeclineTable, rows: Iterable[Decline], lookup: Lookup) -> tuple[Condition, ...]:
    """Return alternatives of which one holds if one of the rows is found for the account's last decline."""
    chosen = frozenset(rows)
    return (*_expand_debits(table, chosen, lookup), *_expand_cards(table, chosen, lookup))


def expand_rests(
    table: DeclineTable, rows: Iterable[Decline], lookup: Lookup, *, rested: bool
) -> tuple[Condition, ...]:
    """Return alternatives as above that also ask whether the row's days since the last attempt are over.

    Where the last attempt is not known the edition says whether they are.
    """
    by_wait: dict[int, list[Decline]] = {}
    for row in rows:
        by_wait.setdefault(row.wait_days, []).append(row)
    found: list[Condition] = []
    for days, same in sorted(by_wait.items()):
        spans = (Span(None, days - 1), Span(days, None))
        early, over = (IsOneOf(fact="days_since_last_attempt", items=(span,), at=lookup.at) for span in spans)
        meant, other = (over, early) if rested else (early, over)
        holds_if_unknown = rested is table.is_rested_if_unknown
        rest = NoneOf(conditions=(other,), at=lookup.at) if holds_if_unknown else meant
        found += (AllOf(conditions=(part, rest)) for part in expand_rows(table, same, lookup))
    return tuple(found)


def _expand_debits(table: DeclineTable, chosen: frozenset[Decline], lookup: Lookup) -> Iterator[Condition]:
    for scheme in DEBITS:
        code, method = _code_test(table, (scheme,), chosen, lookup), _is_one_of("payment_method", (scheme,), lookup)
        if code is not None and method is not None:
            yield AllOf(conditions=(method, code))


def _expand_cards(table: DeclineTable, chosen: frozenset[Decline], lookup: Lookup) -> Iterator[Condition]:
    """Yield the advice's rows, and for accounts without an advice that has a row those of the code."""
    card = _is_one_of("payment_method", (CARD,), lookup)
    if card is None:
        return
    unadvised: Condition = ALWAYS
    if lookup.heeds_advice:
        advices = [row for scheme in ADVICE for row in table.declines if row.scheme == scheme]
        heeded = tuple(code for row in advices if row in chosen for code in row.codes)
        if heeded:
            yield AllOf(conditions=(card, IsOneOf(fact="advice_code", items=heeded, at=lookup.at)))
        known = tuple(code for row in advices for code in row.codes)
        unadvised = NoneOf(conditions=(IsOneOf(fact="advice_code", items=known, at=lookup.at),), at=lookup.at)
    by_test: dict[Condition, list[str | None]] = {}
    for network in (*NETWORKS, None):
        schemes = (CARD,) if network is None else (network, CARD)
        code = _code_test(table, schemes, chosen, lookup)
        if code is not None:
            by_test.setdefault(code, []).append(network)
    for code, networks in by_test.items():
        among = _is_among(networks, lookup)
        if among is not None:
            yield AllOf(conditions=(card, unadvised, among, code))


def _is_among(networks: list[str | None], lookup: Lookup) -> Condition | None:
    """Return the test that the card is of one of the networks; None stands for every other, and for one not given."""
    if None not in networks:
        return _is_one_of("card_network", tuple(filter(None, networks)), lookup)
    others = _is_one_of("card_network", tuple(each for each in NETWORKS if each not in networks), lookup)
    return ALWAYS if others is None else NoneOf(conditions=(others,), at=lookup.at)


def _is_one_of(fact: str, words: tuple[str, ...], lookup: Lookup) -> IsOneOf | None:
    """Return the test, or None where the ruleset has narrowed the fact to other values."""
    values = lookup.facts[fact].values
    possible = tuple(word for word in words if values is None or word in values)
    return IsOneOf(fact=fact, items=possible, at=lookup.at) if possible else None


def _code_test(
    table: DeclineTable, schemes: tuple[str, ...], chosen: frozenset[Decline], lookup: Lookup
) -> Condition | None:
    """Return the test of the codes whose row is chosen; an earlier scheme's row goes before a later one's."""
    found: dict[str, Decline] = {}
    for scheme in schemes:
        for row in table.declines:
            if row.scheme == scheme:
                for code in row.codes:
                    found.setdefault(code, row)
    other = found.pop(OTHER, None)
    inside = tuple(code for code, row in found.items() if row in chosen)
    outside = tuple(code for code in found if code not in inside)
    if other in chosen:
        if not outside:
            return IsPresent(fact="decline_code", at=lookup.at)
        return IsNoneOf(fact="decline_code", items=outside, at=lookup.at)
    return IsOneOf(fact="decline_code", items=inside, at=lookup.at) if inside else None


def join(alternatives: tuple[Condition, ...], lookup: Lookup, written: str) -> AnyOf:
    """Return the entry as one condition that knows how it was written."""
    return AnyOf(conditions=alternatives, at=lookup.at, written=written)
