"""The contact limits of two rulesets: what both limit alike is one coordinate, the rest is counted."""

from collections.abc import Sequence

import msgspec

from engine.model.ruleset import ContactLimit


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The contact limits that both rulesets have, and those that only one has."""

    common: tuple[ContactLimit, ...]
    own: tuple[tuple[ContactLimit, ...], tuple[ContactLimit, ...]]

    @property
    def are_alike(self) -> bool:
        """Tell whether both rulesets have the same limits."""
        return not self.own[0] and not self.own[1]

    @property
    def unlike_channels(self) -> tuple[str, ...]:
        """Return the channels that have a limit of their own on one side only."""
        found = {limit.channel for side in self.own for limit in side if limit.channel is not None}
        return tuple(sorted(found))


def compare_limits(old: Sequence[ContactLimit], new: Sequence[ContactLimit]) -> Limits:
    """Tell the limits of both rulesets from those of one."""
    return Limits(
        common=tuple(limit for limit in old if limit in new),
        own=(tuple(limit for limit in old if limit not in new), tuple(limit for limit in new if limit not in old)),
    )
