"""Where the parts of a ruleset's text stand that its records give no position."""

from functools import cached_property
from typing import Any

import yaml

from engine.model.diagnostic import Position

_START = Position(1, 1)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Places:
    """The keys of a text that has been read without complaint."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _root(self) -> yaml.Node | None:
        return yaml.compose(self._text, Loader=_LOADER)

    def find(self, *path: str) -> Position | None:
        """Return where the key at a path of keys stands, or None."""
        node, place = self._root, None
        for name in path:
            entry = _entry(node, name)
            if entry is None:
                return None
            place, node = _position(entry[0]), entry[1]
        return place

    def find_near(self, *path: str) -> Position:
        """Return where the key stands, or the nearest key above it, or the file's beginning."""
        for length in range(len(path), 0, -1):
            found = self.find(*path[:length])
            if found is not None:
                return found
        return _START

    def keys(self, *path: str) -> dict[str, Position]:
        """Return the keys of the mapping at a path, each with its place."""
        node = self._root
        for name in path:
            entry = _entry(node, name)
            node = entry[1] if entry is not None else None
        if not isinstance(node, yaml.MappingNode):
            return {}
        return {key.value: _position(key) for key, _ in node.value}


def _entry(node: yaml.Node | None, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next(((key, value) for key, value in node.value if key.value == name), None)


def _position(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
