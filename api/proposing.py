"""A step of a proposal: a page of accounts decided by columns, or contacts counted against what a day can hold."""

import asyncio
import hashlib
from collections.abc import Sequence

import msgspec

from api.callhours import tell_call_hours
from api.histories import write_document
from api.recent import Recent
from api.service import Service
from api.usage import RulesetsInUse
from engine.evaluation.routing import parse_as_of
from engine.portfolio.proposal import Proposed, Proposer
from store.accounts import AccountWithHistory
from store.runs import Run, RunItem
from store.runwork import Contact, Step, Used

_PAGE = 1000
_MOST_BYTES = 4 << 20  # so that a step of accounts with thousands of invoices ends in a few seconds as well
_CONTACTS = 5000
_encode = msgspec.json.Encoder().encode


class Proposals:
    """The rulesets of the runs that are being proposed here, made ready once."""

    def __init__(self) -> None:
        self._kept: Recent[str, Proposer] = Recent(2)

    def find(self, run: Run, rulesets: RulesetsInUse) -> Proposer:
        """Return what proposes for a run."""
        known = self._kept.find(run.id)
        made = known or Proposer(rulesets.rulesets, as_of=parse_as_of(run.as_of), track=run.track)
        return known or self._kept.keep(run.id, made)


async def propose_page(service: Service, step: Step, proposals: Proposals) -> None:
    """Decide on the next accounts, beside the event loop."""
    rulesets = service.rulesets.in_use()
    names = tuple((one.ruleset.id, one.version or 0) for one in rulesets.compiled)
    if step.run.rulesets is None:
        await step.begin(names, _begin_digest(step.run, names))
    elif step.run.rulesets != names:
        await step.fail("A version came into use, or went out of it, while this was proposed: propose it again.")
        return
    stored = _cut(await step.page_accounts(_PAGE))
    if not stored:
        await step.begin_rationing()
        return
    told = await tell_call_hours(step.read_call_hours, rulesets, stored)
    proposer = proposals.find(step.run, rulesets)
    proposed = await asyncio.to_thread(
        lambda: proposer.propose([write_document(each).decode() for each in told if each])
    )
    items = [_item_of(account, each) for account, each in zip(stored, proposed, strict=True)]
    await step.add(items, _extend_digest(step.run.digest or b"", items))


async def ration_page(step: Step) -> None:
    """Count the next contacts: whoever comes when the day of a channel is full is left to the next run."""
    most = step.run.at_most
    contacts, used = await step.page_contacts(_CONTACTS) if most else ([], {})
    if not contacts:
        await step.end_proposal()
        return
    full = [each.account_id for each in contacts if not _fits(each, most, used)]
    await step.carry_over(full, contacts[-1], used)


def _fits(contact: Contact, most: dict[str, int], used: Used) -> bool:
    """Tell whether there is room for an item's contacts on its day, and count them if so."""
    day = "" if contact.scheduled_on is None else contact.scheduled_on.isoformat()
    channels = (contact.channel, *contact.also)
    wanted = {channel: channels.count(channel) for channel in channels if channel is not None and channel in most}
    if any(used.get((day, channel), 0) + count > most[channel] for channel, count in wanted.items()):
        return False
    for channel, count in wanted.items():
        used[day, channel] = used.get((day, channel), 0) + count
    return True


def _cut(stored: Sequence[AccountWithHistory]) -> Sequence[AccountWithHistory]:
    """Return the first of some accounts, of a bounded size together; one at least."""
    size = 0
    for place, each in enumerate(stored):
        size += len(each.account.document) + sum(len(entry.entry) for entry in each.history)
        if size > _MOST_BYTES and place:
            return stored[:place]
    return stored


def _item_of(stored: AccountWithHistory, proposed: Proposed) -> RunItem:
    return RunItem(
        account_id=stored.account.id,
        state="proposed" if proposed.outcome == "act" else "left_out",
        outcome=proposed.outcome,
        ruleset_id=proposed.ruleset,
        version=proposed.version,
        rule=proposed.rule,
        title=proposed.rule_title,
        level=proposed.level,
        action=proposed.action,
        channel=proposed.channel,
        also=proposed.also,
        scheduled_for=proposed.scheduled_for,
        scheduled_on=proposed.scheduled_on,
        episode=proposed.episode,
        reason=proposed.reason,
        currency=proposed.currency,
        amount=proposed.claim_amount,
        fee=proposed.claim_fee,
        claim=proposed.claim_total,
    )


def _begin_digest(run: Run, rulesets: Sequence[tuple[str, int]]) -> bytes:
    """Hash what is asked: the same of the same accounts has the same digest, whoever asks and whenever."""
    return hashlib.sha256(_encode([run.track, run.as_of, run.at_most, rulesets])).digest()


def _extend_digest(digest: bytes, items: Sequence[RunItem]) -> bytes:
    for item in items:
        digest = hashlib.sha256(digest + _encode(item)).digest()
    return digest
