"""Two rulesets as documents: what was added, removed, changed, moved and renamed in what is written."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import msgspec

from engine.comparison.difference import Change, ChangeKind, Detail, PartName
from engine.comparison.rowchanges import join_rows
from engine.loading.canonical import SHARED_FACTS_KEY, SHARED_GUARANTEES_KEY, SHARED_SCORES_KEY, TABLE_KEY
from engine.model.ruleset import Ruleset

Json: TypeAlias = object
Document: TypeAlias = dict[str, Json]
_NAMED: dict[str, PartName] = {
    "facts": "fact",
    "scorecards": "scorecard",
    "conditions": "condition",
    "fees": "fee",
    "interest": "interest",
    "experiments": "experiment",
}
_LISTED: dict[str, PartName] = {"blocks": "block", "rules": "rule", "guarantees": "guarantee"}
_NOT_COMPARED = frozenset({"ruleset"})
# From this share of like lines on, a part under a new name counts as the old one renamed.
_ALIKE = 0.6
_LONGEST = 160


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in the text, and which rules and blocks are the same under another name, by old id."""

    changes: tuple[Change, ...]
    renamed_rules: dict[str, str]
    renamed_blocks: dict[str, str]


def compare_documents(old: Ruleset, new: Ruleset) -> Written:
    """Compare what is written, whatever the white space, the comments and the order of keys."""
    documents = (_read(old), _read(new))
    lines = (_lines_of(old), _lines_of(new))
    changes: list[Change] = [*_settings(*documents)]
    for key, part in _NAMED.items():
        changes += _compare_named(part, _mapping(documents[0], key), _mapping(documents[1], key))
    renamed: dict[str, dict[str, str]] = {}
    for key, part in _LISTED.items():
        pairing = _Pairing(part, _listed(documents[0], key), _listed(documents[1], key), lines)
        renamed[key] = pairing.renamed
        changes += join_rows([*pairing.changes()], _rows_of(_listed(documents[1], key)))
    return Written(changes=tuple(changes), renamed_rules=renamed["rules"], renamed_blocks=renamed["blocks"])


def _read(ruleset: Ruleset) -> Document:
    """Return the canonical form; what is shared stands among the ruleset's own, which goes before it."""
    document: Document = json.loads(ruleset.canonical, parse_float=Decimal)
    shared = document.pop(SHARED_FACTS_KEY, {})
    own = document.get("facts", {})
    if isinstance(shared, dict) and isinstance(own, dict) and (shared or own):
        document["facts"] = {**shared, **own}
    scores = document.pop(SHARED_SCORES_KEY, {})
    if isinstance(scores, dict):
        document |= {key: each for key, each in scores.items() if key != "scorecards"}
        cards = _mapping(scores, "scorecards")
        document |= {"scorecards": {name: _by_class(card) for name, card in cards.items()}} if cards else {}
    policy, own_guarantees = document.pop(SHARED_GUARANTEES_KEY, []), document.get("guarantees", [])
    if isinstance(policy, list) and isinstance(own_guarantees, list) and (policy or own_guarantees):
        document["guarantees"] = [*own_guarantees, *policy]
    return document


def _by_class(card: Json) -> Document:
    """Return a scorecard with the points of each fact by its classes, and with their order, for the first counts."""
    written = card if isinstance(card, dict) else {}
    found: Document = {key: value for key, value in written.items() if key != "points"}
    for fact, points in _mapping(written, "points").items():
        if isinstance(points, dict):
            classes = [(write_value(each["when"]), each["points"]) for each in _listed(points, "classes")]
            found[fact] = {
                "classes": [when for when, _ in classes],
                **dict(reversed(classes)),
                "otherwise": points.get("otherwise"),
            }
    return found


def _lines_of(ruleset: Ruleset) -> dict[tuple[str, str], int]:
    edition = next(iter(ruleset.editions.values()))
    found = {("rule", rule.id): rule.at.line for rule in edition.rules}
    found |= {("guarantee", each.id): each.at.line for each in edition.guarantees if each.file is None}
    return found | {("block", block.id): block.at.line for block in edition.blocks}


def _rows_of(items: Sequence[Document]) -> dict[str, list[str]]:
    """Return the ids of each table's rows."""
    rows: dict[str, list[str]] = {}
    for item in items:
        if isinstance(table := item.get(TABLE_KEY), str):
            rows.setdefault(table, []).append(_id_of(item))
    return rows


def _mapping(document: Document, key: str) -> Document:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _listed(document: Document, key: str) -> list[Document]:
    found = document.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _settings(old: Document, new: Document) -> Iterator[Change]:
    for key in sorted((old.keys() | new.keys()) - _NAMED.keys() - _LISTED.keys() - _NOT_COMPARED):
        details = compare_leaves(old.get(key), new.get(key), "")
        if details:
            kind: ChangeKind = "added" if key not in old else "removed" if key not in new else "changed"
            yield Change(part="setting", name=key, kinds=(kind,), details=details)


def _compare_named(part: PartName, old: Document, new: Document) -> Iterator[Change]:
    removed = {name: node for name, node in old.items() if name not in new}
    for name, node in new.items():
        if name in old:
            details = compare_leaves(old[name], node, "")
            if details:
                yield Change(part=part, name=name, kinds=("changed",), details=details)
            continue
        was = next((other for other, theirs in removed.items() if theirs == node), None)
        if was is None:
            yield Change(part=part, name=name, kinds=("added",), details=compare_leaves(None, node, ""))
        else:
            del removed[was]
            yield Change(part=part, name=name, kinds=("renamed",), was_name=was)
    for name, node in removed.items():
        yield Change(part=part, name=name, kinds=("removed",), details=compare_leaves(node, None, ""))


