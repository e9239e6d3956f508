"""The bodies of what auditors ask and are answered, as OpenAPI shows them."""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from api.decisionmessages import Limit, LoggedText, OfAccount, OfOutcome, OfRule, OfRuleset, OfVersion
from api.messages import HIGHEST_VERSION, Instant
from engine.comparison.difference import Difference

Hash = Annotated[str, Meta(description="A SHA-256 hash in base64.")]
MOST = 1 << 62
Size = Annotated[int, Meta(ge=0, le=MOST, description="How many lines of the log.")]


class InclusionQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is proven, and for which tree."""

    of: Annotated[
        Literal["decision", "executed"],
        Meta(description="The decision's own line, or the line that says that it was carried out."),
    ] = "decision"

    size: (
        Annotated[int, Meta(ge=1, le=MOST, description="Of a checkpoint kept earlier; left out: of one signed now.")]
        | None
    ) = None


class InclusionProof(msgspec.Struct, frozen=True, kw_only=True):
    """That a line about a decision is in the log: RFC 6962's audit path, from the leaf up.

    The leaf is SHA-256 of a zero byte and the line's UTF-8; `checkpoint` is signed for `size` lines, and null where the
    size was asked for. With `of=executed` the line's `commitment` is SHA-256 of `salt` and `entry`.
    """

    decision_id: str
    index: int
    size: int
    line: str
    leaf_hash: Hash
    hashes: tuple[Hash, ...]
    checkpoint: str | None
    entry: Annotated[str, Meta(description="With `of=executed`: what was recorded, until it is erased.")] | None = None
    salt: Annotated[str, Meta(description="With `entry`: hexadecimal.")] | None = None


class ConsistencyQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two sizes of the log."""

    old_size: Size
    new_size: Annotated[int, Meta(ge=0, le=MOST, description="Left out: that of a checkpoint signed now.")] | None = (
        None
    )


class ConsistencyProof(msgspec.Struct, frozen=True, kw_only=True):
    """That the log of `new_size` lines begins with that of `old_size`: RFC 6962's consistency proof."""

    old_size: int
    new_size: int
    hashes: tuple[Hash, ...]
    checkpoint: str | None


class ExportQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is exported. `lines` are all lines of the log as they were hashed; else one decision a row."""

    content: Annotated[Literal["decisions", "lines"], Meta(description="Decisions, or lines as they were hashed.")] = (
        "decisions"
    )
    format: Annotated[Literal["ndjson", "parquet"], Meta(description="A line of JSON each, or a file of columns.")] = (
        "ndjson"
    )
    account: OfAccount | None = None
    ruleset: OfRuleset | None = None
    version: OfVersion | None = None
    rule: OfRule | None = None
    outcome: OfOutcome | None = None
    since: Instant | None = None
    until: Instant | None = None
    mask: (
        Annotated[
            str,
            Meta(
                min_length=1,
                description="Fields to hide, with commas between: account_id, or a dotted path that begins with answer,"
                " input or related.",
                examples=["account_id,input.account.invoices"],
            ),
        ]
        | None
    ) = None


class DifferenceFound(msgspec.Struct, frozen=True, kw_only=True):
    """A place (JSON pointer) where the decision made again differs; what one of them lacks is absent."""

    pointer: str
    logged: Any | UnsetType = UNSET
    replayed: Any | UnsetType = UNSET


class ReplayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding again; `problem` says why no decision came out, where none did."""

    decision_id: str
    is_equal: bool
    language_edition: Annotated[
        int,
        Meta(
            description="The edition of the ruleset language it was logged under; an earlier one explains differences."
        ),
    ]
    differences: tuple[DifferenceFound, ...]
    replayed: LoggedText | None
    problem: str | None


class VersionEventRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, and of which content: with `digest` nothing happens to a version that is not the one that was read."""

    note: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None
    digest: str | None = None
    allow_overlap: Annotated[
        bool, Meta(description="Also where another ruleset covers the accounts of a version that comes into use by it.")
    ] = False


class DiffQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which two versions."""

    from_: Annotated[int, Meta(ge=1, le=HIGHEST_VERSION, description="The older version.")] = field(name="from")
    to: Annotated[int, Meta(ge=1, le=HIGHEST_VERSION, description="The newer version.")]


class VersionDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from one version to another.

    `texts` are the changed lines, as `diff` shows them. `is_behaviour_same` is a proof: no account, whatever its
    history, is decided otherwise. Where the comparison is not finished, what is told is true, but may not be all.
    """

    ruleset: str
    from_: int = field(name="from")
    to: int
    texts: str
    verdict: Annotated[str, Meta(description="What the comparison comes to, in one sentence.")]
    is_behaviour_same: bool
    is_finished: bool
    difference: Difference


class AccessesQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which readings; `since` inclusive, `until` exclusive."""

    actor: Annotated[str, Meta(min_length=1, description="A token's id.")] | None = None
    since: Instant | None = None
    until: Instant | None = None
    cursor: Annotated[int, Meta(ge=1, le=MOST, description="The `next_cursor` of the page before.")] | None = None
    limit: Limit = 100


class AccessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who read personal data (a token's id and name, or who ran a command), when, and what."""

    at: dt.datetime
    actor: str
    name: str
    what: str


class Accesses(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `next_cursor` is null on the last."""

    accesses: tuple[AccessRecord, ...]
    next_cursor: int | None
