"""A second reading of the head of the table of declines, and accounts to try it with."""

import random
from pathlib import Path
from typing import Any

import msgspec
import yaml

EDITION = "2026-12"
FILE = Path(__file__).parents[2] / "engine" / "model" / "declines" / "2026-11.yaml"  # the rows of both editions
NETWORKS = ("visa", "mastercard", "amex", "discover")
DEBITS = ("sepa_debit", "bacs_debit", "ach_debit")


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row as it is written."""

    scheme: str
    codes: tuple[str, ...]
    meaning: str
    category: str
    retryable: bool
    remedy: str
    at_most: int | None = None
    per_days: int | None = None
    wait_days: int | None = None
    source: str


class Charge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an account says of its last charge."""

    payment_method: str | None = None
    card_network: str | None = None
    decline_code: str | None = None
    advice_code: str | None = None
    days_since_last_attempt: int | None = None


def read_rows() -> list[Row]:
    """Return the rows, read by another YAML reader, which takes every word for a text but true and false."""
    document: Any = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # texts only
    return [msgspec.convert(each, Row, strict=False) for each in document["declines"]]


ROWS = read_rows()


def find_row(charge: Charge, *, heeds_advice: bool = True) -> Row | None:
    """Look a charge up in the order that the table's head gives."""
    if charge.payment_method in DEBITS:
        return first(charge.decline_code, charge.payment_method)
    if charge.payment_method != "card":
        return None
    schemes = [charge.card_network, "card"] if charge.card_network in NETWORKS else ["card"]
    advice = first(charge.advice_code, "mastercard_advice", "card_advice") if heeds_advice else None
    return advice or first(charge.decline_code, *schemes)


def first(code: str | None, *schemes: str | None) -> Row | None:
    """Return the first row that has the code, then the first for any other."""
    if code is None:
        return None
    for wanted in (code, "other"):
        for scheme in schemes:
            for row in ROWS:
                if row.scheme == scheme and wanted in row.codes:
                    return row
    return None


def random_charges(count: int) -> list[Charge]:
    """Return charges of every kind, most of them with codes and advices of the table."""
    rng = random.Random(20261121)
    codes = [code for row in ROWS for code in row.codes]
    advices = [code for row in ROWS if row.scheme.endswith("advice") for code in row.codes]
    return [
        Charge(
            payment_method=rng.choice((*DEBITS, "card", "card", "card", "wallet", None)),
            card_network=rng.choice((*NETWORKS, "jcb", None)),
            decline_code=rng.choice((*codes, "05", "Q9", None, None)),
            advice_code=rng.choice((*advices, *[None] * 15, "99")),
            days_since_last_attempt=rng.choice((None, -1, *range(11))),
        )
        for _ in range(count)
    ]


def charges_of_rows() -> list[tuple[Row, Charge]]:
    """Return a charge for every code of every row, so that the row is the one found."""
    found: list[tuple[Row, Charge]] = []
    for row in ROWS:
        for code in row.codes:
            if row.scheme in DEBITS:
                charge = Charge(payment_method=row.scheme, decline_code=code)
            elif row.scheme.endswith("advice"):
                charge = Charge(payment_method="card", card_network="mastercard", advice_code=code)
            else:
                network = row.scheme if row.scheme in NETWORKS else None
                charge = Charge(payment_method="card", card_network=network, decline_code=code)
            found.append((row, charge))
    return found


# The rules of the card networks and debit schemes, copied by hand from their sources:
# method, network, code, advice, then category, retryable, remedy.
GOLDEN = [
    ("card", "visa", "57", None, "hard", False, "new_details"),
    ("card", "visa", "R1", None, "hard", False, "ask"),
    ("card", "visa", "51", None, "soft", True, "retry"),
    ("card", "visa", "9G", None, "soft", True, "retry"),
    ("card", "visa", "83", None, "soft", True, "retry"),
    ("card", "visa", "54", None, "account", False, "new_details"),
    ("card", "visa", "1A", None, "authentication", False, "authenticate"),
    ("card", "visa", "05", None, "unknown", True, "retry"),
    ("card", "mastercard", "51", "01", "account", False, "new_details"),
    ("card", "mastercard", "51", "02", "soft", True, "retry"),
    ("card", "mastercard", "51", "03", "hard", False, "new_details"),
    ("card", "mastercard", "51", "04", "soft", False, "repair"),
    ("card", "mastercard", "51", "21", "hard", False, "ask"),
    ("card", "mastercard", "51", "24", "soft", True, "retry"),
    ("card", "mastercard", "51", "40", "account", False, "new_details"),
    ("card", "mastercard", "51", "99", "soft", True, "retry"),
    ("card", "amex", "43", None, "hard", False, "new_details"),
    ("card", "discover", "96", None, "unknown", True, "retry"),
    ("card", "amex", "lost_card", None, "hard", False, "new_details"),
    ("card", None, "revocation_of_authorization", None, "hard", False, "ask"),
    ("card", "visa", "authentication_required", None, "authentication", False, "authenticate"),
    ("card", "visa", "expired_card", None, "account", False, "new_details"),
    ("card", "visa", "do_not_honor", None, "soft", True, "retry"),
    ("card", "visa", "insufficient_funds", "do_not_try_again", "hard", False, "new_details"),
    ("card", "visa", "insufficient_funds", "confirm_card_data", "account", False, "new_details"),
    ("card", "visa", "lost_card", "try_again_later", "soft", True, "retry"),
    ("sepa_debit", None, "AM04", None, "soft", True, "retry"),
    ("sepa_debit", None, "MS03", None, "soft", True, "retry"),
    ("sepa_debit", None, "MS02", None, "hard", False, "ask"),
    ("sepa_debit", None, "MD01", None, "hard", False, "dispute"),
    ("sepa_debit", None, "MD06", None, "hard", False, "dispute"),
    ("sepa_debit", None, "MD07", None, "hard", False, "person"),
    ("sepa_debit", None, "AC04", None, "account", False, "new_details"),
    ("sepa_debit", None, "AC06", None, "account", False, "ask"),
    ("sepa_debit", None, "SL01", None, "hard", False, "ask"),
    ("sepa_debit", None, "RC01", None, "soft", False, "repair"),
    ("sepa_debit", None, "RR04", None, "unknown", False, "person"),
    ("sepa_debit", None, "TM01", None, "soft", True, "resubmit"),
    ("sepa_debit", None, "ED05", None, "soft", True, "resubmit"),
    ("sepa_debit", None, "AM04", "03", "soft", True, "retry"),
    ("bacs_debit", None, "0", None, "soft", True, "retry"),
    ("bacs_debit", None, "1", None, "hard", False, "ask"),
    ("bacs_debit", None, "4", None, "hard", False, "dispute"),
    ("bacs_debit", None, "B", None, "account", False, "new_details"),
    ("ach_debit", None, "R01", None, "soft", True, "retry"),
    ("ach_debit", None, "R09", None, "soft", True, "retry"),
    ("ach_debit", None, "R08", None, "hard", False, "ask"),
    ("ach_debit", None, "R10", None, "hard", False, "dispute"),
    ("ach_debit", None, "R15", None, "hard", False, "person"),
    ("ach_debit", None, "R20", None, "account", False, "new_details"),
]
