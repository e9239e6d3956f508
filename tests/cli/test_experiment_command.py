"""`dunning experiment` says how large and how long an experiment must be, and by that what it showed."""

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.command import dunning, read_error

TONE = """
ruleset: tone
title: Which tone works better
currency: EUR
timezone: Europe/Amsterdam
experiments:
  tone-test: {variants: {control: 50, friendly: 50}, until: 2026-12-31}
rules:
  - {id: friendly, when: {experiment: {tone-test: friendly}}, then: {action: raise_event, name: late}}
  - {id: neutral, then: {action: raise_event, name: late}}
"""


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A ruleset with an experiment of two halves."""
    path = tmp_path / "tone.yaml"
    path.write_text(TONE, encoding="utf-8")
    return path


def test_a_plan_is_a_table_and_a_sentence(tone: Path) -> None:
    """Who reads it learns each group's size and the day before which nothing is said."""
    result = dunning("experiment", "plan", tone, "tone-test", "--base", "65", "--effect", "20", "--per-day", "7")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        "To tell 85 % from 65 % who pay within 14 days:",
        "",
        "group     of all  accounts",
        "control     50 %        70",
        "friendly    50 %        70",
        "together               140",
        "",
        "At 7 accounts a day that takes 20 days.",
        "With 14 days more, until the last had time to pay, it is 34 days:",
        "say nothing of it before.",
    ]


def test_programs_read_json(tone: Path) -> None:
    """The same as a document."""
    words = ("--base", "65%", "--effect", "20", "--per-day", "7", "--within", "7", "--format", "json")
    document = json.loads(dunning("experiment", "plan", tone, "tone-test", *words).stdout)
    assert document == {
        "experiment": "tone-test",
        "base": 65.0,
        "effect": 20.0,
        "within_days": 7,
        "groups": [
            {"name": "control", "percent": 50.0, "accounts": 70},
            {"name": "friendly", "percent": 50.0, "accounts": 70},
        ],
        "accounts": 140,
        "days": 27,
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("other", "--base", "40", "--effect", "3"), "There is no experiment other"),
        (("tone-test", "--base", "98", "--effect", "3"), "between 0 and 100 %"),
        (("tone-test", "--base", "40", "--effect", "0"), "difference of 0"),
        (("tone-test", "--base", "a lot", "--effect", "3"), "“a lot” is not a number of percent"),
    ],
)
def test_what_cannot_be_planned_is_said(tone: Path, words: tuple[str, ...], said: str) -> None:
    """A question without an answer ends with the status of a mistake in the command."""
    result = dunning("experiment", "plan", tone, *words, "--per-day", "7")
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


@pytest.fixture
def plan(tone: Path) -> Path:
    """A plan of 70 accounts in each of two groups, and 34 days."""
    words = ("--base", "65", "--effect", "20", "--per-day", "7", "--format", "json")
    path = tone.with_name("plan.json")
    path.write_text(dunning("experiment", "plan", tone, "tone-test", *words).stdout, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("day", "control", "friendly", "said"),
    [
        (
            34,
            "30/70",
            "60/71",
            "friendly against control: 41.6 points more pay (between +26.2 and +54.4 points with 95 %",
        ),
        (
            34,
            "60/71",
            "30/70",
            "friendly against control: 41.6 points fewer pay (between -54.4 and -26.2 points with 95 %",
        ),
        (
            34,
            "40/70",
            "42/70",
            "friendly against control: no difference is shown; it lies between -13.2 and +18.7 p",
        ),
        (
            33,
            "30/70",
            "60/71",
            "Too early: day 33 of 34, and each group needs its accounts. No difference is told befo",
        ),
        (
            99,
            "30/69",
            "60/71",
            "Too early: day 99 of 34, and each group needs its accounts. No difference is told befo",
        ),
        (1, "0/400", "0/500", "The groups are not as large as they were drawn: by chance that happens once in 1,165 t"),
    ],
)
def test_an_experiment_is_judged_by_its_plan(plan: Path, day: int, control: str, friendly: str, said: str) -> None:
    """Sizes first, then whether it is too early, then the difference with its interval."""
    counted = ("--counted", f"friendly={friendly}", "--counted", f"control={control}")
    result = dunning("experiment", "judge", plan, "--day", str(day), *counted)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    paid, accounts = control.split("/")
    assert lines[1].split() == ["control", accounts, "70", paid]
    assert lines[4].startswith(said)


