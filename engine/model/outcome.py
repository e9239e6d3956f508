"""What came of a debt outside the books: payments, promises, disputes; and a promise as it is judged."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec

from engine.model.businessdays import ONE_DAY
from engine.model.calls import NOT_REACHED, REACHED

PROMISE = "promise"
PAYMENT = "payment"
WITHDRAWN = "promise_withdrawn"
DISPUTED = "dispute_opened"
SETTLED = "dispute_closed"
WRITTEN_OFF = "written_off"
RETURNS = frozenset({"refund", "chargeback"})
"""What takes paid money back."""

PROMISE_FACTS = frozenset({"promise_to_pay_in_days", "broken_promises"})
"""The facts that are drawn from promises."""
DRAWN_FACTS = PROMISE_FACTS | {"disputed"}
"""All facts that are drawn from outcomes."""


class OutcomeType(msgspec.Struct, frozen=True, kw_only=True):
    """A type of outcome: which keys it needs and takes besides those that all take; ``about`` in a sentence."""

    about: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys of its own."""
        return frozenset((*self.needs, *self.takes))


OUTCOME_TYPES: Mapping[str, OutcomeType] = {
    PAYMENT: OutcomeType(about="Money came in.", needs=("amount",)),
    "refund": OutcomeType(about="Money was given back.", needs=("amount",)),
    "chargeback": OutcomeType(about="The bank took money back.", needs=("amount",)),
    PROMISE: OutcomeType(about="Somebody promised to pay.", needs=("by",), takes=("amount",)),
    WITHDRAWN: OutcomeType(about="A promise counts no longer.", takes=("promise",)),
    DISPUTED: OutcomeType(about="The debt is disputed, or one invoice of it."),
    SETTLED: OutcomeType(about="A dispute is over.", takes=("dispute",)),
    WRITTEN_OFF: OutcomeType(about="Nobody expects this money any more.", takes=("amount",)),
    "complaint": OutcomeType(about="Somebody complained."),
    REACHED: OutcomeType(about="A call was answered."),
    NOT_REACHED: OutcomeType(about="A call was not answered."),
}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome; ``amount`` in minor units, ``day`` its local date, ``at`` with the offset that it was given with.

    It counts from ``recorded_at`` on, from ``at`` where that is not known. ``amount`` is None where a type has none.
    """

    id: str
    type: str
    at: dt.datetime
    day: dt.date
    recorded_at: dt.datetime | None = None
    amount: int | None = None
    invoice: str | None = None
    by: dt.date | None = None
    promise: str | None = None
    dispute: str | None = None

    def is_known_at(self, as_of: dt.datetime) -> bool:
        """Tell whether it had happened, and was recorded, by an instant."""
        return self.at <= as_of and (self.recorded_at is None or self.recorded_at <= as_of)


PromiseState = Literal["open", "kept", "partly_kept", "broken", "withdrawn"]


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """A promise as judged; amounts in minor units, ``paid`` the money that served it and was not taken back.

    ``ends_on`` is the last day of its tolerance.
    """

    id: str
    at: dt.datetime
    by: dt.date
    amount: int
    invoice: str | None
    paid: int
    ends_on: dt.date
    state: PromiseState

    @property
    def left(self) -> int:
        """What is still to be paid of it."""
        return self.amount - self.paid

    @property
    def judged_on(self) -> dt.date:
        """The first day on which it is no longer open: when to ask again."""
        return self.ends_on + ONE_DAY
