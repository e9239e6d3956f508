"""Text to a ruleset or to diagnostics: parse, check the shape, check the meaning, build."""

import contextlib

import msgspec

from engine.loading.build import Collectors, Source, build_ruleset
from engine.loading.calendars import StoredDates
from engine.loading.complaints import Complaints, TooManyComplaints
from engine.loading.declarations import SharedFacts, read_facts
from engine.loading.filekinds import find_other_kind
from engine.loading.grammar.facts import SHARED_FACTS, read_declarations
from engine.loading.grammar.guarantees import SHARED_GUARANTEES
from engine.loading.grammar.ruleset import RULESET
from engine.loading.grammar.scorecards import SHARED_SCORES
from engine.loading.guaranteesfile import SharedGuarantees, open_folder_scope
from engine.loading.header import check_unique
from engine.loading.node import Mapping, find, places_of
from engine.loading.scope import Scope
from engine.loading.scorecards import facts_of_scores
from engine.loading.scoresfile import SharedScores, read_shared_scores
from engine.loading.spot import Spot
from engine.loading.yamltext import parse_yaml
from engine.model.diagnostic import Diagnostic, sort_by_place
from engine.model.ruleset import FactsFile, GuaranteesFile, Ruleset, ScoresFile
from engine.model.vocabulary import Fact


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one file: a ruleset, or errors that say why not; warnings may stand beside a ruleset."""

    file: str
    ruleset: Ruleset | None
    diagnostics: tuple[Diagnostic, ...]


class LoadedGuarantees(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one guarantees.yaml."""

    file: str
    shared: SharedGuarantees | None
    diagnostics: tuple[Diagnostic, ...]
    whole: GuaranteesFile | None = None


class LoadedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one facts.yaml."""

    file: str
    shared: SharedFacts | None
    diagnostics: tuple[Diagnostic, ...]
    whole: FactsFile | None = None


class LoadedScores(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one scorecard.yaml."""

    file: str
    shared: SharedScores | None
    diagnostics: tuple[Diagnostic, ...]
    whole: ScoresFile | None = None


def load_ruleset(
    text: bytes | str,
    *,
    file: str = "<text>",
    shared_facts: SharedFacts | None = None,
    shared_scores: SharedScores | None = None,
    shared_guarantees: SharedGuarantees | None = None,
    holiday_dates: StoredDates | None = None,
) -> Loaded:
    """Read one ruleset; ``holiday_dates`` are those stored with a published version, else today's package is asked."""
    parsed = parse_yaml(text, file)
    if parsed.node is None:
        return Loaded(file=file, ruleset=None, diagnostics=parsed.diagnostics)
    complaints = Complaints(file)
    collectors = Collectors(
        own=complaints,
        facts=Complaints(shared_facts.file if shared_facts is not None else file),
        scores=Complaints(shared_scores.file if shared_scores is not None else file),
        guarantees=Complaints(shared_guarantees.file if shared_guarantees is not None else file),
    )
    source = Source(
        text=_decode(text),
        file=file,
        shared=shared_facts,
        scores=shared_scores,
        guarantees=shared_guarantees,
        stored=holiday_dates,
    )
    ruleset = None
    with contextlib.suppress(TooManyComplaints):
        if isinstance(parsed.node, Mapping) and (other := find_other_kind(parsed.node)) is not None:
            complaints.add("not-a-ruleset", parsed.node, f"This looks like {other.name}, and no ruleset.", other.hint)
        elif isinstance(parsed.node, Mapping):
            ruleset = build_ruleset(parsed.node, source, collectors)
        else:
            RULESET.refuse(parsed.node, Spot(Scope(complaints=complaints)))
    said = (collectors.own, collectors.facts, collectors.scores, collectors.guarantees)
    diagnostics = sort_by_place([*parsed.diagnostics, *(each for one in said for each in one.found)])
    return Loaded(file=file, ruleset=None if has_errors(diagnostics) else ruleset, diagnostics=diagnostics)


