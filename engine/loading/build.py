"""A parsed file to a ruleset: everything that can be read is read, so that all complaints come at once."""

import functools
import zoneinfo

import msgspec

from engine.loading.actions import NOTHING, read_action
from engine.loading.calendars import StoredDates, read_calendar
from engine.loading.canonical import digest_of, write_canonical
from engine.loading.complaints import Complaints, suggest
from engine.loading.conditions import KEYWORDS, read_when
from engine.loading.constants import read_date, read_integer
from engine.loading.cycles import find_cycles
from engine.loading.declarations import SharedFacts, read_facts
from engine.loading.declines import DECLINE
from engine.loading.declinetable import EDITIONS, NEWEST, read_table
from engine.loading.experiments import read_experiments
from engine.loading.moneyterms import read_fees, read_interest
from engine.loading.node import Mapping, Node, Scalar, entries_of, find, items_of, names_within
from engine.loading.rules import (
    check_unique,
    collect_ids,
    collect_levels,
    read_attempt_limits,
    read_blocks,
    read_contact_limits,
    read_rules,
)
from engine.loading.scope import Scope
from engine.model.calendar import Calendar
from engine.model.decline import DeclineTable
from engine.model.money import EXPONENTS
from engine.model.ruleset import Edition, Effective, Experiment, Ruleset
from engine.model.vocabulary import Fact

