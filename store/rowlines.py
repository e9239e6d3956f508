"""From a stored row back to the line that was hashed, and what of the row does not belong to it."""

from typing import get_args

import asyncpg
import msgspec

from store.answers import list_contradictions
from store.decisionrecords import decision_of, line_of_decision
from store.loglines import (
    AccessesLine,
    ClockLine,
    EntryLine,
    ErasureLine,
    ExecutedLine,
    KeyLine,
    MergeLine,
    OutcomeLine,
    PublishLine,
    RetentionLine,
    RunDeed,
    RunDeedLine,
    RunLine,
    SettingLine,
    ShadowLine,
    TokenLine,
    VersionEventLine,
    WebhookLine,
    WorkLine,
    commit_to,
    commit_to_entry,
    commit_to_related,
    encode_line,
)


def line_of(row: asyncpg.Record) -> bytes:
    """Write the line of a decision's or another entry's row, from the comma after its place on."""
    if "id" in row:
        return encode_line(line_of_decision(decision_of(row)))
    text: str = row["line"]
    return text.encode()


def check_decision(row: asyncpg.Record) -> list[str]:
    """Return what is wrong with the facts beside a decision's line."""
    problems = []
    answer, facts, salt = (row[name] for name in ("answer", "input", "salt"))
    if None not in {answer, facts, salt}:
        if commit_to(salt, answer.encode(), facts.encode()) != row["commitment"]:
            problems.append("its answer or input is not what was logged")
        problems += [f"its answer says another {name} than its line" for name in list_contradictions(row)]
    elif not row["is_explained"]:
        problems.append("its facts are gone, and no erasure in the log says why")
    related, related_salt = row["related"], row["related_salt"]
    if related is not None and related_salt is not None:
        if commit_to_related(related_salt, related.encode()) != row["related_commitment"]:
            problems.append("the entries of other accounts in its history are not what was logged")
    elif not row["is_related_explained"]:
        problems.append("entries of other accounts in its history are gone, and no erasure in the log says why")
    return problems


def check_entry(row: asyncpg.Record) -> tuple[EntryLine | None, list[str]]:
    """Return what another entry's line says, and what is wrong with the columns beside it."""
    whole = "{" + row["line"][1:]
    try:
        entry = _DECODERS[_KIND.decode(whole).kind].decode(whole)
    except (msgspec.DecodeError, KeyError):
        return None, ["it cannot be read"]
    is_same = all(row[column] == getattr(entry, name, None) for column, name in _COLUMNS.items())
    problems = [] if is_same else ["its columns do not say what its line says"]
    if isinstance(entry, RetentionLine) and not entry.actor.startswith("command:"):
        problems.append(f"it says that {entry.actor} made it, and only commands do")
    if isinstance(entry, ExecutedLine):
        problems += _check_executed(row, entry)
    if isinstance(entry, OutcomeLine):
        problems += _check_outcome(row, entry)
    return entry, problems


def _check_executed(row: asyncpg.Record, line: ExecutedLine) -> list[str]:
    """Return what is wrong with the entry of the history that a line commits to."""
    if row["entry"] is None:
        return [] if row["is_explained"] else ["what was recorded is gone, and no erasure in the log says why"]
    stored = (row["history_account_id"], row["decision_id"], row["executed_at"])
    is_same = stored == (line.account_id, line.subject, line.executed_at)
    if is_same and commit_to_entry(row["salt"], row["entry"].encode()).hex() == line.commitment:
        return []
    return ["what was recorded as carried out is not what was logged"]


def _check_outcome(row: asyncpg.Record, line: OutcomeLine) -> list[str]:
    """Return what is wrong with the outcome that a line commits to."""
    if row["outcome"] is None:
        return [] if row["is_explained"] else ["the outcome is gone, and no erasure in the log says why"]
    stored = (row["outcome_account_id"], row["outcome_type"], row["happened_at"])
    is_same = stored == (line.account_id, line.outcome, line.happened_at)
    if is_same and commit_to_entry(row["outcome_salt"], row["outcome"].encode()).hex() == line.commitment:
        return []
    return ["the outcome is not what was logged"]


def name_row(row: asyncpg.Record) -> str:
    """Name a row for a reader."""
    return f"decision {row['id']}" if "id" in row else f"entry {row['leaf_index']} ({row['kind']})"


_COLUMNS = {  # of another entry's row, and the field of its line that each shows
    "kind": "kind",
    "at": "at",
    "account_id": "account_id",
    "before": "before",
    "subject": "subject",
    "row_id": "row",
}


class _Kind(msgspec.Struct, frozen=True):
    kind: str


_KIND = msgspec.json.Decoder(_Kind)
_DECODERS: dict[str, msgspec.json.Decoder[EntryLine]] = {
    "erasure": msgspec.json.Decoder(ErasureLine),
    "retention": msgspec.json.Decoder(RetentionLine),
    "clock": msgspec.json.Decoder(ClockLine),
    "run": msgspec.json.Decoder(RunLine),
    **{kind: msgspec.json.Decoder(RunDeedLine) for kind in get_args(RunDeed)},
    "setting": msgspec.json.Decoder(SettingLine),
    "key": msgspec.json.Decoder(KeyLine),
    "accesses": msgspec.json.Decoder(AccessesLine),
    "token_made": msgspec.json.Decoder(TokenLine),
    "token_renamed": msgspec.json.Decoder(TokenLine),
    "token_revoked": msgspec.json.Decoder(TokenLine),
    "webhook_made": msgspec.json.Decoder(WebhookLine),
    "webhook_rotated": msgspec.json.Decoder(WebhookLine),
    "webhook_ended": msgspec.json.Decoder(WebhookLine),
    "webhook_resumed": msgspec.json.Decoder(WebhookLine),
    "webhook_deleted": msgspec.json.Decoder(WebhookLine),
    "executed": msgspec.json.Decoder(ExecutedLine),
    "merge": msgspec.json.Decoder(MergeLine),
    "outcome": msgspec.json.Decoder(OutcomeLine),
    "action_snoozed": msgspec.json.Decoder(WorkLine),
    "action_assigned": msgspec.json.Decoder(WorkLine),
    "action_approved": msgspec.json.Decoder(WorkLine),
    "action_refused": msgspec.json.Decoder(WorkLine),
    "publish": msgspec.json.Decoder(PublishLine),
    "shadow": msgspec.json.Decoder(ShadowLine),
    "shadow_ended": msgspec.json.Decoder(ShadowLine),
    "retire": msgspec.json.Decoder(VersionEventLine),
    "activate": msgspec.json.Decoder(VersionEventLine),
    "approve": msgspec.json.Decoder(VersionEventLine),
}
