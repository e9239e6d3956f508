"""What one side decides for an account, worked out from its own choice alone and not from anything compared."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from engine.evaluation.choosing import can_do_otherwise, channel_of, stopped_actions
from engine.evaluation.compiled import Choice, Compiled
from engine.evaluation.moment import Moment
from engine.evaluation.routing import Candidate, Question
from engine.model.account import AccountInvalid
from engine.model.ruleset import Action
from engine.model.vocabulary import ACTIONS

_KEYS_OF_ACCOUNTS = frozenset({"id", "currency", "timezone", "party", "facts_on", "invoices"})


class Side:
    """One ruleset asked about accounts."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled

    def candidate(self, account: Mapping[str, Any], history: Any, as_of: dt.datetime | dt.date) -> Candidate | None:
        """The account as the ruleset reads it, without what it has no word for."""
        known = self.compiled.fact_names | _KEYS_OF_ACCOUNTS
        document = {key: value for key, value in account.items() if key in known}
        question = Question(
            [self.compiled], document, history, as_of=as_of, track=self.compiled.ruleset.track, ruleset=None
        )
        return next(iter(question.candidates), None)


def moment_of(candidate: Candidate) -> Moment | None:
    """The account at the instant asked; none where the ruleset refuses it."""
    try:
        return candidate.situation.at(candidate.as_of)
    except AccountInvalid:
        return None


def decide(candidate: Candidate, moment: Moment) -> tuple[Any, ...]:
    """What is decided, in a form that is equal exactly where the decision is the same."""
    if not candidate.is_covering(candidate.as_of):
        return ("not_covered",)
    return describe_choice(moment, moment.code.choose_by_bitmap(dict(moment.point)))


def describe_choice(moment: Moment, choice: Choice) -> tuple[Any, ...]:
    """A choice without the names of rules."""
    edition = moment.code.edition
    if choice.block is not None:
        return ("blocked", edition.blocks[choice.block].reason)
    if choice.rule is not None:
        rule = edition.rules[choice.rule]
        return ("act", rule.level, *_describe(moment, rule.action, choice))
    if can_do_otherwise(moment, choice):
        return ("nothing", *_describe(moment, edition.otherwise, choice))
    return ("nothing",)


def _describe(moment: Moment, action: Action, choice: Choice) -> tuple[Any, ...]:
    stopped = stopped_actions(moment, choice)
    along = [
        (_bare(other), channel_of(moment, other))
        for other in action.along_with
        if other.type not in stopped and (not ACTIONS[other.type].is_contact or channel_of(moment, other) is not None)
    ]
    return _bare(action), channel_of(moment, action), along


def _bare(action: Action) -> Any:
    return msgspec.to_builtins(msgspec.structs.replace(action, channels=(), along_with=()))
