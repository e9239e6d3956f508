"""What fees and interest mean: the names in them, and what does not fit together (language.md section 7)."""

from engine.loading.complaints import list_words, suggest
from engine.loading.node import Mapping, Node, Scalar, describe, find, items_of
from engine.loading.spot import Spot
from engine.model.money import Fee, Interest, Tier

_AMOUNT_KEYS = ("fixed", "percent", "tiers")
_AMOUNTS = ("fixed", "at_least", "at_most", "up_to")


def make_fee(*, each: str = "", **terms: object) -> Fee:
    """Return the fee."""
    return Fee(each_invoice=each == "invoice", **terms)  # type: ignore[arg-type]  # the rows of the fee say what they are


def name_basis(node: Scalar, spot: Spot) -> str | None:
    """Return the amount fact that a fee is reckoned on, and complain of anything else."""
    amounts = [fact.name for fact in spot.scope.facts.values() if fact.type == "amount"]
    if node.text in amounts:
        return node.text
    found = f"“{node.text}” is no amount." if node.text in spot.scope.facts else f"“{node.text}” is no fact."
    hint = suggest(node.text, amounts) or f"The amounts here: {list_words(amounts, 'and')}."
    spot.complain("unknown-fact", node, found, hint)
    return None


def name_fee(node: Scalar, spot: Spot) -> str | None:
    """Return the name of a fee of the file, and complain of any other."""
    if node.text in spot.scope.fees:
        return node.text
    found, declared = f"“{node.text}” is no fee of this file.", f"Declare it: “fees: {{{node.text}: {{fixed: 40}}}}”."
    spot.scope.complaints.add_once("unknown-fee", node, found, lambda: suggest(node.text, spot.scope.fees) or declared)
    return None


def name_interest(node: Scalar, spot: Spot) -> str | None:
    """Return the name of an interest of the file, and complain of any other."""
    if node.text in spot.scope.interest:
        return node.text
    found, declared = f"{describe(node)} names no interest of this file.", "Declare it under “interest”."
    spot.scope.complaints.add_once(
        "unknown-interest", node, found, lambda: suggest(node.text, spot.scope.interest) or declared
    )
    return None


def check_fee(node: Mapping, fee: Fee, spot: Spot) -> None:
    """Complain of a fee that is not fixed, nor a basis with either a percentage or tiers; and of its bounds."""
    _check_how_much(node, fee.name, spot.key or node, spot)
    at_least = find(node, "at_least")
    if at_least is not None and fee.at_least is not None and fee.at_most is not None and fee.at_least > fee.at_most:
        spot.complain("bounds-reversed", at_least, f"The fee {fee.name} has an at_least above its at_most.")
    _refuse_negative(node, fee, spot)
    _check_tiers(items_of(find(node, "tiers")), fee.tiers, spot)


def _check_how_much(node: Mapping, name: str, place: Node, spot: Spot) -> None:
    given = [key for key in _AMOUNT_KEYS if find(node, key) is not None]
    basis = find(node, "basis")
    lacking = [key for key in _AMOUNT_KEYS if spot.scope.complaints.is_lacking(node, key)]
    if not given and len(lacking) == len(_AMOUNT_KEYS):
        found = f"The fee {name} does not say how much it is: it needs one of fixed, percent and tiers."
        spot.complain("fee-unclear", place, found)
    elif len(given) > 1:
        found = f"The fee {name} has {list_words(given, 'and')}; it can have only one of these."
        spot.complain("fee-unclear", place, found, f"Keep {list_words(given)}.")
    elif not given:
        return
    elif given == ["fixed"] and basis is not None:
        spot.complain("fee-unclear", basis, f"The fee {name} is fixed, so it has no basis.")
    elif given != ["fixed"] and spot.scope.complaints.is_lacking(node, "basis"):
        found = f"The fee {name} does not say what its {given[0]} is reckoned on."
        spot.complain("fee-unclear", place, found, "Add “basis: overdue_balance” or another amount.")


def _refuse_negative(node: Mapping, terms: Fee | Tier, spot: Spot) -> None:
    """Complain of an amount below zero: a fee is never a credit."""
    for key in _AMOUNTS:
        written, amount = find(node, key), getattr(terms, key, None)
        if written is not None and amount is not None and amount < 0:
            found = f"“{key}” is below zero; a fee is never a credit."
            spot.complain("number-out-of-range", written, found, "Write the amount without the minus.")


def check_tier(node: Mapping, tier: Tier, spot: Spot) -> None:
    """Complain unless it has either a percentage or a fixed amount."""
    _refuse_negative(node, tier, spot)
    if len([key for key in ("percent", "fixed") if find(node, key) is not None]) != 1:
        spot.complain("tiers-unclear", node, "A tier needs either a percent or a fixed amount.")


def _check_tiers(items: tuple[Node, ...], tiers: tuple[Tier, ...], spot: Spot) -> None:
    """Complain of tiers that do not rise, are not of one kind, or whose last is not the only open one."""
    if len(items) != len(tiers):
        return
    for position, (item, tier) in enumerate(zip(items, tiers, strict=True), start=1):
        up_to, before = find(item, "up_to"), tiers[position - 2] if position > 1 else None
        if position == len(items) and up_to is not None:
            found = "The last tier has an up_to, so nothing is said of a larger basis."
            spot.complain("tiers-unclear", up_to, found, "Leave up_to out of the last tier.")
        if position < len(items) and up_to is None:
            found = "A tier before the last has no up_to, so no later tier is ever reached."
            spot.complain("tiers-unclear", item, found)
        if up_to and before and before.up_to is not None and tier.up_to is not None and tier.up_to <= before.up_to:
            found = "The tiers do not rise: this up_to is not above the one before."
            spot.complain("tiers-unclear", up_to, found)
        if _is_percentage(tier) is not None and _is_percentage(tiers[0]) not in {None, _is_percentage(tier)}:
            found = "Some tiers are a percentage and some fixed; all must be one kind."
            spot.complain("tiers-unclear", item, found)


def _is_percentage(tier: Tier) -> bool | None:
    """Tell of which kind a tier is; None where it is of neither or of both."""
    if (tier.percent is None) == (tier.fixed is None):
        return None
    return tier.percent is not None


def check_interest(node: Mapping, interest: Interest, spot: Spot) -> None:
    """Complain of rates out of order, and of a last known day before the last rate."""
    items, rates = items_of(find(node, "rates")), interest.rates
    if len(items) != len(rates):
        return
    last = rates[0]
    for item, rate in zip(items[1:], rates[1:], strict=True):
        start = find(item, "from")
        if rate.from_on > last.from_on:
            last = rate
        elif start is not None:
            found = f"The rates are not in order: {rate.from_on} is not after {last.from_on}."
            spot.complain("rates-not-rising", start, found)
    known_until = find(node, "known_until")
    if known_until is not None and interest.known_until is not None and interest.known_until < last.from_on:
        found = f"The rates are known until {interest.known_until}, before the last of them begins."
        spot.complain("dates-reversed", known_until, found)
