"""What became of guarantees from one version to the next: added, dropped, weakened, or no longer proved."""

from collections.abc import Iterator, Mapping, Sequence

from engine.comparison.difference import Pledge, PledgeKind
from engine.conditions import boxes
from engine.conditions.boxes import BudgetExceeded
from engine.coordinates.beside import Beside
from engine.coordinates.guards import Guards
from engine.coordinates.surroundings import narrow
from engine.evaluation.program import Compiled, Program
from engine.model.ruleset import Guarantee, Never
from engine.model.vocabulary import ACTIONS, CONTACT
from engine.proofs.guarantees import Judged, judge_guarantees

_NOTHING_NEEDED: frozenset[str] = frozenset()


def compare_guarantees(compiled: tuple[Compiled, Compiled], renamed_rules: Mapping[str, str]) -> tuple[Pledge, ...]:
    """Return what became of each guarantee that is not what it was; guarantees are the same by their id."""
    was, becomes = ({each.guarantee.id: each for each in judge_guarantees(one)} for one in compiled)
    names = [*becomes, *(name for name in was if name not in becomes)]
    found = (_compare(was.get(name), becomes.get(name), compiled, renamed_rules) for name in names)
    return tuple(pledge for pledge in found if pledge.kinds)


def _compare(
    was: Judged | None, becomes: Judged | None, compiled: tuple[Compiled, Compiled], renamed: Mapping[str, str]
) -> Pledge:
    kinds: tuple[PledgeKind, ...] = ("added",) if was is None else ("dropped",) if becomes is None else ()
    if was is not None and becomes is not None:
        kinds = tuple(_worsened(was, becomes, compiled, renamed))
    (told, *_) = [each.guarantee for each in (becomes, was) if each is not None]
    return Pledge(
        id=told.id,
        says=told.says,
        kinds=kinds,
        was=None if was is None else was.verdict,
        becomes=None if becomes is None else becomes.verdict,
    )


def _worsened(
    was: Judged, becomes: Judged, compiled: tuple[Compiled, Compiled], renamed: Mapping[str, str]
) -> Iterator[PledgeKind]:
    old, new = compiled
    pairs = [(old.programs[currency], new.programs[currency]) for currency in new.programs if currency in old.programs]
    weaker = [_is_weaker(*pair, was.guarantee.id, renamed) for pair in pairs]
    if any(weaker):
        yield "weakened"
    elif None in weaker:
        yield "perhaps weakened"
    if was.verdict in {"proved", "idle"} and becomes.verdict in {"refuted", "unproved"}:
        yield "no longer proved"


def _is_weaker(old: Program, new: Program, name: str, renamed: Mapping[str, str]) -> bool | None:
    """Tell whether something that a guarantee forbade is allowed by the one that has its name now.

    None where that is not known: the budget is spent, or one part of conditions would have to be held beside another.
    """
    before, after = _find(old, name), _find(new, name)
    if not _covers(after.never, before.never, renamed):
        return True
    guards = [Guards(each.ruleset, each.edition, each.plan, each.terms.windows) for each in (old, new)]
    forbade, forbids = (each.forbidden(one) for each, one in zip(guards, (before, after), strict=True))
    dimensions = narrow({**guards[0].dimensions, **guards[1].dimensions}, _NOTHING_NEEDED)
    nowhere = tuple(Beside(dimensions, (forbade, forbids)).impossible())
    try:
        is_kept = boxes.is_subset(boxes.clip(forbade, dimensions), (*forbids, *nowhere), dimensions)
    except BudgetExceeded:
        return None
    # Two parts are equal or strange to each other, so what is shown with them is so, and the contrary is not shown.
    return None if not is_kept and any(each.parts for each in guards) else not is_kept


def _find(program: Program, name: str) -> Guarantee:
    return next(each for each in program.edition.guarantees if each.id == name)


def _covers(new: Never, old: Never, renamed: Mapping[str, str]) -> bool:
    """Tell whether one forbids every action that the other does, conditions apart."""
    pairs: Sequence[tuple[Sequence[str], Sequence[str]]] = (
        (_types(new.actions), _types(old.actions)),
        (new.rules, [renamed.get(rule, rule) for rule in old.rules]),
        (new.channels, old.channels),
        (new.tones, old.tones),
        (new.fees, old.fees),
    )
    return all(not wide or (bool(narrower) and set(narrower) <= set(wide)) for wide, narrower in pairs)


def _types(actions: Sequence[str]) -> list[str]:
    contacts = [name for name, kind in ACTIONS.items() if kind.is_contact]
    return [name for action in actions for name in (contacts if action == CONTACT else [action])]
