"""The acceptance tables decided by brute force at their critical points, without any code of the engine."""

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise, product
from typing import Any

from tests.acceptance.tables import Cell, Table

Inputs = tuple[Any, ...]


class BruteForce:
    """A table asked at every combination of its constants, of values between and beside them, and of missing ones."""

    def __init__(self, table: Table, *, is_optional: bool) -> None:
        self._table = table
        self._is_optional = is_optional

    @cached_property
    def matches(self) -> dict[Inputs, list[int]]:
        """The rows that each combination meets."""
        rows = self._table.rows
        return {
            inputs: [number for number, row in enumerate(rows) if all(map(_meets, row, inputs))]
            for inputs in product(*(list(self._values(index)) for index in range(len(self._table.columns))))
        }

    def _values(self, index: int) -> Iterator[Any]:
        cells = [row[index] for row in self._table.rows]
        constants = {value for cell in cells if cell for tests in cell.alternatives for _, value in tests}
        if self._is_optional:
            yield None
        if not constants:
            yield "anything"
        elif all(isinstance(value, bool) for value in constants):
            yield from (True, False)
        elif all(isinstance(value, str) for value in constants):
            yield from (*sorted(constants), "something else")
        else:
            known = sorted(constants)
            yield from (known[0] - 1, *known, known[-1] + 1, *((a + b) / 2 for a, b in pairwise(known)))

    @cached_property
    def winners(self) -> set[int]:
        """The rows that win somewhere."""
        return {rows[0] for rows in self.matches.values() if rows}

    @cached_property
    def winners_when_given(self) -> set[int]:
        """The rows that win somewhere where nothing is missing."""
        return {rows[0] for inputs, rows in self.matches.items() if rows and None not in inputs}

    @cached_property
    def met_when_given(self) -> set[int]:
        """The rows that some combination without a missing value meets, whether they win or not."""
        return {row for inputs, rows in self.matches.items() if None not in inputs for row in rows}

    @cached_property
    def overlapping(self) -> set[int]:
        """The rows that win somewhere and overlap an earlier one: some combinations meet both, some only either."""
        return {row for row in self.winners if any(self.overlap(earlier, row) for earlier in range(row))}

    @cached_property
    def idle(self) -> set[int]:
        """The rows of which a cell asks for what every value that is given is."""
        given = [
            [value for value in self._values(index) if value is not None] for index in range(len(self._table.columns))
        ]
        return {
            number
            for number, row in enumerate(self._table.rows)
            if any(
                cell and all(_meets(cell, value) for value in values) for cell, values in zip(row, given, strict=True)
            )
        }

    def rows_met(self, inputs: Inputs) -> list[int]:
        """The rows that some inputs meet."""
        return [number for number, row in enumerate(self._table.rows) if all(map(_meets, row, inputs))]

    @cached_property
    def has_gap(self) -> bool:
        """Whether some combination meets no row."""
        return any(not rows for rows in self.matches.values())

    def overlap(self, one: int, other: int) -> bool:
        """Whether some combinations meet both rows, some only the one, some only the other."""
        found = {(one in rows, other in rows) for rows in self.matches.values()}
        return {(True, True), (True, False), (False, True)} <= found


def _meets(cell: Cell | None, value: Any) -> bool:
    if cell is None:
        return True
    return value is not None and any(all(_holds(test, value) for test in tests) for tests in cell.alternatives)


def _holds(test: tuple[str, Any], value: Any) -> bool:
    operator, constant = test
    if operator in {"=", "!="}:
        return bool((value == constant) is (operator == "="))
    return bool(
        {"<": value < constant, "<=": value <= constant, ">": value > constant, ">=": value >= constant}[operator]
    )
