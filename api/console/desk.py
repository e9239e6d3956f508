"""What lies on the desk of the sandbox, and how it comes there: from what is in use, an account, a decision, a form."""

import datetime as dt
import re

import msgspec
from litestar.types import Receive, Scope

from api.auth import note_access
from api.console.entering import FORM_TYPE, read_texts, require
from api.examining import Manuscript
from api.histories import write_document
from api.operation import MEBIBYTE, Body
from api.problems import ProblemError, refuse_parameter
from api.replaying import FactsErased, remember
from api.requests import check_year
from api.routes.accounts import GET as READ_ACCOUNT
from api.routes.decisions import READ as READ_DECISION
from api.routes.rulesets import read_version
from api.service import Service, find_service
from engine.model.exactjson import FREE_JSON
from store.rulesets import RulesetVersion, VersionHead

_FORM = Body(record=str, media_types=(FORM_TYPE,), most_bytes=4 * MEBIBYTE)
_BLANK = """\
ruleset: my-first
title: My first ruleset
currency: EUR
timezone: Europe/Amsterdam
rules:
  - id: reminder
    title: Friendly reminder
    level: 1
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: [preferred, email]}
"""
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


class Begin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one begins from: a version (left out: one in use), a stored account, or a decision with its account."""

    ruleset: str | None = None
    version: int | None = None
    account: str | None = None
    decision: str | None = None
    day: dt.date | None = None


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The version that a draft was begun from; ``digest`` is what nobody may have replaced when it is published."""

    ruleset: str
    number: int
    digest: str
    facts: str | None = None
    scorecard: str | None = None
    guarantees: str | None = None
    suite: str | None = None


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What lies on the desk: the draft, what it was begun from, and the account, as JSON, with the day."""

    text: str
    base: Base | None
    account: str
    day: dt.date | None
    account_id: str = ""

    @property
    def manuscript(self) -> Manuscript:
        """The draft with what belongs to it."""
        base = self.base
        if base is None:
            return Manuscript(text=self.text)
        file = f"{base.ruleset}.yaml"
        return Manuscript(
            text=self.text,
            facts=base.facts,
            scorecard=base.scorecard,
            guarantees=base.guarantees,
            suite=base.suite,
            file=file,
        )


async def begin(scope: Scope, asked: Begin) -> Desk:
    """Lay out a desk to begin with."""
    service, token = find_service(scope), scope["auth"]
    account, day, ruleset, number = "", asked.day, asked.ruleset, asked.version
    if asked.account is not None or asked.decision is not None:
        require(token, READ_ACCOUNT.scope if asked.account is not None else READ_DECISION.scope)
        await note_access(scope, token)
    if asked.account is not None:
        account = await read_account(service, asked.account)
    elif asked.decision is not None:
        logged = await service.store.decisions.read(asked.decision)
        if logged is None:
            raise ProblemError("unknown-decision", f"No decision {asked.decision!r} is in the log.")
        try:
            remembered = remember(logged)
        except FactsErased as problem:
            raise ProblemError("facts-erased", f"{problem}.") from None
        beside = {"history": remembered.history, "outcomes": remembered.outcomes}
        document = {**remembered.account, **{name: each for name, each in beside.items() if each}}
        account = _write(msgspec.json.encode(document))
        day = day or dt.datetime.fromisoformat(FREE_JSON.decode(remembered.answer)["as_of"]).date()
        if ruleset is None:
            ruleset, number = logged.ruleset_id, logged.version
    version = await _find_version(service, ruleset, number)
    base = None if version is None else _base_of(version)
    text = _BLANK if version is None else version.draft.text
    return Desk(text=text, base=base, account=account, day=day, account_id=asked.account or "")


async def _find_version(service: Service, ruleset: str | None, number: int | None) -> RulesetVersion | None:
    """Find the version that one begins from: the one named, or the newest in use."""
    if number is not None:
        if ruleset is None:
            raise refuse_parameter("version", "a version needs `ruleset` beside it.")
        return await read_version(service, ruleset, number)
    head = next((each for each in await list_in_use(service) if ruleset in {None, each.ruleset_id}), None)
    if head is None:
        if ruleset is not None:
            raise ProblemError("unknown-ruleset", f"No version of {ruleset!r} is in use.")
        return None
    return await read_version(service, head.ruleset_id, head.number)


async def read_in_use(service: Service, base: Base | None) -> RulesetVersion | None:
    """Read the newest version in use of what a draft was begun from."""
    if base is None:
        return None
    head = next((each for each in await list_in_use(service) if each.ruleset_id == base.ruleset), None)
    return None if head is None else await service.store.rulesets.read_version(head.ruleset_id, head.number)


async def list_in_use(service: Service) -> tuple[VersionHead, ...]:
    """List the newest version in use of each ruleset."""
    heads = await service.store.rulesets.list_versions()
    return tuple({each.ruleset_id: each for each in reversed(heads) if each.is_active}.values())[::-1]


async def read_desk(scope: Scope, receive: Receive) -> tuple[Desk, bool]:
    """Read what a form brings back, and whether it is sent in passing, while somebody types."""
    form = await read_texts(scope, receive, _FORM)
    service, ruleset, version = find_service(scope), form.get("ruleset", ""), form.get("version", "")
    base = None
    if ruleset:
        if _NUMBER.fullmatch(version) is None:
            raise refuse_parameter("version", "the number of a version is needed.")
        base = _base_of(await read_version(service, ruleset, int(version)))
    desk = Desk(
        text=form.get("text", ""),
        base=base,
        account=form.get("account", ""),
        day=_read_day(form.get("day", "")),
        account_id=form.get("account_id", "").strip(),
    )
    return desk, "passing" in form


def _read_day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise refuse_parameter("day", f"a day is written year-month-day, not {text!r}.") from None
    check_year(day, refuse_parameter, "day")
    return day


async def read_account(service: Service, account_id: str) -> str:
    """Read a stored account with what was executed and what came of it, as JSON."""
    stored = await service.store.accounts.read_with_history(account_id)
    if stored is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    return _write(write_document(stored))


def _base_of(version: RulesetVersion) -> Base:
    draft = version.draft
    return Base(
        ruleset=draft.ruleset_id,
        number=version.number,
        digest=draft.digest,
        facts=draft.facts_text,
        scorecard=draft.scorecard_text,
        guarantees=draft.guarantees_text,
        suite=draft.suite_text,
    )


def _write(document: bytes) -> str:
    return msgspec.json.format(document).decode()
