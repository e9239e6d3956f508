"""Where in a JSON text something stands that a decoder passes over or cannot place: slow, for refusals only."""

import json
from collections.abc import Callable, Iterator

import msgspec

_ESCAPED_COLONS = (b"\\u003a", b"\\u003A")

encode = msgspec.json.Encoder().encode


class _Object(list[tuple[str, object]]):
    """An object with all its keys, those that stand twice too."""


class _Digits(str):
    """A number as it is written."""

    __slots__ = ()


def may_repeat_keys(text: bytes, decoded: object) -> bool:
    """Tell quickly whether a key may stand twice in what was decoded; only `find_repeated_key` knows for sure.

    A decoder keeps the last of two, so written out again the document has fewer colons. Of ``decoded`` all that was
    sent must be written out: records with ``omit_defaults`` that refuse unknown keys.
    """
    return text.count(b":") != encode(decoded).count(b":") or any(colon in text for colon in _ESCAPED_COLONS)


def find_repeated_key(text: bytes) -> str | None:
    """Return the JSON pointer of the first key that stands twice in its object."""

    def find(node: object, pointer: str) -> str | None:
        seen: set[str] = set()
        for key, _ in node if isinstance(node, _Object) else ():
            if key in seen:
                return _join(pointer, key)
            seen.add(key)
        return None

    return _search(text, find)


def find_number(text: bytes, is_refused: Callable[[str], bool]) -> str | None:
    """Return the JSON pointer of the first number whose digits are refused; None also where the rest is no JSON."""

    def find(node: object, pointer: str) -> str | None:
        return pointer if isinstance(node, _Digits) and is_refused(node) else None

    return _search(text, find)


def _search(text: bytes, find: Callable[[object, str], str | None]) -> str | None:
    try:
        root = json.loads(text, object_pairs_hook=_Object, parse_int=_Digits, parse_float=_Digits)
    except (ValueError, RecursionError):  # what was refused stands before what the decoder did not come to
        return None
    return next((found for node, pointer in _walk(root, "") if (found := find(node, pointer)) is not None), None)


def _walk(node: object, pointer: str) -> Iterator[tuple[object, str]]:
    waiting = [(node, pointer)]
    while waiting:
        node, pointer = waiting.pop()
        yield node, pointer
        if isinstance(node, _Object):
            waiting += [(value, _join(pointer, key)) for key, value in reversed(node)]
        elif isinstance(node, list):
            waiting += [(value, f"{pointer}/{index}") for index, value in reversed(list(enumerate(node)))]


def _join(pointer: str, key: str) -> str:
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
