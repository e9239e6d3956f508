"""A caller's outcomes as records, or every problem in them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from engine.evaluation.accounts import Name
from engine.evaluation.history import read_instant
from engine.loading.grammar.documents import find_outcome_problems
from engine.loading.grammar.sentences import digits_of
from engine.model.account import AccountInvalid, Problem
from engine.model.businessdays import is_reckoned
from engine.model.money import parse_amount
from engine.model.outcome import DISPUTED, OUTCOME_TYPES, PROMISE, Outcome

Document = Mapping[str, object]


class OutcomeLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outcome as it stands in a document; its instants and its amount are read by the account."""

    id: Name
    type: str
    at: object
    amount: object = None
    invoice: Name | None = None
    by: dt.date | None = None
    promise: Name | None = None
    dispute: Name | None = None
    origin: Name | None = None
    attempt: Name | None = None
    recorded_at: object = None


_Lines = list[OutcomeLine]


class _Unusual(Exception):
    """Something in an outcome is not as its type says; what it is, is said when it is examined."""


def read_outcomes(
    documents: Sequence[Document], *, currency: str, zone: ZoneInfo, known: Iterable[Outcome] = ()
) -> tuple[Outcome, ...]:
    """Return an account's outcomes in the order given, which is the order they were recorded in.

    They may name those that are ``known`` besides. Raises AccountInvalid with every problem found.
    """
    if not documents:
        return ()
    try:
        found = tuple(_make(line, currency, zone) for line in msgspec.convert(documents, _Lines))
    except (msgspec.ValidationError, _Unusual, ValueError):
        found = None
    problems = tuple(_find_problems(documents, found, known, currency))
    if problems:
        raise AccountInvalid(problems)
    if found is None:
        raise ValueError("outcomes were refused that have nothing wrong with them")
    return found


def _find_problems(
    documents: Sequence[Document], found: tuple[Outcome, ...] | None, known: Iterable[Outcome], currency: str
) -> Iterator[Problem]:
    if found is None:
        for index, document in enumerate(documents):
            yield from find_outcome_problems(document, f"/outcomes/{index}", currency)
        return
    by_id = {outcome.id: outcome for outcome in known}
    for index, outcome in enumerate(found):
        if outcome.id in by_id:
            yield Problem(pointer=f"/outcomes/{index}/id", message=f"outcome {outcome.id} is there twice")
        by_id.setdefault(outcome.id, outcome)
    for index, outcome in enumerate(found):
        for problem in _find_strays(outcome, by_id):
            yield Problem(pointer=f"/outcomes/{index}{problem.pointer}", message=problem.message)


def _find_strays(outcome: Outcome, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """Yield what does not fit an outcome's own day, or the other outcomes of its account by id."""
    if outcome.by is not None and outcome.by < outcome.day:
        yield Problem(pointer="/by", message=f"by is {outcome.by}, before {outcome.day}, the day it was promised")
    for key, name, kind in (("promise", outcome.promise, PROMISE), ("dispute", outcome.dispute, DISPUTED)):
        if name is not None and (name not in known or known[name].type != kind):
            yield Problem(pointer=f"/{key}", message=f"there is no {kind} of the id {name} among the outcomes")


def _make(line: OutcomeLine, currency: str, zone: ZoneInfo) -> Outcome:
    at = read_instant(line.at, zone)
    recorded_at = None if line.recorded_at is None else read_instant(line.recorded_at, zone)
    if at is None or (recorded_at is None and line.recorded_at is not None) or not _is_sound(line):
        raise _Unusual
    local = at.astimezone(zone)
    return Outcome(
        id=line.id,
        type=line.type,
        at=at,
        day=local.date(),
        recorded_at=recorded_at,
        amount=_read_amount(line.amount, currency),
        invoice=line.invoice,
        by=line.by,
        promise=line.promise,
        dispute=line.dispute,
    )


def _read_amount(value: object, currency: str) -> int | None:
    if value is None:
        return None
    amount = parse_amount(digits_of(value), currency)
    if amount <= 0 or isinstance(value, bool | float):
        raise _Unusual
    return amount


def _is_sound(line: OutcomeLine) -> bool:
    """Tell whether what a type cannot say holds."""
    kind = OUTCOME_TYPES.get(line.type)
    if kind is None:
        return False
    own = {"amount": line.amount, "by": line.by, "promise": line.promise, "dispute": line.dispute}
    given = {name for name, value in own.items() if value is not None}
    is_of_type = given <= kind.keys and given >= set(kind.needs)
    words = f"{line.id}{line.invoice}{line.promise}{line.dispute}{line.origin}{line.attempt}"
    return is_of_type and (line.by is None or is_reckoned(line.by)) and "\0" not in words
