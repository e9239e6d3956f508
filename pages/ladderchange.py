"""Two ladders of one account beside each other: what comes when under the one, and when under the other."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import msgspec

from pages.ladder import Ladder, Rung

_Key = tuple[str, str, int]


class LadderStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of either ladder, on both sides; None where a ladder does not have it."""

    title: str
    was: Rung | None
    becomes: Rung | None

    @property
    def is_changed(self) -> bool:
        """Whether something of it differs."""
        return self.was != self.becomes


def pair_ladders(was: Ladder | None, becomes: Ladder | None) -> tuple[LadderStep, ...]:
    """Return the steps of both by the day they first come; of steps that repeat, the first beside the first."""
    before, after = dict(_name_rungs(was)), dict(_name_rungs(becomes))
    steps = [
        LadderStep(title=key[0], was=before.get(key), becomes=after.get(key))
        for key in (*before, *(key for key in after if key not in before))
    ]
    return tuple(sorted(steps, key=_begins_on))


def _name_rungs(ladder: Ladder | None) -> Iterator[tuple[_Key, Rung]]:
    counts: Counter[tuple[str, str]] = Counter()
    for rung in () if ladder is None else ladder.rungs:
        counts[rung.title, rung.action] += 1
        yield (rung.title, rung.action, counts[rung.title, rung.action]), rung


def _begins_on(step: LadderStep) -> dt.date:
    return min(rung.on for rung in (step.becomes, step.was) if rung is not None)
