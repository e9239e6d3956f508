"""Checks say what `dunning check` must find."""

import pytest

from engine.model.diagnostic import Diagnostic
from engine.verification.check import compare_check, load_check

CODES = ("unknown-fact", "tab")


def diagnostic(code: str, line: int) -> Diagnostic:
    """Something said of broken.yaml."""
    return Diagnostic(code=code, file="broken.yaml", line=line, column=1, message="m")


def compare(expected: str, *said: Diagnostic) -> list[tuple[str, str, str]]:
    """What differs between a check's list and what is said."""
    loaded = load_check(f"ruleset: broken.yaml\ndiagnostics: {expected}\n", "broken_check.yaml", CODES)
    assert loaded.check is not None, loaded.diagnostics
    return [(each.what, each.expected, each.came) for each in compare_check(loaded.check, said)]


def test_what_is_said_as_expected_passes() -> None:
    """The same codes on the same lines, in any order, are no difference."""
    found = compare(
        "[{code: tab, line: 2}, {code: unknown-fact, line: 1}]", diagnostic("unknown-fact", 1), diagnostic("tab", 2)
    )
    assert found == []


def test_what_is_not_said_is_named() -> None:
    """A diagnostic that is expected and not said is a difference."""
    assert compare("[{code: tab, line: 2}]") == [("line 2", "tab", "nothing")]


def test_what_is_said_beyond_is_named() -> None:
    """A diagnostic that is said and not expected is a difference, also a second of one kind."""
    said = (diagnostic("tab", 2), diagnostic("tab", 2))
    assert compare("[{code: tab, line: 2}]", *said) == [("line 2", "nothing", "tab")]


def test_another_line_is_another_diagnostic() -> None:
    """The line counts."""
    assert compare("[{code: tab, line: 2}]", diagnostic("tab", 3)) == [
        ("line 2", "tab", "nothing"),
        ("line 3", "nothing", "tab"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("ruleset: b.yaml\ndiagnostics: [{code: tabs, line: 1}]\n", "unknown-word", 2),
        ("ruleset: b.yaml\ndiagnostics: [{code: tab, line: one}]\n", "wrong-type", 2),
        ("ruleset: b.yaml\ndiagnostics: [{code: tab}]\n", "missing-key", 2),
        ("ruleset: b.yaml\ndiagnostics: [tab]\n", "wrong-type", 2),
        ("ruleset: b.yaml\n", "missing-key", 1),
        ("ruleset: b.yaml\ndiagnostic: []\n", "unknown-key", 2),
        ("diagnostics: []\n", "missing-key", 1),
        ("ruleset: b.yaml\ndiagnostics: []\nfile: x\n", "unknown-key", 3),
        ("- 1\n", "wrong-type", 1),
    ],
)
def test_a_check_is_read_strictly(text: str, code: str, line: int) -> None:
    """A check with an error is no check, and the error is said with its line."""
    loaded = load_check(text, "b_check.yaml", CODES)
    assert loaded.check is None
    assert [(each.code, each.line) for each in loaded.diagnostics] == [(code, line)]
