"""A parsed file to a ruleset: everything that can be read is read, so that all complaints come at once."""

from collections.abc import Mapping as Names

import msgspec

from engine.loading.calendars import StoredDates, put_dates
from engine.loading.canonical import digest_of, write_canonical
from engine.loading.complaints import Complaints
from engine.loading.cycles import find_cycles
from engine.loading.declarations import SharedFacts, read_facts
from engine.loading.declines import DECLINE
from engine.loading.declinetable import NEWEST, read_table
from engine.loading.grammar.facts import read_declarations
from engine.loading.grammar.ruleset import RULESET
from engine.loading.guaranteesfile import SharedGuarantees, join_guarantees, open_folder_scope
from engine.loading.header import check_names, check_stateless
from engine.loading.node import Mapping, entries_of, find, items_of, names_within, places_of
from engine.loading.rules import collect_ids, collect_levels
from engine.loading.scope import Scope
from engine.loading.scorecards import facts_of_scores
from engine.loading.scoresfile import SharedScores, read_shared_scores
from engine.loading.spot import Spot
from engine.loading.tables import WrittenOut, write_tables_out
from engine.model.calendar import LAST_BUSINESS_DAY, Calendar
from engine.model.money import EXPONENTS
from engine.model.ruleset import Edition, Experiment, Ruleset
from engine.model.scorecard import Scorecard
from engine.model.vocabulary import STANDARD_FACTS

# What an edition holds is read in each currency, all else once.
_OF_EDITIONS = frozenset(Edition.__struct_fields__) - {"currency", "facts", "scorecards"}
_OF_FILE = frozenset(key.name for key in RULESET.keys) - _OF_EDITIONS - {"facts"}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a ruleset is built from besides its own nodes."""

    text: str
    file: str
    shared: SharedFacts | None = None
    scores: SharedScores | None = None
    guarantees: SharedGuarantees | None = None
    stored: StoredDates | None = None


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    """What stands once in a file, as far as it could be read; what is needed and missing was complained about."""

    id: str = ""
    title: str = ""
    timezone: str = "UTC"
    currency: tuple[str, ...] = ("EUR",)
    declines: str = NEWEST
    calendar: Calendar | None = None
    experiments: tuple[Experiment, ...] = ()
    stateless: bool = False
    others: dict[str, object] = {}


class Collectors(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is said what is wrong, for each of the files that a ruleset is built from."""

    own: Complaints
    facts: Complaints
    scores: Complaints
    guarantees: Complaints


def build_ruleset(root: Mapping, source: Source, collectors: Collectors) -> Ruleset:
    """Return the ruleset as far as it could be read; it is whole only where nothing was complained about."""
    complaints = collectors.own
    spot = Spot(Scope(complaints=complaints))
    RULESET.check_keys(root, spot)
    places = places_of(root)
    written = write_tables_out(root, _fact_names(root, source), _names(root, "conditions"), spot)
    root = written.root
    head = _read_head(root, source, spot)
    scope = _open_scope(written, head, complaints)
    check_names(root, written.names, Spot(scope))
    if head.stateless:
        check_stateless(root, Spot(scope))
        head.others.update(ladder="none", dunning_interval_days=0)
    known = [currency for currency in scope.currencies if currency in EXPONENTS] or ["EUR"]
    canonical = write_canonical(
        root,
        shared=source.shared.declarations if source.shared is not None else None,
        scores=source.scores.root if source.scores is not None else None,
        guarantees=source.guarantees.items if source.guarantees is not None else None,
    )
    return Ruleset(
        id=head.id,
        title=head.title,
        timezone=head.timezone,
        stateless=head.stateless,
        calendar=head.calendar,
        experiments=head.experiments,
        editions={currency: _build_edition(root, source, scope, currency, collectors) for currency in known},
        digest=digest_of(canonical),
        canonical=canonical,
        text=source.text,
        places=places,
        file=source.file,
        **head.others,  # type: ignore[arg-type]  # the rows say what they are
    )


def _read_head(root: Mapping, source: Source, spot: Spot) -> _Head:
    values = RULESET.read_values(root, spot, _OF_FILE)
    own = {field: values.pop(field) for field in _Head.__struct_fields__ if field in values}
    head = _Head(**own, others=values)  # type: ignore[arg-type]  # the rows say what they are
    node = find(root, "calendar")
    if head.calendar is None or node is None:
        return head
    # Paydays that cannot be read are not missed as well.
    paydays = head.calendar.paydays or ((LAST_BUSINESS_DAY,) if find(node, "paydays") is not None else ())
    calendar = msgspec.structs.replace(head.calendar, paydays=paydays)
    return msgspec.structs.replace(head, calendar=put_dates(calendar, source.stored, node, spot))


