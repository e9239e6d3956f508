"""What rules, blocks and limits mean together: the names in them, and what does not fit (language.md section 5)."""

import re
from collections.abc import Collection, Iterable
from decimal import Decimal

from engine.loading.complaints import list_words, suggest
from engine.loading.constants import digits_of
from engine.loading.declines import DECLINE, DeclineLimit
from engine.loading.node import Mapping, Node, Row, Scalar, entries_of, find, items_of
from engine.loading.spot import Spot
from engine.model.condition import ALWAYS, AllOf
from engine.model.diagnostic import Position
from engine.model.ruleset import After, AttemptLimit, Block, Repeat, Rule

HIGHEST_LEVEL = 10_000
RESTS = ("every_days", "every_business_days", "every_months")
_MOST_RULES_LISTED = 12
_TARGETS = {"rule": "a rule", "level": "a level", "action": "an action"}
_BRACES = re.compile(r"\{([^{}]*)\}")


def collect_ids(rules: Iterable[Node]) -> frozenset[str]:
    """Return the ids of rules."""
    ids = (each for item in rules for each in _find_all(item, "id"))
    return frozenset(each.text for each in ids if isinstance(each, Scalar))


def _find_all(item: Node, key: str) -> list[Node]:
    """Return what stands behind a key, and behind the same key of the next item whose dash is missing."""
    doubles = item.doubles if isinstance(item, Mapping) else ()
    return [entry.value for entry in (*entries_of(item), *doubles) if entry.key.text == key]


def collect_levels(rules: Iterable[Node]) -> frozenset[int]:
    """Return every level that a rule has."""
    digits = (digits_of(level) for item in rules for level in _find_all(item, "level"))
    levels = (Decimal(each) for each in digits if each is not None)
    return frozenset(int(level) for level in levels if 1 <= level <= HIGHEST_LEVEL)


def table_of(node: Mapping, spot: Spot) -> str | None:
    """Return the table that a rule is a row of."""
    del spot
    return node.table if isinstance(node, Row) else None


def tables_of(node: Mapping, spot: Spot) -> Collection[str]:
    """Return the tables of the file."""
    del node
    return spot.scope.tables


def name_rule(node: Scalar, spot: Spot) -> str | None:
    """Return the id of a rule or a table of the file, and complain of any other; a folder's guarantee may name any."""
    known = spot.scope.rules | spot.scope.tables.keys()
    if spot.scope.is_of_folder or node.text in known:
        return node.text
    hint = suggest(node.text, known)
    if hint is None and len(known) <= _MOST_RULES_LISTED:
        hint = f"The rules of this file: {', '.join(sorted(known))}."
    spot.complain("unknown-rule", node, f"“{node.text}” is no rule of this file.", hint)
    return None


def name_undone(node: Scalar, spot: Spot) -> tuple[str, ...] | None:
    """Return the rule of that id, or the rows of that table."""
    name = name_rule(node, spot)
    return None if name is None else spot.scope.tables.get(name, (name,))


