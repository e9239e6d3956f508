"""What a comparison comes to, in one sentence."""

from engine.comparison.difference import Difference

PROVED = "No behaviour change: proved for every account and every history."
UNUSUAL = "only where the level was set lower by hand than what was executed, or history names a rule that is new"
NOT_FINISHED = "Not finished: what is told is true, but it may not be all"


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
        return f"No behaviour change, {UNUSUAL.replace('only', 'but', 1)}: proved for every account and every history."
    effects = sum(effect.kind == "effect" for effect in difference.effects)
    parts = [
        f"{_count(difference.row_count, 'way')} in which decisions differ" if difference.row_count else "",
        f"{_count(effects, 'effect')} on every decision of a kind" if effects else "",
    ]
    said = ", ".join(part for part in parts if part)
    said = said[:1].upper() + said[1:] if said else "No difference found so far"
    return f"{said}." if difference.is_finished else f"{said}. {NOT_FINISHED}."


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
