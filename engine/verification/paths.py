"""The parts of a decision that a suite may name, and the words each can be (language.md 9.1)."""

from collections.abc import Iterable

import msgspec
from msgspec import inspect

from engine.evaluation.choosing import INTEREST_UNKNOWN
from engine.loading.complaints import Complaints, list_words, suggest
from engine.loading.grammar.expect import OUTCOMES, SHORT_NAMES
from engine.loading.node import Mapping, Node, Scalar, Sequence, describe
from engine.model.decision import Decision, Money, WorkedMoney
from engine.model.ruleset import Ruleset
from engine.model.vocabulary import ACTIONS, CHANNELS

_DECISION = inspect.type_info(Decision)
_CONTAINERS = (inspect.StructType, inspect.DictType, inspect.VarTupleType, inspect.AnyType)


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one ruleset that a decision may carry."""

    ruleset: str
    rules: tuple[str, ...]
    blocks: tuple[str, ...]
    experiments: tuple[str, ...]


def names_of(ruleset: Ruleset) -> Names:
    """Return the rules, blocks and experiments of a ruleset."""
    edition = next(iter(ruleset.editions.values()))
    return Names(
        ruleset=ruleset.id,
        rules=tuple(rule.id for rule in edition.rules),
        blocks=(*(block.id for block in edition.blocks), INTEREST_UNKNOWN),
        experiments=tuple(experiment.id for experiment in ruleset.experiments),
    )


def resolve(key: Scalar, value: Node, names: Names, complaints: Complaints) -> tuple[str, ...] | None:
    """Return the path that a key of ``expect`` means, or None where it or its value can be in no decision."""
    is_whole = isinstance(value, Mapping) and "." not in key.text
    path = tuple(key.text.split(".")) if is_whole else SHORT_NAMES.get(key.text, tuple(key.text.split(".")))
    found = _walk(path)
    if found is None:
        known = [*SHORT_NAMES, *_fields_of(_DECISION), *_known_beside(path)]
        message = f"“{key.text}” is no part of a decision."
        complaints.add("unknown-path", key, message, suggest(key.text, known))
        return None
    if path[0] == "variants" and path[1:] and path[1] not in names.experiments:
        message = f"“{path[1]}” is no experiment of {names.ruleset}."
        complaints.add("unknown-experiment", key, message, suggest(path[1], names.experiments))
        return None
    if _is_money(found) and isinstance(value, Scalar):
        return path if value.kind == "null" else (*path, "amount")
    return path if _is_fitting(path, found, value, names, complaints) else None


def _is_fitting(path: tuple[str, ...], part: inspect.Type, value: Node, names: Names, complaints: Complaints) -> bool:
    """Tell whether the value, and all that is in it, could come out."""
    if isinstance(value, Mapping):
        return _is_mapping_fitting(path, part, value, names, complaints)
    if isinstance(value, Sequence):
        if not isinstance(part, inspect.VarTupleType | inspect.AnyType):
            complaints.add("wrong-type", value, f"{'.'.join(path)} is not a list; found {describe(value)}.")
            return False
        items = enumerate(value.items)
        fits = [_is_fitting((*path, str(i)), _below(part, "0") or part, item, names, complaints) for i, item in items]
        return all(fits)
    if value.kind == "refused" or _is_money(part):
        return value.kind != "refused"
    if isinstance(part, _CONTAINERS) and not isinstance(part, inspect.AnyType) and value.kind != "null":
        whole = ".".join(path)
        known = [f"{whole}.{name}" for name in _fields_of(part)[:4]]
        hint = f"Name one of them, such as {list_words(known)}." if known else None
        complaints.add("wrong-type", value, f"{whole} has parts of its own; found {describe(value)}.", hint)
        return False
    return value.kind == "null" or _is_known_word(path, value, names, complaints)


def _is_money(part: inspect.Type) -> bool:
    """Tell whether the part is money, for which its amount may be written."""
    return isinstance(part, inspect.StructType) and part.cls in {Money, WorkedMoney}


def _is_mapping_fitting(
    path: tuple[str, ...], part: inspect.Type, value: Mapping, names: Names, complaints: Complaints
) -> bool:
    if not isinstance(part, inspect.StructType | inspect.DictType | inspect.AnyType):
        complaints.add("wrong-type", value, f"{'.'.join(path)} has no parts; found a mapping.")
        return False
    fitting = True
    for entry in value.entries:
        below = _below(part, entry.key.text)
        if below is None:
            message = f"“{entry.key.text}” is no part of {'.'.join(path)}."
            complaints.add("unknown-path", entry.key, message, suggest(entry.key.text, _fields_of(part)))
            fitting = False
        elif not _is_fitting((*path, entry.key.text), below, entry.value, names, complaints):
            fitting = False
    return fitting


def _is_known_word(path: tuple[str, ...], value: Scalar, names: Names, complaints: Complaints) -> bool:
    closed = _words_at(path, names)
    if closed is None or value.text in closed[1]:
        return True
    code, known, what = closed
    hint = suggest(value.text, known) or (f"It can be {list_words(known)}." if known else None)
    complaints.add(code, value, f"“{value.text}” is no {what}.", hint)
    return False


def _words_at(path: tuple[str, ...], names: Names) -> tuple[str, tuple[str, ...], str] | None:
    """Return the code, the words and what they are where only certain words can come out."""
    if path in {("rule", "id"), ("upcoming", "rule")} or (path[0] == "explanation" and path[-1] == "rule"):
        return "unknown-rule", names.rules, f"rule of {names.ruleset}"
    if path == ("block", "id"):
        return "unknown-block", names.blocks, f"block of {names.ruleset}"
    if path == ("outcome",):
        return "unknown-word", OUTCOMES, "outcome"
    if path[0] in {"action", "along_with"} and "metadata" not in path:
        if path[-1] == "type":
            return "unknown-word", tuple(ACTIONS), "action"
        if path[-1] == "channel":
            return "unknown-word", tuple(CHANNELS), "channel"
    return None


def _walk(path: Iterable[str]) -> inspect.Type | None:
    part: inspect.Type | None = _DECISION
    for name in path:
        part = None if part is None else _below(part, name)
    return part


def _below(part: inspect.Type, name: str) -> inspect.Type | None:
    if isinstance(part, inspect.StructType):
        field = next((field for field in part.fields if field.encode_name == name), None)
        return None if field is None else _plain(field.type)
    if isinstance(part, inspect.VarTupleType):
        return _plain(part.item_type) if name.isdigit() else None
    if isinstance(part, inspect.DictType):
        return _plain(part.value_type)
    return part if isinstance(part, inspect.AnyType) else None


def _plain(part: inspect.Type) -> inspect.Type:
    """Return a type without “or null”."""
    if isinstance(part, inspect.UnionType):
        return next(one for one in part.types if not isinstance(one, inspect.NoneType))
    return part


def _fields_of(part: inspect.Type) -> tuple[str, ...]:
    return tuple(field.encode_name for field in part.fields) if isinstance(part, inspect.StructType) else ()


def _known_beside(path: tuple[str, ...]) -> list[str]:
    """Return the paths that have the same beginning as one that leads nowhere."""
    for end in range(len(path) - 1, 0, -1):
        part = _walk(path[:end])
        if part is not None:
            return [".".join((*path[:end], name)) for name in _fields_of(part)]
    return []
