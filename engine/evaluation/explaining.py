"""Why a decision came out: a sentence, the conditions that failed, the facts, the closed channels."""

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from engine.conditions.boxes import Box
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executions import DaysPastDeadline, DaysSinceMet, Met, done
from engine.coordinates.facts import Element, fact_of
from engine.coordinates.ladder import NO_TURN, TURN
from engine.evaluation.choosing import Verdict
from engine.evaluation.program import Program
from engine.evaluation.scoring import say_points, sheets_of
from engine.evaluation.uncounted import list_uncounted
from engine.evaluation.view import View
from engine.evaluation.wording import fill_reason, sentence_of
from engine.model.decision import ClosedChannel, Explanation, NearMiss, Unmet, Upcoming, UsedFact
from engine.model.ruleset import Rule
from engine.model.vocabulary import ACTIONS, CHANNELS
from engine.network.masks import Bars
from engine.words.phrases import lower_first, say_since
from engine.words.values import format_value, say_set

NO_RULE_EVER = "No rule holds, and none will by time alone"
_SHOWN_IN_A_REASON = 4


def reason_of(view: View, verdict: Verdict, upcoming: Upcoming | None) -> str:
    """Say in a sentence which facts decided."""
    edition = view.program.edition
    if verdict.kind == "blocked":
        block = edition.blocks[verdict.choice.block] if verdict.choice.block is not None else None
        return fill_reason(block.reason, view) if block is not None else verdict.reason or ""
    if verdict.kind == "act" and verdict.choice.rule is not None:
        return _reason_of_rule(view, verdict.choice.rule)
    if upcoming is not None:
        return (
            f"No rule holds today; {_title(view.program.rules[upcoming.rule])} will on {upcoming.on} if nothing is paid"
        )
    return NO_RULE_EVER


def _reason_of_rule(view: View, index: int) -> str:
    program = view.program
    box = program.masks.box_of(index, view.point)
    asked = () if box is None else (fact_of(each) for each in program.plan.under(box.sides))
    names = dict.fromkeys(fact.name for fact in asked if fact is not None)
    ordered = sorted(names, key=lambda name: name != "days_overdue")
    currency = view.standing.account.currency
    if scores := program.plan.scores:
        ordered.sort(key=lambda name: (name != "days_overdue", name not in scores))
    parts = [sentence_of(program.edition.facts[name], view.fact(name), currency) for name in ordered]
    if scores:
        parts = [part + say_points(view, name) for part, name in zip(parts, ordered, strict=True)]
    parts = parts[:_SHOWN_IN_A_REASON]
    executed = view.snapshot.executed
    before = [rule for rule in program.edition.rules if rule.id in executed.last_on]
    if before:
        last = max(before, key=lambda rule: executed.last_on[rule.id])
        done = "sent" if ACTIONS[last.action.type].is_contact else "executed"
        title = _title(last)
        parts.append(f"{lower_first(title)} {done} {say_since(view.day, executed.last_on[last.id])}")
    return "; ".join(parts) if parts else f"{_title(program.edition.rules[index])} always holds"


def _title(rule: Rule) -> str:
    return rule.title or rule.id.replace("-", " ")


def explain(view: View, verdict: Verdict, *, is_full: bool, names_turn: bool = True) -> Explanation:
    """Return for each earlier rule the first condition that failed and, in full, the facts and what came nearest.

    A rule that only waits for a lower level is left out where a turn is not named, as in the second edition.
    """
    rules = view.program.edition.rules
    last = verdict.choice.rule if verdict.kind == "act" and verdict.choice.rule is not None else len(rules)
    point = view.point
    if not names_turn:
        point = point.copy()
        point[TURN.key] = NO_TURN
    bars = view.program.masks.table.bars(point)
    failed = [(rule, _lacking(view, index, bars)) for index, rule in enumerate(rules[: None if is_full else last])]
    unmet = tuple(lacks[0] for _, lacks in failed[:last] if lacks)
    if not is_full:
        return Explanation(rules=unmet, scores=sheets_of(view) or UNSET)
    others = [(rule, lacks) for rule, lacks in failed if lacks]
    nearest = min(others, key=lambda pair: len(pair[1]), default=None)
    return Explanation(
        rules=unmet,
        facts=tuple(_facts(view)),
        scores=sheets_of(view) or UNSET,
        closed_channels=tuple(_closed(view)),
        uncounted_invoices=tuple(list_uncounted(view)) or UNSET,
        nearest_miss=NearMiss(rule=nearest[0].id, lacks=tuple(nearest[1])) if nearest is not None else None,
    )


