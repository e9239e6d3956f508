"""`.dunning.yaml`: how severe a team wants the findings of `dunning check`."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.analysis.analyse import CODES
from engine.analysis.settings import Settings, Wanted
from engine.loading.complaints import Complaints, list_words, suggest
from engine.loading.mistakes import MISTAKES
from engine.loading.node import Entry, Mapping, Scalar, describe, entries_of
from engine.loading.yamltext import parse_yaml
from engine.model.diagnostic import Diagnostic, sort_by_place

SETTINGS_FILE = ".dunning.yaml"
_KEY = "checks"
_CHOICES: dict[str, Wanted] = {"error": "error", "warning": "warning", "info": "info", "off": "off"}


class LoadedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings, what is wrong with them, and the file's text by its name."""

    settings: Settings = Settings()
    diagnostics: tuple[Diagnostic, ...] = ()
    files: dict[str, bytes] = {}


def find_settings(paths: Iterable[Path]) -> LoadedSettings:
    """Read the first settings file in a folder named, beside a file named, or in a folder above."""
    for path in paths:
        folder = (path if path.is_dir() else path.parent).resolve()
        for each in (folder, *folder.parents):
            file = each / SETTINGS_FILE
            if file.is_file():
                is_near = file.is_relative_to(Path.cwd())
                return read_settings(file.read_bytes(), str(file.relative_to(Path.cwd()) if is_near else file))
    return LoadedSettings()


def read_settings(text: bytes, file: str) -> LoadedSettings:
    """Read ``checks: {CODE: error | warning | info | off}``; what is wrong is said and left out."""
    parsed = parse_yaml(text, file, first_key=_KEY)
    complaints = Complaints(file)
    severities: dict[str, Wanted] = {}
    if parsed.node is not None and not isinstance(parsed.node, Mapping):
        complaints.add("wrong-type", parsed.node, "Settings are a mapping.", f"Write {_KEY}: {{gap: warning}}.")
    for entry in entries_of(parsed.node):
        if entry.key.text != _KEY:
            hint = f"The one setting is {_KEY}."
            complaints.add("unknown-key", entry.key, f"“{entry.key.text}” is no setting.", hint)
        elif not isinstance(entry.value, Mapping):
            found = f"“{_KEY}” says of each check how severe it is; found {describe(entry.value)}."
            complaints.add("wrong-type", entry.value, found, f"Write {_KEY}: {{gap: off}}.")
        else:
            severities |= dict(_read_check(each, complaints) for each in entries_of(entry.value))
    return LoadedSettings(
        settings=Settings(severities={code: choice for code, choice in severities.items() if code in CODES}),
        diagnostics=sort_by_place([*parsed.diagnostics, *complaints.found]),
        files={file: text},
    )


def _read_check(entry: Entry, complaints: Complaints) -> tuple[str, Wanted]:
    code, node = entry.key.text, entry.value
    if code not in CODES:
        found = f"“{code}” is no check."
        if code in MISTAKES:
            found = f"“{code}” says that a ruleset cannot be read, which no setting changes."
        hint = "Take it away." if code in MISTAKES else suggest(code, CODES)
        complaints.add("unknown-word", entry.key, found, hint or "The checks are listed in docs/authors/checks.")
    choice = _CHOICES.get(node.text) if isinstance(node, Scalar) else None
    if choice is None:
        found = f"A check is {list_words(_CHOICES)}; found {describe(node)}."
        complaints.add("unknown-word", node, found, f"Write {code}: warning.")
    return code, choice or "warning"
