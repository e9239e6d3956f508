"""``decline:`` as written, in conditions and in attempt limits: rows of the table chosen by their properties."""

from collections.abc import Callable

import msgspec

from engine.loading.complaints import list_words, suggest
from engine.loading.declineexpansion import Lookup, expand_rests, expand_rows, join
from engine.loading.declinetable import NEWEST
from engine.loading.node import Entry, Mapping, Node, Scalar, describe, items_of
from engine.loading.scope import Scope
from engine.model.condition import AnyOf
from engine.model.decline import ADVICE, CATEGORIES, REMEDIES, SCHEMES, Decline

DECLINE = "decline"
RETRYABLE, RESTED, BY = "retryable", "rested", "by"
WORDS = {"category": CATEGORIES, "remedy": REMEDIES, "scheme": SCHEMES}
BY_WORDS = ("code",)
_ALL_WORDS = {**WORDS, BY: BY_WORDS}
LIMIT_KEYS = (RETRYABLE, *WORDS)
CONDITION_KEYS = (*LIMIT_KEYS, BY, RESTED)
_PROPERTIES: dict[str, Callable[[Decline], str]] = {
    RETRYABLE: lambda row: "true" if row.retryable else "false",
    "category": lambda row: row.category,
    "remedy": lambda row: row.remedy,
    "scheme": lambda row: row.scheme,
}


class _ChosenRows(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that have all properties, and whether the days to wait must be over, or not over."""

    rows: tuple[Decline, ...]
    heeds_advice: bool
    rested: bool | None
    written: str


class DeclineLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of the table and where it holds."""

    at_most: int
    per_days: int
    when: AnyOf


def read_decline(entry: Entry, scope: Scope) -> tuple[AnyOf, ...]:
    """Return the condition that the last decline's row has these properties, or nothing where it cannot be read."""
    choice = _read_choice(entry, CONDITION_KEYS, scope)
    if choice is None or scope.declines is None:
        return ()
    lookup = Lookup(facts=scope.facts, at=entry.key.at, heeds_advice=choice.heeds_advice)
    if choice.rested is None:
        parts = expand_rows(scope.declines, choice.rows, lookup)
    else:
        parts = expand_rests(scope.declines, choice.rows, lookup, rested=choice.rested)
    return (join(parts, lookup, choice.written),)


def read_decline_limits(entry: Entry, scope: Scope) -> tuple[DeclineLimit, ...]:
    """Return a limit for each pair of numbers that the rows with these properties have, as in the table."""
    choice = _read_choice(entry, LIMIT_KEYS, scope)
    if choice is None or scope.declines is None:
        return ()
    lookup = Lookup(facts=scope.facts, at=entry.key.at)
    by_numbers: dict[tuple[int, int], list[Decline]] = {}
    for row in choice.rows:
        if row.at_most is not None and row.per_days is not None:
            by_numbers.setdefault((row.at_most, row.per_days), []).append(row)
    found = []
    for (at_most, per_days), rows in by_numbers.items():
        written = f"{choice.written}, at most {at_most} in {per_days} days"
        when = join(expand_rows(scope.declines, rows, lookup), lookup, written)
        if when.conditions:
            found.append(DeclineLimit(at_most=at_most, per_days=per_days, when=when))
    return tuple(found)


def _read_choice(entry: Entry, keys: tuple[str, ...], scope: Scope) -> _ChosenRows | None:
    if scope.declines is None:
        found = "“decline” reads a table of decline codes, and the file names none."
        scope.complaints.add("declines-needed", entry.key, found, f"Add “declines: {NEWEST}” at the top of the file.")
        return None
    node = entry.value
    if not isinstance(node, Mapping):
        found = f"“decline” takes a mapping of properties; found {describe(node)}."
        scope.complaints.add("wrong-type", node, found, "Write decline: {retryable: true}.")
        return None
    if not node.entries:
        scope.complaints.add("empty-test", node, "The test of the decline says nothing.", _hint(keys))
        return None
    read = {each.key.text: _read_property(each, keys, scope) for each in node.entries}
    if any(not words for words in read.values()):
        return None
    rested, heeds_advice = read.pop(RESTED, None), read.pop(BY, None) is None
    rows = (row for row in scope.declines.declines if heeds_advice or row.scheme not in ADVICE)
    choice = _ChosenRows(
        rows=tuple(row for row in rows if all(_PROPERTIES[key](row) in words for key, words in read.items())),
        heeds_advice=heeds_advice,
        rested=None if rested is None else rested == ("true",),
        written=f"decline: {_write(node)}",
    )
    if not choice.rows:
        found = f"No row of {scope.declines.edition} has all of {_write(node)}."
        scope.complaints.add("no-such-decline", node, found)
        return None
    return choice


def _read_property(entry: Entry, keys: tuple[str, ...], scope: Scope) -> tuple[str, ...]:
    """Return the words of one property; none where something was complained about."""
    name = entry.key.text
    if name not in keys:
        found = f"“{name}” is not a key of “decline” here."
        scope.complaints.add("unknown-key", entry.key, found, suggest(name, keys) or _hint(keys))
        return ()
    if name not in _ALL_WORDS:
        if isinstance(entry.value, Scalar) and entry.value.kind == "boolean":
            return (entry.value.text,)
        found = f"“{name}” is true or false; found {describe(entry.value)}."
        scope.complaints.add("wrong-type", entry.value, found, f"Write {name}: true, without quotes.")
        return ()
    items = items_of(entry.value)
    if not items:
        scope.complaints.add("empty-list", entry.value, f"“{name}” is empty, so no row could have it.")
    words = [_read_word(name, item, scope) for item in items]
    return tuple(word for word in words if word is not None) if None not in words else ()


def _read_word(name: str, node: Node, scope: Scope) -> str | None:
    if isinstance(node, Scalar) and node.kind == "word" and node.text in _ALL_WORDS[name]:
        return node.text
    near = suggest(node.text, _ALL_WORDS[name]) if isinstance(node, Scalar) else None
    hint = near or f"It can be {list_words(_ALL_WORDS[name])}."
    scope.complaints.add("unknown-word", node, f"“{name}” cannot be {describe(node)}.", hint)
    return None


def _hint(keys: tuple[str, ...]) -> str:
    return f"The keys here are {', '.join(keys)}."


def _write(node: Node) -> str:
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{each.key.text}: {_write(each.value)}" for each in node.entries) + "}"
    if isinstance(node, Scalar):
        return node.text
    return "[" + ", ".join(_write(item) for item in node.items) + "]"
