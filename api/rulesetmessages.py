"""The bodies about rulesets and their versions."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from api.messages import Instant
from engine.model.diagnostic import Diagnostic
from engine.proofs.guarantees import Told

_ALLOW_OVERLAP = "Publish it also where another ruleset in use covers one of its accounts; those get no answer then."
Approval = Literal["not_required", "pending", "approved"]
File = Annotated[str, Meta(min_length=1, description="The file's name, for messages.")]
Repository = Annotated[str, Meta(min_length=1, description="The repository that the text comes from.")]
Commit = Annotated[str, Meta(min_length=1, description="The commit that the text was taken at.")]
Author = Annotated[str, Meta(min_length=1, description="Who wrote it, by the commit.")]
Committer = Annotated[str, Meta(min_length=1, description="Who committed it.")]
CommittedAt = Annotated[Instant, Meta(description="When it was committed, with the offset.")]


class PublishRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A ruleset's text with what belongs to it, and where it came from."""

    text: str
    facts: str | None = None
    scorecard: Annotated[str | None, Meta(description="The scorecard.yaml of its folder.")] = None
    guarantees: Annotated[str | None, Meta(description="The guarantees.yaml of its folder.")] = None
    suite: str | None = None
    file: File | None = None
    repository: Repository | None = None
    commit: Commit | None = None
    author: Author | None = None
    committer: Committer | None = None
    committed_at: CommittedAt | None = None
    allow_overlap: Annotated[bool, Meta(description=_ALLOW_OVERLAP)] = False


class PublishQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a ruleset sent as plain YAML came from."""

    file: File | None = None
    repository: Repository | None = None
    commit: Commit | None = None
    author: Author | None = None
    committer: Committer | None = None
    committed_at: CommittedAt | None = None
    allow_overlap: Annotated[Literal["true", "false"], Meta(description=_ALLOW_OVERLAP)] = "false"


class VersionHead(msgspec.Struct, frozen=True, kw_only=True):
    """A published version without its text."""

    ruleset: str
    version: int
    digest: str
    is_active: bool
    effective_from: dt.date | None
    effective_until: dt.date | None
    repository: str | None
    commit: str | None
    author: str | None
    committer: str | None
    committed_at: dt.datetime | None
    publisher: str
    published_at: dt.datetime
    language_edition: Annotated[int, Meta(description="The edition of the ruleset language it was published in.")]
    approval: Approval
    approved_by: str | None
    approved_at: dt.datetime | None
    approval_note: str | None
    waiting: Annotated[
        Literal["retire", "activate"] | None,
        Meta(description="With four eyes: what `waiting_by` asked for, until another does the same."),
    ]
    waiting_by: str | None


class VersionEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a version after it was published, to which content, by whom, when and why."""

    kind: Literal["approve", "retire", "activate"]
    at: dt.datetime
    actor: str
    note: str | None
    digest: str | None


class VersionWhole(VersionHead, frozen=True, kw_only=True):
    """A published version with its text as written, its canonical form and the warnings it was published with."""

    events: tuple[VersionEvent, ...]

    text: str
    facts: str | None
    scorecard: Annotated[str | None, Meta(description="The scorecard.yaml of its folder.")]
    guarantees: Annotated[str | None, Meta(description="The guarantees.yaml of its folder.")]
    verdicts: Annotated[tuple[Told, ...], Meta(description="What became of each guarantee when it was published.")]
    suite: str | None
    canonical: Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object"})]
    holidays: Annotated[msgspec.Raw, Meta(description="The holiday dates this version decides with, for ever.")]
    diagnostics: tuple[Diagnostic, ...]


class PublishAnswer(VersionHead, frozen=True, kw_only=True):
    """The version, new or, for a digest published before, as it was; with the warnings of the analysis."""

    is_new: bool
    diagnostics: tuple[Diagnostic, ...]


class RulesetSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset, and its versions' heads, newest first."""

    ruleset: str
    versions: tuple[VersionHead, ...]


class Rulesets(msgspec.Struct, frozen=True, kw_only=True):
    """Every ruleset ever published."""

    rulesets: tuple[RulesetSummary, ...]