def _lacking(view: View, index: int, bars: Bars) -> list[Unmet]:
    """Return what keeps a rule from winning, by the box that fits best; empty if nothing does."""
    program = view.program
    rule, table = program.edition.rules[index], program.masks.table
    times = done(rule.id).key
    best: tuple[bool, int, Box, list[str]] | None = None
    for box, outside in (*table.misfits(index, bars), *table.misfits(index + len(program.edition.rules), bars)):
        if not outside:
            return []
        # What was executed is never fresh again, so a box for a rule never executed fits it worst.
        is_fresh = times in outside and box.sides[times].contains(0)
        if best is None or (is_fresh, len(outside)) < best[:2]:
            best = is_fresh, len(outside), box, outside
    if best is None:
        return [
            Unmet(rule=rule.id, line=_line_of(rule), fact="conditions", value="any", required="cannot hold together")
        ]
    *_, box, outside = best
    dimensions = program.plan.dimensions
    coordinates = sorted((dimensions[key] for key in outside), key=lambda each: fact_of(each) is None)
    return [_unmet(view, rule, box, each) for each in coordinates]


def _unmet(view: View, rule: Rule, box: Box, coordinate: Coordinate) -> Unmet:
    currency = view.standing.account.currency
    fact, allowed = fact_of(coordinate), box.sides[coordinate.key]
    if fact is None:
        value = view.point[coordinate.key]
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        required = say_set(allowed)
        return Unmet(
            rule=rule.id,
            line=_line_of(rule),
            fact=_name(view, coordinate),
            value="never" if value is None else shown,
            required=required,
        )
    required = say_set(allowed, fact, currency)
    if isinstance(coordinate, Element):
        required = f"{'contains' if allowed.contains(value=True) else 'does not contain'} {coordinate.item}"
    value = format_value(fact, view.fact(fact.name), currency)
    return Unmet(rule=rule.id, line=_line_of(rule), fact=fact.name, value=value, required=required)


def _line_of(rule: Rule) -> int | UnsetType:
    return UNSET if rule.table is None else rule.at.line


def _name(view: View, coordinate: Coordinate) -> str:
    """Name what failed; between episodes an ``after`` may count less than what was executed."""
    counts_less = view.snapshot.executed.met != view.snapshot.executed.done
    is_of_after = isinstance(coordinate, Met | DaysSinceMet | DaysPastDeadline)
    return f"{coordinate.subject}, with its episode named" if is_of_after and counts_less else coordinate.subject


def _facts(view: View) -> Iterable[UsedFact]:
    currency, standing = view.standing.account.currency, view.standing
    given = standing.account.given
    for name in sorted(view.program.used_facts | standing.given.keys()):
        fact = view.program.edition.facts[name]
        value = view.fact(name)
        if name in given and given[name] == standing.given[name]:
            is_moved = fact.moves and view.day != standing.facts_on
            source = f"given, moved from {standing.facts_on}" if is_moved else "given"
        elif name in standing.given:
            source = "outcomes"
        elif value is None:
            source = "missing"
        else:
            source = "default" if fact.source == "given" else fact.source
        yield UsedFact(fact=name, value=format_value(fact, value, currency), source=source)


def _closed(view: View) -> Iterable[ClosedChannel]:
    if view.fact("do_not_contact") is True:
        yield from (
            ClosedChannel(channel=channel, reason="do_not_contact is true") for channel in view.standing.channels
        )
        return
    for channel in CHANNELS:
        if channel in view.snapshot.over_limit and channel in view.standing.channels:
            limit = view.snapshot.over_limit[channel]
            what = "contacts on all channels" if limit.channel is None else "contacts"
            reason = f"the limit of {limit.at_most} {what} in {limit.per_days} days is reached"
            yield ClosedChannel(channel=channel, reason=reason)
        elif channel not in view.standing.channels and _asks_for(view.program, channel):
            yield ClosedChannel(channel=channel, reason="the account does not have it")


def _asks_for(program: Program, channel: str) -> bool:
    return any(channel in rule.action.channels for rule in program.edition.rules)
