"""Rules, blocks and limits as written, to records (language.md section 5)."""

import re

from engine.loading.actions import read_action
from engine.loading.complaints import suggest
from engine.loading.conditions import read_when
from engine.loading.constants import read_integer
from engine.loading.declines import DECLINE, read_decline_limits
from engine.loading.node import Entry, Mapping, Node, Scalar, entries_of, find, items_of
from engine.loading.scope import Scope
from engine.model.condition import AllOf
from engine.model.ruleset import After, AttemptLimit, Block, ContactLimit, Repeat, Rule, Timing
from engine.model.vocabulary import ACTIONS, CHANNELS

MOST_DAYS = 36_500
MOST_TIMES = 10_000
HIGHEST_LEVEL = 10_000
_MOST_RULES_LISTED = 12
_BRACES = re.compile(r"\{([^{}]*)\}")


def collect_ids(node: Node | None) -> tuple[str, ...]:
    """Return the ids of a list of rules or blocks, in written order."""
    ids = (find(item, "id") for item in items_of(node))
    return tuple(each.text for each in ids if isinstance(each, Scalar))


def collect_levels(node: Node | None, scope: Scope) -> frozenset[int]:
    """Return every level that a rule has."""
    levels = (
        read_integer(find(item, "level"), scope.complaints, least=1, most=HIGHEST_LEVEL) for item in items_of(node)
    )
    return frozenset(level for level in levels if level is not None)


def check_unique(node: Node | None, what: str, scope: Scope) -> None:
    """Complain of every id that stands a second time."""
    lines: dict[str, int] = {}
    for item in items_of(node):
        each = find(item, "id")
        if not isinstance(each, Scalar):
            continue
        if each.text in lines:
            found = f"A second {what} is called “{each.text}”; the first is on line {lines[each.text]}."
            scope.complaints.add("duplicate-id", each, found)
        lines.setdefault(each.text, each.at.line)


def read_rules(node: Node | None, scope: Scope) -> tuple[Rule, ...]:
    """Return the rules in written order."""
    return tuple(_read_rule(item, scope) for item in items_of(node) if isinstance(item, Mapping))


def _read_rule(node: Mapping, scope: Scope) -> Rule:
    name = _text_of(find(node, "id")) or ""
    return Rule(
        id=name,
        title=_text_of(find(node, "title")),
        level=read_integer(find(node, "level"), scope.complaints, least=1, most=HIGHEST_LEVEL),
        when=read_when(find(node, "when"), scope),
        after=tuple(_read_after(item, name, scope) for item in items_of(find(node, "after"))),
        repeat=_read_repeat(find(node, "repeat"), scope),
        timing=_read_timing(find(node, "timing"), scope),
        undoes=_read_undoes(find(node, "undoes"), scope),
        action=read_action(find(node, "then"), scope),
        basis=tuple(item.text for item in items_of(find(node, "basis")) if isinstance(item, Scalar)),
        at=node.at,
    )


def _text_of(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) else None


def _read_after(node: Node, rule: str, scope: Scope) -> After:
    named, level = find(node, "rule"), find(node, "level")
    lacks = scope.complaints.is_lacking
    if named is not None and level is not None:
        found = "This “after” names both a rule and a level; it needs one of them."
        scope.complaints.add("after-unclear", node, found, "Keep “rule” or “level”.")
    elif lacks(node, "rule") and lacks(node, "level"):
        found = "This “after” names neither a rule nor a level; it needs one of them."
        scope.complaints.add("after-unclear", node, found)
    counted_from = _text_of(find(node, "from"))
    return After(
        rule=_read_earlier_rule(named, rule, scope),
        level=_read_earlier_level(level, scope),
        days=read_integer(find(node, "days"), scope.complaints, least=0, most=MOST_DAYS) or 0,
        times=read_integer(find(node, "times"), scope.complaints, least=1, most=MOST_TIMES) or 1,
        counted_from="pay_by" if counted_from == "pay_by" else "executed",
        at=node.at,
    )


def _read_earlier_rule(node: Node | None, rule: str, scope: Scope) -> str | None:
    if not isinstance(node, Scalar):
        return None
    if node.text == rule:
        found = f"The rule {rule} waits for itself, so it could never be executed."
        scope.complaints.add("after-itself", node, found)
        return None
    return node.text if check_rule(node, scope) else None


def check_rule(node: Scalar, scope: Scope) -> bool:
    """Tell whether the node names a rule of the file, and complain otherwise."""
    if node.text in scope.rules:
        return True
    hint = suggest(node.text, scope.rules)
    if hint is None and len(scope.rules) <= _MOST_RULES_LISTED:
        hint = f"The rules of this file: {', '.join(sorted(scope.rules))}."
    scope.complaints.add("unknown-rule", node, f"“{node.text}” is no rule of this file.", hint)
    return False


