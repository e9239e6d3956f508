"""The lines of the log: what is hashed of a decision and of everything else that is logged, in its one JSON form.

A line begins with its place: `{"index":7,"kind":"decision",…}`. Instants are UTC; null is written out; commitments and
hashes are hexadecimal SHA-256.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType


class RelatedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose entries, accounts of the same party, a decision was made with too, and the commitment to them."""

    accounts: Sequence[str]
    commitment: str


class DecisionHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stays of a decision whatever is erased, in the order of its line; also the first columns of its row.

    Ruleset, version and digest are None where none covered the account.
    """

    id: str
    at: dt.datetime
    account_id: str
    track: str
    ruleset_id: str | None = None
    version: int | None = None
    digest: str | None = None
    rule: str | None = None
    outcome: str
    action: str | None = None
    channel: str | None = None
    as_of: dt.datetime


class DecisionLine(
    DecisionHead,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="decision",
):
    """A decision, and the commitment to its facts."""

    ruleset_id: str | None = msgspec.field(default=None, name="ruleset")
    commitment: str
    known_erasures: int
    related: RelatedLine | UnsetType = UNSET


class ErasureLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That the facts of an account were erased everywhere; never what they were."""

    kind: Literal["erasure"] = "erasure"
    at: dt.datetime
    account_id: str
    actor: str
    decisions_count: int
    name: str | UnsetType = UNSET


class RetentionLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That the facts of all decisions made before an instant were erased because of their age."""

    kind: Literal["retention"] = "retention"
    at: dt.datetime
    before: dt.datetime
    actor: str
    name: str | UnsetType = UNSET


class ClockLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That times before this line may be wrong: from here on lines follow each other again, beginning with its own."""

    kind: Literal["clock"] = "clock"
    at: dt.datetime
    actor: str
    name: str
    note: str


class TokenLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a token (`subject`) was made, renamed or revoked, and all that it is since; `secret` is its hash."""

    kind: Literal["token_made", "token_renamed", "token_revoked"]
    at: dt.datetime
    subject: str
    token_name: str
    person: str | None
    scopes: tuple[str, ...]
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    secret: str
    actor: str
    name: str | None


class ExecutedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That an action was recorded as carried out: for which decision (`subject`), in which row of the history."""

    kind: Literal["executed"] = "executed"
    at: dt.datetime
    subject: str | None
    row: int
    account_id: str
    executed_at: dt.datetime
    action: str | None
    channel: str | None
    result: str | None
    commitment: str
    actor: str
    name: str | None


class OutcomeLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That something came of a debt: of which type, and in which row; never how much or what was said."""

    kind: Literal["outcome"] = "outcome"
    at: dt.datetime
    row: int
    account_id: str
    outcome: str
    happened_at: dt.datetime
    commitment: str
    actor: str
    name: str | None


class MergeLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That the history and the outcomes of an account went over to another (`subject`); lines of each follow anew."""

    kind: Literal["merge"] = "merge"
    at: dt.datetime
    subject: str
    account_id: str
    entries_count: int
    outcomes_count: int
    actor: str
    name: str | None


class SettingLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a setting of the database (`subject`) has this value from here on."""

    kind: Literal["setting"] = "setting"
    at: dt.datetime
    subject: Literal["four_eyes"]
    value: bool
    actor: str
    name: str | None


class KeyLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That checkpoints are signed with this key (`subject`) from here on; `signature` is the old key's of the new."""

    kind: Literal["key"] = "key"
    at: dt.datetime
    subject: str
    old: str | None
    signature: str | None
    actor: str
    name: str | None


Scheme = Literal["v1a", "v1"]
"""How Standard Webhooks are signed: with Ed25519, or with HMAC."""


class WebhookLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a webhook (`subject`) was made, got another secret, was ended, resumed or deleted, and all that it was then.

    `url` and `secret` are hashes; the host is named.
    """

    kind: Literal["webhook_made", "webhook_rotated", "webhook_ended", "webhook_resumed", "webhook_deleted"]
    at: dt.datetime
    subject: str
    host: str
    url: str
    types: tuple[str, ...] | None
    in_order: bool
    allow_private: bool
    scheme: Scheme
    secret: str
    is_ended: bool
    actor: str
    name: str | None


class RunLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a run over files or tables was carried out: by what, on what, and what came of it.

    `subject` is the hash of its plan and of all decisions as they were written. `inputs` is the hash of a list of the
    hashes of its `inputs_count` files. Amounts are by currency: what actions claim, and the fees in it.
    """

    kind: Literal["run"] = "run"
    at: dt.datetime
    subject: str
    track: str
    as_of: str
    rulesets: dict[str, str]
    inputs: str
    inputs_count: int
    accounts_count: int
    refused_count: int
    outcomes: dict[str, int]
    claimed: dict[str, str]
    fees: dict[str, str]
    actor: str
    name: str | None


class AccessesLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That so many readings of personal data were written down since the batch before, up to number `row`."""

    kind: Literal["accesses"] = "accesses"
    at: dt.datetime
    row: int
    count: int
    hash: str
    actor: str


class WorkLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person said of the action of a decision (`subject`): until when, to whom; never why, which is personal."""

    kind: Literal["action_snoozed", "action_assigned", "action_approved", "action_refused"]
    at: dt.datetime
    subject: str
    account_id: str
    track: str
    until: dt.datetime | None
    to: str | None
    actor: str
    name: str | None


RunDeed = Literal[
    "run_proposed",
    "run_excluded",
    "run_held",
    "run_approved",
    "run_released",
    "run_cancelled",
    "run_finished",
    "run_failed",
]
"""What is done with a run over the stored accounts."""


class RunDeedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was done with a run over the stored accounts (`subject`), and with how many of its accounts.

    `digest` is that of the proposal, None before it stands; `accounts` names those that were spoken of by name.
    """

    kind: RunDeed
    at: dt.datetime
    subject: str
    track: str
    as_of: str
    digest: str | None
    accounts: tuple[str, ...] | None
    count: int | None
    actor: str
    name: str | None


class PublishLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ruleset version: hashes of all that was stored with it, and who brought it from where."""

    kind: Literal["publish"] = "publish"
    at: dt.datetime
    ruleset: str
    version: int
    digest: str
    text: str
    facts: str | None
    suite: str | None
    canonical: str
    holidays: str
    diagnostics: str
    effective_from: dt.date | None
    effective_until: dt.date | None
    approval_required: bool
    publisher: str
    repository: str | None
    commit: str | None
    author: str | None
    committer: str | None
    committed_at: dt.datetime | None
    publisher_name: str | UnsetType = UNSET
    language_edition: int | UnsetType = UNSET
    guarantees: str | UnsetType = UNSET
    verdicts: str | UnsetType = UNSET
    scorecard: str | UnsetType = UNSET


class ShadowLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a ruleset version is asked beside what is in use, about how many percent of accounts, until when.

    Or that it was ended, and what it would have decided was forgotten; `until` is as it was begun.
    """

    kind: Literal["shadow", "shadow_ended"] = "shadow"
    at: dt.datetime
    ruleset: str
    version: int
    percent: int
    until: dt.datetime
    actor: str
    name: str | None


class VersionEventLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a ruleset version was retired, activated again or approved; the digest says what it was then.

    Where four eyes are on, the first who retires or activates it `waits` for another, who `approves` that.
    """

    kind: Literal["retire", "activate", "approve"]
    at: dt.datetime
    ruleset: str
    version: int
    digest: str | None
    actor: str
    note: str | None
    name: str | UnsetType = UNSET
    approval: Literal["waits", "approves"] | UnsetType = UNSET


EntryLine = (
    ErasureLine
    | RetentionLine
    | ClockLine
    | SettingLine
    | KeyLine
    | AccessesLine
    | RunLine
    | RunDeedLine
    | TokenLine
    | WebhookLine
    | ExecutedLine
    | OutcomeLine
    | WorkLine
    | MergeLine
    | PublishLine
    | ShadowLine
    | VersionEventLine
)
SERVICE = "service"  # the actor of what the service does by itself


def encode_line(line: DecisionLine | EntryLine) -> bytes:
    """Write a line from the comma after its place on."""
    return b"," + _encode(line)[1:]


def put_in_place(index: int, rest: bytes) -> bytes:
    """Write a whole line."""
    return b'{"index":%d%b' % (index, rest)


def hash_text(text: str) -> str:
    """Hash a stored text."""
    return hashlib.sha256(text.encode()).hexdigest()


def commit_to(salt: bytes, answer: bytes, facts: bytes) -> bytes:
    """Commit to what may be erased later: without the salt the commitment tells nothing about it."""
    return hashlib.sha256(b"".join((salt, len(answer).to_bytes(8, "big"), answer, facts))).digest()


def commit_to_related(salt: bytes, related: bytes) -> bytes:
    """Commit to the entries of other accounts, which go when those are erased."""
    return hashlib.sha256(salt + related).digest()


def commit_to_entry(salt: bytes, entry: bytes) -> bytes:
    """Commit to what was recorded, as carried out or as an outcome, which goes when its account is erased."""
    return hashlib.sha256(salt + entry).digest()


_encode = msgspec.json.Encoder().encode
