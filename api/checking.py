"""What a decision would refuse of an account, said before the account is stored."""

import datetime as dt

from msgspec.structs import replace

from api.histories import join_history, join_outcomes
from api.service import Service
from engine.evaluation.decide import next_action
from engine.model.account import AccountInvalid, Problem
from engine.model.exactjson import FREE_JSON
from store.accounts import AccountWithHistory, StoredAccount


async def check_facts(service: Service, account_id: str, document: bytes) -> None:
    """Refuse a document that a decision would refuse now, in any track, with what is recorded of its account.

    What nobody covers is not read, and so not refused. Raises RulesetsOverlap.
    """
    rulesets = service.rulesets.in_use().rulesets
    stored = await service.store.accounts.read_with_history(account_id)
    beside = stored or AccountWithHistory(account=StoredAccount(id=account_id, document=b"{}", revision=0), history=())
    account, history = FREE_JSON.decode(document), FREE_JSON.decode(join_history(beside))
    outcomes = FREE_JSON.decode(join_outcomes(beside) or b"[]")
    problems: dict[str, Problem] = {}
    now = dt.datetime.now(dt.UTC)
    for track in sorted({one.ruleset.track for one in rulesets.compiled}):
        try:
            next_action(
                rulesets, account, history, outcomes=outcomes, as_of=now, track=track, explain="none", is_live=False
            )
        except AccountInvalid as invalid:
            found = (replace(each, pointer=each.pointer.removeprefix("/account")) for each in invalid.problems)
            problems |= {problem.pointer: problem for problem in found}
        except OverflowError:
            message = "a date in the account or its history is further away than calendars reach"
            problems[""] = Problem(pointer="", message=message)
    if problems:
        raise AccountInvalid(tuple(problems.values()))
