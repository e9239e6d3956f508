"""What a moment comes to: blocked, a rule that acts, the ``otherwise`` action, or nothing."""

from typing import Literal

import msgspec

from engine.evaluation.compiled import Choice
from engine.evaluation.interest import work_out_interest
from engine.evaluation.moment import Moment
from engine.model.money import InterestUnknown, Worked
from engine.model.ruleset import Action, Rule
from engine.model.vocabulary import ACTIONS

INTEREST_UNKNOWN = "interest-unknown"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided, without what it carries.

    ``nothing`` means that no rule wins: the look-ahead makes it ``wait``, else ``otherwise`` is done where it can be.
    """

    kind: Literal["act", "nothing", "blocked", "not_covered", "refused"]
    rule: str | None = None
    channel: str | None = None
    does_otherwise: bool = False
    block: str | None = None
    reason: str | None = None
    variants: tuple[tuple[str, str], ...] = ()
    choice: Choice = Choice()

    @property
    def key(self) -> tuple[object, ...]:
        """Return what makes two days' answers the same, whatever is done otherwise (language.md 5.10)."""
        channel = None if self.kind == "nothing" else self.channel
        return (self.kind, self.rule, channel, self.block, self.variants)

    @property
    def otherwise_key(self) -> tuple[object, ...]:
        """Return what makes two days' answers the same where no rule will ever win."""
        return (self.key, self.channel, self.does_otherwise)


def judge(moment: Moment, *, is_live: bool = False) -> Verdict:
    """Return what is decided at a moment."""
    code = moment.code
    choice = code.choose(moment.point, is_live=is_live)
    variants = tuple(moment.variants.items())
    if choice.block is not None:
        block = code.edition.blocks[choice.block]
        return Verdict(kind="blocked", block=block.id, variants=variants, choice=choice)
    if choice.rule is None:
        does = can_do_otherwise(moment, choice)
        channel = channel_of(moment, code.edition.otherwise) if does else None
        return Verdict(kind="nothing", channel=channel, does_otherwise=does, variants=variants, choice=choice)
    rule = code.edition.rules[choice.rule]
    unknown = unknown_interest(moment, rule)
    if unknown is not None:
        return Verdict(kind="blocked", block=INTEREST_UNKNOWN, reason=unknown.reason, variants=variants, choice=choice)
    channel = channel_of(moment, rule.action)
    return Verdict(kind="act", rule=rule.id, channel=channel, variants=variants, choice=choice)


def channel_of(moment: Moment, action: Action) -> str | None:
    """Return the channel an action goes over now."""
    return moment.first_open(action.channels) if ACTIONS[action.type].is_contact else None


def can_do_otherwise(moment: Moment, choice: Choice) -> bool:
    """Tell whether the ``otherwise`` action is one that may be carried out now."""
    action = moment.code.edition.otherwise
    if action.type == "none" or action.type in stopped_actions(moment, choice):
        return False
    return not ACTIONS[action.type].is_contact or channel_of(moment, action) is not None


def stopped_actions(moment: Moment, choice: Choice) -> frozenset[str]:
    """Return the action types that the stopping blocks that hold take out of the running."""
    blocks = moment.code.edition.blocks
    return frozenset(action for i in choice.stops for action in blocks[i].stops or ())


def interest_of(moment: Moment, name: str) -> Worked | InterestUnknown:
    """Work out an interest on what is overdue at a moment."""
    situation = moment.situation
    debts = situation.open.debts(moment.day) if situation.open is not None else []
    return work_out_interest(moment.code.edition.interest[name], situation.account.currency, debts, moment.day)


def unknown_interest(moment: Moment, rule: Rule) -> InterestUnknown | None:
    """Return why the interest of a rule's action cannot be worked out, if it cannot (language.md 7.4)."""
    if rule.action.interest is None:
        return None
    worked = interest_of(moment, rule.action.interest)
    return worked if isinstance(worked, InterestUnknown) else None
