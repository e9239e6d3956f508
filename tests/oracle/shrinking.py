"""Makes a failing random case small before it is shown: whatever it fails without goes."""

import functools
import operator
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[str | int, ...]


def shrink(document: Any, is_failing: Callable[[Any], bool]) -> Any:
    """Return a document that still fails, of which no part can be left out, nor one part stand for what holds it.

    Larger parts are tried first, so that a document of hundreds of parts takes about as many tries as it keeps parts.
    """
    before = None
    while document != before:
        before = document
        depth = 1
        while paths := [path for path in _list_paths(document) if len(path) == depth]:
            for path in reversed(paths):  # from the end, so that the places before it stay what they are
                document = next(filter(is_failing, _reduce(document, path)), document)
            depth += 1
    return document


def _list_paths(document: Any, path: Path = ()) -> Iterator[Path]:
    for key, value in _items_of(document):
        yield (*path, key)
        yield from _list_paths(value, (*path, key))


def _items_of(document: Any) -> list[tuple[str | int, Any]]:
    if isinstance(document, dict):
        return list(document.items())
    return list(enumerate(document)) if isinstance(document, list) else []


def _reduce(document: Any, path: Path) -> Iterator[Any]:
    """Yield the document without a part, then with a part of the same kind that it holds in its place."""
    yield _replace(document, path, [])
    value = functools.reduce(operator.getitem, path, document)
    for _, inner in _items_of(value):
        candidates = [inner, *(part for _, part in _items_of(inner))]
        yield from (_replace(document, path, [part]) for part in candidates if type(part) is type(value))


def _replace(document: Any, path: Path, values: list[Any]) -> Any:
    """Return the document with no value or another one at a path."""
    first, *rest = path
    inner = values if not rest else [_replace(document[first], tuple(rest), values)]
    parts = [(key, new) for key, part in _items_of(document) for new in (inner if key == first else [part])]
    return dict(parts) if isinstance(document, dict) else [part for _, part in parts]
