"""`dunning timeline` shows the ladder of one account as a table, as a list and as a picture."""

import datetime as dt
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest

from pages import timelinepicture
from pages.ladder import Ladder, Rung
from tests.cli.command import ANNA, EXAMPLE, dunning

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """Anna, who can be written to on paper as well, and whose fees and names need escaping."""
    path = tmp_path / "anna.yaml"
    path.write_text(
        ANNA.replace("{country", "{id: A&B <1>, country").replace("[email]", "[email, letter]"), encoding="utf-8"
    )
    return path


def timeline(account: Path, *more: str) -> str:
    """What the command says of an account from 1 March on."""
    result = dunning("timeline", "--ruleset", EXAMPLE, "--account", account, "--from", "2026-03-01", *more)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_the_table_has_a_row_an_action(account: Path) -> None:
    """Each action has its day, what it is, how it goes out, the deadline and the money."""
    rows = [" ".join(line.split()) for line in timeline(account).splitlines()]
    assert rows == [
        "A&B <1>: Example, if nobody pays",
        "date day level what action channel pay by fee claim",
        "Wed 2026-03-04 3 1 Friendly reminder send reminder email 49.95 EUR",
        (
            "Mon 2026-03-16 15 2 Fourteen-day letter send dunning notice + notify team letter 2026-03-30 "
            "announces 40.00 49.95 EUR"
        ),
        "Tue 2026-03-31 30 3 charge charge fee fee 40.00 89.95 EUR",
    ]


def test_a_letter_decided_on_a_sunday_happens_on_monday(account: Path) -> None:
    """It is executed on the day it is scheduled for, or by choice when it is asked; shown is the day it happens."""
    entries = {
        how: json.loads(timeline(account, "--executed", how, "--format", "json"))[1] for how in ("scheduled", "asked")
    }
    assert {how: (step["on"], step["entry"]["at"][:10]) for how, step in entries.items()} == {
        "scheduled": ("2026-03-15", "2026-03-16"),
        "asked": ("2026-03-15", "2026-03-15"),
    }
    assert "Mon 2026-03-16" in timeline(account, "--executed", "asked")


def test_a_fee_stays_in_the_claim(account: Path, tmp_path: Path) -> None:
    """What a step charged is still claimed by those after it, which charge nothing."""
    ruleset = tmp_path / "fees.yaml"
    ruleset.write_text(
        "ruleset: fees\ntitle: Fees\ncurrency: EUR\ntimezone: Europe/Amsterdam\nfees: {late: {fixed: 7.50}}\nrules:\n"
        "  - {id: a, level: 1, when: {days_overdue: 3..}, then: {action: charge_fee, fee: late}}\n"
        "  - {id: b, level: 2, when: {days_overdue: 9..}, then: {action: assign_task}}\n",
        encoding="utf-8",
    )
    result = dunning("timeline", "--ruleset", ruleset, "--account", account, "--from", "2026-03-01")
    assert [line.split()[-2] for line in result.stdout.splitlines()[2:]] == ["57.45", "57.45"]


def test_why_an_account_is_not_covered_is_said(account: Path) -> None:
    """The key that keeps it out is named, and nothing happens."""
    account.write_text(account.read_text(encoding="utf-8").replace("country: NL", "country: DE"), encoding="utf-8")
    result = dunning("timeline", "--ruleset", EXAMPLE, "--account", account, "--from", "2026-03-01")
    assert "not covered: of “applies_to”, “country: NL” does not hold." in result.stderr


def test_no_channel_is_cut() -> None:
    """What does not fit on a line beneath a title goes on below it."""
    rung = Rung(
        on=dt.date(2026, 3, 4),
        asked_on=dt.date(2026, 3, 4),
        day=3,
        level=None,
        title="T",
        action="send_reminder",
        channel="email",
        pay_by=None,
        money="",
        claim="",
        with_others=(),
    )
    many = tuple(f"send reminder by channel-{number}" for number in range(6))
    crowded = msgspec.structs.replace(rung, with_others=many)
    svg = timelinepicture.write_svg(Ladder(account="A", title="T", rungs=(crowded,)))
    assert all(each in svg for each in many)


