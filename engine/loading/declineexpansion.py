"""Rows of the table of declines as ordinary conditions on the standard facts: exactly where they are the row found."""

from collections.abc import Iterable, Iterator

import msgspec

from engine.model.condition import ALWAYS, AllOf, AnyOf, Condition, IsNoneOf, IsOneOf, IsPresent, NoneOf, Span
from engine.model.decline import ADVICE, CARD, DEBITS, NETWORKS, OTHER, Decline, DeclineTable
from engine.model.diagnostic import Position
from engine.model.vocabulary import Fact


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry stands, the facts as they are declared there, and whether the advice goes before the code."""

    facts: dict[str, Fact]
    at: Position
    heeds_advice: bool = True


def expand_rows(table: DeclineTable, rows: Iterable[Decline], place: Place) -> tuple[Condition, ...]:
    """Return alternatives of which one holds if one of the rows is found for the account's last decline."""
    chosen = frozenset(rows)
    return (*_expand_debits(table, chosen, place), *_expand_cards(table, chosen, place))


def expand_rests(table: DeclineTable, rows: Iterable[Decline], place: Place, *, rested: bool) -> tuple[Condition, ...]:
    """Return alternatives as above that also ask whether the row's days since the last attempt are over."""
    by_wait: dict[int, list[Decline]] = {}
    for row in rows:
        by_wait.setdefault(row.wait_days, []).append(row)
    found: list[Condition] = []
    for days, same in sorted(by_wait.items()):
        tired = IsOneOf(fact="days_since_last_attempt", items=(Span(None, days - 1),), at=place.at)
        rest = NoneOf(conditions=(tired,), at=place.at) if rested else tired
        found += (AllOf(conditions=(part, rest)) for part in expand_rows(table, same, place))
    return tuple(found)


def _expand_debits(table: DeclineTable, chosen: frozenset[Decline], place: Place) -> Iterator[Condition]:
    for scheme in DEBITS:
        code, method = _code_test(table, (scheme,), chosen, place), _is_one_of("payment_method", (scheme,), place)
        if code is not None and method is not None:
            yield AllOf(conditions=(method, code))


def _expand_cards(table: DeclineTable, chosen: frozenset[Decline], place: Place) -> Iterator[Condition]:
    """Yield the advice's rows, and for accounts without an advice that has a row those of the code."""
    card = _is_one_of("payment_method", (CARD,), place)
    if card is None:
        return
    unadvised: Condition = ALWAYS
    if place.heeds_advice:
        advices = [row for scheme in ADVICE for row in table.declines if row.scheme == scheme]
        heeded = tuple(code for row in advices if row in chosen for code in row.codes)
        if heeded:
            yield AllOf(conditions=(card, IsOneOf(fact="advice_code", items=heeded, at=place.at)))
        known = tuple(code for row in advices for code in row.codes)
        unadvised = NoneOf(conditions=(IsOneOf(fact="advice_code", items=known, at=place.at),), at=place.at)
    by_test: dict[Condition, list[str | None]] = {}
    for network in (*NETWORKS, None):
        schemes = (CARD,) if network is None else (network, CARD)
        code = _code_test(table, schemes, chosen, place)
        if code is not None:
            by_test.setdefault(code, []).append(network)
    for code, networks in by_test.items():
        among = _is_among(networks, place)
        if among is not None:
            yield AllOf(conditions=(card, unadvised, among, code))


def _is_among(networks: list[str | None], place: Place) -> Condition | None:
    """Return the test that the card is of one of the networks; None stands for every other, and for one not given."""
    if None not in networks:
        return _is_one_of("card_network", tuple(filter(None, networks)), place)
    others = _is_one_of("card_network", tuple(each for each in NETWORKS if each not in networks), place)
    return ALWAYS if others is None else NoneOf(conditions=(others,), at=place.at)


def _is_one_of(fact: str, words: tuple[str, ...], place: Place) -> IsOneOf | None:
    """Return the test, or None where the ruleset has narrowed the fact to other values."""
    values = place.facts[fact].values
    possible = tuple(word for word in words if values is None or word in values)
    return IsOneOf(fact=fact, items=possible, at=place.at) if possible else None


def _code_test(
    table: DeclineTable, schemes: tuple[str, ...], chosen: frozenset[Decline], place: Place
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
            return IsPresent(fact="decline_code", at=place.at)
        return IsNoneOf(fact="decline_code", items=outside, at=place.at)
    return IsOneOf(fact="decline_code", items=inside, at=place.at) if inside else None


def join(alternatives: tuple[Condition, ...], place: Place, written: str) -> AnyOf:
    """Return the entry as one condition that knows how it was written."""
    return AnyOf(conditions=alternatives, at=place.at, written=written)
