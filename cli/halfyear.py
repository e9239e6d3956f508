"""The half year that the sample accounts lived through: asked, done, paid and promised, stored as the API stores it.

Until three months before their day an earlier version of each ruleset answers, one that waits longer between steps.
"""

import asyncio
import datetime as dt
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from api.deciding import Made, Sent, make_decision, read_question
from api.examining import make_draft
from api.usage import RulesetsInUse
from cli.rulesetfolder import write_manuscript
from cli.samplepasts import Document, Past, Term, tell_past
from cli.samples import Samples
from engine.evaluation.history import read_instant
from engine.evaluation.timeline import execute
from engine.loading.files import read_folder
from engine.loading.folder import load_folder
from engine.model.decision import Decision
from store.accounts import ImportedLine
from store.outcomes import AccountInHand, NewOutcome
from store.rulesets import Provenance, RulesetDraft, Rulesets
from store.store import Store
from store.tokens import Token

_CHANGED_DAYS = 91
_LONGER_DAYS = 2
_INTERVAL = re.compile(rb"^dunning_interval_days: (\d+)", re.MULTILINE)
_AT_ONCE = 3
_SUITE = "_test.yaml"
_ASKED_AT = dt.time(9, tzinfo=dt.UTC)
_ONE_DAY = dt.timedelta(days=1)
_UTC = ZoneInfo("UTC")
_DECISION = msgspec.json.Decoder(Decision)
_encode = msgspec.json.Encoder(decimal_format="number").encode


async def publish_earlier(rulesets: Rulesets, folder: Path, provenance: Provenance) -> None:
    """Publish what the rulesets of a folder were before: steps were some days further apart."""
    for draft in await asyncio.to_thread(_write_earlier, folder):
        await rulesets.publish(draft, provenance)


def _write_earlier(folder: Path) -> list[RulesetDraft]:
    files = {path.removeprefix(f"{folder}/"): text for path, text in read_folder(folder).items()}
    earlier = {name: _INTERVAL.sub(_wait_longer, text) for name, text in files.items()}
    without_suites = {name: text for name, text in earlier.items() if not name.endswith(_SUITE)}
    return [
        make_draft(each.ruleset, (), write_manuscript(each.file, each.ruleset, without_suites))
        for each in load_folder(without_suites).loaded
        if each.ruleset is not None
    ]


def _wait_longer(found: re.Match[bytes]) -> bytes:
    return b"dunning_interval_days: %d" % (int(found[1]) + _LONGER_DAYS)


