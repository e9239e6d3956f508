"""Strict YAML: text to nodes with places, or complaints (language.md section 2)."""

import contextlib
import re
from collections.abc import Iterator

import msgspec
import yaml

from engine.loading.complaints import Complaints, TooManyComplaints
from engine.loading.node import Entry, Mapping, Node, Scalar, Sequence
from engine.loading.numberslips import clean_number
from engine.loading.slips import HIDDEN
from engine.loading.testslips import read_comparison, read_pair
from engine.loading.yamldecoding import decode
from engine.loading.yamlerrors import describe_syntax_error
from engine.loading.yamlslips import find_comparison
from engine.model.diagnostic import Diagnostic, Position

DEEPEST_NESTING = 32
LONGEST_NUMBER = 40

_NULL_PARENTS = frozenset({"with", "expect"})
_START = Position(1, 1)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_NULL = re.compile(r"(~|null|Null|NULL|)")
_REFUSED_NUMBERS = (
    (re.compile(r"[-+]?0[xX][0-9a-fA-F]+"), "a hexadecimal number"),
    (re.compile(r"[-+]?0[oO][0-7]+"), "an octal number"),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+"), "a number with an exponent"),
    (re.compile(r"[-+]?\.(inf|Inf|INF)"), "infinity"),
    (re.compile(r"\.(nan|NaN|NAN)"), "not a number"),
)
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """The root node where one could be read, and every complaint; with complaints the node is only partly right."""

    node: Node | None
    diagnostics: tuple[Diagnostic, ...]


def parse_yaml(text: bytes | str, file: str, *, allow_null: bool = False, first_key: str = "ruleset") -> Parsed:
    """Read one strict YAML document; ``allow_null`` lets null stand under ``with`` and ``expect``, as suites need.

    ``first_key`` is what such a file begins with, for whoever left it empty.
    """
    complaints = Complaints(file)
    node = None
    with contextlib.suppress(TooManyComplaints):
        decoded = decode(text, complaints)
        if decoded is not None:
            node = _Composer(complaints, decoded.split("\n"), allow_null=allow_null).compose(decoded)
            if node is None and not complaints.found:
                hint = f"Begin with “{first_key}: …”, or delete the file."
                complaints.add("empty-file", _START, "The file holds nothing but comments, or nothing at all.", hint)
    return Parsed(node=node, diagnostics=complaints.found)


class _Frame:
    """A collection that is being read."""

    def __init__(self, event: yaml.CollectionStartEvent, *, allows_null: bool) -> None:
        self.at = _place(event)
        self.is_mapping = isinstance(event, yaml.MappingStartEvent)
        self.is_flow = bool(event.flow_style)
        self.allows_null = allows_null
        self.is_whole = True
        self.key: Scalar | None = None
        self.key_ends = self.at
        self.lines: dict[str, int] = {}  # by key
        self.entries: list[Entry] = []
        self.doubles: list[Entry] = []
        self.items: list[Node] = []

    def close(self) -> Node:
        if self.is_mapping:
            return Mapping(entries=tuple(self.entries), doubles=tuple(self.doubles), is_whole=self.is_whole, at=self.at)
        return Sequence(items=tuple(self.items), at=self.at)


