"""How recovery figures are said: shares, days and money."""

from decimal import Decimal

from api.recoverymessages import DaysOutstanding

NOTHING = "–"


def say_percent(share: float | None) -> str:
    """Return a share in percent, a dash of nothing."""
    return NOTHING if share is None else f"{share:.1f} %"


def say_days(found: DaysOutstanding | None) -> str:
    """Return days outstanding; a dash where no billing is known."""
    if found is None:
        return f"{NOTHING} (no billing is known)"
    return f"{'more than ' if found.is_more else ''}{found.days:.1f}"


def say_money(amount: str) -> str:
    """Return an amount with its thousands apart."""
    return f"{Decimal(amount):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
