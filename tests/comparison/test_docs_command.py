"""`dunning docs` writes each ruleset as a page that a manager can read."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.command import dunning
from tests.comparison.rulesets import HEAD, LADDER

RULESETS = Path(__file__).resolve().parents[2] / "rulesets"
VOID = frozenset({"meta", "br", "circle", "line", "rect", "path"})


class Balance(HTMLParser):
    """Notices a tag that is closed without having been opened, or the other way round."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Take it off again."""
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example rulesets as pages."""
    out = tmp_path_factory.mktemp("pages")
    result = dunning("docs", RULESETS, "--out", out)
    assert result.exit_code == 0
    assert set(result.stdout.split()) == {str(path) for path in out.iterdir()}
    return out


def test_every_ruleset_has_its_pages(pages: Path) -> None:
    """Each ruleset is there as HTML, as Markdown and as a picture, and an index leads to all."""
    others = ("_test", "_check", "facts", "guarantees")
    names = {path.stem for path in RULESETS.glob("*.yaml") if not path.stem.endswith(others)}
    assert {path.stem for path in pages.glob("*.html")} == names | {"index"}
    assert {path.stem for path in pages.glob("*.md")} == names
    assert {path.stem.removesuffix("-ladder") for path in pages.glob("*.svg")} == names
    index = (pages / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}.html"' in index for name in names)


def test_a_page_shows_what_never_happens(pages: Path) -> None:
    """Each guarantee, the folder's too, is told with what it forbids, what allows it, and its verdict."""
    lines = (pages / "nl-consumer-subscription.md").read_text(encoding="utf-8").splitlines()
    told = {name: line for line in lines for name in ("nl-suspension-warned", "trustee-only") if name in line}
    after = "1 day after the time to pay of “Seven days to suspension” has ended"
    assert told["nl-suspension-warned"].endswith(f"| suspend service | {after} | proved |")
    assert told["trustee-only"].endswith("| any contact<br>where insolvent |  | proved |")


def test_pages_are_whole_and_need_nothing_else(pages: Path) -> None:
    """Every tag is closed, every link leads within the page or to a page beside it, and the pictures are XML."""
    for path in pages.glob("*.html"):
        balance = Balance()
        balance.feed(path.read_text(encoding="utf-8"))
        assert balance.open == []
        assert all(link.startswith("#") or (pages / link).is_file() for link in balance.links)
    for path in pages.glob("*.svg"):
        assert ET.fromstring(path.read_text(encoding="utf-8")).tag.endswith("svg")  # noqa: S314 - our own file


def test_page_says_what_a_manager_asks(pages: Path) -> None:
    """When it begins, whom it covers, what the law was checked to, what it costs and what stops it."""
    page = (pages / "nl-consumer-subscription.html").read_text(encoding="utf-8")
    for words in (
        "Dutch consumer subscriptions",
        "country NL",
        "2026-11-21",
        "Fourteen-day letter",
        "1 day after the time to pay of",
        "15 % of 400.00 = 60.00",
        "Contact by phone from 09:00 to 20:00",
        "At most 2 contacts by phone in 7 days.",
        "What stops dunning",
        "Legal basis",
    ):
        assert words in page, words


def test_markdown_shows_the_picture(pages: Path) -> None:
    """A Markdown page has its picture beside it, with what it shows in words."""
    page = (pages / "uk-consumer.md").read_text(encoding="utf-8")
    assert "](uk-consumer-ladder.svg)" in page
    assert "day 3: Friendly reminder" in page


def test_each_rule_stands_on_its_first_day(tmp_path: Path) -> None:
    """A rule that waits for another stands after it, its time to pay included."""
    path = tmp_path / "sample.yaml"
    path.write_text(HEAD + LADDER, encoding="utf-8")
    assert dunning("docs", path, "--out", tmp_path / "out").exit_code == 0
    page = (tmp_path / "out" / "sample.md").read_text(encoding="utf-8")
    firsts = [line.split("|")[2].strip() for line in page.splitlines() if line.startswith(("| 1 |", "| 2 |", "| 3 |"))]
    assert firsts == ["day 3", "day 14", "day 29"]


def test_a_ruleset_without_ladder_has_no_picture(tmp_path: Path) -> None:
    """A decision table without days is told in words alone."""
    path = tmp_path / "table.yaml"
    rules = "stateless: true\nrules: [{id: a, when: {vip: true}, then: {action: notify_team}}]\n"
    path.write_text(HEAD + rules, encoding="utf-8")
    result = dunning("docs", path, "--out", tmp_path / "out")
    assert sorted(Path(name).name for name in result.stdout.split()) == ["sample.html", "sample.md"]


