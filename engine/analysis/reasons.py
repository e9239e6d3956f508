"""Why a rule is not reached, where one part of it says so by itself: the reasons that have checks of their own."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.conditions.boxes import Region, clip
from engine.conditions.sets import IntegerSet
from engine.coordinates.beside import DAYS_OVERDUE
from engine.coordinates.executed import target_of
from engine.model.ruleset import After, Rule
from engine.model.vocabulary import ACTIONS
from engine.proofs.prover import Prover
from engine.words.phrases import count_days, name_rules

Reason = Literal["when", "channel", "after", "level"]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why an ``after`` never holds, as the end of a sentence about what is waited for, and what to do.

    ``is_consequence`` where another rule is what has to be mended, of which it is said.
    """

    sentence: str
    hint: str
    is_consequence: bool = False


def reason_of(prover: Prover, index: int) -> Reason | None:
    """Return which part of a rule that is not reached keeps it from ever winning, or None."""
    rule = prover.rules[index]
    if holds_nowhere(prover, prover.whens[index]):
        return "when"
    if not prover.packed_whens[index]:
        return None
    if lacks_channel(prover, index):
        return "channel"
    if any(explain_after(prover, index, after) is not None for after in rule.after):
        return "after"
    return "level" if is_level_cut_off(prover, rule) else None


def holds_nowhere(prover: Prover, region: Region) -> bool:
    """Tell whether a condition holds of no account."""
    return not clip(region, prover.dimensions)


def lacks_channel(prover: Prover, index: int) -> bool:
    """Tell whether no account that meets a rule's ``when`` has one of its channels open."""
    rule = prover.rules[index]
    if not ACTIONS[rule.action.type].is_contact or prover.may_reach(index) or not prover.packed_whens[index]:
        return False
    reach = prover.pack_reach(rule)
    open_somewhere = prover.space.common(prover.packed_whens[index], reach)
    impossible = prover.whole.impossible
    is_when_possible = not prover.space.is_covered(prover.packed_whens[index], impossible)
    return is_when_possible and prover.space.is_covered(open_somewhere, impossible)


def explain_after(prover: Prover, index: int, after: After) -> Why | None:
    """Return why an ``after`` of a rule never holds by the ruleset's own decisions, or None if it can."""
    waiting = prover.space.common(prover.packed_whens[index], prover.pack_after(after))
    if not prover.space.is_covered(waiting, (*prover.whole.impossible, *prover.own_history)):
        return None
    rules = prover.executions.executors(target_of(after))
    return (
        _explain_circle(prover, prover.rules[index], rules)
        or _explain_never(prover, rules)
        or _explain_times(prover, after, rules)
        or _explain_deadline(after, rules)
        or _explain_window(prover, after, rules)
        or _explain_days(prover, index, after)
    )


def _explain_circle(prover: Prover, rule: Rule, awaited: Sequence[Rule]) -> Why | None:
    """Follow what is waited for, where it is one rule each time, back to the rule itself."""
    circle: list[Rule] = []
    while len(awaited) == 1 and awaited[0] not in circle:
        circle.append(awaited[0])
        if awaited[0] is rule:
            chain = " and that for ".join(f"“{each.id}”" for each in circle[1:])
            return Why(
                sentence=f"waits for {chain} in turn, so that none of them can ever come first",
                hint="Take the “after” out of one of them.",
                is_consequence=any(prover.indices[each.id] < prover.indices[rule.id] for each in circle),
            )
        awaited = [each for after in awaited[0].after for each in prover.executions.executors(target_of(after))]
    return None


def _explain_never(prover: Prover, rules: Sequence[Rule]) -> Why | None:
    if any(prover.may_reach(prover.indices[rule.id]) for rule in rules):
        return None
    return Why(sentence="never wins", hint=f"Mend {name_rules(rule.id for rule in rules)}.", is_consequence=True)


def _explain_times(prover: Prover, after: After, rules: Sequence[Rule]) -> Why | None:
    mosts = [prover.executions.most_times(rule) for rule in rules]
    bounded = [most for most in mosts if most is not None]
    if len(bounded) < len(mosts) or sum(bounded) >= after.times:
        return None
    times = "once" if sum(bounded) == 1 else f"{sum(bounded)} times"
    return Why(
        sentence=f"is executed {times} at most, and {after.times} times are asked for",
        hint=f"Give {name_rules(rule.id for rule in rules)} a “repeat” that allows {after.times}, or ask for fewer.",
    )


def _explain_deadline(after: After, rules: Sequence[Rule]) -> Why | None:
    if after.counted_from == "executed" or any(rule.action.pay_within_days is not None for rule in rules):
        return None
    return Why(
        sentence="sets no deadline: its action has no pay_within_days",
        hint=f"Write “pay_within_days” in {name_rules(rule.id for rule in rules)}, or take “from: pay_by” away.",
    )


def _explain_window(prover: Prover, after: After, rules: Sequence[Rule]) -> Why | None:
    """Explain what a countdown lets count only so long before ``when`` holds no more."""
    window = prover.beside.windows.get(rules[0].id, ()) if len(rules) == 1 else ()
    if not window or after.counted_from == "pay_by":
        return None
    begins = " and ".join(f"{each.fact.name} is {each.highest}" for each in window)
    later = f"{count_days(after.days)} later or after" if after.days else "from then on"
    return Why(
        sentence=f"counts only from the day on which {begins}, and “when” does not hold {later}",
        hint=f"Let the “when” of “{rules[0].id}” begin earlier, let this one hold longer, or wait fewer days.",
    )


def _explain_days(prover: Prover, index: int, after: After) -> Why:
    begin = prover.executions.earliest_after(after)
    last = last_day(prover.whens[index])
    if begin is None or last is None or begin <= last:
        return Why(
            sentence="cannot have been executed where “when” holds",
            hint="Widen the “when” of one of the two, so that an account can meet both in turn.",
        )
    return Why(
        sentence=f"comes so late that {DAYS_OVERDUE} is {begin} by then, and “when” ends at {last}",
        hint=f"Let “when” run to {DAYS_OVERDUE} {begin} at least, or wait fewer days.",
    )


def last_day(region: Region) -> int | None:
    """Return the day overdue on which a region ends, or None if it never does."""
    found: list[int] = []
    for box in region:
        side = box.sides.get(DAYS_OVERDUE)
        end = side.intervals[-1][1] if isinstance(side, IntegerSet) and side.intervals else None
        if end is None or not isinstance(side, IntegerSet) or side.missing:
            return None
        found.append(end)
    return max(found, default=None)


def find_passed(prover: Prover, index: int) -> Rule | None:
    """Return the rule that another follows, and whose level is not below its own, so that its turn is over."""
    rule = prover.rules[index]
    if rule.level is None or prover.is_plain:
        return None
    for after in rule.after:
        awaited = prover.executions.executors(target_of(after))
        passed = [(each.level, each) for each in awaited if each.level is not None and each.level >= rule.level]
        if passed and len(passed) == len(awaited):
            return min(passed, key=lambda pair: pair[0])[1]
    return None


def is_level_cut_off(prover: Prover, rule: Rule) -> bool:
    """Tell whether a strict ladder never comes to the level below a rule's."""
    if rule.level is None or prover.is_plain or prover.ruleset.ladder != "strict":
        return False
    reached = {other.level for index, other in enumerate(prover.rules) if prover.may_reach(index)}
    below = {other.level for other in prover.rules if other.level is not None and other.level < rule.level}
    return bool(below) and max(below) not in reached
