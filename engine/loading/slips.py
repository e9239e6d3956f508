"""What people write in place of a value of the language, and how the language writes it: the hints of messages."""

import datetime as dt
import re
from collections.abc import Collection, Iterable

_TRUTHS = {"yes": "true", "y": "true", "on": "true", "true": "true", "1": "true"}
_UNTRUTHS = {"no": "false", "n": "false", "off": "false", "false": "false", "0": "false"}
_CURLY = re.compile("[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]")
HIDDEN = re.compile("[\xa0\xad\u2000-\u200f\u202a-\u202f\u2060-\u2064\u3000\ufeff]")
_CLOCK = r"(?P<hour{0}>[0-9]{{1,2}})(?:[:.h]?(?P<minute{0}>[0-5][0-9]))?\s*(?P<half{0}>am|pm)?"
_TIME = re.compile(_CLOCK.format(""), re.IGNORECASE)
_HOURS = re.compile(rf"{_CLOCK.format(1)}\s*(?:-|–|—|to|until)\s*{_CLOCK.format(2)}", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:T.*)?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_NAMED_MONTH = re.compile(r"(?:([0-9]{1,2})\.? )?([A-Za-z]{3})[a-z]*\.?(?: ([0-9]{1,2}),)? ([0-9]{4})")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_PERIODS = {"day": 1, "week": 7, "month": 30}
_PERIOD = re.compile(r"(?P<what>per)_(?P<period>day|week|month)|(?P<turn>every)_(?P<turns>day|week)")
_COMMENT = re.compile(r"(?P<value>\S+?)#(?P<comment>(?:\s.*)?)|(?P<number>[-0-9.]+|true|false)#(?P<rest>.*)")
PARTS = re.compile(r"\s*(?:,|;|\||/|\bor\b|\band\b)\s*")
"""What stands between several words that are written as one text."""
_WHOLE_DAY = "24:00"
_HALF_DAY = 12
# What people call a thing, and what the language may call it, depending on where it stands.
_CALLED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("gte", "ge", "min", "minimum", "not_less_than"), ("at_least",)),
    **dict.fromkeys(("lte", "le", "max", "maximum", "not_more_than"), ("at_most",)),
    **dict.fromkeys(("gt", "above", "over", "greater_than"), ("more_than",)),
    **dict.fromkeys(("lt", "below", "under", "fewer_than"), ("less_than",)),
    **dict.fromkeys(("whatsapp", "telegram", "signal", "chat"), ("messenger",)),
    **dict.fromkeys(("post", "mail", "paper"), ("letter",)),
    **dict.fromkeys(("call", "telephone", "voice"), ("phone", "place_call")),
    **dict.fromkeys(("string", "str", "word"), ("text", "enum")),
    **dict.fromkeys(("number", "int", "count"), ("integer",)),
    **dict.fromkeys(("money", "currency", "price"), ("amount",)),
    **dict.fromkeys(("to", "end", "till"), ("until",)),
    **dict.fromkeys(("if", "condition", "conditions"), ("when",)),
    **dict.fromkeys(("do", "action", "actions"), ("then",)),
    **dict.fromkeys(("table", "step"), ("rule",)),
    "days": ("per_days", "every_days"),
    "text_message": ("sms",),
    "text": ("sms",),
    "bool": ("boolean",),
    "date": ("days",),
    "float": ("decimal",),
    "list": ("set",),
    "start": ("from",),
    "or": ("any",),
    "not": ("none", "not"),
    "empty": ("missing",),
    "null": ("missing",),
    "given": ("present",),
    "description": ("about", "title"),
    "€": ("EUR",),
    "euro": ("EUR",),
    "$": ("USD",),
    "dollar": ("USD",),
    "£": ("GBP",),
}
_WEEKDAYS = (
    ("monday", "maandag", "montag", "lundi", "lunes", "måndag"),
    ("tuesday", "dinsdag", "dienstag", "mardi", "martes", "tisdag"),
    ("wednesday", "woensdag", "mittwoch", "mercredi", "miércoles", "onsdag"),
    ("thursday", "donderdag", "donnerstag", "jeudi", "jueves", "torsdag"),
    ("friday", "vrijdag", "freitag", "vendredi", "viernes", "fredag"),
    ("saturday", "zaterdag", "samstag", "samedi", "sábado", "lördag"),
    ("sunday", "zondag", "sonntag", "dimanche", "domingo", "söndag"),
)
_CALLED |= {other: (english,) for english, *others in _WEEKDAYS for other in others}


