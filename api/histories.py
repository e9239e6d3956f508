"""Histories as they are logged: entries of a party's other accounts apart, so that they can go with those accounts."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from store.accounts import AccountWithHistory

_ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])
_NOTHING = b"null"


class SplitHistory(msgspec.Struct, frozen=True, kw_only=True):
    """A history's own entries with null in the place of each of another account; those apart, in the same order."""

    own: bytes
    related: bytes | None = None
    related_accounts: tuple[str, ...] = ()


class _Input(msgspec.Struct, frozen=True, kw_only=True):
    account: msgspec.Raw
    history: msgspec.Raw
    outcomes: msgspec.Raw | UnsetType = UNSET
    options: msgspec.Raw
    rulesets: msgspec.Raw


_INPUT = msgspec.json.Decoder(_Input)


def join_history(stored: AccountWithHistory, *, known_at: dt.datetime | None = None) -> bytes:
    """Write a stored account's history as one JSON array; entries of its party's other accounts name their account.

    With `known_at` only what was recorded by then.
    """
    entries = []
    for entry in stored.history:
        if known_at is not None and entry.recorded_at > known_at:
            continue
        if entry.account_id == stored.account.id:
            entries.append(entry.entry)
        else:
            named = b'"account":' + msgspec.json.encode(entry.account_id)
            rest = entry.entry.lstrip()[1:].lstrip()
            entries.append(b"{" + named + (b"" if rest.startswith(b"}") else b",") + rest)
    return b"[" + b",".join(entries) + b"]"


def join_outcomes(stored: AccountWithHistory, *, known_at: dt.datetime | None = None) -> bytes:
    """Write a stored account's outcomes as one JSON array, empty where there are none.

    With `known_at` only what was recorded by then.
    """
    found = (text for text, recorded_at in stored.outcomes if known_at is None or recorded_at <= known_at)
    joined = b",".join(found)
    return b"[" + joined + b"]" if joined else b""


def write_document(stored: AccountWithHistory) -> bytes:
    """Write an account with its history and outcomes in it, as a line of a dunning run has it."""
    document = msgspec.json.decode(stored.account.document, type=dict[str, msgspec.Raw])
    if stored.history:
        document["history"] = msgspec.Raw(join_history(stored))
    if outcomes := join_outcomes(stored):
        document["outcomes"] = msgspec.Raw(outcomes)
    return msgspec.json.encode(document)


def write_recorded(text: bytes, recorded_at: dt.datetime) -> bytes:
    """Write what was recorded, a JSON object that says something, with when it was."""
    return text.rstrip()[:-1] + b',"recorded_at":' + msgspec.json.encode(recorded_at) + b"}"


def split_history(text: bytes, entries: Sequence[Any], account_id: object) -> SplitHistory:
    """Take the entries of other accounts out of a history; `entries` is what the text says."""
    others = [_name_other(entry, account_id) for entry in entries]
    if not any(others):
        return SplitHistory(own=text)
    parts = list(zip(map(bytes, _ENTRIES.decode(text)), others, strict=True))
    return SplitHistory(
        own=_write([_NOTHING if other else part for part, other in parts]),
        related=_write([part for part, other in parts if other]),
        related_accounts=tuple(sorted({other for other in others if other})),
    )


def fill_input(text: bytes, related: bytes | None) -> bytes:
    """Put the entries of other accounts back into a logged input; those that were erased are left out."""
    read = _INPUT.decode(text)
    others = iter(() if related is None else _ENTRIES.decode(related))
    parts = [next(others, None) if bytes(part) == _NOTHING else part for part in _ENTRIES.decode(read.history)]
    history = msgspec.Raw(_write([bytes(part) for part in parts if part is not None]))
    return msgspec.json.encode(msgspec.structs.replace(read, history=history))


def _name_other(entry: object, account_id: object) -> str | None:
    other = entry.get("account") if isinstance(entry, Mapping) else None
    return other if isinstance(other, str) and other != account_id else None


def _write(parts: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(parts) + b"]"
