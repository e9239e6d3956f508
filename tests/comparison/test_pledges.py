"""What a diff says of guarantees: added, dropped, weakened, no longer proved; decided over boxes, not by the text."""

from pathlib import Path

import msgspec
import pytest
import yaml

from engine.comparison.compare import compare
from pages.diffwords import say_pledge
from tests.analysis.reading import load


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two versions, and what became of which guarantee."""

    name: str
    old: str
    new: str
    found: dict[str, str]


CASES = msgspec.convert(
    yaml.safe_load((Path(__file__).parent / "pledges.yaml").read_text(encoding="utf-8")), list[Case]
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_became_of_guarantees(case: Case) -> None:
    """Each guarantee that is not what it was is told, with what became of it, and no other."""
    difference = compare(load(f"{case.old.rstrip()}\n"), load(f"{case.new.rstrip()}\n"))
    assert {each.id: ", ".join(each.kinds) for each in difference.guarantees} == case.found


def test_it_is_said_with_its_verdicts() -> None:
    """A sentence names the guarantee, what became of it, its verdicts, and what it promises."""
    rule, kept = (
        "rules: [{{id: x, {when}then: {{action: hand_over}}}}]\n",
        "never: {action: hand_over, when: {vip: true}}",
    )
    promise = f"guarantees: [{{id: a, says: Never., {kept}}}]\n"
    old, new = (load(rule.format(when=when) + promise) for when in ("when: {vip: false}, ", ""))
    (pledge,) = compare(old, new).guarantees
    assert say_pledge(pledge) == "guarantee a no longer proved (proved before, now refuted): Never."


def test_what_cannot_be_told_is_said_to_be_perhaps_so() -> None:
    """Of a condition that is no plain boxes it is known that it stays as it is, not that another one is weaker."""
    facts = "".join(f"  f{n}: {{type: integer, optional: true}}\n" for n in range(24))
    pairs = [f"{{any: [{{f{2 * n}: 1}}, {{f{2 * n + 1}: 1}}]}}" for n in range(12)]
    names = "".join(f"  c{n}: {pair}\n" for n, pair in enumerate(pairs))
    text = "facts:\n{facts}conditions:\n{names}rules: [{{id: x, when: {{vip: false}}, then: {{action: hand_over}}}}]\n"
    told = []
    for count in (11, 12):
        when = ", ".join(["vip: true", *(f"c{n}: true" for n in range(count))])
        promise = f"guarantees: [{{id: a, never: {{action: hand_over, when: {{{when}}}}}}}]\n"
        told.append(load(text.format(facts=facts, names=names) + promise))
    (eleven, twelve) = told
    assert compare(eleven, eleven).guarantees == ()
    (pledge,) = compare(eleven, twelve).guarantees
    assert pledge.kinds == ("perhaps weakened",)
