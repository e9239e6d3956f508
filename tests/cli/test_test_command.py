"""`dunning test` asks suites and checks, and says what failed and why."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.command import ANNA, BROKEN, EXAMPLE, dunning, make_folder, suite

PASSING = "as_of: 2026-03-06, expect: {rule: friendly-reminder}"
FAILING = "as_of: 2026-03-02, expect: {rule: friendly-reminder}"


def test_passing_suites_end_well(tmp_path: Path) -> None:
    """A folder whose cases all pass ends with 0 and shows the counts and the coverage."""
    result = dunning("test", make_folder(tmp_path, example_test__yaml=suite(PASSING)))
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert first == f"{tmp_path}/example_test.yaml: 1 case, 1 passed"
    assert second.startswith("example: rules 1/5 (20 %), conditions ")


def test_a_failure_says_expected_came_and_why(tmp_path: Path) -> None:
    """A case that fails shows what was expected, what came, and what the rule hoped for lacked; the end is 4."""
    result = dunning("test", make_folder(tmp_path, example_test__yaml=suite(PASSING, FAILING)))
    assert result.exit_code == 4
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert f"{tmp_path}/example_test.yaml: 2 cases, 1 passed, 1 failed" in lines
    assert f"FAILED {tmp_path}/example_test.yaml:5 t2" in lines
    assert "rule  expected  friendly-reminder   (line 5)" in lines
    assert "came      nothing" in lines
    assert "why, as of 2026-03-02T00:00:00+01:00: wait; friendly-reminder on 2026-03-04" in lines
    assert "friendly-reminder does not win: days_overdue is 1, required: at least 3" in lines


def test_a_rule_that_gave_way_is_explained(tmp_path: Path) -> None:
    """Where the hoped for rule holds too, the one that goes before it is named."""
    case = "as_of: 2026-03-20, with: {channels: [letter, email]}, expect: {rule: letter}"
    result = dunning("test", make_folder(tmp_path, example_test__yaml=suite(case)))
    assert "letter gives way: friendly-reminder goes before it" in result.stdout


def test_closed_channels_are_explained(tmp_path: Path) -> None:
    """Why nobody could be reached is said."""
    case = "as_of: 2026-03-06, with: {do_not_contact: true}, expect: {rule: friendly-reminder}"
    result = dunning("test", make_folder(tmp_path, example_test__yaml=suite(case)))
    assert "email is closed: " in result.stdout


def test_skipped_cases_say_why(tmp_path: Path) -> None:
    """A skipped case is counted and its reason shown."""
    result = dunning("test", make_folder(tmp_path, example_test__yaml=suite(f"{FAILING}, skip: later")))
    assert result.exit_code == 0
    assert "1 case, 0 passed, 1 skipped" in result.stdout
    assert "t1: later" in result.stdout


def test_cases_are_chosen_by_name(tmp_path: Path) -> None:
    """-k asks only cases whose name contains the text, and leaves the coverage out."""
    result = dunning("test", make_folder(tmp_path, example_test__yaml=suite(PASSING, FAILING)), "-k", "T1")
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}/example_test.yaml: 1 case, 1 passed\n")


def test_coverage_of_some_cases_is_refused(tmp_path: Path) -> None:
    """-k with --min-coverage is wrong usage."""
    folder = make_folder(tmp_path, example_test__yaml=suite(PASSING))
    assert dunning("test", folder, "-k", "t1", "--min-coverage", "10").exit_code == 2


def test_a_suite_with_an_error_fails(tmp_path: Path) -> None:
    """A suite that cannot be read is shown like a ruleset that cannot, and the end is 4."""
    result = dunning(
        "test", make_folder(tmp_path, example_test__yaml=suite("as_of: 2026-03-06, expect: {rule: leter}"))
    )
    assert result.exit_code == 4
    assert f"{tmp_path}/example_test.yaml:4:65: error: “leter” is no rule of example. [unknown-rule]" in result.stdout
    assert "Did you mean “letter”?" in result.stdout


def test_a_suite_about_no_ruleset_fails(tmp_path: Path) -> None:
    """A suite that names a ruleset that is not there is an error at that name."""
    result = dunning("test", make_folder(tmp_path, example_test__yaml=suite(PASSING, ruleset="exampel")))
    assert result.exit_code == 4
    assert ":1:10: error: There is no ruleset “exampel” beside this suite. [unknown-ruleset]" in result.stdout
    assert "Did you mean “example”?" in result.stdout


def test_a_suite_names_its_ruleset_by_file(tmp_path: Path) -> None:
    """The ruleset of a suite can be a file, also of another folder."""
    (tmp_path / "suites").mkdir()
    make_folder(tmp_path)
    (tmp_path / "suites" / "a_test.yaml").write_text(suite(PASSING, ruleset="../example.yaml"), encoding="utf-8")
    assert dunning("test", tmp_path / "suites" / "a_test.yaml").exit_code == 0
    assert dunning("test", tmp_path / "suites").exit_code == 0
    (tmp_path / "b_test.yaml").write_text(suite(PASSING, ruleset="example.yaml"), encoding="utf-8")
    assert dunning("test", tmp_path / "b_test.yaml").exit_code == 0


def test_a_ruleset_stands_for_its_suites(tmp_path: Path) -> None:
    """Naming a ruleset asks the suite beside it, and no other."""
    folder = make_folder(tmp_path, example_test__yaml=suite(PASSING), other_test__yaml=suite(FAILING))
    result = dunning("test", folder / "example.yaml")
    assert result.exit_code == 0
    assert "example_test.yaml: 1 case, 1 passed" in result.stdout
    assert "other_test.yaml" not in result.stdout


def test_a_broken_ruleset_ends_with_3(tmp_path: Path) -> None:
    """A ruleset that is invalid is said on standard error; its suite cannot be asked."""
    folder = make_folder(tmp_path, broken__yaml=BROKEN, broken_test__yaml=suite(PASSING, ruleset="broken"))
    result = dunning("test", folder)
    assert result.exit_code == 3
    assert "[unknown-fact]" in result.stderr
    assert f"{tmp_path}/broken.yaml has errors, so it cannot be tested. [ruleset-broken]" in result.stdout


@pytest.mark.parametrize(("line", "code"), [(7, 0), (8, 4)])
def test_checks_say_what_must_be_found(tmp_path: Path, line: int, code: int) -> None:
    """A check passes where `dunning check` says exactly what it lists; the broken file is then as it should be."""
    check = f"ruleset: broken.yaml\ndiagnostics: [{{code: unknown-fact, line: {line}}}]\n"
    result = dunning("test", make_folder(tmp_path, broken__yaml=BROKEN, broken_check__yaml=check))
    assert result.exit_code == code
    assert ("FAILED" in result.stdout) == bool(code)


def test_a_check_of_no_file_fails(tmp_path: Path) -> None:
    """A check whose file is not there could never fail, so it is an error, with the file that is likely meant."""
    check = "ruleset: brokn.yaml\ndiagnostics: []\n"
    result = dunning("test", make_folder(tmp_path, broken__yaml=BROKEN, broken_check__yaml=check))
    assert "There is no file “brokn.yaml” beside this check. [unknown-ruleset]" in result.stdout
    assert "Did you mean “broken.yaml”?" in result.stdout
    assert result.exit_code != 0


def test_broken_shared_facts_are_said_once(tmp_path: Path) -> None:
    """The rulesets that wait for facts.yaml do not complain as well."""
    folder = make_folder(tmp_path, one__yaml=BROKEN, two__yaml=BROKEN, facts__yaml="facts: {seats: {type: int}}\n")
    result = dunning("check", folder)
    assert [line for line in result.stdout.splitlines() if "error:" in line] == [
        f"{tmp_path}/facts.yaml:1:23: error: “type” cannot be the word “int”. [unknown-word]"
    ]


def test_a_folder_without_suites_says_so(tmp_path: Path) -> None:
    """Nothing to ask is no failure, but is said."""
    result = dunning("test", make_folder(tmp_path))
    assert result.exit_code == 0
    assert "There is no suite here" in result.stderr


@pytest.mark.parametrize(
    ("least", "code"), [("1", 0), ("99", 4), ("rules=20", 0), ("rules=21", 4), ("many", 2), ("rule=20", 2)]
)
def test_least_coverage(tmp_path: Path, least: str, code: int) -> None:
    """Less coverage than asked for ends with 4, a percentage that is none with 2."""
    result = dunning("test", make_folder(tmp_path, example_test__yaml=suite(PASSING)), "--min-coverage", least)
    assert result.exit_code == code
    assert ("is asked for" in result.stderr) == (code == 4)


def test_untested_parts_come_with_a_ready_case(tmp_path: Path) -> None:
    """--untested shows cases that, added to the suite, bring the coverage to 100 %."""
    folder = make_folder(tmp_path, example_test__yaml=suite(PASSING))
    shown = dunning("test", folder, "--untested").stdout
    added = [line for line in shown.splitlines() if line.startswith(("  - ", "    ", "      - "))]
    (folder / "example_test.yaml").write_text(suite(PASSING) + "\n".join(added) + "\n", encoding="utf-8")
    result = dunning("test", folder, "--min-coverage", "100")
    assert result.exit_code == 0, result.stdout + result.stderr


def test_json_holds_cases_and_coverage(tmp_path: Path) -> None:
    """Programs get every case, every mismatch and what is untested."""
    document = json.loads(
        dunning("test", make_folder(tmp_path, example_test__yaml=suite(PASSING, FAILING)), "--format", "json").stdout
    )
    (report,) = document["suites"]
    assert [(case["name"], case["status"]) for case in report["cases"]] == [("t1", "passed"), ("t2", "failed")]
    assert report["cases"][1]["mismatches"] == [
        {"what": "rule", "expected": "friendly-reminder", "came": "nothing", "line": 5}
    ]
    assert report["cases"][1]["decisions"][0]["outcome"] == "wait"
    (coverage,) = document["coverage"]
    assert coverage["counts"]["rule"] == {"met": 1, "of": 5}
    assert {"kind", "what", "line", "case"} == set(coverage["untested"][0])


def test_junit_is_what_build_servers_read(tmp_path: Path) -> None:
    """JUnit has a suite a file and a case a case; failures carry expected, came and why."""
    files = {
        "example_test__yaml": suite(PASSING, FAILING, f"{FAILING}, skip: later"),
        "wrong_test__yaml": suite("as_of: 2026-03-06, expect: {rule: leter}"),
    }
    result = dunning("test", make_folder(tmp_path, **files), "--format", "junit")
    root = ET.fromstring(result.stdout)  # noqa: S314  # written a line above
    good, wrong = root
    assert {key: good.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }
    assert [case.get("name") for case in good] == ["t1", "t2", "t3"]
    failure = good[1][0]
    assert failure.get("message") == "rule: expected friendly-reminder, came nothing"
    assert "friendly-reminder does not win" in (failure.text or "")
    assert wrong.get("errors") == "1"


def test_accounts_written_out_are_asked(tmp_path: Path) -> None:
    """An account can stand in the test itself."""
    text = f"ruleset: example\ntests:\n  - {{name: a, account: {ANNA}, {PASSING}}}\n"
    assert dunning("test", make_folder(tmp_path, example_test__yaml=text)).exit_code == 0


@pytest.mark.parametrize(
    ("account", "as_of", "said"),
    [
        ("{country: NL, currency: USD}", "2026-03-06", "the account is in USD, and the ruleset in EUR"),
        ("{country: DE, currency: EUR}", "2026-03-06", "of “applies_to”, “country: NL” does not hold"),
        ("{country: NL, currency: EUR}", "2025-03-06", "is effective from 2026-01-01, and 2025-03-06 is asked about"),
    ],
)
def test_says_why_an_account_is_not_covered(tmp_path: Path, account: str, as_of: str, said: str) -> None:
    """Of the reasons why there is no decision, the one that holds is told."""
    text = EXAMPLE.read_text(encoding="utf-8").replace("applies_to:", "effective: {from: 2026-01-01}\napplies_to:", 1)
    test = f"- {{name: a, account: {account}, as_of: {as_of}, expect: {{rule: friendly-reminder}}}}"
    (tmp_path / "example.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "example_test.yaml").write_text(f"ruleset: example\ntests:\n  {test}\n", encoding="utf-8")
    result = dunning("test", tmp_path)
    assert result.exit_code == 4
    assert f"Not covered: {said}" in result.output.replace(" the ruleset is effective", " is effective")


def test_a_failed_timeline_is_written_to_be_pasted(tmp_path: Path) -> None:
    """What came out stands in the form of a suite, and pasted it passes."""
    timeline = "timeline: {2026-03-05: friendly-reminder}, until: 2026-03-20"
    folder = make_folder(tmp_path, example_test__yaml=suite(timeline))
    said = dunning("test", folder).output
    pasted = said.partition("to paste if it is right:  ")[2].partition("\n")[0]
    assert pasted.startswith("timeline: {2026-03-")
    assert pasted not in timeline
    (folder / "example_test.yaml").write_text(
        suite(f"{pasted}, as_of: 2026-03-05, until: 2026-03-20"), encoding="utf-8"
    )
    assert dunning("test", folder).exit_code == 0
