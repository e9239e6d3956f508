"""`dunning decide` answers for one account, without server and database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import ANNA, BROKEN, EXAMPLE, dunning, make_folder

JSON_ANNA = {
    "id": "anna",
    "country": "NL",
    "currency": "EUR",
    "channels": ["email"],
    "invoices": [{"id": "I1", "due_on": "2026-03-01", "open": 49.95}],
}

ROOT = Path(__file__).parents[2]
SMALL = """
ruleset: small
title: Small rests
currency: EUR
timezone: Europe/Amsterdam
ignore_below: 1
rules:
  - {id: remind, when: {days_overdue: 3..}, then: {action: raise_event, name: late}}
"""


def write(folder: Path, name: str, content: object) -> Path:
    """A file with text, or with a document as JSON."""
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def decide(account: Path, *more: str | Path) -> dict[str, object]:
    """The decision about an account by the example ruleset."""
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", account, *more)
    assert result.exit_code == 0, result.stderr
    document: dict[str, object] = json.loads(result.stdout)
    return document


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", JSON_ANNA),
        ("a.json", {"account": JSON_ANNA}),
        ("a.yaml", ANNA),
        ("a.yaml", f"account: {ANNA}\nhistory: []\n"),
    ],
)
def test_an_account_is_yaml_or_json(tmp_path: Path, name: str, content: object) -> None:
    """The account stands alone or beside its history, in YAML or JSON; amounts are exact in both."""
    decision = decide(write(tmp_path, name, content), "--as-of", "2026-03-06")
    assert decision["rule"] == {"id": "friendly-reminder", "title": "Friendly reminder", "level": 1, "basis": []}
    assert decision["claim"] == {
        "invoices": ["I1"],
        "amount": {"amount": "49.95", "currency": "EUR"},
        "total": {"amount": "49.95", "currency": "EUR"},
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("h.json", [{"rule": "friendly-reminder", "at": "2026-03-04"}]),
        ("h.ndjson", '{"rule": "friendly-reminder", "at": "2026-03-04"}\n\n'),
        ("h.yaml", "- {rule: friendly-reminder, at: 2026-03-04}\n"),
        ("h.yaml", "history:\n  - {rule: friendly-reminder, at: 2026-03-04}\n"),
    ],
)
def test_history_counts(tmp_path: Path, name: str, content: object) -> None:
    """What was executed is read from a list in YAML or JSON, or from NDJSON."""
    account = write(tmp_path, "a.json", JSON_ANNA)
    decision = decide(account, "--as-of", "2026-03-15", "--history", write(tmp_path, name, content))
    assert decision["rule"] == {"id": "letter", "title": "Fourteen-day letter", "level": 2, "basis": []}


def test_an_instant_keeps_its_moment(tmp_path: Path) -> None:
    """as-of may be an instant with its offset; it is answered in the account's zone."""
    decision = decide(write(tmp_path, "a.json", JSON_ANNA), "--as-of", "2026-03-06T08:00:00Z")
    assert decision["as_of"] == "2026-03-06T09:00:00+01:00"


def test_left_out_as_of_is_now(tmp_path: Path) -> None:
    """Without as-of the clock is read, so the answer is an instant with its offset."""
    assert str(decide(write(tmp_path, "a.json", JSON_ANNA))["as_of"]) > "2026-03-06T00:00:00"


def test_explanations_are_asked_for(tmp_path: Path) -> None:
    """--explain full says of each earlier rule what it lacked."""
    account = write(tmp_path, "a.json", JSON_ANNA)
    assert "explanation" not in decide(account, "--as-of", "2026-03-02")
    explanation = decide(account, "--as-of", "2026-03-02", "--explain", "full")["explanation"]
    assert isinstance(explanation, dict)
    assert {"rules", "facts", "closed_channels", "nearest_miss"} == set(explanation)


