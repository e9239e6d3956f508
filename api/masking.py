"""Hiding what must not be seen of logged decisions: a value that is masked is hidden wherever it stands."""

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from engine.model.exactjson import FREE_JSON
from store.decisionrecords import LoggedDecision

MASKED = "***"
MASKABLE = ("account_id", "answer", "input", "related")
_Path = tuple[str, ...]
# Where the columns of a decision, and so its line, have their values from: whoever masks one hides the other.
_SOURCES: dict[str, tuple[_Path, ...]] = {
    "account_id": (("answer", "account_id"), ("input", "account", "id")),
    "track": (("answer", "track"), ("input", "options", "track")),
    "as_of": (("answer", "as_of"), ("input", "options", "as_of")),
    "outcome": (("answer", "outcome"),),
    "ruleset": (("answer", "ruleset", "id"),),
    "version": (("answer", "ruleset", "version"),),
    "digest": (("answer", "ruleset", "digest"),),
    "rule": (("answer", "rule", "id"),),
    "action": (("answer", "action", "type"),),
    "channel": (("answer", "action", "channel"),),
}
_ACCOUNTS: tuple[_Path, ...] = (
    ("answer", "account_id"),
    ("input", "account", "id"),
    ("input", "account", "party"),
    ("input", "history", "account"),
    ("related", "account"),
)
_FACTS = ("input", "account")
_SAID = ("account_id", "track", "ruleset_id", "version", "digest", "rule", "outcome", "action", "channel")
_SMALL = re.compile(r"-?\d{1,2}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_WORD = re.compile(r"[\w@+-]+(?:[.:/][\w@+-]+)*")


class MaskInvalid(ValueError):
    """A mask names nothing that an export holds."""


class Masks:
    """Which fields are hidden: dotted paths such as `input.account.invoices`, which go through every item of a list.

    A masked account is given a name that is the same throughout the export and tells nothing outside of it.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = [tuple(path.split(".")) for path in paths]
        self._secret = secrets.token_bytes(16)
        for path in self._paths:
            if path[0] not in MASKABLE or not all(path) or (path[0] == "account_id" and len(path) > 1):
                raise MaskInvalid(f"{'.'.join(path)!r}: a mask begins with {', '.join(MASKABLE)}")
        self.columns = frozenset(name for name, sources in _SOURCES.items() if self._names(name, sources))
        if self.hides_accounts:
            self._paths += _ACCOUNTS

    @property
    def hides_accounts(self) -> bool:
        """Whether accounts go by other names."""
        return "account_id" in self.columns

    @property
    def hides_lines(self) -> bool:
        """Whether lines of decisions are left out, for they say what is masked."""
        return bool(self.columns)

    def name_account(self, account_id: str) -> str:
        """Name an account as this export does."""
        if not self.hides_accounts:
            return account_id
        return f"account-{hashlib.blake2b(account_id.encode(), key=self._secret, digest_size=8).hexdigest()}"

    def of(self, decision: LoggedDecision) -> "Veil":
        """Find out what is hidden of a decision."""
        return Veil(self._paths, decision)

    def __bool__(self) -> bool:
        return bool(self._paths)

    def __str__(self) -> str:
        return ", ".join(".".join(path) for path in self._paths)

    def _names(self, column: str, sources: Sequence[_Path]) -> bool:
        """Whether a column is masked; what every line says stays where a whole text is masked."""
        return (column,) in self._paths or any(
            source[: len(path)] == path for source in sources for path in self._paths if len(path) > 1
        )


class Veil:
    """What is hidden of one decision: fields, and the values in them wherever else they stand.

    Numbers are the same however they are written. What is too short to be known again (`true`, 2) is known in an
    explanation by the name of its fact. Where a whole text is masked, what the decision's line says stays.
    """

    def __init__(self, paths: Sequence[_Path], decision: LoggedDecision) -> None:
        self._paths = paths
        self._values: set[str] = set()
        self._phrases: list[str] = []
        self._facts: set[str] = set()
        texts = {name: getattr(decision, name) for name in ("answer", "input", "related")}
        documents = {name: FREE_JSON.decode(text) for name, text in texts.items() if text is not None and paths}
        said = {str(getattr(decision, name)) for name in _SAID}
        for path in paths:
            for part in (
                ((*path, "account"), (*path, "history"), (*path, "outcomes")) if path == ("input",) else (path,)
            ):
                found = [*_find(documents.get(part[0]), part[1:])]
                self._facts.update(_name_facts(found, part))
                leaves = {_write(leaf) for each in found for leaf in _leaves(each)}
                self._values |= {each for each in leaves if _is_telling(each)} - (said if len(path) == 1 else set())
        self._phrases = sorted((each for each in self._values if not _WORD.fullmatch(each)), key=len, reverse=True)

    def hide(self, column: str, text: bytes | None) -> str | None:
        """Hide what must not be seen of a JSON text."""
        if text is None:
            return None
        if (column,) in self._paths:
            return MASKED
        if not self._paths:
            return text.decode()
        document = FREE_JSON.decode(text)
        for path in self._paths:
            if path[0] == column:
                _hide(document, path[1:])
        return _ENCODER.encode(self._scrub(document)).decode()

    def _scrub(self, document: object) -> object:
        """Hide the values of masked fields wherever they stand."""
        match document:
            case dict():
                is_fact = document.get("fact") in self._facts
                hidden = {"value": MASKED} if is_fact and "value" in document else {}
                return {name: self._scrub(each) for name, each in document.items()} | hidden
            case list():
                return [self._scrub(each) for each in document]
            case str() | int() | Decimal() if not isinstance(document, bool):
                return self._scrub_leaf(document)
            case _:
                return document

    def _scrub_leaf(self, leaf: str | float | Decimal) -> object:
        if _write(leaf) in self._values:
            return MASKED
        if not isinstance(leaf, str) or " " not in leaf:
            return leaf
        for phrase in self._phrases:
            leaf = leaf.replace(phrase, MASKED)
        return _WORD.sub(lambda word: MASKED if _write(word[0]) in self._values else word[0], leaf)


def _find(document: object, path: _Path) -> Iterator[object]:
    """Find what a path leads to."""
    if isinstance(document, list) and path:
        for item in document:
            yield from _find(item, path)
    elif not path:
        yield from () if document is None else (document,)
    elif isinstance(document, dict) and path[0] in document:
        yield from _find(document[path[0]], path[1:])


def _leaves(value: object) -> Iterator[str | int | Decimal]:
    """Find the texts and numbers in a value."""
    match value:
        case dict():
            for each in value.values():
                yield from _leaves(each)
        case list():
            for each in value:
                yield from _leaves(each)
        case str() | int() | Decimal() if not isinstance(value, bool):
            yield value


def _write(leaf: str | float | Decimal) -> str:
    """Write a text or a number so that equal ones are the same: 640, 640.0 and "640.00"."""
    text = str(leaf)
    return f"{Decimal(text).normalize():f}" if _NUMBER.fullmatch(text) else text


def _is_telling(text: str) -> bool:
    """Whether a value is known again by itself; hiding every 2 would only tell that the masked value is one."""
    return bool(text) and not _SMALL.fullmatch(text)


def _name_facts(found: Sequence[object], path: _Path) -> Iterator[str]:
    """Name the facts that a masked path holds."""
    if path[:2] == _FACTS and len(path) > len(_FACTS):
        yield path[2]
    for each in found:
        if path == _FACTS and isinstance(each, dict):
            yield from each


def _hide(document: object, path: _Path) -> None:
    """Replace what a path leads to."""
    if isinstance(document, list):
        for item in document:
            _hide(item, path)
    elif isinstance(document, dict) and path[0] in document:
        if len(path) == 1:
            document[path[0]] = MASKED
        else:
            _hide(document[path[0]], path[1:])


_ENCODER = msgspec.json.Encoder(decimal_format="number")
