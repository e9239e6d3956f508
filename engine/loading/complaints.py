"""The collector of complaints about one file."""

import difflib
import itertools
from collections.abc import Callable, Iterable

from engine.loading.mistakes import MISTAKES, Mistake
from engine.loading.node import Mapping, Node, Scalar, Sequence, find
from engine.loading.slips import part_comment, translate
from engine.model.diagnostic import Diagnostic, Position, sort_by_place

MOST_COMPLAINTS = 1000


class TooManyComplaints(Exception):
    """The rest of the file is not checked, for nobody reads on and a hostile file must stay cheap."""


class Complaints:
    """Collects the diagnostics of one file; what is wrong in shape is not complained about again in meaning."""

    def __init__(self, file: str, known: dict[str, Mistake] = MISTAKES) -> None:
        self._file = file
        self._known = known
        self._found: dict[Diagnostic, None] = {}
        self._meant: set[tuple[int, str]] = set()
        self._named: dict[tuple[str, str], tuple[str | None, list[Scalar]]] = {}
        self._unsure: set[str] = set()

    @property
    def file(self) -> str:
        """The file that is complained about."""
        return self._file

    def add(self, code: str, where: Node | Position, message: str, hint: str | None = None) -> None:
        """Record a complaint at a node or place, unless the node is broken already."""
        if isinstance(where, Scalar | Mapping | Sequence):
            if self.is_broken(where):
                return
            if isinstance(where, Scalar) and not where.is_quoted and (parted := part_comment(where.text)):
                message = f"“{where.text}” is read as one value, for no space stands before its #."
                hint = f"A comment needs a space before its #: “{parted}”."
            where = where.at
        self._record(code, where, message, hint)
        self._refuse_too_many()

    def _record(self, code: str, where: Position, message: str, hint: str | None) -> None:
        diagnostic = Diagnostic(
            code=code,
            file=self._file,
            line=where.line,
            column=where.column,
            message=message,
            hint=hint if hint is not None else self._known[code].mend,
        )
        self._found[diagnostic] = None

    def _refuse_too_many(self) -> None:
        if len(self._found) + len(self._named) >= MOST_COMPLAINTS:
            raise TooManyComplaints

    def add_once(self, code: str, where: Scalar, message: str, find_hint: Callable[[], str | None]) -> None:
        """Record a complaint about a name at its first place only, with the lines where it stands again."""
        if self.is_broken(where) or where.text in self._unsure:
            return
        if (code, message) not in self._named:  # what was meant is looked for once
            self._named[code, message] = (find_hint(), [])
        self._named[code, message][1].append(where)
        self._refuse_too_many()

    def expect_names(self, names: Iterable[str]) -> None:
        """Do not complain of these names: their declarations were complained about."""
        self._unsure |= set(names)

    def withdraw(self, code: str, at: Position | None = None) -> None:
        """Take back the complaints of a code, or those at one place, once a better one is known."""
        for each in list(self._found):
            if each.code == code and (at is None or (each.line, each.column) == (at.line, at.column)):
                del self._found[each]

    def mark_meant(self, node: Node, key: str) -> None:
        """Remember that a mapping has a key under another spelling, so that nobody misses it as well."""
        self._meant.add((id(node), key))

    def is_lacking(self, node: Node | None, key: str) -> bool:
        """Tell whether a mapping surely lacks a key: none of its spelling, no other meant, nothing left out."""
        is_sure = isinstance(node, Mapping) and node.is_whole and not self.is_broken(node)
        return is_sure and find(node, key) is None and (id(node), key) not in self._meant

    def is_broken(self, node: Node) -> bool:
        """Tell whether the parser complained about a node already."""
        return isinstance(node, Scalar) and node.kind == "refused"

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """The diagnostics so far, by place, each once."""
        for (code, message), (hint, places) in self._named.items():
            lines = sorted({each.at.line for each in places})[1:]
            first = min(places, key=lambda each: each.at)
            more = len(lines) - _MOST_LINES
            told = [*map(str, lines[:_MOST_LINES]), *([f"{more} more"] if more > 0 else [])]
            again = f" It stands on line {list_words(told, 'and')} too." if told else ""
            self._record(code, first.at, f"{message}{again}", hint)
        self._named.clear()
        return sort_by_place(list(self._found))


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return ``Did you mean “…”?`` for the known word that is likely meant, if one is."""
    meant = find_meant(word, known)
    return None if meant is None else f"Did you mean “{meant}”?"


def find_meant(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that another was likely meant to be: written alike, cut short, or called otherwise."""
    names = list(itertools.islice(known, _MOST_COMPARED + 1))
    if len(names) > _MOST_COMPARED:  # a hostile file must stay cheap
        return None
    folded = {_fold(name): name for name in names}
    plain = _fold(word[:_LONGEST_NAME])
    if plain in folded:
        return folded[plain]
    if called := [name for name in translate(plain) if name in names]:
        return called[0]
    longer = [name for name in folded if len(plain) >= _SHORTEST_STEM and name.startswith(plain)]
    if len(longer) == 1:
        return folded[longer[0]]
    near = difflib.get_close_matches(plain, folded, n=_NEAREST, cutoff=_ALIKE)
    near = [name for name in near if name[:1] == plain[:1] or _likeness(plain, name) >= _VERY_ALIKE]
    best = max(near, key=lambda name: _nearness(plain, name), default=None)
    return None if best is None else folded[best]


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")


def _likeness(word: str, name: str) -> float:
    return difflib.SequenceMatcher(None, word, name).ratio()


def _nearness(word: str, name: str) -> tuple[float, int]:
    """Rank alike names by what they begin with, for people err later in a word."""
    shared = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(word, name, strict=False))
    return round(_likeness(word, name), 1), len(list(shared))


def list_words(words: Iterable[str], conjunction: str = "or") -> str:
    """Return the words as one phrase: ``a, b or c``."""
    names = list(words)
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


_LONGEST_NAME = 80
_MOST_COMPARED = 1000
_MOST_LINES = 10
_SHORTEST_STEM = 2
_NEAREST = 5
_ALIKE = 0.6
_VERY_ALIKE = 0.75
