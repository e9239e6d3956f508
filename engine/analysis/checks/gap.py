"""Accounts that no rule covers.

In a stateless ruleset these accounts match no row. On a ladder they are accounts that the ruleset covers, that no
block holds back, and for which nothing is ever done, however long they wait: days before the first rule are no gap.
The sentence leaves nothing out: a fact at its default and a closed channel are named. Who is left out only because no
channel of a step is open comes last. If that is what you want, say so with a rule or a block that names them, or
silence the finding with a reason.

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
from engine.conditions.sets import NO, YES, integers
from engine.conditions.space import Packed, Space
from engine.coordinates.channels import Reach
from engine.coordinates.plausible import implausible
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover
from engine.words.phrases import join
from engine.worlds.asking import Asking

_MOST_PIECES = 32
_MOST_SHOWN = 3
_FRESH = "nothing executed yet"
_OWED = frozenset({"open_balance", "open_invoices", "original_balance", "largest_invoice", "last_invoice"})


class Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that no rule covers: boxes of them, and the same let go of all sides that the rules do not mind."""

    accounts: Region
    kinds: Region

    def rank(self) -> list[tuple[Box, Box]]:
        """Return each kind with its accounts, the plainest first."""
        pairs = zip(self.kinds, self.accounts, strict=True)
        return sorted(pairs, key=lambda pair: (len(pair[0].sides), len(pair[1].sides)))


def find(prover: Prover) -> Iterator[Finding]:
    """Yield one finding with the plainest kinds of account that no rule covers."""
    if prover.edition.otherwise.type != "none" or not prover.rules or _is_consequence(prover):
        return
    ranked = find_gaps(prover).rank()
    if not ranked:
        return
    yield Finding(
        at=prover.places.find_near("rules"),
        subject=prover.ruleset.id,
        severity="warning" if prover.ruleset.stateless else "info",
        message=_tell(prover, list(dict.fromkeys(kind for kind, _ in ranked))),
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


def _tell(prover: Prover, kinds: Sequence[Box]) -> str:
    """Return the plainest kinds of account as a sentence: whom a rule means comes first, then whom it cannot reach."""
    never = "No rule covers" if prover.ruleset.stateless else "Nothing is ever done for"
    unreached = [kind for kind in kinds if _is_unreached(prover, kind)]
    others = [kind for kind in kinds if kind not in unreached]
    parts = [_tell_kinds(prover, others, "accounts")] if others else []
    if unreached:
        whom = "those" if others else "accounts"
        parts.append(_tell_unreached(prover, unreached, whom))
    return f"{never} {', nor '.join(parts)}."


def _is_unreached(prover: Prover, kind: Box) -> bool:
    """Tell whether a kind is left out for want of an open channel."""
    return any(isinstance(prover.dimensions[key], Reach) and values == NO for key, values in kind.sides.items())


def _tell_unreached(prover: Prover, kinds: Sequence[Box], whom: str) -> str:
    keys = list(kinds[0].sides)
    if len(kinds) == len(keys) == 1 and isinstance(alone := prover.dimensions[keys[0]], Reach):
        return f"{whom} that {' or '.join(alone.order)} {'do' if len(alone.order) > 1 else 'does'} not reach"
    return _tell_kinds(prover, kinds, f"{whom} that the channel of their step does not reach:", "")


def _tell_kinds(prover: Prover, kinds: Sequence[Box], whom: str, link: str = " with") -> str:
    words = list(dict.fromkeys(_describe(prover, kind) for kind in kinds))
    if not all(words):
        return "any account"
    more = ["others"] if len(words) > _MOST_SHOWN else []
    return f"{whom}{link} {join([*(f'“{each}”' for each in words[:_MOST_SHOWN]), *more], 'or')}"


def _describe(prover: Prover, kind: Box) -> str:
    """Return a kind in words; one phrase says all the sides of an account for which nothing is executed."""
    fresh = prover.first_ask_box.sides
    if not fresh.keys() & kind.sides.keys():
        return prover.describe(kind)
    others = Box(sides={key: values for key, values in kind.sides.items() if key not in fresh})
    return ", ".join(part for part in (prover.describe(others), _FRESH) if part)


def _begin(prover: Prover, kind: Box) -> Box:
    """Return a kind that hangs on something not being executed as the part of it for which nothing is."""
    fresh = prover.first_ask_box.sides
    return Box(sides={**kind.sides, **fresh}) if fresh.keys() & kind.sides.keys() else kind


def find_gaps(prover: Prover) -> Gaps:
    """Return all that no rule covers, on whatever an account hangs; each kind is told as it is."""
    return _find_stateless(prover) if prover.ruleset.stateless else _find_forgotten(prover)


def _find_stateless(prover: Prover) -> Gaps:
    taken = [box for boxes in prover.whole.eligible for box in boxes]
    return _collect(prover, prover.space, prover.whole.covered, taken, (*prover.whole.always, *prover.unlikely))


def _find_forgotten(prover: Prover) -> Gaps:
    """Return accounts that owe something, are not blocked, and to which waiting brings no rule."""
    taken = prover.led_into(tuple(box for region in prover.plan.first for box in region))
    blocked = prover.led_into(prover.blocking)
    start, unreal = _asked_accounts(prover), tuple(implausible(prover.beside, ignore_below=prover.edition.ignore_below))
    space = Space((*start, *taken, *blocked, *unreal, _reached(prover)), prover.dimensions, meter=prover.meter)
    return _collect(prover, space, space.pack_all(start), space.pack_all(taken), space.pack_all((*blocked, *unreal)))


def _reached(prover: Prover) -> Box:
    """Return where every channel that a rule needs is open: who is left out there is not so for want of a channel."""
    return Box(sides={key: YES for key, each in prover.dimensions.items() if isinstance(each, Reach)})


def _collect(prover: Prover, space: Space, start: Packed, taken: Sequence[int], elsewhere: Packed) -> Gaps:
    reached = space.pack_all([_reached(prover)])
    accounts: list[int] = []
    kinds: list[int] = []
    for asked in dict.fromkeys((space.common(start, reached), start)):
        pieces = space.merge(islice(space.rest(asked, (*taken, *elsewhere, *kinds)), _MOST_PIECES))
        accounts += pieces
        kinds += [space.widen(piece, space.everything, taken) for piece in pieces]
    told = tuple(_begin(prover, kind) for kind in space.unpack_all(kinds))
    return Gaps(accounts=space.unpack_all(accounts), kinds=told)


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
