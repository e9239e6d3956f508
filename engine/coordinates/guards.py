"""Where the guarantees of an edition forbid its actions: regions over the coordinates of its plan, and a few more."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from engine.conditions.boxes import EVERYTHING, NOTHING, Box, Region
from engine.conditions.sets import YES, integers, words
from engine.coordinates.beside import Beside
from engine.coordinates.channels import reach
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executed import Groups, executors_of, target_of
from engine.coordinates.executions import ANNOUNCED, ANNOUNCED_FEE, DaysSince, met, past_deadline, since_met
from engine.coordinates.ladder import RESTED
from engine.coordinates.plan import Plan, Planner
from engine.coordinates.terms import Terms
from engine.coordinates.variants import Variant
from engine.coordinates.windows import Windows
from engine.model.condition import Condition
from engine.model.ruleset import Action, After, Edition, Guarantee, Never, Ruleset
from engine.model.vocabulary import ACTIONS, ANNOUNCED_BEFORE, CONTACT, PREFERRED


class Guarded(msgspec.Struct, frozen=True, kw_only=True):
    """An action of a rule, or of ``otherwise`` (None), with where a guarantee forbids it and it could be carried out.

    Of an action that the rule itself wins with, the rule's own boxes say where that is.
    """

    rule: int | None
    action: Action
    region: Region


class Guards(Planner):
    """The guarantees of an edition, compiled beside its plan.

    ``groups`` are the rules of the targets that count several rules' executions.
    """

    def __init__(self, ruleset: Ruleset, edition: Edition, plan: Plan, windows: Windows) -> None:
        super().__init__(ruleset, edition)
        self._windows = windows
        self.groups: dict[str, tuple[str, ...]] = {}
        self._plan = plan

    def guarded(self, guarantee: Guarantee) -> Iterator[Guarded]:
        """Yield the actions that a guarantee is about."""
        never = guarantee.never
        for index, rule in enumerate(self.edition.rules):
            if not never.rules or rule.id in never.rules:
                yield from self._guard(guarantee, index, rule.action)
        if not never.rules and self.edition.otherwise.type != "none":
            yield from self._guard(guarantee, None, self.edition.otherwise)

    def _guard(self, guarantee: Guarantee, rule: int | None, own: Action) -> Iterator[Guarded]:
        for action in (own, *own.along_with):
            if not is_meant(guarantee.never, action):
                continue
            parts = [self.forbidden(guarantee)]
            parts += [self._chosen(action, guarantee.never.channels)] if guarantee.never.channels else []
            if guarantee.never.fees and action.fee == ANNOUNCED_BEFORE:
                parts.append(self._side(ANNOUNCED_FEE, words(*guarantee.never.fees)))
            if action is not own:
                parts += [self._unstopped(action), self._reach(action, reach)]
            yield Guarded(rule=rule, action=action, region=self._meet(parts))

    def forbidden(self, guarantee: Guarantee) -> Region:
        """Return where a guarantee forbids the actions that it is about."""
        return self._meet((self.region(guarantee.never.when), self._outside(self.allowed(guarantee))))

    def allowed(self, guarantee: Guarantee) -> Region:
        """Return where ``unless`` holds."""
        unless = guarantee.unless
        when = NOTHING if unless.when is None else self.region(unless.when)
        after = self._meet(self._done_before(each) for each in unless.after) if unless.after else NOTHING
        return self._join([when, after])

    def _done_before(self, after: After) -> Region:
        """Return where what an ``after`` waits for was done; in a stateless ruleset nothing is (language.md 8b.1)."""
        if self._ruleset.stateless:
            return NOTHING
        if after.action is None and after.table is None:
            return self._after(after)
        target = target_of(after)
        members = tuple(rule.id for rule in executors_of(target, self.edition.rules))
        if not members:
            return NOTHING
        if len(members) == 1:
            return self._after(msgspec.structs.replace(after, action=None, table=None, rule=members[0]))
        self.groups[target] = members
        for name in members:
            for each in (met(name), since_met(name), past_deadline(name)):
                self.dimensions.setdefault(each.key, each)
        return self._after(after)

    def _chosen(self, action: Action, channels: Sequence[str]) -> Region:
        """Return where the first open channel of an action is one of some channels."""
        found: list[Region] = []
        barred = self._fact("do_not_contact")
        self.dimensions.setdefault(barred.key, barred)  # it closes every channel
        for position, name in enumerate(action.channels):
            earlier = self._flag(reach(action.channels[:position]), holds=False) if position else EVERYTHING
            for channel in channels if name == PREFERRED else {name}.intersection(channels):
                is_open = self._flag(reach((channel,)), holds=True)
                is_named = EVERYTHING
                if name == PREFERRED:
                    is_named = self._side(self._fact("preferred_channel"), words(channel))
                found.append(self._meet((earlier, is_named, is_open)))
        return self._join(found)

    @property
    def every_dimension(self) -> dict[str, Coordinate]:
        """Return the coordinates of the plan and those that only guarantees ask about."""
        return {**self.dimensions, **self._plan.dimensions}

    @property
    def whole(self) -> Plan:
        """Return the plan with the coordinates and parts of the guarantees that were compiled."""
        return msgspec.structs.replace(
            self._plan, dimensions=self.every_dimension, parts={**self.parts, **self._plan.parts}
        )

    @property
    def terms(self) -> Terms:
        """Return how an account is read for what guarantees ask."""
        more = conditions_of(self.edition.guarantees)
        return Terms(
            self._ruleset,
            self.edition,
            self._windows,
            groups=_by_rule(self.groups),
            scores=self._plan.scores,
            more=more,
        )


def impossible(ruleset: Ruleset, beside: Beside) -> Iterator[Box]:
    """Yield where no account is, whatever its history, and what only guarantees need to be told of that.

    The last step of the ladder was not taken before one of its rules was executed, where all is fresh nothing is
    announced, and where an experiment is over before the ruleset is effective all are in the first variant.
    """
    yield from beside.impossible()
    for each in beside.of(Variant):
        until, begins = each.experiment.until, ruleset.effective.from_on
        if until is not None and begins is not None and until <= begins:
            yield Box(sides={each.key: each.universe.difference(words(each.experiment.variants[0][0]))})
    if ruleset.stateless and ANNOUNCED in beside:
        yield Box(sides={ANNOUNCED.key: YES})
    levelled = [each for each in beside.of(DaysSince) if each.target in beside.levelled]
    for since in levelled if RESTED in beside else ():
        for cut in beside.cuts(since, RESTED):
            yield Box(sides={since.key: integers((None, cut - 1)), RESTED.key: integers((cut, None))})


def is_meant(never: Never, action: Action) -> bool:
    """Tell whether an action may be one that is forbidden, for all that is known without an account."""
    is_of_type = not never.actions or action.type in never.actions
    is_contact = CONTACT in never.actions and ACTIONS[action.type].is_contact
    is_in_tone = not never.tones or action.parameters.get("tone") in never.tones
    charges = not never.fees or action.fee == ANNOUNCED_BEFORE or action.fee in never.fees
    goes_over = not never.channels or not {PREFERRED, *never.channels}.isdisjoint(action.channels)
    return (is_of_type or is_contact) and is_in_tone and charges and goes_over


def conditions_of(guarantees: Iterable[Guarantee]) -> tuple[Condition, ...]:
    """Return every condition that guarantees are written with."""
    written = (condition for each in guarantees for condition in (each.never.when, each.unless.when))
    return tuple(condition for condition in written if condition is not None)


def _by_rule(groups: dict[str, tuple[str, ...]]) -> Groups:
    rules = dict.fromkeys(name for members in groups.values() for name in members)
    return {name: tuple(target for target, members in groups.items() if name in members) for name in rules}
