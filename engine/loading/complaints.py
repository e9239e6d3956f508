"""The collector of complaints about one file."""

import difflib
import itertools
from collections.abc import Iterable

from engine.loading.codes import CODES
from engine.loading.node import Mapping, Node, Scalar, Sequence
from engine.model.diagnostic import Diagnostic, Position, sort_by_place

MOST_COMPLAINTS = 1000


class TooManyComplaints(Exception):
    """The rest of the file is not checked, for nobody reads on and a hostile file must stay cheap."""


class Complaints:
    """Collects the diagnostics of one file; what is wrong in shape is not complained about again in meaning."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: dict[Diagnostic, None] = {}
        self._broken: set[int] = set()

    def add(self, code: str, where: Node | Position, message: str, hint: str | None = None) -> None:
        """Record a complaint at a node or place, unless the node is broken already."""
        if isinstance(where, Scalar | Mapping | Sequence):
            if self.is_broken(where):
                return
            where = where.at
        if code not in CODES:
            raise KeyError(code)
        diagnostic = Diagnostic(
            code=code,
            file=self._file,
            line=where.line,
            column=where.column,
            message=message,
            hint=hint if hint is not None else CODES[code].mend,
        )
        self._found[diagnostic] = None
        if len(self._found) >= MOST_COMPLAINTS:
            raise TooManyComplaints

    def mark_broken(self, node: Node) -> None:
        """Remember that a node has a wrong shape: the caller keeps it alive as long as this collector."""
        self._broken.add(id(node))

    def is_broken(self, node: Node) -> bool:
        """Tell whether a node was complained about before its meaning was read."""
        return id(node) in self._broken or (isinstance(node, Scalar) and node.kind == "refused")

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """The diagnostics so far, by place, each once."""
        return sort_by_place(list(self._found))


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return ``Did you mean “…”?`` for the nearest known word, if one is near."""
    names = list(known)
    folded = {name.casefold().replace("-", "_").replace(" ", "_"): name for name in names}
    plain = word.casefold().replace("-", "_").replace(" ", "_")
    if plain in folded:
        return f"Did you mean “{folded[plain]}”?"
    near = difflib.get_close_matches(plain[:_LONGEST_NAME], folded, n=_NEAREST, cutoff=0.6)
    best = max(near, key=lambda name: _nearness(plain, name), default=None)
    return None if best is None else f"Did you mean “{folded[best]}”?"


def _nearness(word: str, name: str) -> tuple[float, int]:
    """Rank alike names by what they begin with, for people err later in a word."""
    alike = difflib.SequenceMatcher(None, word, name).ratio()
    shared = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(word, name, strict=False))
    return round(alike, 1), len(list(shared))


def list_words(words: Iterable[str], conjunction: str = "or") -> str:
    """Return the words as one phrase: ``a, b or c``."""
    names = list(words)
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


_LONGEST_NAME = 80
_NEAREST = 5
