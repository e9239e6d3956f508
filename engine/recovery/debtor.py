"""All that figures are drawn from: what the books said of an account over time, what came of it, what was done."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import msgspec

from engine.model.account import Invoice
from engine.model.businessdays import ONE_DAY, first_moment_of
from engine.model.outcome import Outcome
from engine.model.ruleset import TOLERANCE_DAYS, Experiment


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What the books said, from an instant on: invoices and credits, and the words that accounts are grouped by.

    None for ``known_at`` is from the beginning. An invoice that it does not name is not open any more.
    """

    known_at: dt.datetime | None = None
    invoices: tuple[Invoice, ...] = ()
    is_disputed: bool = False
    words: Mapping[str, str] = {}


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """An executed action; ``day`` is its local date, ``fee`` what it charged in minor units of the account's currency.

    ``episode`` is the due date that names its episode. ``contacts`` are the channels that it went by.
    """

    at: dt.datetime
    day: dt.date
    recorded_at: dt.datetime | None = None
    rule: str | None = None
    ruleset: str | None = None
    version: int | None = None
    action: str | None = None
    contacts: tuple[str, ...] = ()
    episode: dt.date | None = None
    invoices: tuple[str, ...] | None = None
    fee: int = 0
    variants: tuple[str, ...] = ()


class HoldOut(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment that holds accounts out, and since when."""

    experiment: Experiment
    since: dt.datetime


class Debtor(msgspec.Struct, frozen=True, kw_only=True):
    """An account in one currency; statements in the order they were known, outcomes in that they were recorded.

    As the ruleset that covers it says, a promise can be kept for ``tolerance_days`` after its last one, and there are
    ``hold_outs``.
    """

    id: str
    currency: str
    zone: ZoneInfo
    tolerance_days: int = TOLERANCE_DAYS
    statements: tuple[Statement, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    actions: tuple[Action, ...] = ()
    hold_outs: tuple[HoldOut, ...] = ()

    def known_by(self, day: dt.date) -> "Debtor":
        """Return the account as it was known at the end of a local day: what had happened and was recorded."""
        until = self.end_of(day)
        return msgspec.structs.replace(
            self,
            statements=tuple(each for each in self.statements if _is_before(each.known_at, until)),
            outcomes=tuple(each for each in self.outcomes if _is_known(each, until)),
            actions=tuple(each for each in self.actions if _is_known(each, until)),
        )

    def end_of(self, day: dt.date) -> dt.datetime:
        """Return the first instant after a local day."""
        return first_moment_of(day + ONE_DAY, self.zone).astimezone(dt.UTC)


def _is_known(each: Outcome | Action, until: dt.datetime) -> bool:
    return each.at < until and _is_before(each.recorded_at, until)


def _is_before(instant: dt.datetime | None, until: dt.datetime) -> bool:
    return instant is None or instant < until
