"""What `dunning check` must say of a file (language.md 9.4), read and compared."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from engine.loading.complaints import suggest
from engine.loading.constants import digits_of
from engine.loading.node import Mapping, Node, describe, find, items_of
from engine.loading.yamltext import parse_yaml
from engine.model.diagnostic import Diagnostic, Position, sort_by_place
from engine.verification.comparing import ABSENT, Mismatch
from engine.verification.complaints import SuiteComplaints

CHECK_KEYS = ("ruleset", "diagnostics")
DIAGNOSTIC_KEYS = ("code", "line")


class ExpectedDiagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """One diagnostic that must be there; ``at`` is where it is asked for."""

    code: str
    line: int
    at: Position


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


def load_check(text: bytes | str, file: str, known_codes: Sequence[str]) -> LoadedCheck:
    """Read a check; a code outside the known ones is an error."""
    parsed = parse_yaml(text, file)
    complaints = SuiteComplaints(file)
    root = None if parsed.node is None else complaints.need_mapping(parsed.node, "A check")
    check = None if root is None else _read(root, file, known_codes, complaints)
    diagnostics = sort_by_place([*parsed.diagnostics, *complaints.found])
    return LoadedCheck(file=file, check=None if diagnostics else check, diagnostics=diagnostics)


def _read(root: Mapping, file: str, known_codes: Sequence[str], complaints: SuiteComplaints) -> Check | None:
    complaints.check_keys(root, CHECK_KEYS, "a check")
    named, listed = find(root, "ruleset"), find(root, "diagnostics")
    if named is None or listed is None:
        missing = "ruleset" if named is None else "diagnostics"
        if complaints.is_lacking(root, missing):
            found = f"The check has no “{missing}”."
            complaints.add("missing-key", root, found, "Write {ruleset: file, diagnostics: […]}.")
        return None
    ruleset = complaints.need_word(named, "The ruleset of a check")
    expected = [_read_expected(item, known_codes, complaints) for item in items_of(listed)]
    if ruleset is None:
        return None
    return Check(file=file, ruleset=ruleset, at=named.at, expected=tuple(each for each in expected if each is not None))


def _read_expected(node: Node, known_codes: Sequence[str], complaints: SuiteComplaints) -> ExpectedDiagnostic | None:
    each = complaints.need_mapping(node, "An expected diagnostic")
    if each is None:
        return None
    complaints.check_keys(each, DIAGNOSTIC_KEYS, "an expected diagnostic")
    code_node, line_node = find(each, "code"), find(each, "line")
    if code_node is None or line_node is None:
        complaints.add("missing-key", each, "A diagnostic is expected by code and line.", "Write {code: …, line: …}.")
        return None
    code, digits = complaints.need_word(code_node, "A code"), digits_of(line_node)
    if code is not None and code not in known_codes:
        complaints.add("unknown-word", code_node, f"“{code}” is no code.", suggest(code, known_codes))
    if digits is None or not digits.isdigit():
        complaints.add("wrong-type", line_node, f"A line is a whole number; found {describe(line_node)}.")
        return None
    return None if code is None else ExpectedDiagnostic(code=code, line=int(digits), at=each.at)


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
