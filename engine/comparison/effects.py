"""What no box can show: terms that decisions carry, days and calendars, and how old history is read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from engine.comparison.difference import Change, Detail, Effect, PartName
from engine.comparison.documents import Written
from engine.coordinates.windows import Windows, say_window
from engine.evaluation.program import Compiled
from engine.model.calendar import DEFAULT_HOURS, Calendar
from engine.model.money import EXPONENTS, format_amount
from engine.model.ruleset import Action, Edition, Effective, Experiment, Rule, Ruleset
from engine.model.vocabulary import ANNOUNCED_BEFORE, Fact
from engine.words.phrases import join


def find_effects(
    old: Ruleset, new: Ruleset, compiled: tuple[Compiled, Compiled] | None, written: Written
) -> tuple[Effect, ...]:
    """Return the effects, those on every decision first, and then the cautions.

    ``compiled`` are both rulesets, None where they are too large.
    """
    renamed_rules = written.renamed_rules
    found = [*_of_heads(old, new, written.changes), *_of_experiments(old, new)]
    shared = sorted(old.editions.keys() & new.editions.keys())
    for currency in shared:
        found += _of_money(old.editions[currency], new.editions[currency], written.changes)
    for currency in shared[:1]:
        pair = old.editions[currency], new.editions[currency]
        found += _of_undoing(*pair, renamed_rules)
        if compiled is not None:
            theirs, ours = (each.programs[currency].terms.windows for each in compiled)
            found += _of_windows(*pair, theirs, ours, renamed_rules)
        found += [*_of_facts(*pair), *_of_renaming(renamed_rules), *_of_levels(*pair, renamed_rules)]
    return tuple(found)


def _of_heads(old: Ruleset, new: Ruleset, changes: Sequence[Change]) -> Iterator[Effect]:
    if old.timezone != new.timezone:
        yield _effect(
            "timezone", old.timezone, new.timezone, "every decision for an account that names no zone: which day it is"
        )
    if old.effective != new.effective:
        was, becomes = _say_period(old.effective), _say_period(new.effective)
        yield _effect("effective", was, becomes, "every decision on a day that one period holds and the other does not")
    if old.track != new.track:
        yield _effect("track", old.track, new.track, "every decision: it answers to another track")
    if old.id != new.id:
        yield _effect("ruleset", old.id, new.id, "what was executed under the old id: it is another ruleset's history")
    if old.tolerance_days != new.tolerance_days:
        was, becomes = (f"{each.tolerance_days} days" for each in (old, new))
        affects = "every decision for an account with a recorded promise, which is open longer or less long"
        yield _effect("tolerance_days", was, becomes, affects)
    if old.calendar != new.calendar:
        sides = _say_details(changes, "setting", "calendar")
        yield _effect("calendar", *sides, _say_calendar(old.calendar, new.calendar))
    for currency in sorted(old.editions.keys() ^ new.editions.keys()):
        was, becomes = (currency if currency in side.editions else "not covered" for side in (old, new))
        yield _effect("currency", was, becomes, f"every account in {currency}")


def _say_calendar(old: Calendar | None, new: Calendar | None) -> str:
    """Say what may fall on another day or hour."""
    if old is not None and new is not None:
        theirs, ours = msgspec.structs.asdict(old), msgspec.structs.asdict(new)
        changed = {key for key in theirs if theirs[key] != ours[key]}
        if changed <= {"paydays", "payday_moves"}:
            return "when actions that wait for a payday are scheduled, and their pay_by"
        if changed == {"hours"}:
            return (
                f"when contacts {_say_channels(old, new)}are scheduled: at what time, and on the next day if it is late"
            )
        if changed == {"delivery"}:
            return "every pay_by of an action over a channel whose delivery changed"
    return (
        "when contacts are scheduled, and what waits for a business day or a payday, every pay_by, "
        "and timing and rests that count business days"
    )


def _say_channels(old: Calendar, new: Calendar) -> str:
    """Name the channels whose hours changed; those of all others stand for too many to name."""
    changed = {name for name in old.hours.keys() | new.hours.keys() if old.hours.get(name) != new.hours.get(name)}
    return "" if DEFAULT_HOURS in changed else f"by {join(sorted(changed), 'or')} "


def _say_period(effective: Effective) -> str:
    begins = f"from {effective.from_on}" if effective.from_on is not None else "from always"
    return begins if effective.until_on is None else f"{begins} until {effective.until_on}"


def _effect(what: str, was: str | None, becomes: str | None, affects: str) -> Effect:
    return Effect(kind="effect", what=what, was=was, becomes=becomes, affects=affects)


def _of_experiments(old: Ruleset, new: Ruleset) -> Iterator[Effect]:
    theirs = {experiment.id: experiment for experiment in old.experiments}
    for experiment in new.experiments:
        before = theirs.get(experiment.id)
        if before is not None and before != experiment:
            yield _effect(
                f"experiment {experiment.id}",
                _say_variants(before),
                _say_variants(experiment),
                "which variant an account is in, until when, and what the decision names",
            )


def _say_variants(experiment: Experiment) -> str:
    parts = [f"{name} {percent} %" for name, percent in experiment.variants]
    held_out = [] if experiment.hold_out is None else [f"held out {experiment.hold_out} %"]
    until = [] if experiment.until is None else [f"until {experiment.until}"]
    return ", ".join([*parts, *held_out, *until])


def _of_money(old: Edition, new: Edition, changes: Sequence[Change]) -> Iterator[Effect]:
    if old.ignore_below != new.ignore_below:
        was, becomes = (format_amount(each.ignore_below, each.currency) for each in (old, new))
        affects = "every decision for an account with an invoice of which less than the greater of the two is open"
        yield _effect(f"ignore_below ({old.currency})", was, becomes, affects)
    actions = {rule.id: _flatten(rule.action) for rule in new.rules} | {"otherwise": _flatten(new.otherwise)}
    for name in sorted(old.fees.keys() & new.fees.keys()):
        users = [user for user, parts in actions.items() if any(_is_charging(action, name) for action in parts)]
        if old.fees[name] != new.fees[name] and users:
            users += [
                user for user, parts in actions.items() if any(action.fee == ANNOUNCED_BEFORE for action in parts)
            ]
            yield _of_terms("fee", name, old.currency, users, changes)
    for name in sorted(old.interest.keys() & new.interest.keys()):
        users = [user for user, parts in actions.items() if any(action.interest == name for action in parts)]
        if old.interest[name] != new.interest[name] and users:
            yield _of_terms("interest", name, old.currency, users, changes)


def _is_charging(action: Action, fee: str) -> bool:
    return fee in {action.fee, action.announce_fee}


def _of_terms(
    part: Literal["fee", "interest"], name: str, currency: str, users: list[str], changes: Sequence[Change]
) -> Effect:
    was, becomes = _say_details(changes, part, name, currency)
    return _effect(f"{part} {name} ({currency})", was, becomes, f"every decision that carries it ({', '.join(users)})")


def _say_details(
    changes: Sequence[Change], part: PartName, name: str, currency: str | None = None
) -> tuple[str | None, str | None]:
    """Say what is written otherwise in a part, as it was and as it is; amounts in other currencies are left out."""
    details = [detail for each in changes if (each.part, each.name) == (part, name) for detail in each.details]
    told = [each for each in details if currency is None or _currency_of(each) in {None, currency}]
    if not told:
        return None, None
    was, becomes = ([f"{each.path} {value or 'left out'}".strip() for each, value in side] for side in _sides(told))
    return ", ".join(was), ", ".join(becomes)


def _sides(details: Sequence[Detail]) -> tuple[list[tuple[Detail, str | None]], list[tuple[Detail, str | None]]]:
    return [(each, each.was) for each in details], [(each, each.becomes) for each in details]


def _currency_of(detail: Detail) -> str | None:
    last = detail.path.rpartition(".")[2]
    return last if last in EXPONENTS else None


def _flatten(action: Action) -> tuple[Action, ...]:
    return (action, *action.along_with)


def _of_undoing(old: Edition, new: Edition, renamed: Mapping[str, str]) -> Iterator[Effect]:
    for rule, theirs in _pairs_of(old, new, renamed):
        before = {renamed.get(name, name) for name in theirs.undoes}
        if before != set(rule.undoes):
            yield _effect(
                f"rule {rule.id}: undoes",
                ", ".join(theirs.undoes) or "nothing",
                ", ".join(rule.undoes) or "nothing",
                f"what still counts as executed once {rule.id} was executed",
            )


def _of_windows(
    old: Edition, new: Edition, their_windows: Windows, windows: Windows, renamed: Mapping[str, str]
) -> Iterator[Effect]:
    for rule, theirs in _pairs_of(old, new, renamed):
        was, becomes = say_window(their_windows.get(theirs.id, ())), say_window(windows.get(rule.id, ()))
        if was != becomes:
            name = f"“{rule.title}”" if rule.title is not None else rule.id
            affects = f"when {name} may come again: which of its executions count, for it and for what waits for it"
            yield _effect(f"rule {rule.id} counts anew", was, becomes, affects)


def _of_facts(old: Edition, new: Edition) -> Iterator[Effect]:
    for name in old.facts.keys() & new.facts.keys():
        theirs, ours = old.facts[name], new.facts[name]
        if (theirs.type, theirs.places, theirs.moves) != (ours.type, ours.places, ours.moves):
            yield Effect(
                kind="caution",
                what=f"fact {name}",
                was=_say_fact(theirs),
                becomes=_say_fact(ours),
                affects="every decision that reads it: the two rulesets are compared as if it were two facts",
            )


def _say_fact(fact: Fact) -> str:
    places = f" with {fact.places} places" if fact.places else ""
    return f"{fact.type}{places}" + (f", moves {fact.moves} a day" if fact.moves else "")


def _of_renaming(renamed: Mapping[str, str]) -> Iterator[Effect]:
    for was, name in renamed.items():
        yield Effect(
            kind="caution",
            what=f"rule {was} is called {name} now",
            was=was,
            becomes=name,
            affects=(
                f"accounts in the middle of an episode: what history records as {was} no longer counts as {name} "
                "for after, repeat, once an episode and last_rule; its level does where the entry carries one. "
                "What is decided for new episodes takes the two names for one."
            ),
        )


def _of_levels(old: Edition, new: Edition, renamed: Mapping[str, str]) -> Iterator[Effect]:
    kept = {rule.id for rule in new.rules}
    for theirs in old.rules:
        if theirs.level is not None and theirs.id not in {*kept, *renamed}:
            yield Effect(
                kind="caution",
                what=f"rule {theirs.id} is gone",
                was=str(theirs.level),
                affects=f"accounts in the middle of an episode: entries of {theirs.id} that carry no level of their "
                "own raise none any more",
            )
    for rule, theirs in _pairs_of(old, new, renamed):
        if rule.level != theirs.level:
            yield Effect(
                kind="caution",
                what=f"level of {rule.id}",
                was="none" if theirs.level is None else str(theirs.level),
                becomes="none" if rule.level is None else str(rule.level),
                affects="history entries that carry no level of their own: they count with the new one",
            )


def _pairs_of(old: Edition, new: Edition, renamed: Mapping[str, str]) -> Iterator[tuple[Rule, Rule]]:
    """Yield each new rule with the old one that it was."""
    theirs = {renamed.get(rule.id, rule.id): rule for rule in old.rules}
    for rule in new.rules:
        if rule.id in theirs:
            yield rule, theirs[rule.id]