MOST_CURRENCIES = 30
STATEFUL_KEYS = ("ladder", "dunning_interval_days")
STATEFUL_RULE_KEYS = ("after", "repeat", "undoes")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a ruleset is built from besides its own nodes."""

    text: str
    file: str
    shared: SharedFacts | None = None
    stored: StoredDates | None = None


def build_ruleset(root: Mapping, source: Source, complaints: Complaints, shared_complaints: Complaints) -> Ruleset:
    """Return the ruleset as far as it could be read; it is whole only where nothing was complained about."""
    experiments = read_experiments(find(root, "experiments"), complaints)
    calendar = read_calendar(find(root, "calendar"), complaints, source.stored)
    scope = _open_scope(root, complaints, experiments, calendar)
    _check_whole_file(root, scope)
    canonical = write_canonical(root, source.shared.declarations if source.shared is not None else None)
    is_stateless = _is_true(find(root, "stateless"))
    interval = read_integer(find(root, "dunning_interval_days"), complaints, least=0, most=36_500)
    known = [currency for currency in scope.currencies if currency in EXPONENTS] or ["EUR"]
    editions = (_build_edition(root, source, scope, currency, shared_complaints) for currency in known)
    return Ruleset(
        id=_text_of(root, "ruleset", ""),
        title=_text_of(root, "title", ""),
        owner=_text_of(root, "owner", "") or None,
        track=_text_of(root, "track", "dunning"),
        timezone=_text_of(root, "timezone", "UTC"),
        effective=_read_effective(find(root, "effective"), complaints),
        law_checked_to=read_date(find(root, "law_checked_to"), complaints),
        stateless=is_stateless,
        ladder="none" if is_stateless else _text_of(root, "ladder", "catch_up"),  # type: ignore[arg-type]  # the schema's enum
        dunning_interval_days=0 if is_stateless else (1 if interval is None else interval),
        calendar=calendar,
        experiments=experiments,
        contact_limits=read_contact_limits(find(root, "contact_limits"), scope),
        editions={edition.currency: edition for edition in editions},
        digest=digest_of(canonical),
        canonical=canonical,
        text=source.text,
        file=source.file,
    )


def _text_of(root: Mapping, key: str, default: str) -> str:
    node = find(root, key)
    return node.text if isinstance(node, Scalar) else default


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.kind == "boolean" and node.text == "true"


def _open_scope(
    root: Mapping, complaints: Complaints, experiments: tuple[Experiment, ...], calendar: Calendar | None
) -> Scope:
    for section in ("conditions", "fees", "interest", "experiments", "facts"):
        if (node := find(root, section)) is not None and complaints.is_broken(node):
            complaints.expect_names(names_within(node))
    scope = Scope(
        complaints=complaints,
        currencies=_read_currencies(find(root, "currency"), complaints),
        conditions=frozenset(entry.key.text for entry in entries_of(find(root, "conditions"))),
        experiments={each.id: tuple(name for name, _ in each.variants) for each in experiments},
        fees=frozenset(entry.key.text for entry in entries_of(find(root, "fees"))),
        interest=frozenset(entry.key.text for entry in entries_of(find(root, "interest"))),
        rules=frozenset(collect_ids(find(root, "rules"))),
        calendar=calendar,
        declines=_read_declines(find(root, "declines")),
    )
    return msgspec.structs.replace(scope, levels=collect_levels(find(root, "rules"), scope))


def _read_declines(node: Node | None) -> DeclineTable | None:
    """Return the edition named, or the newest where it is misspelt, so that the rest can be read."""
    if node is None:
        return None
    return read_table(node.text if isinstance(node, Scalar) and node.text in EDITIONS else NEWEST)


def _read_currencies(node: Node | None, complaints: Complaints) -> tuple[str, ...]:
    """Return the currencies of the file as written, each once; at least one, so that the rest can be read."""
    read: list[str] = []
    for item in items_of(node)[:MOST_CURRENCIES]:
        if not isinstance(item, Scalar) or complaints.is_broken(item):
            continue
        if item.text not in EXPONENTS:
            found = f"“{item.text}” is no currency of ISO 4217."
            complaints.add("unknown-currency", item, found, suggest(item.text, EXPONENTS))
        if item.text not in read:
            read.append(item.text)
    return tuple(read) or ("EUR",)


def _check_whole_file(root: Mapping, scope: Scope) -> None:
    _check_timezone(find(root, "timezone"), scope.complaints)
    _check_stateless(root, scope)
    check_unique(find(root, "rules"), "rule", scope)
    check_unique(find(root, "blocks"), "block", scope)
    for entry in entries_of(find(root, "conditions")):
        if entry.key.text in KEYWORDS:
            found = f"“{entry.key.text}” is a word of the language, so no condition can be called so."
            scope.complaints.add("name-taken", entry.key, found)


def _check_timezone(node: Node | None, complaints: Complaints) -> None:
    if not isinstance(node, Scalar) or complaints.is_broken(node):
        return
    if node.text not in _known_timezones():
        complaints.add("unknown-timezone", node, f"“{node.text}” is no time zone.", _suggest_timezone(node.text))


def _suggest_timezone(text: str) -> str | None:
    """Return the zone of a city, or one that is written alike; abbreviations such as CEST stand for several."""
    zones = sorted(zone for zone in _known_timezones() if "/" in zone)
    city = text.rpartition("/")[2].casefold().replace(" ", "_")
    named = [zone for zone in zones if zone.rpartition("/")[2].casefold() == city]
    return f"Did you mean “{named[0]}”?" if named else suggest(text, zones)


@functools.cache
def _known_timezones() -> frozenset[str]:
    """The zones that mean the same on every machine."""
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


def _check_stateless(root: Mapping, scope: Scope) -> None:
    """Complain of what only makes sense where it matters what was executed (language.md 1.3)."""
    if not _is_true(find(root, "stateless")):
        return
    places = [entry for entry in root.entries if entry.key.text in STATEFUL_KEYS]
    for rule in items_of(find(root, "rules")):
        places += [entry for entry in entries_of(rule) if entry.key.text in STATEFUL_RULE_KEYS]
    for entry in places:
        found = f"“{entry.key.text}” stands in a stateless ruleset, where what was executed does not matter."
        scope.complaints.add("stateless", entry.key, found)


def _read_effective(node: Node | None, complaints: Complaints) -> Effective:
    from_on = read_date(find(node, "from"), complaints)
    until = find(node, "until")
    until_on = read_date(until, complaints)
    if until is not None and from_on is not None and until_on is not None and until_on <= from_on:
        found = f"The ruleset ends on {until_on}, which is not after {from_on}; “until” is exclusive."
        complaints.add("dates-reversed", until, found)
    return Effective(from_on=from_on, until_on=until_on)


def _build_edition(
    root: Mapping, source: Source, scope: Scope, currency: str, shared_complaints: Complaints
) -> Edition:
    scope = msgspec.structs.replace(scope, currency=currency)
    facts = read_facts(find(root, "facts"), source.shared, scope, shared_complaints)
    _check_condition_names(root, facts, scope)
    scope = msgspec.structs.replace(scope, facts=facts)
    conditions = {
        entry.key.text: read_when(entry.value, scope)
        for entry in entries_of(find(root, "conditions"))
        if entry.key.text not in KEYWORDS and entry.key.text not in facts
    }
    for cycle in find_cycles(conditions):
        key = next(entry.key for entry in entries_of(find(root, "conditions")) if entry.key.text == cycle[0])
        found = f"The condition {cycle[0]} is defined by itself: {' → '.join(cycle)}."
        scope.complaints.add("condition-cycle", key, found)
    otherwise = find(root, "otherwise")
    return Edition(
        currency=currency,
        facts=facts,
        applies_to=read_when(find(root, "applies_to"), scope),
        conditions=dict(conditions),
        fees=read_fees(find(root, "fees"), scope),
        interest=read_interest(find(root, "interest"), scope),
        attempt_limits=read_attempt_limits(find(root, "attempt_limits"), scope),
        blocks=read_blocks(find(root, "blocks"), scope),
        rules=read_rules(find(root, "rules"), scope),
        otherwise=NOTHING if otherwise is None else read_action(otherwise, scope),
    )


def _check_condition_names(root: Mapping, facts: dict[str, Fact], scope: Scope) -> None:
    declines = find(root, "declines")
    if declines is not None and (DECLINE in facts or DECLINE in scope.conditions):
        found = f"“{DECLINE}” is a fact or condition of this file, so it cannot ask a table of declines as well."
        scope.complaints.add("name-taken", declines, found)
    for entry in entries_of(find(root, "conditions")):
        if entry.key.text in facts:
            found = f"“{entry.key.text}” is a fact, so no condition can be called so."
            scope.complaints.add("name-taken", entry.key, found)
