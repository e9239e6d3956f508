"""A batch decided by columns, with the answers of `decide_singly`: what the columns cannot say goes that way."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.coordinates.facts import Element, Given
from engine.evaluation.program import Compiled, Program
from engine.evaluation.reading import LONGEST_ID, zone_of
from engine.evaluation.rulesets import Field, Rulesets
from engine.loading.grammar.account import CALLS
from engine.model.businessdays import first_moment_of
from engine.model.money import EXPONENTS
from engine.portfolio.ahead import Walk, find_unsettled, last_days, look_ahead
from engine.portfolio.arrays import codes_of, present_in, take_rows
from engine.portfolio.asking import Ask, Decided
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.columns import DOCUMENT, HISTORY
from engine.portfolio.coverage import cover
from engine.portfolio.debts import NEVER
from engine.portfolio.outcomes import Outcomes
from engine.portfolio.singly import decide_singly
from engine.portfolio.standing import Standings, names_of
from engine.portfolio.tables import Tables
from engine.portfolio.uncovered import decide_uncovered
from engine.portfolio.verdicts import MOST_VARIANTS
from engine.portfolio.writing import Writer

_NOBODY = -1
_ALWAYS = frozenset({"id", "currency", "timezone", "facts_on", "invoices", HISTORY})
"""The columns that are read of every account."""
_WORLD = dt.timedelta(days=2)
"""So far apart are the days of two places at most, and a day more."""
_MOST_STOPS = 60
"""Of a whole number's bits, one a block."""


