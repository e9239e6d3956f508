"""A folder of rulesets: which files are rulesets, which facts.yaml stands beside them, and what only shows together."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from engine.loading.complaints import Complaints
from engine.loading.declarations import SharedFacts
from engine.loading.load import (
    Loaded,
    LoadedFacts,
    LoadedGuarantees,
    LoadedScores,
    load_ruleset,
    load_shared_facts,
    load_shared_guarantees,
    load_shared_scores,
)
from engine.loading.node import find
from engine.loading.scoresfile import SharedScores
from engine.loading.yamltext import parse_yaml
from engine.model.diagnostic import Diagnostic, Position, sort_by_place
from engine.model.ruleset import Guarantee, Ruleset

FACTS_FILE = "facts.yaml"
SCORES_FILE = "scorecard.yaml"
GUARANTEES_FILE = "guarantees.yaml"
SHARED_FILES = (FACTS_FILE, SCORES_FILE, GUARANTEES_FILE)
_ENDINGS = (".yaml", ".yml")
_NOT_RULESETS = ("_test", "_check")
_START = Position(1, 1)
_WAITS = frozenset({"shared-facts-broken", "shared-scores-broken", "shared-guarantees-broken"})


class LoadedFolder(msgspec.Struct, frozen=True, kw_only=True):
    """Every ruleset file in order of its name, and every diagnostic of the folder, shared files included, by place.

    That a ruleset waits for a shared file to be mended stands with the ruleset alone: the errors of that file say it.
    """

    loaded: tuple[Loaded, ...]
    shared_facts: tuple[LoadedFacts, ...]
    shared_scores: tuple[LoadedScores, ...]
    shared_guarantees: tuple[LoadedGuarantees, ...]
    diagnostics: tuple[Diagnostic, ...]


def is_ruleset_file(file: str) -> bool:
    """Tell whether a file of this name holds a ruleset: YAML, but no suite, no check and no file that is shared."""
    name = file.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    is_yaml = f"{dot}{ending}" in _ENDINGS and not name.startswith(".")
    return is_yaml and name not in SHARED_FILES and not stem.endswith(_NOT_RULESETS)


def load_folder(files: Mapping[str, bytes]) -> LoadedFolder:
    """Read all rulesets among the files, each with the shared files of its own folder; others are passed over."""
    in_order = sorted(files.items())
    facts = {_folder_of(file): load_shared_facts(text, file=file) for file, text in _named(FACTS_FILE, in_order)}
    scores = {
        _folder_of(file): load_shared_scores(text, file=file, shared_facts=_facts_beside(file, facts))
        for file, text in _named(SCORES_FILE, in_order)
    }
    guarantees = {
        _folder_of(file): load_shared_guarantees(
            text, file=file, shared_facts=_facts_beside(file, facts), shared_scores=_scores_beside(file, scores)
        )
        for file, text in _named(GUARANTEES_FILE, in_order)
    }
    loaded = [
        _load_beside(file, text, _Beside(facts.get(folder), scores.get(folder), guarantees.get(folder)))
        for file, text in in_order
        for folder in (_folder_of(file),)
        if is_ruleset_file(file)
    ]
    loaded = _refuse_same_guarantees(_refuse_doubles(loaded, files))
    found = [each for one in facts.values() for each in one.diagnostics]
    found += [each for one in scores.values() for each in one.diagnostics]
    found += [each for one in guarantees.values() for each in one.diagnostics]
    found += [each for file in loaded for each in file.diagnostics if each.code not in _WAITS]
    return LoadedFolder(
        loaded=tuple(loaded),
        shared_facts=tuple(facts.values()),
        shared_scores=tuple(scores.values()),
        shared_guarantees=tuple(guarantees.values()),
        diagnostics=sort_by_place(found),
    )


class _Beside(NamedTuple):
    """The shared files of one folder."""

    facts: LoadedFacts | None
    scores: LoadedScores | None
    guarantees: LoadedGuarantees | None


def _named(name: str, files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    return ((file, text) for file, text in files if file.rpartition("/")[2] == name)


def _facts_beside(file: str, facts: Mapping[str, LoadedFacts]) -> SharedFacts | None:
    found = facts.get(_folder_of(file))
    return None if found is None else found.shared


def _scores_beside(file: str, scores: Mapping[str, LoadedScores]) -> SharedScores | None:
    found = scores.get(_folder_of(file))
    return None if found is None else found.shared


def _folder_of(file: str) -> str:
    return file.rpartition("/")[0]


def _load_beside(file: str, text: bytes, beside: "_Beside") -> Loaded:
    """Read one ruleset; beside a broken shared file it is checked as far as possible and never used."""
    facts, scores, guarantees = beside
    loaded = load_ruleset(
        text,
        file=file,
        shared_facts=facts.shared if facts is not None else None,
        shared_scores=scores.shared if scores is not None else None,
        shared_guarantees=guarantees.shared if guarantees is not None else None,
    )
    for code, shared in (
        ("shared-facts-broken", facts),
        ("shared-scores-broken", scores),
        ("shared-guarantees-broken", guarantees),
    ):
        if shared is not None and shared.shared is None:
            complaints = Complaints(file)
            complaints.add(code, _START, f"{shared.file} has errors, so this ruleset cannot be read for certain.")
            return msgspec.structs.replace(loaded, ruleset=None, diagnostics=complaints.found)
    return loaded


def _refuse_same_guarantees(loaded: list[Loaded]) -> list[Loaded]:
    """Take away each ruleset with a guarantee that is called like another's of its folder, with a complaint at it."""
    owners: dict[tuple[str, str], str] = {}
    kept = []
    for each in loaded:
        complaints = Complaints(each.file)
        for guarantee in own_guarantees(each.ruleset) if each.ruleset is not None else ():
            owner = owners.setdefault((_folder_of(each.file), guarantee.id), each.file)
            if owner != each.file:
                found = f"{owner} has a guarantee called “{guarantee.id}” already; ids are unique in the folder."
                complaints.add("duplicate-id", guarantee.at, found, "Give one of the two another id.")
        said = complaints.found
        kept.append(
            msgspec.structs.replace(each, ruleset=None, diagnostics=sort_by_place([*each.diagnostics, *said]))
            if said
            else each
        )
    return kept


def own_guarantees(ruleset: Ruleset) -> tuple[Guarantee, ...]:
    """Return the guarantees that stand in the ruleset itself."""
    first = next(iter(ruleset.editions.values()))
    return tuple(each for each in first.guarantees if each.file is None)


def _refuse_doubles(loaded: list[Loaded], files: Mapping[str, bytes]) -> list[Loaded]:
    """Take away each ruleset whose id another file has already, with a complaint at its id."""
    owners: dict[str, str] = {}
    kept: list[Loaded] = []
    for each in loaded:
        owner = each.file if each.ruleset is None else owners.setdefault(each.ruleset.id, each.file)
        kept.append(each if owner == each.file else _refuse_double(each, owner, files[each.file]))
    return kept


def _refuse_double(loaded: Loaded, owner: str, text: bytes) -> Loaded:
    complaints = Complaints(loaded.file)
    node = find(parse_yaml(text, loaded.file).node, "ruleset")
    found = f"{owner} holds a ruleset of the same id already."
    complaints.add("duplicate-ruleset", node.at if node is not None else _START, found)
    return msgspec.structs.replace(
        loaded, ruleset=None, diagnostics=sort_by_place([*loaded.diagnostics, *complaints.found])
    )
