"""Stored accounts as figures see them: what was written of each, by the terms of the ruleset that answered last."""

import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from engine.evaluation.reading import zone_of
from engine.model.account import AccountInvalid
from engine.model.exactjson import FREE_JSON
from engine.recovery.columns import FORM
from engine.recovery.debtor import Debtor, HoldOut
from engine.recovery.holdouts import find_hold_outs
from engine.recovery.reading import Document, Stated, Terms, read_debtors
from store.recovery import AccountOverTime, ExecutedEntry, RecoverySource, RulesetTerms

_NO_TERMS = Terms(zone=ZoneInfo("UTC"))
NOBODY = ""
"""Whose terms hold where no ruleset has answered."""


class TermsOfRulesets:
    """The terms of each ruleset as they are now."""

    def __init__(self, terms: Mapping[str, Terms]) -> None:
        self._terms = {NOBODY: _NO_TERMS, **terms}
        self.made_by = {name: _name(each) for name, each in self._terms.items()}
        """Names the terms of each ruleset, and the form of columns, so that what was made by others is found."""

    def name_ruleset(self, account: AccountOverTime) -> str:
        """Return by whose terms an account is read."""
        return account.ruleset_id if account.ruleset_id in self._terms else NOBODY

    def read(self, account: AccountOverTime) -> tuple[Debtor, ...]:
        """Return a stored account in each of its currencies. Raises AccountInvalid."""
        stated = [Stated(document=_decode(text) | {"id": account.id}, known_at=known) for text, known in account.books]
        return read_debtors(
            stated,
            [_write_entry(each) for each in account.history],
            [_decode(text) | {"recorded_at": recorded_at} for text, recorded_at in account.outcomes],
            self._terms[self.name_ruleset(account)],
        )

    def read_all(
        self, accounts: Sequence[AccountOverTime]
    ) -> list[tuple[AccountOverTime, tuple[Debtor, ...] | AccountInvalid]]:
        """Return stored accounts, each with what is wrong where it cannot be read."""
        found: list[tuple[AccountOverTime, tuple[Debtor, ...] | AccountInvalid]] = []
        for account in accounts:
            try:
                found.append((account, self.read(account)))
            except AccountInvalid as invalid:
                found.append((account, invalid))
        return found


async def read_terms(source: RecoverySource) -> TermsOfRulesets:
    """Read the terms of all rulesets."""
    held: dict[str, list[tuple[str, dt.datetime]]] = {}
    for use in await source.list_uses():
        if use.experiments is not None:
            held.setdefault(use.ruleset_id, []).append((use.experiments, use.at))
    found = await source.list_terms()
    return TermsOfRulesets({name: _read(each, find_hold_outs(held.get(name, ()))) for name, each in found.items()})


async def stream_stored(
    source: RecoverySource,
) -> AsyncIterator[tuple[AccountOverTime, tuple[Debtor, ...] | AccountInvalid]]:
    """Yield every stored account as figures see it, in each of its currencies, or what is wrong with it."""
    terms = await read_terms(source)
    async for page in source.stream():
        for each in terms.read_all(page):
            yield each


def say_problem(invalid: AccountInvalid) -> str:
    """Say why an account cannot be read."""
    problem = invalid.problems[0]
    return f"{problem.pointer}: {problem.message}"


def _name(terms: Terms) -> str:
    written = msgspec.json.encode((FORM, terms.zone.key, terms.tolerance_days, terms.hold_outs))
    return hashlib.sha256(written).hexdigest()[:16]


def _read(found: RulesetTerms, hold_outs: tuple[HoldOut, ...]) -> Terms:
    zone = zone_of(found.timezone or "") or _NO_TERMS.zone
    days = _NO_TERMS.tolerance_days if found.tolerance_days is None else found.tolerance_days
    return Terms(zone=zone, tolerance_days=days, hold_outs=hold_outs)


def _write_entry(entry: ExecutedEntry) -> Document:
    """Return an entry with what its decision says besides."""
    document = _decode(entry.entry) | {"recorded_at": entry.recorded_at}
    if entry.version is not None:
        document["version"] = entry.version
        document.setdefault("ruleset", entry.ruleset_id)
    if entry.variants:
        document["variants"] = dict(each.split(":", 1) for each in entry.variants)
    return document


def _decode(text: bytes) -> dict[str, object]:
    decoded: dict[str, object] = FREE_JSON.decode(text)
    return decoded
