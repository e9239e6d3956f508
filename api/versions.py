"""A stored version as the engine reads it: from its text, and from the dates that are kept with it."""

import msgspec

from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.calendars import StoredDates
from engine.loading.load import load_ruleset, load_shared_facts, load_shared_guarantees, load_shared_scores
from engine.model.ruleset import Ruleset
from store.rulesets import RulesetVersion


class UnusableVersion(Exception):
    """A stored version cannot be loaded by this program."""


def load_version(version: RulesetVersion) -> Ruleset:
    """Read a stored version.

    Raises UnusableVersion, also when this program reads the text otherwise than the one that published it.
    """
    draft = version.draft
    name = name_version(draft.ruleset_id, version.number)
    facts = None if draft.facts_text is None else load_shared_facts(draft.facts_text).shared
    scores = guarantees = None
    if draft.scorecard_text is not None:
        scores = load_shared_scores(draft.scorecard_text, shared_facts=facts).shared
    if draft.guarantees_text is not None:
        guarantees = load_shared_guarantees(draft.guarantees_text, shared_facts=facts, shared_scores=scores).shared
    loaded = load_ruleset(
        draft.text,
        file=name,
        shared_facts=facts,
        shared_scores=scores,
        shared_guarantees=guarantees,
        holiday_dates=read_dates(draft.holidays),
    )
    if loaded.ruleset is None:
        said = "; ".join(d.message for d in loaded.diagnostics if d.severity == "error")
        raise UnusableVersion(f"{name} cannot be loaded by this program: {said}")
    if loaded.ruleset.digest != draft.digest:
        raise UnusableVersion(
            f"{name} was published with digest {draft.digest} and reads as {loaded.ruleset.digest} here"
        )
    return loaded.ruleset


def compile_version(version: RulesetVersion) -> Compiled:
    """Make a stored version ready to decide; raises UnusableVersion as `load_version` does, and of too large ones."""
    try:
        return compile_ruleset(load_version(version), version=version.number, commit=version.provenance.commit)
    except BudgetExceeded as problem:
        name = name_version(version.draft.ruleset_id, version.number)
        raise UnusableVersion(f"{name} has conditions that are too large to decide with") from problem


def make_ready(compiled: Compiled) -> None:
    """Build what a ruleset would build at its first question: that takes up to a second, of a very large one many."""
    for code in compiled.programs.values():
        _ = code.masks, code.coverage_table
        code.networks.grow()


def name_version(ruleset_id: str, number: int) -> str:
    """Name a version in messages."""
    return f"{ruleset_id} version {number}"


def write_dates(ruleset: Ruleset) -> str:
    """Write the holiday dates that a version keeps; null where it has no calendar."""
    calendar = ruleset.calendar
    if calendar is None or calendar.stored_until is None:
        return "null"
    dates = StoredDates(
        holidays=calendar.holidays,
        bank_holidays=calendar.bank_holidays,
        stored_until=calendar.stored_until,
    )
    return msgspec.json.encode(dates, order="sorted").decode()


def read_dates(text: str) -> StoredDates | None:
    """Read the holiday dates stored with a version."""
    return msgspec.json.decode(text, type=StoredDates | None)
