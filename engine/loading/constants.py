"""Constants as written to typed values: numbers on their grid, words against their closed lists, dates, ranges."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal

from engine.loading.complaints import Complaints, list_words, suggest
from engine.loading.node import Mapping, Node, Scalar, Sequence, describe, is_word, shorten
from engine.loading.numberslips import hint_at_point, hint_at_whole, reads_as_thousands
from engine.loading.scope import Scope
from engine.loading.slips import (
    hint_at_hidden,
    hint_at_list,
    read_truth,
)
from engine.loading.spot import Spot
from engine.loading.testslips import hint_at_test, hint_at_words, write_test
from engine.model.condition import Item, Span
from engine.model.money import EXPONENTS, count_places, exponent, parse_amount
from engine.model.vocabulary import LARGEST_INTEGER, LONGEST_TEXT, NUMERIC_TYPES, Fact

WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_RANGE = re.compile(rf"(?P<low>{_NUMBER.pattern})?\.\.(?P<high>{_NUMBER.pattern})?")
_NEGATED = re.compile(r"(?:not|!) ?(true|false)")
_COUNTS = re.compile(r"[0-9]+(?:,[0-9]{1,2})+")  # “3,5”: of whole numbers, no decimals
_MOST_WORDS_LISTED = 12

_WRITTEN = {
    "boolean": "true or false",
    "integer": "a whole number such as 14",
    "days": "a whole number of days such as 14",
    "amount": "an amount such as 49.95",
    "decimal": "a decimal such as 0.75",
    "enum": "a word",
    "set": "a word",
    "text": "a text in quotes",
}


def digits_of(node: Node) -> str | None:
    """Return the digits of a number, plain or in quotes."""
    if not isinstance(node, Scalar):
        return None
    if node.kind == "number" or (node.kind == "word" and node.is_quoted and _NUMBER.fullmatch(node.text)):
        return node.text
    return None


def _read_integer(node: Node, complaints: Complaints) -> int | None:
    number = Decimal(digits_of(node) or "0")
    if reads_as_thousands(digits_of(node) or ""):
        found = f"A whole number was expected, and {describe(node)} can be read in two ways."
        complaints.add("wrong-type", node, found, hint_at_point(digits_of(node) or "", places=0))
        return None
    if number != number.to_integral_value():
        found = f"A whole number was expected, and {describe(node)} found."
        complaints.add("wrong-type", node, found, _hint_at(node, hint_at_whole) or "Write a whole number such as 14.")
        return None
    if abs(number) > LARGEST_INTEGER:
        complaints.add(
            "number-out-of-range", node, f"{shorten(digits_of(node) or '')} is out of range: it lies within ±2^53."
        )
        return None
    return int(number)


def name_day(node: Scalar, spot: Spot) -> dt.date | None:
    """Return the day of the calendar that a date names."""
    try:
        return dt.date.fromisoformat(node.text)
    except ValueError:
        spot.complain("malformed-date", node, f"There is no day {node.text}.")
        return None


def _hint_to_quote(node: Node) -> str | None:
    if isinstance(node, Scalar) and node.kind in {"number", "boolean"}:
        return f'If it is a word, put it in quotes: "{node.text}".'
    return None


def read_amount(node: Node | None, scope: Scope) -> int | None:
    """Return an amount in minor units of the scope's currency (language.md 1.2 where the file has several)."""
    if node is None:
        return None
    if isinstance(node, Mapping):
        return _read_amount_by_currency(node, scope)
    digits = digits_of(node)
    if digits is None:
        _complain_of_amount(node, scope)
        return None
    if len(scope.currencies) > 1 and Decimal(digits) != 0:
        shown = shorten(digits)
        found = f"{shown} stands for every currency of the file; each has an amount of its own."
        hint = f"Write {{{', '.join(f'{code}: {shown}' for code in scope.currencies)}}}, each in its own money."
        scope.complaints.add("amount-by-currency", node, found, hint)
        return None
    return _minor_units(digits, node, scope)


def _complain_of_amount(node: Node, scope: Scope) -> None:
    found = f"An amount such as 49.95 was expected, and {describe(node)} found."
    hint = _hint_at_fact(node, scope) or _hint_at(node, hint_at_test)
    scope.complaints.add("wrong-type", node, found, hint or "Write an amount such as 49.95.")


def _hint_at_fact(node: Node, scope: Scope) -> str | None:
    """Say that a fact cannot be compared with a fact (language.md 4.2)."""
    if isinstance(node, Scalar) and node.text in scope.facts:
        return f"{node.text} is a fact; tests are against fixed values only: let the caller give the difference."
    return None


def _hint_at(node: Node, read: Callable[[str], str | None]) -> str | None:
    return (read(node.text) or hint_at_hidden(node.text)) if isinstance(node, Scalar) else None


