"""The stored accounts, one by one or found."""

from litestar import delete, get, patch, put
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope
from msgspec import Raw

from api.accountmessages import (
    Account,
    AccountPatch,
    Accounts,
    AccountsQuery,
    AskAbout,
    ListedAccount,
    PutQuery,
)
from api.answers import answer_cached, answer_json
from api.checking import check_facts
from api.documents import check_document, read_expected_revision, write_etag
from api.operation import JSON, MEBIBYTE, OPT_KEY, Answer, Body, Operation
from api.problems import ProblemError, refuse_place
from api.requests import decode_strictly, read_body, read_query
from api.service import find_service
from engine.model.exactjson import FREE_JSON
from store import accounts as stored
from store.accounts import AccountFilter
from store.tokens import Token

_PATH = "/v1/accounts/{account_id:str}"
_MATCH = {"If-Match": "Only if the account's ETag is still this one."}
_DOCUMENT = Body(record=Account)
_PATCH = Body(record=AccountPatch, media_types=("application/merge-patch+json", JSON))

PUT = Operation(
    name="putAccount",
    summary="Store an account, or replace it whole.",
    method="PUT",
    scope="accounts",
    query=PutQuery,
    body=_DOCUMENT,
    answers=(
        Answer(about="Replaced; the header ETag names its state.", status=200, record=Account),
        Answer(about="Stored.", status=201, record=Account),
    ),
    headers=_MATCH
    | {"If-None-Match": "Only if the account's ETag is none of these; `*`: only if it is not stored yet."},
    problems=("invalid-account", "rulesets-overlap", "revision-mismatch", "unavailable"),
)
PATCH = Operation(
    name="patchAccount",
    summary="Change some keys of an account (JSON merge patch, RFC 7396); null takes a key away.",
    method="PATCH",
    scope="accounts",
    body=_PATCH,
    answers=(Answer(about="The account as it is now.", record=Account),),
    headers=_MATCH,
    problems=("unknown-account", "revision-mismatch", "unavailable"),
)
GET = Operation(
    name="getAccount",
    summary="An account as it was sent.",
    scope="accounts",
    answers=(Answer(about="The account.", record=Account),),
    headers={"If-None-Match": "An ETag: 304 if the account is still that."},
    problems=("unknown-account", "unavailable"),
)
DELETE = Operation(
    name="deleteAccount",
    summary="Erase an account, its history, and its personal facts in the decision log.",
    method="DELETE",
    scope="accounts",
    answers=(Answer(about="Erased.", status=204),),
    headers=_MATCH,
    problems=("unknown-account", "revision-mismatch", "unavailable"),
)


LIST = Operation(
    name="listAccounts",
    summary="Stored accounts by id: those of a prefix, party, country, segment or ruleset, or due by an instant.",
    scope="accounts",
    query=AccountsQuery,
    answers=(Answer(about="A page; `next_cursor` asks for the one after it.", record=Accounts),),
    problems=("unavailable",),
)


@get("/v1/accounts", opt={OPT_KEY: LIST})
async def list_accounts(scope: Scope) -> Response[bytes]:
    """List a page of accounts."""
    asked = read_query(scope, AccountsQuery)
    wanted = AccountFilter(
        prefix=asked.prefix,
        party=asked.party,
        country=asked.country,
        segment=asked.segment,
        ruleset_id=asked.ruleset,
        due_by=asked.due_by,
    )
    page = await find_service(scope).store.accounts.list(wanted, cursor=asked.cursor, limit=asked.limit)
    return answer_json(
        Accounts(accounts=tuple(map(_list, page.accounts)), next_cursor=page.next_cursor),
        headers={"Cache-Control": "no-store"},
    )


@put(_PATH, status_code=200, opt={OPT_KEY: PUT})
async def put_account(request: Request[object, object, State], account_id: FromPath[str]) -> Response[bytes]:
    """Store or replace an account."""
    scope = request.scope
    asked = read_query(scope, PutQuery)
    document = await read_body(scope, request.receive, _DOCUMENT)
    check_document(document, account_id)
    service = find_service(scope)
    if asked.check == "true":
        await check_facts(service, account_id, document)
    accounts = service.store.accounts
    expected = await read_expected_revision(scope, accounts, account_id)
    revision, is_new = await accounts.put(account_id, document, expected_revision=expected)
    return _answer(document, revision, status=201 if is_new else 200)


@patch(_PATH, status_code=200, opt={OPT_KEY: PATCH})
async def patch_account(request: Request[object, object, State], account_id: FromPath[str]) -> Response[bytes]:
    """Merge a patch into an account."""
    scope = request.scope
    body = await read_body(scope, request.receive, _PATCH)
    if not isinstance(decode_strictly(FREE_JSON, body), dict):
        raise refuse_place("", "a merge patch of an account is a JSON object.")
    accounts = find_service(scope).store.accounts
    expected = await read_expected_revision(scope, accounts, account_id)

    def check(merged: bytes) -> None:
        if len(merged) > MEBIBYTE:
            raise ProblemError("too-large", f"The account would have {len(merged):,} bytes; at most {MEBIBYTE:,} are.")
        check_document(merged, account_id)

    patched = await accounts.patch(account_id, body, check, expected_revision=expected)
    return _answer(patched.document, patched.revision)


@get(_PATH, opt={OPT_KEY: GET})
async def get_account(scope: Scope, account_id: FromPath[str]) -> Response[bytes]:
    """Read an account."""
    found = await find_service(scope).store.accounts.read(account_id)
    if found is None:
        raise _unknown(account_id)
    return answer_cached(scope, found.document, etag=str(found.revision))


@delete(_PATH, status_code=204, opt={OPT_KEY: DELETE})
async def delete_account(scope: Scope, account_id: FromPath[str]) -> None:
    """Erase an account."""
    store = find_service(scope).store
    expected = await read_expected_revision(scope, store.accounts, account_id)
    token: Token = scope["auth"]
    if not await store.erasures.erase(account_id, actor=token.id, name=token.name, expected_revision=expected):
        raise _unknown(account_id)


def _list(account: stored.ListedAccount) -> ListedAccount:
    return ListedAccount(
        id=account.id,
        party=account.party,
        country=account.country,
        segment=account.segment,
        updated_at=account.updated_at,
        asks=tuple(AskAbout(track=a.track, ask_at=a.ask_at, ruleset=a.ruleset_id) for a in account.asks),
    )


def _answer(document: bytes | Raw, revision: int, *, status: int = 200) -> Response[bytes]:
    headers = {"ETag": write_etag(revision)}
    return Response(bytes(document), status_code=status, media_type=JSON, headers=headers)


def _unknown(account_id: str) -> ProblemError:
    return ProblemError("unknown-account", f"No account {account_id!r} is stored.")
