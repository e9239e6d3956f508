"""The bodies of shadows: a version that is asked beside what is in use, and what it would have changed."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta

from api.messages import HIGHEST_VERSION, Instant
from engine.model.decision import Money


class ShadowRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which version is asked as well, about how many percent of accounts (drawn by their ids), until when."""

    version: Annotated[int, Meta(ge=1, le=HIGHEST_VERSION)]
    until: Annotated[Instant, Meta(description="When it ends, with the offset.")]
    percent: Annotated[int, Meta(ge=1, le=100)] = 100


class ShadowStep(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided; the outcome is `refused` where the version could not decide at all."""

    outcome: str
    rule: str | None
    action: str | None
    channel: str | None


class ShadowCell(msgspec.Struct, frozen=True, kw_only=True):
    """How many accounts, each as last asked, got one decision and would have got the other, and what they are claimed.

    `different` are those of which something else would have been done; the words may be the same and a fee another.
    """

    champion: ShadowStep
    challenger: ShadowStep
    accounts: int
    different: int
    claimed: Money | None


class ShadowAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account of which something else would have been done, with the decision that was made."""

    account_id: str
    decision_id: str
    at: dt.datetime
    champion: ShadowStep
    challenger: ShadowStep
    claimed: Money | None


class ShadowReport(msgspec.Struct, frozen=True, kw_only=True):
    """The last shadow of a ruleset and what it would have changed so far; `first` shows 20 accounts at most."""

    ruleset: str
    version: int
    percent: int
    begun_at: dt.datetime
    until: dt.datetime
    is_over: bool
    accounts: int
    different: int
    matrix: tuple[ShadowCell, ...]
    first: tuple[ShadowAccount, ...]
