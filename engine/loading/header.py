"""What the top of a ruleset means, and what must hold in the file as a whole."""

import functools
import zoneinfo
from collections.abc import Iterable

from engine.loading.complaints import suggest
from engine.loading.conditions import KEYWORDS
from engine.loading.node import Mapping, Node, Scalar, entries_of, find, items_of
from engine.loading.spot import Spot
from engine.model.money import EXPONENTS
from engine.model.ruleset import HOLD_OUT, Effective, Experiment
from engine.model.vocabulary import ANNOUNCED_BEFORE

_WHOLE = 100
MOST_HELD_OUT = 50
_STATEFUL_KEYS = ("ladder", "dunning_interval_days")
STATEFUL_RULE_KEYS = ("after", "repeat", "undoes")
"""The keys of a rule that ask what was executed."""


def name_currency(node: Scalar, spot: Spot) -> str:
    """Return the currency, and complain of one that ISO 4217 does not have."""
    if node.text not in EXPONENTS:
        found = f"“{node.text}” is no currency of ISO 4217."
        spot.complain("unknown-currency", node, found, suggest(node.text, EXPONENTS))
    return node.text


def name_timezone(node: Scalar, spot: Spot) -> str:
    """Return the zone's name, and complain of one that does not mean the same on every machine."""
    if node.text not in _known_timezones():
        hint = _suggest_timezone(node.text)
        spot.complain("unknown-timezone", node, f"“{node.text}” is no time zone.", hint)
    return node.text


def _suggest_timezone(text: str) -> str | None:
    """Return the zone of a city, or one that is written alike; abbreviations such as CEST stand for several."""
    zones = sorted(zone for zone in _known_timezones() if "/" in zone)
    city = text.rpartition("/")[2].casefold().replace(" ", "_")
    named = [zone for zone in zones if zone.rpartition("/")[2].casefold() == city]
    return f"Did you mean “{named[0]}”?" if named else suggest(text, zones)


@functools.cache
def _known_timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


def check_effective(node: Mapping, effective: Effective, spot: Spot) -> None:
    """Complain where no day lies between the two dates."""
    start, end, until = effective.from_on, effective.until_on, find(node, "until")
    if start is not None and end is not None and end <= start and until is not None:
        found = f"The ruleset ends on {end}, which is not after {start}; “until” is exclusive."
        spot.complain("dates-reversed", until, found)


def check_experiment(node: Mapping, experiment: Experiment, spot: Spot) -> None:
    """Complain where the variants do not add up to the whole, and of one that is called like the accounts held out."""
    written = find(node, "variants")
    total = sum(percent for _, percent in experiment.variants)
    if written is not None and len(experiment.variants) == len(entries_of(written)) and total != _WHOLE:
        found = f"The variants of {experiment.id} add up to {total} %, not to 100 %."
        spot.complain("percents-add-up", written, found)
    for entry in entries_of(written):
        if entry.key.text == HOLD_OUT:
            found = f"No variant can be called “{HOLD_OUT}”: that is the variant of the accounts held out."
            spot.complain("name-taken", entry.key, found, f"Write “{HOLD_OUT}: 5” beside “variants”, or another name.")


def check_names(root: Mapping, tables: Iterable[Scalar], spot: Spot) -> None:
    """Complain of ids that stand twice, and of names that are words of the language; a table is called like no rule."""
    _check_unique(
        [("rule", find(item, "id")) for item in items_of(find(root, "rules"))] + [("table", name) for name in tables],
        spot,
    )
    check_unique("block", find(root, "blocks"), spot)
    check_unique("guarantee", find(root, "guarantees"), spot)
    for entry in entries_of(find(root, "fees")):
        if entry.key.text == ANNOUNCED_BEFORE:
            found = f"No fee can be called “{ANNOUNCED_BEFORE}”: charge_fee reads it as the fee that was announced."
            spot.complain("name-taken", entry.key, found)
    for entry in entries_of(find(root, "conditions")):
        if entry.key.text in KEYWORDS:
            found = f"“{entry.key.text}” is a word of the language, so no condition can be called so."
            spot.complain("name-taken", entry.key, found)


def check_unique(what: str, node: Node | None, spot: Spot) -> None:
    """Complain of ids that stand twice in a list."""
    _check_unique([(what, find(item, "id")) for item in items_of(node)], spot)


def _check_unique(named: Iterable[tuple[str, Node | None]], spot: Spot) -> None:
    first: dict[str, tuple[str, int]] = {}
    for what, each in named:
        if not isinstance(each, Scalar):
            continue
        if each.text in first:
            other, line = first[each.text]
            found = f"A second {what} is called “{each.text}”; the first is on line {line}."
            if other != what:
                found = f"The {what} “{each.text}” is called like the {other} on line {line}."
            spot.complain("duplicate-id", each, found)
        first.setdefault(each.text, (what, each.at.line))


def check_stateless(root: Mapping, spot: Spot) -> None:
    """Complain of what only makes sense where it matters what was executed (language.md 1.3)."""
    places = [entry for entry in root.entries if entry.key.text in _STATEFUL_KEYS]
    for rule in items_of(find(root, "rules")):
        places += [entry for entry in entries_of(rule) if entry.key.text in STATEFUL_RULE_KEYS]
    for entry in places:
        complain_of_state(entry.key, spot)


def complain_of_state(key: Scalar, spot: Spot) -> None:
    """Say that a key only makes sense where it matters what was executed."""
    found = f"“{key.text}” stands in a stateless ruleset, where what was executed does not matter."
    spot.complain("stateless", key, found)
