"""Tables among the rules: each row is written out as the rule that it stands for, each cell in its place (8a).

What a cell holds is read where rules are read, so that it means the same and is complained about in the same words.
"""

from collections.abc import Collection, Iterator

import msgspec

from engine.loading.columns import ID, THEN, WHEN, ColumnReader, Names
from engine.loading.grammar.parts import NAME
from engine.loading.grammar.ruleset import TABLE, TABLE_KEYS
from engine.loading.node import Entry, Mapping, Node, Row, Scalar, Sequence, describe, entries_of, find
from engine.loading.spot import Spot
from engine.loading.yamldecoding import LARGEST_FILE

_RULES = "rules"
_NOTHING = "-"
_LIKE_NOTHING = ("–", "—", "−", "n/a", "N/A", "./.")  # what people write in its place
_NEEDED_PARAMETERS = ("channel", "fee")
# Written out, the tables of a file have about so many characters at most.
_LARGEST = 2 * LARGEST_FILE
_LEAST_SIZE = 8


class WrittenOut(msgspec.Struct, frozen=True, kw_only=True):
    """A file whose tables are written out.

    ``tables`` are the names of all, with the ids of their rows; ``lost`` are rows that cannot be read, as far as they
    name something.
    """

    root: Mapping
    names: tuple[Scalar, ...] = ()
    tables: dict[str, tuple[str, ...]] = {}
    lost: tuple[Mapping, ...] = ()


def write_tables_out(root: Mapping, facts: Collection[str], conditions: Collection[str], spot: Spot) -> WrittenOut:
    """Return the file with a rule in the place of each row; facts and conditions are the names that columns can be."""
    stateless = find(root, "stateless")
    is_stateless = isinstance(stateless, Scalar) and (stateless.kind, stateless.text) == ("boolean", "true")
    entry = next((each for each in root.entries if each.key.text == _RULES), None)
    if entry is None or not isinstance(entry.value, Sequence) or not any(map(_is_table, entry.value.items)):
        return WrittenOut(root=root)
    inside = spot.under(entry.key).inside()
    known = Names(facts=facts, conditions=conditions, is_stateless=is_stateless)
    left = _LARGEST
    items: list[Node] = []
    lost: list[Mapping] = []
    names: list[Scalar] = []
    tables: dict[str, tuple[str, ...]] = {}
    for item in entry.value.items:
        if not isinstance(item, Mapping) or not _is_table(item):
            items.append(item)
            continue
        table = _Table(item, known, inside)
        rows = list(table.write_rows(most=left))
        left -= table.size if table.size <= left else 0
        items += rows
        lost += table.lost
        if table.name is not None:
            names.append(table.name)
            tables[table.name.text] = tuple(each.text for row in rows if isinstance(each := find(row, ID), Scalar))
    rules = Entry(key=entry.key, value=Sequence(items=tuple(items), at=entry.value.at))
    entries = tuple(rules if each is entry else each for each in root.entries)
    written = Mapping(entries=entries, is_whole=root.is_whole, at=root.at)
    return WrittenOut(root=written, names=tuple(names), tables=tables, lost=tuple(lost))


def _is_table(item: Node) -> bool:
    return any(entry.key.text in TABLE_KEYS for entry in entries_of(item))


