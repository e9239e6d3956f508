"""What other systems are told: a record for each type of event, of ids, types and versions, and never of facts.

A new type is one record here, named in EVENTS; whoever causes it calls `store.outbox.tell` in the same transaction.
"""

import datetime as dt
from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happened; its fields are what is told of it."""

    type: ClassVar[str]

    @property
    def subject(self) -> str:
        """What it happened to, as a path."""
        raise NotImplementedError

    @property
    def account(self) -> str | None:
        """The account whose events follow each other."""
        return None


class _OfAccount(Event, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account_id: str

    @property
    def subject(self) -> str:
        return f"accounts/{self.account_id}"

    @property
    def account(self) -> str | None:
        return self.account_id


class _OfDecision(_OfAccount, frozen=True, kw_only=True, forbid_unknown_fields=True):
    decision_id: str


class _OfCase(_OfAccount, frozen=True, kw_only=True, forbid_unknown_fields=True):
    currency: str
    due_on: dt.date


class _OfVersion(Event, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ruleset: str
    version: int
    digest: str

    @property
    def subject(self) -> str:
        return f"rulesets/{self.ruleset}/versions/{self.version}"


class DecisionDue(_OfDecision, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stored account was due to be asked about, and there is something to do."""

    type: ClassVar[str] = "decision.due"
    track: str
    ruleset: str
    version: int
    rule: str | None
    action: str


class ApprovalRequested(_OfDecision, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action waits for a person's approval."""

    type: ClassVar[str] = "approval.requested"
    track: str
    ruleset: str
    version: int
    rule: str | None
    action: str


class ActionApproved(_OfDecision, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person approved an action."""

    type: ClassVar[str] = "action.approved"


class ActionRefused(_OfDecision, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person refused an action."""

    type: ClassVar[str] = "action.refused"


class ActionExecuted(_OfAccount, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action was recorded as carried out; by its decision, or by a rule or action alone."""

    type: ClassVar[str] = "action.executed"
    decision_id: str | None
    rule: str | None
    action: str | None


class PromiseBroken(_OfAccount, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise to pay was not kept."""

    type: ClassVar[str] = "promise.broken"
    promise: str


class CaseOpened(_OfCase, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account owes of a currency and due date became overdue."""

    type: ClassVar[str] = "case.opened"


class CaseClosed(_OfCase, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account owed of a currency and due date is owed no more."""

    type: ClassVar[str] = "case.closed"


class RulesetPublished(_OfVersion, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of a ruleset was published; with four eyes it waits for its approval."""

    type: ClassVar[str] = "ruleset.published"


class RulesetInUse(_OfVersion, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version decides from now on, on the days that it is effective: published, approved or activated again."""

    type: ClassVar[str] = "ruleset.in_use"


class RunFinished(Event, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dunning run ended and was logged; `run` is the `subject` of its line."""

    type: ClassVar[str] = "run.finished"
    run: str

    @property
    def subject(self) -> str:
        """What it happened to."""
        return f"runs/{self.run}"


EVENTS: tuple[type[Event], ...] = (
    DecisionDue,
    ApprovalRequested,
    ActionApproved,
    ActionRefused,
    ActionExecuted,
    PromiseBroken,
    CaseOpened,
    CaseClosed,
    RulesetPublished,
    RulesetInUse,
    RunFinished,
)
