"""The columns of accounts: what language.md 3.1 and 5.3 call keys and facts, as Arrow types.

A null is what a document leaves out. Amounts and decimals are exact decimals, never floats.
"""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from engine.evaluation.rulesets import Rulesets
from engine.loading.grammar.account import ENTRY, HEADER
from engine.loading.grammar.kinds import Kind
from engine.loading.grammar.lists import ListOf
from engine.loading.grammar.parts import DATE
from engine.loading.grammar.table import Table
from engine.model.vocabulary import STANDARD_FACTS, Fact

AMOUNT = pa.decimal128(20, 4)
"""An amount of any currency: no currency has more than four places, and 2^53 minor units have 16 digits."""
DECIMAL = pa.decimal128(22, 6)
"""A decimal fact, of at most six places."""

DOCUMENT = "document"
"""The column for an account that does not fit the others: its document as JSON, history and outcomes in it."""
HISTORY = "history"
OUTCOMES = "outcomes"

_OF_FACT: dict[str, pa.DataType] = {
    "enum": pa.string(),
    "text": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "days": pa.int64(),
    "amount": AMOUNT,
    "decimal": DECIMAL,
    "set": pa.list_(pa.string()),
}


class FactsDiffer(Exception):
    """Two rulesets declare a fact with different types, so that one column cannot hold it."""

    def __init__(self, name: str, types: Iterable[str]) -> None:
        super().__init__(
            f"the rulesets declare {name} as {' and as '.join(sorted(types))}, which no one column can hold;"
            " declare it alike, or run the rulesets apart"
        )
        self.name = name


def type_of(kind: Kind) -> pa.DataType:
    """Return the Arrow type of what may stand behind a key."""
    if kind == DATE:
        return pa.date32()
    if isinstance(kind, ListOf):
        return pa.list_(type_of(kind.item))
    if isinstance(kind, Table):
        return pa.struct([(row.name, type_of(row.kind)) for row in kind.keys])
    form = kind.schema()["type"]
    if form == "boolean":
        return pa.bool_()
    if isinstance(form, list):
        return pa.int64() if "integer" in form else AMOUNT
    return pa.string()


ENTRIES = pa.list_(type_of(ENTRY))
"""What was executed for an account."""
INVOICES: pa.DataType = next(type_of(row.kind) for row in HEADER if row.name == "invoices")


def list_facts(rulesets: Rulesets) -> dict[str, Fact]:
    """Return every fact that may be given: the standard ones, and those that a ruleset declares.

    Raises FactsDiffer.
    """
    found: dict[str, Fact] = dict(STANDARD_FACTS)
    for one in rulesets.compiled:
        for program in one.programs.values():
            for name, fact in program.edition.facts.items():
                if fact.source == "scorecard":
                    continue  # nobody gives it
                known = found.setdefault(name, fact)
                if _OF_FACT[known.type] != _OF_FACT[fact.type]:
                    raise FactsDiffer(name, {known.type, fact.type})
    return found


def make_schema(facts: Mapping[str, Fact]) -> pa.Schema:
    """Return the columns of accounts that may give these facts; what is regularized has exactly these."""
    header = [(row.name, type_of(row.kind)) for row in HEADER]
    given = [(name, _OF_FACT[fact.type]) for name, fact in facts.items()]
    return pa.schema([*header, *given, (HISTORY, ENTRIES), (DOCUMENT, pa.string())])
