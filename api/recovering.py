"""From all that is stored to the recovery figures: in a process of its own, so that nobody waits for it to decide.

Run as a program it reads a question on stdin, and writes the answer or what was wrong to stdout.
"""

import asyncio
from bisect import insort
from collections.abc import Sequence

import msgspec

from api.debtors import TermsOfRulesets, read_terms, say_problem
from api.programs import answer_as_program, ask_program
from api.recoverymessages import RecoveryReport, Unreadable, tell_report
from engine.model.account import AccountInvalid
from engine.recovery.debtor import Debtor
from engine.recovery.report import Asked, Report, Reporter
from store.known import KnownSource
from store.recovery import RecoverySource, VersionUse, open_source

_MOST_TOLD = 20


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A report, when versions came into use, and of which accounts nothing could be counted: how many, the first."""

    report: Report
    uses: tuple[VersionUse, ...] = ()
    unreadable: int = 0
    unreadable_first: tuple[Unreadable, ...] = ()

    def tell(self) -> RecoveryReport:
        """Return it as it is answered."""
        return tell_report(self.report, self.uses, self.unreadable, self.unreadable_first)


class _Question(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    asked: Asked


class Collector:
    """Takes in accounts one after the other; what cannot be read is counted, and the first of it told."""

    def __init__(self, asked: Asked) -> None:
        self.reporter = Reporter(asked)
        self._unreadable = 0
        self._first: list[Unreadable] = []

    def add(self, debtors: Sequence[Debtor]) -> None:
        """Take in an account in each of its currencies."""
        self.reporter.add(debtors)

    def refuse(self, account_id: str, invalid: AccountInvalid) -> None:
        """Count an account that cannot be read."""
        self._unreadable += 1
        self._tell(Unreadable(account_id=account_id, message=say_problem(invalid)))

    def refuse_known(self, count: int, first: Sequence[tuple[str, str]]) -> None:
        """Count accounts that are known to be unreadable, with the first of them by their ids and why."""
        self._unreadable += count
        for account_id, message in first:
            self._tell(Unreadable(account_id=account_id, message=message))

    def finish(self, uses: tuple[VersionUse, ...] = ()) -> Made:
        """Return what was made."""
        return Made(
            report=self.reporter.finish(),
            uses=uses,
            unreadable=self._unreadable,
            unreadable_first=tuple(self._first),
        )

    def _tell(self, unreadable: Unreadable) -> None:
        """Keep the first by id, in whatever order accounts come."""
        insort(self._first, unreadable, key=lambda each: each.account_id)
        del self._first[_MOST_TOLD:]


async def make_stored_report(url: str, asked: Asked) -> Made:
    """Make the report about everything that is stored, as it is at one moment."""
    collector = Collector(asked)
    async with open_source(url) as source:
        uses, terms = await source.list_uses(), await read_terms(source)
        await _add_known(KnownSource(source.connection, terms.made_by), source, terms, collector, asked)
    return collector.finish(uses)


async def _add_known(
    known: KnownSource, source: RecoverySource, terms: TermsOfRulesets, collector: Collector, asked: Asked
) -> None:
    """Take in what is known, and read the accounts of which something was written since."""
    stale = await known.list_stale()
    async for page in source.stream_of(stale):
        for account, debtors in terms.read_all(page):
            if isinstance(debtors, AccountInvalid):
                collector.refuse(account.id, debtors)
            else:
                collector.add(debtors)
    collector.refuse_known(*await known.list_unreadable(_MOST_TOLD))
    async for each in known.list_accounts():
        collector.reporter.add_accounts(each.count, each.currencies, each.words)
    is_split = collector.reporter.is_split
    async for currency, now, before in known.read(asked.as_of, asked.before, is_split=is_split):
        collector.reporter.add_known(currency, now, before)


class Recoverer:
    """Starts the process that works out figures; one at a time in each worker."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether figures are being worked out."""
        return self._turn.locked()

    async def recover(self, url: str, asked: Asked) -> bytes:
        """Return the figures as JSON; the process ends with whoever waits for it. Raises Unavailable."""
        async with self._turn:
            return await ask_program("api.recovering", _Question(url=url, asked=asked))


async def _make(question: _Question) -> RecoveryReport:
    return (await make_stored_report(question.url, question.asked)).tell()


if __name__ == "__main__":
    answer_as_program(_Question, _make)
