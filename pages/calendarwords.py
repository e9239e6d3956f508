"""Calendars and limits in plain words."""

from collections.abc import Iterator

from engine.loading.complaints import list_words
from engine.model.calendar import WEEKDAYS, Calendar
from engine.model.ruleset import Ruleset
from pages.words import Wording, count_of, plain

_WEEKEND = frozenset({5, 6})


def say_calendar(calendar: Calendar | None) -> Iterator[str]:
    """Yield a sentence for each thing a calendar settles."""
    if calendar is None:
        yield "There is no calendar: messages may go out on any day at any hour, and deadlines are not moved."
        return
    has_holidays = calendar.country is not None
    if calendar.country is not None:
        place = calendar.country + (f"-{calendar.subdivision}" if calendar.subdivision is not None else "")
        yield f"Holidays are those of {place} ({', '.join(calendar.categories)})."
    if calendar.weekend is not None:
        yield f"No contact on {_days(calendar.weekend)}{', nor on holidays' if has_holidays else ''}."
    closed = calendar.deadline_weekend if calendar.deadline_weekend is not None else calendar.weekend
    ends = _days(_WEEKEND if closed is None else closed, "or")
    free = " or a holiday moves to the next day that is neither" if has_holidays else " moves to the next other day"
    yield f"A deadline that ends on {ends}{free}."
    for channel, hours in calendar.hours.items():
        who = "Contact" if channel == "default" else f"Contact by {plain(channel)}"
        yield f"{who} from {_time(hours.start)} to {_time(hours.end)}, the customer's time."
    for channel, delivery in calendar.delivery.items():
        skipped = f", not counting {_days(delivery.not_counting)} and holidays" if delivery.not_counting else ""
        yield f"What goes by {plain(channel)} arrives {delivery.days} days later{skipped}; time to pay runs from then."
    if calendar.bank is not None:
        yield f"Payments are tried on the bank days of {calendar.bank}."
    if calendar.paydays:
        moved = "after" if calendar.payday_moves == "after" else "before"
        days = ", ".join(plain(str(day)) for day in calendar.paydays)
        yield f"Paydays: {days}; one that is no business day moves to the one {moved}."


def _days(days: frozenset[int], conjunction: str = "and") -> str:
    names = [WEEKDAYS[day].capitalize() for day in sorted(days)]
    return list_words(names, conjunction) if names else "no day of the week"


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def say_limits(ruleset: Ruleset, document: dict[str, object], words: Wording) -> Iterator[str]:
    """Yield a sentence for each limit on contacts and payment attempts."""
    for limit in ruleset.contact_limits:
        over = f"by {plain(limit.channel)}" if limit.channel is not None else "on all channels together"
        yield f"At most {count_of(limit.at_most, 'contact')} {over} in {count_of(limit.per_days, 'day')}."
    attempts = document.get("attempt_limits")
    for each in attempts if isinstance(attempts, list) else []:
        if isinstance(each, dict):
            where = f", where {words.condition(each['when'])}" if each.get("when") else ""
            yield f"{_say_attempts(each, document, words)}{where}."


def _say_attempts(limit: dict[str, object], document: dict[str, object], words: Wording) -> str:
    if "decline" in limit:
        asked = words.condition({"decline": limit["decline"]})
        edition = f"the table of declines, edition {document.get('declines')}"
        return f"No more payment attempts than {edition}, allows for the code, where {asked}"
    attempts = count_of(limit.get("at_most"), "payment attempt")
    return f"At most {attempts} in {count_of(limit.get('per_days'), 'day')}"
