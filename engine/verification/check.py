"""What `dunning check` must say of a file (language.md 9.4), read and compared."""

import contextlib
from collections import Counter
from collections.abc import Sequence

import msgspec

from engine.loading.complaints import Complaints, TooManyComplaints, suggest
from engine.loading.grammar.suite import CHECK, ExpectedDiagnostic
from engine.loading.node import Node, Scalar, find, items_of
from engine.loading.scope import Scope
from engine.loading.spot import Spot
from engine.loading.yamltext import parse_yaml
from engine.model.diagnostic import Diagnostic, Position, sort_by_place
from engine.verification.comparing import ABSENT, Mismatch
from engine.verification.mistakes import ALL_MISTAKES


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset file, named from beside the check, and exactly what must be said of it."""

    file: str
    ruleset: str
    at: Position
    expected: tuple[ExpectedDiagnostic, ...]


class LoadedCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one file: a check, or errors that say why not."""

    file: str
    check: Check | None
    diagnostics: tuple[Diagnostic, ...]


def _read_check(root: Node | None, known_codes: Sequence[str], complaints: Complaints) -> Check | None:
    written = None if root is None else CHECK.read(root, Spot(Scope(complaints=complaints)))
    place = find(root, "ruleset")
    for item in items_of(find(root, "diagnostics")):
        code = find(item, "code")
        if isinstance(code, Scalar) and code.text not in known_codes:
            complaints.add("unknown-word", code, f"“{code.text}” is no code.", suggest(code.text, known_codes))
    if written is None or place is None:
        return None
    return Check(file=complaints.file, ruleset=written.ruleset, at=place.at, expected=written.diagnostics)


def load_check(text: bytes | str, file: str, known_codes: Sequence[str]) -> LoadedCheck:
    """Read a check; a code outside the known ones is an error."""
    parsed = parse_yaml(text, file)
    complaints = Complaints(file, ALL_MISTAKES)
    check = None
    with contextlib.suppress(TooManyComplaints):
        check = _read_check(parsed.node, known_codes, complaints)
    diagnostics = sort_by_place([*parsed.diagnostics, *complaints.found])
    return LoadedCheck(file=file, check=None if diagnostics else check, diagnostics=diagnostics)


def compare_check(check: Check, said: Sequence[Diagnostic]) -> tuple[Mismatch, ...]:
    """Return what was expected and not said, and what was said and not expected."""
    left = Counter((diagnostic.code, diagnostic.line) for diagnostic in said)
    found = []
    for each in check.expected:
        if left[each.code, each.line]:
            left[each.code, each.line] -= 1
        else:
            found.append(Mismatch(what=f"line {each.line}", expected=each.code, came=ABSENT, at=each.at))
    for (code, line), count in sorted(left.items(), key=lambda item: item[0][1]):
        found += [Mismatch(what=f"line {line}", expected=ABSENT, came=code, at=check.at)] * count
    return tuple(found)
