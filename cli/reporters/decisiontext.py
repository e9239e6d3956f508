"""A decision as a few lines for people."""

from collections.abc import Iterator

from cli.reporters.text import write_outcome, write_unmet
from engine.model.decision import Decision, Explanation, NextAction


def write_decision(decision: Decision) -> str:
    """Return what is to be done, when, for how much, and why."""
    return "\n".join(_lines(decision)) + "\n"


def _lines(decision: Decision) -> Iterator[str]:
    yield f"{decision.account_id}, {decision.as_of.isoformat()}: {write_outcome(decision)}"
    if decision.reason:
        yield f"  because    {decision.reason}"
    if decision.rule is not None:
        level = f", level {decision.rule.level}" if decision.rule.level is not None else ""
        yield f"  rule       {decision.rule.title or decision.rule.id}{level}"
        if decision.rule.basis:
            yield f"  basis      {', '.join(decision.rule.basis)}"
    if decision.action is not None:
        yield from _action_lines(decision.action)
    for other in decision.along_with:
        channel = f" by {other.channel}" if other.channel else ""
        yield f"  with       {other.type}{channel}"
    if decision.claim is not None:
        after = f" after credits ({', '.join(decision.claim.credits)})" if decision.claim.credits else ""
        yield f"  claim      {decision.claim.total.amount} {decision.claim.total.currency}{after}"
    for warning in decision.warnings:
        yield f"  warning    {warning}"
    yield f"  ask again  {decision.review_on or 'not needed: time alone changes nothing'}"
    if decision.ruleset is not None:
        yield f"  by         {decision.ruleset.id} ({decision.ruleset.digest[:19]}…)"
    if decision.explanation:
        yield from _explanation_lines(decision.explanation)


def _action_lines(action: NextAction) -> Iterator[str]:
    if action.scheduled_for:
        yield f"  when       {action.scheduled_for.isoformat()}"
    if action.best_hour:
        yield f"  best hour  {action.best_hour.says}"
    if action.template:
        yield f"  template   {action.template}"
    if action.pay_by:
        yield f"  pay by     {action.pay_by}"
    for word, worked in (("fee", action.fee), ("announced", action.announced_fee), ("interest", action.interest)):
        if worked:
            yield f"  {word:<10} {worked.amount} {worked.currency}: {worked.formula}"
    if action.approval == "required":
        yield "  approval   required before it is carried out"


def _explanation_lines(explanation: Explanation) -> Iterator[str]:
    for unmet in explanation.rules:
        yield f"  - {write_unmet(unmet)}"
    if explanation.nearest_miss:
        yield f"  nearest    {'; '.join(write_unmet(lack) for lack in explanation.nearest_miss.lacks)}"
    for closed in explanation.closed_channels or ():
        yield f"  closed     {closed.channel}: {closed.reason}"
    for uncounted in explanation.uncounted_invoices or ():
        yield f"  uncounted  {uncounted.invoice}: {uncounted.reason}"
    for name, sheet in (explanation.scores or {}).items():
        yield f"  score      {name} {sheet.value}: {sheet.base} to begin with"
        for fact, earned in sheet.points.items():
            yield f"             {earned.points:+d} for {fact} = {earned.value}"
    for used in explanation.facts or ():
        yield f"  fact       {used.fact} = {used.value} ({used.source})"
