"""A notice that a debit needs goes out in time, whatever holidays lie between: asked last thing on its last day.

Every due date of three years is tried. What is decided on an earlier day of the notice goes out no later.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

import msgspec
import pytest

from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled
from engine.model.businessdays import is_business_day
from tests.verification.examples import FIRST_DUE, THREE_YEARS, compile_examples

LAST_THING = dt.time(23, 59, 59)


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that announces a debit, the last day overdue that it has, and by when it must be out."""

    rule: str
    ruleset: str
    zone: str
    account: Mapping[str, object]
    last_day: int
    is_in_time: Callable[[Compiled, dt.date, dt.date], bool]


def days(least: int) -> Callable[[Compiled, dt.date, dt.date], bool]:
    """So many calendar days before the due date."""
    return lambda _compiled, sent, due: (due - sent).days >= least


def working_days(least: int) -> Callable[[Compiled, dt.date, dt.date], bool]:
    """So many working days of the ruleset's calendar before the due date."""

    def is_in_time(compiled: Compiled, sent: dt.date, due: dt.date) -> bool:
        between = (sent + dt.timedelta(days=number) for number in range(1, (due - sent).days + 1))
        return sum(is_business_day(compiled.ruleset.calendar, day) for day in between) >= least

    return is_in_time


NOTICES = (
    Notice(
        rule="varying-debit",
        ruleset="us-consumer-card-subscription",
        zone="America/Denver",
        account={"country": "US", "currency": "USD", "payment_method": "ach_debit", "amount_varies": True},
        last_day=-14,
        is_in_time=days(10),
    ),
    Notice(
        rule="prenotification",
        ruleset="nl-consumer-subscription",
        zone="Europe/Amsterdam",
        account={"country": "NL", "currency": "EUR", "payment_method": "sepa_debit"},
        last_day=-18,
        is_in_time=days(14),
    ),
    Notice(
        rule="advance-notice",
        ruleset="uk-consumer",
        zone="Europe/London",
        account={"country": "GB", "currency": "GBP", "payment_method": "bacs_debit"},
        last_day=-22,
        is_in_time=working_days(10),
    ),
)


@pytest.fixture(scope="module")
def examples() -> Mapping[str, Compiled]:
    """The six examples."""
    return compile_examples()


@pytest.mark.parametrize("notice", [pytest.param(notice, id=notice.rule) for notice in NOTICES])
@pytest.mark.parametrize("channel", ["email", "letter"])
def test_a_debit_is_announced_in_time(notice: Notice, channel: str, examples: Mapping[str, Compiled]) -> None:
    """It goes out as early as its law asks, and a day later it would not be sent any more."""
    compiled, zone = examples[notice.ruleset], ZoneInfo(notice.zone)
    for number in range(THREE_YEARS):
        due = FIRST_DUE + dt.timedelta(days=number + 60)
        invoice = {"id": "I", "due_on": due.isoformat(), "open": "50"}
        account = {"id": "A", "timezone": notice.zone, "channels": [channel], "invoices": [invoice], **notice.account}
        asked = dt.datetime.combine(due + dt.timedelta(days=notice.last_day), LAST_THING, zone)
        decision = next_action([compiled], account, as_of=asked, is_live=False)
        assert decision.rule is not None
        assert decision.rule.id == notice.rule
        assert decision.action is not None
        assert isinstance(decision.action.scheduled_for, dt.datetime)
        assert notice.is_in_time(compiled, decision.action.scheduled_for.date(), due), f"due {due}"
        late = next_action([compiled], account, as_of=asked + dt.timedelta(days=1), is_live=False)
        assert late.rule is None


def test_a_second_debit_is_announced_fourteen_days_before(examples: Mapping[str, Compiled]) -> None:
    """The Dutch debit is collected again no sooner than fourteen days after its announcement went out."""
    compiled, zone = examples["nl-consumer-subscription"], ZoneInfo("Europe/Amsterdam")
    for number in range(THREE_YEARS):
        due = FIRST_DUE + dt.timedelta(days=number)
        asked = dt.datetime.combine(due + dt.timedelta(days=12), LAST_THING, zone)
        account = {  # so little is open that nothing else is asked for
            "id": "A",
            "country": "NL",
            "currency": "EUR",
            "channels": ["email"],
            "facts_on": due.isoformat(),
            "invoices": [{"id": "I", "due_on": due.isoformat(), "open": "9"}],
            "payment_method": "sepa_debit",
            "decline_code": "AM04",
            "failed_attempts": 1,
            "days_since_last_attempt": 0,
        }
        announced = next_action([compiled], account, as_of=asked, is_live=False)
        assert announced.rule is not None
        assert announced.action is not None
        assert isinstance(announced.action.scheduled_for, dt.datetime)
        entry = {"rule": announced.rule.id, "at": asked.isoformat(), "episode": due.isoformat(), "channel": "email"}
        waiting = next_action([compiled], account, [entry], as_of=asked + dt.timedelta(days=1), is_live=False)
        assert waiting.upcoming is not None
        assert waiting.upcoming.rule == "recollect-announced"
        assert (waiting.upcoming.on - announced.action.scheduled_for.date()).days >= 14, f"due {due}"
