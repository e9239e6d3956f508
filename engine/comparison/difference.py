"""The records of a comparison, ready to be told in any format."""

import datetime as dt
from typing import Literal

import msgspec

from engine.proofs.guarantees import Verdict

ChangeKind = Literal["added", "removed", "changed", "moved", "renamed"]
PledgeKind = Literal["added", "dropped", "weakened", "perhaps weakened", "no longer proved"]
PartName = Literal[
    "setting",
    "fact",
    "scorecard",
    "condition",
    "fee",
    "interest",
    "experiment",
    "block",
    "rule",
    "table",
    "guarantee",
]


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """One place in the text that is not as it was; None where there was, or is, nothing."""

    path: str
    was: str | None
    becomes: str | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one named part of the file; ``line`` is its place in the new file, or else in the old one."""

    part: PartName
    name: str
    kinds: tuple[ChangeKind, ...]
    was_name: str | None = None
    line: int | None = None
    details: tuple[Detail, ...] = ()


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What no box can show: a term that every decision of a kind carries, or (a caution) how old history is read."""

    kind: Literal["effect", "caution"]
    what: str
    was: str | None = None
    becomes: str | None = None
    affects: str


class Pledge(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a guarantee; its verdicts are None where there is none.

    A weakened one allows what it forbade before, decided over all accounts and histories.
    """

    id: str
    says: str | None
    kinds: tuple[PledgeKind, ...]
    was: Verdict | None
    becomes: Verdict | None


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A concrete account on which the decision differs; both rulesets were asked."""

    account: dict[str, object]
    history: tuple[dict[str, object], ...]
    as_of: dt.date
    was: str
    becomes: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One box in words: each condition by the fact or the kind of history it is about."""

    conditions: dict[str, str]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Where the decision differs, exactly: in one of the places, unless something in ``unless`` decides first.

    Nor does it where something in ``same`` decides on the other side, for it does the same.
    ``is_unusual``: only accounts whose level stands lower than what was executed on them, or whose history already
    names a rule that is new or, between episodes, no episode. ``headline`` says in short which rule, what became of it,
    and for whom.
    """

    headline: str
    was: tuple[str, ...]
    becomes: tuple[str, ...]
    places: tuple[Place, ...]
    unless: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    is_unusual: bool = False
    sample: Sample | None = None


class EditionDifference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs in one currency; where it is not finished, the rows are true but not all.

    ``is_running``: what differs besides for accounts in the middle of an episode, whose history has the old names of
    renamed rules. Elsewhere a renamed rule counts as executed under either name, as in a new episode.
    """

    currency: str
    rows: tuple[Row, ...]
    is_finished: bool = True
    is_running: bool = False


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """Which ruleset was compared."""

    id: str
    title: str
    file: str
    digest: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that differs between two rulesets; a side is None where the ruleset is new or gone.

    ``are_levels_lost``: a step of the ladder has another name now, or is gone, so that what was executed under its old
    name without a level of its own has none any more.
    """

    old: Side | None
    new: Side | None
    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    editions: tuple[EditionDifference, ...] = ()
    guarantees: tuple[Pledge, ...] = ()
    are_levels_lost: bool = False

    @property
    def id(self) -> str:
        """Return the id of the ruleset, the new one where it has changed."""
        side = self.new or self.old
        return side.id if side is not None else ""

    @property
    def is_finished(self) -> bool:
        """Tell whether everything was compared within the budget."""
        return all(edition.is_finished for edition in self.editions)

    @property
    def row_count(self) -> int:
        """Count the rows of all currencies."""
        return sum(len(edition.rows) for edition in self.editions)

    @property
    def is_behaviour_same(self) -> bool:
        """Tell whether it is proved that no account is decided otherwise."""
        return self.is_usually_same and not self.row_count and not self.are_levels_lost

    @property
    def is_usually_same(self) -> bool:
        """Tell whether it is proved that none is in the usual course of things."""
        is_pair = self.old is not None and self.new is not None
        has_effect = any(effect.kind == "effect" for effect in self.effects)
        rows = (row for edition in self.editions for row in edition.rows)
        return is_pair and self.is_finished and not has_effect and all(row.is_unusual for row in rows)

    @property
    def is_text_same(self) -> bool:
        """Tell whether the two files say the same but for white space and comments."""
        return self.old is not None and self.new is not None and self.old.digest == self.new.digest
