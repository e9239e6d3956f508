"""Where the lines themselves show what broke the YAML: better words and places than the parser can give."""

import re

import msgspec
import yaml

from engine.loading.slips import HIDDEN
from engine.loading.testslips import hint_at_test, read_comparison
from engine.model.diagnostic import Position

_KEY = re.compile(r" *(?:- +)*(?:[^\s:#\"'{\[][^:#]*?|\"[^\"]*\"|'[^']*'):(?: +(?P<value>\S.*?))? *")
_NO_SPACE = re.compile(r"(?:- +)*(?P<key>[A-Za-z_][\w.-]*):(?P<value>[^\s:].*)")
_EQUALS = re.compile(r"(?:- +)*(?P<key>[A-Za-z_][\w.-]*)\s*=\s*(?P<value>.*)")
_DASH_NO_SPACE = re.compile(r"-(?P<rest>[^\s-].*)")
_OTHER_BULLET = re.compile(r"(?P<bullet>[–—•·])\s*(?P<rest>.*)")
_AFTER_QUOTES = re.compile(r"(?::\s+|- +)(?P<text>(?P<quote>['\"]).*?(?P=quote)[^\s,}\]#].*)")
_HIDDEN_INDENT = re.compile(
    "(?P<before> *)[\xa0\u2000-\u200b\u202f\u3000\ufeff][\\s\ufeff\u200b]*(- |[A-Za-z_\"'][^#]*:(\\s|$))"
)
_COMPARISON = re.compile(r"[<>=!]+ *[€$£]? ?-?[0-9][0-9.]*(?:[^\s\"',}\]#][^,}\]#]*| [^,}\]#]*)?")
_LONE_DASH = re.compile(r"-\s+[,\]]")
_NEGATION = re.compile(r"!(?P<equals>=?) *(?P<value>[A-Za-z0-9_.-]+)")
_PAIR = re.compile(r"(?P<key>[a-z][a-z0-9_]*): +(?P<value>\S.*)")
_KEY_BEFORE = re.compile(r"(?P<key>[A-Za-z_][\w.-]*):\s+(?P<text>[^\s\"'].*)$")
_NO_COLON = re.compile(r"(?:- +)*(?P<key>[a-z][a-z0-9_]*) +(?P<value>\S+)")
_LAST_WORD = re.compile(r"(?P<key>[A-Za-z_][\w.-]*) *$")
TEXT_KEYS = frozenset(
    {"about", "assign_to", "name", "owner", "reason", "says", "script", "skip", "template", "title", "unit"}
)
"""Keys whose value is a text, so that a colon in it asks for quotes and not for braces."""
_CLOSERS = {"{": "}", "[": "]"}
_OPPOSITES = {"true": "false", "false": "true"}


class Slip(msgspec.Struct, frozen=True):
    """What is wrong with a line, in a sentence, and how to mend it."""

    at: Position
    found: str
    hint: str


def find_hidden_indent(lines: list[str]) -> Position | None:
    """Return the first character that only looks like the indentation it stands in."""
    for number, line in enumerate(lines, start=1):
        if match := _HIDDEN_INDENT.match(line):
            return Position(number, len(match["before"]) + 1)
    return None


def find_slip(error: yaml.MarkedYAMLError, lines: list[str]) -> Slip | None:
    """Return what the lines around an error of the parser show."""
    problem, context = error.problem or "", error.context or ""
    at, begun = _place(error.problem_mark, lines), _place(error.context_mark, lines)
    if "simple key" in context:
        return _read_keyless(lines, begun)
    if "start any token" in problem or "block scalar" in context:
        return _read_beginning(lines, begun if "block scalar" in context else at)
    if "flow" in context:
        return _read_lone_dash(lines, at) or _read_flow(lines, at, begun)
    if "mapping values" in problem:
        return _read_second_colon(lines, at)
    if "block" in context:
        return _read_block(lines, at, begun, is_list="collection" in context or "sequence" in context)
    return None


