"""Rulesets for the tests of this folder, loaded and analysed."""

import datetime as dt
import re

from engine.analysis.analyse import DEFAULT_BUDGET, analyse_folder
from engine.analysis.finding import Found
from engine.analysis.settings import USUAL, Settings
from engine.loading.folder import SHARED_FILES, load_folder
from engine.loading.load import load_shared_facts
from engine.model.diagnostic import Diagnostic
from engine.model.ruleset import Ruleset

_REQUIRED = {
    "ruleset": "ruleset: an-example",
    "title": "title: An example",
    "currency": "currency: EUR",
    "timezone": "timezone: Europe/Amsterdam",
    "rules": "rules: []",
}


def complete(text: str) -> str:
    """Return a text with the required keys that it does not show, below it so that lines stay."""
    missing = [line for key, line in _REQUIRED.items() if not re.search(rf"^{key}:", text, re.MULTILINE)]
    return text + "".join(f"{line}\n" for line in missing)


def load_all(files: dict[str, str]) -> list[Ruleset]:
    """Return the rulesets of some files; each must be without error."""
    written = {file: text if file in SHARED_FILES else complete(text) for file, text in files.items()}
    folder = load_folder({file: text.encode() for file, text in written.items()})
    assert folder.diagnostics == ()
    return [each.ruleset for each in folder.loaded if each.ruleset is not None]


def load(text: str) -> Ruleset:
    """Return the ruleset of a text, which may leave out required keys."""
    (ruleset,) = load_all({"example.yaml": text})
    return ruleset


def check(
    files: dict[str, str] | str,
    *,
    settings: Settings = USUAL,
    budget: int = DEFAULT_BUDGET,
    on: dt.date | None = None,
) -> tuple[Found, ...]:
    """Return what is found in some files."""
    named = {"example.yaml": files} if isinstance(files, str) else files
    facts = [load_shared_facts(text, file=file).whole for file, text in named.items() if file == "facts.yaml"]
    whole = [each for each in facts if each is not None]
    return analyse_folder(load_all(named), facts_files=whole, settings=settings, budget=budget, on=on)


def show(files: dict[str, str], *, on: dt.date | None = None) -> tuple[Diagnostic, ...]:
    """Return what is found in some files, with the accounts that show it."""
    return tuple(each.diagnostic for each in check(files, on=on))


def codes(found: tuple[Found, ...]) -> list[str]:
    """Return the codes of findings, each once, sorted."""
    return sorted({each.diagnostic.code for each in found})


def only(found: tuple[Found, ...], code: str) -> Found:
    """Return the one finding of a code."""
    (one,) = [each for each in found if each.diagnostic.code == code]
    return one
