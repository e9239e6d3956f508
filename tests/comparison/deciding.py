"""What one side decides, worked out from its own choice alone and from nothing that was compared."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from engine.evaluation.program import Choice, Compiled, Program
from engine.evaluation.routing import Candidate, Route
from engine.evaluation.view import View
from engine.model.account import AccountInvalid
from engine.model.ruleset import Action
from engine.model.vocabulary import ACTIONS, PREFERRED

_KEYS_OF_ACCOUNTS = frozenset({"id", "currency", "timezone", "party", "facts_on", "invoices"})
FirstOpen = Callable[[Iterable[str]], str | None]


def read_candidate(
    compiled: Compiled, account: Mapping[str, Any], history: Any, as_of: dt.datetime | dt.date
) -> Candidate | None:
    """The account as a ruleset reads it, without what it has no word for."""
    known = compiled.fact_names | _KEYS_OF_ACCOUNTS
    document = {key: value for key, value in account.items() if key in known}
    question = Route([compiled], document, history, as_of=as_of, track=compiled.ruleset.track, ruleset=None)
    return next(iter(question.candidates), None)


def read_moment(candidate: Candidate) -> View | None:
    """The account at the instant asked; none where the ruleset refuses it."""
    try:
        return candidate.view(candidate.as_of.date())
    except AccountInvalid:
        return None


def decide(candidate: Candidate, moment: View) -> tuple[Any, ...]:
    """What is decided, in a form that is equal exactly where the decision is the same."""
    if not candidate.is_covering(candidate.as_of.date()):
        return ("not_covered",)
    return describe(moment.program, moment.program.choose(moment.point, is_live=False), moment.snapshot.first_open)


def describe(code: Program, choice: Choice, first_open: FirstOpen) -> tuple[Any, ...]:
    """A choice without the names of rules."""
    edition = code.edition
    if choice.block is not None:
        return ("blocked", edition.blocks[choice.block].reason)
    stopped = {action for index in choice.stops for action in edition.blocks[index].stops or ()}
    if choice.rule is not None:
        rule = edition.rules[choice.rule]
        return ("act", rule.level, *_carry_out(rule.action, stopped, first_open))
    otherwise = edition.otherwise
    is_contact = ACTIONS[otherwise.type].is_contact
    if otherwise.type in stopped | {"none"} or (is_contact and first_open(otherwise.channels) is None):
        return ("nothing",)
    return ("nothing", *_carry_out(otherwise, stopped, first_open))


def _carry_out(action: Action, stopped: set[str], first_open: FirstOpen) -> tuple[Any, ...]:
    along = [
        (_bare(other), first_open(other.channels))
        for other in action.along_with
        if other.type not in stopped and (not ACTIONS[other.type].is_contact or first_open(other.channels) is not None)
    ]
    return _bare(action), first_open(action.channels), along


def first_open_of(usable: frozenset[str], preferred: str | None) -> FirstOpen:
    """The first usable channel of an order."""

    def first(order: Iterable[str]) -> str | None:
        names = (preferred if name == PREFERRED else name for name in order)
        return next((name for name in names if name is not None and name in usable), None)

    return first


def _bare(action: Action) -> Any:
    return msgspec.to_builtins(msgspec.structs.replace(action, channels=(), along_with=()))
