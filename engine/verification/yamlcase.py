"""A question and its answer as a case of a suite, in YAML that can be pasted under ``tests:``."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import UNSET

from engine.model.decision import Decision
from engine.model.ruleset import Edition
from engine.model.vocabulary import NUMERIC_TYPES
from engine.verification.run import Ask
from engine.verification.suite import NAMELESS

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RESERVED = frozenset({"true", "false", "null", "Null", "NULL"})


def write_case(name: str, ask: Ask, decision: Decision, edition: Edition) -> str:
    """Return the case; what is expected is what comes out now."""
    account = {key: value for key, value in ask.account.items() if key != "id" or value != NAMELESS}
    lines = [f"  - name: {quote(name)}", f"    account: {_write(_typed(account, edition))}"]
    lines.append(f"    as_of: {ask.as_of.isoformat()}")
    if ask.history:
        lines.append("    history:")
        lines += [f"      - {_write(entry)}" for entry in ask.history]
    lines.append(f"    expect: {_write(_expected(decision))}")
    return "\n".join(lines) + "\n"


def _typed(account: Mapping[str, object], edition: Edition) -> dict[str, object]:
    """Leave numbers plain where the fact is a number; every other fact is a word."""
    numeric = {name for name, fact in edition.facts.items() if fact.type in NUMERIC_TYPES}
    return {key: Decimal(str(value)) if key in numeric else value for key, value in account.items()}


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


def _write(value: object) -> str:
    """Write a value in YAML's flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_write(part)}" for key, part in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_write(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else quote(value) if isinstance(value, str) else str(value)


def quote(text: str) -> str:
    """Return a text as a YAML scalar that is read back as that word, in quotes where it must be."""
    if _PLAIN.fullmatch(text) and text not in _RESERVED:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
