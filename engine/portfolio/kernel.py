"""A batch decided by columns, with the answers of `decide_singly`: what the columns cannot say goes that way."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa

from engine.coordinates.facts import Element, Given
from engine.evaluation.program import Compiled, Program
from engine.evaluation.reading import zone_of
from engine.evaluation.rulesets import Field, Rulesets
from engine.loading.grammar.account import CALLS
from engine.model.businessdays import first_moment_of
from engine.model.money import EXPONENTS
from engine.portfolio.ahead import Outlooks, Walk, find_unsettled, last_days, look_ahead
from engine.portfolio.answers import Answers
from engine.portfolio.arrays import codes_of, present_in
from engine.portfolio.asking import Ask, Decided
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.columns import DOCUMENT
from engine.portfolio.coverage import cover
from engine.portfolio.debts import NEVER
from engine.portfolio.decisions import COLUMNS
from engine.portfolio.joining import Joiner, Part, Piece
from engine.portfolio.kinds import Held, find_kinds
from engine.portfolio.names import are_names
from engine.portfolio.sheet import Sheet
from engine.portfolio.singly import decide_singly
from engine.portfolio.standing import Standings, names_of
from engine.portfolio.tables import Tables
from engine.portfolio.uncovered import decide_uncovered
from engine.portfolio.verdicts import MOST_VARIANTS, Verdicts
from engine.portfolio.writing import Writer

_NOBODY = -1
_ID = "account_id"
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
        sheet = Sheet(batch)
        pieces: list[Piece] = []
        uncovered: list[tuple[Ints, frozenset[str]]] = []
        for compiled, program, rows in self._route(sheet, aside, uncovered):
            piece = self._decide(compiled, program, sheet, rows, aside)
            if piece is not None:
                pieces.append(piece)
        for rows, facts in uncovered:
            decided, columns = decide_uncovered(batch, rows, facts, self._rulesets, self._ask)
            kept = aside.leave_of(rows, {"not covered, and refused": ~decided})
            pieces.append(Piece(columns, rows[kept], kept))
        return self._join(sheet, aside, pieces)

    def _route(
        self, sheet: Sheet, aside: "_Aside", uncovered: list[tuple[Ints, frozenset[str]]]
    ) -> list[tuple[Compiled, Program, Ints]]:
        """Return which ruleset covers which rows; note those that none covers, with the facts that say so."""
        batch = sheet.batch
        ids = batch.column("id")
        aside.leave("a row that does not fit the columns", present_in(batch.column(DOCUMENT)))
        aside.leave("an id that cannot be read", ~(present_in(ids) & are_names(ids)))
        aside.leave("a party that cannot be read", ~are_names(batch.column("party")))
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
            found += self._cover(field, sheet, np.flatnonzero(own), aside, uncovered)
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
        sheet: Sheet,
        rows: Ints,
        aside: "_Aside",
        uncovered: list[tuple[Ints, frozenset[str]]],
    ) -> list[tuple[Compiled, Program, Ints]]:
        """Return which of a currency's rulesets covers which of some rows."""
        pairs = self._list_effective(field)
        by = np.full(len(rows), _NOBODY, dtype=np.int64)
        times = np.zeros(len(rows), dtype=np.int64)
        for place, (_, program) in enumerate(pairs):
            covers = self._covers(program, sheet, rows, aside)
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

    def _covers(self, program: Program, sheet: Sheet, rows: Ints, aside: "_Aside") -> Truths:
        if not program.coverage_coordinates:
            return np.full(len(rows), bool(program.plan.coverage), dtype=np.bool_)
        covers, unreadable = cover(program, sheet, rows)
        whole = np.zeros(len(aside.kept), dtype=np.bool_)
        whole[rows[unreadable]] = True
        aside.leave("a fact that cannot be read", whole)
        return covers

    def _decide(self, compiled: Compiled, program: Program, sheet: Sheet, rows: Ints, aside: "_Aside") -> Piece | None:
        """Return the decisions of those rows that are decided, None where there is none."""
        why = _why_not_decided(program)
        zones, places, unknown = _zones_of(sheet, rows, compiled.zone)
        moments = [_localize(self._ask.as_of, zone) for zone in zones]
        notes = {"a timezone that is none": unknown}
        if why is None:
            standings = Standings(program, sheet, rows, zones, places, moments, turns_on=self._turns_on(program))
            notes |= standings.unread
            if program.edition.waits_for_best_hour and CALLS in sheet.names:
                notes["calls that were made"] = present_in(sheet.batch.column(CALLS))[rows]
        else:
            notes[why] = np.ones(len(rows), dtype=np.bool_)
        kept = aside.leave_of(rows, notes)
        if not kept.any():
            return None
        if not kept.all():
            return self._decide(compiled, program, sheet, rows[kept], aside)
        tables = self._tables_of(program)
        verdicts, outlooks, held, unsettled = self._judge(tables, standings)
        answers = Answers(tables, standings, verdicts, outlooks, held, moments)
        notes = {**answers.unread, "a credit, a hold or a ruleset that turns before anything else": unsettled}
        notes["a call at the best hour"] = answers.at_best_hour
        notes["a fee whose basis is missing"] = answers.money.unread
        kept = aside.leave_of(rows, notes)
        track = self._ask.track if self._ask.ruleset is None else compiled.ruleset.track
        writer = Writer(answers, compiled, track)
        columns = {name: self._write(writer, name, standings.count) for name in self._ask.columns if name != _ID}
        return Piece(columns, rows if kept.all() else rows[kept], None if kept.all() else kept)

    def _judge(self, tables: Tables, standings: Standings) -> tuple[Verdicts, Outlooks, Held, Truths]:
        """Return what is decided of some rows and when that changes, the boxes that hold them, and who is unsettled."""
        for_review = "review_on" in self._ask.columns
        kinds = find_kinds(tables, standings) if for_review else None  # it pays where later days are asked about
        few = standings if kinds is None else standings.pick(kinds[0])
        walk, everybody = Walk(tables, few), np.arange(few.count)
        holding = walk.holding(everybody)
        verdicts = walk.conclude(holding, everybody, few.days)
        outlooks = look_ahead(walk, verdicts, last_days(few), for_review=for_review)
        unsettled = find_unsettled(verdicts, outlooks, few, for_review=for_review)
        if kinds is None:
            return verdicts, outlooks, Held(holding, None), unsettled
        own = kinds[1]
        return verdicts.at(own), outlooks.at(own), Held(holding, own), unsettled[own]

    def _tables_of(self, program: Program) -> Tables:
        if id(program) not in self._tables:
            self._tables[id(program)] = Tables(program)
        return self._tables[id(program)]

    def _write(self, writer: Writer, name: str, count: int) -> Part:
        if name == "reason" and not self._ask.with_reason:
            return pa.nulls(count, pa.string())
        return writer.write(name)

    def _join(self, sheet: Sheet, aside: "_Aside", pieces: list[Piece]) -> Decided:
        """Return all decisions in the order of their rows, those that are decided one by one among them."""
        batch, rows = sheet.batch, np.flatnonzero(~aside.kept)
        singly = decide_singly(
            batch.take(pa.array(rows)) if len(rows) else batch.slice(0, 0), self._rulesets, self._ask
        )
        refused, is_decided = singly.refused, np.ones(sheet.count, dtype=np.bool_)
        if refused.num_rows:
            places = refused.column("row").to_numpy()
            refused = refused.set_column(0, "row", pa.array(rows[places]))
            is_decided[rows[places]] = False
        decided = singly.decisions
        every = [Piece(dict(zip(decided.schema.names, decided.columns, strict=True)), rows[is_decided[rows]]), *pieces]
        count = sheet.count
        if not is_decided.all():
            targets = np.cumsum(is_decided) - 1
            every = [each._replace(targets=targets[each.targets]) for each in every]
            count = int(targets[-1]) + 1
        joiner = Joiner(every, count)
        columns = [
            _ids_of(batch, is_decided) if name == _ID else joiner.join(name, COLUMNS[name].type)
            for name in self._ask.columns
        ]
        decisions = pa.RecordBatch.from_arrays(columns, names=list(self._ask.columns))
        return Decided(decisions=decisions, refused=refused, singly=aside.counts())


