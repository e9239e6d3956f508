"""A caller's documents against the rows: every problem as a sentence at its place (language.md 3.1 and 5.3)."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from engine.loading.complaints import find_meant
from engine.loading.grammar.account import CALL_HOUR, CALLS, ENTRY, HEADER, INSTANT, INVOICE, PAYMENT
from engine.loading.grammar.outcomes import OUTCOME
from engine.loading.grammar.sentences import describe, digits_of, say_of_amount, say_of_value
from engine.loading.grammar.table import Key
from engine.model.account import Problem
from engine.model.money import parse_amount
from engine.model.outcome import OUTCOME_TYPES
from engine.model.vocabulary import LARGEST_INTEGER

MOST_MEANT = 20
"""How many unknown names are compared with those that are known: a hostile document must stay cheap."""
Document = Mapping[str, object]
_INVOICE_KEYS = frozenset(row.name for row in INVOICE.keys)
_CALL_KEYS = frozenset(row.name for row in CALL_HOUR.keys)
_LISTS = frozenset({"invoices", CALLS})
_PAYMENT_KEYS = frozenset(row.name for row in PAYMENT.keys)
_ENTRY_KEYS = {row.name: row for row in ENTRY.keys}
_OUTCOME_KEYS = {row.name: row for row in OUTCOME.keys}
_OF_SOME_TYPES = frozenset(name for each in OUTCOME_TYPES.values() for name in each.keys)
_ALWAYS = ("decision_id", "at", "reset", "ruleset", "account", "result")
_TELLING = ("rule", "level", "action", "channel", "fee")


def find_header_problems(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with an account's own keys, but for its lists."""
    return _check_rows((row for row in HEADER if row.name not in _LISTS), document, "/account", "")


def find_call_problems(calls: object, pointer: str = f"/account/{CALLS}") -> Iterator[Problem]:
    """Yield what is wrong with what an account says of how often calls were answered."""
    if not isinstance(calls, list | tuple):
        yield Problem(pointer=pointer, message=f"{CALLS} is a list, not {describe(calls)}")
        return
    seen: set[tuple[object, object]] = set()
    for index, line in enumerate(calls):
        place = f"{pointer}/{index}"
        if not isinstance(line, Mapping):
            yield Problem(pointer=place, message=f"the calls of a window are a mapping, not {describe(line)}")
            continue
        meant = find_meant_keys(line, CALL_HOUR.keys)
        wrong = [
            *_find_unknown(line, _CALL_KEYS, "the calls of a window", place, meant),
            *_check_rows((row for row in CALL_HOUR.keys if row.name not in meant.values()), line, place, ""),
        ]
        yield from wrong
        if wrong:
            continue
        if line["answered"] > line["calls"]:
            said = f"{line['answered']} calls were answered of {line['calls']}; no more can be than were made"
            yield Problem(pointer=f"{place}/answered", message=said)
        if (line["window"], line["of"]) in seen:
            said = f"the window {line['window']} of {line['of']} is there twice"
            yield Problem(pointer=f"{place}/window", message=said)
        seen.add((line["window"], line["of"]))


def find_invoice_problems(invoices: object, currency: str, pointer: str = "/account/invoices") -> Iterator[Problem]:
    """Yield what is wrong with the invoices of an account in a currency."""
    if not isinstance(invoices, list | tuple):
        yield Problem(pointer=pointer, message=f"invoices is a list, not {describe(invoices)}")
        return
    seen: set[str] = set()
    for index, invoice in enumerate(invoices):
        place = f"{pointer}/{index}"
        if not isinstance(invoice, Mapping):
            yield Problem(pointer=place, message=f"an invoice is a mapping, not {describe(invoice)}")
            continue
        meant = find_meant_keys(invoice, INVOICE.keys)
        yield from _find_unknown(invoice, _INVOICE_KEYS, "an invoice", place, meant)
        rows = (row for row in INVOICE.keys if row.name not in {"payments", *meant.values()})
        yield from _check_rows(rows, invoice, place, currency)
        yield from _find_payment_problems(invoice.get("payments"), f"{place}/payments", currency)
        identity = invoice.get("id")
        if isinstance(identity, str) and identity in seen:
            yield Problem(pointer=f"{place}/id", message=f"invoice {identity} is there twice")
        seen |= {identity} if isinstance(identity, str) else set()
    if _add_up(invoices, currency) > LARGEST_INTEGER:
        said = "the invoices add up to more than ±2^53 of the currency's smallest unit"
        yield Problem(pointer=pointer, message=said)


def _find_payment_problems(payments: object, pointer: str, currency: str) -> Iterator[Problem]:
    if payments is None:
        return
    if not isinstance(payments, list | tuple):
        yield Problem(pointer=pointer, message=f"payments is a list, not {describe(payments)}")
        return
    for index, payment in enumerate(payments):
        place = f"{pointer}/{index}"
        if not isinstance(payment, Mapping):
            yield Problem(pointer=place, message=f"a payment is a mapping, not {describe(payment)}")
            continue
        meant = find_meant_keys(payment, PAYMENT.keys)
        yield from _find_unknown(payment, _PAYMENT_KEYS, "a payment", place, meant)
        rows = (row for row in PAYMENT.keys if row.name not in meant.values())
        yield from _check_rows(rows, payment, place, currency)
        paid = _minor_units(payment.get("amount"), currency)
        if paid is not None and paid <= 0:
            yield Problem(pointer=f"{place}/amount", message=f"amount is above 0, not {payment['amount']}")


