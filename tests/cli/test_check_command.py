"""`dunning check` says everything that is wrong with ruleset files."""

import json
import textwrap
from pathlib import Path

import jsonschema
import pytest

from tests.cli.command import BROKEN, EXAMPLE, dunning, make_folder


def test_whole_rulesets_are_fine(tmp_path: Path) -> None:
    """A folder without errors ends with 0 and says how much was checked."""
    result = dunning("check", make_folder(tmp_path))
    assert (result.exit_code, result.stdout) == (0, "1 ruleset checked: no problems\n")


def test_a_broken_ruleset_is_shown_where_it_breaks(tmp_path: Path) -> None:
    """An error is shown with its place, its line, a caret under it, and what to do; the end is 3."""
    folder = make_folder(tmp_path, broken__yaml=BROKEN)
    result = dunning("check", folder)
    assert result.exit_code == 3
    assert result.stdout.splitlines() == [
        f"{folder}/broken.yaml:7:12: error: “days_overdu” is no fact and no named condition. [unknown-fact]",
        "    7 |     when: {days_overdu: 3..}",
        "      |            ^",
        "      = Did you mean “days_overdue”?",
        "2 rulesets checked: 1 error",
    ]


def test_a_file_is_checked_alone(tmp_path: Path) -> None:
    """A file's neighbours are not checked, but for the facts.yaml it is read with."""
    facts = "facts:\n  days_overdu: {type: days, optional: true}\n"
    folder = make_folder(tmp_path, broken__yaml=BROKEN, worse__yaml="x: 1\n")
    assert dunning("check", folder / "example.yaml").exit_code == 0
    assert dunning("check", folder / "broken.yaml").exit_code == 3
    (folder / "facts.yaml").write_text(facts, encoding="utf-8")
    assert dunning("check", folder / "broken.yaml").exit_code == 0


def test_the_folder_you_are_in_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path the working folder is checked."""
    monkeypatch.chdir(make_folder(tmp_path))
    assert dunning("check").stdout == "1 ruleset checked: no problems\n"


def test_a_folder_without_rulesets_is_wrong_usage(tmp_path: Path) -> None:
    """Where there is nothing to check, the end is 2 and the reason is said on standard error."""
    result = dunning("check", tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no ruleset in" in " ".join(result.stderr.split())


def test_a_path_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    """A misspelt path ends with 2."""
    assert dunning("check", tmp_path / "nothing").exit_code == 2


def test_suites_are_not_rulesets(tmp_path: Path) -> None:
    """Suites and checks beside a ruleset are passed over."""
    folder = make_folder(tmp_path, example_test__yaml="nonsense", example_check__yaml="nonsense")
    assert dunning("check", folder).exit_code == 0


def test_json_holds_rulesets_and_diagnostics(tmp_path: Path) -> None:
    """Programs get every ruleset with its digest and every diagnostic with its place."""
    result = dunning("check", make_folder(tmp_path, broken__yaml=BROKEN), "--format", "json")
    document = json.loads(result.stdout)
    assert [each["id"] for each in document["rulesets"]] == ["example"]
    (diagnostic,) = document["diagnostics"]
    assert {key: diagnostic[key] for key in ("code", "severity", "line", "column")} == {
        "code": "unknown-fact",
        "severity": "error",
        "line": 7,
        "column": 12,
    }


def test_sarif_is_what_code_scanning_reads(tmp_path: Path) -> None:
    """SARIF names the tool, the rule of each result, its level and its place."""
    result = dunning("check", make_folder(tmp_path, broken__yaml=BROKEN), "--format", "sarif")
    document = json.loads(result.stdout)
    (run,) = document["runs"]
    (found,) = run["results"]
    assert document["version"] == "2.1.0"
    assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"] == "unknown-fact"
    assert found["level"] == "error"
    place = found["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 7, "startColumn": 12}
    assert place["artifactLocation"]["uri"].endswith("broken.yaml")


def test_sarif_without_findings_is_a_run(tmp_path: Path) -> None:
    """Where nothing is wrong the run is there, without results."""
    document = json.loads(dunning("check", make_folder(tmp_path), "--format", "sarif").stdout)
    jsonschema.validate(document, {"required": ["$schema", "version", "runs"]})
    assert document["runs"][0]["results"] == []


def test_github_annotations_are_commands(tmp_path: Path) -> None:
    """Each diagnostic is one line that a GitHub workflow turns into an annotation."""
    folder = make_folder(tmp_path, broken__yaml=BROKEN)
    result = dunning("check", folder, "--format", "github")
    assert result.stdout == (
        f"::error file={folder}/broken.yaml,line=7,col=12,title=unknown-fact"
        "::“days_overdu” is no fact and no named condition.%0ADid you mean “days_overdue”?\n"
    )


SHADOW = """\
ruleset: shadow
title: A rule that never wins on a first ask
currency: EUR
timezone: Europe/Amsterdam
rules:
  - {id: hold, when: {overdue_balance: {at_least: 10.50}}, then: {action: block_changes}}
  - {id: tell, when: {overdue_balance: {at_least: 10.50}}, then: {action: notify_team, assign_to: us}}
"""
WITNESS = {
    "shows": "“tell” wins; without the history “hold” does.",
    "as_of": "2026-01-05",
    "account": {"id": "A-1", "currency": "EUR", "days_overdue": 30, "overdue_balance": "10.50"},
    "history": [{"rule": "hold", "at": "2026-01-04"}],
}
WRITTEN = """\
# “tell” wins; without the history “hold” does.
as_of: 2026-01-05
account: {id: A-1, currency: EUR, days_overdue: 30, overdue_balance: 10.50}
history:
  - {rule: hold, at: 2026-01-04}
