"""Silences, severities, currencies, folders and budgets."""

import datetime as dt
import random
import re

import pytest

from engine.analysis.analyse import CODES, DEFAULT_BUDGET
from engine.analysis.settings import Settings
from engine.model.diagnostic import Witness
from engine.words.flow import write_flow
from tests.analysis.reading import check, codes, load_all, only, show

HOLE = """\
rules:
  - {id: a, level: 1, when: {days_overdue: 3..}, then: {action: suspend_service}}
  - {id: b, level: 2, then: {action: credit_hold}}
  - {id: c, level: 4, then: {action: write_off}}COMMENT
"""


def test_a_comment_on_the_line_silences() -> None:
    """A finding is silenced by its code and a reason at the end of its line."""
    assert codes(check(HOLE.replace("COMMENT", ""))) == ["ladder-hole"]
    assert check(HOLE.replace("COMMENT", " # dunning: ignore ladder-hole level 3 ended in March")) == ()


def test_a_comment_above_the_line_silences() -> None:
    """Comments right above a line silence its findings, several of them too."""
    above = "  # A note.\n  # dunning: ignore ladder-hole level 3 ended in March\n  # Another note.\n  - {id: c"
    assert check(HOLE.replace("COMMENT", "").replace("  - {id: c", above)) == ()


def test_a_silence_needs_a_reason() -> None:
    """A comment without a reason silences and is itself found, at its own place."""
    found = check(HOLE.replace("COMMENT", " # dunning: ignore ladder-hole"))
    assert codes(found) == ["silence-unexplained"]
    assert (found[0].diagnostic.line, found[0].diagnostic.column) == (4, 50)


@pytest.mark.parametrize(
    ("comment", "message", "hint"),
    [
        ("gap no reason", "There is no finding gap on line 4.", "Delete the comment."),
        ("ladder-hol typing", "There is no check “ladder-hol”.", "Did you mean “ladder-hole”?"),
    ],
)
def test_a_silence_that_silences_nothing_is_found(comment: str, message: str, hint: str) -> None:
    """A comment for a finding that is not there, or for a check that does not exist, is found."""
    found = only(check(HOLE.replace("COMMENT", f" # dunning: ignore {comment}")), "silence-unused").diagnostic
    assert (found.message, found.hint) == (message, hint)


def test_a_silence_between_rulesets_waits_for_both() -> None:
    """A comment about a finding between two files is not called useless where only one is looked at."""
    text = "ruleset: one\napplies_to: {country: NL} # dunning: ignore coverage-overlap until the merger\nrules: []\n"
    assert check(text) == ()
    assert codes(check({"one.yaml": text, "two.yaml": "ruleset: two\napplies_to: {country: BE}\n"})) == [
        "silence-unused"
    ]
    assert codes(check({"two.yaml": text, "one.yaml": "ruleset: two\napplies_to: {vip: true}\n"})) == []


def test_settings_choose_severities() -> None:
    """A check can be made an error, or be left out; a silence for one left out is not called useless."""
    text = HOLE.replace("COMMENT", "")
    found = check(text, settings=Settings(severities={"ladder-hole": "error"}))
    assert [each.diagnostic.severity for each in found] == ["error"]
    assert check(text, settings=Settings(severities={"ladder-hole": "off"})) == ()
    silenced = HOLE.replace("COMMENT", " # dunning: ignore ladder-hole level 3 ended in March")
    assert check(silenced, settings=Settings(severities={"ladder-hole": "off"})) == ()


def test_what_holds_in_all_currencies_is_told_once() -> None:
    """A finding in every currency of a file is one; one in some names them."""
    text = """\
currency: [EUR, USD]
stateless: true
rules:
  - {id: a, when: {open_balance: {at_least: {EUR: 10, USD: 30}}}, then: {action: none}}
  - {id: b, when: {open_balance: {at_least: {EUR: 20, USD: 20}}}, then: {action: suspend_service}}
  - {id: c, when: {vip: true, disputed: {is: missing}}, then: {action: suspend_service}}
otherwise: {action: notify_team, assign_to: us}
"""
    found = check(text)
    assert only(found, "never-wins").diagnostic.message.startswith("In EUR: The rule “b” never wins")
    assert only(found, "never-holds").diagnostic.message.startswith("The rule “c” asks for")


def test_what_differs_by_currency_is_told_in_each() -> None:
    """A sentence with an amount is said only of the currency that it is true in."""
    text = """\
currency: [EUR, JPY]
rules:
  - {id: a, when: {open_balance: {at_least: {EUR: 100, JPY: 10}}}, then: {action: suspend_service}}
"""
    assert only(check(text), "gap").diagnostic.message == (
        "In EUR: Nothing is ever done for accounts with “open_balance: 0.01..99.99”. "
        "In JPY: Nothing is ever done for accounts with “open_balance: 1..9”."
    )


def test_findings_are_by_place_and_the_same_each_time() -> None:
    """The order of findings is that of the text, and twice the same text gives twice the same."""
    text = HOLE.replace("COMMENT", "") + "conditions: {x: {vip: true}, y: {vip: false}}\n"
    found = check(text)
    lines = [each.diagnostic.line for each in found]
    assert lines == sorted(lines)
    assert show({"example.yaml": text}) == show({"example.yaml": text})