def _read_earlier_level(node: Node | None, scope: Scope) -> int | None:
    level = read_integer(node, scope.complaints, least=1, most=HIGHEST_LEVEL)
    if node is None or level is None:
        return None
    if level not in scope.levels:
        known = ", ".join(str(each) for each in sorted(scope.levels)) or "none"
        scope.complaints.add("unknown-level", node, f"No rule has level {level}.", f"The levels of this file: {known}.")
        return None
    return level


def _read_repeat(node: Node | None, scope: Scope) -> Repeat | None:
    every_days = read_integer(find(node, "every_days"), scope.complaints, least=1, most=MOST_DAYS)
    at_most = read_integer(find(node, "at_most"), scope.complaints, least=1, most=MOST_TIMES)
    return None if every_days is None else Repeat(every_days=every_days, at_most=at_most)


def _read_timing(node: Node | None, scope: Scope) -> Timing | None:
    days = read_integer(find(node, "days_after_due"), scope.complaints, least=-MOST_DAYS, most=MOST_DAYS)
    align = _text_of(find(node, "align"))
    if days is None:
        return None
    return Timing(days_after_due=days, align=align)  # type: ignore[arg-type]  # the schema's enum


def _read_undoes(node: Node | None, scope: Scope) -> tuple[str, ...]:
    return tuple(item.text for item in items_of(node) if isinstance(item, Scalar) and check_rule(item, scope))


def read_blocks(node: Node | None, scope: Scope) -> tuple[Block, ...]:
    """Return the blocks in written order; a block without a reason gives its id."""
    return tuple(_read_block(item, scope) for item in items_of(node) if isinstance(item, Mapping))


def _read_block(node: Mapping, scope: Scope) -> Block:
    name = _text_of(find(node, "id")) or ""
    stops = find(node, "stops")
    return Block(
        id=name,
        when=read_when(find(node, "when"), scope),
        stops=None if stops is None else tuple(word for word in map(_text_of, items_of(stops)) if word in ACTIONS),
        reason=_read_reason(find(node, "reason"), scope) or name,
        at=node.at,
    )


def _read_reason(node: Node | None, scope: Scope) -> str | None:
    if not isinstance(node, Scalar):
        return None
    for quoted in _BRACES.findall(node.text):
        if quoted not in scope.facts:
            found = f"The reason quotes “{quoted}”, which is no fact."
            scope.complaints.add("unknown-fact", node, found, suggest(quoted, scope.facts))
    return node.text


def read_contact_limits(node: Node | None, scope: Scope) -> tuple[ContactLimit, ...]:
    """Return the limits on contacts."""
    limits: list[ContactLimit] = []
    for item in items_of(node):
        channel = _text_of(find(item, "channel"))
        at_most, per_days = _read_limit(item, scope)
        if at_most is not None and per_days is not None and (channel is None or channel in CHANNELS):
            limits.append(ContactLimit(channel=channel, at_most=at_most, per_days=per_days))
    return tuple(limits)


def read_attempt_limits(node: Node | None, scope: Scope) -> tuple[AttemptLimit, ...]:
    """Return the limits on payment attempts."""
    limits: list[AttemptLimit] = []
    for item in items_of(node):
        when = read_when(find(item, "when"), scope)
        by_decline = next((entry for entry in entries_of(item) if entry.key.text == DECLINE), None)
        if by_decline is not None:
            limits += _read_limits_of_table(item, by_decline, when, scope)
            continue
        at_most, per_days = _read_limit(item, scope)
        if at_most is not None and per_days is not None:
            limits.append(AttemptLimit(when=when, at_most=at_most, per_days=per_days))
    return tuple(limits)


def _read_limits_of_table(item: Node, entry: Entry, when: AllOf, scope: Scope) -> list[AttemptLimit]:
    for own in entries_of(item):
        if own.key.text in {"at_most", "per_days"}:
            found = f"“{own.key.text}” stands beside “decline”, whose numbers are those of the table."
            scope.complaints.add("attempt-limit-unclear", own.key, found)
    return [
        AttemptLimit(
            when=AllOf(conditions=(*when.conditions, limit.when)), at_most=limit.at_most, per_days=limit.per_days
        )
        for limit in read_decline_limits(entry, scope)
    ]


def _read_limit(node: Node, scope: Scope) -> tuple[int | None, int | None]:
    at_most = read_integer(find(node, "at_most"), scope.complaints, least=0, most=MOST_TIMES)
    return at_most, read_integer(find(node, "per_days"), scope.complaints, least=1, most=MOST_DAYS)