def join_undone(read: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return all rules that are undone, each once."""
    return tuple(dict.fromkeys(name for names in read for name in names))


def make_after(*, tables: Collection[str], rule: str | None = None, **others: object) -> After:
    """Return what is waited for: a rule, all rows of a table together, or a level."""
    named = {"table": rule} if rule in tables else {"rule": rule}
    return After(**named, **others)  # type: ignore[arg-type]  # the rows say what they are


def name_level(node: Scalar, spot: Spot) -> int | None:
    """Return a level that a rule of the file has, and complain of any other; a folder's guarantee may name any."""
    level = int(Decimal(node.text))
    if spot.scope.is_of_folder or level in spot.scope.levels:
        return level
    known = ", ".join(str(each) for each in sorted(spot.scope.levels)) or "none"
    spot.complain("unknown-level", node, f"No rule has level {level}.", f"The levels of this file: {known}.")
    return None


def check_after(node: Mapping, after: After, spot: Spot) -> None:
    """Complain unless it names either a rule or a level."""
    del after
    lacks = spot.scope.complaints.is_lacking
    if find(node, "rule") is not None and find(node, "level") is not None:
        found = "This “after” names both a rule and a level; it needs one of them."
        spot.complain("after-unclear", node, found, "Keep “rule” or “level”.")
    elif lacks(node, "rule") and lacks(node, "level"):
        found = "This “after” names neither a rule nor a level; it needs one of them."
        spot.complain("after-unclear", node, found)


def check_repeat(node: Mapping, repeat: Repeat, spot: Spot) -> None:
    """Complain unless it names just one rest, and a number of times beside the days that they are counted in."""
    del repeat
    lacks = spot.scope.complaints.is_lacking
    named = [name for name in RESTS if find(node, name) is not None]
    if len(named) > 1:
        found = f"This “repeat” has {list_words(named, 'and')}; it needs one of them."
        spot.complain("repeat-unclear", node, found, f"Keep {list_words([f'“{name}”' for name in named], 'or')}.")
    elif all(lacks(node, name) for name in RESTS):
        found = f"This “repeat” does not say how long the rule rests; it needs one of {list_words(RESTS)}."
        spot.complain("repeat-unclear", node, found, "Add “every_days: 3” or the like.")
    per_days = next((entry.key for entry in entries_of(node) if entry.key.text == "per_days"), None)
    if per_days is not None and lacks(node, "at_most"):
        found = "“per_days” says in how many days the times of “at_most” are counted, and there is no “at_most” here."
        spot.complain("repeat-unclear", per_days, found, "Add “at_most: 4” or the like, or take “per_days” away.")


def check_after_of_guarantee(node: Mapping, after: After, spot: Spot) -> None:
    """Complain unless it names one of a rule, a level and an action."""
    del after
    named = [entry.key.text for entry in node.entries if entry.key.text in _TARGETS]
    if len(named) > 1:
        found = f"This “after” names {list_words([_TARGETS[name] for name in named], 'and')}; it needs one of them."
        spot.complain("after-unclear", node, found, f"Keep {list_words([f'“{name}”' for name in named])}.")
    elif all(spot.scope.complaints.is_lacking(node, name) for name in _TARGETS):
        found = "This “after” names neither a rule nor a level nor an action; it needs one of them."
        spot.complain("after-unclear", node, found, "Write {action: send_dunning_notice}, {rule: x} or {level: 2}.")


def check_rule(node: Mapping, rule: Rule, spot: Spot) -> None:
    """Complain of a rule that waits for itself, and of a row that names its own table."""
    for item in items_of(find(node, "after")):
        named = find(item, "rule")
        if isinstance(named, Scalar) and named.text == rule.id:
            found = f"The rule {rule.id} waits for itself, so it could never be executed."
            spot.complain("after-itself", named, found)
        elif isinstance(named, Scalar) and named.text == rule.table:
            found = f"A row of {rule.table} waits for its own table."
            spot.complain("after-itself", named, found, f"Name another rule, or a row: {rule.table}-….")
    for named in items_of(find(node, "undoes")):
        if isinstance(named, Scalar) and rule.table is not None and named.text == rule.table:
            found = f"A row of {rule.table} undoes its own table."
            spot.complain("after-itself", named, found, f"Name the rows that are undone: {rule.table}-….")


def make_block(
    *,
    id: str,  # noqa: A002  # the record's word
    at: Position,
    when: AllOf = ALWAYS,
    stops: tuple[str, ...] | None = None,
    reason: str | None = None,
) -> Block:
    """Return the block; without a reason it gives its id."""
    return Block(id=id, when=when, stops=stops, reason=reason or id, at=at)


def quote_facts(node: Scalar, spot: Spot) -> str:
    """Return a reason, and complain of what it quotes in braces that is no fact."""
    for quoted in _BRACES.findall(node.text):
        if quoted not in spot.scope.facts:
            found = f"The reason quotes “{quoted}”, which is no fact."
            spot.complain("unknown-fact", node, found, suggest(quoted, spot.scope.facts))
    return node.text


def make_attempt_limits(
    *,
    when: AllOf = ALWAYS,
    decline: Iterable[DeclineLimit] | None = None,
    at_most: int | None = None,
    per_days: int | None = None,
) -> tuple[AttemptLimit, ...]:
    """Return the limit with its own numbers, or those of the table of declines."""
    if decline is not None:
        return tuple(
            AttemptLimit(
                when=AllOf(conditions=(*when.conditions, limit.when)), at_most=limit.at_most, per_days=limit.per_days
            )
            for limit in decline
        )
    if at_most is None or per_days is None:
        return ()
    return (AttemptLimit(when=when, at_most=at_most, per_days=per_days),)


def check_attempt_limit(node: Mapping, limits: tuple[AttemptLimit, ...], spot: Spot) -> None:
    """Complain of numbers beside those of the table."""
    del limits
    for entry in entries_of(node) if find(node, DECLINE) is not None else ():
        if entry.key.text in {"at_most", "per_days"}:
            found = f"“{entry.key.text}” stands beside “decline”, whose numbers are those of the table."
            spot.complain("attempt-limit-unclear", entry.key, found)
