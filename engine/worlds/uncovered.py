"""Why a ruleset does not cover an account: the currency, the day, or what of `applies_to` does not hold."""

from collections.abc import Iterable

from engine.evaluation.program import Compiled
from engine.evaluation.routing import Candidate
from engine.model.condition import AllOf
from engine.model.question import Question
from engine.model.ruleset import Effective
from engine.words.notation import write_condition
from engine.words.phrases import join
from engine.worlds.asking import Asking
from engine.worlds.holding import holds


def explain_all_uncovered(rulesets: Iterable[Compiled], question: Question, *, track: str) -> dict[str, str]:
    """Return for each ruleset of a track, by its id, why it does not cover the account; one that does is left out."""
    askings = (Asking(each, question) for each in rulesets if each.ruleset.track == track)
    found = ((asking.compiled.ruleset.id, explain_uncovered(asking)) for asking in askings)
    return {name: why for name, why in found if why is not None}


def explain_uncovered(asking: Asking) -> str | None:
    """Return the reason as a sentence, None where the ruleset covers the account."""
    candidate, ruleset = asking.candidate, asking.compiled.ruleset
    if candidate is None:
        given = asking.question.account.get("currency")
        return f"Not covered: the account is in {given}, and the ruleset in {join(ruleset.editions)}."
    if not candidate.is_effective(None):
        asked_on = candidate.as_of.date()
        return f"Not covered: the ruleset is effective {_tell_days(ruleset.effective)}, and {asked_on} is asked about."
    lacks = _list_unmet(candidate)
    return (
        f"Not covered: of “applies_to”, {join(lacks)} {'do' if len(lacks) > 1 else 'does'} not hold." if lacks else None
    )


def _tell_days(effective: Effective) -> str:
    first = f"from {effective.from_on}" if effective.from_on is not None else ""
    end = f"until {effective.until_on}, exclusive" if effective.until_on is not None else ""
    return f"{first} {end}".strip()


def _list_unmet(candidate: Candidate) -> list[str]:
    edition = candidate.program.edition
    view = candidate.glimpse(candidate.as_of.date())
    whole = edition.applies_to
    parts = whole.conditions if isinstance(whole, AllOf) else (whole,)
    return [f"“{write_condition(part, edition)}”" for part in parts if not holds(part, view)]