class _Composer:
    """Turns the parser's events into nodes; events, not PyYAML's own nodes, so that nothing is expanded or recursed."""

    def __init__(self, complaints: Complaints, lines: list[str], *, allow_null: bool) -> None:
        self._complaints = complaints
        self._lines = lines
        self._allow_null = allow_null
        self._open_text: yaml.ScalarEvent | None = None
        self._frames: list[_Frame] = []
        self._root: Node | None = None

    def compose(self, text: str) -> Node | None:
        """Return the root as far as the text can be read."""
        try:
            for event in _events(text):
                if not self._take(event):
                    return None
        except yaml.MarkedYAMLError as error:
            slip = describe_syntax_error(error, self._lines, self._find_open_text(error))
            self._complaints.withdraw("null-value")  # what was missing is likely what could not be read
            self._complaints.add("yaml-syntax", slip.at, slip.found, slip.hint)
            return None
        return self._root

    def _find_open_text(self, error: yaml.MarkedYAMLError) -> Position | None:
        """Return where the last text in quotes began, if it swallowed the lines before the error."""
        text, mark = self._open_text, error.problem_mark
        if text is None or text.end_mark is None or mark is None or text.end_mark.line < mark.line - 1:
            return None
        return _place(text)

    def _take(self, event: yaml.Event) -> bool:
        """Take one event; False ends the reading."""
        if isinstance(event, yaml.DocumentStartEvent):
            return self._start_document(event)
        if isinstance(event, yaml.NodeEvent):
            self._refuse_marks(event)
        if isinstance(event, yaml.ScalarEvent):
            self._note_ends(event)
            self._deliver(self._resolve(event))
        elif isinstance(event, yaml.AliasEvent):
            self._deliver(Scalar(kind="refused", text="", at=_place(event)))
        elif isinstance(event, yaml.CollectionStartEvent):
            return self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._deliver(self._frames.pop().close())
        return True

    def _start_document(self, event: yaml.DocumentStartEvent) -> bool:
        if event.tags:
            found = "A %TAG directive stands here; tags are not part of the language."
            self._complaints.add("tag", _place(event), found)
        if self._root is not None:
            found = "A second document begins here; one file is one ruleset."
            self._complaints.add("second-document", _place(event), found)
            return False
        return True

    def _refuse_marks(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent):
            found = f"The alias *{event.anchor} stands here; aliases are not part of the language."
            self._complaints.add("anchor", _place(event), found)
            return
        if event.anchor is not None:
            found = f"The anchor &{event.anchor} stands here; anchors are not part of the language."
            self._complaints.add("anchor", _place(event), found)
        tag = event.tag if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) else None
        slip = find_comparison(self._lines, _place(event)) if tag is not None else None
        if slip is not None:
            self._complaints.add("tag", slip.at, slip.found, slip.hint)
        elif tag is not None:
            written = str(tag).replace("tag:yaml.org,2002:", "!!")
            found = f"The tag {written} stands here; tags are not part of the language."
            self._complaints.add("tag", _place(event), found)

    def _open(self, event: yaml.CollectionStartEvent) -> bool:
        if len(self._frames) >= DEEPEST_NESTING:
            self._complaints.add("too-deep", _place(event), f"This is nested more than {DEEPEST_NESTING} levels deep.")
            return False
        self._frames.append(_Frame(event, allows_null=self._allows_null()))
        return True

    def _note_ends(self, event: yaml.ScalarEvent) -> None:
        """Remember where a key ended, and a text in quotes that goes over several lines."""
        if event.start_mark is None or event.end_mark is None:
            return
        if event.style in {'"', "'"} and event.end_mark.line > event.start_mark.line:
            self._open_text = event
        if self._frames and self._frames[-1].key is None:
            self._frames[-1].key_ends = Position(event.end_mark.line + 1, event.end_mark.column + 1)

    def _allows_null(self) -> bool:
        if not self._allow_null or not self._frames:
            return False
        frame = self._frames[-1]
        return frame.allows_null or (frame.key is not None and frame.key.text in _NULL_PARENTS)

    def _resolve(self, event: yaml.ScalarEvent) -> Scalar:
        text, at = event.value, _place(event)
        if not event.implicit[0]:
            return self._resolve_marked(event, at)
        if text in {"true", "false"}:
            return Scalar(kind="boolean", text=text, at=at)
        if _NUMBER.fullmatch(text):
            return self._resolve_number(text, at)
        if _NULL.fullmatch(text):
            return self._resolve_null(text, at)
        for pattern, found in _REFUSED_NUMBERS:
            if pattern.fullmatch(text):
                sentence = f"“{text}” is {found}; only plain decimals are numbers here."
                self._complaints.add("number-notation", at, sentence)
                return Scalar(kind="refused", text=text, at=at)
        return Scalar(kind="word", text=text, at=at)

    def _resolve_marked(self, event: yaml.ScalarEvent, at: Position) -> Scalar:
        """Return a text in quotes or a block; “>3” opens a block in YAML, “!NL” is a tag without a value."""
        slip = find_comparison(self._lines, at) if event.style == ">" and not event.value.strip() else None
        if slip is not None:
            self._complaints.add("yaml-syntax", slip.at, slip.found, slip.hint)
        if slip is not None or event.tag is not None:
            return Scalar(kind="refused", text=event.tag or event.value, at=at)
        return Scalar(kind="word", text=event.value, is_quoted=True, at=at)

    def _resolve_number(self, text: str, at: Position) -> Scalar:
        if len(text) > LONGEST_NUMBER:
            found = f"A number of {len(text)} characters stands here; {LONGEST_NUMBER} are the most."
            self._complaints.add("number-out-of-range", at, found)
            return Scalar(kind="refused", text="0", at=at)
        return Scalar(kind="number", text=text, at=at)

    def _resolve_null(self, text: str, at: Position) -> Scalar:
        is_key = bool(self._frames) and self._frames[-1].is_mapping and self._frames[-1].key is None
        if self._allows_null() and not is_key:
            return Scalar(kind="null", text=text, at=at)
        self._complaints.add("null-value", at, *self._describe_null(text, at, is_key=is_key))
        return Scalar(kind="refused", text=text, at=at)

    def _describe_null(self, text: str, at: Position, *, is_key: bool) -> tuple[str, str | None]:
        key = self._frames[-1].key if self._frames else None
        if text:
            hint = f'Take the key away; write {{is: missing}} for a fact that is not given, "{text}" for the word.'
            if key is None:
                hint = f'Take it away; in the row of a table, - leaves a key out; write "{text}" for the word.'
            return f"“{text}” stands for no value here; the language has no null.", hint
        if is_key:
            return "A key is missing here.", "Write the key before the colon."
        if key is None:
            return "An item of the list has no value.", "Write the value behind the dash, or take the dash away."
        found = f"A value is missing after “{key.text}:”."
        rest = self._lines[at.line - 1][at.column - 1 :] if at.line <= len(self._lines) else ""  # the end has a line
        if rest.lstrip().startswith("#"):
            return found, "A # begins a comment, which is not read; put a text that begins with # in quotes."
        if self._frames[-1].is_flow:
            return found, f"Write “{key.text}: value”, or take the key away."
        return found, "Write the value, or indent what belongs to it on the lines below by two spaces."

    def _deliver(self, node: Node) -> None:
        if not self._frames:
            self._root = node
            return
        frame = self._frames[-1]
        if not frame.is_mapping:
            frame.items.append(node)
        elif frame.key is None:
            frame.key = self._read_key(node, frame)
        elif _is_colonless(frame, node):
            self._refuse_colonless(frame, frame.key)
            frame.key = None
        else:
            self._add_entry(frame, frame.key, node)
            frame.key = None

    def _refuse_colonless(self, frame: _Frame, key: Scalar) -> None:
        """Complain of what stands between two commas in braces without a colon that counts: ``{a: 1,50, b:2}``."""
        self._complaints.withdraw("null-value", frame.key_ends)
        if pair := read_comparison(key.text) or read_pair(key.text):
            self._complaints.add("null-value", key, f"“{key.text}” has no colon that ends a key.", f"Write “{pair}”.")
            named = Scalar(kind="word", text=pair.partition(":")[0], at=key.at)
            frame.entries.append(Entry(key=named, value=Scalar(kind="refused", text=key.text, at=key.at)))
            return
        name, colon, value = key.text.partition(":")
        if colon:
            found = f"“{name}:” stands without a space after its colon, so it is no key."
            self._complaints.add("null-value", key, found, f"Write “{name}: {value}”.")
            frame.lines[name] = key.at.line
            refused = Scalar(kind="refused", text=value, at=key.at)
            frame.entries.append(Entry(key=Scalar(kind="word", text=name, at=key.at), value=refused))
            return
        before = frame.entries.pop() if frame.entries else None
        frame.is_whole = before is not None
        if before is None or not isinstance(before.value, Scalar):
            found = f"“{key.text}” is a key without a value."
            self._complaints.add("null-value", key, found, f"Write “{key.text}: value”; a text in braces needs quotes.")
            return
        self._complaints.add("null-value", key, *_describe_comma(before, before.value, key))
        frame.entries.append(Entry(key=before.key, value=Scalar(kind="refused", text="", at=before.value.at)))

    def _read_key(self, node: Node, frame: _Frame) -> Scalar:
        if not isinstance(node, Scalar):
            self._complaints.add("key-not-a-word", node.at, "A list or mapping stands as a key; a key is a word.")
            return Scalar(kind="refused", text="", at=node.at)
        if node.text == "<<" and not node.is_quoted:
            self._complaints.add("merge-key", node.at, "The merge key << stands here; it is not part of the language.")
            frame.is_whole = False
            return Scalar(kind="refused", text="<<", at=node.at)
        if hidden := HIDDEN.search(node.text):
            name = HIDDEN.sub("", node.text).strip()
            found = f"The key “{name}” holds a character that cannot be seen (U+{ord(hidden[0]):04X})."
            self._complaints.add("unreadable-character", node.at, found, f"Delete the key, and type “{name}” again.")
            return Scalar(kind="word", text=name, at=node.at)
        return node

    def _add_entry(self, frame: _Frame, key: Scalar, value: Node) -> None:
        if key.kind == "refused":
            return
        if key.text in frame.lines:
            self._refuse_double(frame, key, value)
            return
        frame.lines[key.text] = key.at.line
        frame.entries.append(Entry(key=key, value=value))

    def _refuse_double(self, frame: _Frame, key: Scalar, value: Node) -> None:
        """Complain of a second key; where an item's first key comes again, the dash of the next item is missing."""
        frame.doubles.append(Entry(key=key, value=value))
        if not frame.is_whole:
            return
        found = f"The key “{key.text}” stands here a second time; the first is on line {frame.lines[key.text]}."
        is_item = len(self._frames) > 1 and not self._frames[-2].is_mapping and not frame.is_flow
        hint = None
        if is_item and key.text == frame.entries[0].key.text:
            frame.is_whole = False
            shown = f" {value.text}" if isinstance(value, Scalar) else ""
            hint = f"If another item begins here, put its dash before it: “- {key.text}:{shown}”."
        self._complaints.add("duplicate-key", key.at, found, hint)


