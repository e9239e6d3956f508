"""What an editor shows of a ruleset by our schemas alone, asked of the language server that editors run."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import yaml

from engine.model.vocabulary import STANDARD_FACTS
from tests.editor.server import CURSOR, EditorServer

pytestmark = pytest.mark.slow
HEAD = "ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: Europe/Amsterdam\n"
RULE = HEAD + "rules: [{{id: a, when: {{{0}}}, then: {{action: none}}}}]\n"
OFFERS_A_KEY, OFFERS_A_VALUE = 10, 12  # CompletionItemKind.Property and Value of the protocol


class Slip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a ruleset with one mistake, and what is said of it."""

    text: str
    says: str


SLIPS = msgspec.convert(
    yaml.safe_load((Path(__file__).parent / "slips.yaml").read_text(encoding="utf-8")), tuple[Slip, ...]
)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditorServer]:
    """A server of its own, from npm."""
    if shutil.which("npm") is None:
        assert "CI" not in os.environ, "npm is needed here"
        pytest.skip("npm is not installed; where CI is set this test never skips")
    folder = tmp_path_factory.mktemp("editor")
    shutil.copy(Path(__file__).parent / "package.json", folder)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with EditorServer(folder) as server:
        yield server


def test_there_are_forty_slips() -> None:
    """The table is long enough to say something of the schema, and each row is one of its own."""
    assert len({slip.text for slip in SLIPS}) == len(SLIPS) >= 40


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.text.replace(CURSOR, "").strip())
def test_a_slip_is_underlined_once_with_the_right_form(editor: EditorServer, slip: Slip) -> None:
    """One sentence stands at the place of the mistake: it names the unknown key, or says what to write."""
    before, _, after = (HEAD + slip.text).partition(CURSOR)
    (problem,) = editor.find_problems(before + after)
    begins = problem["range"]["start"]
    assert (begins["line"], begins["character"]) == (before.count("\n"), len(before.rpartition("\n")[2]))
    assert slip.says in problem["message"]


TESTS = {
    "days": ("14", "14..", "[3, 14..]", "{at_least: 3}", "{is: missing}", "14+"),
    "integer": ("14", "14..", "[3, 14..]", "{at_least: 3}", "{is: missing}", "14+"),
    "amount": ("10", "10..", "{at_least: 10}", "{more_than: {EUR: 10}}", "{is: missing}", "€10"),
    "decimal": ("0.5", "0.5..", "{at_least: 0.5}", "{is: missing}", "half"),
    "boolean": ("true", "[true]", "{is: missing}", "yes"),
    "enum": ("a", "[a, b]", "{not: a}", "{is: missing}", "3"),
    "text": ("a", "[a, b]", "{not: a}", "{is: missing}", "3"),
    "set": ("a", "[a, b]", "{all: [a]}", "{is: missing}", "3"),
}


@pytest.mark.parametrize("name", STANDARD_FACTS)
def test_a_fact_is_explained_whatever_stands_behind_it(editor: EditorServer, name: str) -> None:
    """Hovering over a fact shows what it is, with a value, a range, a list, a test or a mistake behind it."""
    fact = STANDARD_FACTS[name]
    about = fact.about.replace("\n", " ")
    for test in TESTS[fact.type]:
        shown = editor.hover(RULE.format(f"{name[:1]}{CURSOR}{name[1:]}: {test}"))
        assert about in shown.replace("\\", ""), test


@pytest.mark.parametrize(
    "part",
    [
        *(f"rules: [{{id: a, when: {{{name}: ¦}}, then: {{action: none}}}}]" for name in ("vip", "customer_type")),
        *(f"rules: [{{id: a, when: {{{name}: ¦}}, then: {{action: none}}}}]" for name in ("days_overdue", "plan")),
        "rules: [{id: a, when: {channels: [¦]}, then: {action: none}}]",
        "rules: [{id: a, when: {vip: {is: ¦}}, then: {action: none}}]",
        "rules: [{id: a, then: {action: send_reminder, channel: ¦}}]",
        "rules: [{id: a, then: {action: send_reminder, channel: [¦]}}]",
        "rules: [{id: a, then: {action: send_reminder, channel: email, tone: ¦}}]",
        "rules: [{table: t, then: {action: none}, columns: [id, ¦], rows: [[a, b]]}]",
        "rules: []\nladder: ¦",
        "rules: []\nstateless: ¦",
        "rules: []\ncalendar: {weekend: [¦]}",
        "rules: []\neffective: {from: ¦}",
        "rules: []\nfees: {late: {basis: ¦, percent: 5}}",
    ],
)
def test_no_value_is_offered_that_is_refused(editor: EditorServer, part: str) -> None:
    """Every value that an editor completes to is one that it does not underline."""
    offered = editor.complete(f"{HEAD}{part}\n")
    for each in offered:
        assert each["kind"] == OFFERS_A_VALUE
        assert editor.find_problems(f"{HEAD}{part}\n".replace(CURSOR, each["label"])) == [], each["label"]
    assert offered or "plan" in part  # nobody knows the plans


@pytest.mark.parametrize(
    ("part", "some"),
    [
        ("rules: [{id: a, when: {d¦}, then: {action: none}}]", {"days_overdue", "vip", "any"}),
        ("rules: [{id: a, when: {overdue_balance: {a¦}}, then: {action: none}}]", {"at_least", "more_than", "is"}),
        ("rules: [{id: a, then: {action: send_reminder, channel: email, t¦}}]", {"template", "tone"}),
        ("rules:\n  - table: t\n    then: {action: none}\n    ¦", {"columns", "rows", "when", "voluntary"}),
        ("rules: []\ncalendar: {w¦}", {"weekend", "hours"}),
        ("rules: []\n¦", {"ladder", "calendar"}),
        ("rules:\n  - id: a\n    then: {action: none}\n    ¦", {"when", "after", "repeat"}),
    ],
)
def test_no_key_is_offered_that_is_refused(editor: EditorServer, part: str, some: set[str]) -> None:
    """After its first letter in braces, and at once on a line of its own, a key is offered if it can stand there."""
    offered = {each["label"] for each in editor.complete(f"{HEAD}{part}\n") if each["kind"] == OFFERS_A_KEY}
    assert some <= offered
    for name in offered:
        said = editor.find_problems(HEAD + re.sub(rf"[a-z]?{CURSOR}", f"{name}: 1", part) + "\n")
        assert f"Property {name} is not allowed." not in {each["message"] for each in said}