"""


def check_shadow(folder: Path, form: str) -> str:
    """What is said of a ruleset with one finding, in a format."""
    (folder / "shadow.yaml").write_text(SHADOW, encoding="utf-8")
    return dunning("check", folder, "--format", form).stdout


def test_the_account_is_shown_as_yaml(tmp_path: Path) -> None:
    """Under a finding stands the account that shows it, with what comes out as a comment."""
    shown = check_shadow(tmp_path, "text")
    _, _, below = shown.partition("For example:\n")
    assert textwrap.dedent(below.rpartition("1 ruleset checked")[0]) == WRITTEN


@pytest.mark.parametrize("indent", ["", "        "])
def test_the_account_can_be_asked_as_it_is_shown(tmp_path: Path, indent: str) -> None:
    """What is shown, put into a file just as it stands, is what `dunning decide` takes, its day too."""
    check_shadow(tmp_path, "text")
    (tmp_path / "account.yaml").write_text(textwrap.indent(WRITTEN, indent), encoding="utf-8")
    asked = ("decide", "--ruleset", tmp_path / "shadow.yaml", "--account", tmp_path / "account.yaml")
    decision = json.loads(dunning(*asked).stdout)
    assert (decision["as_of"], decision["rule"]["id"]) == ("2026-01-05T00:00:00+01:00", "tell")
    later = json.loads(dunning(*asked, "--as-of", "2026-02-03").stdout)
    assert later["as_of"] == "2026-02-03T00:00:00+01:00"


def test_the_account_is_a_case_of_a_suite(tmp_path: Path) -> None:
    """What is shown is a case once it has a name and says what is expected."""
    check_shadow(tmp_path, "text")
    case = f"    name: As shown\n{textwrap.indent(WRITTEN, '    ')}    expect: {{rule: tell}}\n"
    suite = f"ruleset: shadow\ntests:\n  -\n{case}"
    (tmp_path / "shadow_test.yaml").write_text(suite, encoding="utf-8")
    assert dunning("test", tmp_path).exit_code == 0


def test_json_holds_the_account(tmp_path: Path) -> None:
    """Programs get the account as an object, which can be asked as it is."""
    (found,) = json.loads(check_shadow(tmp_path, "json"))["diagnostics"]
    assert found["witness"] == WITNESS
    (tmp_path / "account.json").write_text(json.dumps(found["witness"]), encoding="utf-8")
    result = dunning("decide", "--ruleset", tmp_path / "shadow.yaml", "--account", tmp_path / "account.json")
    assert json.loads(result.stdout)["rule"]["id"] == "tell"


def test_sarif_holds_the_account(tmp_path: Path) -> None:
    """Code scanning shows the account in the message, and programs find it among the properties."""
    (found,) = json.loads(check_shadow(tmp_path, "sarif"))["runs"][0]["results"]
    assert found["properties"] == {"witness": WITNESS}
    assert found["message"]["markdown"].endswith(f"```yaml\n{WRITTEN}```")
    assert "as_of" not in found["message"]["text"]


def test_an_annotation_holds_the_account(tmp_path: Path) -> None:
    """A GitHub annotation ends with the account."""
    (line,) = check_shadow(tmp_path, "github").splitlines()
    assert line.endswith("%0A".join(["For example:", *WRITTEN.splitlines()]))


def test_the_example_is_in_order() -> None:
    """The ruleset that the other tests use has no errors."""
    assert dunning("check", EXAMPLE).exit_code == 0


GUARANTEES = """\
guarantees:
  - {id: no-agency, never: {action: hand_over}}
  - {id: no-calls, says: Nobody is called., never: {action: place_call, when: {vip: true}}}
"""
CALLED = """\
rules: [{id: call, when: {days_overdue: 3..}, then: {action: place_call, channel: phone}}]
"""
CALLING = "ruleset: calling\ntitle: Calls\ncurrency: EUR\ntimezone: Europe/Amsterdam\n" + CALLED


def test_guarantees_are_told_in_every_format(tmp_path: Path) -> None:
    """What became of each guarantee is counted for people, and named for programs."""
    (tmp_path / "calling.yaml").write_text(CALLING, encoding="utf-8")
    (tmp_path / "guarantees.yaml").write_text(GUARANTEES, encoding="utf-8")
    result = dunning("check", tmp_path)
    assert result.exit_code == 3
    assert result.stdout.splitlines()[-1] == "2 guarantees: 1 refuted, 1 idle"
    (ruleset,) = json.loads(dunning("check", tmp_path, "--format", "json").stdout)["rulesets"]
    told = [(each["id"], each["says"], each["verdict"], each["actions"]) for each in ruleset["guarantees"]]
    assert told == [("no-agency", None, "idle", 0), ("no-calls", "Nobody is called.", "refuted", 1)]
    (run,) = json.loads(dunning("check", tmp_path, "--format", "sarif").stdout)["runs"]
    assert run["properties"] == {"guarantees": {"calling": ruleset["guarantees"]}}
    notices = dunning("check", tmp_path, "--format", "github").stdout.splitlines()
    assert notices[-1] == "::notice title=guarantees::2 guarantees: 1 refuted, 1 idle"


def test_a_proved_guarantee_is_counted(tmp_path: Path) -> None:
    """Where every guarantee holds, that is said with their number, and the end is 0."""
    kept = GUARANTEES.replace("hand_over", "place_call, when: {vip: true}")
    blocked = f"{CALLING}blocks: [{{id: valued, when: {{vip: true}}}}]\n{kept}"
    (tmp_path / "calling.yaml").write_text(blocked, encoding="utf-8")
    result = dunning("check", tmp_path)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "2 guarantees: 2 proved")
