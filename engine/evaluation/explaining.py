"""Why a decision came out: a sentence, the conditions that failed, the facts, the closed channels."""

from collections.abc import Iterable

from engine.conditions import plan
from engine.conditions.boxes import Box
from engine.evaluation.choosing import Verdict
from engine.evaluation.compiled import EditionCode
from engine.evaluation.moment import Moment
from engine.evaluation.wording import NOT_GIVEN, fill_reason, format_set, format_value, sentence_of, since
from engine.model.decision import ClosedChannel, Explanation, NearMiss, Unmet, Upcoming, UsedFact
from engine.model.ruleset import Rule
from engine.model.vocabulary import ACTIONS, CHANNELS
from engine.network.bitmap import Bars

_SHOWN_IN_A_REASON = 4

_WORDS = {
    plan.LEVEL: "dunning level",
    plan.RESTED: "days since the last step of the ladder",
    plan.TURN: "level that waits for its channel",
    plan.ANNOUNCED: "a fee was announced",
    "@done": "times executed: ",
    "@ago": "days since executed: ",
    "@pay_by": "days since pay_by: ",
    "@timing": "timing reached: ",
    "@stopped": "stopped by a block: ",
    "@reach": "an open channel of: ",
    "@limited": "closed by a contact limit: ",
    "@attempts": "payment attempts counted by limit ",
    "@variant": "variant of ",
}


def reason_of(moment: Moment, verdict: Verdict, upcoming: Upcoming | None) -> str:
    """Say in a sentence which facts decided."""
    edition = moment.code.edition
    if verdict.kind == "blocked":
        block = edition.blocks[verdict.choice.block] if verdict.choice.block is not None else None
        return fill_reason(block.reason, moment) if block is not None else verdict.reason or ""
    if verdict.kind == "act" and verdict.choice.rule is not None:
        return _reason_of_rule(moment, verdict.choice.rule)
    if upcoming is not None:
        return (
            f"No rule holds today; {_title(moment.code.rules[upcoming.rule])} will on {upcoming.on} if nothing is paid"
        )
    return "No rule holds, and none will by time alone"


def _reason_of_rule(moment: Moment, index: int) -> str:
    code = moment.code
    region = (*code.plan.first[index], *code.plan.again[index])
    box = next((box for box in region if box.contains(moment.point)), None)
    keys = () if box is None else box.sides
    names = dict.fromkeys(key.partition(":")[0] for key in keys if not key.startswith("@"))
    ordered = sorted(names, key=lambda name: name != "days_overdue")
    currency = moment.situation.account.currency
    parts = [sentence_of(code.edition.facts[name], moment.fact(name), currency) for name in ordered]
    parts = parts[:_SHOWN_IN_A_REASON]
    executed = moment.executed
    before = [rule for rule in code.edition.rules if rule.id in executed.last_on]
    if before:
        last = max(before, key=lambda rule: executed.last_on[rule.id])
        done = "sent" if ACTIONS[last.action.type].is_contact else "executed"
        title = _title(last)
        parts.append(f"{title[:1].lower()}{title[1:]} {done} {since(moment.day, executed.last_on[last.id])}")
    return "; ".join(parts) if parts else f"{_title(code.edition.rules[index])} always holds"


def _title(rule: Rule) -> str:
    return rule.title or rule.id.replace("-", " ")


def explain(moment: Moment, verdict: Verdict, *, is_full: bool) -> Explanation:
    """Return for each earlier rule the first condition that failed and, in full, the facts and what came nearest."""
    rules = moment.code.edition.rules
    last = verdict.choice.rule if verdict.kind == "act" and verdict.choice.rule is not None else len(rules)
    bars = moment.code.rules_table.bars(moment.point)
    failed = [(rule, _lacking(moment, index, bars)) for index, rule in enumerate(rules[: None if is_full else last])]
    unmet = tuple(lacks[0] for _, lacks in failed[:last] if lacks)
    if not is_full:
        return Explanation(rules=unmet)
    others = [(rule, lacks) for rule, lacks in failed if lacks]
    nearest = min(others, key=lambda pair: len(pair[1]), default=None)
    return Explanation(
        rules=unmet,
        facts=tuple(_facts(moment)),
        closed_channels=tuple(_closed(moment)),
        nearest_miss=NearMiss(rule=nearest[0].id, lacks=tuple(nearest[1])) if nearest is not None else None,
    )


