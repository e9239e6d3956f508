"""A decision's columns, each spelled once: as it is given to be logged, as it is stored, as its line says it."""

import datetime as dt
import os
from typing import Any

import asyncpg
from msgspec import UNSET, UnsetType

from store.loglines import (
    DecisionHead,
    DecisionLine,
    RelatedLine,
    commit_to,
    commit_to_related,
    encode_line,
    put_in_place,
)

_SALT_BYTES = 16
_HEAD = DecisionHead.__struct_fields__
_TEXTS = ("answer", "input", "related")  # JSON: bytes here, text in PostgreSQL


class DecisionRecord(DecisionHead, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision to be logged; `at` is the instant in its id.

    `answer` is the decision as answered and `input` all that a replay needs, both JSON. They hold personal facts and
    can be erased; everything else stays for good. `related` are the entries of other accounts of the same party that
    belong into the input: they go when one of those accounts is erased. `known_erasures` is what the log said of
    erasures (Erasures.known) when the facts were read.
    """

    answer: bytes
    input: bytes
    related: bytes | None = None
    related_accounts: tuple[str, ...] = ()
    known_erasures: int = 0


class LoggedDecision(DecisionHead, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of dunning.decisions, its columns in their order; what was erased is None, with the salt that tied it."""

    commitment: bytes
    answer: bytes | None
    input: bytes | None
    salt: bytes | None
    leaf_index: int
    leaf_hash: bytes
    known_erasures: int
    related: bytes | None
    related_salt: bytes | None
    related_commitment: bytes | None
    related_accounts: tuple[str, ...]

    @property
    def line(self) -> bytes:
        """The whole line, as it was hashed."""
        return put_in_place(self.leaf_index, encode_line(line_of_decision(self)))


def prepare(record: DecisionRecord) -> LoggedDecision:
    """Salt a decision's facts and commit to them; its place and the hash of its line are PostgreSQL's to give."""
    salt = os.urandom(_SALT_BYTES)
    related_salt = related_commitment = None
    if record.related is not None:
        related_salt = os.urandom(_SALT_BYTES)
        related_commitment = commit_to_related(related_salt, record.related)
    return LoggedDecision(
        **(_share(record) | {"as_of": record.as_of.astimezone(dt.UTC)}),
        commitment=commit_to(salt, record.answer, record.input),
        answer=record.answer,
        input=record.input,
        salt=salt,
        leaf_index=-1,
        leaf_hash=b"",
        known_erasures=record.known_erasures,
        related=record.related,
        related_salt=related_salt,
        related_commitment=related_commitment,
        related_accounts=record.related_accounts,
    )


def columns_of(decision: LoggedDecision) -> tuple[object, ...]:
    """Write a decision as its row, for PostgreSQL."""
    fields = {name: getattr(decision, name) for name in decision.__struct_fields__}
    fields |= {name: fields[name] and fields[name].decode() for name in _TEXTS}
    if decision.related_commitment is None:
        fields["related_accounts"] = None
    return tuple(fields.values())


def decision_of(row: asyncpg.Record) -> LoggedDecision:
    """Read a row as a decision."""
    fields = {name: row[name] for name in LoggedDecision.__struct_fields__}
    fields |= {name: fields[name] and fields[name].encode() for name in _TEXTS}
    return LoggedDecision(**(fields | {"id": str(row["id"]), "related_accounts": tuple(row["related_accounts"] or ())}))


def line_of_decision(decision: LoggedDecision) -> DecisionLine:
    """Write the line of a decision."""
    related: RelatedLine | UnsetType = UNSET
    if decision.related_commitment is not None:
        related = RelatedLine(accounts=decision.related_accounts, commitment=decision.related_commitment.hex())
    return DecisionLine(
        **_share(decision),
        commitment=decision.commitment.hex(),
        known_erasures=decision.known_erasures,
        related=related,
    )


def _share(decision: DecisionHead) -> dict[str, Any]:
    return {name: getattr(decision, name) for name in _HEAD}
