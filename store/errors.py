"""What can go wrong at the store's edge; each class is one answer that the outside must give."""

import datetime as dt


class StoreError(Exception):
    """Something about storing went wrong."""


class UnusableDatabase(StoreError):
    """The database cannot be used at all: not reachable, too old, not UTF-8, newer than this program."""


class EmbeddedServerError(UnusableDatabase):
    """The embedded PostgreSQL could not be started on its folder."""


class Unavailable(StoreError):
    """PostgreSQL does not answer at the moment; what was asked may or may not have happened, and may be asked again."""

    retry_after_seconds = 2


class Busy(Unavailable):
    """More waits for PostgreSQL than may wait, or it waited too long; ask again in a moment."""

    retry_after_seconds = 1


class UseChanged(Unavailable):
    """A version was published, retired, activated or approved since the versions were looked at; ask again."""

    retry_after_seconds = 1


class Untimely(Unavailable):
    """A clock is wrong: what is to be logged would not follow in time what is logged already."""

    retry_after_seconds = 10


class Unstorable(StoreError, ValueError):
    """A text holds what PostgreSQL cannot store: a NUL character or half a surrogate pair."""


class UnknownAccount(StoreError, LookupError):
    """No account with this id is stored."""


class RevisionMismatch(StoreError):
    """The account was changed since it was read: the revision asked for is not the stored one."""

    def __init__(self, account_id: str, *, expected: int, found: int | None) -> None:
        stored = "it is not stored" if found is None else f"it is at revision {found}"
        super().__init__(f"account {account_id!r} was expected at revision {expected}, and {stored}")
        self.account_id = account_id
        self.expected = expected
        self.found = found


class FactsBeside(StoreError):
    """The document gives a fact that is drawn from promises, and promises are recorded of the account."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"{fact} is worked out from the promises that are recorded of this account; leave it out")
        self.fact = fact


class MergeConflict(StoreError):
    """What two accounts have cannot stand in one."""


class ImportConflict(StoreError):
    """The import's id stands for another file, or another request goes on with it."""


class AlreadyVerifying(StoreError):
    """The log is being verified, and once at a time is enough."""


class AlreadyExecuted(StoreError):
    """Another entry executed the same rule of the same episode since the decision was made."""

    def __init__(self, rule: str, *, at: dt.datetime, decision_id: str | None) -> None:
        by = "an entry without a decision" if decision_id is None else f"decision {decision_id}"
        super().__init__(f"rule {rule!r} was executed in this episode already: at {at.isoformat()}, by {by}")


class UnknownWebhook(StoreError, LookupError):
    """No such webhook is there."""


class EventsForgotten(StoreError, LookupError):
    """Events are kept for a while only, and some of those asked for are gone."""


class UnknownWork(StoreError, LookupError):
    """Nothing is to be done by this decision, or no more."""


class UnknownRun(StoreError, LookupError):
    """No such run was ever asked for."""


class RunClosed(StoreError):
    """The run is not in a state in which this is done."""


class WrongItem(StoreError):
    """An account is not in the run, or nothing is to be said of it any more; `place` counts those that were named."""

    def __init__(self, message: str, *, place: int) -> None:
        super().__init__(message)
        self.place = place


class UnknownVersion(StoreError, LookupError):
    """No such ruleset version is published."""


class NoApproval(StoreError):
    """The action that would be approved asks for no approval."""


class OwnApproval(StoreError):
    """Who published a version, or proposed a run, cannot approve it."""


class BrokenLog(StoreError):
    """The log is not whole: something was changed in the database past this program."""


class ClockRight(StoreError):
    """Nothing is wrong with the times in the log."""


class IdempotencyConflict(StoreError):
    """The Idempotency-Key was used before with another request."""


class AnswerPending(StoreError):
    """The first request with this Idempotency-Key is still being answered; ask again in a moment."""

    retry_after_seconds = 1


class MigrationError(UnusableDatabase):
    """The database's migrations are not those of this program."""
