"""Reads the data cases of this folder: broken rulesets, and what must be said of each."""

import re
from pathlib import Path

import msgspec
import yaml

FOLDER = Path(__file__).parent / "cases"
_REQUIRED = {
    "ruleset": "ruleset: a-case",
    "title": "title: A case",
    "currency": "currency: EUR",
    "timezone": "timezone: Europe/Amsterdam",
    "rules": "rules: []",
}
_EXPECTATION = re.compile(r"((?P<file>\S+\.yaml) )?(?P<line>\d+):(?P<column>\d+) (?P<code>[a-z0-9-]+)(: (?P<says>.*))?")


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One broken ruleset with everything that must be said of it."""

    name: str
    text: str
    expect: list[str]
    complete: bool = False
    shared: str | None = None
    scorecard: str | None = None
    guarantees: str | None = None


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``expect``."""

    file: str
    line: int
    column: int
    code: str
    says: str


def read_cases() -> list[Case]:
    """Return every case of every file."""
    return [
        msgspec.convert(each, Case)
        for path in sorted(FOLDER.glob("*.yaml"))
        for each in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def complete(case: Case) -> str:
    """Return the case's text with the required keys that it does not show, below it so that lines stay."""
    if case.complete:
        return case.text
    missing = [line for key, line in _REQUIRED.items() if not re.search(rf"^{key}:", case.text, re.MULTILINE)]
    return case.text + "".join(f"{line}\n" for line in missing)


def parse_expected(line: str) -> Expected:
    """Read one line of ``expect``."""
    match = _EXPECTATION.fullmatch(line)
    assert match is not None, line
    return Expected(
        file=match["file"] or "case.yaml",
        line=int(match["line"]),
        column=int(match["column"]),
        code=match["code"],
        says=match["says"] or "",
    )