def test_a_page_says_what_is_passed_over(tmp_path: Path) -> None:
    """Small rests that are ignored stand in the head of the page, in each currency; where none are, nothing does."""
    ruleset = tmp_path / "sample.yaml"
    text = HEAD.replace("currency: EUR", "currency: [EUR, USD]\nignore_below: {EUR: 1, USD: 2.50}") + LADDER
    ruleset.write_text(text, encoding="utf-8")
    assert dunning("docs", ruleset, "--out", tmp_path, "--format", "markdown").exit_code == 0
    page = (tmp_path / "sample.md").read_text(encoding="utf-8")
    assert "invoices of which less than 1.00 EUR or 2.50 USD is open" in page
    ruleset.write_text(HEAD + LADDER, encoding="utf-8")
    assert dunning("docs", ruleset, "--out", tmp_path, "--format", "markdown").exit_code == 0
    assert "invoices of which less than" not in (tmp_path / "sample.md").read_text(encoding="utf-8")


TABLES = """
rules:
  - table: reminders
    when: {days_overdue: 3..}
    then: {action: send_reminder, tone: friendly}
    columns: [id, segment, level, channel, template, title]
    rows:
      - [low, consumer, 1, email, c.low, -]
      - [high, [smb, agency], 1, [phone, email], -, Call first]
  - table: later
    undoes: [reminders]
    then: {action: raise_event, name: x}
    columns: [id, after]
    rows:
      - [any, {rule: reminders, days: 7}]
      - [low, {rule: reminders-low, days: 9}]
"""


def test_a_table_is_a_table(tmp_path: Path) -> None:
    """What its rows have in common is said once, above them, and what tells them apart stands in columns."""
    path = tmp_path / "sample.yaml"
    path.write_text(HEAD + TABLES, encoding="utf-8")
    assert dunning("docs", path, "--out", tmp_path / "out").exit_code == 0
    page = (tmp_path / "out" / "sample.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if "reminders" in line or "later" in line][1:] == [
        "Table “reminders”, one rule a row. For all of them: days overdue 3 or more; send reminder; tone: friendly.",
        "| 1 | day 3 | reminders low<br>reminders-low | segment consumer | email | template c.low |",
        "| 1 | day 3 | Call first<br>reminders-high | segment smb or agency | phone, else email |  |",
        "Table “later”, one rule a row. For all of them: always; raise event; name: x.",
        "| day 10 | later any<br>later-any | 7 days after “any of reminders”; takes back “any of reminders” |",
        "| day 12 | later low<br>later-low | 9 days after “reminders low”; takes back “any of reminders” |",
    ]


def test_a_page_says_who_is_held_out_from_what(tmp_path: Path) -> None:
    """The share of an experiment that is held out, and the rules that these accounts do without, are named."""
    path = tmp_path / "sample.yaml"
    rules = "rules: [{id: gift, voluntary: true, then: {action: none}}, {id: must, then: {action: none}}]\n"
    path.write_text(HEAD + "experiments: {offer: {variants: {a: 100}, hold_out: 5}}\n" + rules, encoding="utf-8")
    assert dunning("docs", path, "--out", tmp_path / "out", "--format", "markdown").exit_code == 0
    page = (tmp_path / "out" / "sample.md").read_text(encoding="utf-8")
    assert "| offer | a 100 %, 5 % held out | no end |" in page
    assert [line.split("|")[2] for line in page.splitlines() if "not for accounts that are held out" in line] == [
        " gift<br>gift "
    ]


def test_a_page_says_what_counts_by_a_countdown(tmp_path: Path) -> None:
    """A notice before each renewal counts anew with each, and the page says from when on."""
    rule = "{id: renewal, when: {days_until_renewal: 0..30}, then: {action: notify_team}}"
    (tmp_path / "a.yaml").write_text(f"{HEAD}rules: [{rule}]\n", encoding="utf-8")
    dunning("docs", tmp_path, "--out", tmp_path / "out")
    page = (tmp_path / "out" / "sample.md").read_text(encoding="utf-8")
    assert "counts anew each time days_until_renewal comes down to 30" in page.replace("\\", "")


def test_only_one_format(tmp_path: Path) -> None:
    """--format leaves the other out."""
    result = dunning("docs", RULESETS / "uk-consumer.yaml", "--out", tmp_path, "--format", "markdown")
    assert {path.suffix for path in tmp_path.iterdir()} == {".md", ".svg"}
    assert result.exit_code == 0


