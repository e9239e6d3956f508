"""Fees and interest as written, to records in one currency (language.md section 7)."""

import datetime as dt
from decimal import Decimal

from engine.loading.complaints import list_words, suggest
from engine.loading.constants import read_amount, read_date, read_percent
from engine.loading.node import Entry, Mapping, Node, Scalar, describe, entries_of, find, items_of
from engine.loading.scope import Scope
from engine.model.money import Fee, Interest, Rate, Tier

ANNOUNCED = "announced"
MOST_PERCENT = 1000
_AMOUNT_KEYS = ("fixed", "percent", "tiers")
_AMOUNTS = ("fixed", "at_least", "at_most", "up_to")


def read_fees(node: Node | None, scope: Scope) -> dict[str, Fee]:
    """Return the fees by name."""
    fees = (_read_fee(entry, scope) for entry in entries_of(node))
    return {fee.name: fee for fee in fees}


def _read_fee(entry: Entry, scope: Scope) -> Fee:
    name, node = entry.key.text, entry.value
    if name == ANNOUNCED:
        found = f"No fee can be called “{ANNOUNCED}”: charge_fee reads it as the fee that was announced."
        scope.complaints.add("name-taken", entry.key, found)
    _check_how_much(entry, scope)
    once_per = find(node, "once_per")
    at_least, at_most = read_amount(find(node, "at_least"), scope), read_amount(find(node, "at_most"), scope)
    if at_least is not None and at_most is not None and at_least > at_most:
        scope.complaints.add(
            "bounds-reversed", find(node, "at_least") or node, f"The fee {name} has an at_least above its at_most."
        )
    _refuse_negative(node, scope)
    return Fee(
        name=name,
        fixed=read_amount(find(node, "fixed"), scope),
        basis=_read_basis(find(node, "basis"), scope),
        percent=_read_share(find(node, "percent"), scope),
        tiers=_read_tiers(find(node, "tiers"), scope),
        at_least=at_least,
        at_most=at_most,
        vat_percent=_read_share(find(node, "vat_percent"), scope),
        each_invoice=_text_of(find(node, "each"), "") == "invoice",
        absorbs=_read_absorbs(find(node, "absorbs"), scope),
        once_per=once_per.text if isinstance(once_per, Scalar) else None,  # type: ignore[arg-type]  # the schema's enum
    )


def _refuse_negative(node: Node, scope: Scope) -> None:
    """Complain of an amount below zero: a fee is never a credit."""
    for part in (node, *items_of(find(node, "tiers"))):
        for entry in entries_of(part):
            amount = read_amount(entry.value, scope) if entry.key.text in _AMOUNTS else None
            if amount is not None and amount < 0:
                found = f"“{entry.key.text}” is below zero; a fee is never a credit."
                scope.complaints.add("number-out-of-range", entry.value, found, "Write the amount without the minus.")


def _read_share(node: Node | None, scope: Scope) -> Decimal | None:
    return read_percent(node, scope.complaints, least=0, most=MOST_PERCENT)


def _check_how_much(entry: Entry, scope: Scope) -> None:
    """Complain unless the fee is fixed, or a basis with either a percentage or tiers."""
    name, node = entry.key.text, entry.value
    if scope.complaints.is_broken(node) or not isinstance(node, Mapping):
        return
    given = [key for key in _AMOUNT_KEYS if find(node, key) is not None]
    basis = find(node, "basis")
    lacking = [key for key in _AMOUNT_KEYS if scope.complaints.is_lacking(node, key)]
    if not given and len(lacking) == len(_AMOUNT_KEYS):
        found = f"The fee {name} does not say how much it is: it needs one of fixed, percent and tiers."
        scope.complaints.add("fee-unclear", entry.key, found)
    elif len(given) > 1:
        found = f"The fee {name} has {list_words(given, 'and')}; it can have only one of these."
        scope.complaints.add("fee-unclear", entry.key, found, f"Keep {list_words(given)}.")
    elif not given:
        return
    elif given == ["fixed"] and basis is not None:
        scope.complaints.add("fee-unclear", basis, f"The fee {name} is fixed, so it has no basis.")
    elif given != ["fixed"] and scope.complaints.is_lacking(node, "basis"):
        found = f"The fee {name} does not say what its {given[0]} is reckoned on."
        scope.complaints.add("fee-unclear", entry.key, found, "Add “basis: overdue_balance” or another amount.")


def _read_basis(node: Node | None, scope: Scope) -> str | None:
    if not isinstance(node, Scalar):
        return None
    amounts = [fact.name for fact in scope.facts.values() if fact.type == "amount"]
    if node.text not in amounts:
        known = node.text in scope.facts
        found = f"“{node.text}” is no amount." if known else f"“{node.text}” is no fact."
        hint = suggest(node.text, amounts) or f"The amounts here: {list_words(amounts, 'and')}."
        scope.complaints.add("unknown-fact", node, found, hint)
        return None
    return node.text


