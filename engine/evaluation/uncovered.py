"""Why no ruleset covers an account: of each the currency, the day, or what of `applies_to` does not hold."""

from engine.evaluation.holding import holds
from engine.evaluation.program import Compiled
from engine.evaluation.routing import Candidate, Route
from engine.model.condition import AllOf
from engine.model.ruleset import Effective
from engine.words.notation import write_condition
from engine.words.phrases import join

NO_RULESET = "No ruleset of this track covers this account on this day"
# Each is read to be told of, and nobody reads the reasons of fifty.
_MOST_TOLD = 6


def say_uncovered(route: Route) -> str:
    """Return the sentence; of a ruleset in several versions it tells of the one that comes nearest."""
    if not route.asked:
        return f"No ruleset is of the track “{route.track}”"
    day = route.local_as_of.date()
    nearest: dict[str, Compiled] = {}
    for compiled in sorted(route.asked, key=lambda one: (not one.is_effective(day), -(one.version or 0))):
        nearest.setdefault(compiled.ruleset.id, compiled)
    told = {name: _explain(route, each) for name, each in [*nearest.items()][:_MOST_TOLD]}
    if len(told) == 1:
        return f"Not covered: {next(iter(told.values()))}"
    reasons = [f"{name}: {why}" for name, why in told.items()]
    if len(nearest) > len(told):
        reasons.append(f"{len(nearest) - len(told)} more")
    return f"{NO_RULESET}: {'; '.join(reasons)}"


def _explain(route: Route, compiled: Compiled) -> str:
    ruleset, currency = compiled.ruleset, str(route.account.get("currency"))
    program = compiled.programs.get(currency)
    if program is None:
        return f"the account is in {currency}, and the ruleset in {join(ruleset.editions)}"
    candidate = Candidate(route, compiled, program)
    if not candidate.is_effective(None):
        asked_on = candidate.as_of.date()
        return f"the ruleset is effective {_tell_days(ruleset.effective)}, and {asked_on} is asked about"
    lacks = _list_unmet(candidate)
    return f"of “applies_to”, {join(lacks)} {'do' if len(lacks) > 1 else 'does'} not hold"


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
