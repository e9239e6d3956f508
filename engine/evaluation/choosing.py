"""What is decided for an account on a day, before money and dates are worked out."""

from typing import Literal

import msgspec

from engine.evaluation.interest import work_out_interest
from engine.evaluation.program import Choice
from engine.evaluation.view import View
from engine.model.money import InterestUnknown, Worked
from engine.model.ruleset import Action
from engine.model.vocabulary import ACTIONS

INTEREST_UNKNOWN = "interest-unknown"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided on a day.

    ``kind`` "nothing" means that no rule wins and no block ends the search: the rule that wins next by time alone
    makes it ``wait``, else ``otherwise`` is done where it can be, and where its interest is unknown, so named in
    ``block``, it is blocked.
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


NOT_COVERED = Verdict(kind="not_covered")


def judge(view: View, *, is_live: bool = False) -> Verdict:
    """Return what is decided for an account on a day."""
    return conclude(view, view.program.choose(view.point, is_live=is_live))


def conclude(view: View, choice: Choice) -> Verdict:
    """Return what is decided where the rules have chosen."""
    edition = view.program.edition
    variants = tuple(view.snapshot.variants.items())
    if choice.block is not None:
        return Verdict(kind="blocked", block=edition.blocks[choice.block].id, variants=variants, choice=choice)
    if choice.rule is None:
        return _conclude_otherwise(view, choice, variants)
    rule = edition.rules[choice.rule]
    unknown = unknown_interest(view, rule.action)
    if unknown is not None:
        return Verdict(kind="blocked", block=INTEREST_UNKNOWN, reason=unknown.reason, variants=variants, choice=choice)
    return Verdict(kind="act", rule=rule.id, channel=channel_of(view, rule.action), variants=variants, choice=choice)


def _conclude_otherwise(view: View, choice: Choice, variants: tuple[tuple[str, str], ...]) -> Verdict:
    if not choice.can_do_otherwise:
        return Verdict(kind="nothing", variants=variants, choice=choice)
    action = view.program.edition.otherwise
    unknown = unknown_interest(view, action)
    if unknown is not None:
        return Verdict(kind="nothing", block=INTEREST_UNKNOWN, reason=unknown.reason, variants=variants, choice=choice)
    channel = channel_of(view, action)
    return Verdict(kind="nothing", does_otherwise=True, channel=channel, variants=variants, choice=choice)


def channel_of(view: View, action: Action) -> str | None:
    """Return the channel an action goes over now."""
    return view.snapshot.first_open(action.channels) if ACTIONS[action.type].is_contact else None


def stopped_actions(view: View, choice: Choice) -> frozenset[str]:
    """Return the action types that the stopping blocks that hold take out of the running."""
    blocks = view.program.edition.blocks
    return frozenset(action for i in choice.stops for action in blocks[i].stops or ())


def interest_of(view: View, name: str) -> Worked | InterestUnknown:
    """Work out an interest on what is overdue on a day."""
    standing = view.standing
    debts = standing.open.debts(view.day) if standing.open is not None else []
    return work_out_interest(view.program.edition.interest[name], standing.account.currency, debts, view.day)


def unknown_interest(view: View, action: Action) -> InterestUnknown | None:
    """Return why the interest of an action cannot be worked out, if it cannot (language.md 7.4)."""
    if action.interest is None:
        return None
    worked = interest_of(view, action.interest)
    return worked if isinstance(worked, InterestUnknown) else None
