"""A question and its answer as a case of a suite, in YAML that can be pasted under ``tests:``."""

from msgspec import UNSET

from engine.model.decision import Decision
from engine.model.question import Question
from engine.verification.suite import NAMELESS
from engine.words.flow import quote, write_flow


def write_case(name: str, question: Question, decision: Decision) -> str:
    """Return the case; what is expected is what comes out now."""
    account = {key: value for key, value in question.account.items() if key != "id" or value != NAMELESS}
    lines = [f"  - name: {quote(name)}", f"    account: {write_flow(account)}"]
    lines.append(f"    as_of: {question.as_of.isoformat()}")
    if question.history:
        lines.append("    history:")
        lines += [f"      - {write_flow(entry)}" for entry in question.history]
    lines.append(f"    expect: {write_flow(_expected(decision))}")
    return "\n".join(lines) + "\n"


def _expected(decision: Decision) -> dict[str, object]:
    found: dict[str, object] = {"outcome": decision.outcome}
    if decision.rule is not None:
        found = {"rule": decision.rule.id}
    if decision.action is not None:
        found["action"] = decision.action.type
        if decision.action.channel is not UNSET:
            found["channel"] = decision.action.channel
    if decision.block is not UNSET:
        found["block"] = decision.block.id
    if decision.upcoming is not None:
        found |= {"upcoming.rule": decision.upcoming.rule, "upcoming.on": decision.upcoming.on.isoformat()}
    return found
