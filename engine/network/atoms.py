"""Tests that durable_rules answers rightly: comparisons of a whole number with a constant."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Operator: TypeAlias = Literal["==", "$neq", "$gte", "$lte"]


class Atom(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True, gc=False):
    """One comparison of a fact with a constant."""

    operator: Operator
    fact: str
    constant: int

    def condition(self) -> dict[str, object]:
        """Return the comparison as durable_rules reads it."""
        if self.operator == "==":
            return {self.fact: self.constant}
        return {self.operator: {self.fact: self.constant}}

    def rename(self, fact: str) -> Atom:
        """Return the same comparison of another fact."""
        return Atom(self.operator, fact, self.constant)


Conjunction: TypeAlias = tuple[Atom, ...]
