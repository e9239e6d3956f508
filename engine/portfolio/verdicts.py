"""What is decided on a day for many accounts, before money and dates; as `engine.evaluation.choosing`."""

from typing import NamedTuple

import numpy as np

from engine.model.money import Interest
from engine.model.ruleset import Action
from engine.model.vocabulary import ACTIONS
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.standing import NO_CHANNEL, Standings, names_of
from engine.portfolio.tables import NOBODY, Choices

_ACT, _NOTHING, _BLOCKED = 0, 1, 2
_CHANNEL_BITS, _PLACE_BITS = 5, 20
MOST_VARIANTS = 1 << 14
INTEREST_UNKNOWN = (1 << _PLACE_BITS) - 2
"""In the place of a block."""


class Verdicts(NamedTuple):
    """What is decided for some accounts; two answers are the same where their keys are."""

    choices: Choices
    kind: Ints
    rule: Ints
    channel: Ints
    does_otherwise: Truths
    block: Ints
    key: Ints
    otherwise_key: Ints

    def at(self, rows: Ints) -> "Verdicts":
        """Return those of some rows."""
        return Verdicts(
            self.choices.at(rows),
            self.kind[rows],
            self.rule[rows],
            self.channel[rows],
            self.does_otherwise[rows],
            self.block[rows],
            self.key[rows],
            self.otherwise_key[rows],
        )

    @property
    def is_nothing(self) -> Truths:
        """Tell for whom no rule wins and no block ends the search."""
        return self.kind == _NOTHING

    @property
    def is_act(self) -> Truths:
        """Tell for whom a rule wins."""
        return self.kind == _ACT

    @property
    def is_blocked(self) -> Truths:
        """Tell for whom a block, or interest that is not known, ends the search."""
        return self.kind == _BLOCKED


def conclude(choices: Choices, standings: Standings, rows: Ints, days: Ints) -> Verdicts:
    """Return what is decided where the rules have chosen."""
    edition = standings.program.edition
    count = len(rows)
    channel = np.full(count, NO_CHANNEL, dtype=np.int64)
    unknown = np.zeros(count, dtype=np.bool_)
    open_ = standings.usable[rows]
    if standings.program.terms.contact_limits:
        open_ = open_ & ~standings.over_limit(rows, days)
    otherwise = np.where(choices.can_do_otherwise, len(edition.rules), NOBODY)
    doing = np.where(choices.rule == NOBODY, otherwise, choices.rule)
    doing = np.where(choices.block == NOBODY, doing, NOBODY)
    for place in np.unique(doing):
        if place == NOBODY:
            continue
        action: Action = edition.otherwise if place == len(edition.rules) else edition.rules[place].action
        own = np.flatnonzero(doing == place)
        if ACTIONS[action.type].is_contact:
            channel[own] = standings.first_of(action.channels, rows[own], open_[own])
        if action.interest is not None:
            unknown[own] = is_unknown(edition.interest[action.interest], standings, rows[own], days[own])
    is_rule = doing == choices.rule
    kind = np.where(choices.block != NOBODY, _BLOCKED, np.where(is_rule & (doing != NOBODY), _ACT, _NOTHING))
    kind = np.where(unknown & (kind == _ACT), _BLOCKED, kind)
    block = np.where(unknown, INTEREST_UNKNOWN, choices.block)
    channel = np.where(unknown, NO_CHANNEL, channel)
    rule = np.where(kind == _ACT, choices.rule, NOBODY)
    does_otherwise = (doing == len(edition.rules)) & ~unknown
    variants = np.zeros(count, dtype=np.int64)
    for experiment in standings.program.terms.experiments:
        variants = variants * len(names_of(experiment)) + standings.variant(experiment, rows, days)
    parts = ((rule, _PLACE_BITS), (block, _PLACE_BITS), (channel, _CHANNEL_BITS), (does_otherwise, 1))
    whole = _pack(kind, parts)
    idle = kind == _NOTHING
    key = _join(np.where(idle, _NOTHING, whole), variants)
    return Verdicts(choices, kind, rule, channel, does_otherwise, block, key, _join(whole, variants))


def _pack(kind: Ints, parts: tuple[tuple[Ints | Truths, int], ...]) -> Ints:
    found = kind.copy()
    for part, bits in parts:
        found = (found << bits) | (part.astype(np.int64) & ((1 << bits) - 1))
    return found


def _join(key: Ints, variants: Ints) -> Ints:
    """Return a key with the variants beside it; they are few, and what is above them has room."""
    return key * MOST_VARIANTS + variants


def is_unknown(interest: Interest, standings: Standings, rows: Ints, days: Ints) -> Truths:
    """Tell for whom interest cannot be worked out on a day (language.md 7.4)."""
    debts = standings.debts
    overdue = debts.overdue(rows, days)
    first_on = np.where(overdue > 0, standings.oldest_due_on[rows] + 1, 0)
    unknown = first_on < interest.rates[0].from_on.toordinal()
    if interest.known_until is not None:
        unknown |= days > interest.known_until.toordinal()
    return unknown & (overdue > 0)