def _ids_of(batch: pa.RecordBatch, is_decided: Truths) -> pa.Array:
    """Return the accounts that are decided."""
    ids = batch.column("id")
    return ids if is_decided.all() else ids.filter(pa.array(is_decided))


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
    if not program.used_facts.isdisjoint(program.plan.scores):
        return "a score"
    if len(program.stop_blocks) > _MOST_STOPS:
        return "very many blocks that stop actions"
    variants = 1
    for experiment in program.terms.experiments:
        variants *= len(names_of(experiment))
    return "very many variants" if variants > MOST_VARIANTS else None


def _zones_of(sheet: Sheet, rows: Ints, default: ZoneInfo) -> tuple[list[ZoneInfo], Ints, Truths]:
    """Return the zones of some rows, the place of each row's, and the rows whose zone is none."""
    if "timezone" not in sheet.names:
        return [default], np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.bool_)
    codes, words = sheet.zones
    own = codes[rows]
    zones = [zone_of(word) for word in words]
    unknown = np.array([*(zone is None for zone in zones), False], dtype=np.bool_)[own]
    return [*(zone or default for zone in zones), default], np.where(own < 0, len(zones), own), unknown


def _day_of(asked: dt.datetime | dt.date) -> dt.date:
    return asked.date() if isinstance(asked, dt.datetime) else asked


def _localize(asked: dt.datetime | dt.date, zone: ZoneInfo) -> dt.datetime:
    return asked.astimezone(zone) if isinstance(asked, dt.datetime) else first_moment_of(asked, zone)
