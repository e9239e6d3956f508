"""What a comparison comes to, in one sentence."""

from collections.abc import Sequence

from engine.comparison.difference import Difference, Row

PROVED = "No behaviour change: proved for every account and every history."
UNUSUAL = (
    "only where the level stands lower than what was executed, or history names a rule that is new or, "
    "between episodes, no episode"
)
WITH_LEVELS = " whose entries carry their levels"
NOT_FINISHED = "Not finished: what is told is true, but it may not be all"
_BUT_UNUSUAL = UNUSUAL.replace("only", "but", 1)


def say_verdict(difference: Difference) -> str:
    """Return the sentence."""
    if difference.old is None:
        return "This ruleset is new."
    if difference.new is None:
        return "This ruleset is gone."
    if difference.is_text_same:
        return "No difference."
    if difference.is_behaviour_same:
        return PROVED
    if difference.is_usually_same:
        but = f", {_BUT_UNUSUAL}" if difference.row_count else ""
        who = f"every account and every history{WITH_LEVELS if difference.are_levels_lost else ''}"
        return f"No behaviour change{but}: proved for {who}."
    return _say_same_when_new(difference) or _say_counts(difference)


def _say_same_when_new(difference: Difference) -> str | None:
    """Return the sentence where all that differs does so under the old name of a renamed rule; None elsewhere."""
    running, others = _split(difference)
    effects = any(effect.kind == "effect" for effect in difference.effects)
    if not running or effects or not difference.is_finished or not all(row.is_unusual for row in others):
        return None
    but = f", {_BUT_UNUSUAL}" if others else ""
    return (
        f"Behaviour changes for accounts in the middle of an episode, in {_count(_count_told(running), 'way')}. "
        f"For new episodes no behaviour change{but}: proved."
    )


def _say_counts(difference: Difference) -> str:
    running, others = _split(difference)
    effects = sum(effect.kind == "effect" for effect in difference.effects)
    parts = [
        f"{_count(_count_told(others), 'way')} in which decisions differ" if others else "",
        f"{_count(_count_told(running), 'way')} in which they do for accounts in the middle of an episode"
        if running
        else "",
        f"{_count(effects, 'effect')} on every decision of a kind" if effects else "",
    ]
    said = ", ".join(part for part in parts if part)
    said = said[:1].upper() + said[1:] if said else "No difference found so far"
    return f"{said}." if difference.is_finished else f"{said}. {NOT_FINISHED}."


def _split(difference: Difference) -> tuple[list[Row], list[Row]]:
    """Return the usual rows of running accounts, and all others but their unusual ones."""
    running = [row for each in difference.editions if each.is_running for row in each.rows if not row.is_unusual]
    return running, [row for each in difference.editions if not each.is_running for row in each.rows]


def _count_told(rows: Sequence[Row]) -> int:
    """Count what is told: rows of one headline are told as one."""
    return len({row.headline for row in rows})


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
