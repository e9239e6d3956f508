"""What a logged answer says of itself, held against the columns that its line says."""

import datetime as dt
from collections.abc import Callable

import asyncpg
import msgspec
from msgspec import UNSET, UnsetType


class _Ruleset(msgspec.Struct):
    id: str
    version: int | None
    digest: str | None


class _Rule(msgspec.Struct):
    id: str


class _Action(msgspec.Struct):
    type: str
    channel: str | None = None


class _Answer(msgspec.Struct):
    """The parts of an answer that its line says too; what it does not say at all is unset."""

    decision_id: str | UnsetType = UNSET
    account_id: str | UnsetType = UNSET
    track: str | UnsetType = UNSET
    outcome: str | UnsetType = UNSET
    as_of: dt.datetime | UnsetType = UNSET
    ruleset: _Ruleset | UnsetType | None = UNSET
    rule: _Rule | UnsetType | None = UNSET
    action: _Action | UnsetType | None = UNSET


_ANSWER = msgspec.json.Decoder(_Answer)
_SAID: dict[str, Callable[[_Answer], object]] = {
    "id": lambda answer: answer.decision_id,
    "account_id": lambda answer: answer.account_id,
    "track": lambda answer: answer.track,
    "outcome": lambda answer: answer.outcome,
    "as_of": lambda answer: answer.as_of,
    "ruleset_id": lambda answer: answer.ruleset and answer.ruleset.id,
    "version": lambda answer: answer.ruleset and answer.ruleset.version,
    "digest": lambda answer: answer.ruleset and answer.ruleset.digest,
    "rule": lambda answer: answer.rule and answer.rule.id,
    "action": lambda answer: answer.action and answer.action.type,
    "channel": lambda answer: answer.action and answer.action.channel,
}


def list_contradictions(row: asyncpg.Record) -> list[str]:
    """Name the columns of which a decision's answer says something else; one that names itself must say them all."""
    try:
        answer = _ANSWER.decode(row["answer"])
    except msgspec.DecodeError:
        return ["form"]
    found = []
    for name, read in _SAID.items():
        said, logged = read(answer), str(row[name]) if name == "id" else row[name]
        if said is UNSET and answer.decision_id is UNSET:
            continue
        if said != logged:
            found.append(name)
    return found