def test_broken_ruleset_writes_nothing(tmp_path: Path) -> None:
    """An error ends with 3 before any file is written."""
    path = tmp_path / "broken.yaml"
    path.write_text(HEAD + LADDER.replace("days_overdue", "days_overdu", 1), encoding="utf-8")
    result = dunning("docs", path, "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (3, "")
    assert not (tmp_path / "out").exists()


def test_folder_without_rulesets(tmp_path: Path) -> None:
    """Nothing to write about is a wrong use."""
    assert dunning("docs", tmp_path, "--out", tmp_path / "out").exit_code == 2


def test_says_every_limit(pages: Path) -> None:
    """A limit by the table of declines is said as one, and nothing is left unsaid on any page."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in pages.glob("*.md")}
    assert all("None" not in text for text in texts.values())
    assert "No more payment attempts than the table of declines" in texts["nl-consumer-subscription"]


def test_says_terms_as_a_manager_would(pages: Path) -> None:
    """Parameters are words, not keys: days to pay, who approves, which fee."""
    text = (pages / "nl-consumer-subscription.md").read_text(encoding="utf-8")
    assert "14 days to pay" in text
    assert "once a person has approved" in text
    assert "announces the fee “bik”" in text
    assert "pay within days" not in text


def test_holidays_are_said_where_there_are_some(pages: Path) -> None:
    """A calendar without a country keeps no holidays free, and its page does not say so."""
    text = (pages / "eu-b2b-invoice.md").read_text(encoding="utf-8")
    assert "No contact on Saturday and Sunday." in text
    assert "nor on holidays" not in text


def test_a_phone_is_told_what_each_cell_is(pages: Path) -> None:
    """Where a table does not fit, each cell stands on its own line with its heading before it."""
    text = (pages / "uk-consumer.html").read_text(encoding="utf-8")
    assert 'data-label="when"' in text
    assert "content:attr(data-label)" in text


def test_a_long_title_keeps_what_tells_it_apart(pages: Path) -> None:
    """The country in brackets stays in the picture."""
    assert "…" in (text := (pages / "eu-b2b-invoice-ladder.svg").read_text(encoding="utf-8"))
    assert "… (Germany)" in text


def test_the_picture_shows_steps_without_level_and_whole_actions(pages: Path) -> None:
    """A rule that does not move the ladder is drawn as well, and no channel is cut."""
    text = (pages / "us-consumer-card-subscription-ladder.svg").read_text(encoding="utf-8")
    assert "Nobody tried to charge this" in text
    assert "send reminder by preferred, email, in_app" in text.replace("in app", "in_app")


STRICT = """\
ruleset: strict
title: Strict
currency: EUR
timezone: Europe/Amsterdam
ladder: strict
dunning_interval_days: 7
rules:
  - {id: first, level: 1, when: {days_overdue: 10..}, then: {action: send_reminder, channel: email}}
  - {id: second, level: 2, when: {days_overdue: 15..}, then: {action: send_reminder, channel: email}}
  - {id: third, level: 3, when: {days_overdue: 30..}, then: {action: send_reminder, channel: email}}
"""


@pytest.mark.parametrize(
    ("text", "days"),
    [
        (STRICT, ["day 10", "day 17", "day 30"]),
        (STRICT.replace("dunning_interval_days: 7\n", ""), ["day 10", "day 15", "day 30"]),
        (STRICT.replace("strict\nd", "catch_up\nd"), ["day 10", "day 15", "day 30"]),
        (STRICT.replace("{days_overdue: 10..}", "{segment: consumer}"), ["", "day 15", "day 30"]),
        (STRICT.replace("{days_overdue: 15..}", "{segment: consumer}"), ["day 10", "day 17", "day 30"]),
    ],
)
def test_a_level_of_a_strict_ladder_comes_after_the_one_below(tmp_path: Path, text: str, days: list[str]) -> None:
    """Its first day waits for the level below and the interval; on other ladders a level may be the first."""
    (tmp_path / "strict.yaml").write_text(text, encoding="utf-8")
    assert dunning("docs", tmp_path, "--out", tmp_path / "pages").exit_code == 0
    page = (tmp_path / "pages" / "strict.md").read_text(encoding="utf-8")
    steps = [line.split("|")[2].strip() for line in page.splitlines() if line.startswith(("| 1", "| 2", "| 3"))]
    assert steps == days


def test_a_page_says_that_a_call_waits_for_its_hour(tmp_path: Path) -> None:
    """A call at the best hour is no call at a time."""
    rule = "{id: call, then: {action: place_call, channel: phone, schedule: {time: best}}}"
    (tmp_path / "a.yaml").write_text(f"{HEAD}rules: [{rule}]\n", encoding="utf-8")
    dunning("docs", tmp_path, "--out", tmp_path / "out")
    page = (tmp_path / "out" / "sample.md").read_text(encoding="utf-8")
    assert "on any day, at the hour at which calls are answered most" in page


def test_a_page_says_what_scores_are_made_of(tmp_path: Path) -> None:
    """Each class is told with its points, and the score is nothing that the application must know."""
    card = "scorecards: {risk_score: {base: 7, points: {vip: {classes: [{when: true, points: -5}], otherwise: 2}}}}"
    (tmp_path / "scorecard.yaml").write_text(card, encoding="utf-8")
    rule = "rules: [{id: risky, when: {risk_score: 9..}, then: {action: hand_over, to: agency}}]\n"
    (tmp_path / "scored.yaml").write_text(HEAD + rule, encoding="utf-8")
    assert dunning("docs", tmp_path, "--out", tmp_path / "out").exit_code == 0
    page = (tmp_path / "out" / "sample.md").read_text(encoding="utf-8")
    assert "Risk score begins with 7 points" in page
    assert [line for line in page.splitlines() if line.startswith("| vip")] == [
        "| vip | -5 |",
        "| vip otherwise | 2 |",
        "| vip | boolean | left out: no | Handled by name. |",
    ]
    assert "| risk\\_score |" not in page
