"""From all that is stored to the recovery figures: in a process of its own, so that nobody waits for it to decide.

Run as a program it reads a question on stdin, and writes the answer or what was wrong to stdout.
"""

import asyncio
import datetime as dt
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from api.recoverymessages import RecoveryReport, Unreadable, tell_report
from engine.evaluation.reading import zone_of
from engine.model.account import AccountInvalid
from engine.model.exactjson import FREE_JSON
from engine.recovery.debtor import Debtor, HoldOut
from engine.recovery.holdouts import find_hold_outs
from engine.recovery.reading import Document, Stated, Terms, read_debtors
from engine.recovery.report import Asked, Report, Reporter
from store.errors import StoreError, Unavailable
from store.recovery import AccountOverTime, ExecutedEntry, RecoverySource, RulesetTerms, VersionUse, open_source

_NO_TERMS = Terms(zone=ZoneInfo("UTC"))
_MOST_TOLD = 20
# -P: a folder that the service is started in must not give it its modules.
_COMMAND = (sys.executable, "-P", "-m", "api.recovering")


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


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    body: str | None = None
    trouble: str | None = None


class Collector:
    """Takes in accounts one after the other; what cannot be read is counted, and the first of it told."""

    def __init__(self, asked: Asked) -> None:
        self._reporter = Reporter(asked)
        self._unreadable = 0
        self._first: list[Unreadable] = []

    def add(self, debtors: Sequence[Debtor]) -> None:
        """Take in an account in each of its currencies."""
        self._reporter.add(debtors)

    def refuse(self, account_id: str, invalid: AccountInvalid) -> None:
        """Count an account that cannot be read."""
        self._unreadable += 1
        if len(self._first) < _MOST_TOLD:
            problem = invalid.problems[0]
            self._first.append(Unreadable(account_id=account_id, message=f"{problem.pointer}: {problem.message}"))

    def finish(self, uses: tuple[VersionUse, ...] = ()) -> Made:
        """Return what was made."""
        return Made(
            report=self._reporter.finish(),
            uses=uses,
            unreadable=self._unreadable,
            unreadable_first=tuple(self._first),
        )


async def make_stored_report(url: str, asked: Asked) -> Made:
    """Make the report about everything that is stored, as it is at one moment."""
    collector = Collector(asked)
    async with open_source(url) as source:
        uses = await source.list_uses()
        async for account, debtors in stream_stored(source):
            if isinstance(debtors, AccountInvalid):
                collector.refuse(account.id, debtors)
            else:
                collector.add(debtors)
    return collector.finish(uses)


async def stream_stored(
    source: RecoverySource,
) -> AsyncIterator[tuple[AccountOverTime, tuple[Debtor, ...] | AccountInvalid]]:
    """Yield every stored account as figures see it, in each of its currencies, or what is wrong with it."""
    held: dict[str, list[tuple[str, dt.datetime]]] = {}
    for use in await source.list_uses():
        if use.experiments is not None:
            held.setdefault(use.ruleset_id, []).append((use.experiments, use.at))
    terms = {
        name: _read_terms(each, find_hold_outs(held.get(name, ())))
        for name, each in (await source.list_terms()).items()
    }
    async for page in source.stream():
        for account in page:
            try:
                yield account, read_stored(account, terms)
            except AccountInvalid as invalid:
                yield account, invalid


def read_stored(account: AccountOverTime, terms: Mapping[str, Terms]) -> tuple[Debtor, ...]:
    """Return a stored account as figures see it, by the terms of the ruleset that answered about it last."""
    stated = [Stated(document=_decode(text) | {"id": account.id}, known_at=known) for text, known in account.books]
    return read_debtors(
        stated,
        [_write_entry(each) for each in account.history],
        [_decode(text) | {"recorded_at": recorded_at} for text, recorded_at in account.outcomes],
        terms.get(account.ruleset_id or "", _NO_TERMS),
    )


def _read_terms(found: RulesetTerms, hold_outs: tuple[HoldOut, ...]) -> Terms:
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
            process = await asyncio.create_subprocess_exec(
                *_COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True
            )
            try:
                out, _ = await process.communicate(msgspec.json.encode(_Question(url=url, asked=asked)))
            finally:
                if process.returncode is None:
                    process.kill()
                    await asyncio.shield(process.wait())
        if process.returncode:
            raise RuntimeError(f"the figures could not be worked out: their process ended with {process.returncode}")
        answer = msgspec.json.decode(out, type=_Answer)
        if answer.body is None:
            raise Unavailable(answer.trouble or "")
        return answer.body.encode()


def _main() -> None:
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=_Question)
    try:
        made = asyncio.run(make_stored_report(question.url, question.asked))
        answer = _Answer(body=msgspec.json.encode(made.tell()).decode())
    except StoreError as problem:
        answer = _Answer(trouble=str(problem))
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    _main()