def _read_amount_by_currency(node: Mapping, scope: Scope) -> int | None:
    written = {entry.key.text: entry.value for entry in node.entries}
    if scope.currency is None:
        return None
    is_enough = scope.is_of_folder and written.keys() >= set(scope.currencies)
    if set(written) != set(scope.currencies) and not is_enough:
        found = f"The amount is written in {list_words(written, 'and') or 'no currency'}"
        whose = "a ruleset" if scope.is_of_folder else "the file"
        one, many = f"{whose}'s currency is {scope.currencies[0]}", f"{whose}'s currencies are "
        found += f", but {one if len(scope.currencies) == 1 else many + list_words(scope.currencies, 'and')}."
        hint = f"Write the amount alone, in {scope.currencies[0]}." if len(scope.currencies) == 1 else None
        if scope.is_of_folder:
            lacking = [code for code in scope.currencies if code not in written]
            hint = f"Write it in {list_words(lacking, 'and')} too."
        scope.complaints.add("amount-by-currency", node, found, hint)
        return None
    value = written.get(scope.currency)
    if value is None:
        return None
    digits = digits_of(value)
    if digits is None:
        _complain_of_amount(value, scope)
        return None
    return _minor_units(digits, value, scope)


def _minor_units(digits: str, node: Node, scope: Scope) -> int | None:
    if scope.currency is None:
        return None
    if Decimal(digits) == 0:  # 0, 0.0 and 0.00 are one amount, in yen too
        return 0
    places, shown = len(digits.partition(".")[2]), shorten(digits)
    if places > exponent(scope.currency):
        most = exponent(scope.currency)
        found = f"{shown} has {count_places(places)}, and an amount in {scope.currency} has {most or 'none'}."
        scope.complaints.add("too-many-places", node, found, hint_at_point(shown, places=most))
        return None
    try:
        return parse_amount(digits, scope.currency)
    except ValueError:
        scope.complaints.add("number-out-of-range", node, f"{shown} is too large for an amount.")
        return None


def _read_decimal(node: Node, fact: Fact, scope: Scope) -> int | None:
    complaints = scope.complaints
    digits = digits_of(node)
    if digits is None:
        _complain_of_type(node, fact, scope)
        return None
    written = len(digits.partition(".")[2])
    if written > fact.places:
        shown = shorten(digits)
        found = f"{shown} has {count_places(written)}; {fact.name} is declared with {fact.places or 'none'}."
        complaints.add("too-many-places", node, found, hint_at_point(shown, places=fact.places))
        return None
    scaled = Decimal(digits).scaleb(fact.places)  # compared before it is an int, which takes long with many digits
    if abs(scaled) > LARGEST_INTEGER:
        complaints.add("number-out-of-range", node, f"{shorten(digits)} is too large for {fact.name}.")
        return None
    return int(scaled)


def _complain_of_type(node: Node, fact: Fact, scope: Scope) -> None:
    expected = _WRITTEN[fact.type]
    if fact.type == "boolean":
        truth = read_truth(node.text) if isinstance(node, Scalar) else None
        if isinstance(node, Scalar) and (match := _NEGATED.fullmatch(node.text)):
            truth = "false" if match[1] == "true" else "true"
        hint: str | None = f"Write {fact.name}: {truth or 'true'}, without quotes."
        hint = hint if truth else f"Write {fact.name}: true or {fact.name}: false."
    elif fact.type in {"enum", "set", "text"}:
        hint = _hint_to_quote(node)
    else:
        is_whole = fact.type in {"integer", "days"} and isinstance(node, Scalar)
        parts = node.text.split(",") if is_whole and isinstance(node, Scalar) and _COUNTS.fullmatch(node.text) else []
        several = f"Write a list: [{', '.join(parts)}]." if parts else None
        hint = several or _hint_at_fact(node, scope) or _hint_at(node, hint_at_test)
    found = f"{fact.name} is {_article(fact.type)} fact, so {expected} was expected; found {describe(node)}."
    scope.complaints.add("wrong-type", node, found, hint or f"Write {expected}.")


def _article(fact_type: str) -> str:
    return f"an {fact_type}" if fact_type[0] in "aei" else f"a {fact_type}"


def read_value(fact: Fact, node: Node, scope: Scope) -> int | str | bool | None:
    """Return one typed constant of a fact; for a set, one of its words."""
    complaints = scope.complaints
    if fact.type == "amount":
        return read_amount(node, scope)
    if fact.type == "decimal":
        return _read_decimal(node, fact, scope)
    if fact.type in {"integer", "days"}:
        if digits_of(node) is not None:
            return _read_integer(node, complaints)
    elif fact.type == "boolean":
        if isinstance(node, Scalar) and node.kind == "boolean":
            return node.text == "true"
    elif isinstance(node, Scalar) and node.kind == "word":
        return _read_fact_word(fact, node, complaints)
    _complain_of_type(node, fact, scope)
    return None


