"""Random facts and conditions; what a condition compares with is kept, so that accounts can sit beside it."""

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.oracle.values import exponent
from tests.oracle.vocabulary import STANDARD, Declaration, declared

WORDS: Mapping[str, tuple[str, ...]] = {
    "segment": ("consumer", "smb", "enterprise"),
    "country": ("NL", "DE", "NO", "US"),
    "plan": ("basic", "pro", "v1.2", "on"),
    "language": ("nl", "en-GB", "no"),
    "customer_type": ("consumer", "business", "public_body", "unknown"),
    "payment_method": ("card", "sepa_debit", "invoice"),
    "decline_category": ("soft", "hard", "unknown"),
    "service_status": ("active", "restricted", "suspended"),
    "preferred_channel": ("email", "sms", "phone", "letter"),
    "decline_code": ("R01", "05", "insufficient funds", "3..13"),
    "tags": ("vip", "pilot", "legacy", "x-1"),
    "last_rule": ("r0", "r1", "r2"),
}
BOOLEANS = ("vip", "disputed", "insolvent", "vulnerable", "legal_hold", "payment_plan_active", "do_not_contact")
INVOICE_NUMBERS = (
    "days_overdue",
    "days_overdue",
    "overdue_balance",
    "open_balance",
    "open_invoices",
    "overdue_invoices",
    "largest_invoice",
    "last_invoice",
    "invoice_age_days",
    "original_balance",
)
HISTORY_NUMBERS = ("dunning_level", "days_since_last_contact", "contacts_last_7_days", "contacts_last_30_days")
OWN_NUMBERS = (
    "customer_value",
    "tenure_days",
    "failed_attempts",
    "promise_to_pay_in_days",
    "days_until_renewal",
    "risk_score",
    "card_expires_in_days",
    "hold_days_left",
)
CUSTOM: Mapping[str, dict[str, Any]] = {
    "c_enum": {"type": "enum", "values": ["red", "green", "blue"], "optional": True},
    "c_need": {"type": "enum", "values": ["low", "high"]},
    "c_open": {"type": "enum", "default": "none-yet"},
    "c_text": {"type": "text", "optional": True},
    "c_flag": {"type": "boolean", "optional": True},
    "c_sure": {"type": "boolean", "default": True},
    "c_int": {"type": "integer", "optional": True},
    "c_days": {"type": "days", "moves": -1, "optional": True},
    "c_amount": {"type": "amount", "optional": True},
    "c_rate": {"type": "decimal", "places": 2, "optional": True},
    "c_set": {"type": "set", "values": ["a", "b", "c"], "optional": True},
}
CUSTOM_WORDS: Mapping[str, tuple[str, ...]] = {
    "c_enum": ("red", "green", "blue"),
    "c_need": ("low", "high"),
    "c_open": ("none-yet", "some", "true"),
    "c_text": ("on", "12:30", "two words"),
    "c_set": ("a", "b", "c"),
}


