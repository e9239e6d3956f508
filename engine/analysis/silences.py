"""Findings silenced in place: ``# dunning: ignore CODE reason`` on the line, or on lines of comments right above it."""

import re
from collections.abc import Iterator

import msgspec

from engine.model.diagnostic import Position

_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*dunning:\s*ignore\b[ \t]*(?P<code>[A-Za-z0-9-]*)[ \t]*(?P<reason>.*)$")
_ONLY_COMMENT = re.compile(r"\s*#")


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """One comment; ``line`` is the line whose findings it silences."""

    code: str
    reason: str
    line: int
    at: Position


def read_silences(text: str) -> Iterator[Silence]:
    """Yield the comments of a text that silence something."""
    lines = text.splitlines()
    for number, written in enumerate(lines, start=1):
        match = _COMMENT.search(written)
        if match is not None:
            at = Position(number, match.start() + 1)
            target = _line_below(lines, number) if _ONLY_COMMENT.match(written) else number
            yield Silence(code=match["code"], reason=match["reason"].strip(), line=target, at=at)


def _line_below(lines: list[str], number: int) -> int:
    """Return the first line below that is not only a comment."""
    below = (later for later in range(number + 1, len(lines) + 1) if not _ONLY_COMMENT.match(lines[later - 1]))
    return next(below, number)