class Kernel:
    """Some rulesets, ready to decide batches; what is worked out for a ruleset is kept."""

    def __init__(self, rulesets: Rulesets, ask: Ask) -> None:
        self._rulesets, self._ask = rulesets, ask
        self._tables: dict[int, Tables] = {}

    def on(self, as_of: dt.datetime | dt.date) -> "Kernel":
        """Return the same rulesets, asked for another instant; what is worked out for a ruleset is shared."""
        other = Kernel(self._rulesets, msgspec.structs.replace(self._ask, as_of=as_of))
        other._tables = self._tables
        return other

    def decide(self, batch: pa.RecordBatch) -> Decided:
        """Return what `decide_singly` returns of a regularized batch.

        Raises UnknownRuleset.
        """
        aside = _Aside(batch.num_rows)
        parts: list[tuple[Ints, pa.RecordBatch]] = []
        said = batch.select([n for n in batch.schema.names if n in _ALWAYS or batch[n].null_count < batch.num_rows])
        uncovered: list[tuple[Ints, frozenset[str]]] = []
        for compiled, program, rows in self._route(batch, aside, uncovered):
            part = said if len(rows) == batch.num_rows else take_rows(said, rows)
            left, decisions = self._decide(compiled, program, part, rows, aside)
            if len(left):
                parts.append((left, decisions))
        for rows, facts in uncovered:
            decided, decisions = decide_uncovered(said, rows, facts, self._rulesets, self._ask)
            aside.leave_of(rows, {"not covered, and refused": ~decided})
            if decided.any():
                parts.append((rows[decided], decisions))
        return self._join(batch, aside, parts)

    def _route(
        self, batch: pa.RecordBatch, aside: "_Aside", uncovered: list[tuple[Ints, frozenset[str]]]
    ) -> list[tuple[Compiled, Program, Ints]]:
        """Return which ruleset covers which rows; note those that none covers, with the facts that say so."""
        aside.leave("a row that does not fit the columns", present_in(batch.column(DOCUMENT)))
        aside.leave("an id that cannot be read", ~_are_names(batch.column("id")))
        party = batch.column("party")
        aside.leave("a party that cannot be read", present_in(party) & ~_are_names(party))
        codes, words = codes_of(batch.column("currency"))
        found: list[tuple[Compiled, Program, Ints]] = []
        aside.leave("a currency that cannot be read", codes < 0)
        for code, currency in enumerate(words):
            own = (codes == code) & aside.kept
            if not own.any():
                continue
            if currency not in EXPONENTS:
                aside.leave("a currency that cannot be read", own)
                continue
            field = self._rulesets.field(self._ask.track, self._ask.ruleset, currency)
            why = self._why_not(field)
            if why is not None:
                aside.leave(why, own)
                continue
            if not field.pairs:
                uncovered.append((np.flatnonzero(own), frozenset()))
                continue
            found += self._cover(field, batch, np.flatnonzero(own), aside, uncovered)
        return found

    def _why_not(self, field: Field) -> str | None:
        """Tell what about the rulesets of a currency only the single path knows."""
        asked = _day_of(self._ask.as_of)
        for compiled, program in field.pairs:
            if any(abs(day - asked) <= _WORLD for day in compiled.bounds):
                return "a ruleset that begins or ends about now"
            if not all(isinstance(each, Given | Element) for each in program.coverage_coordinates):
                return "a coverage that moves with the days"
            if program.can_coverage_change:
                return "a coverage that moves with the days"
        return None

    def _cover(
        self,
        field: Field,
        batch: pa.RecordBatch,
        rows: Ints,
        aside: "_Aside",
        uncovered: list[tuple[Ints, frozenset[str]]],
    ) -> list[tuple[Compiled, Program, Ints]]:
        """Return which of a currency's rulesets covers which of some rows."""
        pairs = self._list_effective(field)
        read = {name for _, program in pairs for name in program.coverage_facts}
        part = batch.select([name for name in batch.schema.names if name in read])
        part = part if len(rows) == batch.num_rows else take_rows(part, rows)
        by = np.full(len(rows), _NOBODY, dtype=np.int64)
        times = np.zeros(len(rows), dtype=np.int64)
        for place, (_, program) in enumerate(pairs):
            covers = self._covers(program, part, rows, aside)
            by[covers] = place
            times += covers
        aside.leave_of(rows, {"covered by several rulesets": times > 1})
        kept = aside.kept[rows]
        facts = frozenset(name for _, program in field.pairs for name in program.coverage_facts)
        if (kept & (times == 0)).any():
            uncovered.append((rows[kept & (times == 0)], facts))
        groups = ((*pair, rows[kept & (by == place)]) for place, pair in enumerate(pairs))
        return [group for group in groups if len(group[2])]

    def _list_effective(self, field: Field) -> list[tuple[Compiled, Program]]:
        """Return the rulesets that are effective now, the version of each with the highest number."""
        asked, latest = _day_of(self._ask.as_of), dict[str, tuple[Compiled, Program]]()
        for compiled, program in field.pairs:
            known = latest.get(compiled.ruleset.id)
            if compiled.is_effective(asked) and (known is None or (compiled.version or 0) > (known[0].version or 0)):
                latest[compiled.ruleset.id] = compiled, program
        return list(latest.values())

    def _turns_on(self, program: Program) -> int:
        """Return the next day on which a ruleset of the currency begins or ends, `NEVER` for none."""
        field = self._rulesets.field(self._ask.track, self._ask.ruleset, program.edition.currency)
        asked = _day_of(self._ask.as_of)
        later = [day.toordinal() for compiled, _ in field.pairs for day in compiled.bounds if day > asked]
        return min(later, default=NEVER)

    def _covers(self, program: Program, part: pa.RecordBatch, rows: Ints, aside: "_Aside") -> Truths:
        if not program.coverage_coordinates:
            return np.full(len(rows), bool(program.plan.coverage), dtype=np.bool_)
        covers, unreadable = cover(program, part)
        whole = np.zeros(len(aside.kept), dtype=np.bool_)
        whole[rows[unreadable]] = True
        aside.leave("a fact that cannot be read", whole)
        return covers

    def _decide(
        self, compiled: Compiled, program: Program, batch: pa.RecordBatch, rows: Ints, aside: "_Aside"
    ) -> tuple[Ints, pa.RecordBatch]:
        """Return the rows that are decided, and their decisions."""
        why = _why_not_decided(program)
        zones, places, unknown = _zones_of(batch, compiled.zone)
        moments = [_localize(self._ask.as_of, zone) for zone in zones]
        notes = {"a timezone that is none": unknown}
        if why is None:
            standings = Standings(program, batch, zones, places, moments, turns_on=self._turns_on(program))
            notes |= standings.unread
            if program.edition.waits_for_best_hour and CALLS in batch.schema.names:
                notes["calls that were made"] = present_in(batch.column(CALLS))
        else:
            notes[why] = np.ones(batch.num_rows, dtype=np.bool_)
        kept = aside.leave_of(rows, notes)
        if not kept.any():
            return rows[kept], batch.slice(0, 0)
        if not kept.all():
            return self._decide(compiled, program, take_rows(batch, np.flatnonzero(kept)), rows[kept], aside)
        tables = self._tables_of(program)
        walk = Walk(tables, standings)
        holding = walk.holding(np.arange(standings.count))
        verdicts = walk.conclude(holding, np.arange(standings.count), standings.days)
        for_review = "review_on" in self._ask.columns
        outlooks = look_ahead(walk, verdicts, last_days(standings), for_review=for_review)
        outcomes = Outcomes(tables, standings, verdicts, outlooks, holding, moments)
        unsettled = find_unsettled(verdicts, outlooks, standings, for_review=for_review)
        notes = {**outcomes.unread, "a credit, a hold or a ruleset that turns before anything else": unsettled}
        notes["a call at the best hour"] = outcomes.at_best_hour
        notes["a fee whose basis is missing"] = outcomes.money.unread
        kept = aside.leave_of(rows, notes)
        track = self._ask.track if self._ask.ruleset is None else compiled.ruleset.track
        writer = Writer(outcomes, compiled, track)
        columns = [self._write(writer, name, standings.count) for name in self._ask.columns]
        decisions = pa.RecordBatch.from_arrays(columns, names=list(self._ask.columns))
        return rows[kept], decisions if kept.all() else decisions.filter(pa.array(kept))

    def _tables_of(self, program: Program) -> Tables:
        if id(program) not in self._tables:
            self._tables[id(program)] = Tables(program)
        return self._tables[id(program)]

    def _write(self, writer: Writer, name: str, count: int) -> pa.Array:
        if name == "reason" and not self._ask.with_reason:
            return pa.nulls(count, pa.string())
        return writer.write(name)

    def _join(self, batch: pa.RecordBatch, aside: "_Aside", parts: Sequence[tuple[Ints, pa.RecordBatch]]) -> Decided:
        """Return all decisions in the order of their rows, those that are decided one by one among them."""
        rows = np.flatnonzero(~aside.kept)
        singly = decide_singly(
            batch.take(pa.array(rows)) if len(rows) else batch.slice(0, 0), self._rulesets, self._ask
        )
        refused = singly.refused
        own = rows
        if refused.num_rows:
            places = refused.column("row").to_numpy()
            refused = refused.set_column(0, "row", pa.array(rows[places]))
            own = np.delete(rows, np.unique(places))
        if not len(rows) and len(parts) == 1 and len(parts[0][0]) == batch.num_rows:
            return Decided(decisions=parts[0][1], refused=refused, singly={})
        every = [(own, singly.decisions), *parts]
        order = pa.array(np.argsort(np.concatenate([places for places, _ in every]), kind="stable"))
        columns = [_reorder([part.column(name) for _, part in every], order) for name in self._ask.columns]
        decisions = pa.RecordBatch.from_arrays(columns, names=list(self._ask.columns))
        return Decided(decisions=decisions, refused=refused, singly=aside.counts())


