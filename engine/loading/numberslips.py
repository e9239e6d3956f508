"""What people write for a number, and how the language writes it: signs, units, currencies, commas and points."""

import re

DIGITS = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
_NUMBER = re.compile(DIGITS)
_BEFORE_NUMBER = re.compile(r"^([€$£¥+]|[A-Za-z]{3}\b)\s*")
_AFTER_NUMBER = re.compile(r"\s*(%|[€$£¥]|[A-Za-z]{3}|[A-Za-z]+)$")
_WITH_COMMAS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_WITH_POINTS = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|-?[0-9]{1,3}(\.[0-9]{3}){2,}")
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_GROUPS = re.compile(r"(?<=[0-9])[\s_'’](?=[0-9]{3})")
_THOUSANDS = re.compile(r"(?P<whole>-?[1-9][0-9]{0,2})\.(?P<rest>[0-9]{3})")
_POINT = ": a point stands before decimals only."
_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTED = {word: str(count) for count, word in enumerate(_NUMBER_WORDS)}
_DAYS_IN = {"week": 7, "weeks": 7}
# Units that are no number of days, and words that say more than a number: with them the digits alone mislead.
_NO_NUMBER = re.compile(
    r"\b(months?|quarters?|years?|hours?|hrs?|minutes?|weekdays?|max|min|maximum|minimum|not|over|under|up|plus|more|less)\b"
    r"|[0-9](h|m|y|mo|yr)\b"
)


def hint_at_number(text: str) -> str | None:
    """Say how a number is written that stands with a sign, a unit, a currency, or commas."""
    number = clean_number(text)
    if number is None:
        return None
    if reads_as_thousands(number):
        return hint_at_point(number, places=2)
    return f"Write {number}, {in_digits(number)}."


def in_digits(number: str) -> str:
    """Say how a number is written: ``in digits alone``, and where its point stands."""
    return "in digits alone, with a point before the decimals" if "." in number else "in digits alone"


def hint_at_whole(text: str) -> str | None:
    """Say how a whole number is written that stands with a sign or a unit."""
    number = clean_number(text)
    return None if number is None or "." in number else f"Write {number}, {in_digits(number)}."


def reads_as_thousands(digits: str) -> bool:
    """Tell whether half of Europe would read the digits as thousands: ``5.000``."""
    return _THOUSANDS.fullmatch(digits) is not None


def hint_at_point(*numbers: str, places: int, form: str = "{0}") -> str:
    """Say how numbers with more decimal places than these are written, and that a point is none between thousands.

    ``form`` is what they stand in, so that a range stays a range.
    """
    kept = form.format(*(_keep(each, places) for each in numbers))
    is_kept = not any(each.partition(".")[2][places:].strip("0") for each in numbers)
    if any(reads_as_thousands(each) for each in numbers):
        whole = form.format(*(each.replace(".", "") if reads_as_thousands(each) else each for each in numbers))
        return f"Write {whole} if thousands are meant{f', or {kept}' if is_kept else ''}{_POINT}"
    if is_kept:
        return f"Write {kept}."
    return "Write it without decimal places." if places == 0 else f"Write {places} decimal places at most."


def _keep(digits: str, places: int) -> str:
    whole, point, decimals = digits.partition(".")
    return f"{whole}{point}{decimals[:places]}" if places else whole


def clean_number(text: str) -> str | None:
    """Return the digits that a text such as ``€ 1.000,50``, ``15%`` or ``3 days`` stands for, if that is clear."""
    text = text.strip().strip("\"'\u201c\u201d\u201e\u2018\u2019").lower()
    if _NO_NUMBER.search(text):
        return None
    days = next((count for unit, count in _DAYS_IN.items() if text.endswith(f" {unit}")), 1)
    first = text.split(" ")[0]
    text = _COUNTED[first] + text[len(first) :] if first in _COUNTED else _BEFORE_NUMBER.sub("", text, count=1)
    digits = _plain_digits(_AFTER_NUMBER.sub("", text))
    if digits is None or (days != 1 and not digits.isdigit()):
        return None
    return digits if days == 1 else str(int(digits) * days)


def _plain_digits(text: str) -> str | None:
    text = _GROUPS.sub("", text.strip())
    if _WITH_COMMAS.fullmatch(text):
        text = text.replace(",", "")
    elif _WITH_POINTS.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    text = re.sub(r"^(-?)0+(?=[0-9])", r"\1", text)
    return text if _NUMBER.fullmatch(text) else None
