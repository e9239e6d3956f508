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

from engine.analysis.finding import Check, Finding
from engine.analysis.reasons import reason_of
from engine.conditions.boxes import Box, Region, intersection, region_of
from engine.conditions.sets import integers
from engine.conditions.space import Packed, Space
from engine.coordinates.facts import Element, FactCoordinate
from engine.coordinates.plausible import implausible
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover
from engine.words.phrases import join
from engine.worlds.asking import Asking

_MOST_PIECES = 32
_MOST_SHOWN = 3
_OWED = frozenset({"open_balance", "open_invoices", "original_balance", "largest_invoice", "last_invoice"})


class _Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that no rule covers: boxes of them, and the same let go of all sides that the rules do not mind."""

    accounts: Region
    kinds: Region


def find(prover: Prover) -> Iterator[Finding]:
    """Yield one finding with the plainest kinds of account that no rule covers."""
    if prover.edition.otherwise.type != "none" or not prover.rules or _is_consequence(prover):
        return
    gaps = _find_stateless(prover) if prover.ruleset.stateless else _find_forgotten(prover)
    if not gaps.accounts:
        return
    pairs = zip(gaps.kinds, gaps.accounts, strict=True)
    ranked = sorted(pairs, key=lambda pair: (len(pair[0].sides), len(pair[1].sides)))
    kinds = list(dict.fromkeys(_describe(prover, _leave_out_usual(prover, kind)) for kind, _ in ranked))
    never = "No rule covers" if prover.ruleset.stateless else "Nothing is ever done for"
    yield Finding(
        at=prover.places.find_near("rules"),
        subject=prover.ruleset.id,
        severity="warning" if prover.ruleset.stateless else "info",
        message=f"{never} {_tell(kinds)}.",
        hint="Add a rule for them, an “otherwise”, or a block that says why nothing is done.",
        examples=(
            Example(
                shows=_show_nothing if prover.ruleset.stateless else _show_nothing_ever,
                questions=list_questions(prover, _list_accounts(prover, ranked)),
            ),
        ),
    )


def _is_consequence(prover: Prover) -> bool:
    """Tell whether a rule asks for what no account can be: what it was meant to cover is seen when that is mended."""
    return any(reason_of(prover, index) == "when" for index in range(len(prover.rules)) if not prover.may_reach(index))


def _show_nothing(asking: Asking) -> str | None:
    """Show that no rule wins and no block holds."""
    return "No rule wins." if asking.decision.outcome in {"none", "wait"} else None


def _show_nothing_ever(asking: Asking) -> str | None:
    """Show that nothing is done on this day or a later one."""
    is_idle = asking.decision.outcome == "none" and asking.decision.upcoming is None
    return "Nothing is done, now or later." if is_idle else None


def _list_accounts(prover: Prover, ranked: Sequence[tuple[Box, Box]]) -> Iterator[Box]:
    """Yield accounts that no rule covers, first such as lack no fact that they may have."""
    for _, account in ranked:
        given = {
            key: values.intersection(prover.dimensions[key].present) if key in prover.edition.facts else values
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


def _describe(prover: Prover, kind: Box) -> str:
    """Return what a kind of account has, its facts as they are written; in a stateless ruleset also the rest."""
    beside = [
        prover.dimensions[key].say(values, prover.edition.currency)
        for key, values in kind.sides.items()
        if prover.ruleset.stateless and not isinstance(prover.dimensions[key], FactCoordinate | Element)
    ]
    return "; ".join(part for part in (prover.describe(kind), *beside) if part)


def _leave_out_usual(prover: Prover, kind: Box) -> Box:
    """Return a kind of account without the facts that have their default, unless no other fact is left."""
    facts = prover.edition.facts
    told = {
        key: values
        for key, values in kind.sides.items()
        if key not in facts or isinstance(default := facts[key].default, tuple | None) or not values.contains(default)
    }
    return Box(sides=told) if prover.describe(Box(sides=told)) else kind


def _find_stateless(prover: Prover) -> _Gaps:
    taken = [box for boxes in prover.whole.eligible for box in boxes]
    return _collect(prover.space, prover.whole.covered, taken, (*prover.whole.always, *prover.unlikely))


def _find_forgotten(prover: Prover) -> _Gaps:
    """Return accounts that owe something, are not blocked, and to which waiting brings no rule."""
    taken = prover.led_into(tuple(box for region in prover.plan.first for box in region))
    blocked = prover.led_into(prover.blocking)
    start, unreal = _asked_accounts(prover), tuple(implausible(prover.beside, ignore_below=prover.edition.ignore_below))
    space = Space((*start, *taken, *blocked, *unreal), prover.dimensions, meter=prover.meter)
    return _collect(space, space.pack_all(start), space.pack_all(taken), space.pack_all((*blocked, *unreal)))


def _collect(space: Space, start: Packed, taken: Sequence[int], elsewhere: Packed) -> _Gaps:
    pieces = space.merge(islice(space.rest(start, (*taken, *elsewhere)), _MOST_PIECES))
    kinds = [space.widen(piece, space.everything, taken) for piece in pieces]
    return _Gaps(accounts=space.unpack_all(pieces), kinds=space.unpack_all(kinds))


def _asked_accounts(prover: Prover) -> Region:
    """Return the accounts that are covered, owe something, and for which nothing was executed yet."""
    owing = {
        key: integers((1, None)) if key in _OWED else dimension.present
        for key, dimension in prover.dimensions.items()
        if key in prover.edition.facts and prover.edition.facts[key].source == "invoices"
    }
    found: Region = prover.plan.coverage
    for sides in (prover.first_ask_box.sides, owing):
        found = intersection(found, region_of(sides, prover.dimensions), prover.dimensions)
    return found


CHECK = Check(code="gap", severity="warning", title="Accounts that no rule covers", find=find)
