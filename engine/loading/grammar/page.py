"""The page that lists every key of every file, from the rows."""

from collections.abc import Iterator
from typing import cast

from engine.loading.grammar import terms
from engine.loading.grammar.account import ENTRY, HEADER
from engine.loading.grammar.actions import EVERY_ACTION
from engine.loading.grammar.facts import DECLARATION, FACTS, SHARED_FACTS
from engine.loading.grammar.guarantees import SHARED_GUARANTEES
from engine.loading.grammar.kinds import Kind
from engine.loading.grammar.lists import ListOf, Names, OneOrMore
from engine.loading.grammar.outcomes import OUTCOME
from engine.loading.grammar.ruleset import RULESET
from engine.loading.grammar.scorecards import SHARED_SCORES
from engine.loading.grammar.suite import CHECK, SUITE
from engine.loading.grammar.table import Either, Key, Table
from engine.loading.grammar.terms import JsonSchema

_INTRODUCTION = """\
# Every key of every file

What may stand in a ruleset, in `facts.yaml`, `scorecard.yaml` and `guarantees.yaml`, in a suite, in a check, in an
account and beside it.
[language.md](language.md) says what the keys mean together; the facts, and the parameters of each action, are in
[vocabulary.md](vocabulary.md).

This page is generated from the tables in `engine/loading/grammar/` by `make generate`.
"""
_HEAD = "| key | written | what it says | example |\n|---|---|---|---|\n"
_MOST_WORDS = 12
_FORMS = {
    terms.WORD: "a name",
    terms.RULESET_ID: "an id",
    terms.CURRENCY: "a currency",
    terms.DATE: "a date",
    terms.INSTANT: "a date or an instant",
    terms.TIME: "a time",
    terms.HOURS: "hours",
    terms.NUMBER: "a number",
}
_SHARED = {
    "condition": "[a condition](language.md#4-conditions)",
    "amount": "an amount, or one for each currency",
    "action": "[an action](language.md#6-actions-and-when-they-happen)",
    "table_action": "[an action](language.md#6-actions-and-when-they-happen), or what its rows have in common",
    "facts": "a mapping of declarations, as in facts.yaml",
    "account": "an account",
    "entry": "an entry of history",
    "outcome": "an outcome",
}
_FILES: dict[str, Kind] = {
    "Ruleset": RULESET,
    "Every action": Table(make=dict, keys=EVERY_ACTION),
    "facts.yaml": SHARED_FACTS,
    "scorecard.yaml": SHARED_SCORES,
    "guarantees.yaml": SHARED_GUARANTEES,
    "Suite": SUITE,
    "Check": CHECK,
    "Account": Table(make=dict, keys=HEADER),
    "History": ENTRY,
    "Outcomes": OUTCOME,
}


def write_key_page() -> str:
    """Return docs/authors/keys.md."""
    seen: list[Kind] = []
    sections = [each for title, kind in _FILES.items() for each in _write(title, kind, seen)]
    return "\n".join([_INTRODUCTION, *sections])


def _write(title: str, kind: Kind, seen: list[Kind]) -> Iterator[str]:
    """Yield a section for each table that was not seen, those inside it too."""
    if isinstance(kind, Table) and not any(each is kind for each in seen):
        seen.append(kind)
        rows = "".join(_write_row(row) for row in kind.keys)
        yield f"## {title}\n\n{_HEAD}{rows}"
        for row in kind.keys:
            yield from _write(f"{title}, {row.name}", row.kind, seen)
    elif isinstance(kind, Either):
        yield from _write(title, kind.usual, seen)
        yield from _write(f"{title}, {kind.tell}", kind.other, seen)
    elif (inner := _inside(kind)) is not None:
        yield from _write(title, inner, seen)


def _inside(kind: Kind) -> Kind | None:
    """Return what a list or a mapping of names holds."""
    if isinstance(kind, ListOf | OneOrMore):
        return kind.item
    if isinstance(kind, Names):
        return kind.value
    return DECLARATION if kind is FACTS.value else None


def _write_row(row: Key) -> str:
    written = _say(row.kind.schema())
    example = f"`{terms.in_yaml(row.examples[0])}`" if row.examples else ""
    cells = (f"`{row.name}`", f"{written}; needed" if row.needed else written, row.about, example)
    return f"| {' | '.join(cells)} |\n".replace("\\", "")


def _say(form: JsonSchema) -> str:
    """Say what a schema allows, in a few words."""
    words, several = form.get("enum"), form.get("anyOf")
    if "$ref" in form:
        return _SHARED[str(form["$ref"]).rpartition("/")[2]]
    if form.get("if") == {"type": "array"}:
        several = [form["else"], form["then"]]
    if isinstance(several, list):
        return " or ".join(dict.fromkeys(map(_say, several)))
    if isinstance(words, list):
        shown = ", ".join(f"`{word}`" for word in words[:_MOST_WORDS])
        return shown if len(words) <= _MOST_WORDS else f"{shown} …"
    return _say_of_type(form)


def _say_of_type(form: JsonSchema) -> str:
    if "minimum" in form:
        what = "a whole number" if form["pattern"] == terms.WHOLE else "a number"
        return f"{what}, {form['minimum']:,} to {form['maximum']:,}"
    items = cast("JsonSchema", form.get("items", {}))
    said = {
        "boolean": "`true` or `false`",
        "array": f"a list: {_say(items)}" if items else "a list",
        "object": "a mapping of names" if "propertyNames" in form else "a mapping",
    }
    if "minLength" in form:
        return "a text"
    if "properties" in form and "propertyNames" not in form:
        return "a mapping"
    return _FORMS.get(str(form.get("pattern"))) or said.get(str(form.get("type")), "a value")
