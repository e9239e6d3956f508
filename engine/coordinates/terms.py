"""What reading an account needs to know of one currency's reading of a ruleset."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.coordinates.executed import Groups, table_target
from engine.coordinates.windows import Windows
from engine.model.condition import Condition, InVariant, walk_through
from engine.model.ruleset import AttemptLimit, ContactLimit, Edition, Experiment, Rule, Ruleset

if TYPE_CHECKING:
    from engine.coordinates.scores import Score

NO_SCORES: Mapping[str, "Score"] = MappingProxyType({})


class Terms:
    """A ruleset in one currency, as far as an account is read by it; ``experiments`` are those asked about.

    ``groups`` names for each row of a table that some rule waits for the target that counts it too. Whoever asks more
    than decisions do names the groups of rules, and the conditions, that are asked about besides.
    """

    def __init__(
        self,
        ruleset: Ruleset,
        edition: Edition,
        windows: Windows,
        *,
        groups: Groups | None = None,
        scores: Mapping[str, "Score"] = NO_SCORES,
        more: Iterable[Condition] = (),
    ) -> None:
        self.ruleset = ruleset
        self.edition = edition
        self.windows = windows
        self.scores = scores
        self.countdowns = frozenset(each.fact.name for window in windows.values() for each in window)
        self.rules: dict[str, Rule] = {rule.id: rule for rule in edition.rules}
        awaited = {after.table for rule in edition.rules for after in rule.after}
        rows = ((rule.id, rule.table) for rule in edition.rules)
        tables = {row: (table_target(table),) for row, table in rows if table is not None and table in awaited}
        self.groups: Groups = tables if groups is None else _join(tables, groups)
        self.contact_limits = ruleset.contact_limits
        self.contact_windows = _windows(ruleset.contact_limits)
        self.attempt_windows = _windows(edition.attempt_limits)
        means = ("channels", "preferred_channel", "do_not_contact")
        self.default_means = {name: edition.facts[name].default for name in means}
        self.waits_for_best_hour = edition.waits_for_best_hour
        self.forbids_contacts = any(limit.at_most == 0 for limit in ruleset.contact_limits)
        # What rests so many days needs only the last one (language.md 5, "repeat").
        repeats = {rule.id: rule.repeat for rule in edition.rules if rule.repeat is not None}
        self.dated_rules = frozenset(name for name, each in repeats.items() if each.every_days is None or each.per_days)
        asked = _experiments_of(edition, more)
        has_voluntary = any(rule.voluntary for rule in edition.rules)
        self.experiments: tuple[Experiment, ...] = tuple(
            each for each in ruleset.experiments if each.id in asked or (has_voluntary and each.hold_out)
        )


def _join(one: Groups, other: Groups) -> Groups:
    names = dict.fromkeys([*one, *other])
    return {name: tuple(dict.fromkeys((*one.get(name, ()), *other.get(name, ())))) for name in names}


def _windows(limits: Sequence[ContactLimit | AttemptLimit]) -> tuple[dt.timedelta, ...]:
    return tuple(dt.timedelta(days=days) for days in sorted({limit.per_days for limit in limits}))


def _experiments_of(edition: Edition, more: Iterable[Condition]) -> frozenset[str]:
    """Return the experiments that a condition of the edition, or another, asks about."""
    own = (each.condition for each in edition.owned_conditions if each.kind != "condition")
    parts = walk_through([*more, *own], edition.conditions)
    return frozenset(part.experiment for part in parts if isinstance(part, InVariant))
