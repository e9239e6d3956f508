"""Which debt an account has on a day: what an entry of history is recorded with (language.md 5.3a)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from engine.coordinates.beside import DAYS_OVERDUE
from engine.coordinates.standing import Standing
from engine.coordinates.terms import Terms
from engine.evaluation.history import read_instant
from engine.evaluation.owed import BALANCES
from engine.evaluation.program import Compiled, compile_ruleset
from engine.evaluation.reading import Reading, read_currency, read_zone
from engine.loading.load import load_ruleset
from engine.model.account import Account

_NAMES = frozenset({DAYS_OVERDUE, *BALANCES})
# An account that no ruleset reads has a debt all the same: one that says nothing reads it.
_PLAIN = "ruleset: plain\ntitle: Plain\ncurrency: {}\ntimezone: Etc/UTC\nrules: []\n"


class Debt(msgspec.Struct, frozen=True, kw_only=True):
    """The name of an account's episode, and the ids of the invoices that are claimed."""

    episode: str
    invoices: tuple[str, ...]


class Glimpsed(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an account as its debt needs, read by the terms of a ruleset, and the instant in its zone."""

    account: Account
    terms: Terms
    as_of: dt.datetime


def glimpse_debt(account: Mapping[str, object], versions: Iterable[Compiled], at: object) -> Glimpsed | None:
    """Return what an account owes as the version of a ruleset reads it that is effective at an instant.

    Of several versions the newest counts, and where none is effective the newest of all. None where ``at`` is no
    instant, or there is no such currency. Raises AccountInvalid.
    """
    currency = read_currency(account)
    known = [each for each in versions if currency in each.programs] or plain_in(currency)
    local = [(each, read_zone(account, each.zone)) for each in known]
    read = [(each, instant.astimezone(zone)) for each, zone in local if (instant := read_instant(at, zone)) is not None]
    if not read:
        return None
    compiled, as_of = max(read, key=lambda pair: (pair[0].is_effective(pair[1].date()), pair[0].version or 0))
    reading, program = Reading(), compiled.programs[currency]
    glimpsed = program.accounts.glimpse(account, _NAMES, read_zone(account, compiled.zone), reading)
    reading.finish()
    return Glimpsed(account=glimpsed, terms=program.terms, as_of=as_of)


def debt_at(account: Mapping[str, object], versions: Iterable[Compiled], at: object) -> Debt | None:
    """Return an account's debt on the local day of an instant, as `glimpse_debt` reads it.

    None where ``at`` is no instant, or there is no such currency. Raises AccountInvalid.
    """
    glimpsed = glimpse_debt(account, versions, at)
    if glimpsed is None:
        return None
    standing = Standing(glimpsed.terms, glimpsed.account, (), as_of=glimpsed.as_of)
    claimed = standing.open.claimed(standing.day) if standing.open is not None else ()
    return Debt(episode=standing.episode, invoices=tuple(invoice.id for invoice in claimed))


@lru_cache(maxsize=256)
def plain_in(currency: str) -> tuple[Compiled, ...]:
    """Return a ruleset of a currency that says nothing, none where there is no such currency."""
    ruleset = load_ruleset(_PLAIN.format(currency)).ruleset
    return () if ruleset is None else (compile_ruleset(ruleset),)