def _place(mark: yaml.Mark | None, lines: list[str]) -> Position:
    if mark is None:
        return Position(1, 1)
    return Position(min(mark.line, len(lines) - 1) + 1, mark.column + 1)


def _line(lines: list[str], at: Position) -> str:
    return lines[at.line - 1]


def _begin(lines: list[str], at: Position) -> Position:
    """Return where the text of a line begins."""
    line = _line(lines, at)
    return Position(at.line, len(line) - len(line.lstrip(" ")) + 1)


def _read_keyless(lines: list[str], at: Position) -> Slip:
    """A line that should be ``key: value`` and has no colon, or none that counts."""
    place, text = _begin(lines, at), _line(lines, at).strip()
    if match := _NO_SPACE.fullmatch(text):
        found = f"“{match['key']}:” stands without a space after its colon, so it is no key."
        return Slip(place, found, f"Write “{match['key']}: {match['value'].strip()}”.")
    if match := _EQUALS.fullmatch(text):
        found = "A key and its value are parted by a colon, not by an equals sign."
        return Slip(place, found, f"Write “{match['key']}: {match['value']}”.")
    if hidden := HIDDEN.search(text):
        found = f"A character stands here that only looks like a space (U+{ord(hidden[0]):04X})."
        at = Position(place.line, place.column + hidden.start())
        return Slip(at, found, "Delete it, and put a space in its place with the space bar.")
    hint = f"Write “{_with_colon(text)}”, with a space after the colon."
    return _read_dash(place, text) or Slip(place, "This line lacks the colon that ends a key.", hint)


def _with_colon(text: str) -> str:
    """Return a line with the colon that it likely lacks: a comparison, or a key and its value."""
    pair = _NO_COLON.fullmatch(text)
    return read_comparison(text) or (f"{pair['key']}: {pair['value']}" if pair else "key: value")


def _read_dash(place: Position, text: str) -> Slip | None:
    if match := _OTHER_BULLET.fullmatch(text):
        found = f"“{match['bullet']}” is not the hyphen that begins an item of a list."
        return Slip(place, found, f"Write “- {match['rest']}”.")
    if match := _DASH_NO_SPACE.fullmatch(text):
        return Slip(place, "The dash that begins an item needs a space after it.", f"Write “- {match['rest']}”.")
    return None


def find_comparison(lines: list[str], at: Position) -> Slip | None:
    """Return what is wrong with a value that begins with a sign of comparison, which YAML reads as one of its own."""
    rest = _line(lines, at)[at.column - 1 :]
    no_test = "is no test: comparisons are written in words or as ranges."
    if match := _COMPARISON.match(rest):
        hint = hint_at_test(match[0].strip()) or "Write 10.. for 10 or more, {more_than: 10} for more than 10."
        return Slip(at, f"“{match[0].strip()}” {no_test}", hint)
    match = _NEGATION.match(rest)
    if match is None:
        return None
    value = match["value"]
    if value in _OPPOSITES:
        return Slip(at, f"“{match[0]}” {no_test}", f"Write {_OPPOSITES[value]}.")
    return Slip(at, f"“{match[0]}” {no_test}", f"Write {{not: {value}}}.")


def _read_beginning(lines: list[str], at: Position) -> Slip:
    """A value that begins with a sign of YAML."""
    rest = _line(lines, at)[at.column - 1 :]
    if slip := find_comparison(lines, at):
        return slip
    if rest[:1] in {"<", ">", "="}:
        return Slip(
            at,
            f"“{rest[0]}” cannot begin a key or value: comparisons are written in words.",
            "Write at_least, at_most, more_than or less_than: {overdue_balance: {at_least: 10}}.",
        )
    text = re.split(r"\s+#|[,}\]]", rest)[0].strip()
    return Slip(at, f"A text cannot begin with {rest[:1]}.", f'Put it in quotes: "{text}".')


def _read_lone_dash(lines: list[str], at: Position) -> Slip | None:
    """A cell of a table that is left empty."""
    if not _LONE_DASH.match(_line(lines, at)[at.column - 1 :]):
        return None
    found = "A dash with a space behind it begins an item of a list, which cannot be in brackets."
    return Slip(at, found, "Put the comma or bracket right behind the dash: [a, -, b].")


