"""Keeping what figures are added up from: in a process of its own, which ends when nothing is left to be done.

Run as a program it reads the address of the database on stdin.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence

import msgspec

from api.debtors import TermsOfRulesets, read_terms, say_problem
from api.programs import run_program
from api.service import Service
from engine.model.account import AccountInvalid
from engine.recovery.knowing import Words, count_work, list_pieces
from store.errors import StoreError
from store.known import ASIDE, Known, KnownKeeper, Marked, has_marks, keeping
from store.recovery import AccountOverTime

_log = logging.getLogger("dunning.knowing")
_BATCH = 500  # marks; of so many accounts whoever erases one waits at most
_PAGE = 5_000  # accounts known by terms of before, marked at once
_MOST_WORK = 100_000_000  # half a minute of a core for an account, each time that something is written of it
_KEPT_SECONDS = 10.0
_IDLE_SECONDS = 30.0
_LEAST_URGENT = 10


async def keep_known(service: Service) -> None:
    """Start the program whenever something was written; whatever goes wrong is said, and tried again."""
    while service.settings.due:
        try:
            if await has_marks(service.store.database):
                await run_program("api.knowing", service.store.database.url.encode())
        except StoreError:
            pass  # /readyz tells of it, and figures are drawn from what was written until then
        except Exception as problem:  # noqa: BLE001  a fault of ours must not end it for good, and is told
            _log.error("Keeping what figures are added up from failed; it goes on", exc_info=problem)
        await asyncio.sleep(_IDLE_SECONDS)


async def work_off_marks(url: str) -> int:
    """Make known whatever was written, unless another process does; returns of how many accounts."""
    count = 0
    async with keeping(url) as keeper:
        if keeper is None:
            return count
        while await keeper.has_marks() or await keeper.mark_outdated(await _name_terms(keeper), _PAGE):
            marked = await keeper.take(_BATCH)
            terms = await read_terms(keeper.source)  # after their marks: whatever changes from now on marks anew
            count += await _keep_all(keeper, marked, terms)
    return count


async def _keep_all(keeper: KnownKeeper, marked: Sequence[Marked], terms: TermsOfRulesets) -> int:
    """Make marked accounts known, kept every some seconds: what ends the process undoes no more. Returns how many."""
    left = {each.account_id: each for each in marked}
    accounts = await keeper.source.read(list(left))
    known: list[Known] = []
    begun_at = time.monotonic()
    for account in accounts:
        known.append(_try_know(left[account.id], account, terms))
        if time.monotonic() > begun_at + _KEPT_SECONDS:
            await keeper.keep([left.pop(each.account_id) for each in known], known)
            known, begun_at = [], time.monotonic()
    await keeper.keep(list(left.values()), known)
    return len(accounts)


def _try_know(marked: Marked, account: AccountOverTime, terms: TermsOfRulesets) -> Known:
    """Return what is known of an account; one of which it cannot be said holds up no other."""
    try:
        return know(marked, account, terms)
    except Exception as fault:  # noqa: BLE001  whatever it is, it is told, and figures read what was written of it
        _log.error("Account %s was left aside: no columns could be made of it", account.id, exc_info=fault)
        return Known(account_id=account.id, ruleset_id=account.ruleset_id, made_by=ASIDE, problem=type(fault).__name__)


async def _name_terms(keeper: KnownKeeper) -> Mapping[str, str]:
    return (await read_terms(keeper.source)).made_by


def know(marked: Marked, account: AccountOverTime, terms: TermsOfRulesets) -> Known:
    """Return all that is known of an account, and nothing of one that is too large."""
    made_by = terms.made_by[terms.name_ruleset(account)]
    made = Known(account_id=account.id, ruleset_id=account.ruleset_id, made_by=made_by)
    ((_, debtors),) = terms.read_all([account])
    if isinstance(debtors, AccountInvalid):
        return msgspec.structs.replace(made, problem=say_problem(debtors))
    if count_work(debtors) > _MOST_WORK:
        return msgspec.structs.replace(made, made_by=ASIDE)
    words = Words()
    return msgspec.structs.replace(
        made,
        pieces=tuple(list_pieces(marked.number, debtors, words)),
        currencies=tuple(each.currency for each in debtors),
        words=words.found,
    )


def _main() -> None:
    os.nice(_LEAST_URGENT)
    asyncio.run(work_off_marks(sys.stdin.read()))


if __name__ == "__main__":
    _main()
