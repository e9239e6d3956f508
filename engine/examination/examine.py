"""A ruleset, or a folder of them: read, analysed where that is wanted, compiled once, its suites run."""

import datetime as dt
from collections.abc import Mapping

import msgspec

from engine.analysis.analyse import analyse_folder, judge_all
from engine.analysis.settings import USUAL, Settings
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.folder import FACTS_FILE, GUARANTEES_FILE, SCORES_FILE, is_ruleset_file, load_folder
from engine.loading.load import (
    has_errors,
    load_ruleset,
    load_shared_facts,
    load_shared_guarantees,
    load_shared_scores,
)
from engine.model.diagnostic import Diagnostic, sort_by_place
from engine.model.ruleset import FactsFile, GuaranteesFile, Ruleset, ScoresFile
from engine.proofs.guarantees import Judged
from engine.verification.reading import ParsedSuite, parse_suite, read_suite
from engine.verification.run import CaseResult, SuiteResult, run_suite
from engine.verification.suite import Suite
from engine.worlds.compilations import Compilations


class SuiteRun(msgspec.Struct, frozen=True, kw_only=True):
    """How a suite came out, or the errors for which it could not be asked."""

    file: str
    diagnostics: tuple[Diagnostic, ...] = ()
    suite: Suite | None = None
    result: SuiteResult | None = None

    @property
    def cases(self) -> tuple[CaseResult, ...]:
        """Return how each case came out."""
        return () if self.result is None else self.result.cases


class Examination:
    """Rulesets that were read; ``diagnostics`` is all that has been said of them so far, by place.

    ``broken`` are the files of those that are not whole, ``count`` is how many files there are. Once they are analysed,
    ``judged`` says by ruleset what became of its guarantees.
    """

    def __init__(
        self,
        rulesets: tuple[Ruleset, ...],
        *,
        diagnostics: tuple[Diagnostic, ...],
        facts_files: tuple[FactsFile, ...] = (),
        scores_files: tuple[ScoresFile, ...] = (),
        guarantees_files: tuple[GuaranteesFile, ...] = (),
        broken: frozenset[str] = frozenset(),
        count: int = 1,
    ) -> None:
        self.rulesets = rulesets
        self.diagnostics = diagnostics
        self.broken = broken
        self.count = count
        self._facts_files = facts_files
        self._scores_files = scores_files
        self._guarantees_files = guarantees_files
        self._compilations = Compilations()
        self.judged: dict[str, tuple[Judged, ...]] = {}

    @property
    def has_errors(self) -> bool:
        """Tell whether something that was said makes a file unusable."""
        return has_errors(self.diagnostics)

    def analyse(self, *, settings: Settings = USUAL, on: dt.date | None = None) -> "Examination":
        """Add what analysis finds; ``on`` is today, for what ends soon."""
        self.judged = judge_all(self.rulesets, self._compilations)
        found = analyse_folder(
            self.rulesets,
            facts_files=self._facts_files,
            scores_files=self._scores_files,
            guarantees_files=self._guarantees_files,
            settings=settings,
            on=on,
            compilations=self._compilations,
            judged=self.judged,
        )
        self.diagnostics = sort_by_place([*self.diagnostics, *(each.diagnostic for each in found)])
        return self

    def compiled(self, ruleset: Ruleset) -> Compiled:
        """Return one of the rulesets ready to decide, compiled once; raises BudgetExceeded where it is too large."""
        found = self._compilations.find(ruleset)
        return compile_ruleset(ruleset) if found is None else found

    def run_suite(self, text: bytes | str, file: str, ruleset: Ruleset) -> SuiteRun:
        """Ask every case of the suite of one of the rulesets."""
        parsed = parse_suite(text, file)
        if parsed.root is None or parsed.ruleset is None:
            return SuiteRun(file=file, diagnostics=parsed.diagnostics)
        return ask_suite(parsed, self.compiled(ruleset))

    def close(self) -> None:
        """Free what the engine holds; nothing decides afterwards."""
        self._compilations.close()


def ask_suite(parsed: ParsedSuite, compiled: Compiled, *, name_contains: str | None = None) -> SuiteRun:
    """Ask every case of a suite, or those whose name contains a text."""
    loaded = read_suite(parsed, compiled.ruleset)
    if loaded.suite is None:
        return SuiteRun(file=parsed.file, diagnostics=loaded.diagnostics)
    result = run_suite(loaded.suite, compiled, name_contains=name_contains)
    return SuiteRun(file=parsed.file, suite=loaded.suite, result=result)


def examine_text(
    text: str, *, file: str, facts: str | None = None, scorecard: str | None = None, guarantees: str | None = None
) -> Examination:
    """Read one ruleset with the shared files beside it; broken ones make it unusable."""
    beside = None if facts is None else load_shared_facts(facts, file=FACTS_FILE)
    shared_facts = None if beside is None else beside.shared
    cards = None if scorecard is None else load_shared_scores(scorecard, file=SCORES_FILE, shared_facts=shared_facts)
    shared_scores = None if cards is None else cards.shared
    policy = None
    if guarantees is not None:
        policy = load_shared_guarantees(
            guarantees, file=GUARANTEES_FILE, shared_facts=shared_facts, shared_scores=shared_scores
        )
    loaded = load_ruleset(
        text,
        file=file,
        shared_facts=shared_facts,
        shared_scores=shared_scores,
        shared_guarantees=None if policy is None else policy.shared,
    )
    said = [each for shared in (beside, cards, policy) if shared is not None for each in shared.diagnostics]
    if has_errors(tuple(said)):
        return Examination((), diagnostics=(*said, *loaded.diagnostics))
    return Examination(
        () if loaded.ruleset is None else (loaded.ruleset,),
        diagnostics=loaded.diagnostics,
        scores_files=() if cards is None or cards.whole is None else (cards.whole,),
        guarantees_files=() if policy is None or policy.whole is None else (policy.whole,),
    )


def examine_files(files: Mapping[str, bytes]) -> Examination:
    """Read all rulesets of some files, each with the shared files beside it."""
    folder = load_folder(files)
    return Examination(
        tuple(each.ruleset for each in folder.loaded if each.ruleset is not None),
        diagnostics=folder.diagnostics,
        facts_files=tuple(each.whole for each in folder.shared_facts if each.whole is not None),
        scores_files=tuple(each.whole for each in folder.shared_scores if each.whole is not None),
        guarantees_files=tuple(each.whole for each in folder.shared_guarantees if each.whole is not None),
        broken=frozenset(each.file for each in folder.loaded if each.ruleset is None),
        count=sum(is_ruleset_file(file) for file in files),
    )