def _read_flow(lines: list[str], at: Position, begun: Position) -> Slip | None:
    """A bracket that is not closed, a comma that is missing, or a text that needs quotes."""
    opener = _line(lines, begun)[begun.column - 1 : begun.column]
    if opener not in _CLOSERS:
        return None
    never_closed = f"The {opener} that opens here is not closed."
    line = _line(lines, at)
    if at.line != begun.line and not _line(lines, begun).rstrip().endswith((",", opener)):
        return Slip(begun, never_closed, f"Close it with {_CLOSERS[opener]} on this line.")
    sign = line[at.column - 1 : at.column]
    if sign in _CLOSERS.values():
        return Slip(begun, never_closed, f"Put {_CLOSERS[opener]} before the {sign} in column {at.column}.")
    before = line[: at.column - 1]
    if sign == ":":
        return _read_missing_comma(before, line[at.column :], at)
    return _read_missing_sign(before, line[at.column - 1 :], at)


def _read_missing_sign(before: str, after: str, at: Position) -> Slip | None:
    """A bracket that opens behind a key without its colon, or that was closed too early."""
    closer, match = _CLOSERS.get(after[:1]), _LAST_WORD.search(before)
    if closer is not None and match is not None:
        hint = f"Write “{match['key']}: {after.partition(closer)[0]}{closer}”."
        return Slip(Position(at.line, match.start() + 1), f"A colon is missing after “{match['key']}”.", hint)
    if before.rstrip().endswith(("}", "]", '"', "'")):
        found = "A bracket or quotes are closed, and more text follows."
        return Slip(at, found, "Put a comma before it; or put the whole text in quotes, if it is one text.")
    return None


def _read_missing_comma(before: str, after: str, at: Position) -> Slip:
    part = re.split(r"[,{\[]", before)[-1]
    value = part.partition(": ")[2].strip()
    word = value.split(" ")[-1]
    start = Position(at.line, len(before) - len(word) + 1)
    kept = re.split(r"[,}\]]", after)[0].strip()
    if ";" in value:
        found = "A semicolon stands where a comma must: parts are parted by commas."
        return Slip(Position(at.line, before.rindex(";") + 1), found, f"Write “, {word}: {kept}”.")
    if " " in value and word:
        found = f"“{word}:” follows a value without a comma between them."
        return Slip(start, found, f"Put a comma before “{word}”; or, if it belongs to a text, put the text in quotes.")
    if slip := _read_braceless(part.strip(), f"{word}: {kept}", start):
        return slip
    found = "A text holds “: ”, which makes a key of what stands before it."
    return Slip(start, found, f'Put the whole text in quotes: "{value}: …".')


def _read_second_colon(lines: list[str], at: Position) -> Slip:
    """``a: b: c``, or a line that is indented deeper than the key above it allows."""
    line, above = _line(lines, at), _above(lines, at.line)
    before = line[: at.column - 1]
    if match := _KEY_BEFORE.search(before):
        text = (match["text"] + line[at.column - 1 :]).partition(" #")[0].strip()
        place = Position(at.line, match.start("text") + 1)
        if slip := _read_braceless(match[0], text, place):
            return slip
        found = "A second colon stands in this line: a text that holds “: ” needs quotes."
        return Slip(at, found, f'Put the text in quotes: "{text}".')
    place = _begin(lines, at)
    if above is None:
        return Slip(place, "A colon stands where no key can be.", "Mend the indentation of this line.")
    if _KEY.fullmatch(lines[above - 1].partition(" #")[0]) is None:
        return _read_keyless(lines, Position(above, 1))
    wanted = _key_column(lines[above - 1])
    found = f"This line is indented by {_spaces(place)}, deeper than the key of line {above}, which has a value."
    opened = _find_valueless(lines, at.line)
    if opened is not None:
        return Slip(place, found, _indent_alike(opened, place))
    return Slip(place, found, f"Indent it by {_count(wanted - 1)}, like line {above}.")


