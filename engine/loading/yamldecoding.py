"""Bytes to text: UTF-8, plain line ends, and no character that looks like another."""

import re

from engine.loading.complaints import Complaints
from engine.loading.yamlslips import find_hidden_indent
from engine.model.diagnostic import Position

LARGEST_FILE = 1024 * 1024

_START = Position(1, 1)
# What YAML forbids, and the three line separators that YAML 1.1 counts as new lines and editors do not.
_UNREADABLE = re.compile("[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def decode(text: bytes | str, complaints: Complaints) -> str | None:
    """Return the text with plain line ends and without tabs, or None where nothing sure can be read from it."""
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
        found, hint = _describe_bytes(text, error.start)
        complaints.add("not-utf8", _position_after(_plain_lines(before)), found, hint)
        return None


def _describe_bytes(text: bytes, place: int) -> tuple[str, str]:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "The file is saved as UTF-16, which Windows programs call “Unicode”.", "Save the file as UTF-8."
    meant = text[place : place + 1].decode("cp1252", errors="replace")
    hint = f"Save the file as UTF-8, and look whether this character is still what you wrote (“{meant}”?)."
    return f"The file is not saved as UTF-8: the byte {text[place]:#04x} is no character of it.", hint


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _position_after(text: str) -> Position:
    return Position(text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1)


def _refuse_tabs(text: str, complaints: Complaints) -> str | None:
    """Complain of the first tab; None where tabs or their like stand for indentation, which says nothing then."""
    lines = text.split("\n")
    hidden = find_hidden_indent(lines)
    if hidden is not None:
        found = "What stands before this key looks like spaces, or like nothing, and is neither."
        complaints.add("unreadable-character", hidden, found, "Delete it, and indent the line with the space bar.")
        return None
    places = [Position(number, line.index("\t") + 1) for number, line in enumerate(lines, start=1) if "\t" in line]
    if not places:
        return text
    more = len(places) - 1
    elsewhere = f", and on {more} more line{'' if more == 1 else 's'}" if more else ""
    found = f"A tab stands here{elsewhere}; YAML is indented by spaces."
    complaints.add("tab", places[0], found)
    indents = any(not line[: line.find("\t")].strip() for line in lines if "\t" in line)
    return None if indents else text.replace("\t", " ")
