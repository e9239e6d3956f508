"""An account's standing on one local day: what every coordinate is read from."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence

from engine.coordinates.standing import Standing
from engine.model.ruleset import HOLD_OUT, ContactLimit, Experiment
from engine.model.vocabulary import PREFERRED

_BUCKETS = 10_000
_BUCKETS_A_PERCENT = 100
NOT_LIMITED: Mapping[str, ContactLimit] = {}
NO_VARIANTS: dict[str, str] = {}


class Snapshot:
    """A standing on a day; ``over_limit`` are the channels that a contact limit closes on it, with the limit."""

    def __init__(self, standing: Standing, day: dt.date) -> None:
        self.standing = standing
        self.day = day
        self.executed = standing.executed
        terms = standing.terms
        self.over_limit = self._find_over_limit() if terms.contact_limits else NOT_LIMITED
        # language.md 5.5
        self.open_channels = standing.usable_channels
        if self.over_limit:
            self.open_channels = self.open_channels.difference(self.over_limit)
        self.variants = self._draw_variants() if terms.experiments else NO_VARIANTS

    def _find_over_limit(self) -> Mapping[str, ContactLimit]:
        if not self.executed.contacts and not self.standing.terms.forbids_contacts:
            return NOT_LIMITED
        closed: dict[str, ContactLimit] = {}
        for limit in self.standing.terms.contact_limits:
            used = self.count_contacts(limit.channel, limit.per_days)
            if used >= limit.at_most:
                for channel in self.standing.channels if limit.channel is None else (limit.channel,):
                    closed.setdefault(channel, limit)
        return closed

    def count_contacts(self, channel: str | None, per_days: int) -> int:
        """Count the contacts on a channel, or on all, of today and the days before, so many days in all."""
        since, found = self.day - dt.timedelta(days=per_days - 1), 0
        for day, used in reversed(self.executed.contacts):  # the last first: before the window nothing counts
            if day < since:
                break
            found += day <= self.day and channel in {None, used}
        return found

    def count_attempts(self, per_days: int) -> int:
        """Count the payment attempts of today and the days before, so many days in all."""
        if not self.executed.attempts:
            return 0
        since = self.day - dt.timedelta(days=per_days - 1)
        return sum(since <= day <= self.day for day in self.executed.attempts)

    def first_open(self, order: Iterable[str]) -> str | None:
        """Return the first open channel of a rule's order (language.md 6.3)."""
        return first_of(order, self.open_channels, self.standing.preferred)

    def is_limited(self, order: Sequence[str]) -> bool:
        """Tell whether only contact limits keep every channel of a rule's order closed."""
        if not self.over_limit or self.standing.is_contact_barred or self.first_open(order) is not None:
            return False
        return first_of(order, self.standing.usable_channels, self.standing.preferred) is not None

    def _draw_variants(self) -> dict[str, str]:
        account = self.standing.account.id
        return {each.id: variant_of(each, account, self.day) for each in self.standing.terms.experiments}


def first_of(order: Iterable[str], usable: frozenset[str], preferred: str | None) -> str | None:
    """Return the first channel of an order that is usable."""
    for name in order:
        channel = preferred if name == PREFERRED else name
        if channel is not None and channel in usable:
            return channel
    return None


def variant_of(experiment: Experiment, account: str, day: dt.date) -> str:
    """Return an account's variant (language.md 8): SHA-256, first 8 bytes big-endian, modulo 10,000."""
    if experiment.until is not None and day >= experiment.until:
        return experiment.variants[0][0]
    if experiment.hold_out is not None:
        held_out = experiment.hold_out * _BUCKETS_A_PERCENT
        if _bucket_of(f"{experiment.id}/hold-out:{account}") < held_out:
            return HOLD_OUT
    bucket, end = _bucket_of(f"{experiment.id}:{account}"), 0
    for name, percent in experiment.variants:
        end += percent * _BUCKETS_A_PERCENT
        if bucket < end:
            return name
    return experiment.variants[-1][0]


def _bucket_of(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % _BUCKETS
