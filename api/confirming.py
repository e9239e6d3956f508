"""Whether a decision that a caller holds is still right: decided anew with today's facts, and compared."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from api.callhours import tell_call_hours
from api.deciding import choose_rulesets, decide
from api.messages import NextActionQuery
from api.problems import ProblemError
from api.routes.next_action import ask_about_stored
from api.service import Service
from api.workmessages import Change, Confirmation
from engine.model.decision import Decision
from engine.model.money import parse_amount
from store.accounts import AccountWithHistory
from store.decisionrecords import LoggedDecision
from store.history import DecidedStep
from store.worklist import WorkItem

_DECISION = msgspec.json.Decoder(Decision)
_OBJECT = msgspec.json.Decoder(dict[str, Any])


class _Input(msgspec.Struct):
    account: msgspec.Raw


_INPUT = msgspec.json.Decoder(_Input)


async def confirm(service: Service, decision_id: str, lease: str | None) -> Confirmation:
    """Decide anew, log it, and say what became of the decision; refused where the lease is not held any more."""
    now = service.now()
    logged = await service.store.decisions.read(decision_id)
    if logged is None or logged.answer is None or logged.input is None:
        raise ProblemError("unknown-decision", f"No decision {decision_id!r} is in the log.")
    held = _DECISION.decode(logged.answer)
    if held.outcome != "act" or held.action is None:
        detail = f"Decision {decision_id} is to {held.outcome}: there is nothing to carry out."
        raise ProblemError("invalid-request", detail)
    item = await service.store.worklist.read(held.account_id, held.track, now=now)
    if lease is not None and (item is None or item.lease != lease or not _is_later(item.taken_until, now)):
        raise ProblemError("lease-ended", f"This lease of {held.account_id!r} has ended: take the item again.")
    known_erasures = service.store.erasures.known
    rulesets = await choose_rulesets(service, None, None)
    read = await service.store.accounts.read_with_history(held.account_id)
    (stored,) = await tell_call_hours(service.store.call_hours.read, rulesets, [read])
    if stored is None:
        raise ProblemError("unknown-account", f"No account {held.account_id!r} is stored.")
    asked = NextActionQuery(track=held.track)
    question = ask_about_stored(stored, asked, known_erasures=known_erasures, as_of=now)
    made = await decide(question, rulesets)
    await service.store.decision_log.append(made.record)
    service.metrics.count_decision(made.record.outcome)
    service.after_answer(question, made)
    new = _DECISION.decode(made.answer)
    comparison = _Comparison(held, new, logged, stored, question.account, now)
    changes = tuple(dict.fromkeys((*comparison.list_changes(), *_list_holds(item, lease, new, now))))
    return Confirmation(result="changed" if changes else "valid", changes=changes, decision=new)


def _list_holds(item: WorkItem | None, lease: str | None, new: Decision, now: dt.datetime) -> Iterator[Change]:
    """List what people and other workers have to do with an action that would be right otherwise."""
    if item is not None and lease is None and _is_later(item.taken_until, now):
        yield "taken"
    if item is not None and (item.is_refused or _is_later(item.snoozed_until, now)):
        yield "snoozed"
    is_approved = item is not None and item.approved_at is not None
    if new.action is not None and new.action.approval == "required" and not is_approved:
        yield "approval"
    if new.action is not None and isinstance(new.action.scheduled_for, dt.datetime) and new.action.scheduled_for > now:
        yield "schedule"


class _Comparison:
    """A decision that is held, and the one that holds now."""

    def __init__(
        self,
        held: Decision,
        new: Decision,
        logged: LoggedDecision,
        stored: AccountWithHistory,
        account: Mapping[str, object],
        now: dt.datetime,
    ) -> None:
        self._held = held
        self._new = new
        self._logged = logged
        self._stored = stored
        self._account = account
        self._now = now

    def list_changes(self) -> Iterator[Change]:
        """List what changed, whatever of it weighs most first."""
        if self._is_executed():
            yield "executed"
        changes = tuple(self._list_differences())
        yield from changes
        if changes and _version_of(self._held) != _version_of(self._new):
            yield "version"

    def _list_differences(self) -> Iterator[Change]:
        held, new = self._held, self._new
        is_disputed = self._is_newly_disputed()
        before, today = _amount_of(held), _amount_of(new)
        is_less = today < before
        if is_disputed:
            yield "disputed"
        if is_less and not is_disputed:
            yield "paid"
        if new.outcome != "act":
            yield "blocked" if new.outcome == "blocked" else "limit" if self._is_contacted() else "nothing"
        elif _rule_of(held) != _rule_of(new):
            yield "rule"
        elif _channel_of(held) != _channel_of(new):
            yield "channel"
        if not is_less and (held.claim != new.claim):
            yield "amount"

    def _is_executed(self) -> bool:
        held, own = self._held, self._own_entries()
        ruleset = "" if held.ruleset is None else held.ruleset.id
        rule = "" if held.rule is None else held.rule.id
        step = DecidedStep(ruleset=ruleset, rule=rule, episode=held.episode, decided_at=self._logged.at)
        return step.find_execution(own, self._logged.id) is not None

    def _is_contacted(self) -> bool:
        since = (each for each in self._stored.history if each.recorded_at > self._logged.at)
        return any("channel" in _OBJECT.decode(each.entry) for each in since)

    def _own_entries(self) -> list[Any]:
        return [each for each in self._stored.history if each.account_id == self._stored.account.id]

    def _is_newly_disputed(self) -> bool:
        before = _OBJECT.decode(_INPUT.decode(self._logged.input or b"").account)
        return len(_list_disputed(self._account)) > len(_list_disputed(before))


def _list_disputed(account: Mapping[str, Any]) -> list[object]:
    """List what an account says is disputed: itself, and its invoices."""
    invoices = account.get("invoices") or []
    disputed = [one.get("id") for one in invoices if isinstance(one, Mapping) and one.get("disputed") is True]
    return [*disputed, *(["the account"] if account.get("disputed") is True else [])]


def _is_later(instant: dt.datetime | None, now: dt.datetime) -> bool:
    return instant is not None and instant > now


def _rule_of(decision: Decision) -> tuple[object, ...]:
    ruleset = None if decision.ruleset is None else decision.ruleset.id
    rule = None if decision.rule is None else decision.rule.id
    action = None if decision.action is None else decision.action.type
    return ruleset, rule, action, decision.episode


def _channel_of(decision: Decision) -> object:
    return None if decision.action is None else decision.action.channel


def _version_of(decision: Decision) -> object:
    return None if decision.ruleset is None else decision.ruleset.version


def _amount_of(decision: Decision) -> int:
    claim = decision.claim
    return 0 if claim is None else parse_amount(claim.amount.amount, claim.amount.currency)
