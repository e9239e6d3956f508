"""From what a caller says was carried out to the entry that is recorded, or the refusal of what nobody could read.

History is append-only: an entry that means nothing would be lost without a word, and could not be taken back.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from api.accountmessages import RecordRequest
from api.problems import Fault, ProblemError, refuse_place
from api.service import Service
from engine.evaluation.debts import Glimpsed, debt_at, glimpse_debt
from engine.evaluation.history import check_entry, read_instant
from engine.evaluation.reading import zone_of
from engine.evaluation.routing import Route
from engine.evaluation.timeline import execute
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.decision import Decision
from engine.model.exactjson import FREE_JSON
from store.history import DecidedStep, Recording
from store.tokens import Token

_NAMING = ("rule", "level", "action", "channel", "fee", "reset")
FURTHEST_AHEAD = dt.timedelta(days=1)
_UTC = ZoneInfo("UTC")
_DECISION = msgspec.json.Decoder(Decision)

Fields = dict[str, Any]


class _Zone(msgspec.Struct):
    timezone: str | None = None


async def record(service: Service, account_id: str, given: RecordRequest, token: Token) -> Recording:
    """Record what was carried out, once for a decision."""
    stored = await service.store.accounts.read(account_id)
    if stored is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    now = service.now()
    fields = _read_fields(given, account_id)
    decision_id = None if given.decision_id is UNSET else given.decision_id
    entry, decided_at = fields, None
    if decision_id is not None:
        completed, decided_at = await _complete(service, account_id, decision_id)
        entry = {"at": now.isoformat(timespec="seconds")} | completed | fields
    elif not any(fields.get(name) is not None for name in _NAMING):
        raise refuse_place("", "an entry names a decision_id, a rule, an action, a level or a reset.")
    zone = zone_of(msgspec.json.decode(stored.document, type=_Zone).timezone or "UTC") or _UTC
    at = _read_at(entry, zone, now)
    _check_readable(entry)
    account: Mapping[str, object] = FREE_JSON.decode(stored.document)
    covering = name_covering(service, account, at)
    await _check_rule(service, covering, entry)
    if decision_id is None:
        entry |= _find_debt(service, account, await _choose_ruleset(service, covering, entry), entry)
    recording = await service.store.history.record(
        account_id,
        msgspec.json.encode(entry),
        at=at,
        decision_id=decision_id,
        actor=token.id,
        name=token.name,
        step=None if given.force is True or decided_at is None else _step_of(entry, decided_at),
    )
    if not recording.is_new:
        _check_same(recording.entry.entry, fields, zone)
    return recording


def _read_fields(given: RecordRequest, account_id: str) -> Fields:
    """Return what is said of the entry; that it was done goes without saying."""
    fields: Fields = msgspec.to_builtins(given)
    fields.pop("force", None)
    if fields.pop("account", account_id) != account_id:
        raise refuse_place("/account", f"the path names {account_id!r}.")
    if fields.get("result") == "done":
        del fields["result"]
    return fields


async def _complete(service: Service, account_id: str, decision_id: str) -> tuple[Fields, dt.datetime]:
    """Return the entry that a logged decision becomes when it is carried out, and when that was decided."""
    logged = await service.store.decisions.read(decision_id)
    if logged is None or logged.answer is None:
        raise ProblemError("unknown-decision", f"No decision {decision_id!r} is in the log.")
    if logged.account_id != account_id:
        raise refuse_place("/decision_id", f"that decision is about account {logged.account_id!r}.")
    decision = _DECISION.decode(logged.answer)
    if decision.outcome != "act" or decision.action is None:
        raise refuse_place("/decision_id", f"that decision is to {decision.outcome}: there was nothing to carry out.")
    entry = execute(decision)
    del entry["at"]  # when it was decided is not when it was done
    return entry, logged.at


def _read_at(entry: Fields, zone: ZoneInfo, now: dt.datetime) -> dt.datetime:
    at = read_instant(entry.get("at"), zone)
    if at is None:
        raise refuse_place("/at", "a date, or an instant with its offset such as 2026-11-20T09:00:00+01:00, is needed.")
    if at - now > FURTHEST_AHEAD:
        raise refuse_place(
            "/at",
            f"this is more than a day ahead of the service's clock, {now.isoformat(timespec='seconds')}; what is"
            " recorded was carried out.",
        )
    return at


def _check_readable(entry: Fields) -> None:
    """Refuse what no decision could read: the account would be stuck with it."""
    try:
        check_entry(entry)
    except AccountInvalid as invalid:
        places = tuple(Fault(pointer=p.pointer, message=f"{p.message.rstrip('.')}.") for p in invalid.problems)
        detail = f"{places[0].pointer or 'the body'}: {places[0].message}"
        raise ProblemError("invalid-request", detail, problems=places) from None


async def _check_rule(service: Service, covering: Sequence[str], entry: Fields) -> None:
    """Refuse a rule that no version of the account's ruleset ever had: without a level it would count for nothing."""
    rule = entry.get("rule")
    if rule is None or "ruleset" in entry or "level" in entry:
        return
    if not await service.store.rulesets.has_rule(rule, covering or None):
        where = f"ruleset {' or '.join(covering)}" if covering else "any ruleset"
        raise refuse_place(
            "/rule",
            f"no published version of {where} has a rule {rule!r}; with `ruleset` or `level` beside it an entry needs"
            " none.",
        )


