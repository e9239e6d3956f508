"""Whether what a guarantee forbids ever happens: proved over all boxes, or shown by an account that was asked."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import Literal, get_args

import msgspec

from engine.conditions.boxes import Box, BudgetExceeded, Region
from engine.conditions.sets import integers
from engine.conditions.space import Meter, Packed, Space
from engine.coordinates.executed import executors_of, target_of
from engine.coordinates.guards import Guarded, Guards, impossible
from engine.coordinates.ladder import TURN
from engine.coordinates.surroundings import narrow, surroundings_of
from engine.evaluation.holding import holds, is_within
from engine.evaluation.program import Compiled, Program
from engine.model.decision import NextAction
from engine.model.question import Question
from engine.model.ruleset import Guarantee, Never
from engine.model.vocabulary import ACTIONS, CHANNELS, CONTACT
from engine.proofs.examples import sketch_boxes
from engine.proofs.precedence import Precedence
from engine.worlds.asking import Asking
from engine.worlds.confirming import find_confirmed
from engine.worlds.setting import setting_of

Verdict = Literal["proved", "refuted", "unproved", "idle"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

# Comparisons of boxes for the guarantees of a ruleset in one currency.
GUARANTEE_BUDGET = 10_000_000
_MOST_BOXES = 40
_MOST_TRIES = 600
_WORST_FIRST: tuple[Verdict, ...] = ("refuted", "unproved", "proved", "idle")


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee with what became of it; where it is refuted, with the account that shows it, and what came out.

    ``action_count`` is how many actions of the ruleset it is about, ``lacking`` what ``unless`` waits for in vain: a
    rule, level or action that the ruleset does not have.
    """

    guarantee: Guarantee
    verdict: Verdict
    action_count: int
    lacking: tuple[str, ...] = ()
    question: Question | None = None
    says: str | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee with its verdict, for machines."""

    id: str
    says: str | None
    verdict: Verdict
    actions: int


def tell(judged: Judged) -> Told:
    """Return a guarantee with its verdict, as reports and versions have it."""
    guarantee = judged.guarantee
    return Told(id=guarantee.id, says=guarantee.says, verdict=judged.verdict, actions=judged.action_count)


def judge_guarantees(compiled: Compiled, *, budget: int = GUARANTEE_BUDGET) -> tuple[Judged, ...]:
    """Return what becomes of each guarantee of a ruleset, in written order: the worst of all its currencies."""
    found = [_Court(compiled, program, budget=budget).judge_all() for program in compiled.programs.values()]
    return tuple(min(each, key=lambda judged: _WORST_FIRST.index(judged.verdict)) for each in zip(*found, strict=True))


class Breach:
    """What shows that a guarantee does not hold: a decision that was made, and that it forbids."""

    def __init__(self, guarantee: Guarantee, guards: Guards) -> None:
        self._guarantee = guarantee
        self._guards = guards
        self._allowed = guards.allowed(guarantee)

    def show(self, asking: Asking) -> str | None:
        """Return in a sentence what is done that is forbidden, None where nothing is."""
        verdict = asking.verdict
        if verdict is None or (verdict.rule is None and not verdict.does_otherwise):
            return None  # nothing is done, whatever a look ahead says
        decision = asking.decision
        rule = None if decision.rule is None else decision.rule.id
        if decision.action is None or (self._guarantee.never.rules and rule not in self._guarantee.never.rules):
            return None
        actions = (decision.action, *decision.along_with)
        action = next((each for each in actions if _is_forbidden(self._guarantee.never, each)), None)
        view = None if action is None else asking.read_by(self._guards.terms)
        if view is None or action is None or not holds(self._guarantee.never.when, view):
            return None
        if is_within((self._allowed, self._guards), view):
            return None
        who = "No rule wins, and otherwise" if rule is None else f"“{rule}” wins:"
        by = f" by {action.channel}" if action.channel else ""
        return f"{who} {action.type}{by}{'' if action is decision.action else ' goes along'}."


def _is_forbidden(never: Never, action: NextAction) -> bool:
    """Tell whether an action that is carried out is as it must never be, conditions apart."""
    is_contact = CONTACT in never.actions and ACTIONS[action.type].is_contact
    fee = action.fee.name if action.fee else None
    return (
        (not never.actions or is_contact or action.type in never.actions)
        and (not never.channels or action.channel in never.channels)
        and (not never.tones or action.tone in never.tones)
        and (not never.fees or fee in never.fees)
    )


class _Court:
    """The guarantees of one currency's reading of a ruleset, over one space and one budget."""

    def __init__(self, compiled: Compiled, program: Program, *, budget: int) -> None:
        self._compiled = compiled
        self._program = program
        self._guarantees = program.edition.guarantees
        self._meter = Meter(budget)
        self._guards = Guards(program.ruleset, program.edition, program.plan, program.terms.windows)

    def judge_all(self) -> tuple[Judged, ...]:
        return tuple(self._judge(guarantee) for guarantee in self._guarantees)

    def _judge(self, guarantee: Guarantee) -> Judged:
        try:
            cases = self._cases[guarantee.id]
        except BudgetExceeded:
            return Judged(guarantee=guarantee, verdict="unproved", action_count=0)
        breach, verdicts = Breach(guarantee, self._guards), [self._try(case) for case in cases]
        for boxes in verdicts:
            found = find_confirmed(self._ask(boxes), breach.show, self._compiled, most=_MOST_TRIES) if boxes else None
            if found is not None:
                question, says = found
                return Judged(
                    guarantee=guarantee,
                    verdict="refuted",
                    action_count=len(cases),
                    lacking=tuple(self._list_lacking(guarantee)),
                    question=question,
                    says=says,
                )
        verdict: Verdict = "idle" if not cases else "unproved" if any(verdicts) else "proved"
        return Judged(guarantee=guarantee, verdict=verdict, action_count=len(cases))

    def _list_lacking(self, guarantee: Guarantee) -> Iterator[str]:
        targets = (target_of(each) for each in guarantee.unless.after)
        return (target for target in targets if not executors_of(target, self._program.edition.rules))

    @cached_property
    def _cases(self) -> dict[str, list[Guarded]]:
        return {each.id: list(self._guards.guarded(each)) for each in self._guarantees}

    def _try(self, case: Guarded) -> Sequence[Box]:
        """Return boxes in which what is forbidden is likely done, none where it is proved that it never is."""
        within = self._precedence.pack(case.region)
        try:
            if self._is_kept_out(case, within):
                return ()
            return tuple(islice(self._list_breaches(case, within), _MOST_BOXES))
        except BudgetExceeded:
            return (Box(sides={}),)

    def _is_kept_out(self, case: Guarded, within: Packed) -> bool:
        """Tell whether blocks and what is impossible suffice to prove it, whatever goes before the rule.

        They often do so whatever the rule itself asks, and its boxes may be many.
        """
        precedence = self._precedence
        if precedence.is_nowhere(precedence.space.common(within, precedence.covered)):
            return True
        own = self._otherwise if case.rule is None else precedence.eligible[case.rule]
        return precedence.is_nowhere(precedence.space.common(own, within))

    def _list_breaches(self, case: Guarded, within: Packed) -> Iterator[Box]:
        precedence, space = self._precedence, self._precedence.space
        if case.rule is None:
            rivals = [box for eligible in precedence.eligible for box in eligible]
            covers = (*precedence.always, *self._overtaken, *rivals)
            yield from space.unpack_all(space.rest(space.common(self._otherwise, within), covers))
            return
        for plain in self._plain:
            for is_wide in (True, False):
                regions = (within, precedence.pack((plain,)))
                wins = precedence.list_wins(case.rule, within=regions, without=self._overtaken, is_wide=is_wide)
                yield from (place.box for place in wins)

    @cached_property
    def _plain(self) -> tuple[Box, ...]:
        """Return in which boxes an account is looked for: nothing executed, then no limit reached, then anywhere."""
        coordinates = self._guards.every_dimension.items()
        first = {key: values for key, each in coordinates if (values := each.unexecuted) is not None}
        calm = {key: values for key, each in coordinates if (values := each.unhindered) is not None}
        return Box(sides={**calm, **first}), Box(sides=calm), Box(sides={})

    @cached_property
    def _otherwise(self) -> Packed:
        precedence = self._precedence
        return precedence.space.common(precedence.pack(self._program.plan.otherwise), precedence.covered)

    @cached_property
    def _overtaken(self) -> Packed:
        """Return where a rule waits for its channel and a higher level is thought to have its turn."""
        return self._precedence.pack(self._waiting)

    @cached_property
    def _waiting(self) -> Region:
        plan, rules = self._program.plan, self._program.edition.rules
        above = (
            (region, integers(((rule.level or 0) + 1, None))) for rule, region in zip(rules, plan.turns, strict=True)
        )
        return tuple(Box(sides={**box.sides, TURN.key: turns}) for region, turns in above for box in region)

    @cached_property
    def _precedence(self) -> Precedence:
        """Return who goes before whom over a space that tells apart what guarantees ask about."""
        program, guards = self._program, self._guards
        asked = [case.region for cases in self._cases.values() for case in cases]
        whole = guards.whole
        plain = narrow(whole.dimensions, program.needed_facts)
        edition, windows = program.edition, program.terms.windows
        beside = surroundings_of(program.ruleset, edition, whole, windows, plain, more=asked, groups=guards.groups)
        found, plan = tuple(impossible(program.ruleset, beside)), program.plan
        regions: Iterable[Region] = (
            plan.coverage,
            *plan.blocks,
            *plan.first,
            *plan.again,
            plan.otherwise,
            found,
            self._waiting,
            self._plain,
            *asked,
        )
        space = Space(chain.from_iterable(regions), plain, meter=self._meter)
        return Precedence(program, space, impossible=found, fixed={})

    def _ask(self, boxes: Iterable[Box]) -> Iterator[Question]:
        sketched = sketch_boxes(self._program, self._guards.every_dimension, boxes, most=_MOST_BOXES)
        return (each for question in sketched for each in _vary(question, self._program))