def load_shared_facts(text: bytes | str, *, file: str = "facts.yaml") -> LoadedFacts:
    """Read the declarations that hold for every ruleset of a folder."""
    parsed = parse_yaml(text, file, first_key="facts")
    if parsed.node is None:
        return LoadedFacts(file=file, shared=None, diagnostics=parsed.diagnostics)
    complaints = Complaints(file)
    declarations = find(parsed.node, "facts")
    shared = SharedFacts(file=file, declarations=declarations) if isinstance(declarations, Mapping) else None
    with contextlib.suppress(TooManyComplaints):
        scope = Scope(complaints=complaints)
        read = SHARED_FACTS.read(parsed.node, Spot(scope))
        read_facts({}, read.facts if read is not None else {}, scope, scope)
    diagnostics = sort_by_place([*parsed.diagnostics, *complaints.found])
    if has_errors(diagnostics):
        return LoadedFacts(file=file, shared=None, diagnostics=diagnostics)
    whole = FactsFile(file=file, text=_decode(text), places=places_of(parsed.node))
    return LoadedFacts(file=file, shared=shared, diagnostics=diagnostics, whole=whole)


def load_shared_scores(
    text: bytes | str, *, file: str = "scorecard.yaml", shared_facts: SharedFacts | None = None
) -> LoadedScores:
    """Read the scorecards that hold for every ruleset of a folder; ``shared_facts`` are those of its facts.yaml."""
    parsed = parse_yaml(text, file, first_key="scorecards")
    if parsed.node is None:
        return LoadedScores(file=file, shared=None, diagnostics=parsed.diagnostics)
    complaints = Complaints(file)
    root = parsed.node
    with contextlib.suppress(TooManyComplaints):
        scope = Scope(complaints=complaints, facts=_facts_of_folder(file, shared_facts), is_of_folder=True)
        if isinstance(root, Mapping):
            read_shared_scores(SharedScores(file=file, root=root), scope)
        else:
            SHARED_SCORES.refuse(root, Spot(scope))
    diagnostics = sort_by_place([*parsed.diagnostics, *complaints.found])
    is_whole = not has_errors(diagnostics)
    shared = SharedScores(file=file, root=root) if isinstance(root, Mapping) and is_whole else None
    whole = None if shared is None else ScoresFile(file=file, text=_decode(text))
    return LoadedScores(file=file, shared=shared, diagnostics=diagnostics, whole=whole)


def _facts_of_folder(
    file: str, shared_facts: SharedFacts | None, shared_scores: SharedScores | None = None
) -> dict[str, Fact]:
    """Return the facts that every ruleset of a folder knows; what is wrong with them is said elsewhere."""
    scope = Scope(complaints=Complaints(file))
    declared = read_declarations(shared_facts.declarations if shared_facts is not None else None, scope)
    facts = read_facts({}, declared, scope, scope)
    cards = read_shared_scores(shared_scores, msgspec.structs.replace(scope, facts=facts, is_of_folder=True))
    return facts | facts_of_scores(cards.values())


def load_shared_guarantees(
    text: bytes | str,
    *,
    file: str = "guarantees.yaml",
    shared_facts: SharedFacts | None = None,
    shared_scores: SharedScores | None = None,
) -> LoadedGuarantees:
    """Read the guarantees that hold for every ruleset of a folder; its facts and scorecards are those given."""
    parsed = parse_yaml(text, file, first_key="guarantees")
    if parsed.node is None:
        return LoadedGuarantees(file=file, shared=None, diagnostics=parsed.diagnostics)
    complaints = Complaints(file)
    items = find(parsed.node, "guarantees")
    with contextlib.suppress(TooManyComplaints):
        spot = Spot(open_folder_scope(complaints, _facts_of_folder(file, shared_facts, shared_scores)))
        SHARED_GUARANTEES.read(parsed.node, spot)
        check_unique("guarantee", items, spot)
    diagnostics = sort_by_place([*parsed.diagnostics, *complaints.found])
    if has_errors(diagnostics) or items is None:
        return LoadedGuarantees(file=file, shared=None, diagnostics=diagnostics)
    return LoadedGuarantees(
        file=file,
        shared=SharedGuarantees(file=file, items=items),
        diagnostics=diagnostics,
        whole=GuaranteesFile(file=file, text=_decode(text)),
    )


def _decode(text: bytes | str) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", errors="replace")


def has_errors(diagnostics: tuple[Diagnostic, ...]) -> bool:
    """Tell whether anything found makes a file unusable."""
    return any(diagnostic.severity == "error" for diagnostic in diagnostics)
