"""A step of a release: approved items decided anew, and what is still the same put on the worklist."""

import datetime as dt
from decimal import Decimal

from msgspec import UNSET, UnsetType

from api.callhours import tell_call_hours
from api.deciding import Made, Question, decide_openly
from api.dueanswers import add_noticed, summarise
from api.errors import find_problem
from api.messages import NextActionQuery
from api.noticing import notice
from api.routes.next_action import ask_about_stored
from api.service import Service
from api.usage import RulesetsInUse
from engine.evaluation.decide import Answered
from engine.evaluation.routing import parse_as_of
from engine.model.decision import Decision, Money
from store.accounts import AccountWithHistory
from store.due import DueQuestion, TakenQuestions
from store.runs import Run, RunItem
from store.runwork import Released, Step

_PAGE = 50


async def release_page(service: Service, step: Step) -> bool:
    """Decide anew on the next approved items and put those on the worklist that are as they were approved.

    Answers whether there was anything that could be done now.
    """
    items = await step.page_approved(_PAGE)
    if not items:
        await step.end_release()
        return True
    taken = await step.hold_questions([item.account_id for item in items])
    if not service.rulesets.is_current(taken.last_change):
        return False  # this process has yet to hear of a version, or to make it ready
    read = await step.read_accounts([item.account_id for item in items])
    told = await tell_call_hours(taken.read_call_hours, service.rulesets.in_use(), list(read.values()))
    stored = {each.account.id: each for each in told if each is not None}
    questions = {question.account_id: question for question in taken.questions}
    release = _Release(service, step.run, taken)
    found = [
        await release.decide(item, questions[item.account_id], stored[item.account_id])
        for item in items
        if item.account_id in questions and item.account_id in stored  # else it was erased just now, with its item
    ]
    await service.store.decision_log.append_many([made.record for made in release.made])
    for made in release.made:
        service.metrics.count_decision(made.record.outcome)
    await step.release(taken, found, last=items[-1].account_id)
    return True


class _Release:
    """One page of a release; ``made`` are the decisions that are to be logged before it is written."""

    def __init__(self, service: Service, run: Run, taken: TakenQuestions) -> None:
        self._service = service
        self._cases = taken.cases
        self._asked = NextActionQuery(track=run.track)
        self._as_of = _find_instant(run, service.now())
        self._known_erasures = service.store.erasures.known
        self._rulesets: RulesetsInUse = service.rulesets.in_use()
        self.made: list[Made] = []

    async def decide(self, item: RunItem, question: DueQuestion, stored: AccountWithHistory) -> Released:
        """Decide on an account as it is now; released is what people saw, and nothing else."""
        try:
            asked = ask_about_stored(stored, self._asked, known_erasures=self._known_erasures, as_of=self._as_of)
            made, answered = await decide_openly(asked, self._rulesets)
        except Exception as error:  # noqa: BLE001  one account must not hold up the others
            return Released(account_id=item.account_id, answer=None, note=find_problem(error).details.detail)
        change = _find_change(item, answered.decision)
        if change is not None:
            return Released(account_id=item.account_id, answer=None, note=change)
        return self._keep(question, asked, made, answered)

    def _keep(self, question: DueQuestion, asked: Question, made: Made, answered: Answered) -> Released:
        self.made.append(made)
        answer = summarise(question, asked, made.record, answered, self._rulesets)
        if question.is_first_track:
            known = self._cases.get(question.account_id, ())
            answer = add_noticed(answer, *notice(self._service, asked, known, self._service.now()))
        return Released(account_id=question.account_id, answer=answer)


def _find_instant(run: Run, now: dt.datetime) -> dt.datetime | dt.date:
    """Return for when a release decides: for now, or for the day that the run is for where that is yet to come."""
    as_of = parse_as_of(run.as_of)
    if isinstance(as_of, dt.datetime):
        return max(as_of, now)
    return as_of if as_of > now.date() else now


def _find_change(item: RunItem, decision: Decision) -> str | None:
    """Say what would be done by now instead of what was approved; interest that runs makes no other of it."""
    if decision.outcome != "act" or decision.action is None:
        return f"By now it would be {decision.outcome.replace('_', ' ')}: {decision.reason}."
    rule = None if decision.rule is None else decision.rule.id
    channel = None if decision.action.channel is UNSET else decision.action.channel
    if (item.rule, item.action, item.channel) != (rule, decision.action.type, channel):
        return f"By now it would be {rule or decision.action.type}: {decision.reason}."
    if item.episode != decision.episode:
        return f"By now another episode is dunned: {decision.episode}."
    claim = decision.claim
    if claim is not None and (item.amount, item.fee) != (_amount_of(claim.amount), _amount_of(claim.fee)):
        charged = "" if claim.fee is UNSET else f", and {claim.fee.amount} charged"
        return f"By now {claim.amount.amount} {claim.amount.currency} would be claimed{charged}."
    return None


def _amount_of(money: Money | UnsetType) -> Decimal | None:
    return None if money is UNSET else Decimal(money.amount)
