"""What is known of accounts as columns: kept beside what was written, never instead of it, and read all at once."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence

import asyncpg
import msgspec

from engine.recovery.columns import NAMES, Columns
from engine.recovery.knowing import Piece
from store.database import Database, connect, naming_failures
from store.recovery import RecoverySource
from store.statements import sql

_SECONDS = 300.0
_PART = 500_000  # accounts
_PIECE = ("account", "currency", "due_on", "from_on", "until_on", *NAMES)
ASIDE = "aside"
"""Made by no terms: the account is read from what was written, until something is written of it again."""
_WORDS = msgspec.json.Decoder(dict[str, list[str]])


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is known of an account, and by which terms; ``problem`` says why it cannot be read.

    ``ruleset_id`` answered about it last, whether it has terms or is yet to be published. ``made_by`` is ASIDE where
    there are no columns, and ``problem`` then the fault of ours, if it was one.
    """

    account_id: str
    ruleset_id: str | None
    made_by: str
    currencies: tuple[str, ...] = ()
    words: Mapping[str, Collection[str]] = {}
    pieces: tuple[Piece, ...] = ()
    problem: str | None = None


class Marked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account of which something was written, with its number."""

    account_id: str
    number: int
    marks: tuple[int, ...]


class KnownAccounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some accounts that are in the same currencies, and whose cases are grouped by the same words."""

    currencies: tuple[str, ...]
    words: Mapping[str, Sequence[str]]
    count: int


class KnownSource:
    """What is known at one moment; ``made_by`` says which terms each ruleset has now, '' those of none."""

    def __init__(self, connection: asyncpg.Connection, made_by: Mapping[str, str]) -> None:
        self._connection = connection
        self._terms = list(made_by), list(made_by.values())
        self._stale: list[str] = []

    async def list_stale(self) -> Sequence[str]:
        """Return the accounts that must be read from what was written; whatever else is asked is about the others."""
        self._stale = [row["account_id"] for row in await self._connection.fetch(sql("known.list_stale"), *self._terms)]
        return self._stale

    async def list_accounts(self) -> AsyncIterator[KnownAccounts]:
        """Yield how many accounts there are that can be read."""
        for row in await self._connection.fetch(sql("known.count_accounts"), self._stale):
            yield KnownAccounts(
                currencies=tuple(row["currencies"]), words=_WORDS.decode(row["words"]), count=row["accounts"]
            )

    async def list_unreadable(self, most: int) -> tuple[int, Sequence[tuple[str, str]]]:
        """Return how many accounts cannot be read, and of the first ones why."""
        count: int = await self._connection.fetchval(sql("known.count_unreadable"), self._stale)
        rows = await self._connection.fetch(sql("known.list_unreadable"), self._stale, most) if count else ()
        return count, [(row["account_id"], row["problem"]) for row in rows]

    async def read(
        self, day: dt.date, before: dt.date, *, is_split: bool
    ) -> AsyncIterator[tuple[str, Columns, Columns]]:
        """Yield what was known at the end of a day, and the invoices at that of one before, with their currency.

        Labels are read where the cases are split by something.
        """
        await self._connection.execute(sql("known.read_at_once"))
        last: int = await self._connection.fetchval(sql("known.find_last_number"))
        for first in range(0, last + 1, _PART):
            part = first, first + _PART - 1, is_split
            for row in await self._connection.fetch(sql("known.read_columns"), day, before, self._stale, *part):
                yield row["currency"], Columns(**{name: row[name] for name in NAMES}), Columns(invoices=row["before"])


class KnownKeeper:
    """Writes what is known; there is one at a time."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.source = RecoverySource(connection)

    async def has_marks(self) -> bool:
        """Tell whether anything was written that is not known yet."""
        return bool(await self._connection.fetchval(sql("known.has_marks")))

    async def mark_outdated(self, made_by: Mapping[str, str], most: int) -> int:
        """Mark accounts that are known by other terms than these; returns how many."""
        count: int = await self._connection.fetchval(
            sql("known.mark_outdated"), list(made_by), list(made_by.values()), most
        )
        return count

    async def take(self, most: int) -> Sequence[Marked]:
        """Return the accounts of so many marks; those of accounts that are gone are forgotten."""
        rows = await self._connection.fetch(sql("known.take_marks"), most)
        ids = [row["account_id"] for row in rows]
        await self._connection.execute(sql("known.number_accounts"), ids)
        found = await self._connection.fetch(sql("known.read_numbers"), ids)
        numbers = {row["account_id"]: row["number"] for row in found}
        gone = [mark for row in rows if row["account_id"] not in numbers for mark in row["marks"]]
        if gone:
            await self._connection.execute(sql("known.drop_marks"), gone)
        return [
            Marked(account_id=row["account_id"], number=numbers[row["account_id"]], marks=tuple(row["marks"]))
            for row in rows
            if row["account_id"] in numbers
        ]

    async def keep(self, marked: Sequence[Marked], known: Sequence[Known]) -> None:
        """Write what is known now of marked accounts; of one that was erased meanwhile nothing."""
        async with self._connection.transaction():
            held = await self._connection.fetch(sql("known.hold_accounts"), [each.account_id for each in marked])
            numbers = {row["account_id"]: row["number"] for row in held}
            kept = [each for each in known if each.account_id in numbers]
            await self._write_pieces({numbers[each.account_id]: each.pieces for each in kept})
            if kept:
                await self._connection.execute(sql("known.write_accounts"), *_columns(map(_row_of, kept)))
            await self._connection.execute(sql("known.drop_marks"), [mark for each in marked for mark in each.marks])

    async def _write_pieces(self, pieces: Mapping[int, Sequence[Piece]]) -> None:
        """Write only what changed: a piece of a past day hardly ever does."""
        before = {tuple(row) for row in await self._connection.fetch(sql("known.list_pieces"), list(pieces))}
        now = {_row_of_piece(number, each) for number, own in pieces.items() for each in own}
        gone = [(number, currency, due_on, from_on) for number, currency, due_on, from_on, *_ in before - now]
        if gone:
            await self._connection.execute(sql("known.drop_pieces"), *_columns(gone))
        if now - before:
            await self._connection.copy_records_to_table(
                "known_pieces", schema_name="dunning", records=sorted(now - before), columns=_PIECE
            )


async def count_faults(database: Database) -> int:
    """Return of how many accounts columns could not be made by a fault of ours."""
    count: int = await database.fetchval(sql("known.count_faults"))
    return count


async def has_marks(database: Database) -> bool:
    """Tell whether anything was written that is not known yet, and nobody is about to make it known."""
    return bool(await database.fetchval(sql("known.has_free_marks")))


@contextlib.asynccontextmanager
async def keeping(url: str) -> AsyncIterator[KnownKeeper | None]:
    """Open a connection that keeps what is known; None where another one does."""
    with naming_failures():
        connection = await connect(url, statement_seconds=_SECONDS)
        try:
            yield KnownKeeper(connection) if await connection.fetchval(sql("known.try_keep")) else None
        finally:
            await connection.close()


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _row_of(known: Known) -> tuple[object, ...]:
    words = msgspec.json.encode({by: sorted(each) for by, each in sorted(known.words.items())}).decode()
    return known.account_id, known.ruleset_id, known.made_by, ",".join(known.currencies), words, known.problem


def _row_of_piece(number: int, piece: Piece) -> tuple[object, ...]:
    parts: Iterator[bytes] = (getattr(piece.columns, name) for name in NAMES)
    return number, piece.currency, piece.due_on, piece.from_on, piece.until_on, *parts
