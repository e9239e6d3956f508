"""Strict YAML: text to nodes with places, or complaints (language.md section 2)."""

import contextlib
import re
from collections.abc import Iterator

import msgspec
import yaml

from engine.loading.complaints import Complaints, TooManyComplaints
from engine.loading.node import Entry, Mapping, Node, Scalar, Sequence
from engine.loading.yamlerrors import describe_syntax_error
from engine.model.diagnostic import Diagnostic, Position

LARGEST_FILE = 1024 * 1024
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
# What YAML forbids, and the three line separators that YAML 1.1 counts as new lines and editors do not.
_UNREADABLE = re.compile("[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """The root node where one could be read, and every complaint; with complaints the node is only partly right."""

    node: Node | None
    diagnostics: tuple[Diagnostic, ...]


def parse_yaml(text: bytes | str, file: str, *, allow_null: bool = False) -> Parsed:
    """Read one strict YAML document; ``allow_null`` lets null stand under ``with`` and ``expect``, as suites need."""
    complaints = Complaints(file)
    node = None
    with contextlib.suppress(TooManyComplaints):
        decoded = _decode(text, complaints)
        node = None if decoded is None else _Composer(complaints, allow_null=allow_null).compose(decoded)
    return Parsed(node=node, diagnostics=complaints.found)


def _decode(text: bytes | str, complaints: Complaints) -> str | None:
    """Return the text with plain line ends and without tabs, or None where it cannot be read at all."""
    size = len(text) if isinstance(text, bytes) else len(text.encode(errors="surrogatepass"))
    if size > LARGEST_FILE:
        complaints.add("file-too-large", _START, f"The file has {size:,} bytes; 1 MiB (1,048,576) is the most.")
        return None
    decoded = text if isinstance(text, str) else _decode_utf8(text, complaints)
    if decoded is None:
        return None
    text = _plain_lines(decoded.removeprefix("\ufeff"))
    if unreadable := _UNREADABLE.search(text):
        found = f"The character U+{ord(unreadable[0]):04X} cannot stand in a ruleset."
        complaints.add("unreadable-character", _position_after(text[: unreadable.start()]), found)
        return None
    return _refuse_tabs(text, complaints)


def _decode_utf8(text: bytes, complaints: Complaints) -> str | None:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8").removeprefix("\ufeff")
        found = f"The byte {text[error.start]:#04x} is not UTF-8."
        complaints.add("not-utf8", _position_after(_plain_lines(before)), found)
        return None


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _position_after(text: str) -> Position:
    return Position(text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1)


def _refuse_tabs(text: str, complaints: Complaints) -> str:
    """Complain of the first tab of each line, and put a space in its place so that the rest can be read."""
    if "\t" not in text:
        return text
    for number, line in enumerate(text.split("\n"), start=1):
        if "\t" in line:
            place = Position(number, line.index("\t") + 1)
            complaints.add("tab", place, "A tab stands here; YAML is indented by spaces.")
    return text.replace("\t", " ")


class _Frame:
    """A collection that is being read."""

    def __init__(self, at: Position, *, is_mapping: bool, allows_null: bool) -> None:
        self.at = at
        self.is_mapping = is_mapping
        self.allows_null = allows_null
        self.key: Scalar | None = None
        self.keys: set[str] = set()
        self.entries: list[Entry] = []
        self.items: list[Node] = []

    def close(self) -> Node:
        if self.is_mapping:
            return Mapping(entries=tuple(self.entries), at=self.at)
        return Sequence(items=tuple(self.items), at=self.at)


class _Composer:
    """Turns the parser's events into nodes; events, not PyYAML's own nodes, so that nothing is expanded or recursed."""

    def __init__(self, complaints: Complaints, *, allow_null: bool) -> None:
        self._complaints = complaints
        self._allow_null = allow_null
        self._frames: list[_Frame] = []
        self._root: Node | None = None

    def compose(self, text: str) -> Node | None:
        """Return the root as far as the text can be read."""
        try:
            for event in _events(text):
                if not self._take(event):
                    return None
        except yaml.MarkedYAMLError as error:
            mark, found, hint = describe_syntax_error(error, text)
            self._complaints.add("yaml-syntax", Position(mark[0], mark[1]), found, hint)
            return None
        if self._root is None and not self._complaints.found:
            self._complaints.add("empty-file", _START, "The file holds no document.")
        return self._root

    def _take(self, event: yaml.Event) -> bool:
        """Take one event; False ends the reading."""
        if isinstance(event, yaml.DocumentStartEvent):
            return self._start_document(event)
        if isinstance(event, yaml.NodeEvent):
            self._refuse_marks(event)
        if isinstance(event, yaml.ScalarEvent):
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
        if tag is not None:
            written = str(tag).replace("tag:yaml.org,2002:", "!!")
            found = f"The tag {written} stands here; tags are not part of the language."
            self._complaints.add("tag", _place(event), found)

    def _open(self, event: yaml.CollectionStartEvent) -> bool:
        if len(self._frames) >= DEEPEST_NESTING:
            self._complaints.add("too-deep", _place(event), f"This is nested more than {DEEPEST_NESTING} levels deep.")
            return False
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self._frames.append(_Frame(_place(event), is_mapping=is_mapping, allows_null=self._allows_null()))
        return True

    def _allows_null(self) -> bool:
        if not self._allow_null or not self._frames:
            return False
        frame = self._frames[-1]
        return frame.allows_null or (frame.key is not None and frame.key.text in _NULL_PARENTS)

    def _resolve(self, event: yaml.ScalarEvent) -> Scalar:
        text, at = event.value, _place(event)
        if not event.implicit[0]:
            return Scalar(kind="word", text=text, is_quoted=True, at=at)
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
        found = f"“{text}” stands for no value" if text else ("A key is missing" if is_key else "A value is missing")
        self._complaints.add("null-value", at, f"{found} here; the language has no null.")
        return Scalar(kind="refused", text=text, at=at)

    def _deliver(self, node: Node) -> None:
        if not self._frames:
            self._root = node
            return
        frame = self._frames[-1]
        if not frame.is_mapping:
            frame.items.append(node)
        elif frame.key is None:
            frame.key = self._read_key(node)
        else:
            self._add_entry(frame, frame.key, node)
            frame.key = None

    def _read_key(self, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self._complaints.add("key-not-a-word", node.at, "A list or mapping stands as a key; a key is a word.")
            return Scalar(kind="refused", text="", at=node.at)
        if node.text == "<<" and not node.is_quoted:
            self._complaints.add("merge-key", node.at, "The merge key << stands here; it is not part of the language.")
            return Scalar(kind="refused", text="<<", at=node.at)
        return node

    def _add_entry(self, frame: _Frame, key: Scalar, value: Node) -> None:
        if key.kind == "refused":
            return
        if key.text in frame.keys:
            first = next(entry.key.at.line for entry in frame.entries if entry.key.text == key.text)
            found = f"The key “{key.text}” stands here a second time; the first is on line {first}."
            self._complaints.add("duplicate-key", key.at, found)
            return
        frame.keys.add(key.text)
        frame.entries.append(Entry(key=key, value=value))


def _events(text: str) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, Loader=_LOADER)


def _place(event: yaml.Event) -> Position:
    mark = event.start_mark
    if mark is None:
        return _START
    return Position(mark.line + 1, mark.column + 1)
