"""What a ruleset says, in plain words; read from the document as it was written, so that names stay names."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from engine.model.ruleset import BEST
from engine.model.vocabulary import NUMERIC_TYPES, Fact

Json: TypeAlias = object
_BOUNDS = {"at_least": "at least {}", "at_most": "at most {}", "more_than": "more than {}", "less_than": "less than {}"}

_WHOLE_TERMS = {"approval: required": "once a person has approved", "fee: announced": "the fee that was announced"}
_TERMS = {
    "fee": "with the fee “{}”",
    "announce_fee": "announces the fee “{}”",
    "interest": "with interest “{}”",
    "assign_to": "for {}",
    "script": "script {}",
    "template": "template {}",
}


def plain(name: str) -> str:
    """Return a name of the file as words."""
    return name.replace("_", " ").replace("-", " ")


class Wording:
    """Writes conditions in the words of one ruleset: its facts, and the conditions it has named."""

    def __init__(self, facts: Mapping[str, Fact], named: Mapping[str, Json], currency: str) -> None:
        self._facts = facts
        self._named = named
        self._currency = currency

    def condition(self, node: Json) -> str:
        """Return a ``when`` mapping in words; "always" where it asks nothing."""
        if not isinstance(node, dict) or not node:
            return "always"
        return " and ".join(self._entry(key, value, is_alone=len(node) == 1) for key, value in node.items())

    def _entry(self, key: str, value: Json, *, is_alone: bool) -> str:
        if key in {"any", "none"} and isinstance(value, list):
            return self._alternatives(key, value, is_alone=is_alone)
        if key == "experiment" and isinstance(value, dict):
            return " and ".join(f"in variant {self._list(variants)} of {name}" for name, variants in value.items())
        if key == "decline" and isinstance(value, dict):
            return "the last decline has " + ", ".join(
                f"{plain(name)} {self._list(each)}" for name, each in value.items()
            )
        if key in self._named:
            return plain(key) if value is True else f"not {plain(key)}"
        return self._test(key, value)

    def _alternatives(self, key: str, value: list[Json], *, is_alone: bool) -> str:
        parts = [self.condition(each) for each in value]
        if key == "none":
            return "not " + _bracket(
                " or ".join(parts), is_needed=any(" and " in part for part in parts) or len(parts) > 1
            )
        joined = " or ".join(_bracket(part, is_needed=" and " in part) for part in parts) or "never"
        return _bracket(joined, is_needed=not is_alone and len(parts) > 1)

    def _test(self, key: str, value: Json) -> str:
        fact = self._facts.get(key)
        name = plain(key)
        if isinstance(value, bool):
            return name if value else f"not {name}"
        if fact is not None and fact.type == "set":
            return self._set_test(name, value)
        if isinstance(value, dict):
            return " and ".join(self._operator(name, fact, operator, operand) for operator, operand in value.items())
        return f"{name} {self._values(fact, value)}"

    def _operator(self, name: str, fact: Fact | None, operator: str, operand: Json) -> str:
        if operator == "is":
            return f"{name} {'not given' if operand == 'missing' else 'given'}"
        if operator == "not":
            if isinstance(operand, bool):
                return f"{name} given and {'not ' if operand else ''}{name}"
            return f"{name} anything but {self._values(fact, operand)}"
        return f"{name} {_BOUNDS.get(operator, '{}').format(self._value(fact, operand))}"

    def _set_test(self, name: str, value: Json) -> str:
        if isinstance(value, dict):
            words = {"all": "include all of {}", "none": "include none of {}"}
            return " and ".join(
                f"{name} {words.get(each, '{}').format(self._list(items))}" for each, items in value.items()
            )
        return f"{name} include {self._list(value)}"

    def _list(self, value: Json) -> str:
        return " or ".join(self.value(item) for item in value) if isinstance(value, list) else self.value(value)

    def _values(self, fact: Fact | None, value: Json) -> str:
        items = value if isinstance(value, list) else [value]
        return " or ".join(self._value(fact, item) for item in items)

    def _value(self, fact: Fact | None, value: Json) -> str:
        words = self.value(value)
        if fact is None or fact.type not in NUMERIC_TYPES:
            return words
        unit = f" {self._currency}" if fact.type == "amount" and not isinstance(value, dict) else ""
        low, dots, high = words.partition("..")
        if not dots:
            return words + unit
        if not low or not high:
            return (f"{low}{unit} or more") if low else f"{high}{unit} or less"
        return f"{low} to {high}{unit}"

    def value(self, value: Json) -> str:
        """Return a value as it is written; an amount for each currency one after the other."""
        if isinstance(value, dict):
            return " / ".join(f"{amount} {currency}" for currency, amount in value.items())
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value)


def _bracket(words: str, *, is_needed: bool) -> str:
    return f"({words})" if is_needed else words


def say_action(node: Json) -> str:
    """Return what an action does and over which channels."""
    if not isinstance(node, dict):
        return ""
    channels = say_channels(node)
    return f"{plain(str(node.get('action', '')))}{f' by {channels}' if channels else ''}"


def say_channels(node: Mapping[str, Json]) -> str:
    """Return the channels of an action, in the order to try."""
    channels = node.get("channel")
    order = channels if isinstance(channels, list) else [channels] if channels is not None else []
    return ", else ".join(str(channel) for channel in order)


def say_terms(node: Json) -> Iterator[str]:
    """Yield what else an action carries, one thing a line."""
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key not in {"action", "channel", "along_with"}:
            yield _say_term(key, value)
    along = node.get("along_with")
    for other in along if isinstance(along, list) else []:
        yield f"with it: {'; '.join((say_action(other), *say_terms(other)))}"


def _say_term(key: str, value: Json) -> str:
    """Return one parameter as a manager would say it; what only the application reads stays as it is written."""
    if key == "pay_within_days":
        return f"{count_of(value, 'day')} to pay"
    if key == "schedule" and isinstance(value, dict):
        return _say_schedule(value)
    if key == "include" and isinstance(value, list):
        return f"with {' and '.join(plain(str(each)) for each in value)}"
    if (said := _WHOLE_TERMS.get(f"{key}: {value}")) is not None:
        return said
    is_name = key in {"template", "script", "assign_to"} or not isinstance(value, str)
    words = write_words(value) if is_name else plain(str(value))
    return _TERMS.get(key, f"{plain(key)}: {{}}").format(words)


def _say_schedule(schedule: Mapping[str, Json]) -> str:
    day, time = schedule.get("day", "any"), schedule.get("time")
    on = "on any day" if day == "any" else f"on a {plain(str(day))}"
    if time == BEST:
        return f"{on}, at the hour at which calls are answered most"
    return on if time is None else f"{on}, not before {time}"


def write_words(value: Json) -> str:
    """Return a value of the file on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{plain(key)} {write_words(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(write_words(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def say_repeat(node: Mapping[str, object]) -> str:
    """Say how a rule may be executed again."""
    rests = {"every_days": "day", "every_business_days": "business day", "every_months": "month"}
    rest = next(count_of(node[key], word) for key, word in rests.items() if key in node)
    most = f", {count_of(node['at_most'], 'time')} at most" if "at_most" in node else ""
    within = f" in {count_of(node['per_days'], 'day')}" if "per_days" in node else ""
    return f"again every {rest}{most}{within}"


def count_of(number: object, word: str) -> str:
    """Return a number with its word: 1 day, 2 days."""
    return f"{number} {word}" if str(number) == "1" else f"{number} {word}s"
