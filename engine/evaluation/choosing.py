"""What a moment comes to: blocked, a rule that acts, the ``otherwise`` action, or nothing."""

from typing import Literal

import msgspec

from engine.conditions import boxes
from engine.conditions.plan import ANNOUNCED
from engine.evaluation.compiled import Choice
from engine.evaluation.interest import work_out_interest
from engine.evaluation.moment import Moment
from engine.model.money import InterestUnknown, Worked
from engine.model.ruleset import Action
from engine.model.vocabulary import ACTIONS

INTEREST_UNKNOWN = "interest-unknown"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided, without what it carries.

    ``nothing`` means that no rule wins: the look-ahead makes it ``wait``, else ``otherwise`` is done where it can be,
    and where its interest is unknown, so named in ``block``, it is blocked.
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
        if self.kind == "nothing":
            return (self.kind, self.variants)
        return (self.kind, self.rule, self.channel, self.block, self.variants)

    @property
    def otherwise_key(self) -> tuple[object, ...]:
        """Return what makes two days' answers the same where no rule will ever win."""
        return (self.key, self.channel, self.does_otherwise, self.block)


def judge(moment: Moment, *, is_live: bool = False) -> Verdict:
    """Return what is decided at a moment."""
    code = moment.code
    narrowed = moment.situation.narrowed(moment)
    choice = code.choose(moment.point, is_live=is_live, narrowed=narrowed)
    variants = tuple(moment.variants.items())
    if choice.block is not None:
        block = code.edition.blocks[choice.block]
        return Verdict(kind="blocked", block=block.id, variants=variants, choice=choice)
    if choice.rule is None:
        return _judge_otherwise(moment, choice, variants)
    rule = code.edition.rules[choice.rule]
    unknown = unknown_interest(moment, rule.action)
    if unknown is not None:
        return Verdict(kind="blocked", block=INTEREST_UNKNOWN, reason=unknown.reason, variants=variants, choice=choice)
    channel = channel_of(moment, rule.action)
    return Verdict(kind="act", rule=rule.id, channel=channel, variants=variants, choice=choice)


def _judge_otherwise(moment: Moment, choice: Choice, variants: tuple[tuple[str, str], ...]) -> Verdict:
    nothing = Verdict(kind="nothing", variants=variants, choice=choice)
    if not can_do_otherwise(moment, choice):
        return nothing
    action = moment.code.edition.otherwise
    unknown = unknown_interest(moment, action)
    if unknown is not None:
        return msgspec.structs.replace(nothing, block=INTEREST_UNKNOWN, reason=unknown.reason)
    return msgspec.structs.replace(nothing, does_otherwise=True, channel=channel_of(moment, action))


def channel_of(moment: Moment, action: Action) -> str | None:
    """Return the channel an action goes over now."""
    return moment.first_open(action.channels) if ACTIONS[action.type].is_contact else None


def can_do_otherwise(moment: Moment, choice: Choice) -> bool:
    """Tell whether the ``otherwise`` action is one that may be carried out now."""
    action = moment.code.edition.otherwise
    if action.type == "none" or action.type in stopped_actions(moment, choice):
        return False
    if action.type == "retry_payment" and not boxes.contains(moment.code.plan.attempts, moment.point):
        return False
    if action.type == "charge_fee" and action.fee == "announced" and not moment.coordinates((ANNOUNCED,))[ANNOUNCED]:
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


def unknown_interest(moment: Moment, action: Action) -> InterestUnknown | None:
    """Return why the interest of an action cannot be worked out, if it cannot (language.md 7.4)."""
    if action.interest is None:
        return None
    worked = interest_of(moment, action.interest)
    return worked if isinstance(worked, InterestUnknown) else None