def _open_scope(written: WrittenOut, head: _Head, complaints: Complaints) -> Scope:
    """Return the names in sight; those whose declarations were complained about are not missed."""
    root = written.root
    rules = (*items_of(find(root, "rules")), *written.lost)
    for section in ("conditions", "fees", "interest", "experiments", "facts"):
        node = find(root, section)
        if node is not None and not isinstance(node, Mapping):
            complaints.expect_names(names_within(node))
    experiments = {each.id: each.names for each in head.experiments}
    complaints.expect_names(_names(root, "experiments") - experiments.keys())
    return Scope(
        complaints=complaints,
        currencies=tuple(dict.fromkeys(head.currency)) or ("EUR",),
        conditions=_names(root, "conditions"),
        experiments=experiments,
        fees=_names(root, "fees"),
        interest=_names(root, "interest"),
        rules=collect_ids(rules),
        tables=written.tables,
        levels=collect_levels(rules),
        calendar=head.calendar,
        declines=read_table(head.declines) if find(root, "declines") is not None else None,
    )


def _fact_names(root: Mapping, source: Source) -> frozenset[str]:
    shared = entries_of(source.shared.declarations) if source.shared is not None else ()
    scores = entries_of(find(source.scores.root, "scorecards")) if source.scores is not None else ()
    return _names(root, "facts") | STANDARD_FACTS.keys() | {entry.key.text for entry in (*shared, *scores)}


def _names(root: Mapping, section: str) -> frozenset[str]:
    return frozenset(entry.key.text for entry in entries_of(find(root, section)))


def _build_edition(root: Mapping, source: Source, scope: Scope, currency: str, collectors: Collectors) -> Edition:
    scope = msgspec.structs.replace(scope, currency=currency)
    shared_scope = msgspec.structs.replace(scope, complaints=collectors.facts)
    shared = read_declarations(source.shared.declarations if source.shared is not None else None, shared_scope)
    facts = read_facts(read_declarations(find(root, "facts"), scope), shared, scope, shared_scope)
    in_sight = read_facts({}, shared, shared_scope, shared_scope)
    cards = read_shared_scores(source.scores, open_folder_scope(collectors.scores, in_sight, scope))
    scores = facts_of_scores(cards.values())
    _check_scores(root, cards, scope)
    scope = msgspec.structs.replace(scope, facts=facts | scores)
    values = RULESET.read_values(root, Spot(scope), _OF_EDITIONS)
    edition = Edition(currency=currency, facts=scope.facts, scorecards=cards, **values)  # type: ignore[arg-type]  # the rows say what they are
    if source.guarantees is not None:
        of_folder = open_folder_scope(collectors.guarantees, in_sight | scores, scope)
        edition = join_guarantees(edition, source.guarantees, of_folder, scope)
    _check_conditions(root, edition, scope)
    return edition


def _check_scores(root: Mapping, cards: Names[str, Scorecard], scope: Scope) -> None:
    """Complain of a fact that the file declares and a scorecard yields."""
    for entry in entries_of(find(root, "facts")):
        if entry.key.text in cards:
            found = f"“{entry.key.text}” is what a scorecard of {cards[entry.key.text].file} adds up to."
            scope.complaints.add("name-taken", entry.key, found, "Take the declaration away.")


def _check_conditions(root: Mapping, edition: Edition, scope: Scope) -> None:
    """Complain of conditions that are called like a fact, or are defined by themselves."""
    declines = find(root, "declines")
    if declines is not None and (DECLINE in edition.facts or DECLINE in scope.conditions):
        found = f"“{DECLINE}” is a fact or condition of this file, so it cannot ask a table of declines as well."
        scope.complaints.add("name-taken", declines, found)
    keys = {entry.key.text: entry.key for entry in entries_of(find(root, "conditions"))}
    for name in keys.keys() & edition.facts.keys():
        scope.complaints.add("name-taken", keys[name], f"“{name}” is a fact, so no condition can be called so.")
    for cycle in find_cycles(edition.conditions):
        found = f"The condition {cycle[0]} is defined by itself: {' → '.join(cycle)}."
        scope.complaints.add("condition-cycle", keys[cycle[0]], found)