def _read_tiers(node: Node | None, scope: Scope) -> tuple[Tier, ...]:
    items = items_of(node)
    tiers: list[Tier] = []
    for position, item in enumerate(items, start=1):
        up_to = find(item, "up_to")
        tier = Tier(
            up_to=read_amount(up_to, scope),
            percent=_read_share(find(item, "percent"), scope),
            fixed=read_amount(find(item, "fixed"), scope),
        )
        _check_tier(item, tier, tiers, scope, is_last=position == len(items))
        tiers.append(tier)
    return tuple(tiers)


def _check_tier(item: Node, tier: Tier, before: list[Tier], scope: Scope, *, is_last: bool) -> None:
    up_to = find(item, "up_to")
    if is_last and up_to is not None:
        found = "The last tier has an up_to, so nothing is said of a larger basis."
        scope.complaints.add("tiers-unclear", up_to, found, "Leave up_to out of the last tier.")
    if not is_last and up_to is None:
        scope.complaints.add(
            "tiers-unclear", item, "A tier before the last has no up_to, so no later tier is ever reached."
        )
    previous = before[-1].up_to if before else None
    if up_to is not None and tier.up_to is not None and previous is not None and tier.up_to <= previous:
        scope.complaints.add("tiers-unclear", up_to, "The tiers do not rise: this up_to is not above the one before.")
    keys = [key for key in ("percent", "fixed") if find(item, key) is not None]
    if len(keys) != 1:
        scope.complaints.add("tiers-unclear", item, "A tier needs either a percent or a fixed amount.")
    elif before and (before[0].percent is None) == (keys == ["percent"]) and _says_how_much(before[0]):
        scope.complaints.add("tiers-unclear", item, "Some tiers are a percentage and some fixed; all must be one kind.")


def _says_how_much(tier: Tier) -> bool:
    return tier.percent is not None or tier.fixed is not None


def _read_absorbs(node: Node | None, scope: Scope) -> tuple[str, ...]:
    return tuple(item.text for item in items_of(node) if isinstance(item, Scalar) and check_fee(item, scope))


def check_fee(node: Scalar, scope: Scope) -> bool:
    """Tell whether the node names a fee of the file, and complain otherwise."""
    if node.text in scope.fees:
        return True
    hint = suggest(node.text, scope.fees) or f"Declare it: “fees: {{{node.text}: {{fixed: 40}}}}”."
    scope.complaints.add_once("unknown-fee", node, f"“{node.text}” is no fee of this file.", hint)
    return False


def read_interest(node: Node | None, scope: Scope) -> dict[str, Interest]:
    """Return the kinds of interest by name."""
    return {entry.key.text: _read_kind(entry, scope) for entry in entries_of(node)}


def _read_kind(entry: Entry, scope: Scope) -> Interest:
    node = entry.value
    rates = _read_rates(find(node, "rates"), scope)
    known_until = find(node, "known_until")
    until = read_date(known_until, scope.complaints)
    if known_until is not None and until is not None and rates and until < rates[-1].from_on:
        found = f"The rates are known until {until}, before the last of them begins."
        scope.complaints.add("dates-reversed", known_until, found)
    fixed = find(node, "fixed_at_default")
    return Interest(
        name=entry.key.text,
        rates=rates,
        known_until=until,
        day_count=_text_of(find(node, "day_count"), "act/365"),  # type: ignore[arg-type]  # the schema's enum
        fixed_at_default=isinstance(fixed, Scalar) and fixed.text == "true",
        compounding=_text_of(find(node, "compounding"), "none"),  # type: ignore[arg-type]  # the schema's enum
    )


def _text_of(node: Node | None, default: str) -> str:
    return node.text if isinstance(node, Scalar) else default


def _read_rates(node: Node | None, scope: Scope) -> tuple[Rate, ...]:
    rates: list[Rate] = []
    for item in items_of(node):
        start = find(item, "from")
        from_on: dt.date | None = read_date(start, scope.complaints)
        percent: Decimal | None = read_percent(
            find(item, "percent"), scope.complaints, least=-MOST_PERCENT, most=MOST_PERCENT
        )
        if start is None or from_on is None or percent is None:
            continue
        if rates and from_on <= rates[-1].from_on:
            found = f"The rates are not in order: {from_on} is not after {rates[-1].from_on}."
            scope.complaints.add("rates-not-rising", start, found)
            continue
        rates.append(Rate(from_on=from_on, percent=percent))
    return tuple(rates)


def check_interest(node: Scalar, scope: Scope) -> bool:
    """Tell whether the node names an interest of the file, and complain otherwise."""
    if node.text in scope.interest:
        return True
    hint = suggest(node.text, scope.interest) or "Declare it under “interest”."
    scope.complaints.add_once("unknown-interest", node, f"{describe(node)} names no interest of this file.", hint)
    return False
