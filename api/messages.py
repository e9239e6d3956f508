"""The bodies of questions and their answers, as OpenAPI shows them, and the types that all bodies share."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.problems import ProblemDetails
from engine.evaluation.timeline import Executed
from engine.model.decision import Decision

HIGHEST_VERSION = (1 << 31) - 1
Explain = Literal["none", "reason", "rules", "full"]
HowMuch = Annotated[
    Explain,
    Meta(
        description="How much is explained: nothing, the reason in a sentence, for each earlier rule what failed, or"
        " every fact as well."
    ),
]
Amount = Annotated[
    Decimal,
    Meta(
        description="A decimal in the account's currency, as text or number.",
        examples=["49.95"],
    ),
]
Document = Annotated[
    msgspec.Raw,
    Meta(
        description="The account document (schema Account).", extra_json_schema={"$ref": "#/components/schemas/Account"}
    ),
]
Entries = Annotated[
    msgspec.Raw,
    Meta(
        description="What was executed so far, in order (schema HistoryEntry).",
        extra_json_schema={"type": "array", "items": {"$ref": "#/components/schemas/HistoryEntry"}},
    ),
]
Came = Annotated[
    msgspec.Raw,
    Meta(
        description="What came of the debt, in the order it was recorded (schema StatedOutcome).",
        extra_json_schema={"type": "array", "items": {"$ref": "#/components/schemas/StatedOutcome"}},
    ),
]
_YEARS = "^(19|20|21)"
Instant = Annotated[
    dt.datetime, Meta(tz=True, description="An instant with its offset.", extra_json_schema={"pattern": _YEARS})
]
AsOf = Annotated[
    str,
    Meta(
        description="An instant with its offset, or a date: its first moment in the account's zone. Left out: now.",
        extra_json_schema={"pattern": "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}([Tt ].+)?$"},
        examples=["2026-11-20T09:00:00+01:00", "2026-11-20"],
    ),
]
Track = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=r"\A[^\x00]*\Z",
        description="Which of the tracks that may cover one account.",
    ),
]
RulesetId = Annotated[str, Meta(min_length=1, description="Ask this ruleset only.")]
Version = Annotated[
    int,
    Meta(
        ge=1, le=HIGHEST_VERSION, description="Ask this published version of `ruleset`, whatever its effective period."
    ),
]


class NextActionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An account as the caller knows it, and the question."""

    account: Document
    history: Entries | UnsetType = UNSET
    outcomes: Came | UnsetType = UNSET
    as_of: AsOf | None = None
    track: Track = "dunning"
    ruleset: RulesetId | None = None
    version: Version | None = None
    explain: HowMuch = "reason"


class StoredAccountRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A stored account, with the history and the outcomes that are recorded of it, and the question."""

    account_id: Annotated[str, Meta(min_length=1, max_length=256, pattern=r"\A[^\x00]*\Z")]
    as_of: AsOf | None = None
    track: Track = "dunning"
    ruleset: RulesetId | None = None
    version: Version | None = None
    explain: HowMuch = "reason"


_ASKED = ("NextActionRequest", "StoredAccountRequest")
Item = Annotated[
    msgspec.Raw, Meta(extra_json_schema={"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in _ASKED]})
]


class NextActionsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to 1,000 questions, each with its account or with the `account_id` of a stored one."""

    items: Annotated[list[Item], Meta(min_length=1, max_length=1000)]


class NextActionsItem(msgspec.Struct, frozen=True, kw_only=True):
    """The decision, or the problem with this one question."""

    decision: Decision | UnsetType = UNSET
    problem: ProblemDetails | UnsetType = UNSET


class NextActionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One item for each question, in the order of the questions."""

    items: list[NextActionsItem]


class NextActionQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The question about a stored account.

    With `known_at` it is answered with the rulesets that were published and the history that was recorded by then;
    `as_of` left out is then that instant. The account is as it is stored now.
    """

    as_of: AsOf | None = None
    known_at: Instant | None = None
    track: Track = "dunning"
    ruleset: RulesetId | None = None
    version: Version | None = None
    explain: HowMuch = "reason"


class TimelineQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when to when, and which rulesets."""

    as_of: Annotated[dt.date, Meta(description="The first day asked; left out: today.")] | None = None
    until: Annotated[dt.date, Meta(description="The last day asked; left out: to the end of the ladder.")] | None = None
    track: Track = "dunning"
    ruleset: RulesetId | None = None
    version: Version | None = None
    executed: Annotated[
        Executed,
        Meta(
            description="When what wins is taken as carried out: as scheduled, or at once as it is asked, as suites do."
        ),
    ] = "scheduled"


class TimelineStep(msgspec.Struct, frozen=True, kw_only=True):
    """What would be carried out, the day it was asked for, and the local day on which it happens."""

    on: dt.date
    happens_on: dt.date
    decision: Decision


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """What happens if nobody pays, in order. Nothing of it is logged."""

    account_id: str
    track: str
    steps: tuple[TimelineStep, ...]