class _Pairing:
    """Rules, or blocks, of both sides brought together: by id, then by what they say."""

    def __init__(
        self,
        part: PartName,
        old: Sequence[Document],
        new: Sequence[Document],
        lines: tuple[Mapping[tuple[str, str], int], Mapping[tuple[str, str], int]],
    ) -> None:
        self._part = part
        self._old = {_id_of(item): item for item in old}
        self._new = {_id_of(item): item for item in new}
        self._lines = lines
        self.renamed = _find_renamed(self._old, self._new)
        back = {name: was for was, name in self.renamed.items()}
        self._pairs = {name: back.get(name, name) for name in self._new if back.get(name, name) in self._old}

    def changes(self) -> Iterator[Change]:
        """Yield what happened, in the new order, then what is gone."""
        moved = _find_moved([*self._old], [self._pairs[name] for name in self._new if name in self._pairs])
        for name, node in self._new.items():
            was = self._pairs.get(name)
            line = self._lines[1].get((self._part, name))
            if was is None:
                details = compare_leaves(None, _without_id(node), "")
                yield Change(part=self._part, name=name, kinds=("added",), line=line, details=details)
                continue
            details = compare_leaves(_without_id(self._old[was]), _without_id(node), "")
            kinds: list[ChangeKind] = ["renamed"] if was != name else []
            kinds += ["changed"] if details else []
            kinds += ["moved"] if was in moved else []
            if kinds:
                place = (self._place(was, name),) if was in moved else ()
                yield Change(
                    part=self._part,
                    name=name,
                    kinds=tuple(kinds),
                    was_name=was if was != name else None,
                    line=line,
                    details=(*details, *place),
                )
        gone = self._old.keys() - set(self._pairs.values())
        for name in (name for name in self._old if name in gone):
            line = self._lines[0].get((self._part, name))
            details = compare_leaves(_without_id(self._old[name]), None, "")
            yield Change(part=self._part, name=name, kinds=("removed",), line=line, details=details)

    def _place(self, was: str, name: str) -> Detail:
        return Detail(path="place", was=_describe_place([*self._old], was), becomes=_describe_place([*self._new], name))


def _describe_place(order: Sequence[str], name: str) -> str:
    index = order.index(name)
    return f"{index + 1}, after {order[index - 1]}" if index else "1, the first"


def _id_of(item: Document) -> str:
    return str(item.get("id", ""))


def _without_id(item: Document) -> Document:
    return {key: value for key, value in item.items() if key != "id"}


def _find_renamed(old: Mapping[str, Document], new: Mapping[str, Document]) -> dict[str, str]:
    """Return old ids with new ones, the most alike first."""
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    scores = [(_likeness(old[was], new[name]), -i, -j) for i, was in enumerate(gone) for j, name in enumerate(come)]
    found: dict[str, str] = {}
    for score, i, j in sorted(scores, reverse=True):
        was, name = gone[-i], come[-j]
        if score >= _ALIKE and was not in found and name not in found.values():
            found[was] = name
    return found


def _likeness(old: Document, new: Document) -> float:
    left, right = ({*_leaves(_without_id(item), "")} for item in (old, new))
    return len(left & right) / max(len(left | right), 1)


def _find_moved(old: Sequence[str], kept: Sequence[str]) -> frozenset[str]:
    """Return what is not part of the longest run that kept its order."""
    places = {name: index for index, name in enumerate(old)}
    runs: list[list[str]] = []
    for name in kept:
        before = [run for run in runs if places[run[-1]] < places[name]]
        runs.append([*max(before, key=len, default=[]), name])
    longest = max(runs, key=len, default=[])
    return frozenset(kept) - frozenset(longest)


def compare_leaves(old: Json, new: Json, path: str) -> tuple[Detail, ...]:
    """Return every place at which two nodes differ; of a node that is there on one side only, its parts."""
    if old == new and type(old) is type(new):
        return ()
    if isinstance(old, dict | None) and isinstance(new, dict | None) and (old or new):
        left, right = old or {}, new or {}
        keys = [*left, *(key for key in right if key not in left)]
        parts = (compare_leaves(left.get(key), right.get(key), f"{path}.{key}" if path else key) for key in keys)
        return tuple(detail for part in parts for detail in part)
    if isinstance(old, list) and isinstance(new, list) and max(len(_write(old)), len(_write(new))) > _LONGEST:
        return (Detail(path=path, was=_write_apart(old, new), becomes=_write_apart(new, old)),)
    return (Detail(path=path, was=_write_or_none(old), becomes=_write_or_none(new)),)


def _leaves(node: Json, path: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}")
    else:
        yield f"{path}={write_value(node)}"


def _write_apart(items: Sequence[Json], others: Sequence[Json]) -> str:
    """Write what a long list has and the other has not; all of it where both have the same."""
    apart = [item for item in items if item not in others]
    is_order_alone = not apart and all(other in items for other in others)
    return write_value([*items] if is_order_alone or len(apart) == len(items) else ["…", *apart])


def _write_or_none(node: Json) -> str | None:
    return None if node is None else write_value(node)


def write_value(node: Json) -> str:
    """Write a value as an author does, on one line."""
    words = _write(node)
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _write(node: Json) -> str:
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, dict):
        return "{" + ", ".join(f"{key}: {_write(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(_write(item) for item in node) + "]"
    return str(node)