def find_meant_keys(document: Document, rows: Sequence[Key]) -> dict[str, str]:
    """Return by what is no key the key that it was likely meant to be, so that the one is not missed beside it."""
    known = {row.name for row in rows}
    unknown = itertools.islice((name for name in document if name not in known), MOST_MEANT)
    lacking = [row.name for row in rows if row.name not in document]
    found = ((name, find_meant(name, lacking)) for name in unknown)
    return {name: meant for name, meant in found if meant is not None}


def _find_unknown(
    document: Document, known: Collection[str], what: str, place: str, meant: Mapping[str, str]
) -> Iterator[Problem]:
    for name in document:
        if name not in known:
            hint = f"; did you mean {meant[name]}?" if name in meant else f": {', '.join(sorted(known))}"
            yield Problem(pointer=f"{place}/{name}", message=f"{name} is no part of {what}{hint}")


def _add_up(invoices: Sequence[object], currency: str) -> int:
    """Return the sum of what can be read, each amount by its size."""
    lines = [each for each in invoices if isinstance(each, Mapping)]
    paid = (each.get("payments") for each in lines)
    payments = (each for list_ in paid if isinstance(list_, list | tuple) for each in list_)
    amounts = [each.get(name) for each in lines for name in ("open", "amount")]
    amounts += [each.get("amount") for each in payments if isinstance(each, Mapping)]
    return sum(abs(_minor_units(value, currency) or 0) for value in amounts)


def _minor_units(value: object, currency: str) -> int | None:
    """Return an amount, None where it cannot be read."""
    return parse_amount(digits_of(value), currency) if say_of_amount("", value, currency) is None else None


def find_entry_problems(document: object, pointer: str) -> Iterator[Problem]:
    """Yield what is wrong with an entry of history; one that failed or that resets counts for nothing else."""
    if not isinstance(document, Mapping):
        yield Problem(pointer=pointer, message="an entry of history is a mapping")
        return
    meant = find_meant_keys(document, ENTRY.keys)
    yield from _find_unknown(document, _ENTRY_KEYS, "a history entry", pointer, meant)
    yield from _check_rows((_ENTRY_KEYS[name] for name in _ALWAYS if name not in meant.values()), document, pointer, "")
    if document.get("result") == "failed" or document.get("reset") is True:
        return
    if all(document.get(name) is None and name not in meant.values() for name in _TELLING):
        yield Problem(pointer=pointer, message="an entry names a rule, an action, a level or a reset")
    yield from _check_rows((row for name, row in _ENTRY_KEYS.items() if name not in _ALWAYS), document, pointer, "")


def read_part(document: Document) -> Document:
    """Return what is read of an entry that is not wrong: of one that failed or resets, what every entry has."""
    if document.get("result") == "failed" or document.get("reset") is True:
        return {name: document[name] for name in _ALWAYS if name in document}
    return document


def find_outcome_problems(document: object, pointer: str, currency: str) -> Iterator[Problem]:
    """Yield what is wrong with an outcome of an account in a currency."""
    if not isinstance(document, Mapping):
        yield Problem(pointer=pointer, message="an outcome is a mapping")
        return
    meant = find_meant_keys(document, OUTCOME.keys)
    yield from _find_unknown(document, _OUTCOME_KEYS, "an outcome", pointer, meant)
    name = document.get("type")
    kind = OUTCOME_TYPES.get(name) if isinstance(name, str) else None
    is_slip = isinstance(name, str) and (slip := find_meant(name, OUTCOME_TYPES)) is not None and kind is None
    if is_slip:
        yield Problem(pointer=f"{pointer}/type", message=f"{name} is no type of outcome; did you mean {slip}?")
    passed_over = {*meant.values(), *(["type"] if is_slip else [])}
    rows = (row for row in OUTCOME.keys if row.needed or document.get(row.name) is not None)
    yield from _check_rows((row for row in rows if row.name not in passed_over), document, pointer, currency)
    if kind is None:
        return
    yield from (
        Problem(pointer=f"{pointer}/{each}", message=f"{each} is missing: a {name} needs it")
        for each in kind.needs
        if document.get(each) is None and each not in meant.values()
    )
    yield from (
        Problem(pointer=f"{pointer}/{each}", message=f"{each} is no part of a {name}")
        for each in sorted(_OF_SOME_TYPES - kind.keys)
        if document.get(each) is not None
    )
    amount = _minor_units(document.get("amount"), currency) if document.get("amount") is not None else None
    if amount is not None and amount <= 0:
        yield Problem(pointer=f"{pointer}/amount", message=f"amount is above 0, not {document['amount']}")


def _check_rows(rows: Iterable[Key], document: Document, pointer: str, currency: str) -> Iterator[Problem]:
    for row in rows:
        value = document.get(row.name)
        if value is not None or row.kind == INSTANT:
            said = say_of_value(row.kind, row.name, value, currency)
        else:
            said = f"{row.name} is missing" if row.needed else None
        if said is not None:
            yield Problem(pointer=f"{pointer}/{row.name}", message=said)