class _Table:
    """One table; ``lost`` are its rows that cannot be read."""

    def __init__(self, node: Mapping, names: Names, spot: Spot) -> None:
        self._node = node
        self._spot = spot
        self._is_stateless = names.is_stateless
        self.lost: list[Mapping] = []
        TABLE.check_keys(node, spot)
        read = TABLE.read_values(node, spot, TABLE_KEYS)
        name = find(node, "table")
        self.name = name if isinstance(name, Scalar) and "table" in read else None
        self._header: tuple[Node, ...] = read.get("columns", ())  # type: ignore[assignment]  # the rows of the grammar say so
        self._rows: tuple[Node, ...] = read.get("rows", ())  # type: ignore[assignment]  # the same
        self._columns = tuple(ColumnReader(node, names, spot).read(self._header)) if self._header else ()
        self._shared = tuple(each for each in node.entries if each.key.text not in {*TABLE_KEYS, WHEN, THEN})

    # ── rows ──

    @property
    def size(self) -> int:
        """Return about how many characters the table has when what its rows have in common is written in each."""
        shared = sum(_size_of(each.value) for each in self._node.entries if each.key.text not in TABLE_KEYS)
        return len(self._rows) * (shared + sum(map(_size_of, self._header)))

    def write_rows(self, *, most: int) -> Iterator[Row]:
        """Yield the rule of each row; a row of another length than the header is complained about and lost."""
        if not self._header:
            return
        if self.size > most:
            said = "The rows have so much in common that the file is too large with each of them written out."
            self._spot.complain("list-too-long", find(self._node, "rows") or self._node, said, "Split the ruleset.")
            return
        for number, row in enumerate(self._rows, start=1):
            if not isinstance(row, Sequence):
                self._refuse_row(row)
            elif len(row.items) != len(self._header):
                self._complain_of_length(row)
                self.lost.append(self._write_row(number, row))
            else:
                yield self._write_row(number, row, is_told=True)

    def _refuse_row(self, row: Node) -> None:
        names = ", ".join(self._names())
        said = f"A row is a list of cells; found {describe(row)}."
        self._spot.complain("wrong-type", row, said, f"Write its cells in brackets, in the order {names}.")

    def _complain_of_length(self, row: Sequence) -> None:
        cells, wanted = len(row.items), len(self._header)
        said = f"The row has {cells} cell{'' if cells == 1 else 's'}, and the table {wanted} columns."
        if cells > wanted:
            self._spot.complain("row-length", row.items[wanted], said, "Put a list into brackets: [email, sms].")
        else:
            hint = f"The columns are {', '.join(self._names())}; a cell that leaves its key out is -."
            self._spot.complain("row-length", row, said, hint)

    def _names(self) -> list[str]:
        return [each.text for each in self._header if isinstance(each, Scalar)]

    def _write_row(self, number: int, row: Sequence, *, is_told: bool = False) -> Row:
        """Return the rule; where ``is_told`` a cell that says nothing but must is complained about."""
        cells = [(each, row.items[each.index]) for each in self._columns if each.index < len(row.items)]
        entries: list[Entry] = []
        sections: dict[str, list[Entry]] = {WHEN: [], THEN: []}
        identity = self._name_row(f"{number}", row) if self._is_stateless else None
        lacking: Node | None = None
        for column, cell in cells:
            key = Scalar(kind="word", text=column.name, at=cell.at)
            if column.name == ID and not column.section:
                identity = self._read_id(cell, is_told=is_told)
            elif is_told and isinstance(cell, Scalar) and not cell.is_quoted and cell.text in _LIKE_NOTHING:
                said = f"“{cell.text}” is not the hyphen that leaves “{column.name}” out."
                self._spot.complain("wrong-type", cell, said, "Write -, without quotes.")
            elif not _is_nothing(cell):
                sections.get(column.section, entries).append(Entry(key=key, value=cell))
            elif column.section == THEN and column.name in _NEEDED_PARAMETERS:
                lacking = cell
        if identity is not None:
            entries.insert(0, Entry(key=Scalar(kind="word", text=ID, at=identity.at), value=identity))
        entries += self._shared
        entries += self._write_when(sections[WHEN], row)
        then = find(self._node, THEN)
        if then is not None:
            entries.append(self._write_then(then, sections[THEN], lacking))
        is_whole = self._node.is_whole and then is not None and identity is not None
        return Row(entries=tuple(entries), is_whole=is_whole, at=row.at, table=self.name.text if self.name else "")

    def _name_row(self, written: str, cell: Node) -> Scalar:
        """Return a row's id; it is refused already where the table's own name is."""
        name = self.name.text if self.name is not None else ""
        return Scalar(kind="word" if name else "refused", text=f"{name}-{written}", at=cell.at)

    def _read_id(self, cell: Node, *, is_told: bool) -> Scalar | None:
        if _is_nothing(cell) and is_told:
            said = "The row has no id, and decisions and history name rules by their ids."
            self._spot.complain("row-without-id", cell, said)
        if is_told and not isinstance(cell, Scalar):
            said = f"The id of a row is a word; found {describe(cell)}."
            self._spot.complain("wrong-type", cell, said, "Write a name of letters, digits and . _ -.")
        if _is_nothing(cell) or not isinstance(cell, Scalar) or cell.kind == "refused":
            return None
        key = Scalar(kind="word", text=ID, at=cell.at)
        word = Scalar(kind="word", text=cell.text, at=cell.at)
        return self._name_row(cell.text, cell) if NAME.read(word, self._spot.under(key)) is not None else None

    def _write_when(self, cells: list[Entry], row: Sequence) -> Iterator[Entry]:
        own = next((each for each in self._node.entries if each.key.text == WHEN), None)
        if own is not None and (not isinstance(own.value, Mapping) or not cells):
            yield own
        elif cells:
            shared = entries_of(own.value) if own is not None else ()
            key = own.key if own is not None else Scalar(kind="word", text=WHEN, at=row.at)
            yield Entry(key=key, value=Mapping(entries=(*shared, *cells), at=row.at))

    def _write_then(self, then: Node, cells: list[Entry], lacking: Node | None) -> Entry:
        """Return the action with the row's parameters; it stands at the cell that leaves out what it needs."""
        own = next(each for each in self._node.entries if each.key.text == THEN)
        if not isinstance(then, Mapping):
            return own
        shared = then.entries
        if lacking is not None:
            shared = tuple(_moved(each, lacking) if each.key.text == "action" else each for each in shared)
        at = then.at if lacking is None else lacking.at
        return Entry(key=own.key, value=Mapping(entries=(*shared, *cells), is_whole=then.is_whole, at=at))


def _is_nothing(cell: Node) -> bool:
    """Tell whether a cell leaves its key out; in quotes it is the word."""
    return isinstance(cell, Scalar) and cell.kind == "word" and not cell.is_quoted and cell.text == _NOTHING


def _size_of(node: Node) -> int:
    """Return about how many characters a value has."""
    size, waiting = 0, [node]
    while waiting:
        each = waiting.pop()
        size += _LEAST_SIZE
        if isinstance(each, Scalar):
            size += len(each.text)
        elif isinstance(each, Sequence):
            waiting += each.items
        else:
            waiting += [part for entry in each.entries for part in (entry.key, entry.value)]
    return size


def _moved(entry: Entry, to: Node) -> Entry:
    value = msgspec.structs.replace(entry.value, at=to.at)
    return Entry(key=entry.key, value=value)