@pytest.mark.parametrize("as_of", ["2026-03-10", "2026-03-10T23:00:00+01:00"])
def test_it_begins_on_the_day_that_the_file_asks_about(tmp_path: Path, as_of: str) -> None:
    """A question is asked from its own day on, one pasted from a finding as well; `--from` goes before."""
    path = tmp_path / "question.yaml"
    path.write_text(f"as_of: {as_of}\naccount: {ANNA.strip()}\n", encoding="utf-8")
    result = dunning("timeline", "--ruleset", EXAMPLE, "--account", path)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[2].startswith("Tue 2026-03-10")
    assert timeline(path).splitlines()[2].startswith("Wed 2026-03-04")


def test_until_ends_it(account: Path) -> None:
    """Days after --until are not asked."""
    assert len(timeline(account, "--until", "2026-03-15").splitlines()) == 4


def test_json_holds_decisions_and_entries(account: Path) -> None:
    """Programs get each decision and the history entry that records it."""
    steps = json.loads(timeline(account, "--format", "json"))
    assert [step["on"] for step in steps] == ["2026-03-04", "2026-03-15", "2026-03-31"]
    assert steps[1]["entry"]["pay_by"] == "2026-03-30"
    assert steps[2]["decision"]["action"]["fee"]["amount"] == "40.00"


def test_the_picture_shows_every_action(account: Path) -> None:
    """The picture is well-formed SVG with a mark an action, a bar a deadline, and the words beside them."""
    root = ET.fromstring(timeline(account, "--format", "svg"))  # noqa: S314  # written a line above
    words = [each.text or "" for each in root.iter(f"{SVG}text")]
    assert {"Friendly reminder", "Fourteen-day letter", "charge", "due", "89.95 EUR"} <= set(words)
    assert "letter · announces 40.00 · pay by 30 Mar · notify team" in words
    marks = [each for each in root.iter(f"{SVG}circle") if each.get("r") == "11"]
    places = [float(mark.get("cx", "0")) for mark in marks]
    assert len(marks) == 3
    assert places == sorted(places)
    assert len([each for each in root.iter(f"{SVG}rect") if each.get("opacity")]) == 1


def test_the_picture_speaks_to_screen_readers(account: Path) -> None:
    """The picture has a title and a description."""
    root = ET.fromstring(timeline(account, "--format", "svg"))  # noqa: S314  # written a line above
    about = root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert about is not None
    assert about.text == "Account A&B <1>: 3 actions in 27 days, 4 March 2026 to 31 March 2026"


@pytest.mark.parametrize("form", ["text", "json", "svg"])
def test_nothing_happens_is_said(tmp_path: Path, form: str) -> None:
    """Where no rule ever wins, every format is whole and the reason is pointed to."""
    path = tmp_path / "a.yaml"
    path.write_text("{country: NL, currency: EUR, channels: [], invoices: []}", encoding="utf-8")
    result = dunning("timeline", "--ruleset", EXAMPLE, "--account", path, "--from", "2026-03-01", "--format", form)
    assert result.exit_code == 0
    assert form == "json" or "Nothing happens" in result.stderr


@pytest.mark.parametrize(
    ("option", "value"), [("--from", "soon"), ("--until", "2026-02-28"), ("--until", "2026-13-01")]
)
def test_days_that_make_no_sense_are_wrong_usage(account: Path, option: str, value: str) -> None:
    """A day that is none, or an end before the beginning, ends with 2."""
    result = dunning("timeline", "--ruleset", EXAMPLE, "--account", account, "--from", "2026-03-01", option, value)
    assert result.exit_code == 2


def test_what_an_account_lacks_is_named(tmp_path: Path) -> None:
    """An account that cannot be decided on ends with 1."""
    path = tmp_path / "a.yaml"
    path.write_text("{country: NL, currency: EUR}", encoding="utf-8")
    result = dunning("timeline", "--ruleset", EXAMPLE, "--account", path, "--from", "2026-03-01")
    assert result.exit_code == 1
    assert "/account/channels" in result.stderr
