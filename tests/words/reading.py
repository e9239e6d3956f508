"""What a phrase about a coordinate says, for who reads nothing else: the values that it allows."""

import re
from collections.abc import Iterator

from engine.comparison.coordinates import OneSided
from engine.conditions.sets import BooleanSet, ValueSet, WordSet, booleans, integers, words
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executions import Done, Since
from engine.coordinates.facts import FactCoordinate
from engine.coordinates.ladder import Rested

DAY = r"in \d+ days?|today|\d+ days? ago"
NUMBER = r"-?\d+(?:\.\d+)?"
TIMES = re.compile(
    r"(?P<never>not yet executed)|executed (?P<once>once)|executed at most (?P<most>\d+) times"
    r"|executed (?P<low>\d+)(?: to (?P<high>\d+))? times(?P<more> or more)?|(?P<ever>executed)"
)
DAYS = re.compile(
    r"(?P<any>at any time)|at most (?P<most>\d+) days? ago|(?P<near>\d+) to (?P<far>\d+) days ago"
    rf"|(?P<from>{DAY})(?: to (?P<to>{DAY})| or (?P<open>past|more|before|later))?"
)
VALUES = re.compile(
    rf"at least (?P<least>{NUMBER})|at most (?P<most>{NUMBER})|(?P<low>{NUMBER})(?: to (?P<high>{NUMBER}))?"
    r"|(?P<any>anything given)"
)
MISSING = re.compile("never|not given")
NEGATION = re.compile(r"(?:^| )(?:not|none|no)(?= )")
Span = tuple[int | None, int | None]
FIXED: dict[str, Span] = {"never": (0, 0), "once": (1, 1), "any": (None, None), "ever": (1, None)}


def read_phrase(phrase: str, each: Coordinate, currency: str) -> ValueSet:
    """The values that a phrase allows, for who reads nothing else."""
    if isinstance(each, OneSided):
        phrase, each = re.sub(" as the (?:old|new) ruleset sees it$", "", phrase), each.own
    phrase = phrase.removesuffix(", with its episode named")
    if isinstance(each.universe, BooleanSet):
        return read_flags(phrase) if isinstance(each, FactCoordinate) else booleans(not negates(phrase))
    if isinstance(each.universe, WordSet):
        subject = begin_alike(*(each.say(words(word), currency) for word in ("a", "b")))
        return read_words(phrase.removeprefix(subject))
    two = (0, -98765432) if isinstance(each, FactCoordinate) else (0, 7)
    subject = begin_alike(*(each.say(integers((number, number)), currency) for number in two))
    rest = phrase.replace(subject, "").replace(f" {currency}", "")
    kind = TIMES if isinstance(each, Done) else DAYS if isinstance(each, Since | Rested) else VALUES
    spans = [*read_spans(rest, kind)]
    return integers(*(span for span in spans if span is not None), missing=None in spans)


def begin_alike(one: str, other: str) -> str:
    """The text with which both begin: the name of what is said."""
    return one[: next(place for place, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1)]


def negates(phrase: str) -> bool:
    """Whether it says that something is not so; what stands in brackets explains a name."""
    return NEGATION.search(re.sub(r"\(.*?\)", "", phrase)) is not None


def read_flags(phrase: str) -> ValueSet:
    """Some of: it is so, it is not, it is not given."""
    parts = phrase.split(" or ")
    given = [part for part in parts if not part.endswith("not given")]
    return booleans(*(not part.startswith("not ") for part in given), missing=len(given) < len(parts))


def read_words(rest: str) -> ValueSet:
    """Words one by one, or all but some."""
    parts = rest.split(" or ")
    given = [part for part in parts if part != "not given"]
    is_missing = len(given) < len(parts)
    if given == ["anything given"]:
        return WordSet(words=frozenset(), cofinite=True, missing=is_missing)
    if given and given[0].startswith("anything but "):
        return WordSet(
            words=frozenset(given[0].removeprefix("anything but ").split(", ")), cofinite=True, missing=is_missing
        )
    return words(*given, missing=is_missing)


def read_spans(rest: str, kind: re.Pattern[str]) -> Iterator[Span | None]:
    """The ranges that stand side by side, None where there is none."""
    place = 0
    while place < len(rest):
        found = MISSING.match(rest, place)
        if found is None:
            found = kind.match(rest, place)
            assert found is not None, f"unread of “{rest}”: {rest[place:]}"
            yield read_span({name: text for name, text in found.groupdict().items() if text is not None})
        else:
            yield None
        place = found.end()
        assert place == len(rest) or rest.startswith(" or ", place), rest
        place += len(" or ")


def read_span(said: dict[str, str]) -> Span:
    """One range, by the words that were found."""
    if "near" in said:
        return int(said["near"]), int(said["far"])
    if "from" in said:
        first, last = day_of(said["from"]), day_of(said.get("to", said["from"]))
        opened = said.get("open")
        return None if opened == "later" else first, last if opened in {None, "later"} else None
    if (fixed := next((name for name in FIXED if name in said), None)) is not None:
        return FIXED[fixed]
    low, high, least, most = (said.get(name) for name in ("low", "high", "least", "most"))
    if most is not None or least is not None:
        return (None if least is None else number_of(least)), (None if most is None else number_of(most))
    first = number_of(low or "")
    return first, None if "more" in said else first if high is None else number_of(high)


def day_of(text: str) -> int:
    """So many days ago; what is yet to come is less than none."""
    number = 0 if text == "today" else int(re.sub(r"\D", "", text))
    return -number if text.startswith("in ") else number


def number_of(text: str) -> int:
    """A number with all its places, so that without the point it is the typed value."""
    return int(text.replace(".", ""))
