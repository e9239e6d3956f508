"""A timeline as rungs: what happens to an account on which day, in words."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from engine.evaluation.timeline import TimelineStep
from engine.model.decision import Decision, NextAction
from engine.model.episode import due_date_of


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One action of a ladder on the day it happens, in words; ``day`` counts from the oldest due date, if there is one.

    ``asked_on`` is the day on which it is asked for, which may be before. ``claim`` is what is asked for by then: the
    fees charged by steps before it are in it.
    """

    on: dt.date
    asked_on: dt.date
    day: int | None
    level: int | None
    title: str
    action: str
    channel: str
    pay_by: dt.date | None
    money: str
    claim: str
    with_others: tuple[str, ...]


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """All that happens to an account if nobody pays."""

    account: str
    title: str
    rungs: tuple[Rung, ...]


def read_ladder(account: str, titles: Mapping[str, str], steps: Sequence[TimelineStep]) -> Ladder:
    """Return the steps of a timeline as rungs."""
    names = dict.fromkeys(step.decision.ruleset.id for step in steps if step.decision.ruleset is not None)
    title = " · ".join(titles[name] for name in names) or " · ".join(titles.values())
    rungs: list[Rung] = []
    charged = Decimal(0)
    for step in steps:
        rung = _rung(step, charged)
        if rung is not None:
            rungs.append(rung)
        charged += sum(Decimal(other.fee.amount) for other in _actions(step.decision) if other.fee)
    return Ladder(account=account, title=title, rungs=tuple(rungs))


def _actions(decision: Decision) -> tuple[NextAction, ...]:
    return (() if decision.action is None else (decision.action,)) + decision.along_with


def _rung(step: TimelineStep, charged: Decimal) -> Rung | None:
    decision = step.decision
    rule, action = decision.rule, decision.action
    if rule is None or action is None:
        return None
    due_on = due_date_of(decision.episode)
    claim = decision.claim.total if decision.claim is not None else None
    return Rung(
        on=step.happens_on,
        asked_on=step.on,
        day=(step.happens_on - due_on).days if due_on is not None else None,
        level=rule.level,
        title=rule.title or rule.id.replace("-", " "),
        action=action.type,
        channel=action.channel or "",
        pay_by=action.pay_by or None,
        money=", ".join(_money(action)),
        claim=f"{Decimal(claim.amount) + charged} {claim.currency}" if claim is not None else "",
        with_others=tuple(_name(other) for other in decision.along_with),
    )


def _name(action: NextAction) -> str:
    return f"{action.type.replace('_', ' ')}{f' by {action.channel}' if action.channel else ''}"


def _money(action: NextAction) -> list[str]:
    worked = (("fee", action.fee), ("announces", action.announced_fee), ("interest", action.interest))
    return [f"{word} {each.amount}" for word, each in worked if each]