def translate(word: str) -> tuple[str, ...]:
    """Return what the language may call what people call so."""
    return _CALLED.get(word, ())


def write_period(name: str) -> str | None:
    """Return ``per_days: 7`` for a key that names another period: ``per_week``."""
    match = _PERIOD.fullmatch(name.casefold().replace("-", "_"))
    if match is None:
        return None
    return f"{match['what'] or match['turn']}_days: {_PERIODS[match['period'] or match['turns']]}"


def part_comment(text: str) -> str | None:
    """Return ``2 # the second`` for a value with a comment that lacks its space, ``2# the second``."""
    match = _COMMENT.fullmatch(text)
    if match is None:
        return None
    return f"{match['value'] or match['number']} #{match['comment'] or match['rest'] or ''}"


def hint_at_hidden(text: str) -> str | None:
    """Say that the text holds a character that looks like a space, like nothing, or like a straight quote."""
    hidden = HIDDEN.search(text)
    if hidden is not None:
        code = f"U+{ord(hidden[0]):04X}"
        return f"It holds a character that cannot be told from a space or from nothing ({code}); type the text again."
    curly = _CURLY.search(text)
    if curly is not None:
        return f"The sign {curly[0]} is part of the text; only straight quotes, \" or ', are quotes."
    return None


def read_truth(text: str) -> str | None:
    """Return true or false for a word such as ``yes``, ``Off`` or ``"true"``."""
    return {**_TRUTHS, **_UNTRUTHS}.get(text.strip().lower())


def hint_at_date(text: str) -> str | None:
    """Say how a date is written that stands in the manner of a country."""
    dates = sorted(date for date in _read_dates(text.strip()) if date is not None)
    if not dates:
        return None
    return f"Write {' or '.join(dict.fromkeys(date.isoformat() for date in dates))}: year-month-day."


def _read_dates(text: str) -> Iterable[dt.date | None]:
    if match := _YEAR_FIRST.fullmatch(text):
        yield _date(match[1], match[2], match[3])
    elif match := _YEAR_LAST.fullmatch(text):
        yield _date(match[3], match[2], match[1])
        yield _date(match[3], match[1], match[2])
    elif (match := _NAMED_MONTH.fullmatch(text)) and match[2].lower() in _MONTHS and (match[1] or match[3]):
        yield _date(match[4], str(_MONTHS.index(match[2].lower()) + 1), match[1] or match[3])


def _date(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def hint_at_time(text: str) -> str | None:
    """Say how a time of day is written that stands as ``9am`` or ``9.30``."""
    match = _TIME.fullmatch(text.strip())
    time = None if match is None else _time(match["hour"], match["minute"], match["half"])
    return None if time is None or time == _WHOLE_DAY else f'Write "{time}".'


def hint_at_hours(text: str) -> str | None:
    """Say how a span of hours is written that stands as ``8:00 - 20:00`` or ``9am to 5pm``."""
    match = _HOURS.fullmatch(text.strip().strip("“”„"))
    if match is None:
        return None
    start = _time(match["hour1"], match["minute1"], match["half1"])
    end = _time(match["hour2"], match["minute2"], match["half2"])
    return None if start is None or end is None else f'Write "{start}-{end}".'


def _time(hour: str, minute: str | None, half: str | None) -> str | None:
    count = int(hour)
    if half is not None:
        count = count % _HALF_DAY + (_HALF_DAY if half.lower() == "pm" else 0)
    time = f"{count:02}:{minute or '00'}"
    return time if time <= _WHOLE_DAY else None


def hint_at_list(text: str, known: Collection[str]) -> str | None:
    """Say how several words are written that stand as one text: ``email, sms``."""
    parts = PARTS.split(text.strip())
    by_folded = {word.casefold(): word for word in known}
    if len(parts) == 1:
        parts = text.split()
    words = [by_folded.get(part.casefold()) for part in parts]
    if len(parts) > 1 and all(words):
        return f"Write a list: [{', '.join(word for word in words if word is not None)}]."
    return None
