"""Every step that an example announces comes, however late an account is first seen, or the debt ends.

Accounts that never pay are walked through the six examples, with every due date of three years, seen from the beginning
and first seen on day 10, 20, 40, 60 or 80. The steps and their distances are those of the law and the practice that the
rulesets name; a step's ``to`` binds where the account is seen from the beginning, all else always.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from engine.evaluation.program import Compiled, compile_ruleset
from engine.evaluation.timeline import TimelineStep, run_timeline
from engine.loading.folder import load_folder

RULESETS = Path(__file__).resolve().parents[2] / "rulesets"
FIRST_DUE, THREE_YEARS, FIVE_WEEKS = dt.date(2026, 1, 1), 3 * 365 + 1, 35
SEEN_LATE = (10, 20, 40, 60, 80)
WALKED_DAYS = 240
# As far ahead as a step of these ladders looks at a calendar.
CALENDAR_DAYS = 110


class Wait(msgspec.Struct, frozen=True):
    """What a step comes after, and how many days at least, and at most, from when that was sent or from its term."""

    step: str
    least: int
    most: int | None = None
    is_from_term: bool = False


class Step(msgspec.Struct, frozen=True):
    """A step, the days overdue that it has, and what it waits for; ``is_beside`` has no place among the others."""

    rule: str
    from_day: int
    to_day: int | None = None
    after: tuple[Wait, ...] = ()
    is_beside: bool = False


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """An account of a ruleset, and the steps that come; ``is_of_calendar`` where they hang on holidays."""

    name: str
    ruleset: str
    account: Mapping[str, object]
    open: str
    steps: tuple[Step, ...]
    is_of_calendar: bool = False


NL: Mapping[str, object] = {"currency": "EUR", "country": "NL", "channels": ["email", "letter", "phone", "sms"]}
SE: Mapping[str, object] = {"currency": "SEK", "country": "SE", "channels": ["email", "letter", "phone", "sms"]}
UK: Mapping[str, object] = {"currency": "GBP", "country": "GB", "channels": ["email", "letter", "phone"]}
EU: Mapping[str, object] = {
    "currency": "EUR",
    "country": "DE",
    "customer_type": "business",
    "channels": ["email", "letter", "phone"],
}
SAAS: Mapping[str, object] = {
    "currency": "EUR",
    "country": "NL",
    "customer_type": "business",
    "channels": ["email", "letter", "phone"],
    "customer_value": "50000",
    "contract_term": "annual",
    "notice_address_verified": True,
}
US: Mapping[str, object] = {
    "currency": "USD",
    "country": "US",
    "payment_method": "card",
    "channels": ["email", "letter", "sms"],
    "decline_category": "hard",
    "failed_attempts": 1,
    "zone_known": True,
    "scra_checked": True,
}
NL_LETTER = (
    Step("friendly-reminder", 2, 4),
    Step("second-reminder", 8, 12),
    Step("fourteen-day-letter", 21, 28),
    Step("charge-costs", 36, None, (Wait("fourteen-day-letter", 1, 3, is_from_term=True),)),
)
NL_CUT = (
    *NL_LETTER,
    Step("suspension-warning", 39, None, (Wait("charge-costs", 3, 7),)),
    Step("suspend-service", 47, None, (Wait("suspension-warning", 8, 14),)),
)
NL_CALL = Step("plan-call", 50, 60, (Wait("fourteen-day-letter", 1, is_from_term=True),), is_beside=True)
NL_WAIT = Wait("fourteen-day-letter", 1, is_from_term=True)
SAAS_NOTICE = (
    Step("personal-nudge", 2, 3),
    Step("call-accounts-payable", 7, 8),
    Step("second-reminder", 15, 17),
    Step("executive-sponsor", 21, 23),
    Step("notice-nl", 30, 33),
    Step("instalments", 35, 45, (Wait("notice-nl", 0),)),
)
SAAS_WAIT = Wait("notice-nl", 1, is_from_term=True)

WALKS = (
    Walk(
        name="nl",
        ruleset="nl-consumer-subscription",
        account=NL,
        open="300",
        is_of_calendar=True,
        steps=(*NL_CUT, NL_CALL, Step("hand-over", 75, 90, (NL_WAIT, Wait("suspend-service", 1)))),
    ),
    Walk(
        name="nl-small",
        ruleset="nl-consumer-subscription",
        account={**NL, "one_agreement": False},
        open="20",
        steps=(*NL_CUT, Step("write-off", 180)),
    ),
    Walk(
        name="nl-cancelled",
        ruleset="nl-consumer-subscription",
        account={**NL, "service_status": "cancelled"},
        open="300",
        steps=(*NL_LETTER, NL_CALL, Step("hand-over-unserved", 75, 90, (NL_WAIT,))),
    ),
    Walk(
        name="nl-essential",
        ruleset="nl-consumer-subscription",
        account={**NL, "service_essential": True},
        open="300",
        steps=(
            *NL_CUT[:-1],
            Step("essential-service", 47, None, (Wait("suspension-warning", 8, 14),)),
            NL_CALL,
            Step("hand-over", 75, 90, (NL_WAIT,)),
        ),
    ),
    Walk(
        name="se",
        ruleset="se-consumer-invoice",
        account={**SE, "due_date_agreed": True, "reminder_fee_agreed": True},
        open="900",
        is_of_calendar=True,
        steps=(
            Step("nudge", 3, 5),
            Step("reminder-with-fee", 8, 12),
            Step("plan-call", 14, 18),
            Step("krav", 22, 28, (Wait("reminder-with-fee", 1, is_from_term=True),)),
            Step("last-chance", 34, None, (Wait("krav", 12, 14),)),
            Step("payment-order", 37, None, (Wait("krav", 15, 45), Wait("krav", 4, is_from_term=True))),
        ),
    ),
    Walk(
        name="eu",
        ruleset="eu-b2b-invoice",
        account=EU,
        open="9000",
        steps=(
            Step("first-reminder", 3, 5),
            Step("second-reminder-de", 10, 12),
            Step("call-accounts-payable", 15, 20),
            Step("formal-notice-de", 30, 35, (Wait("second-reminder-de", 5),)),
            Step("escalate", 40, 45, (Wait("formal-notice-de", 0),)),
            Step("credit-hold", 45, 50, (Wait("formal-notice-de", 1, is_from_term=True),)),
            Step("final-demand-de", 60, 65, (Wait("formal-notice-de", 1, is_from_term=True),)),
            Step("hand-over", 75, 90, (Wait("final-demand-de", 1, is_from_term=True),)),
        ),
    ),
    Walk(
        name="us",
        ruleset="us-consumer-card-subscription",
        account=US,
        open="150",
        steps=(
            Step("new-card", 0, 0),
            Step("second-mail", 3, 4),
            Step("last-days", 10, 11),
            Step("suspend-service", 15, 16, (Wait("last-days", 5),)),
            Step("win-back", 21, 22, (Wait("suspend-service", 2),)),
            Step("cancel", 30, 31, (Wait("last-days", 15), Wait("win-back", 8))),
            Step("hand-over", 60, 90, (Wait("cancel", 2), Wait("last-days", 30))),
        ),
    ),
    Walk(
        name="uk",
        ruleset="uk-consumer",
        account=UK,
        open="300",
        is_of_calendar=True,
        steps=(
            Step("friendly-reminder", 3, 5),
            Step("support-reminder", 8, 12),
            Step("support-call", 14, 18),
            Step("arrears-notice", 28, 32),
            Step("suspend-service", 40, 45, (Wait("arrears-notice", 1, is_from_term=True),)),
            Step("letter-of-claim", 60, 70, (Wait("arrears-notice", 1, is_from_term=True),)),
            Step("hand-over", 95, None, (Wait("letter-of-claim", 5, 20, is_from_term=True),)),
        ),
    ),
    Walk(
        name="saas",
        ruleset="saas-annual-high-value",
        account=SAAS,
        open="40000",
        steps=(
            *SAAS_NOTICE,
            Step("suspension-warning", 52, None, (Wait("notice-nl", 22, 26),)),
            Step("read-only", 63, None, (SAAS_WAIT, Wait("suspension-warning", 1, is_from_term=True))),
            Step("hand-over", 90, 120, (SAAS_WAIT, Wait("read-only", 1))),
        ),
    ),
    Walk(
        name="saas-essential",
        ruleset="saas-annual-high-value",
        account={**SAAS, "service_essential": True},
        open="40000",
        steps=(*SAAS_NOTICE, Step("hand-over-uncut", 90, 120, (SAAS_WAIT,))),
    ),
)


@pytest.fixture(scope="module")
def examples() -> dict[str, Compiled]:
    """The six examples, their rates of interest prolonged as though somebody had entered the next ones."""
    files = [path for path in RULESETS.glob("*.yaml") if not path.stem.endswith("_test")]
    texts = {path.name: path.read_bytes().replace(b"known_until: 2026", b"known_until: 2030") for path in files}
    found = [each.ruleset for each in load_folder(texts).loaded if each.ruleset is not None]
    return {ruleset.id: compile_ruleset(ruleset) for ruleset in found}


@pytest.mark.slow
@pytest.mark.parametrize("walk", [pytest.param(walk, id=walk.name) for walk in WALKS])
def test_every_step_that_is_announced_comes(walk: Walk, examples: Mapping[str, Compiled]) -> None:
    """Each comes once, in its order, not before its time; and in time where the account is seen from the beginning."""
    compiled = examples[walk.ruleset]
    for due, seen in _list_starts(walk, compiled):
        steps = _walk(compiled, walk, due, seen)
        wrong = list(_list_wrong(walk.steps, steps, due, seen))
        assert not wrong, f"due {due}, first seen on day {seen}: {wrong}"


def _list_starts(walk: Walk, compiled: Compiled) -> Iterator[tuple[dt.date, int]]:
    """Yield due dates, each seen from the beginning and on one of the later days in turn, with every weekday.

    Those that the calendar does not tell apart come once.
    """
    calendar = compiled.ruleset.calendar
    holidays = calendar.holidays if calendar is not None else frozenset()
    kinds = set()
    for number in range(THREE_YEARS if walk.is_of_calendar else FIVE_WEEKS):
        due = FIRST_DUE + dt.timedelta(days=number)
        for seen in (0, SEEN_LATE[number % len(SEEN_LATE)]):
            ahead = ((day - due).days - seen for day in holidays)
            kind = (due.weekday(), seen, frozenset(days for days in ahead if 0 <= days <= CALENDAR_DAYS))
            if kind not in kinds:
                kinds.add(kind)
                yield due, seen


def _walk(compiled: Compiled, walk: Walk, due: dt.date, seen: int) -> Sequence[TimelineStep]:
    first = due + dt.timedelta(days=seen)
    invoice = {"id": "I", "due_on": due.isoformat(), "open": walk.open}
    account = {"id": "A", **walk.account, "invoices": [invoice]}
    return run_timeline([compiled], account, first=first, until=first + dt.timedelta(days=WALKED_DAYS))


def _list_wrong(
    expected: Sequence[Step], came: Sequence[TimelineStep], due: dt.date, seen: int
) -> Iterator[tuple[str, str]]:
    """Yield each step with what is wrong of it."""
    entries = {str(step.entry["rule"]): step for step in came}
    order = [step.rule for step in expected if not step.is_beside]
    climbed = [rule for rule in (str(step.entry["rule"]) for step in came) if rule in order]
    if climbed != order:
        yield "the order", ", ".join(climbed)
    for step in expected:
        if step.rule not in entries:
            yield step.rule, "never comes"
            continue
        day = (entries[step.rule].on - due).days
        is_late = seen == 0 and step.to_day is not None and day > step.to_day
        if day < step.from_day or is_late:
            yield step.rule, f"comes on day {day}"
        yield from _list_broken_waits(step, entries, is_bound=seen == 0)


def _list_broken_waits(step: Step, entries: Mapping[str, TimelineStep], *, is_bound: bool) -> Iterator[tuple[str, str]]:
    for wait in step.after:
        before = entries.get(wait.step)
        if before is None:
            continue
        begin = dt.date.fromisoformat(str(before.entry["pay_by"])) if wait.is_from_term else before.on
        days = (entries[step.rule].on - begin).days
        if days < wait.least or (is_bound and wait.most is not None and days > wait.most):
            yield step.rule, f"comes {days} days after {wait.step}"
