"""The guarantees.yaml of a folder: each ruleset gets its verdict, told at the guarantee."""

from engine.examination.examine import examine_files
from tests.analysis.reading import complete

POLICY = """\
guarantees:
  - id: trustee-only
    says: Who is insolvent hears nothing from us.
    never: {action: contact, when: {insolvent: true}}
  - {id: no-late-fee, never: {fee: late}, unless: {after: {rule: notice}}}
"""
RULES = "rules: [{id: reminder, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}]\n"
BLOCK = "blocks: [{id: insolvency, when: {insolvent: true}}]\n"
FILES = {
    "x/kept.yaml": complete(f"ruleset: kept\napplies_to: {{country: NL}}\n{BLOCK}{RULES}"),
    "x/broken.yaml": complete(f"ruleset: broken\napplies_to: {{country: SE}}\n{RULES}"),
    "x/guarantees.yaml": POLICY,
}


def test_each_ruleset_gets_its_verdict() -> None:
    """A guarantee of the folder is proved for one ruleset and refuted for another; one about no action is idle."""
    examination = examine_files({name: text.encode() for name, text in FILES.items()}).analyse()
    found = {name: [each.verdict for each in judged] for name, judged in examination.judged.items()}
    assert found == {"kept": ["proved", "idle"], "broken": ["refuted", "idle"]}


def test_it_is_told_at_the_guarantee() -> None:
    """What is found stands at the first line of the guarantee, in guarantees.yaml, and names the ruleset."""
    examination = examine_files({name: text.encode() for name, text in FILES.items()}).analyse()
    (refuted,) = [each for each in examination.diagnostics if each.code == "guarantee-refuted"]
    assert (refuted.file, refuted.line, refuted.column) == ("x/guarantees.yaml", 2, 5)
    assert "“broken”" in refuted.message
    assert refuted.witness
    assert refuted.witness.account["insolvent"] is True


def test_what_unless_waits_for_in_vain_is_named() -> None:
    """A folder's guarantee may name what not every ruleset has; where that refutes it, the hint says so."""
    policy = "guarantees: [{id: g, never: {action: contact}, unless: {after: [{rule: notic}, {level: 2}]}}]\n"
    files = {**FILES, "x/guarantees.yaml": policy}
    examination = examine_files({name: text.encode() for name, text in files.items()}).analyse()
    hints = {each.hint for each in examination.diagnostics if each.code == "guarantee-refuted"}
    assert {hint.partition(".")[0] for hint in hints if hint} == {
        f"“unless” waits for notic and level 2, which “{name}” does not have" for name in ("kept", "broken")
    }


def test_one_ruleset_does_not_say_that_a_silence_is_useless() -> None:
    """What is silenced of a folder's guarantee may be so of another ruleset; with all of them there it is judged."""
    policy = """\
guarantees:
  # dunning: ignore guarantee-idle some rulesets hand nothing over
  - {id: g, never: {action: contact, when: {insolvent: true}}}
"""
    files = {**FILES, "x/guarantees.yaml": policy}
    alone = {name: text for name, text in files.items() if name != "x/broken.yaml"}
    found = [examine_files({name: text.encode() for name, text in each.items()}).analyse() for each in (alone, files)]
    assert [[each.code for each in one.diagnostics if each.code == "silence-unused"] for one in found] == [
        [],
        ["silence-unused"],
    ]