def test_text_is_for_people(tmp_path: Path) -> None:
    """As text the decision says what, why, when and for how much."""
    account = write(tmp_path, "a.json", JSON_ANNA | {"channels": ["letter"]})
    history = write(tmp_path, "h.json", [{"rule": "friendly-reminder", "at": "2026-03-04"}])
    arguments = ("--account", account, "--history", history, "--as-of", "2026-03-15", "--format", "text")
    text = dunning("decide", "--ruleset", EXAMPLE, *arguments, "--explain", "full").stdout
    for line in (
        "anna, 2026-03-15T00:00:00+01:00: letter: send_dunning_notice by letter",
        "  rule       Fourteen-day letter, level 2",
        "  pay by     2026-03-30",
        "  announced  40.00 EUR: ",
        "  with       notify_team",
        "  claim      49.95 EUR",
        "  - friendly-reminder does not win: ",
    ):
        assert line in text


def test_credits_holds_and_small_rests_are_explained(tmp_path: Path) -> None:
    """Of each invoice that does not count with all that is open of it, and each credit that is left, it is said why."""
    ruleset = write(tmp_path, "small.yaml", SMALL)
    invoices = [
        {"id": "A", "due_on": "2026-03-01", "open": 30},
        {"id": "B", "due_on": "2026-03-02", "open": 50},
        {"id": "C", "due_on": "2026-03-03", "open": "0.40"},
        {"id": "D", "due_on": "2026-02-01", "open": 10, "held_until": "2026-04-01"},
        {"id": "E", "due_on": "2026-02-01", "open": 10, "disputed": True},
        {"id": "F", "due_on": "2026-02-01", "open": 0},
        {"id": "K", "due_on": "2026-03-01", "open": -20},
        {"id": "L", "due_on": "2026-03-02", "open": -20},
        {"id": "M", "due_on": "2026-03-03", "open": -5, "issued_on": "2026-03-21"},
    ]

    def ask(day: str) -> str:
        arguments = ("--account", account, "--as-of", day, "--explain", "full", "--format", "text")
        return dunning("decide", "--ruleset", ruleset, *arguments).stdout

    account = write(tmp_path, "a.json", {"id": "a", "currency": "EUR", "invoices": invoices})
    text = ask("2026-03-20")
    assert [line for line in text.splitlines() if line.startswith(("  claim", "  uncounted"))] == [
        "  claim      40.00 EUR after credits (K, L)",
        "  uncounted  D: held until 2026-04-01",
        "  uncounted  A: of 30.00, K covers 20.00 and L covers 10.00",
        "  uncounted  B: of 50.00, L covers 10.00",
        "  uncounted  C: 0.40 is left, and less than 1.00 is ignored",
        "  uncounted  M: a credit that counts from 2026-03-21",
    ]
    account = write(tmp_path, "b.json", {"id": "b", "currency": "EUR", "invoices": [invoices[2], invoices[6]]})
    text = ask("2026-03-20")
    assert "  uncounted  C: of 0.40, K covers 0.40\n" in text
    assert "  uncounted  K: 19.60 of the credit of 20.00 is left and not needed\n" in text
    account = write(tmp_path, "c.json", {"id": "c", "currency": "EUR", "invoices": invoices[:2]})
    assert "uncounted" not in ask("2026-03-20")


def test_a_folder_of_rulesets_is_routed(tmp_path: Path) -> None:
    """Of a folder, the ruleset that covers the account decides."""
    other = (
        EXAMPLE.read_text(encoding="utf-8")
        .replace("ruleset: example", "ruleset: belgian")
        .replace("{country: NL}", "{country: BE}")
    )
    folder = make_folder(tmp_path, belgian__yaml=other)
    account = write(tmp_path, "a.json", JSON_ANNA | {"country": "BE"})
    result = dunning("decide", "--ruleset", folder, "--account", account, "--as-of", "2026-03-06")
    assert json.loads(result.stdout)["ruleset"]["id"] == "belgian"


def test_overlapping_rulesets_are_named(tmp_path: Path) -> None:
    """Two rulesets that cover one account are an error that names them."""
    other = EXAMPLE.read_text(encoding="utf-8").replace("ruleset: example", "ruleset: second")
    folder = make_folder(tmp_path, second__yaml=other)
    account = write(tmp_path, "a.json", JSON_ANNA)
    result = dunning("decide", "--ruleset", folder, "--account", account, "--as-of", "2026-03-06")
    assert result.exit_code == 1
    assert "example, second" in result.stderr