def _is_colonless(frame: _Frame, value: Node) -> bool:
    """Tell whether a key in braces has neither value nor colon."""
    is_nothing = isinstance(value, Scalar) and value.kind in {"refused", "null"} and not value.text
    return frame.is_flow and is_nothing and value.at == frame.key_ends


def _describe_comma(before: Entry, value: Scalar, after: Scalar) -> tuple[str, str]:
    """Say what a comma in braces did to a number, a list, or a text."""
    written = f"{value.text},{after.text}"
    found = f"In braces a comma ends a value: “{before.key.text}” ends at “{value.text}”, and “{after.text}” is no key."
    number = clean_number(written) if value.kind == "number" else None
    if number is not None:
        hint = f"Write “{before.key.text}: {number}”: a point before decimals, and nothing between thousands."
        return found, hint
    quoted = f'put the text in quotes: "{value.text}, {after.text}".'
    if " " in value.text or " " in after.text:
        return found, f"P{quoted[1:]}"
    return found, f"Write a list, {before.key.text}: [{value.text}, {after.text}]; or {quoted}"


def _events(text: str) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, Loader=_LOADER)


def _place(event: yaml.Event) -> Position:
    mark = event.start_mark
    if mark is None:
        return _START
    return Position(mark.line + 1, mark.column + 1)