def _vary(question: Question, program: Program) -> Iterator[Question]:
    """Yield a question, and the same where less stands in the way: what undoes came first, contacts went elsewhere."""
    yield question
    silent = tuple(_silence(program, entry) for entry in question.history)
    if silent != question.history:
        yield msgspec.structs.replace(question, history=silent)
    undoing = tuple(each for each in silent if _undoes(program, each))
    if undoing:
        first = min(str(each["at"]) for each in silent)
        others = (each for each in silent if not _undoes(program, each))
        yield msgspec.structs.replace(question, history=(*({**each, "at": first} for each in undoing), *others))
    if "channels" in question.account:
        reachable = {**question.account, "channels": list(setting_of(program).channels)}
        yield msgspec.structs.replace(question, account=reachable, history=silent)


def _undoes(program: Program, entry: dict[str, object]) -> bool:
    rule = program.rules.get(str(entry.get("rule")))
    return rule is not None and bool(rule.undoes)


def _silence(program: Program, entry: dict[str, object]) -> dict[str, object]:
    """Return an entry of a rule as one whose contacts went where no limit counts them by their channel."""
    rule = program.rules.get(str(entry.get("rule")))
    if rule is None or not (rule.action.channels or rule.action.along_with):
        return entry
    counted = {limit.channel for limit in program.ruleset.contact_limits}
    elsewhere = next((name for name in reversed(CHANNELS) if name not in counted), None)
    return {**entry, "also": [], **({"channel": elsewhere} if rule.action.channels and elsewhere else {})}