def _lacking(moment: Moment, index: int, bars: Bars) -> list[Unmet]:
    """Return what keeps a rule from winning, by the box that fits best; empty if nothing does."""
    code = moment.code
    rule, table = code.edition.rules[index], code.rules_table
    done = plan.done_key(rule.id)
    best: tuple[int, bool, Box, list[str]] | None = None
    for box, outside in (*table.misfits(index, bars), *table.misfits(index + len(code.edition.rules), bars)):
        if not outside:
            return []
        # Of two alike, a box for a rule never executed fits an executed one worse.
        is_fresh = done in outside and box.sides[done].contains(0)
        if best is None or (len(outside), is_fresh) < best[:2]:
            best = len(outside), is_fresh, box, outside
    if best is None:
        return [Unmet(rule=rule.id, fact="conditions", value="any", required="cannot hold together")]
    *_, box, outside = best
    return [_unmet(moment, rule, box, key) for key in sorted(outside, key=lambda key: key.startswith("@"))]


def _unmet(moment: Moment, rule: Rule, box: Box, key: str) -> Unmet:
    name, _, argument = key.partition(":")
    currency = moment.situation.account.currency
    fact = moment.code.edition.facts.get(name)
    if fact is not None and fact.type == "set":
        required = (
            f"contains {argument}" if True in getattr(box.sides[key], "values", ()) else f"does not contain {argument}"
        )
        return Unmet(rule=rule.id, fact=name, value=format_value(fact, moment.fact(name), currency), required=required)
    required = format_set(fact, box.sides[key], currency)
    if fact is not None:
        return Unmet(rule=rule.id, fact=name, value=format_value(fact, moment.fact(name), currency), required=required)
    value = moment.point[key]
    words = f"{_WORDS[name]}{argument.replace('|', ', ')}"
    shown = NOT_GIVEN if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return Unmet(rule=rule.id, fact=words, value="never" if value is None else shown, required=required)


def _facts(moment: Moment) -> Iterable[UsedFact]:
    currency, situation = moment.situation.account.currency, moment.situation
    for name in sorted(moment.code.used_facts | situation.account.given.keys()):
        fact = moment.code.edition.facts[name]
        value = moment.fact(name)
        if name in situation.account.given:
            is_moved = fact.moves and moment.day != situation.facts_on
            source = f"given, moved from {situation.facts_on}" if is_moved else "given"
        elif value is None:
            source = "missing"
        else:
            source = "default" if fact.source == "given" else fact.source
        yield UsedFact(fact=name, value=format_value(fact, value, currency), source=source)


def _closed(moment: Moment) -> Iterable[ClosedChannel]:
    if moment.fact("do_not_contact") is True:
        yield from (ClosedChannel(channel=channel, reason="do_not_contact is true") for channel in moment.channels)
        return
    for channel in CHANNELS:
        if channel in moment.over_limit and channel in moment.channels:
            limit = moment.over_limit[channel]
            what = "contacts on all channels" if limit.channel is None else "contacts"
            reason = f"the limit of {limit.at_most} {what} in {limit.per_days} days is reached"
            yield ClosedChannel(channel=channel, reason=reason)
        elif channel not in moment.channels and _asks_for(moment.code, channel):
            yield ClosedChannel(channel=channel, reason="the account does not have it")


def _asks_for(code: EditionCode, channel: str) -> bool:
    return any(channel in rule.action.channels for rule in code.edition.rules)
