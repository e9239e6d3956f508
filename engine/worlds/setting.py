"""What a possible account is written for: the rules, facts and limits of one ruleset, or of two together."""

from collections.abc import Mapping

import msgspec

from engine.coordinates.terms import Terms
from engine.evaluation.program import Program
from engine.model.ruleset import ContactLimit, Rule
from engine.model.vocabulary import ACTIONS, CHANNELS, Fact


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of accounts; ``terms`` are those by which channels, limits and timings are read.

    ``needed`` are the facts that every account gives. ``former`` is the ruleset that a rule that is gone belonged to,
    ``are_levels_written`` tells whether entries carry the level of their rule.
    """

    terms: Terms
    rules: Mapping[str, Rule]
    facts: Mapping[str, Fact]
    needed: frozenset[str]
    limits: tuple[ContactLimit, ...]
    former: str | None
    are_levels_written: bool = False

    @property
    def currency(self) -> str:
        """Return the currency of the account."""
        return self.terms.edition.currency

    @property
    def bases(self) -> frozenset[str]:
        """Return the amounts that fees are worked out on; a rule with such a fee wins only where they are given."""
        return frozenset(fee.basis for fee in self.terms.edition.fees.values() if fee.basis is not None)

    @property
    def makes_contact(self) -> bool:
        """Tell whether some action needs a channel."""
        actions = [action for rule in self.rules.values() for action in (rule.action, *rule.action.along_with)]
        return any(ACTIONS[action.type].is_contact for action in (*actions, self.terms.edition.otherwise))

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the channels that an account can have."""
        return self.facts["channels"].values or tuple(CHANNELS)

    @property
    def preferable(self) -> tuple[str, ...]:
        """Return the channels that an account can prefer."""
        return self.facts["preferred_channel"].values or tuple(CHANNELS)


def setting_of(program: Program) -> Setting:
    """Return the setting of one ruleset in one currency."""
    return Setting(
        terms=program.terms,
        rules=program.rules,
        facts=program.edition.facts,
        needed=program.needed_facts,
        limits=program.ruleset.contact_limits,
        former=program.ruleset.id,
    )
