"""The standard facts and actions, copied from language.md 3 and 6.1 by hand."""

from typing import Any

import msgspec

CHANNELS = ("email", "sms", "phone", "letter", "in_app", "push", "messenger", "social", "portal")
CONTACT_ACTIONS = frozenset({
    "send_reminder", "send_dunning_notice", "request_payment_method", "offer_payment_plan", "offer_discount",
    "place_call",
})  # fmt: skip
INVOICE_FACTS = frozenset({
    "days_overdue", "invoice_age_days", "open_balance", "overdue_balance", "original_balance", "open_invoices",
    "overdue_invoices", "largest_invoice", "last_invoice",
})  # fmt: skip
HISTORY_FACTS = frozenset({
    "dunning_level", "last_rule", "days_since_last_contact", "contacts_last_7_days", "contacts_last_30_days",
})  # fmt: skip
ACCOUNT_KEYS = frozenset({"id", "currency", "timezone", "party", "facts_on", "invoices"})


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What a fact may be (3.3)."""

    type: str
    values: frozenset[str] | None = None
    places: int = 0
    needed: bool = False
    default: Any = None
    moves: int = 0


def declared(node: dict[str, Any]) -> Declaration:
    """A declaration as written in `facts:` (every scalar a string)."""
    return Declaration(
        type=node["type"],
        values=frozenset(node["values"]) if "values" in node else None,
        places=int(node.get("places", 0)),
        needed=node.get("optional") != "true" and "default" not in node,
        default=node.get("default"),
        moves=int(node.get("moves", 0)),
    )


_ENUMS = "segment country subdivision language plan billing_interval contract_term card_network last_rule"
_TEXTS = "decline_code advice_code hold_reason dispute_reason"
_BOOLEANS = (
    "vip payment_plan_active disputed insolvent deceased moratorium in_debt_counselling represented vulnerable "
    "do_not_contact ceased_communication complaint_open fraud_suspected legal_hold service_essential "
    "payment_in_flight handed_over"
)
_AMOUNTS = "customer_value open_balance overdue_balance original_balance largest_invoice last_invoice"
_COUNTS = "open_invoices overdue_invoices contacts_last_7_days contacts_last_30_days dunning_level"
_ZERO_COUNTS = "failed_attempts broken_promises payment_plan_missed"
_DECIMALS = "risk_score propensity_to_pay on_time_rate"
_CLOSED = {
    "customer_type": "consumer business public_body unknown",
    "payment_method": "card sepa_debit ach_debit bacs_debit bank_transfer wallet invoice",
    "decline_category": "soft hard authentication account unknown",
    "service_status": "active restricted suspended cancelled",
    "preferred_channel": " ".join(CHANNELS),
}
_MOVING = {
    "tenure_days": 1,
    "days_overdue": 1,
    "invoice_age_days": 1,
    "days_until_renewal": -1,
    "days_since_last_attempt": 1,
    "card_expires_in_days": -1,
    "days_since_last_contact": 1,
    "promise_to_pay_in_days": -1,
    "hold_days_left": -1,
}

STANDARD = {
    **{name: Declaration(type="enum") for name in _ENUMS.split()},
    **{name: Declaration(type="enum", values=frozenset(words.split())) for name, words in _CLOSED.items()},
    **{name: Declaration(type="text") for name in _TEXTS.split()},
    **{name: Declaration(type="boolean", default="false") for name in _BOOLEANS.split()},
    **{name: Declaration(type="amount") for name in _AMOUNTS.split()},
    **{name: Declaration(type="days", moves=moves) for name, moves in _MOVING.items()},
    **{name: Declaration(type="integer") for name in _COUNTS.split()},
    **{name: Declaration(type="integer", default="0") for name in _ZERO_COUNTS.split()},
    **{name: Declaration(type="decimal", places=4) for name in _DECIMALS.split()},
    "tags": Declaration(type="set"),
    "channels": Declaration(type="set", values=frozenset(CHANNELS)),
}
