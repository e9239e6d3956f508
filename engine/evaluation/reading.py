"""What the readings of documents share: short texts, days and zones, and problems that are collected."""

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.evaluation.values import kind_of
from engine.loading.complaints import find_meant
from engine.loading.grammar.account import ACCOUNT_KEYS
from engine.loading.grammar.documents import MOST_MEANT
from engine.loading.grammar.sentences import say_of_day
from engine.model.account import AccountInvalid, Problem
from engine.model.businessdays import is_reckoned
from engine.model.money import EXPONENTS
from engine.model.vocabulary import STANDARD_FACTS

LONGEST_ID = 256
LENGTH_OF_A_DAY = len("2026-11-20")
_CURRENCY = re.compile(r"[A-Z]{3}")


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name, or None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read_day(value: object) -> dt.date | None:
    """Return the date of an ISO text, or None if it is none or lies outside the years that are reckoned with."""
    if type(value) is str:
        return _day_of(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value if is_reckoned(value) else None
    return None


@lru_cache(maxsize=16_384)
def _day_of(text: str) -> dt.date | None:
    if len(text) != LENGTH_OF_A_DAY:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if is_reckoned(day) else None


def _say(value: object) -> str:
    """Say what came in place of a short text."""
    if not isinstance(value, str):
        return kind_of(value)
    return "one with a NUL" if "\0" in value else f"one of {len(value)}"


def find_written(document: Mapping[str, object], key: str) -> str | None:
    """Return the key of a document that was likely meant to be another, if one is."""
    unknown = (name for name in document if name not in ACCOUNT_KEYS and name not in STANDARD_FACTS)
    return next((name for name in islice(unknown, MOST_MEANT) if find_meant(name, ACCOUNT_KEYS) == key), None)


class Reading:
    """One reading of one document: collects problems, then raises them all together."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._places: set[str] = set()

    def complain(self, pointer: str, message: str, fact: str | None = None) -> None:
        """Note one problem; what is said of a place already is not said again."""
        if pointer not in self._places:
            self._places.add(pointer)
            self.problems.append(Problem(pointer=pointer, message=message, fact=fact))

    def complain_of_missing(self, document: Mapping[str, object], key: str, pointer: str) -> None:
        """Note that a key is missing, or that it was meant by one that is no key."""
        written = find_written(document, key)
        if written is None:
            self.complain(f"{pointer}/{key}", f"{key} is missing")
        else:
            self.complain(f"{pointer}/{written}", f"{written} is no key of an account; did you mean {key}?")

    def finish(self) -> None:
        """Raise what was noted, if anything."""
        if self.problems:
            raise AccountInvalid(tuple(self.problems))

    def text(self, document: Mapping[str, object], key: str, pointer: str, *, needed: bool = True) -> str | None:
        """Return a short text under a key."""
        value = document.get(key)
        if value is None and not needed:
            return None
        if isinstance(value, str) and 0 < len(value) <= LONGEST_ID and "\0" not in value:
            return value
        if value is None:
            self.complain_of_missing(document, key, pointer)
        else:
            said = f"{key} is a text of 1 to {LONGEST_ID} characters, not {_say(value)}"
            self.complain(f"{pointer}/{key}", said)
        return None

    def day(self, document: Mapping[str, object], key: str, pointer: str, *, needed: bool = False) -> dt.date | None:
        """Return a date under a key."""
        value = document.get(key)
        if value is None and not needed:
            return None
        day = read_day(value)
        if day is None:
            self.complain(f"{pointer}/{key}", f"{key} is missing" if value is None else say_of_day(key, value))
        return day


def read_currency(document: Mapping[str, object]) -> str:
    """Return the account's currency."""
    currency = document.get("currency")
    if type(currency) is str and currency in EXPONENTS:
        return currency
    reading = Reading()
    currency = reading.text(document, "currency", "/account")
    if currency is not None and not _CURRENCY.fullmatch(currency):
        reading.complain("/account/currency", f"currency is a code of three capitals such as EUR, not {currency!r}")
    reading.finish()
    return currency or ""


def read_zone(document: Mapping[str, object], default: ZoneInfo) -> ZoneInfo:
    """Return the account's own zone, or the default where it names none."""
    name = document.get("timezone")
    if name is None:
        return default
    zone = zone_of(name) if isinstance(name, str) else None
    if zone is None:
        problem = Problem(
            pointer="/account/timezone", message=f"timezone is an IANA name such as Europe/Amsterdam, not {name!r}"
        )
        raise AccountInvalid((problem,))
    return zone