def _read_fact_word(fact: Fact, node: Scalar, complaints: Complaints) -> str | None:
    if fact.type == "text":
        if len(node.text) > LONGEST_TEXT:
            found = f"The text has {len(node.text)} characters; {LONGEST_TEXT} are the most."
            complaints.add("text-too-long", node, found)
            return None
        return node.text
    if fact.values is not None and node.text not in fact.values:
        found = f"“{node.text}” is no value of {fact.name}."
        test = write_test(node.text) if any(word in fact.values for word in re.findall(r"[\w.-]+", node.text)) else None
        hint = f"Write {test}." if test else None
        hint = (
            hint or hint_at_list(node.text, fact.values) or suggest(node.text, fact.values) or _list_values(fact.values)
        )
        complaints.add("unknown-value", node, found, hint)
        return None
    if not WORD.fullmatch(node.text):
        test = write_test(node.text)
        mend = f"Write {test}." if test else hint_at_words(node.text) or hint_at_hidden(node.text)
        complaints.add("malformed-word", node, f"{fact.name} cannot be {describe(node)}.", mend)
        return None
    return node.text


def _list_values(values: tuple[str, ...]) -> str:
    shown = values[:_MOST_WORDS_LISTED]
    rest = len(values) - len(shown)
    return f"It can be {list_words(shown)}{f', or one of {rest} more' if rest else ''}."


def read_item(fact: Fact, node: Node, scope: Scope) -> Item | None:
    """Return a constant, or an inclusive range where the fact is a number."""
    if isinstance(node, Sequence):
        scope.complaints.add("wrong-type", node, "A list stands inside a list; one list of values is enough.")
        return None
    if is_word(node) and isinstance(node, Scalar) and ".." in node.text:
        if fact.type in NUMERIC_TYPES:
            return _read_range(fact, node, scope)
        if not node.is_quoted and _RANGE.fullmatch(node.text):
            found = f"The range {node.text} stands where {fact.name}, {_article(fact.type)} fact, is tested."
            hint = f"Write {fact.name}: true or {fact.name}: false." if fact.type == "boolean" else None
            scope.complaints.add("range-on-words", node, found, hint)
            return None
    return read_value(fact, node, scope)


def _match_range(fact: Fact, node: Scalar, scope: Scope) -> re.Match[str] | None:
    """Return the parts of a range, or complain of its form."""
    text, code, hint = node.text.strip(), "malformed-range", None
    match = _RANGE.fullmatch(text)
    if text == "..":
        code, found = "range-without-ends", "The range .. has neither a first nor a last value."
    elif match is None:
        found, hint = f"“{node.text}” cannot be read as a range.", _hint_at(node, hint_at_test)
    elif (hint := _hint_at_points(fact, match, scope)) is not None:
        code, found = "too-many-places", f"“{text}” has a point between thousands, or too many decimal places."
    else:
        return match
    scope.complaints.add(code, node, found, hint)
    return None


def _read_range(fact: Fact, node: Scalar, scope: Scope) -> Span | None:
    match = _match_range(fact, node, scope)
    if match is None:
        return None
    low, fails = _read_end(fact, match["low"], node, scope)
    if fails:
        return None
    high, fails = _read_end(fact, match["high"], node, scope)
    if fails:
        return None
    if low is not None and high is not None and low > high:
        found = f"The range {node.text.strip()} holds nothing: it begins above its end."
        hint = f"Write {match['high']}..{match['low']}."
        scope.complaints.add("range-reversed", node, found, hint)
        return None
    return Span(low, high)


def _hint_at_points(fact: Fact, match: re.Match[str], scope: Scope) -> str | None:
    """Say how a range is written of which an end reads as thousands: ``5.000..``."""
    if fact.type == "amount" and scope.currency is None:
        return None  # a folder's amounts are read by each ruleset, whose currency says how many places there are
    places = exponent(scope.currency) if fact.type == "amount" and scope.currency in EXPONENTS else fact.places
    ends = [match["low"] or "", match["high"] or ""]
    if not any(reads_as_thousands(end) and len(end.partition(".")[2]) > places for end in ends):
        return None
    return hint_at_point(*ends, places=places, form="{0}..{1}")


def _read_end(fact: Fact, digits: str | None, node: Scalar, scope: Scope) -> tuple[int | None, bool]:
    """Return one end of a range, and whether it could not be read."""
    if digits is None:
        return None, False
    value = read_value(fact, Scalar(kind="number", text=digits, at=node.at), scope)
    return (value, False) if isinstance(value, int) else (None, True)
