"""Accounts that an experiment holds out beside all others, in every report."""

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

from engine.coordinates.snapshot import variant_of
from engine.model.ruleset import HOLD_OUT, Experiment
from engine.recovery.cases import Case
from engine.recovery.debtor import HoldOut

HELD_OUT, OTHERS = "held out", "others"


class _Written(msgspec.Struct, frozen=True):
    """An experiment as the canonical form of a ruleset says it; the order of variants is part of it."""

    variants: dict[str, int]
    hold_out: int | None = None
    until: dt.date | None = None


_WRITTEN = msgspec.json.Decoder(dict[str, _Written])


def find_hold_outs(versions: Iterable[tuple[str, dt.datetime]]) -> tuple[HoldOut, ...]:
    """Return what one ruleset's versions hold out: each version's experiments and its first instant in use, in order.

    An experiment holds out since the first version that does, as the last one says.
    """
    found: dict[str, HoldOut] = {}
    for experiments, at in versions:
        for name, written in _WRITTEN.decode(experiments).items():
            if written.hold_out:
                variants = tuple(written.variants.items())
                experiment = Experiment(id=name, variants=variants, hold_out=written.hold_out, until=written.until)
                since = found[name].since if name in found else at
                found[name] = HoldOut(experiment=experiment, since=since)
    return tuple(found.values())


def sides_of(case: Case, hold_outs: Iterable[HoldOut]) -> Iterator[str]:
    """Yield the lines that a case stands in: of each experiment that it opened in, the side that its account is on."""
    for each in hold_outs:
        until = each.experiment.until
        if case.opened_at >= each.since and (until is None or case.opened_on < until):
            drawn = variant_of(each.experiment, case.account_id, case.opened_on)
            yield f"{each.experiment.id}: {HELD_OUT if drawn == HOLD_OUT else OTHERS}"
