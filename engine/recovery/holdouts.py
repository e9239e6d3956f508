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


def find_experiments(
    versions: Iterable[tuple[str, dt.datetime]], *, are_held_out: bool = False
) -> tuple[tuple[Experiment, dt.datetime], ...]:
    """Return one ruleset's experiments with when each came into use, of those that hold accounts out where asked for.

    Given are each version's experiments and its first instant in use, in order. An experiment is there since the first
    version that has it, as the last one says.
    """
    found: dict[str, tuple[Experiment, dt.datetime]] = {}
    for experiments, at in versions:
        for name, written in _WRITTEN.decode(experiments).items():
            if written.hold_out or not are_held_out:
                variants = tuple(written.variants.items())
                experiment = Experiment(id=name, variants=variants, hold_out=written.hold_out, until=written.until)
                found[name] = experiment, found[name][1] if name in found else at
    return tuple(found.values())


def find_hold_outs(versions: Iterable[tuple[str, dt.datetime]]) -> tuple[HoldOut, ...]:
    """Return what one ruleset's versions hold out, since the first version that does, as the last one says."""
    found = find_experiments(versions, are_held_out=True)
    return tuple(HoldOut(experiment=experiment, since=since) for experiment, since in found)


def sides_of(case: Case, hold_outs: Iterable[HoldOut]) -> Iterator[str]:
    """Yield the lines that a case stands in: of each experiment that it opened in, the side that its account is on."""
    for each in hold_outs:
        until = each.experiment.until
        if case.opened_at >= each.since and (until is None or case.opened_on < until):
            drawn = variant_of(each.experiment, case.account_id, case.opened_on)
            yield f"{each.experiment.id}: {HELD_OUT if drawn == HOLD_OUT else OTHERS}"
