"""Where the keys of a file stand."""

import msgspec

from engine.model.diagnostic import Position

_START = Position(1, 1)


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """The position of each key, by the path of keys that leads to it."""

    by_path: dict[tuple[str, ...], Position] = {}

    def find(self, *path: str) -> Position | None:
        """Return where the key at a path of keys stands, or None."""
        return self.by_path.get(path)

    def find_near(self, *path: str) -> Position:
        """Return where the key stands, or the nearest key above it, or the file's beginning."""
        found = (self.by_path.get(path[:length]) for length in range(len(path), 0, -1))
        return next((place for place in found if place is not None), _START)

    def below(self, *path: str) -> dict[str, Position]:
        """Return the keys of the mapping at a path, each with its place."""
        depth = len(path)
        return {each[-1]: at for each, at in self.by_path.items() if len(each) == depth + 1 and each[:depth] == path}
