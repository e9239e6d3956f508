"""What figures are drawn from: the books of every account over time, what was executed, and what came of it."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence

import asyncpg
import msgspec

from store.portfolios import reading_one_moment
from store.statements import sql

_PAGE = 1000


class ExecutedEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An executed entry: JSON as given; of its decision the ruleset, the version, and `experiment:variant`."""

    entry: bytes
    recorded_at: dt.datetime
    ruleset_id: str | None = None
    version: int | None = None
    variants: tuple[str, ...] = ()


class AccountOverTime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account: what the books said, each with when it was known, entries and outcomes in the order recorded.

    `ruleset_id` answered about it last.
    """

    id: str
    books: tuple[tuple[bytes, dt.datetime], ...]
    history: tuple[ExecutedEntry, ...]
    outcomes: tuple[tuple[bytes, dt.datetime], ...]
    ruleset_id: str | None


class RulesetTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the newest version of a ruleset says of days; None where it says nothing."""

    timezone: str | None
    tolerance_days: int | None


class VersionUse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a version of a ruleset came into use first; its experiments, if any, are JSON as it was written."""

    ruleset_id: str
    version: int
    at: dt.datetime
    experiments: str | None = None


class RecoverySource:
    """All that is stored, as it was at one moment."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def list_terms(self) -> Mapping[str, RulesetTerms]:
        """Return the terms of each ruleset."""
        rows = await self.connection.fetch(sql("recovery.list_terms"))
        return {
            row["ruleset_id"]: RulesetTerms(timezone=row["timezone"], tolerance_days=row["tolerance_days"])
            for row in rows
        }

    async def list_uses(self) -> tuple[VersionUse, ...]:
        """Return when each version came into use, the first before the others."""
        rows = await self.connection.fetch(sql("recovery.list_uses"))
        return tuple(
            VersionUse(
                ruleset_id=row["ruleset_id"], version=row["number"], at=row["at"], experiments=row["experiments"]
            )
            for row in rows
        )

    async def stream(self) -> AsyncIterator[Sequence[AccountOverTime]]:
        """Yield every account, by id, a page at a time."""
        last = ""
        while ids := [row["id"] for row in await self.connection.fetch(sql("portfolios.page_ids"), last, _PAGE)]:
            yield await self.read(ids)
            last = ids[-1]

    async def stream_of(self, ids: Sequence[str]) -> AsyncIterator[Sequence[AccountOverTime]]:
        """Yield those of some accounts that are stored, a page at a time."""
        for begin in range(0, len(ids), _PAGE):
            yield await self.read(ids[begin : begin + _PAGE])

    async def read(self, ids: Sequence[str]) -> list[AccountOverTime]:
        """Read accounts over time, by id."""
        return [_account_of(row) for row in await self.connection.fetch(sql("recovery.read_many"), ids)]


@contextlib.asynccontextmanager
async def open_source(url: str) -> AsyncIterator[RecoverySource]:
    """Open a connection that sees one moment and changes nothing."""
    async with reading_one_moment(url) as connection:
        yield RecoverySource(connection)


def _account_of(row: asyncpg.Record) -> AccountOverTime:
    books = zip(row["documents"] or (row["document"],), row["known"] or (row["updated_at"],), strict=True)
    names = ("entries", "recorded", "rulesets", "versions", "variants")
    history = zip(*(row[name] or () for name in names), strict=True)
    outcomes = zip(row["outcomes"] or (), row["outcomes_recorded"] or (), strict=True)
    return AccountOverTime(
        id=row["id"],
        books=tuple((text.encode(), known_at) for text, known_at in books),
        history=tuple(
            ExecutedEntry(
                entry=entry.encode(),
                recorded_at=recorded_at,
                ruleset_id=ruleset_id,
                version=version,
                variants=tuple(variants.split(",")) if variants else (),
            )
            for entry, recorded_at, ruleset_id, version, variants in history
        ),
        outcomes=tuple((text.encode(), recorded_at) for text, recorded_at in outcomes),
        ruleset_id=row["ruleset_id"],
    )