def test_programs_read_what_it_showed(plan: Path) -> None:
    """A verdict for each group but the first, and no number beside one that withholds the difference."""
    words = ("--counted", "control=30/70", "--counted", "friendly=60/71", "--format", "json")
    early, ripe = (
        json.loads(dunning("experiment", "judge", plan, "--day", day, *words).stdout) for day in ("33", "34")
    )
    control = {"name": "control", "accounts": 70, "paid": 30}
    friendly = {"name": "friendly", "accounts": 71, "paid": 60}
    assert early == {"groups": [control, friendly | {"verdict": "too-early"}]}
    found = {"verdict": "more", "points": 41.65, "interval": [26.18, 54.42]}
    assert ripe == {"groups": [control, friendly | found]}


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        (("control=30/70",), "The groups of tone-test are control, friendly; count each once."),
        (("control=30/70", "friendly=1/70", "friendly=1/70"), "count each once"),
        (("control=30/70", "other=1/70"), "count each once"),
        (("control=30/70", "friendly=71/70"), "“friendly=71/70” is not GROUP=PAID/ACCOUNTS"),
        (("control=30/70", "friendly=x/70"), "“friendly=x/70” is not GROUP=PAID/ACCOUNTS"),
    ],
)
def test_what_was_counted_fits_the_plan(plan: Path, counted: tuple[str, ...], said: str) -> None:
    """Groups that are missing, twice or unknown, and more paid than there are, are mistakes in the command."""
    words = [word for each in counted for word in ("--counted", each)]
    result = dunning("experiment", "judge", plan, "--day", "34", *words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_another_file_is_no_plan(tone: Path) -> None:
    """Who names the ruleset instead is told what writes a plan."""
    result = dunning("experiment", "judge", tone, "--day", "34", "--counted", "control=30/70")
    assert result.exit_code == 2
    assert "is no plan of an experiment" in " ".join(result.stderr.replace("│", " ").split())


DAILY = "day,group,accounts,paid,complained,contacts\n"


def judge_daily(plan: Path, day: int, lines: str, *words: str, head: str = DAILY) -> Result:
    """Judge by a file of days."""
    counts = plan.with_name("counts.csv")
    counts.write_text(head + lines, encoding="utf-8")
    return dunning("experiment", "judge", plan, "--day", str(day), "--daily", counts, *words)


def test_later_accounts_change_nothing(plan: Path) -> None:
    """From the day on which the plan is met the same is said, whatever comes; those without their time are left out."""
    lines = "0,control,40,16,1,80\n0,friendly,40,30,4,80\n19,control,30,14,0,60\n19,friendly,31,30,5,62\n"
    whole = judge_daily(plan, 34, lines)
    assert whole.stdout.splitlines() == [
        "group     accounts  needed  paid  complained  contacts each",
        "control         70      70    30           1           2.00",
        "friendly        71      70    60           9           2.00",
        "",
        "friendly against control: 41.6 points more pay (between +26.2 and +54.4 points with 95 % confidence).",
        "Complaints of friendly: 11.2 points more complain (between +2.7 and +21.0 points with 95 % confidence).",
    ]
    assert "Too early" in judge_daily(plan, 33, lines).stdout
    later = lines + "20,control,500,500,0,0\n20,friendly,500,0,0,0\n"
    assert judge_daily(plan, 99, later).stdout == whole.stdout
    slow = later.replace("19,", "25,").replace("20,", "26,")
    assert "Too early" in judge_daily(plan, 39, slow).stdout
    assert judge_daily(plan, 40, slow).stdout == judge_daily(plan, 99, slow).stdout == whole.stdout
    document = json.loads(judge_daily(plan, 34, lines, "--format", "json").stdout)
    assert document["groups"][0] == {"name": "control", "accounts": 70, "paid": 30, "complained": 1, "contacts": 140}
    assert document["groups"][1]["complaints"]["verdict"] == "more"


def test_guardrails_may_be_left_out(plan: Path) -> None:
    """What nobody counted is not shown."""
    said = judge_daily(plan, 34, "0,control,9,3\n0,friendly,9,3\n", head="day,group,accounts,paid\n").stdout
    assert said.splitlines()[0] == "group     accounts  needed  paid"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("0,control,9,10,,\n", "line 2: more paid than there are accounts."),
        ("0,control,9,3,10,\n", "line 2: more complained than there are accounts."),
        ("0,control,9,3,,\n0,other,9,3,,\n", "line 3: the groups of tone-test are control, friendly, not “other”."),
        ("0,control,9,3,,\n0,control,9,3,,\n", "line 3: day 0 of control is there twice."),
        ("0,control,9,-3,,\n", "line 2: paid is a whole number from 0 on, not “-3”."),
        ("0,control,9\n", "line 2: paid is a whole number from 0 on, not “”."),
    ],
)
def test_a_wrong_line_is_named(plan: Path, lines: str, said: str) -> None:
    """What cannot be counted is refused at its line."""
    result = judge_daily(plan, 34, lines)
    assert result.exit_code == 2
    assert said in read_error(result)


def test_a_file_without_its_columns_is_refused(plan: Path) -> None:
    """And so is a question with both kinds of counts, or none."""
    assert "has no column paid" in read_error(judge_daily(plan, 34, "", head="day,group,accounts\n"))
    assert "Give what was counted, once" in read_error(dunning("experiment", "judge", plan, "--day", "34"))
