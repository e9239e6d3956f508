"""The columns of a table of rules: which key of a rule, its “when” or its “then” each holds (language.md 8a.1)."""

from collections.abc import Collection, Iterator

import msgspec

from engine.loading.complaints import list_words, suggest
from engine.loading.conditions import KEYWORDS
from engine.loading.declines import DECLINE
from engine.loading.grammar.actions import list_parameters
from engine.loading.grammar.ruleset import CELL_KEYS, TABLE
from engine.loading.header import STATEFUL_RULE_KEYS, complain_of_state
from engine.loading.node import Mapping, Node, Scalar, describe, find
from engine.loading.spot import Spot
from engine.model.vocabulary import ACTIONS

WHEN, THEN, ID = "when", "then", "id"
_PREFIX = f"{THEN}."
_NO_COLUMNS = {
    **dict.fromkeys(KEYWORDS, "Put it into the table's “when”, for all rows; or give it a name under “conditions”."),
    "action": "Rows with another action are a table of their own.",
}
_MOST_LISTED = 12


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What a column of a file can be called besides the words of the language."""

    facts: Collection[str]
    conditions: Collection[str]
    is_stateless: bool


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column that can be read: its place in a row, and its key, of the rule where ``section`` is empty."""

    index: int
    section: str
    name: str


class ColumnReader:
    """Reads the columns of one table."""

    def __init__(self, table: Mapping, names: Names, spot: Spot) -> None:
        self._node = table
        self._names = names
        self._spot = spot
        self._action = find(find(table, THEN), "action")

    def read(self, header: Collection[Node]) -> Iterator[Column]:
        """Yield the columns that mean something, and complain of the others."""
        seen: set[tuple[str, str]] = set()
        for index, cell in enumerate(header):
            if not isinstance(cell, Scalar) or cell.kind == "refused":
                self._refuse_header(cell)
                continue
            found = self._place(cell.text)
            if found is None:
                self._complain_of_column(cell)
            elif self._names.is_stateless and found[1] in STATEFUL_RULE_KEYS and not found[0]:
                complain_of_state(cell, self._spot)
            elif found in seen:
                said = f"The column “{cell.text}” stands here a second time."
                self._spot.complain("column-repeated", cell, said, "Take one of the two away.")
            elif self._stands_in_table(*found):
                said = f"The column “{cell.text}” stands in the table itself too."
                self._spot.complain("column-repeated", cell, said, "Keep it where all rows have it, or as a column.")
            else:
                yield Column(index=index, section=found[0], name=found[1])
            if found is not None:
                seen.add(found)
        if ("", ID) not in seen and not self._names.is_stateless:
            said = "The table has no column “id”, and history names its rules by their ids."
            self._spot.complain("row-without-id", find(self._node, "columns") or self._node, said)

    def _refuse_header(self, cell: Node) -> None:
        if not isinstance(cell, Scalar):
            said = f"A column is a name; found {describe(cell)}."
            self._spot.complain("wrong-type", cell, said, "Write a list of names: columns: [id, segment, channel].")

    def _place(self, name: str) -> tuple[str, str] | None:
        """Return the section and the key that a column stands for; what is a fact and a parameter is the fact."""
        if name in CELL_KEYS:
            return "", name
        if name in _NO_COLUMNS:
            return None
        if name in self._names.facts or name in self._names.conditions or name == DECLINE:
            return WHEN, name
        parameter = name.removeprefix(_PREFIX)
        return (THEN, parameter) if parameter in self._parameters() else None

    def _parameters(self) -> tuple[str, ...]:
        """Return the parameters of the table's action; where that cannot be read, those of all actions."""
        written = self._action.text if isinstance(self._action, Scalar) else ""
        actions = (written,) if written in ACTIONS else tuple(ACTIONS)
        return tuple(dict.fromkeys(name for action in actions for name in list_parameters(action)))

    def _stands_in_table(self, section: str, name: str) -> bool:
        return find(find(self._node, section) if section else self._node, name) is not None

    def _complain_of_column(self, cell: Scalar) -> None:
        name = cell.text
        if name in _NO_COLUMNS:
            self._spot.complain("column-unknown", cell, f"“{name}” cannot be a column.", _NO_COLUMNS[name])
            return
        if any(row.name == name for row in TABLE.keys):
            said = f"“{name}” cannot be a column."
            self._spot.complain("column-unknown", cell, said, f"Write it once, as a key of the table: “{name}: …”.")
            return
        parameter = name.removeprefix(_PREFIX)
        owners = [action for action in ACTIONS if parameter in list_parameters(action)]
        if owners and isinstance(self._action, Scalar):
            said = f"{self._action.text} has no “{parameter}”, so it cannot be a column."
            hint = f"It belongs to {list_words(owners, 'and')}." if len(owners) <= _MOST_LISTED else None
            self._spot.complain("column-unknown", cell, said, hint)
            return
        known = [*CELL_KEYS, *self._names.facts, *self._names.conditions, *self._parameters()]
        said = f"“{name}” is no fact, no named condition and no key of a rule or its action."
        self._spot.scope.complaints.add_once("column-unknown", cell, said, lambda: suggest(name, known))
