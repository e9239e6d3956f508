"""The names of the facts that reach durable_rules, which tells names apart by a 32-bit hash only.

It keeps what follows a condition in a table, by the last five bits of the hash of the fact's name, each in the next
free place; and looks up every fact of the event, from the place of its hash on to the first that is free. So names that
meet in one table stand apart: flags in even places, with a free one after each, and numbers in odd ones.
"""

from __future__ import annotations

from itertools import product
from string import ascii_lowercase, digits

# The words that durable_rules 2.0.28 gives a meaning in a rule, an event or a state.
# fmt: off
RESERVED = (
    "id", "sid", "$s", "m", "$m", "i", "$i", "$forward", "$and", "$or", "$not", "$ex", "$nex", "$eq", "$neq", "$lt",
    "$lte", "$gt", "$gte", "$mt", "$imt", "$all", "$any", "$iall", "$iany", "$add", "$sub", "$mul", "$div", "$l",
    "$r", "all", "any", "run", "count", "cap", "span", "dist", "pri", "name", "time", "timers", "$time",
    "$timerName", "$min", "$max", "text",
)
# fmt: on
# A table has so many even places, the one of "id", which every event has, and one for warming up left out.
GROUP_SIZE = 14
_PLACES = 32


def hash_name(name: str) -> int:
    """Return the 32-bit FNV-1a hash by which durable_rules compares names."""
    found = 0x811C9DC5
    for byte in name.encode():
        found = (found ^ byte) * 16777619 & 0xFFFFFFFF
    return found


def _sort_names() -> list[list[str]]:
    """Return names of two signs by their place, none with the hash of a reserved word or of another."""
    taken = {hash_name(word) for word in RESERVED}
    rows: list[list[str]] = [[] for _ in range(_PLACES)]
    for signs in product(ascii_lowercase, digits + ascii_lowercase):
        name = "".join(signs)
        hashed = hash_name(name)
        if hashed not in taken:
            taken.add(hashed)
            rows[hashed % _PLACES].append(name)
    return rows


_rows = _sort_names()
GROUP_FLAGS = [_rows[2 + 2 * group].pop() for group in range(GROUP_SIZE)]
RULE_FLAGS = [[_rows[2 + 2 * rule].pop() for rule in range(GROUP_SIZE)] for _ in GROUP_FLAGS]
WARM_UP = _rows[2 + 2 * GROUP_SIZE].pop()
FACTS = [name for layer in zip(*_rows[1::2], strict=False) for name in layer]
