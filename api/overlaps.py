"""Rulesets that would answer for one account on one day: found from what they cover, before or after they do."""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations

import msgspec

from engine.analysis.checks import coverage_overlap, effective_overlap, not_finished
from engine.analysis.folder import Folder
from engine.analysis.stage import Stage
from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.program import Compiled, compile_ruleset
from engine.model.diagnostic import Diagnostic, Position
from engine.model.ruleset import Effective, Ruleset
from engine.proofs.prover import Prover

_BUDGET = 1_000_000  # comparisons of boxes for a pair: a second or so
_CHECKS = (coverage_overlap.CHECK, effective_overlap.CHECK)
_START = Position(1, 1)

Days = tuple[dt.date, dt.date]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A version that is in use, or that would be; its ruleset's ``file`` is what messages call it."""

    ruleset: Ruleset
    number: int


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """Two rulesets and what they have in common; a warning where that could not be found out within the budget."""

    rulesets: tuple[str, str]
    diagnostic: Diagnostic


def find_overlaps(standing: Sequence[Standing], *, of: str | None = None) -> tuple[Overlap, ...]:
    """Return the pairs of rulesets that cover one account on one day; with ``of`` only those of one ruleset.

    Of the versions of one ruleset only the highest answers on a day. Messages stand in the later of a pair.
    """
    parts = [_Part(ruleset) for ruleset in _cut_to_days(standing)]
    found: dict[tuple[str, str], Overlap] = {}
    for one, other in combinations(parts, 2):
        pair = (one.ruleset.id, other.ruleset.id)
        is_asked = pair[0] != pair[1] and of in {None, *pair} and pair not in found
        if is_asked and one.ruleset.track == other.ruleset.track:
            diagnostic = _compare(one, other)
            if diagnostic is not None:
                found[pair] = Overlap(rulesets=pair, diagnostic=diagnostic)
    return tuple(found.values())


class _Part:
    """A ruleset on the days on which it answers, compiled and own once however often it is compared."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._provers: dict[str, Prover] = {}

    @cached_property
    def compiled(self) -> Compiled:
        """Return it ready to be asked; raises BudgetExceeded."""
        return compile_ruleset(self.ruleset)

    def prover(self, currency: str) -> Prover:
        """Return what the checks ask; raises BudgetExceeded."""
        if currency not in self._provers:
            self._provers[currency] = Prover(self.compiled.programs[currency], budget=_BUDGET)
        return self._provers[currency]


def _compare(one: _Part, other: _Part) -> Diagnostic | None:
    """Say what two rulesets have in common, once for all currencies."""
    for currency in sorted(one.ruleset.editions.keys() & other.ruleset.editions.keys()):
        try:
            folder = Folder([one.prover(currency), other.prover(currency)], budget=_BUDGET)
            for check in _CHECKS:
                for finding in check.find(folder):
                    stage = Stage([one.compiled, other.compiled])
                    return stage.report(check.code, check.severity, finding, finding.file or "")
        except BudgetExceeded:
            unknown = f"whether “{one.ruleset.id}” covers the same accounts"
            finding = not_finished.report(other.ruleset.id, [unknown], [], _START)
            return Stage([]).report(not_finished.NOTE.code, not_finished.NOTE.severity, finding, other.ruleset.file)
    return None


def _cut_to_days(standing: Sequence[Standing]) -> Iterator[Ruleset]:
    """Yield each ruleset without its rules, once for each stretch of days on which its version is what counts."""
    for one in standing:
        effective = one.ruleset.effective
        stretches: list[Days] = [(effective.from_on or dt.date.min, effective.until_on or dt.date.max)]
        for higher in standing:
            if higher.ruleset.id == one.ruleset.id and higher.number > one.number:
                taken = higher.ruleset.effective
                stretches = _subtract(stretches, (taken.from_on or dt.date.min, taken.until_on or dt.date.max))
        for from_on, until_on in stretches:
            yield msgspec.structs.replace(
                one.ruleset,
                effective=Effective(
                    from_on=None if from_on == dt.date.min else from_on,
                    until_on=None if until_on == dt.date.max else until_on,
                ),
                contact_limits=(),
                editions={
                    currency: msgspec.structs.replace(edition, attempt_limits=(), blocks=(), rules=())
                    for currency, edition in one.ruleset.editions.items()
                },
            )


def _subtract(stretches: Sequence[Days], taken: Days) -> list[Days]:
    cut = [part for begin, end in stretches for part in ((begin, min(end, taken[0])), (max(begin, taken[1]), end))]
    return [(begin, end) for begin, end in cut if begin < end]
