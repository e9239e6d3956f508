"""Search: accounts by their ids, decisions by theirs or their account's, rules in use by id or title."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import HOME, SCREEN_KEY, Screen, go, show
from api.console.words import write_segment
from api.requests import read_query
from api.routes.accounts import GET, LIST
from api.routes.decisions import LIST as LIST_DECISIONS
from api.routes.decisions import READ
from api.routes.rulesets import READ_VERSION
from api.service import Service, find_service
from engine.evaluation.program import Compiled
from store.accounts import AccountFilter, ListedAccount
from store.decisionrecords import LoggedDecision
from store.decisions import DecisionFilter
from store.tokens import Token

_MOST = 20


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked for."""

    q: str | None = None


class FoundRule(NamedTuple):
    """A rule or block in use, and on which line of its version's text it stands."""

    ruleset: str
    version: int
    id: str
    title: str | None
    line: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; None what one's rights do not open."""

    accounts: tuple[ListedAccount, ...] | None
    decisions: tuple[LoggedDecision, ...] | None
    rules: tuple[FoundRule, ...] | None


@get("/search", opt={SCREEN_KEY: Screen(scope=None, is_open=False, reads_personal=True)})
async def search(scope: Scope) -> Response[bytes]:
    """Show what is found; the id of an account or decision, written whole, leads to it."""
    words = (read_query(scope, Search).q or "").strip()
    service, token = find_service(scope), scope["auth"]
    if not words:
        return show(scope, "search", {"words": "", "found": None})
    whole = await _find_whole(service, token, words)
    if whole is not None:
        return go(whole)
    return show(scope, "search", {"words": words, "found": await _find(service, token, words)})


async def _find_whole(service: Service, token: Token, words: str) -> str | None:
    """Return the address of the account or decision that is called so."""
    if GET.scope in token.scopes and await service.store.accounts.read(words) is not None:
        return f"{HOME}/accounts/{write_segment(words)}"
    if READ.scope in token.scopes and await service.store.decisions.read(words) is not None:
        return f"{HOME}/decisions/{words}"
    return None


async def _find(service: Service, token: Token, words: str) -> Found:
    accounts = decisions = rules = None
    if LIST.scope in token.scopes:
        accounts = (await service.store.accounts.list(AccountFilter(prefix=words), limit=_MOST)).accounts
    if LIST_DECISIONS.scope in token.scopes:
        decisions = (await service.store.decisions.list(DecisionFilter(account_id=words), limit=_MOST)).decisions
    if READ_VERSION.scope in token.scopes:
        rules = tuple(list_rules(service.rulesets.in_use().compiled, words))[:_MOST]
    return Found(accounts=accounts, decisions=decisions, rules=rules)


def list_rules(compiled: Iterable[Compiled], words: str) -> Iterator[FoundRule]:
    """List the rules and blocks whose id or title holds these words."""
    wanted = _fold(words)
    for each in compiled:
        parts: dict[str, Any] = {}
        for edition in each.ruleset.editions.values():
            parts |= {block.id: (None, block.at.line) for block in edition.blocks}
            parts |= {rule.id: (rule.title, rule.at.line) for rule in edition.rules}
        for name, (title, line) in parts.items():
            if each.version is not None and (wanted in _fold(name) or wanted in _fold(title or "")):
                yield FoundRule(each.ruleset.id, each.version, name, title, line)


def _fold(words: str) -> str:
    return words.replace("-", " ").replace("_", " ").casefold()