class HalfYear:
    """What is stored of the samples, in the order in which it happened as far as their versions go."""

    def __init__(self, store: Store, samples: Samples, token: Token) -> None:
        self._store = store
        self._samples = samples
        self._token = token
        self._changed_on = samples.day - dt.timedelta(days=_CHANGED_DAYS)
        self._lives = [_Life(tell_past(account, samples.day)) for account in samples.accounts]

    async def is_begun(self) -> bool:
        """Tell whether anything was stored, in an earlier start as well."""
        return await self._store.accounts.read(self._lives[0].past.id) is not None

    async def is_ended(self) -> bool:
        """Tell whether the accounts are no longer as they were."""
        past = self._lives[0].past
        stored = await self._store.accounts.read(past.id)
        return stored is not None and stored.document != _encode(past.write_before())

    async def begin(self, rulesets: RulesetsInUse) -> None:
        """Store the accounts as they were, and what the earlier versions asked for."""
        await self._import(each.past.write_before() for each in self._lives)
        await self._live(rulesets, is_first=True)

    async def end(self, rulesets: RulesetsInUse) -> None:
        """Store what the versions of today asked for, what came of it all, and the accounts as they are."""
        await self._live(rulesets, is_first=False)
        for each in self._samples.history:
            entry = {name: value for name, value in each.items() if name != "account_id"}
            await self._record(f"{each['account_id']}", entry, None)
        await self._do_for_all(lambda life: self._record_outcomes(life.past))
        await self.store_as_it_is()

    async def store_as_it_is(self) -> None:
        """Store the accounts as they are now, at which the half year ends."""
        await self._import(each.past.write_now() for each in self._lives)

    async def _live(self, rulesets: RulesetsInUse, *, is_first: bool) -> None:
        for life in self._lives:
            terms = [term for term in life.past.terms if (term.due_on < self._changed_on) == is_first]
            made = [one for term in terms for one in life.ask(term, rulesets, self._store.erasures.known)]
            await self._store.decision_log.append_many([one.record for one in made])
        await self._do_for_all(self._record_steps)

    async def _do_for_all(self, do: Callable[["_Life"], Awaitable[None]]) -> None:
        """Do something for every account, a few at once: who waits for a connection waits for seconds only."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def take_turn(life: "_Life") -> None:
            async with turns:
                await do(life)

        await asyncio.gather(*(take_turn(life) for life in self._lives))

    async def _record_steps(self, life: "_Life") -> None:
        for decision_id, entry in life.take_steps():
            await self._record(life.past.id, entry, decision_id)

    async def _record(self, account_id: str, entry: Document, decision_id: str | None) -> None:
        at = read_instant(entry["at"], _UTC)
        if at is None:
            raise ValueError(f"{entry['at']!r} is no instant")
        who = self._token
        await self._store.history.record(
            account_id, _encode(entry), at=at, decision_id=decision_id, actor=who.id, name=who.name
        )

    async def _record_outcomes(self, past: Past) -> None:
        def prepare(_account: AccountInHand) -> Sequence[NewOutcome]:
            return [_new_outcome(each) for each in past.outcomes]

        if past.outcomes:
            await self._store.outcomes.record(past.id, prepare, actor=self._token.id, name=self._token.name)

    async def _import(self, documents: Iterator[Document]) -> None:
        lines = [ImportedLine(id=f"{each['id']}", document=_encode(each)) for each in documents]
        await self._store.accounts.import_lines(lines)


class _Life:
    """An account that is asked about while it owes, and for which is done what is answered."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self._history: list[Document] = []
        self._steps: list[tuple[str, Document]] = []

    def take_steps(self) -> list[tuple[str, Document]]:
        """Take what was done since it was asked last: each decision's id, and its entry."""
        steps, self._steps = self._steps, []
        return steps

    def ask(self, term: Term, rulesets: RulesetsInUse, known_erasures: int) -> Iterator[Made]:
        """Ask from the day after an invoice was due until it is settled, each time on the day that the answer names."""
        day = term.due_on + _ONE_DAY
        while day < term.settled_on:
            as_of = dt.datetime.combine(day, _ASKED_AT)
            account = self.past.account | {"facts_on": f"{day}", "invoices": [term.write_invoice()]}
            known = [each for each in self.past.outcomes if f"{each['at']}" < f"{day}"]
            question = read_question(
                Sent(
                    account=_encode(account),
                    history=_encode(self._history),
                    outcomes=_encode(known) if known else b"",
                ),
                known_erasures=known_erasures,
                as_of=as_of,
                track="dunning",
                ruleset=None,
                version=None,
                explain="reason",
            )
            made = make_decision(question, rulesets)
            yield made
            decision = _DECISION.decode(made.answer)
            following = decision.review_on
            if decision.outcome == "act":
                done_on = self._carry_out(decision, made.record.id, term)
                following = done_on + _ONE_DAY
            if following is None:
                return
            day = max(following, day + _ONE_DAY)

    def _carry_out(self, decision: Decision, decision_id: str, term: Term) -> dt.date:
        """Do what was decided when it is scheduled, unless it was paid by then; answers the day."""
        action = decision.action
        at = decision.as_of
        if action is not None and isinstance(action.scheduled_for, dt.datetime):
            at = max(at, action.scheduled_for)
        if at.date() < term.settled_on:
            entry = execute(decision) | {"at": at.isoformat()}
            self._history.append(entry)
            self._steps.append((decision_id, entry))
        return at.date()


def _new_outcome(outcome: Document) -> NewOutcome:
    at = dt.datetime.fromisoformat(f"{outcome['at']}")
    return NewOutcome(
        id=f"{outcome['id']}", type=f"{outcome['type']}", at=at, outcome=_encode(outcome), local_hour=at.hour
    )