async def _choose_ruleset(service: Service, covering: Sequence[str], entry: Fields) -> str | None:
    """Name the ruleset of an entry: its own, else the first that covers the account, one that has the rule before."""
    if "ruleset" in entry:
        return str(entry["ruleset"])
    rule = entry.get("rule")
    if rule is not None and len(covering) > 1:
        for name in covering:
            if await service.store.rulesets.has_rule(rule, [name]):
                return name
    return next(iter(covering), None)


def _find_debt(service: Service, account: Mapping[str, object], ruleset: str | None, entry: Fields) -> Fields:
    """Return the episode, and where a rule was executed the invoices, that an entry leaves out (language.md 5.3a)."""
    versions = (each for each in service.rulesets.in_use().compiled if each.ruleset.id == ruleset)
    try:
        debt = debt_at(account, versions, entry.get("at"))
    except AccountInvalid:  # no ruleset can read it, and so no decision counts what is recorded
        return {}
    found: Fields = {}
    if debt is not None and "episode" not in entry:
        found["episode"] = debt.episode
    if debt is not None and debt.invoices and "rule" in entry and "invoices" not in entry:
        found["invoices"] = list(debt.invoices)
    return found


def name_covering(service: Service, account: Mapping[str, object], at: dt.datetime) -> list[str]:
    """Name the rulesets in use that cover an account at an instant, one of each track or those that overlap."""
    rulesets = service.rulesets.in_use().rulesets
    found: list[str] = []
    for track in sorted({one.ruleset.track for one in rulesets.compiled}):
        try:
            covering = Route(rulesets, account, (), as_of=at, track=track, ruleset=None).covering()
        except RulesetsOverlap as overlap:
            found += overlap.rulesets
        except AccountInvalid:
            continue
        else:
            found += [covering.compiled.ruleset.id] if covering is not None else []
    return found


def glimpse_covered(
    service: Service, account: Mapping[str, object], at: dt.datetime, *, covering: str | None = None
) -> Glimpsed | None:
    """Return what an account owes, read by the ruleset of the first track that covers it, else by one of no words.

    Whoever knows that ruleset names it as `covering`. None where its currency is none that can be reckoned in. Raises
    AccountInvalid.
    """
    names = name_covering(service, account, at)[:1] if covering is None else [covering]
    versions = [each for each in service.rulesets.in_use().compiled if each.ruleset.id in names]
    return glimpse_debt(account, versions, at)


def _step_of(entry: Fields, decided_at: dt.datetime) -> DecidedStep | None:
    """Return the step that an entry executes, if it does."""
    if entry.get("result") == "failed" or "rule" not in entry:
        return None
    return DecidedStep(
        ruleset=entry["ruleset"], rule=entry["rule"], episode=entry.get("episode"), decided_at=decided_at
    )


def _check_same(stored: bytes, fields: Fields, zone: ZoneInfo) -> None:
    """Refuse what differs from the entry that the decision has; an instant is the same in every offset."""
    known = msgspec.json.decode(stored)
    changed = [name for name, value in fields.items() if known.get(name) != value]
    if "at" in changed and read_instant(known.get("at"), zone) == read_instant(fields["at"], zone):
        changed.remove("at")
    if changed:
        raise ProblemError("history-conflict", f"The entry of this decision has another {', '.join(sorted(changed))}.")
