"""Decline and return codes as a table: what each means and whether the same charge may be sent again.

The tables themselves are in declines/, one file an edition, each with the meaning of its columns at its head.
"""

import datetime as dt
from typing import Literal, get_args

import msgspec

Scheme = Literal[
    "sepa_debit",
    "bacs_debit",
    "ach_debit",
    "visa",
    "mastercard",
    "amex",
    "discover",
    "card",
    "mastercard_advice",
    "card_advice",
]
Category = Literal["soft", "hard", "authentication", "account", "unknown"]
Remedy = Literal["retry", "resubmit", "repair", "new_details", "authenticate", "ask", "dispute", "person"]

SCHEMES: tuple[str, ...] = get_args(Scheme)
CATEGORIES: tuple[str, ...] = get_args(Category)
REMEDIES: tuple[str, ...] = get_args(Remedy)
DEBITS = ("sepa_debit", "bacs_debit", "ach_debit")
NETWORKS = ("visa", "mastercard", "amex", "discover")
CARD = "card"
ADVICE = ("mastercard_advice", "card_advice")
OTHER = "other"


class Decline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row: some codes of one scheme; ``at_most`` and ``per_days`` stand together or not at all."""

    scheme: Scheme
    codes: tuple[str, ...]
    meaning: str
    category: Category
    retryable: bool
    remedy: Remedy
    at_most: int | None = None
    per_days: int | None = None
    wait_days: int = 1
    source: str


class DeclineTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One edition of the table; one that has ``rows_of`` another is read with its rows.

    ``is_rested_if_unknown``: whether a wait counts as over where the last attempt is not known.
    """

    edition: str
    checked_on: dt.date
    declines: tuple[Decline, ...] = ()
    rows_of: str | None = None
    is_rested_if_unknown: bool = True