def test_what_an_account_lacks_is_named(tmp_path: Path) -> None:
    """An account that cannot be decided on ends with 1; each problem is said with its place."""
    account = write(tmp_path, "a.yaml", "{country: NL, currency: EUR, colour: red}")
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", account, "--as-of", "2026-03-06")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "/account/channels: channels is needed" in result.stderr
    assert "/account/colour: colour is no fact" in result.stderr


def test_a_broken_ruleset_ends_with_3(tmp_path: Path) -> None:
    """A ruleset that is invalid is said on standard error."""
    ruleset = write(tmp_path, "broken.yaml", BROKEN)
    result = dunning("decide", "--ruleset", ruleset, "--account", write(tmp_path, "a.json", JSON_ANNA))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "[unknown-fact]" in result.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", "[1]", "holds no account"),
        ("a.json", "{", "is not JSON"),
        ("a.yaml", "- 1", "holds no account"),
    ],
)
def test_a_file_that_is_no_account_is_wrong_usage(tmp_path: Path, name: str, content: str, said: str) -> None:
    """A file that is something else ends with 2."""
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", write(tmp_path, name, content))
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_a_yaml_account_with_a_syntax_error_shows_the_line(tmp_path: Path) -> None:
    """YAML that cannot be read is shown like a ruleset that cannot."""
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", write(tmp_path, "a.yaml", "{country: NL"))
    assert result.exit_code == 1
    assert "[yaml-syntax]" in result.stderr


def test_a_malformed_day_is_wrong_usage(tmp_path: Path) -> None:
    """as-of must be a date or an instant with its offset."""
    account = write(tmp_path, "a.json", JSON_ANNA)
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", account, "--as-of", "2026-03-06T09:00")
    assert result.exit_code == 2
    assert "offset" in result.stderr


def test_a_terminal_is_shown_text(tmp_path: Path) -> None:
    """Who asks at a terminal reads sentences; a pipe gets JSON."""
    account = tmp_path / "anna.yaml"
    account.write_text(ANNA, encoding="utf-8")
    command = [sys.executable, "-c", "from cli.main import main; main()", "decide", "--as-of", "2026-03-06"]
    command += ["--ruleset", str(EXAMPLE), "--account", str(account)]
    piped = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert json.loads(piped.stdout)["rule"]["id"] == "friendly-reminder"
    ours, theirs = os.openpty()
    subprocess.run(command, stdout=theirs, check=True, cwd=ROOT)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "friendly-reminder: send_reminder by email" in shown


def test_a_rule_that_another_levels_turn_holds_back_says_so(tmp_path: Path) -> None:
    """The suspension that waits for the call that warns of it is not left out of the explanation."""
    asked = (
        "as_of: 2026-03-25\n"
        "account: {id: c, currency: EUR, segment: smb, channels: [phone],"
        " invoices: [{id: I, due_on: 2026-03-01, open: 100}]}\n"
        "history: [{rule: remind, at: 2026-03-04}, {rule: x, ruleset: elsewhere, at: 2026-03-20, channel: phone}]\n"
    )
    (tmp_path / "account.yaml").write_text(asked, encoding="utf-8")
    ruleset = ROOT / "tests" / "language" / "turn.yaml"
    said = dunning("decide", "--ruleset", ruleset, "--account", tmp_path / "account.yaml", "--explain", "rules")
    unmet = {each["rule"]: each for each in json.loads(said.stdout)["explanation"]["rules"]}
    assert unmet["suspend"]["fact"] == "level that waits for its channel"
    assert (unmet["suspend"]["value"], unmet["suspend"]["required"]) == ("2", "at least 3")


def test_an_explanation_names_a_row_by_its_id_and_line(tmp_path: Path) -> None:
    """A table has many rows that are nearly alike; the line leads to the one."""
    table = (
        "ruleset: t\ntitle: T\ncurrency: EUR\ntimezone: Europe/Amsterdam\nrules:\n"
        "  - table: t\n    then: {action: assign_task}\n    columns: [id, days_overdue]\n    rows:\n"
        "      - [early, 3..]\n      - [late, 9..]\n"
        "  - {id: other, when: {days_overdue: 5..}, then: {action: notify_team}}\n"
    )
    (tmp_path / "t.yaml").write_text(table, encoding="utf-8")
    (tmp_path / "a.yaml").write_text("{id: a, currency: EUR, days_overdue: 1}", encoding="utf-8")
    asked = ("decide", "--ruleset", tmp_path / "t.yaml", "--account", tmp_path / "a.yaml", "--explain", "rules")
    said = dunning(*asked, "--format", "text").stdout
    assert "  - t-late (line 11) does not win: days_overdue is 1, required: at least 9\n" in said
    assert "  - other does not win: days_overdue is 1, required: at least 5\n" in said


def write_rulesets(folder: Path, heads: dict[str, str]) -> Path:
    """Rulesets without rules, by file."""
    folder.mkdir()
    for name, head in heads.items():
        text = f"title: {name}\ntimezone: Europe/Amsterdam\nrules: []\n{head}\n"
        (folder / f"{name}.yaml").write_text(f"ruleset: {name}\n{text}", encoding="utf-8")
    return folder


def test_why_no_ruleset_covers_the_account_is_said(tmp_path: Path) -> None:
    """Each ruleset of the track names the key that keeps the account out, for people and programs alike."""
    account = tmp_path / "account.yaml"
    account.write_text("{id: A, currency: EUR, country: DE, segment: consumer, channels: [email]}", encoding="utf-8")
    heads = {
        "nl": "currency: EUR\napplies_to: {country: NL, segment: [consumer, smb], channels: email, vip: true}",
        "old": "currency: EUR\neffective: {until: 2026-01-01}",
        "se": "currency: SEK",
        "teams": "currency: EUR\ntrack: teams",
    }
    folder = write_rulesets(tmp_path / "rulesets", heads)
    asked = ("decide", "--ruleset", folder, "--account", account, "--as-of", "2026-03-01", "--format")
    reason = (
        "No ruleset of this track covers this account on this day: "
        "nl: of “applies_to”, “country: NL” and “vip: true” do not hold; "
        "se: the account is in EUR, and the ruleset in SEK; "
        "old: the ruleset is effective until 2026-01-01, exclusive, and 2026-03-01 is asked about"
    )
    assert f"  because    {reason}\n" in dunning(*asked, "text").stdout
    assert json.loads(dunning(*asked, "json").stdout)["reason"] == reason
    other = json.loads(dunning(*asked, "json", "--track", "retention").stdout)
    assert other["reason"] == "No ruleset is of the track “retention”"


def test_of_many_rulesets_a_few_say_why(tmp_path: Path) -> None:
    """Of fifty rulesets that do not cover an account nobody reads the reasons; the rest is counted."""
    account = tmp_path / "account.yaml"
    account.write_text("{id: A, currency: EUR}", encoding="utf-8")
    heads = {f"r{number}": "currency: SEK" for number in range(8)}
    folder = write_rulesets(tmp_path / "rulesets", heads)
    reason = json.loads(dunning("decide", "--ruleset", folder, "--account", account).stdout)["reason"]
    assert reason.count("the ruleset in SEK") == 6
    assert reason.endswith("; 2 more")


PROMISED = """
ruleset: promised
title: Waits for what was promised
currency: EUR
timezone: Europe/Amsterdam
blocks:
  - {id: promised, when: {promise_to_pay_in_days: -2..}, reason: It was promised.}
rules:
  - {id: remind, when: {days_overdue: 3..}, then: {action: raise_event, name: late}}
"""
PROMISE = {"id": "P", "type": "promise", "at": "2026-03-10", "by": "2026-03-20"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("o.yaml", "outcomes:\n  - {id: P, type: promise, at: 2026-03-10, by: 2026-03-20}\n"),
        ("o.yaml", "- {id: P, type: promise, at: 2026-03-10, by: 2026-03-20, amount: 49.95}\n"),
        ("o.json", [PROMISE]),
        ("o.ndjson", json.dumps(PROMISE) + "\n"),
        ("inside.yaml", f"account: {json.dumps(JSON_ANNA)}\noutcomes: {json.dumps([PROMISE])}\n"),
        ("inside.json", {"account": JSON_ANNA, "outcomes": [PROMISE]}),
    ],
)
def test_outcomes_count(tmp_path: Path, name: str, content: object) -> None:
    """Of a file of their own, or beside the account: what was promised is waited for, to the end of its tolerance."""
    ruleset, file = write(tmp_path, "promised.yaml", PROMISED), write(tmp_path, name, content)
    account = write(tmp_path, "a.json", JSON_ANNA)
    asked = ("--account", file) if name.startswith("inside") else ("--account", account, "--outcomes", file)
    found = {}
    for day in ("2026-03-22", "2026-03-23"):
        result = dunning("decide", "--ruleset", ruleset, *asked, "--as-of", day)
        assert result.exit_code == 0, result.stderr
        found[day] = json.loads(result.stdout)
    assert (found["2026-03-22"]["outcome"], found["2026-03-22"]["review_on"]) == ("blocked", "2026-03-23")
    assert found["2026-03-23"]["outcome"] == "act"
    result = dunning("timeline", "--ruleset", ruleset, *asked, "--from", "2026-03-11", "--format", "json")
    assert [step["on"] for step in json.loads(result.stdout)] == ["2026-03-23"], result.stderr


