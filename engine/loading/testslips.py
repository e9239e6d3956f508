"""What people write for a test of a fact, and how the language writes it: comparisons, ranges, alternatives."""

import re

from engine.loading.numberslips import (
    DIGITS,
    clean_number,
    hint_at_number,
    hint_at_point,
    in_digits,
    reads_as_thousands,
)
from engine.loading.slips import PARTS

# One row a test: how the language writes it, what that is, what people put before the number, and behind it.
# fmt: off
_TESTS: tuple[tuple[str, str, str, str], ...] = (
    ("{0}..", " for {0} or more", r">=|=>|≥|at least|from|min\.?|minimum|not less than",
        r"\+|\.|…|\.\.\.|plus|or (?:more|over|above|later)|and (?:more|up|over|above)|min\.?|minimum|at least|onwards"),
    ("..{0}", " for {0} or less", r"<=|=<|≤|at most|up to|max\.?|maximum|not more than",
        r"or (?:less|fewer|under|below)|and (?:less|under|below)|max\.?|maximum|at most"),
    ("{{not: {0}}}", "", r"!=|<>|≠|not|is not|no", ""),
    ("{{more_than: {0}}}", "", r">|more than|over|above|greater than", ""),
    ("{{less_than: {0}}}", "", r"<|less than|fewer than|under|below", ""),
    ("{0}", "", r"==?|equals?|is|exactly", ""),
)
# fmt: on
_BEFORE = [
    (test, sense, re.compile(rf"(?:{before})(?:(?<=\W)|\s)\s*(?P<value>[^<>=!].*)", re.IGNORECASE))
    for test, sense, before, _ in _TESTS
]
_BEHIND = [
    (test, sense, re.compile(rf"(?P<value>.*?\w)\s*(?:{behind})", re.IGNORECASE))
    for test, sense, _, behind in _TESTS
    if behind
]
_OF_WORDS = ("{{not: {0}}}", "{0}")
_BOUNDS = {">": "more_than", ">=": "at_least", "<": "less_than", "<=": "at_most"}
_BOTH = re.compile(rf"(?P<sign1>>=?) *(?P<number1>{DIGITS}) *(?:and|&&?|,) *(?P<sign2><=?) *(?P<number2>{DIGITS})")
_BETWEEN = re.compile(
    rf"(?:between\s+)?(?P<low>{DIGITS})\s*(-|–|—|to|until|through|and|…|\.{{3,}}|\s\.\.|\.\.\s)\s*(?P<high>{DIGITS})",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?P<low>[^.]*(?:\.[0-9]+)?[^.]*?)\s*\.\.\s*(?P<high>[^.]*(?:\.[0-9]+)?[^.]*)")
_ALTERNATIVES = re.compile(r"\s*(?:,\s|;|\||\bor\b|\boder\b)\s*|,(?![0-9])")
_PLAIN = re.compile(rf"{DIGITS}|(?:{DIGITS})?\.\.(?:{DIGITS})?")
_COMPARISON = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)\s*(?P<sign>>=|=>|≥|<=|=<|≤|!=|<>|≠|==?|>|<)\s*(?P<value>\S.*)")
_PAIR = re.compile(rf"(?P<name>[a-z][a-z0-9_]*) +(?P<value>true|false|{_PLAIN.pattern})")
_WORD = re.compile(r"[A-Za-z0-9_.-]+")


def hint_at_test(text: str) -> str | None:
    """Say how a comparison, a range or a choice of numbers is written."""
    text = text.strip()
    if match := _BOTH.fullmatch(text):
        low, high = (f"{_BOUNDS[match[f'sign{end}']]}: {match[f'number{end}']}" for end in (1, 2))
        return f"Write {{{low}, {high}}}."
    if match := _BETWEEN.fullmatch(text):
        return f"Write {match['low']}..{match['high']} for a range, both ends included."
    for test, sense, pattern in (*_BEFORE, *_BEHIND):
        match = pattern.fullmatch(text)
        number = None if match is None else clean_number(match["value"])
        if number is not None and reads_as_thousands(number):
            return hint_at_point(number, places=2, form=test)
        if number is not None:
            return f"Write {(test + sense).format(number)}."
    return _hint_at_choice(text) or _hint_at_range(text) or hint_at_number(text)


def _hint_at_choice(text: str) -> str | None:
    tests = [_write(part) for part in _ALTERNATIVES.split(text) if part]
    words = [test for test in tests if test is not None]
    return f"Write a list: [{', '.join(words)}]." if len(words) == len(tests) > 1 else None


def _write(text: str) -> str | None:
    """Return one of several numbers or ranges as the language writes it."""
    return text if _PLAIN.fullmatch(text) else clean_number(text)


def _hint_at_range(text: str) -> str | None:
    """Say how a range is written whose ends are not plain: ``14..30 days``, ``10,50..``."""
    match = _RANGE.fullmatch(text)
    if match is None or not (match["low"] or match["high"]):
        return None
    ends = (match["low"].strip(), re.sub(r"^[A-Za-z€$£%]+$", "", match["high"].strip()))  # “14.. days” is open
    low, high = (clean_number(end) if end else "" for end in ends)
    if low is None or high is None:
        return None
    how = ": a point before the decimals" if "," in text and "." in f"{low}{high}" else f", {in_digits(low + high)}"
    return f"Write {low}..{high}{how}."


def read_comparison(text: str) -> str | None:
    """Return ``days_overdue: 14..`` for what stands as ``days_overdue >= 14``; None for anything else."""
    match = _COMPARISON.fullmatch(text.strip())
    if match is None:
        return None
    test = write_test(match["sign"] + match["value"])
    return None if test is None else f"{match['name']}: {test}"


def read_pair(text: str) -> str | None:
    """Return ``vip: true`` for what stands as ``vip true``: a name, and a value that is no part of a text."""
    match = _PAIR.fullmatch(text.strip())
    return None if match is None else f"{match['name']}: {match['value']}"


def write_test(text: str) -> str | None:
    """Return ``{not: NL}`` for a sign of comparison and its value, a number or a word."""
    for test, _, pattern in _BEFORE:
        if match := pattern.fullmatch(text.strip()):
            number = clean_number(match["value"])
            words = [word for word in PARTS.split(match["value"].strip()) if word]
            if number is not None or test in _OF_WORDS:
                return test.format(number or (words[0] if len(words) == 1 else f"[{', '.join(words)}]"))
    return None


def hint_at_words(text: str) -> str | None:
    """Say how several words are written that stand as one text, whatever they are: ``consumer, smb``."""
    parts = PARTS.split(text.strip())
    if len(parts) > 1 and all(_WORD.fullmatch(part) for part in parts):
        return f"Write a list: [{', '.join(parts)}]."
    return None
