"""What every format of a difference says in the same words."""

from collections.abc import Iterator, Sequence

from engine.comparison import verdict
from engine.comparison.difference import Change, Detail, Difference, EditionDifference, Pledge, Row, Sample
from engine.words.flow import write_flow

NOT_FINISHED = f"{verdict.NOT_FINISHED}; --budget allows more."
_MOST_NAMED = 3


def is_different(differences: Sequence[Difference]) -> bool:
    """Tell whether some decision may differ: what `--exit-code` tells a script."""
    return any(not difference.is_behaviour_same for difference in differences)


def name_change(change: Change) -> str:
    """Return what happened to which part."""
    name = f"{change.part} {change.name}"
    was = f" (was {change.was_name})" if change.was_name is not None else ""
    return f"{name}{was} {', '.join(change.kinds)}"


def say_detail(change: Change, detail: Detail) -> str:
    """Return one changed place, as ``path: was → becomes``; of what is new or gone, only what it says."""
    path = detail.path or change.name
    if detail.was is None:
        return f"{path}: {detail.becomes}"
    if detail.becomes is None:
        return f"{path}: {detail.was}{'' if 'removed' in change.kinds else ' → left out'}"
    return f"{path}: {detail.was} → {detail.becomes}"


def say_pledge(pledge: Pledge) -> str:
    """Return what became of a guarantee, with its verdicts where they tell it."""
    said = f"guarantee {pledge.id} {', '.join(pledge.kinds)}"
    if pledge.was is None:
        told = f"{pledge.becomes}"
    elif pledge.becomes is None:
        told = f"{pledge.was} before"
    else:
        told = pledge.becomes if pledge.was == pledge.becomes else f"{pledge.was} before, now {pledge.becomes}"
    says = "" if pledge.says is None else f": {pledge.says}"
    return f"{said} ({told}){says}"


def say_places(row: Row) -> tuple[str, ...]:
    """Return where a row holds: what all its places have in common, and what each asks besides, linked by and, or."""
    first, *others = (place.conditions for place in row.places)
    common = {key: words for key, words in first.items() if all(other.get(key) == words for other in others)}
    head = ["; ".join(common.values())] if common else [] if others else ["every account"]
    rest = ["; ".join(words for key, words in each.items() if key not in common) for each in (first, *others)]
    links = ["and " if head else "", *("or " for _ in others)]
    tail = (f"{link}{words or 'nothing more'}" for link, words in zip(links, rest, strict=True))
    return (*head, *(tail if others else ()))


def say_unless(row: Row) -> str:
    """Return what decides before, in both rulesets alike, and what does the same on the other side."""
    before = _list_all(row.unless)
    same = _list_all(row.same)
    parts = [f"{before} decides before" if before else "", f"{same} does the same" if same else ""]
    return ", or ".join(part for part in parts if part)


def _list_all(names: Sequence[str]) -> str:
    blocks = [name.removeprefix("block ") for name in names if name.startswith("block ")]
    rules = [name for name in names if not name.startswith("block ")]
    lists = [_list(word, each) for word, each in (("block", blocks), ("rule", rules)) if each]
    return " or ".join(lists)


def _list(word: str, names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMED:
        return f"{word} {', '.join(names)}"
    return f"one of {len(names)} {word}s ({', '.join(names[:_MOST_NAMED])}, …)"


def say_more_places(count: int) -> str:
    """Say that so many places more are not shown."""
    return f"or in {count} more place{'s' if count > 1 else ''}"


def say_more_outcomes(count: int) -> str:
    """Say that so many outcomes more are not shown."""
    return f"or one of {count} more" if count > 1 else "or one more"


def write_sample(sample: Sample) -> Iterator[str]:
    """Yield the lines of a sample account, ready for a test suite."""
    yield f"account: {write_flow(sample.account)}"
    yield f"as_of: {sample.as_of}"
    if sample.history:
        yield "history:"
        yield from (f"  - {write_flow(entry)}" for entry in sample.history)


def name_edition(edition: EditionDifference) -> str:
    """Return whose decisions are told of."""
    return f"{edition.currency}, accounts in the middle of an episode" if edition.is_running else edition.currency


def group_rows(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return rows by their headline: one moved cell is told once, with every set of accounts beneath."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.headline, []).append(row)
    return groups


def usual_rows(edition: EditionDifference) -> tuple[Row, ...]:
    """Return the rows that can happen without a level set by hand."""
    return tuple(row for row in edition.rows if not row.is_unusual)