def test_a_mistake_in_outcomes_is_told_with_its_line(tmp_path: Path) -> None:
    """The file, line and column, what is wrong and what was meant; a file of something else is no outcomes."""
    ruleset, account = write(tmp_path, "promised.yaml", PROMISED), write(tmp_path, "a.json", JSON_ANNA)
    text = "- {id: P, type: promise, at: 2026-03-10, by: 2026-03-20}\n- {id: Z, typ: payment}\n"
    wrong = write(tmp_path, "o.yaml", text)
    asked = ("decide", "--ruleset", ruleset, "--account", account, "--as-of", "2026-03-22", "--outcomes")
    result = dunning(*asked, wrong)
    assert result.exit_code == 1
    assert f"{wrong}:2:11 /outcomes/1/typ: typ is no part of an outcome; did you mean type?" in result.stderr
    other = dunning(*asked, write(tmp_path, "o.json", {"id": "P"}))
    assert other.exit_code == 2
    assert "holds no outcomes" in " ".join(other.stderr.replace("│", " ").split())


def test_an_explanation_of_a_repetition_says_what_the_repetition_lacks(tmp_path: Path) -> None:
    """A rule that may come again need not be “executed 0 times”; one that may not need be just that."""
    rules = (
        "ruleset: r\ntitle: R\ncurrency: EUR\ntimezone: Europe/Amsterdam\nrules:\n"
        "  - {id: again, repeat: {every_months: 1, at_most: 1, per_days: 20}, then: {action: assign_task}}\n"
        "  - {id: once, then: {action: notify_team}}\n"
    )
    asked = (
        "as_of: 2026-03-10\naccount: {id: a, currency: EUR}\nhistory:\n"
        "  - {rule: again, at: 2026-03-06, episode: none}\n  - {rule: once, at: 2026-03-06, episode: none}\n"
    )
    (tmp_path / "r.yaml").write_text(rules, encoding="utf-8")
    (tmp_path / "a.yaml").write_text(asked, encoding="utf-8")
    command = ("decide", "--ruleset", tmp_path / "r.yaml", "--account", tmp_path / "a.yaml", "--explain", "rules")
    said = dunning(*command, "--format", "text").stdout
    assert "  - again does not win: times executed in 20 days: again is 1, required: 0\n" in said
    assert "  - once does not win: times executed: once is 1, required: 0\n" in said
