"""Accounts that no rule covers.

In a stateless ruleset these accounts match no row. On a ladder they are accounts that the ruleset covers, that no
block holds back, and for which nothing is ever done, however long they wait: days before the first rule are no gap.
If that is what you want, say so with a rule or a block that names them, or silence the finding with a reason.

**Bad**

```yaml
stateless: true
rules:
  - {id: small, when: {open_balance: {less_than: 100}}, then: {action: raise_event, name: small}}
  - {id: large, when: {open_balance: {more_than: 100}}, then: {action: assign_task, assign_to: billing}}
```

**Good**

```yaml
stateless: true
rules:
  - {id: small, when: {open_balance: {less_than: 100}}, then: {action: raise_event, name: small}}
  - {id: large, then: {action: assign_task, assign_to: billing}}
```
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from engine.analysis.examples import Example, list_questions
from engine.analysis.finding import Check, Finding
from engine.analysis.space import Packed, Space
from engine.analysis.study import Study
from engine.conditions.boxes import Box, Region, intersection, region_of
from engine.conditions.sets import integers
from engine.coordinates.plausible import implausible
from engine.words.phrases import join
from engine.worlds.asking import Asking

_MOST_PIECES = 32
_MOST_SHOWN = 3
_OWED = frozenset({"open_balance", "open_invoices", "original_balance", "largest_invoice", "last_invoice"})


class _Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that no rule covers: boxes of them, and the same let go of all sides that the rules do not mind."""

    accounts: Region
    kinds: Region


def find(study: Study) -> Iterator[Finding]:
    """Yield one finding with the plainest kinds of account that no rule covers."""
    if study.edition.otherwise.type != "none" or not study.rules:
        return
    gaps = _find_stateless(study) if study.ruleset.stateless else _find_forgotten(study)
    if not gaps.accounts:
        return
    pairs = zip(gaps.kinds, gaps.accounts, strict=True)
    ranked = sorted(pairs, key=lambda pair: (len(pair[0].sides), len(pair[1].sides)))
    kinds = list(dict.fromkeys(study.describe(_leave_out_usual(study, kind)) for kind, _ in ranked))
    never = "No rule covers" if study.ruleset.stateless else "Nothing is ever done for"
    yield Finding(
        at=study.places.find_near("rules"),
        subject=study.ruleset.id,
        severity="warning" if study.ruleset.stateless else "info",
        message=f"{never} {_tell(kinds)}.",
        hint="Add a rule for them, an “otherwise”, or a block that says why nothing is done.",
        examples=(
            Example(
                shows=_show_nothing if study.ruleset.stateless else _show_nothing_ever,
                questions=list_questions(study, _list_accounts(study, ranked)),
            ),
        ),
    )


def _show_nothing(asking: Asking) -> str | None:
    """Show that no rule wins and no block holds."""
    return "No rule wins." if asking.decision.outcome in {"none", "wait"} else None


def _show_nothing_ever(asking: Asking) -> str | None:
    """Show that nothing is done on this day or a later one."""
    is_idle = asking.decision.outcome == "none" and asking.decision.upcoming is None
    return "Nothing is done, now or later." if is_idle else None


def _list_accounts(study: Study, ranked: Sequence[tuple[Box, Box]]) -> Iterator[Box]:
    """Yield accounts that no rule covers, first such as lack no fact that they may have."""
    for _, account in ranked:
        given = {
            key: values.intersection(study.dimensions[key].present) if key in study.edition.facts else values
            for key, values in account.sides.items()
        }
        yield Box(sides={key: account.sides[key] if values.is_empty() else values for key, values in given.items()})
    yield from (account for _, account in ranked)


def _tell(kinds: list[str]) -> str:
    """Return the plainest kinds of account as one phrase."""
    if not all(kinds):
        return "any account"
    more = ["others"] if len(kinds) > _MOST_SHOWN else []
    return f"accounts with {join([*(f'“{kind}”' for kind in kinds[:_MOST_SHOWN]), *more], 'or')}"


def _leave_out_usual(study: Study, kind: Box) -> Box:
    """Return a kind of account without the facts that have their default, unless no other is left."""
    facts = study.edition.facts
    told = {
        key: values
        for key, values in kind.sides.items()
        if key not in facts or isinstance(default := facts[key].default, tuple | None) or not values.contains(default)
    }
    return Box(sides=told) if told else kind


def _find_stateless(study: Study) -> _Gaps:
    taken = [box for boxes in study.whole.eligible for box in boxes]
    return _collect(study.space, study.whole.covered, taken, (*study.whole.always, *study.unlikely))


def _find_forgotten(study: Study) -> _Gaps:
    """Return accounts that owe something, are not blocked, and to which waiting brings no rule."""
    taken = study.led_into(tuple(box for region in study.plan.first for box in region))
    blocked = study.led_into(study.blocking)
    start, unreal = _asked_accounts(study), tuple(implausible(study.beside))
    space = Space((*start, *taken, *blocked, *unreal), study.dimensions, meter=study.meter)
    return _collect(space, space.pack_all(start), space.pack_all(taken), space.pack_all((*blocked, *unreal)))


def _collect(space: Space, start: Packed, taken: Sequence[int], elsewhere: Packed) -> _Gaps:
    pieces = space.merge(islice(space.rest(start, (*taken, *elsewhere)), _MOST_PIECES))
    kinds = [space.widen(piece, space.everything, taken) for piece in pieces]
    return _Gaps(accounts=space.unpack_all(pieces), kinds=space.unpack_all(kinds))


def _asked_accounts(study: Study) -> Region:
    """Return the accounts that are covered, owe something, and for which nothing was executed yet."""
    owing = {
        key: integers((1, None)) if key in _OWED else dimension.present
        for key, dimension in study.dimensions.items()
        if key in study.edition.facts and study.edition.facts[key].source == "invoices"
    }
    found: Region = study.plan.coverage
    for sides in (study.first_ask_box.sides, owing):
        found = intersection(found, region_of(sides, study.dimensions), study.dimensions)
    return found


CHECK = Check(code="gap", severity="warning", title="Accounts that no rule covers", find=find)
