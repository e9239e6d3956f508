"""The accounts of files, decided by two sets of rulesets: what the change comes to."""

import datetime as dt
from collections.abc import Sequence

import msgspec
import pyarrow as pa
import rich_click as click

from cli.bulk.beginning import Asked, make_plan
from cli.bulk.beside import read_beside
from cli.bulk.places import find_place
from cli.bulk.reading import read_unit
from cli.bulk.watching import watch
from engine.evaluation.program import compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.evaluation.rulesets import Rulesets
from engine.model.ruleset import Ruleset
from engine.portfolio.asking import Ask, Decided
from engine.portfolio.columns import list_facts, make_schema
from engine.portfolio.forecast import Forecast, Volume
from engine.portfolio.impact import IMPACT_COLUMNS, Impact
from engine.portfolio.kernel import Kernel

_UNIT_ROWS = 1_000_000


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts that a change is tried on, and when; ``shown`` is how they are named, where not by their place.

    ``days`` says for how many days it is looked ahead, from that day on.
    """

    accounts: str
    shown: str | None = None
    beside: dict[str, str] = {}
    leave_out: tuple[str, ...] = ()
    as_of: dt.datetime | dt.date | None = None
    days: int = 0


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What the next days bring if nobody pays, by the old and by the new rulesets."""

    days: tuple[dt.date, ...]
    before: Volume
    after: Volume


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a change comes to for some accounts at an instant."""

    accounts: str
    as_of: str
    impact: Impact
    foreseen: Foreseen | None = None


def measure(trial: Trial, old: Sequence[Ruleset], new: Sequence[Ruleset], *, is_alone: bool) -> Measured:
    """Decide every account by the old and by the new rulesets; of one file each that one is asked, whatever its track.

    Raises RunRefused where the accounts cannot be read.
    """
    sides = [_Side(rulesets, is_alone=is_alone) for rulesets in (old, new)]
    both = Rulesets([*sides[0].rulesets.compiled, *sides[1].rulesets.compiled])
    asked = Asked(
        accounts=trial.accounts,
        beside=trial.beside,
        as_of=trial.as_of,
        track=_TRACK,
        columns=IMPACT_COLUMNS,
        form="parquet",
        leave_out=trial.leave_out,
        unit_rows=_UNIT_ROWS,
    )
    plan = make_plan(asked, both, dt.datetime.now(dt.UTC))
    wanted = make_schema(list_facts(both))
    read = pa.schema([field for field in wanted if field.name not in trial.leave_out])
    system = find_place(asked.accounts).system
    beside = {name: read_beside(asked.beside[name], each, plan.leave_out) for name, each in plan.beside.items()}
    for side in sides:
        side.begin(plan.as_of, trial.days)
    impact = Impact()
    with watch(plan, 0) as advance:
        for unit in plan.units:
            for portion in read_unit(system, plan.inputs[unit.input], unit, read, beside, plan.leave_out):
                impact.add(portion.batch, *(side.decide(portion.batch) for side in sides))
                advance(portion.batch.num_rows)
    for name, each in beside.items():
        if lost := int(each.lengths[~each.found].sum()):
            click.echo(f"{lost:,} rows of --{name} belong to no account that was read.", err=True)
    before, after = (side.forecast for side in sides)
    foreseen = None
    if before is not None and after is not None:
        foreseen = Foreseen(days=before.days, before=before.volume, after=after.volume)
    return Measured(accounts=trial.shown or plan.source, as_of=plan.as_of, impact=impact, foreseen=foreseen)


_TRACK = "dunning"


class _Side:
    """The rulesets before or after; facts that only the other side knows are not told to it."""

    def __init__(self, rulesets: Sequence[Ruleset], *, is_alone: bool) -> None:
        self.rulesets = Rulesets([compile_ruleset(each) for each in rulesets])
        self._asked = rulesets[0].id if is_alone else None
        self.forecast: Forecast | None = None
        self._schema = make_schema(list_facts(self.rulesets))

    def begin(self, as_of: str, days: int) -> None:
        """Make ready to decide, and to look some days ahead."""
        instant = parse_as_of(as_of)
        ask = Ask(as_of=instant, track=_TRACK, ruleset=self._asked, columns=IMPACT_COLUMNS)
        self._kernel = Kernel(self.rulesets, ask)
        if days:
            first = instant.date() if isinstance(instant, dt.datetime) else instant
            self.forecast = Forecast(self.rulesets, first=first, days_count=days, track=_TRACK, ruleset=self._asked)

    def decide(self, batch: pa.RecordBatch) -> Decided:
        """Return what these rulesets decide of the accounts, and count what the next days bring."""
        arrays = [
            batch[field.name] if field.name in batch.schema.names else pa.nulls(batch.num_rows, field.type)
            for field in self._schema
        ]
        whole = pa.RecordBatch.from_arrays(arrays, names=self._schema.names)
        if self.forecast is not None:
            self.forecast.add(whole)
        return self._kernel.decide(whole)
