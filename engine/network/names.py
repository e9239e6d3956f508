"""Short names of the facts that reach durable_rules, which tells names apart by a 32-bit hash only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

# The words that durable_rules 2.0.28 gives a meaning in a rule, an event or a state.
# fmt: off
RESERVED = (
    "id", "sid", "$s", "m", "$m", "i", "$i", "$forward", "$and", "$or", "$not", "$ex", "$nex", "$eq", "$neq", "$lt",
    "$lte", "$gt", "$gte", "$mt", "$imt", "$all", "$any", "$iall", "$iany", "$add", "$sub", "$mul", "$div", "$l",
    "$r", "all", "any", "run", "count", "cap", "span", "dist", "pri", "name", "time", "timers", "$time",
    "$timerName", "$min", "$max", "text",
)
# fmt: on


def hash_name(name: str) -> int:
    """Return the 32-bit FNV-1a hash by which durable_rules compares names."""
    found = 0x811C9DC5
    for byte in name.encode():
        found = (found ^ byte) * 16777619 & 0xFFFFFFFF
    return found


def generate_names() -> Iterator[str]:
    """Yield f0, f1 and so on, leaving out each whose hash a reserved word or an earlier name has."""
    taken = {hash_name(word) for word in RESERVED}
    for number in count():
        name = f"f{number}"
        hashed = hash_name(name)
        if hashed not in taken:
            taken.add(hashed)
            yield name
