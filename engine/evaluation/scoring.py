"""How a score came about, as a decision says it: the points of each fact."""

from engine.coordinates.scores import Earned, Score
from engine.evaluation.view import View
from engine.model.decision import EarnedPoints, ScoreSheet
from engine.words.values import format_value

_SHOWN_IN_A_REASON = 3


def sheets_of(view: View) -> dict[str, ScoreSheet]:
    """Return by name how each score that the ruleset asks about came about."""
    used = view.program.used_facts
    return {name: _sheet_of(score, view) for name, score in view.program.plan.scores.items() if name in used}


def _sheet_of(score: Score, view: View) -> ScoreSheet:
    currency, facts = view.standing.account.currency, view.program.edition.facts
    points = {
        each.scored.fact: EarnedPoints(
            value=format_value(facts[each.scored.fact], view.fact(each.scored.fact), currency), points=each.of.points
        )
        for each in score.earned(view.snapshot)
    }
    total = score.base + sum(each.points for each in points.values())
    return ScoreSheet(value=total, base=score.base, points=points)


def say_points(view: View, name: str) -> str:
    """Say after a score which points count most in it; nothing after another fact."""
    score = view.program.plan.scores.get(name)
    if score is None:
        return ""
    found = [each for each in score.earned(view.snapshot) if each.of.points]
    found.sort(key=lambda each: -abs(each.of.points))
    told = [f"{each.of.points:+d} for {_name(each)}" for each in found[:_SHOWN_IN_A_REASON]]
    if len(found) > _SHOWN_IN_A_REASON:
        rest = sum(each.of.points for each in found[_SHOWN_IN_A_REASON:])
        told.append(f"{rest:+d} for the rest")
    return f" ({', '.join([str(score.base), *told])})"


def _name(earned: Earned) -> str:
    return earned.scored.fact.replace("_", " ")
