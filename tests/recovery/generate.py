"""Random accounts for the oracle of figures: late, reversed and double payments, disputes, credits, clock changes."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

from engine.model.account import Invoice
from engine.model.outcome import Outcome
from engine.recovery.debtor import Action, Debtor, Statement

_ZONES = tuple(map(ZoneInfo, ("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "UTC")))
_CURRENCIES = ("EUR", "JPY", "BHD")
_FIRST = dt.date(2026, 3, 1)  # the clocks change on 8 and 29 March, and on 5 April
_DAYS = 60
_MOVES = ("payment",) * 7 + ("refund", "chargeback", "chargeback", "written_off", "dispute_opened", "dispute_closed")


def make_debtor(numbers: random.Random, name: str) -> Debtor:
    """Make an account: some invoices of few due dates, heard of once or twice, and what came of them."""
    zone = numbers.choice(_ZONES)
    dues = [_FIRST + dt.timedelta(days=numbers.randrange(40)) for _ in range(numbers.randrange(1, 4))]
    invoices = [_make_invoice(numbers, f"I-{place}", numbers.choice(dues)) for place in range(numbers.randrange(1, 5))]
    if numbers.random() < 0.2:
        issued_on = numbers.choice((None, numbers.choice(dues)))
        invoices.append(Invoice(id="C", due_on=dues[0], open=-numbers.randrange(1, 6000), issued_on=issued_on))
    statements = [Statement(invoices=tuple(invoices))]
    if numbers.random() < 0.3:
        later = [_change(numbers, each) for each in invoices if numbers.random() < 0.8]
        later += [_make_invoice(numbers, "I-9", numbers.choice(dues))] if numbers.random() < 0.3 else []
        statements.append(Statement(known_at=_instant(numbers, zone, 7), invoices=tuple(later)))
    return Debtor(
        id=name,
        currency=numbers.choice(_CURRENCIES),
        zone=zone,
        statements=tuple(statements),
        outcomes=tuple(_make_outcomes(numbers, zone, [each.id for each in invoices])),
        actions=tuple(_make_action(numbers, zone, place, dues) for place in range(numbers.randrange(4))),
    )


def _make_invoice(numbers: random.Random, name: str, due_on: dt.date) -> Invoice:
    held = due_on + dt.timedelta(days=numbers.randrange(-3, 20)) if numbers.random() < 0.1 else None
    open_ = 0 if numbers.random() < 0.05 else numbers.randrange(1, 10_000)
    return Invoice(id=name, due_on=due_on, open=open_, disputed=numbers.random() < 0.1, held_until=held)


def _change(numbers: random.Random, invoice: Invoice) -> Invoice:
    if invoice.open < 0:
        return invoice
    changed = _make_invoice(numbers, invoice.id, invoice.due_on)
    return invoice if numbers.random() < 0.5 else changed


def _instant(numbers: random.Random, zone: ZoneInfo, second: int) -> dt.datetime:
    """Return an instant, often around midnight or where the clocks change; the second keeps some apart."""
    day = numbers.choice((dt.date(2026, 3, 8), dt.date(2026, 3, 29), dt.date(2026, 4, 5)))
    if numbers.random() < 0.8:
        day = _FIRST + dt.timedelta(days=numbers.randrange(_DAYS))
    hour = numbers.choice((0, 0, 1, 2, 3, 9, 23, 23))
    local = dt.datetime.combine(day, dt.time(hour, numbers.choice((0, 30, 59))), zone)
    return local.astimezone(dt.UTC) + dt.timedelta(seconds=second)


def _make_outcomes(numbers: random.Random, zone: ZoneInfo, ids: list[str]) -> list[Outcome]:
    made: list[Outcome] = []
    for place in range(numbers.randrange(9)):
        kind = numbers.choice(_MOVES)
        is_dispute = kind.startswith("dispute")
        at = _instant(numbers, zone, 10 + place if is_dispute else 0)
        if is_dispute or numbers.random() < 0.5:
            named = numbers.choice(ids) if numbers.random() < 0.8 else None
        else:
            named = None
        amount = None if is_dispute else numbers.choice((numbers.randrange(1, 12_000), 100, 5000))
        if kind == "written_off" and numbers.random() < 0.5:
            amount = None
        late = numbers.choice((0, 0, 0, numbers.randrange(20 * 86_400)))
        made.append(
            Outcome(
                id=f"O-{place}",
                type=kind,
                at=at,
                day=at.astimezone(zone).date(),
                recorded_at=at + dt.timedelta(seconds=late),
                amount=amount,
                invoice=named,
            )
        )
        if kind == "payment" and numbers.random() < 0.1:  # sent twice, under another id
            made.append(
                Outcome(**{name: getattr(made[-1], name) for name in Outcome.__struct_fields__} | {"id": f"D-{place}"})
            )
    return made


def _make_action(numbers: random.Random, zone: ZoneInfo, place: int, dues: list[dt.date]) -> Action:
    at = _instant(numbers, zone, 0)
    return Action(
        at=at,
        day=at.astimezone(zone).date(),
        recorded_at=at + dt.timedelta(seconds=numbers.choice((0, 0, numbers.randrange(10 * 86_400)))),
        rule=f"rule-{place}",
        contacts=("email",),
        invoices=numbers.choice((None, (f"I-{numbers.randrange(4)}",))),
        episode=numbers.choice((None, *dues)),
        fee=numbers.choice((0, 0, 4000)),
    )
