"""The next dunning action of an account at an instant: cover, judge, look ahead, carry out, explain."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET

from engine.coordinates.standing import Standing
from engine.evaluation.choosing import NOT_COVERED, Verdict, judge
from engine.evaluation.explaining import explain as explain_decision
from engine.evaluation.explaining import reason_of
from engine.evaluation.lookahead import look_ahead
from engine.evaluation.outcome import carry_out, claim_of
from engine.evaluation.program import Compiled
from engine.evaluation.routing import Candidate, Route
from engine.evaluation.rulesets import Rulesets
from engine.evaluation.uncovered import NO_RULESET, say_uncovered
from engine.evaluation.view import View
from engine.evaluation.wording import fill_reason
from engine.model.decision import BlockRef, Decision, RuleRef, RulesetRef
from engine.model.language import EARLIEST_EDITION, LANGUAGE_EDITION

Level = Literal["none", "reason", "rules", "full"]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, and the whole account as the ruleset read it that decided; None where none covers it."""

    decision: Decision
    standing: Standing | None


def next_action(  # noqa: PLR0913  # the words of an ask
    rulesets: Rulesets | Sequence[Compiled],
    account: Mapping[str, object],
    history: Sequence[Mapping[str, object]] = (),
    *,
    outcomes: Sequence[Mapping[str, object]] = (),
    as_of: dt.datetime | dt.date,
    track: str = "dunning",
    ruleset: str | None = None,
    explain: Level = "reason",
    decision_id: str | None = None,
    is_live: bool = True,
    language_edition: int = LANGUAGE_EDITION,
) -> Decision:
    """Return the decision; documents are JSON-like, numbers as int, Decimal or text, dates as ISO text.

    A live decision is made by the networks, another by the masks alone. One that was made under an earlier edition of
    the language is explained as it was then. Raises AccountInvalid, RulesetsOverlap and UnknownRuleset.
    """
    route = Route(rulesets, account, history, outcomes=outcomes, as_of=as_of, track=track, ruleset=ruleset)
    return answer(
        route, explain=explain, decision_id=decision_id, is_live=is_live, language_edition=language_edition
    ).decision


def answer(
    route: Route,
    *,
    explain: Level = "reason",
    decision_id: str | None = None,
    is_live: bool = True,
    language_edition: int = LANGUAGE_EDITION,
) -> Answered:
    """Return the decision as `next_action` does, and the account that was read for it."""
    covering = route.covering()
    names_all = language_edition > EARLIEST_EDITION
    if covering is None:
        decision = _not_covered(route, names_all=names_all)
    else:
        decision = _decide(route, covering, explain, is_live=is_live, names_all=names_all)
    if decision_id is not None:
        decision = msgspec.structs.replace(decision, decision_id=decision_id)
    return Answered(decision=decision, standing=None if covering is None else covering.standing)


def _not_covered(route: Route, *, names_all: bool) -> Decision:
    route.refuse_unreadable()
    return Decision(
        account_id=str(route.account.get("id", "")),
        track=route.track,
        as_of=route.local_as_of,
        outcome="not_covered",
        ruleset=None,
        rule=None,
        action=None,
        along_with=(),
        claim=None,
        episode=None,
        sent_before=0,
        reason=say_uncovered(route) if names_all else NO_RULESET,
        review_on=look_ahead(route, None, None, NOT_COVERED).review_on,
        upcoming=None,
        variants={},
        warnings=(),
    )


def _decide(route: Route, covering: Candidate, level: Level, *, is_live: bool, names_all: bool) -> Decision:
    view = covering.view(covering.as_of.date())
    verdict = judge(view, is_live=is_live)
    outlook = look_ahead(route, covering, view, verdict)
    if verdict.kind == "nothing" and verdict.block is not None and outlook.upcoming is None:
        verdict = msgspec.structs.replace(verdict, kind="blocked")
    edition = covering.program.edition
    rule = edition.rules[verdict.choice.rule] if verdict.kind == "act" and verdict.choice.rule is not None else None
    action = rule.action if rule is not None else None
    if verdict.does_otherwise and outlook.upcoming is None:
        action = edition.otherwise
    carried = carry_out(view, action, verdict.choice) if action is not None else None
    outcome = "act" if carried is not None else "blocked" if verdict.kind == "blocked" else "none"
    if verdict.kind == "nothing" and outlook.upcoming is not None:
        outcome = "wait"
    return Decision(
        account_id=covering.standing.account.id,
        track=route.track,
        as_of=covering.as_of,
        outcome=outcome,  # type: ignore[arg-type]  # one of the words of Outcome
        ruleset=ruleset_ref(covering.compiled),
        rule=RuleRef(id=rule.id, title=rule.title, level=rule.level, basis=rule.basis) if rule is not None else None,
        action=carried.action if carried is not None else None,
        along_with=carried.along_with if carried is not None else (),
        block=_block_ref(view, verdict) if verdict.kind == "blocked" else UNSET,
        claim=claim_of(view, carried.fee if carried else None, carried.interest if carried else None),
        episode=covering.standing.episode,
        sent_before=view.snapshot.executed.sent_before,
        reason=None if level == "none" else reason_of(view, verdict, outlook.upcoming),
        review_on=outlook.review_on,
        upcoming=outlook.upcoming,
        variants=view.snapshot.variants,
        warnings=(*_stops(view, verdict), *(carried.warnings if carried is not None else ())),
        explanation=(
            explain_decision(view, verdict, is_full=level == "full", names_turn=names_all)
            if level in {"rules", "full"}
            else UNSET
        ),
    )


def ruleset_ref(compiled: Compiled) -> RulesetRef:
    """Return how a decision names its ruleset."""
    return RulesetRef(
        id=compiled.ruleset.id,
        version=compiled.version,
        digest=compiled.ruleset.digest,
        effective_from=compiled.ruleset.effective.from_on,
        law_checked_to=compiled.ruleset.law_checked_to,
        commit=compiled.commit,
    )


def _block_ref(view: View, verdict: Verdict) -> BlockRef:
    if verdict.choice.block is None:
        return BlockRef(id=verdict.block or "", reason=verdict.reason or "")
    block = view.program.edition.blocks[verdict.choice.block]
    return BlockRef(id=block.id, reason=fill_reason(block.reason, view))


def _stops(view: View, verdict: Verdict) -> list[str]:
    blocks = [view.program.edition.blocks[index] for index in verdict.choice.stops]
    return [f"{b.id} stops {', '.join(b.stops or ())}: {fill_reason(b.reason, view)}" for b in blocks]