class Palette:
    """The facts that one ruleset may speak of, and what it compares them with."""

    def __init__(self, rng: random.Random, currencies: tuple[str, ...], features: frozenset[str], rules: int) -> None:
        self.rng = rng
        self.currencies = currencies
        self.features = features
        self.stateless = False
        self.custom = {}
        if "facts" in features:
            self.custom = {name: CUSTOM[name] for name in rng.sample(sorted(CUSTOM), rng.randint(0, 4))}
        self.words: dict[str, tuple[str, ...]] = {**WORDS, **CUSTOM_WORDS, "last_rule": _rule_ids(rules)}
        self.used: set[str] = set()
        self.thresholds: dict[str, list[int]] = {}  # in minor units of the first currency, scaled by places
        self.experiments: dict[str, list[str]] = {}
        self.named: dict[str, Any] = {}

    def declaration(self, name: str) -> Declaration:
        """The declaration of a fact."""
        if name in self.custom:
            node = {key: _as_word(value) for key, value in self.custom[name].items()}
            return declared(node)
        return STANDARD[name]

    def condition(self, depth: int = 2) -> dict[str, Any]:
        """A random `when:` mapping."""
        rng = self.rng
        entries: dict[str, Any] = {}
        for _ in range(rng.choice((0, 1, 1, 2, 2, 3))):
            roll = rng.random()
            if depth and roll < 0.12:
                entries["any"] = [self.condition(depth - 1) for _ in range(rng.randint(0, 3))]
            elif depth and roll < 0.2:
                entries["none"] = [self.condition(depth - 1) for _ in range(rng.randint(0, 2))]
            elif roll < 0.27 and self.experiments:
                name = rng.choice(sorted(self.experiments))
                variants = self.experiments[name]
                entries["experiment"] = {name: rng.choice([variants[0], variants[-1], list(variants[:2])])}
            elif roll < 0.34 and self.named:
                entries[rng.choice(sorted(self.named))] = rng.random() < 0.6
            else:
                name = self._pick()
                entries[name] = self.test(name)
        return entries

    def _pick(self) -> str:
        rng = self.rng
        pools: list[tuple[str, ...]] = [INVOICE_NUMBERS, INVOICE_NUMBERS, OWN_NUMBERS, BOOLEANS, tuple(sorted(WORDS))]
        if "history" in self.features:
            pools.append(HISTORY_NUMBERS[1:] if self.stateless else HISTORY_NUMBERS)
        if self.custom:
            pools.append(tuple(sorted(self.custom)))
        name = rng.choice(rng.choice(pools))
        if name == "last_rule" and (self.stateless or "history" not in self.features):
            return "days_overdue"
        return name

    def test(self, name: str) -> Any:
        """A random test on a fact."""
        rng, kind = self.rng, self.declaration(name).type
        self.used.add(name)
        if kind != "set" and rng.random() < 0.08:
            return {"is": rng.choice(("missing", "present"))}
        if kind == "boolean":
            return rng.choice([True, False, {"not": True}])
        if kind == "set":
            return self._set_test(self.words[name])
        if kind in ("enum", "text"):
            return self._word_test(self.words[name])
        return self._number_test(name)

    def _set_test(self, words: tuple[str, ...]) -> Any:
        some = self.rng.sample(words, self.rng.randint(1, 2))
        return self.rng.choice([some[0], some, {"all": some}, {"none": some}])

    def _word_test(self, words: tuple[str, ...]) -> Any:
        words = tuple(word for word in words if ".." not in word)
        some = self.rng.sample(words, 2)
        return self.rng.choice([some[0], some[0], some, {"not": some[0]}, {"not": some}])

    def _number_test(self, name: str) -> Any:
        rng = self.rng
        low = self._threshold(name)
        high = low + rng.choice((0, 1, 2, 5, 10)) * self.unit(name)
        self.thresholds[name].append(high)
        a, b = self.written(name, low), self.written(name, high)
        plain = not isinstance(a, dict) and not isinstance(b, dict)
        forms: list[Any] = [a, {"at_least": a}, {"at_most": a}, {"more_than": a}, {"less_than": a}, {"not": a}]
        forms += [{"at_least": a, "at_most": b}, {"more_than": a, "not": b}]
        if plain:
            forms += [f"{a}..", f"{a}..", f"..{a}", f"{a}..{b}", [a, f"{b}.."], {"not": f"{a}..{b}"}, {"not": [a, b]}]
        return rng.choice(forms)

    def unit(self, name: str) -> int:
        """One whole unit of a fact's currency, or one."""
        return 10 ** exponent(self.currencies[0]) if self.declaration(name).type == "amount" else 1

    def _threshold(self, name: str) -> int:
        rng, declaration = self.rng, self.declaration(name)
        value: int
        if declaration.type == "amount":
            value = rng.choice((0, 10, 25, 100, 250)) * self.unit(name) + rng.choice((0, 0, 1))
        elif declaration.type == "decimal":
            value = rng.randint(0, 10**declaration.places)
        elif name in ("days_overdue", "invoice_age_days", "days_since_last_contact", "tenure_days"):
            value = rng.choice((-3, 0, 1, 3, 7, 10, 14, 21, 30, 45))
        elif declaration.moves:
            value = rng.choice((-2, -1, 0, 1, 5, 14))
        else:
            value = rng.randint(0, 4)
        if value < 0 and name in ("invoice_age_days", "days_since_last_contact", "tenure_days"):
            value = 0
        self.thresholds.setdefault(name, []).append(value)
        return value

    def written(self, name: str, value: int) -> Any:
        """A number of minor units or scaled units as the ruleset writes it."""
        declaration = self.declaration(name)
        if declaration.type == "decimal":
            return Decimal(value).scaleb(-declaration.places)
        return self.amount(value) if declaration.type == "amount" else value

    def amount(self, minor: int) -> Any:
        """An amount of the first currency, or in several currencies a mapping (1.2)."""
        first, others = self.currencies[0], self.currencies[1:]
        plain = Decimal(minor).scaleb(-exponent(first))
        if not others:
            return plain
        if minor == 0:
            return 0
        return {first: plain, **{other: int(plain) + 1 for other in others}}


def _rule_ids(count: int) -> tuple[str, ...]:
    return tuple(f"r{index}" for index in range(max(count, 2)))


def _as_word(value: Any) -> Any:
    return str(value).lower() if isinstance(value, (bool, int)) else value
