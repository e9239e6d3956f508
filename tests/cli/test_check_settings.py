"""`.dunning.yaml` says how severe the findings of `dunning check` are."""

from pathlib import Path

import pytest

from tests.cli.command import dunning

HOLE = """\
ruleset: hole
title: A ladder with a hole
currency: EUR
timezone: Europe/Amsterdam
rules:
  - {id: a, level: 1, when: {days_overdue: 3..}, then: {action: suspend_service}}
  - {id: b, level: 2, then: {action: credit_hold}}
  - {id: c, level: 4, then: {action: write_off}}
"""


def folder_with(folder: Path, settings: str) -> Path:
    """A folder with a ruleset that has one finding, and settings above it."""
    (folder / "rulesets").mkdir()
    (folder / "rulesets" / "hole.yaml").write_text(HOLE, encoding="utf-8")
    (folder / ".dunning.yaml").write_text(settings, encoding="utf-8")
    return folder / "rulesets"


@pytest.mark.parametrize(
    ("severity", "exit_code", "summary"),
    [("error", 3, "1 error"), ("warning", 0, "1 warning"), ("off", 0, "no problems")],
)
def test_severity_is_chosen(tmp_path: Path, severity: str, exit_code: int, summary: str) -> None:
    """The severity that a team chooses is the one that is told, and decides how the check ends."""
    result = dunning("check", folder_with(tmp_path, f"checks: {{ladder-hole: {severity}}}\n"))
    assert result.exit_code == exit_code
    assert result.stdout.endswith(f"1 ruleset checked: {summary}\n")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("checks: {ladder-hol: off}\n", "“ladder-hol” is no check."),
        ("checks: {ladder-hole: loud}\n", "A check is error, warning, info or off"),
        ("check: {ladder-hole: off}\n", "“check” is no setting."),
        ("- ladder-hole\n", "Settings are a mapping."),
        ("checks: {\n", ".dunning.yaml:"),
        ("checks: [ladder-hole]\n", "Write checks: {gap: off}."),
        ("checks: {unknown-fact: off}\n", "which no setting changes"),
        ("# later\n", "Begin with “checks: …”, or delete the file."),
    ],
)
def test_wrong_settings_are_an_error(tmp_path: Path, settings: str, said: str) -> None:
    """What is misspelt in the settings is said with its place, and the check ends with 3."""
    result = dunning("check", folder_with(tmp_path, settings))
    assert result.exit_code == 3
    assert said in result.stdout


def test_a_finding_shows_an_account(tmp_path: Path) -> None:
    """The account for which a finding is so is shown with it, as YAML."""
    first, _, _ = HOLE.replace("3..}", "3..9}").partition("  - {id: b")
    (tmp_path / "gap.yaml").write_text(first, encoding="utf-8")
    shown = dunning("check", tmp_path).stdout
    assert "For example:" in shown
    assert "as_of: 2026-01-05" in shown
    assert "account: {id: A-1, currency: EUR" in shown


def test_a_check_file_expects_findings(tmp_path: Path) -> None:
    """NAME_check.yaml may say what the analysis finds."""
    (tmp_path / "hole.yaml").write_text(HOLE, encoding="utf-8")
    expected = "ruleset: hole.yaml\ndiagnostics: [{code: ladder-hole, line: 8}]\n"
    (tmp_path / "hole_check.yaml").write_text(expected, encoding="utf-8")
    assert dunning("test", tmp_path).exit_code == 0
