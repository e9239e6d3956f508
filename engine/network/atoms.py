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


Conjunction: TypeAlias = tuple[Atom, ...]


def express(fact: str, allowed: int, possible: int) -> Conjunction:
    """Return tests of the number of a class that hold just when its bit is among those allowed.

    What is not possible is never asked about.
    """
    first, last = (allowed & -allowed).bit_length() - 1, allowed.bit_length() - 1
    if first == last:
        return (Atom("==", fact, first),)
    barred = possible & ~allowed
    atoms = [Atom("$gte", fact, first)] if barred & (1 << first) - 1 else []
    if barred >> last + 1:
        atoms.append(Atom("$lte", fact, last))
    atoms.extend(Atom("$neq", fact, number) for number in range(first, last) if barred >> number & 1)
    return tuple(atoms)
