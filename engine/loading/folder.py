"""A folder of rulesets: which files are rulesets, which facts.yaml stands beside them, and what only shows together."""

from collections.abc import Mapping

import msgspec

from engine.loading.complaints import Complaints
from engine.loading.load import Loaded, LoadedFacts, load_ruleset, load_shared_facts
from engine.loading.node import find
from engine.loading.yamltext import parse_yaml
from engine.model.diagnostic import Diagnostic, Position, sort_by_place

FACTS_FILE = "facts.yaml"
_ENDINGS = (".yaml", ".yml")
_NOT_RULESETS = ("_test", "_check")
_START = Position(1, 1)
_WAITS = "shared-facts-broken"


class LoadedFolder(msgspec.Struct, frozen=True, kw_only=True):
    """Every ruleset file in order of its name, and every diagnostic of the folder, facts.yaml included, by place.

    That a ruleset waits for its facts.yaml to be mended stands with the ruleset alone: the errors of facts.yaml say it.
    """

    loaded: tuple[Loaded, ...]
    shared_facts: tuple[LoadedFacts, ...]
    diagnostics: tuple[Diagnostic, ...]


def is_ruleset_file(file: str) -> bool:
    """Tell whether a file of this name holds a ruleset: YAML, but no suite, no check and no facts.yaml."""
    name = file.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    is_yaml = f"{dot}{ending}" in _ENDINGS and not name.startswith(".")
    return is_yaml and name != FACTS_FILE and not stem.endswith(_NOT_RULESETS)


def load_folder(files: Mapping[str, bytes]) -> LoadedFolder:
    """Read all rulesets among the files, each with the facts.yaml of its own folder; other files are passed over."""
    shared = {
        _folder_of(file): load_shared_facts(text, file=file)
        for file, text in sorted(files.items())
        if file.rpartition("/")[2] == FACTS_FILE
    }
    loaded = [
        _load_beside(file, text, shared.get(_folder_of(file)))
        for file, text in sorted(files.items())
        if is_ruleset_file(file)
    ]
    loaded = _refuse_doubles(loaded, files)
    found = [diagnostic for facts in shared.values() for diagnostic in facts.diagnostics]
    found += [each for file in loaded for each in file.diagnostics if each.code != _WAITS]
    return LoadedFolder(loaded=tuple(loaded), shared_facts=tuple(shared.values()), diagnostics=sort_by_place(found))


def _folder_of(file: str) -> str:
    return file.rpartition("/")[0]


def _load_beside(file: str, text: bytes, shared: LoadedFacts | None) -> Loaded:
    """Read one ruleset; beside a broken facts.yaml it is checked as far as possible and never used."""
    loaded = load_ruleset(text, file=file, shared_facts=shared.shared if shared is not None else None)
    if shared is None or shared.shared is not None:
        return loaded
    complaints = Complaints(file)
    complaints.add(_WAITS, _START, f"{shared.file} has errors, so this ruleset cannot be read for certain.")
    return msgspec.structs.replace(loaded, ruleset=None, diagnostics=complaints.found)


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