def _reorder(parts: Sequence[pa.Array], order: pa.Array) -> pa.Array:
    """Return the values of some arrays, one after the other, in another order."""
    if all(part.null_count == len(part) for part in parts):
        return pa.nulls(len(order), parts[0].type)
    return pa.concat_arrays(parts).take(order)


class _Aside:
    """The rows that go one by one, each with the first reason why."""

    def __init__(self, count: int) -> None:
        self._why: list[str] = []
        self._codes = np.full(count, _NOBODY, dtype=np.int64)

    @property
    def kept(self) -> Truths:
        return self._codes == _NOBODY

    def leave(self, why: str, rows: Truths) -> None:
        """Leave rows to the single path."""
        left = rows & self.kept
        if left.any():
            self._codes[left] = len(self._why)
            self._why.append(why)

    def leave_of(self, rows: Ints, notes: Mapping[str, Truths]) -> Truths:
        """Leave some of some rows to the single path; return which of them are kept."""
        for why, found in notes.items():
            if found.any():
                whole = np.zeros(len(self._codes), dtype=np.bool_)
                whole[rows[found]] = True
                self.leave(why, whole)
        return self.kept[rows]

    def counts(self) -> dict[str, int]:
        """Count the rows by why."""
        found: Counter[str] = Counter()
        for code in self._codes[self._codes != _NOBODY].tolist():
            found[self._why[code]] += 1
        return dict(found)


def _why_not_decided(program: Program) -> str | None:
    """Tell what about a program only the single path knows."""
    if len(program.stop_blocks) > _MOST_STOPS:
        return "very many blocks that stop actions"
    variants = 1
    for experiment in program.terms.experiments:
        variants *= len(names_of(experiment))
    return "very many variants" if variants > MOST_VARIANTS else None


def _are_names(column: pa.Array) -> Truths:
    """Tell which texts can be ids."""
    lengths = np.asarray(pc.utf8_length(column).fill_null(0))
    holds_nul = np.asarray(pc.match_substring(column, "\0").fill_null(False), dtype=np.bool_)  # noqa: FBT003
    return (lengths > 0) & (lengths <= LONGEST_ID) & ~holds_nul


def _zones_of(batch: pa.RecordBatch, default: ZoneInfo) -> tuple[list[ZoneInfo], Ints, Truths]:
    """Return the zones of a batch, the place of each row's, and the rows whose zone is none."""
    column = batch.column("timezone")
    if column.null_count == len(column):
        return [default], np.zeros(len(column), dtype=np.int64), np.zeros(len(column), dtype=np.bool_)
    codes, words = codes_of(column)
    zones = [zone_of(word) for word in words]
    unknown = np.array([*(zone is None for zone in zones), False], dtype=np.bool_)[codes]
    return [*(zone or default for zone in zones), default], np.where(codes < 0, len(zones), codes), unknown


def _day_of(asked: dt.datetime | dt.date) -> dt.date:
    return asked.date() if isinstance(asked, dt.datetime) else asked


def _localize(asked: dt.datetime | dt.date, zone: ZoneInfo) -> dt.datetime:
    return asked.astimezone(zone) if isinstance(asked, dt.datetime) else first_moment_of(asked, zone)
