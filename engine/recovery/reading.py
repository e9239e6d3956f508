"""What a caller says of an account over time, as the debtors that figures are drawn from; one for each currency."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from engine.evaluation.debts import plain_in
from engine.evaluation.history import HistoryLine, check_entry, read_instant
from engine.evaluation.outcomes import read_outcomes
from engine.evaluation.reading import Reading, read_currency, read_day, read_zone
from engine.model.account import AccountInvalid, Invoice, Problem
from engine.model.money import parse_amount
from engine.model.outcome import Outcome
from engine.model.ruleset import TOLERANCE_DAYS
from engine.recovery.debtor import Action, Debtor, HoldOut, Statement
from engine.recovery.grouping import WORDS

Document = Mapping[str, object]
RecordT = TypeVar("RecordT", Action, Outcome)
_OURS = ("recorded_at", "version", "variants")
_LONGEST_WORD = 64


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a ruleset says: the zone of accounts that name none, how long a promise can be kept, what is held out."""

    zone: ZoneInfo
    tolerance_days: int = TOLERANCE_DAYS
    hold_outs: tuple[HoldOut, ...] = ()


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """An account document, and when it was known; None is from the beginning."""

    document: Document
    known_at: dt.datetime | None = None


def read_debtors(
    stated: Sequence[Stated], history: Sequence[Document], outcomes: Sequence[Document], terms: Terms
) -> tuple[Debtor, ...]:
    """Return an account in each currency that its documents were ever in; they come in the order they were known.

    Beside its usual keys an entry may say ``recorded_at``, the ``version`` of its ruleset, and the ``variants`` of its
    decision. Raises AccountInvalid with what is wrong.
    """
    newest = stated[-1].document
    identity = newest.get("id")
    if not isinstance(identity, str) or not identity:
        raise AccountInvalid((Problem(pointer="/account/id", message="id is needed"),))
    zone = read_zone(newest, terms.zone)
    currencies = [_read_currency(each.document) for each in stated]
    found = []
    for currency in dict.fromkeys(currencies):
        spans = _Spans(stated, currencies, currency)
        statements = tuple(
            Statement(known_at=each.known_at)
            if own != currency
            else Statement(
                known_at=each.known_at,
                invoices=_read_invoices(each.document, currency),
                is_disputed=each.document.get("disputed") is True,
                words=_read_words(each.document),
            )
            for each, own in zip(stated, currencies, strict=True)
        )
        read = read_outcomes(outcomes, currency=currency, zone=zone)
        debtor = Debtor(
            id=identity,
            currency=currency,
            zone=zone,
            statements=statements,
            outcomes=tuple(spans.keep(read)),
            tolerance_days=terms.tolerance_days,
            hold_outs=terms.hold_outs,
            actions=tuple(spans.keep(_read_actions(history, identity, currency, zone))),
        )
        found.append(debtor)
    return tuple(found)


class _Spans:
    """When an account was in a currency; what was recorded then is about that one."""

    def __init__(self, stated: Sequence[Stated], currencies: Sequence[str], currency: str) -> None:
        self._is_only = len(set(currencies)) == 1
        self._currency = currency
        self._changes = [(each.known_at, own) for each, own in zip(stated, currencies, strict=True)]

    def keep(self, records: Iterable[RecordT]) -> Iterator[RecordT]:
        for each in records:
            if self._is_only or self._find(each.recorded_at or each.at) == self._currency:
                yield each

    def _find(self, instant: dt.datetime) -> str:
        found = self._changes[0][1]
        for known_at, own in self._changes:
            if known_at is not None and known_at <= instant:
                found = own
        return found


def _read_currency(document: Document) -> str:
    currency = read_currency(document)
    if not plain_in(currency):
        message = f"{currency} is no currency that can be reckoned in"
        raise AccountInvalid((Problem(pointer="/account/currency", message=message),))
    return currency


def _read_invoices(document: Document, currency: str) -> tuple[Invoice, ...]:
    reading = Reading()
    (plain,) = plain_in(currency)
    invoices = plain.programs[currency].accounts.read_invoices(document.get("invoices"), reading)
    reading.finish()
    return invoices or ()


def _read_words(document: Document) -> dict[str, str]:
    given = {name: document.get(name) for name in WORDS}
    return {name: word for name, word in given.items() if isinstance(word, str) and 0 < len(word) <= _LONGEST_WORD}


def _read_actions(history: Sequence[Document], account: str, currency: str, zone: ZoneInfo) -> Iterator[Action]:
    """Yield what was executed for the account itself; failed entries, levels and resets are no actions."""
    for place, document in enumerate(history):
        own = {name: value for name, value in document.items() if name not in _OURS}
        try:
            check_entry(own)
        except AccountInvalid as invalid:
            raise _put_below(f"/history/{place}", invalid) from None
        if own.get("result") == "failed" or own.get("reset") is True or own.get("account") not in {None, account}:
            continue
        line = msgspec.convert(own, HistoryLine)
        if _is_action(line):
            yield _make_action(document, line, currency, zone)


def _put_below(pointer: str, invalid: AccountInvalid) -> AccountInvalid:
    return AccountInvalid(
        tuple(msgspec.structs.replace(each, pointer=f"{pointer}{each.pointer}") for each in invalid.problems)
    )


def _is_action(line: HistoryLine) -> bool:
    return any(each is not None for each in (line.rule, line.action, line.channel, line.fee))


def _make_action(document: Document, line: HistoryLine, currency: str, zone: ZoneInfo) -> Action:
    at = read_instant(line.at, zone)
    if at is None:
        raise ValueError("an entry has no instant, and nothing was wrong with it")
    fee = line.fee
    version, variants = document.get("version"), document.get("variants")
    return Action(
        at=at,
        day=at.astimezone(zone).date(),
        recorded_at=read_instant(document.get("recorded_at"), zone),
        rule=line.rule,
        ruleset=line.ruleset,
        version=version if isinstance(version, int) else None,
        action=line.action,
        contacts=tuple(each for each in (line.channel, *(line.also or ())) if each is not None),
        episode=read_day(line.episode),
        invoices=None if line.invoices is None else tuple(line.invoices),
        fee=parse_amount(str(fee.amount), currency) if fee is not None and fee.currency == currency else 0,
        variants=_write_variants(variants),
    )


def _write_variants(variants: object) -> tuple[str, ...]:
    if not isinstance(variants, Mapping):
        return ()
    return tuple(f"{experiment}:{variant}" for experiment, variant in variants.items())
