"""Changes of the rows of a table: what all of them share is told once, as a change of the table."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.comparison.difference import Change, ChangeKind, Detail
from engine.loading.canonical import TABLE_KEY

_PLACE = "place"


def join_rows(changes: Sequence[Change], tables: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    """Yield the changes of rules, each table's own before those of its rows; ``tables`` have the ids of their rows."""
    by_name = {change.name: change for change in changes}
    shared = {table: _find_shared([by_name.get(name) for name in rows]) for table, rows in tables.items()}
    table_of = {name: table for table, rows in tables.items() for name in rows if shared[table]}
    told: set[str] = set()
    for change in changes:
        table = table_of.get(change.name)
        if table is None:
            yield change
            continue
        if table not in told:
            told.add(table)
            yield _tell_table(table, shared[table])
        yield from _without(change, shared[table])


def _find_shared(changes: Sequence[Change | None]) -> tuple[Detail, ...]:
    """Return what is alike in the changes of all rows, where there are several."""
    known = [change for change in changes if change is not None and "changed" in change.kinds]
    if len(known) < len(changes) or len(known) <= 1:
        return ()
    return tuple(
        each for each in known[0].details if each.path != _PLACE and all(each in other.details for other in known)
    )


def _tell_table(name: str, details: tuple[Detail, ...]) -> Change:
    own = next((each for each in details if each.path == TABLE_KEY), None)
    others = tuple(each for each in details if each is not own)
    kinds: list[ChangeKind] = [] if own is None else ["added" if own.was is None else "renamed"]
    kinds += ["changed"] if others else []
    was_name = None if own is None else own.was
    return Change(part="table", name=name, kinds=tuple(kinds), was_name=was_name, details=others)


def _without(change: Change, shared: tuple[Detail, ...]) -> Iterator[Change]:
    details = tuple(each for each in change.details if each not in shared)
    is_changed = any(each.path != _PLACE for each in details)
    kinds = tuple(kind for kind in change.kinds if kind != "changed" or is_changed)
    if kinds:
        yield msgspec.structs.replace(change, kinds=kinds, details=details)
