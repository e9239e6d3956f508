"""The driver: every check on every ruleset, silences and severities taken into account."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from engine.analysis.catalogue import CHECKS, FOLDER_CHECKS, PAGES
from engine.analysis.checks import (
    guarantee_idle,
    guarantee_refuted,
    guarantee_unproved,
    not_finished,
    silence_unexplained,
    silence_unused,
)
from engine.analysis.finding import Check, Finding, FolderCheck, Found, Note
from engine.analysis.folder import Folder
from engine.analysis.settings import USUAL, Settings
from engine.analysis.silences import read_silences
from engine.analysis.stage import Stage
from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.program import Compiled
from engine.model.diagnostic import Position
from engine.model.ruleset import FactsFile, GuaranteesFile, Ruleset, ScoresFile
from engine.proofs.guarantees import Judged, judge_guarantees
from engine.proofs.prover import Prover
from engine.worlds.compilations import Compilations

# Comparisons of boxes for each ruleset and currency: some seconds.
DEFAULT_BUDGET = 10_000_000
# Many times what people write, in all currencies together; with more, each check would end within its budget and say
# nothing of any rule.
MOST_RULES = 4_000
CODES: tuple[str, ...] = tuple(sorted(PAGES))
_FOLDER_CODES = frozenset(check.code for check in FOLDER_CHECKS)
_GUARANTEE_CODES = frozenset(page.NOTE.code for page in (guarantee_refuted, guarantee_unproved, guarantee_idle))
_START = Position(1, 1)


class _Raw(msgspec.Struct, frozen=True, kw_only=True):
    """A finding with its check and its file, before silences and settings."""

    check: Check | FolderCheck | Note
    finding: Finding
    file: str


def analyse(
    ruleset: Ruleset,
    *,
    settings: Settings = USUAL,
    budget: int = DEFAULT_BUDGET,
    on: dt.date | None = None,
    compilations: Compilations | None = None,
) -> tuple[Found, ...]:
    """Return what the checks find in one ruleset; ``on`` is today, for what ends soon."""
    return analyse_folder([ruleset], settings=settings, budget=budget, on=on, compilations=compilations)


def analyse_folder(  # noqa: PLR0913  # all that stands beside the rulesets
    rulesets: Sequence[Ruleset],
    *,
    facts_files: Sequence[FactsFile] = (),
    scores_files: Sequence[ScoresFile] = (),
    guarantees_files: Sequence[GuaranteesFile] = (),
    settings: Settings = USUAL,
    budget: int = DEFAULT_BUDGET,
    on: dt.date | None = None,
    compilations: Compilations | None = None,
    judged: Mapping[str, Sequence[Judged]] | None = None,
) -> tuple[Found, ...]:
    """Return what the checks find in rulesets and between them, by place, each with an account that shows it.

    What was compiled before is taken from ``compilations``, and what became of guarantees, by ruleset, from ``judged``.
    """
    known = compilations if compilations is not None else Compilations()
    raws: list[_Raw] = []
    provers: list[Prover] = []
    for ruleset in rulesets:
        found, own = _analyse_ruleset(ruleset, known.find(ruleset), budget=budget, on=on)
        raws += found
        provers += own
    for name, verdicts in (judge_all(rulesets, known, budget=budget) if judged is None else judged).items():
        raws += _report_guarantees(next(each for each in rulesets if each.id == name), verdicts)
    raws += _analyse_together(Folder(provers, facts_files, budget=budget))
    texts = {each.file: each.text for each in facts_files} | {each.file: each.text for each in guarantees_files}
    texts |= {each.file: each.text for each in scores_files} | {each.file: each.text for each in rulesets}
    unseen = {} if len(rulesets) > 1 else dict.fromkeys(texts, _FOLDER_CODES)
    if unseen:  # one ruleset does not show what becomes of the others by a guarantee of the folder
        unseen |= {each.file: _FOLDER_CODES | _GUARANTEE_CODES for each in guarantees_files}
    kept = _silence(raws, texts, unseen)
    stage = Stage([compiled for ruleset in rulesets if (compiled := known.find(ruleset)) is not None])
    reported = (_report(raw, settings, stage) for raw in kept)
    return tuple(sorted((each for each in reported if each is not None), key=_place))


def judge_all(
    rulesets: Sequence[Ruleset], compilations: Compilations, *, budget: int = DEFAULT_BUDGET
) -> dict[str, tuple[Judged, ...]]:
    """Return what becomes of the guarantees of each ruleset that can be compiled, by its id."""
    found = ((ruleset.id, compilations.find(ruleset)) for ruleset in rulesets)
    return {name: judge_guarantees(each, budget=budget) for name, each in found if each is not None}


def _report_guarantees(ruleset: Ruleset, judged: Sequence[Judged]) -> Iterator[_Raw]:
    pages = {"refuted": guarantee_refuted, "unproved": guarantee_unproved, "idle": guarantee_idle}
    for each in judged:
        page = pages.get(each.verdict)
        if page is not None:
            finding = page.report(ruleset.id, each)
            yield _Raw(check=page.NOTE, finding=finding, file=finding.file or ruleset.file)


def _analyse_ruleset(
    ruleset: Ruleset, compiled: Compiled | None, *, budget: int, on: dt.date | None
) -> tuple[list[_Raw], list[Prover]]:
    by_currency: dict[str, list[tuple[Check, Finding]]] = {}
    programs = () if compiled is None else compiled.programs.values()
    is_analysed = compiled is not None and sum(len(each.edition.rules) for each in programs) <= MOST_RULES
    open_codes: dict[str, None] = {} if is_analysed else dict.fromkeys(check.code for check in CHECKS)
    open_rules: dict[str, None] = {}
    provers = []
    for currency, program in compiled.programs.items() if compiled is not None and is_analysed else ():
        found: list[tuple[Check, Finding]] = []
        prover = Prover(program, budget=budget, on=on)
        provers.append(prover)
        for check in CHECKS:
            try:
                found.extend((check, finding) for finding in check.find(prover))  # those before the budget ends stay
            except BudgetExceeded:
                open_codes[check.code] = None
        open_rules |= dict.fromkeys(prover.rules[index].id for index in sorted(prover.unknown))
        by_currency[currency] = found
    raws = [_Raw(check=check, finding=finding, file=ruleset.file) for check, finding in _join_currencies(by_currency)]
    if open_codes or open_rules:
        finding = not_finished.report(ruleset.id, list(open_codes), list(open_rules), _START)
        raws.append(_Raw(check=not_finished.NOTE, finding=finding, file=ruleset.file))
    return raws, provers


def _join_currencies(by_currency: Mapping[str, list[tuple[Check, Finding]]]) -> Iterable[tuple[Check, Finding]]:
    """Tell what holds in several currencies once, and in which where it is not all or is another sentence in each."""
    joined: dict[tuple[str, Position, str], tuple[Check, Finding, dict[str, list[str]]]] = {}
    for currency, found in by_currency.items():
        firsts = {(check.code, finding.at, finding.subject): (check, finding) for check, finding in reversed(found)}
        for key, (check, finding) in reversed(firsts.items()):
            _, _, messages = joined.setdefault(key, (check, finding, {}))
            messages.setdefault(finding.message, []).append(currency)
    for check, finding, messages in joined.values():
        if len(messages) == 1 and len(messages[finding.message]) == len(by_currency):
            yield check, finding
        else:
            told = [f"In {', '.join(currencies)}: {message}" for message, currencies in messages.items()]
            yield check, msgspec.structs.replace(finding, message=" ".join(told))


def _analyse_together(folder: Folder) -> list[_Raw]:
    found: dict[tuple[str, str, Position, str], _Raw] = {}
    for check in FOLDER_CHECKS:
        try:
            for finding in check.find(folder):
                raw = _Raw(check=check, finding=finding, file=finding.file or "")
                found.setdefault((check.code, raw.file, finding.at, finding.subject), raw)
        except BudgetExceeded:
            ruleset = folder.provers[0].ruleset
            finding = not_finished.report(ruleset.id, [check.code], [], _START)
            found[check.code, ruleset.file, _START, ""] = _Raw(
                check=not_finished.NOTE, finding=finding, file=ruleset.file
            )
    return list(found.values())


def _silence(raws: list[_Raw], texts: Mapping[str, str], unseen: Mapping[str, frozenset[str]]) -> list[_Raw]:
    """Leave out what comments silence, and add what is wrong with the comments.

    ``unseen`` are the codes, by file, of findings that more rulesets than these would show.
    """
    silences = [(file, silence) for file, text in texts.items() for silence in read_silences(text)]
    silenced = {(file, silence.code, silence.line) for file, silence in silences}
    places = {(raw.file, raw.check.code, raw.finding.at.line) for raw in raws}
    kept = [raw for raw in raws if (raw.file, raw.check.code, raw.finding.at.line) not in silenced]
    for file, silence in silences:
        if (file, silence.code, silence.line) not in places and silence.code not in unseen.get(file, ()):
            finding = silence_unused.report(silence, CODES)
            kept.append(_Raw(check=silence_unused.NOTE, finding=finding, file=file))
        elif not silence.reason:
            finding = silence_unexplained.report(silence)
            kept.append(_Raw(check=silence_unexplained.NOTE, finding=finding, file=file))
    return kept


def _report(raw: _Raw, settings: Settings, stage: Stage) -> Found | None:
    finding = raw.finding
    severity = settings.severity_of(raw.check.code, finding.severity or raw.check.severity)
    if severity is None:
        return None
    diagnostic = stage.report(raw.check.code, severity, finding, raw.file)
    return None if diagnostic is None else Found(diagnostic=diagnostic, subject=finding.subject)


def _place(found: Found) -> tuple[str, int, int, str, str]:
    diagnostic = found.diagnostic
    return (diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.code, diagnostic.message)