def test_every_finding_has_its_code() -> None:
    """All codes are different, words with hyphens, and known to the settings."""
    assert len(set(CODES)) == len(CODES)
    assert all(code.replace("-", "").isalpha() and code.islower() for code in CODES)


def test_overlaps_are_seen_across_a_folder() -> None:
    """Three rulesets for some of the same accounts are two overlaps, each with an account for which it is so."""
    files = {
        "a.yaml": "ruleset: a\napplies_to: {country: NL}\n",
        "b.yaml": "ruleset: b\napplies_to: {segment: smb}\n",
        "c.yaml": "ruleset: c\napplies_to: {country: BE}\n",
        "d.yaml": "ruleset: d\ntrack: other\napplies_to: {country: NL}\n",
        "e.yaml": "ruleset: e\ncurrency: USD\napplies_to: {country: NL}\n",
    }
    found = check(files)
    assert [each.diagnostic.file for each in found] == ["b.yaml", "c.yaml"]
    assert "“b” and “a” (a.yaml) cover the same accounts" in found[0].diagnostic.message
    witness = show(files)[0].witness
    assert isinstance(witness, Witness)
    assert witness.as_of == dt.date(2026, 1, 5)
    assert write_flow(witness.account) == "{id: A-1, currency: EUR, segment: smb, country: NL}"
    assert witness.shows == "“a” and “b” cover it."


def test_rulesets_of_different_years_do_not_overlap() -> None:
    """Rulesets whose days do not meet cover nobody together; a hole of a day between them is found."""
    first = "ruleset: a\neffective: {until: UNTIL}\napplies_to: {country: NL}\n"
    second = "ruleset: b\neffective: {from: 2027-01-01}\napplies_to: {country: NL, segment: smb}\n"
    assert check({"a.yaml": first.replace("UNTIL", "2027-01-01"), "b.yaml": second}) == ()
    assert codes(check({"a.yaml": first.replace("UNTIL", "2026-12-31"), "b.yaml": second})) == ["effective-hole"]
    assert codes(check({"a.yaml": first.replace("UNTIL", "2027-01-02"), "b.yaml": second})) == ["coverage-overlap"]


def large(count: int, seed: int, head: str = "") -> str:
    """A ruleset of many rules of five conditions over twelve facts."""
    rng = random.Random(seed)
    numbers, words, flags = [f"n{i}" for i in range(5)], [f"w{i}" for i in range(5)], ["b0", "b1"]
    lines = [f"{head}facts:"]
    lines += [f"  {name}: {{type: integer, optional: true}}" for name in numbers]
    lines += [f"  {name}: {{type: enum, values: [a, b, c, d, e], optional: true}}" for name in words]
    lines += [f"  {name}: {{type: boolean, default: false}}" for name in flags]
    lines.append("rules:")
    for index in range(count):
        tests = []
        for name in rng.sample([*numbers, *words, *flags], 5):
            if name in numbers:
                low = rng.randint(0, 100)
                tests.append(f"{name}: {low}..{low + rng.randint(5, 60)}")
            elif name in words:
                tests.append(f"{name}: [{', '.join(rng.sample('abcde', rng.randint(1, 3)))}]")
            else:
                tests.append(f"{name}: {rng.choice(('true', 'false'))}")
        level = f"level: {1 + index // 10}, " if index % 3 and "stateless" not in head else ""
        then = "send_reminder, channel: email" if index % 2 else f"raise_event, name: event-{index % 7}"
        lines.append(f"  - {{id: r{index}, {level}when: {{{', '.join(tests)}}}, then: {{action: {then}}}}}")
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("head", ["stateless: true\n", "", "ladder: strict\n"], ids=["stateless", "catch_up", "strict"])
def test_two_hundred_rules_are_analysed_to_the_end(head: str) -> None:
    """The usual budget is more than enough for 200 rules with 12 facts."""
    assert "not-finished" not in codes(check(large(200, 1, head)))


@pytest.mark.parametrize("head", ["stateless: true\n", ""], ids=["stateless", "catch_up"])
def test_a_thousand_rules_are_analysed_to_the_end(head: str) -> None:
    """Half of the usual budget is enough for 1,000 rules with 12 facts."""
    assert "not-finished" not in codes(check(large(1_000, 1, head), budget=DEFAULT_BUDGET // 2))


def test_a_hard_question_is_given_up() -> None:
    """Where the alternatives explode, the analysis ends by its budget, says so, and claims nothing unproved."""
    rng = random.Random(5)
    facts = [f"f{index}" for index in range(70)]
    lines = ["stateless: true", "facts:", *(f"  {name}: {{type: boolean, default: false}}" for name in facts), "rules:"]
    for index in range(300):
        tests = ", ".join(f"{name}: {rng.choice(('true', 'false'))}" for name in rng.sample(facts, 3))
        lines.append(f"  - {{id: r{index}, when: {{{tests}}}, then: {{action: raise_event, name: e{index % 2}}}}}")
    lines.append("  - {id: last, then: {action: none}}")
    found = check("\n".join([*lines, ""]), budget=200_000)
    assert "not-finished" in codes(found)
    assert {"never-wins", "gap"} & set(codes(found)) == set()
    assert re.search(r"whether the rules? “.* can win", only(found, "not-finished").diagnostic.message)


def test_a_folder_of_broken_files_is_not_analysed() -> None:
    """What is not whole is not analysed."""
    assert load_all({}) == []
    assert check({}) == ()
