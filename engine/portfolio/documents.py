"""Rows of accounts as the documents that a caller would send one by one."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa

from engine.model.account import AccountInvalid, Problem
from engine.model.exactjson import FREE_JSON
from engine.portfolio.columns import DOCUMENT, HISTORY, OUTCOMES

GIVEN_TWICE = "given twice"
"""What stands in the place of a document, with the name of a list that it has and that is given beside it as well."""

Document = dict[str, object]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An account, its history and its outcomes, as JSON-like documents; a problem where its own JSON is none."""

    account: Document
    history: tuple[Document, ...] = ()
    outcomes: tuple[Document, ...] = ()
    problem: AccountInvalid | None = None


def read_rows(batch: pa.RecordBatch) -> Iterator[Row]:
    """Yield each row of a batch as documents; a column that is null in all of it takes no time."""
    names = [field.name for field in batch.schema if batch.column(field.name).null_count < batch.num_rows]
    for values in batch.select(names).to_pylist():
        written = values.get(DOCUMENT)
        if written is not None:
            yield _read_document(written, values.get("id"))
            continue
        account = {name: to_json(value) for name, value in values.items() if value is not None and name != HISTORY}
        yield Row(account=account, history=_entries_of(to_json(values.get(HISTORY) or [])))


def _read_document(written: str, name: object) -> Row:
    try:
        account = FREE_JSON.decode(written)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        return _refuse(name, f"the account is no JSON: {error}")
    for key in ("invoices", HISTORY):
        if account == [GIVEN_TWICE, key]:
            return _refuse_twice(name, key)
    if not isinstance(account, dict):
        return _refuse(name, "an account is a mapping of id, currency and facts")
    history, outcomes = account.pop(HISTORY, None), account.pop(OUTCOMES, None)
    if history is not None and not isinstance(history, list):
        return _refuse(name, "history is a list of what was executed", f"/{HISTORY}")
    if outcomes is not None and not isinstance(outcomes, list):
        return _refuse(name, "outcomes is a list of what came of the debt", f"/{OUTCOMES}")
    return Row(account=account, history=_entries_of(history or []), outcomes=_entries_of(outcomes or []))


def _refuse_twice(name: object, key: str) -> Row:
    message = f"{key} stands in the account and in --{key} as well; take it out of one of them"
    return _refuse(name, message, f"/{HISTORY}" if key == HISTORY else f"/account/{key}")


def _refuse(name: object, message: str, pointer: str = "/account") -> Row:
    invalid = AccountInvalid((Problem(pointer=pointer, message=message),))
    return Row(account={"id": name}, problem=invalid)


def _entries_of(history: Any) -> tuple[Document, ...]:  # noqa: ANN401  whatever stands there is judged when it is read
    return tuple(history)


def to_json(value: object) -> Any:  # noqa: ANN401  JSON is anything
    """Return a value as JSON writes it: without nulls, days as text, and decimals as digits without idle zeros."""
    match value:
        case Decimal():
            return format(value.normalize(), "f") if value else "0"
        case dt.date():  # and instants
            return value.isoformat()
        case list():
            return [to_json(each) for each in value]
        case Mapping():
            return {name: to_json(each) for name, each in value.items() if each is not None}
    return value
