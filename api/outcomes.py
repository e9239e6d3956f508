"""From what a caller says came of a debt to the outcomes that are recorded, or the refusal of what nobody could read.

Outcomes are append-only: one that means nothing would be lost without a word, and could not be taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from api.accountmessages import MOST_OUTCOMES
from api.histories import write_recorded
from api.problems import Fault, ProblemError, refuse_place
from api.recording import FURTHEST_AHEAD, glimpse_covered
from api.requests import decode_strictly
from api.service import Service
from engine.evaluation.debts import Glimpsed
from engine.evaluation.drawing import fill_in
from engine.evaluation.history import read_instant
from engine.evaluation.outcomes import read_outcomes
from engine.model.account import Account, AccountInvalid, Problem
from engine.model.exactjson import FREE_JSON
from engine.model.money import format_amount
from engine.model.outcome import PROMISE, PROMISE_FACTS, Outcome
from store.outcomes import AccountInHand, NewOutcome, RecordedOutcome
from store.tokens import Token

Fields = dict[str, Any]


async def record_outcomes(
    service: Service, account_id: str, body: bytes, token: Token
) -> tuple[tuple[RecordedOutcome, ...], bool]:
    """Record one outcome or a list of them, each once for its id; answers them as kept, and whether any is new."""
    sent = decode_strictly(FREE_JSON, body)
    given = sent if isinstance(sent, list) else [sent]
    if not 0 < len(given) <= MOST_OUTCOMES:
        raise refuse_place("", f"1 to {MOST_OUTCOMES:,} outcomes are taken at once, not {len(given):,}.")
    batch = _Batch(service, given, is_list=isinstance(sent, list))
    recorded = await service.store.outcomes.record(account_id, batch.prepare, actor=token.id, name=token.name)
    kept = batch.kept | {each.id: each for each in recorded}
    return tuple(kept[each["id"]] for each in given), bool(recorded)


def write_outcomes(outcomes: Iterable[RecordedOutcome]) -> bytes:
    """Write outcomes as they are answered, each with when it was recorded."""
    written = (write_recorded(each.outcome, each.recorded_at) for each in outcomes)
    return b'{"outcomes":[' + b",".join(written) + b"]}"


class _Batch:
    """Some outcomes about to be recorded together, all or none; ``kept`` are those that were recorded before."""

    def __init__(self, service: Service, given: Sequence[Any], *, is_list: bool) -> None:
        self._service = service
        self._given = given
        self._is_list = is_list
        self._now = service.now()
        self.kept: dict[str, RecordedOutcome] = {}

    def prepare(self, account: AccountInHand) -> Sequence[NewOutcome]:
        """Return what is to be recorded of an account; what it has already, and is the same, is passed over."""
        document: Fields = FREE_JSON.decode(account.document)
        by_id = {each.id: each for each in account.outcomes}
        try:
            glimpsed = self._glimpse(document)
            others = self._read_others(account, glimpsed)
            read = read_outcomes(
                self._given, currency=glimpsed.account.currency, zone=glimpsed.account.zone, known=others
            )
            for place, (sent, outcome) in enumerate(zip(self._given, read, strict=True)):
                if outcome.id in by_id:
                    self._check_same(place, sent, by_id[outcome.id], glimpsed.account.zone)
                    self.kept[outcome.id] = by_id[outcome.id]
            fresh = [place for place, outcome in enumerate(read) if outcome.id not in by_id]
            self._check_new({place: read[place] for place in fresh}, document)
            whole = fill_in(read, glimpsed.account, glimpsed.terms, on=glimpsed.as_of.date(), beside=others)
        except AccountInvalid as invalid:
            raise self._refuse(invalid.problems) from None
        return [_new(self._given[place], whole[place], glimpsed.account) for place in fresh]

    def _glimpse(self, document: Fields) -> Glimpsed:
        """Return what the account owes now; refused where nobody can say."""
        glimpsed = glimpse_covered(self._service, document, self._now)
        if glimpsed is None:
            raise refuse_place("", "the account's currency is none that can be reckoned in.")
        return glimpsed

    def _read_others(self, account: AccountInHand, glimpsed: Glimpsed) -> tuple[Outcome, ...]:
        """Return the outcomes that the account has and that are not sent again."""
        documents = [FREE_JSON.decode(each.outcome) for each in account.outcomes]
        try:
            read = read_outcomes(documents, currency=glimpsed.account.currency, zone=glimpsed.account.zone)
        except AccountInvalid as invalid:
            said = f"what is recorded of the account cannot be read any more: {invalid.problems[0].message}."
            raise refuse_place("", said) from None
        sent = [each.get("id") for each in self._given if isinstance(each, Mapping)]
        return tuple(each for each in read if each.id not in sent)

    def _check_same(self, place: int, sent: Fields, kept: RecordedOutcome, zone: ZoneInfo) -> None:
        """Refuse what differs from what was recorded under its id; an instant is the same in every offset."""
        known: Fields = FREE_JSON.decode(kept.outcome)
        if kept.is_amount_drawn:
            del known["amount"]
        one, other = _essence(sent, zone), _essence(known, zone)
        changed = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
        if changed:
            message = f"The outcome {kept.id!r} of this account has another {', '.join(changed)}."
            raise ProblemError(
                "outcome-conflict", message, problems=(Fault(pointer=self._place(place, "/id"), message=message),)
            )

    def _check_new(self, outcomes: Mapping[int, Outcome], document: Fields) -> None:
        """Refuse what lies ahead, and a promise of an account whose document says what promises say."""
        for place, outcome in outcomes.items():
            if "recorded_at" in self._given[place]:
                raise refuse_place(self._place(place, "/recorded_at"), "the service says itself when it recorded.")
            if outcome.at - self._now > FURTHEST_AHEAD:
                now = self._now.isoformat(timespec="seconds")
                raise refuse_place(
                    self._place(place, "/at"),
                    f"this is more than a day ahead of the service's clock, {now}; what is recorded has happened.",
                )
            beside = sorted(name for name in PROMISE_FACTS if document.get(name) is not None)
            if outcome.type == PROMISE and beside:
                raise refuse_place(
                    self._place(place, "/type"),
                    f"the account's document gives {' and '.join(beside)}, which promises yield; take it out before"
                    " promises are recorded.",
                )

    def _refuse(self, problems: Iterable[Problem]) -> ProblemError:
        """Make the problem of what is wrong with the outcomes, or with the account that they are of."""
        faults = []
        for problem in problems:
            _, kind, *rest = problem.pointer.split("/")
            is_sent = kind == "outcomes" and rest
            pointer = self._place(int(rest[0]), "".join(f"/{part}" for part in rest[1:])) if is_sent else ""
            said = problem.message if is_sent else f"the stored account cannot be read: {problem.message}"
            faults.append(Fault(pointer=pointer, message=said if said.endswith(("?", ".")) else f"{said}."))
        detail = f"{faults[0].pointer or 'the body'}: {faults[0].message}"
        return ProblemError("invalid-request", detail, problems=tuple(faults))

    def _place(self, place: int, below: str) -> str:
        return f"/{place}{below}" if self._is_list else below


def _new(sent: Fields, outcome: Outcome, account: Account) -> NewOutcome:
    is_drawn = outcome.amount is not None and sent.get("amount") is None
    kept = {name: value for name, value in sent.items() if value is not None}
    if outcome.amount is not None:
        kept["amount"] = format_amount(outcome.amount, account.currency)
    return NewOutcome(
        id=outcome.id,
        type=outcome.type,
        at=outcome.at,
        outcome=msgspec.json.encode(kept),
        is_amount_drawn=is_drawn,
        local_hour=outcome.at.astimezone(account.zone).hour,
    )


def _essence(document: Fields, zone: ZoneInfo) -> Fields:
    """Return what an outcome says, however it is written."""
    said = {name: value for name, value in document.items() if value is not None}
    said["at"] = read_instant(said["at"], zone)
    if "amount" in said:
        said["amount"] = Decimal(str(said["amount"]))
    return said
