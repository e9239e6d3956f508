"""What every format of a difference says in the same words."""

from collections.abc import Iterator, Sequence

from cli.reporters.text import count_of
from engine.analysis.witness import write_flow
from engine.comparison.difference import Change, Detail, Difference, EditionDifference, Row, Sample

PROVED = "No behaviour change: proved for every account and every history."
NOT_FINISHED = "Not finished: what is told is true, but it may not be all; --budget allows more steps."
UNUSUAL = "only where the level was set lower by hand than what was executed, or history names a rule that is new"
_MOST_NAMED = 3


def say_verdict(difference: Difference) -> str:
    """Return in one sentence what the comparison comes to."""
    if difference.old is None:
        return "This ruleset is new."
    if difference.new is None:
        return "This ruleset is gone."
    if difference.is_text_same:
        return "No difference."
    if difference.is_behaviour_same:
        return PROVED
    if difference.is_usually_same:
        return f"No behaviour change, {UNUSUAL.replace('only', 'but', 1)}: proved for every account and every history."
    parts = [count_of(difference.row_count, "way") + " in which decisions differ" if difference.row_count else ""]
    effects = sum(effect.kind == "effect" for effect in difference.effects)
    parts.append(count_of(effects, "effect") + " on every decision of a kind" if effects else "")
    said = ", ".join(part for part in parts if part)
    said = said[:1].upper() + said[1:] if said else "No difference found so far"
    return f"{said}." if difference.is_finished else f"{said}. {NOT_FINISHED}"


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


def say_unless(row: Row) -> str:
    """Return what decides before, in both rulesets."""
    block_names = [name.removeprefix("block ") for name in row.unless if name.startswith("block ")]
    rules = [name for name in row.unless if not name.startswith("block ") and name != "None"]
    parts = []
    if block_names:
        parts.append(_list("block", block_names))
    if rules:
        parts.append(_list("rule", rules))
    return " or ".join(parts)


def _list(word: str, names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMED:
        return f"{word} {', '.join(names)}"
    return f"one of {len(names)} {word}s ({', '.join(names[:_MOST_NAMED])}, …)"


def write_sample(sample: Sample) -> Iterator[str]:
    """Yield the lines of a sample account, ready for a test suite."""
    yield f"account: {write_flow(sample.account)}"
    yield f"as_of: {sample.as_of}"
    if sample.history:
        yield "history:"
        yield from (f"  - {write_flow(entry)}" for entry in sample.history)


def usual_rows(edition: EditionDifference) -> tuple[Row, ...]:
    """Return the rows that can happen without a level set by hand."""
    return tuple(row for row in edition.rows if not row.is_unusual)