def _read_braceless(before: str, text: str, at: Position) -> Slip | None:
    """``when: days_overdue: 3..``: a mapping on one line, which stands in braces."""
    key = before.partition(":")[0].strip("- ")
    if key in TEXT_KEYS or not _PAIR.fullmatch(text):
        return None
    found = f"A key with its value stands behind “{key}:” on its line, which needs braces."
    return Slip(at, found, f"Write {{{text}}}.")


def _indent_alike(opened: int, place: Position) -> str:
    return f"Indent all lines that belong to the key on line {opened} by {_spaces(place)}; other keys as it is."


def _read_block(lines: list[str], at: Position, begun: Position, *, is_list: bool) -> Slip:
    """A line that is not indented like the block it belongs to, or a list and keys that are mixed."""
    line, place = _line(lines, at), _begin(lines, at)
    text = line.strip()
    if match := _AFTER_QUOTES.search(line[: at.column] + line[at.column :]):
        other = '"' if match["quote"] == "'" else "'"
        hint = f"Put the whole text in other quotes: {other}{match['text'].strip(match['quote'])}{other}."
        return Slip(at, "The quotes are closed here, and more text follows.", hint)
    starts_item = text.startswith("- ") or text == "-"
    slip = _read_dash(place, text) or _read_mixture(place, begun, is_list=is_list, starts_item=starts_item)
    if slip is not None:
        return slip
    if is_list and not starts_item:
        return _read_key_of_item(lines, place)
    return _read_indentation(lines, place, begun, is_list=is_list)


def _read_mixture(place: Position, begun: Position, *, is_list: bool, starts_item: bool) -> Slip | None:
    if is_list and place.column == begun.column and not starts_item:
        found = f"This line is not an item, and the list that begins on line {begun.line} is not at its end."
        return Slip(place, found, "Begin the line with “- ”; or indent it, if it belongs to the item above.")
    if not is_list and starts_item:
        found = f"An item of a list begins here, but line {begun.line} of the same block is a key and no item."
        return Slip(place, found, f"Begin either all entries of the block with “- ”, line {begun.line} too, or none.")
    return None


def _read_indentation(lines: list[str], place: Position, begun: Position, *, is_list: bool) -> Slip:
    what = "the items of its list" if is_list else "the keys of its block"
    found = f"This line is indented by {_spaces(place)}, and {what}, from line {begun.line} on, by {begun.column - 1}."
    opened = _find_valueless(lines, place.line) if not is_list else None
    if opened is not None:
        return Slip(place, found, _indent_alike(opened, place))
    return Slip(place, found, f"Indent it by {_count(begun.column - 1)}.")


def _read_key_of_item(lines: list[str], place: Position) -> Slip:
    above = _above(lines, place.line)
    wanted = _key_column(lines[above - 1]) if above is not None else 1
    found = f"This line is indented by {_spaces(place)}, and the keys of the item above it by {wanted - 1}."
    return Slip(place, found, f"Indent it by {_count(wanted - 1)}.")


def _spaces(place: Position) -> str:
    return _count(place.column - 1)


def _count(number: int) -> str:
    return f"{number} space{'' if number == 1 else 's'}"


def _above(lines: list[str], number: int) -> int | None:
    """Return the number of the nearest line above that holds a key."""
    for each in range(number - 1, 0, -1):
        text = lines[each - 1].strip()
        if text and not text.startswith("#"):
            return each
    return None


def _key_column(line: str) -> int:
    """Return the column of a line's key, behind the dashes before it."""
    match = re.match(r" *(?:- +)*", line)
    return (match.end() if match is not None else 0) + 1


def _find_valueless(lines: list[str], number: int) -> int | None:
    """Return the line of the last key above whose value was to follow below it, and does not."""
    above = _above(lines, number)
    while above is not None and (before := _above(lines, above)) is not None:
        match = _KEY.fullmatch(lines[before - 1].partition(" #")[0])
        if match is None:
            return None
        if match["value"] is None and _key_column(lines[above - 1]) <= _key_column(lines[before - 1]):
            return before
        above = before
    return None
