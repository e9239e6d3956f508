"""Account documents at the edge: what is checked before one is stored, and the ETag of its revision."""

from typing import Any

from litestar.types import Scope

from api.messages import Account
from api.problems import Place, ProblemError
from api.requests import FREE_JSON, decode_json, decode_strictly, find_header, make_decoder
from engine.evaluation.reading import zone_of
from engine.model.money import EXPONENTS
from store.accounts import Accounts

_SHAPE = make_decoder(Account)


def check_document(document: bytes, account_id: str | None) -> Account:
    """Check an account's own keys; its facts are checked by the ruleset that covers it, when it decides."""
    decode_strictly(FREE_JSON, document)  # every number must be one that can be decided on
    account: Account = decode_json(_SHAPE, document)
    problems = []
    if account_id is not None and account.id != account_id:
        problems.append(Place(pointer="/id", message=f"The path names {account_id!r}, the document {account.id!r}."))
    if account.currency not in EXPONENTS:
        problems.append(Place(pointer="/currency", message=f"{account.currency!r} is not a currency of ISO 4217."))
    if account.timezone is not None and zone_of(account.timezone) is None:
        message = f"{account.timezone!r} is no time zone such as Europe/Amsterdam."
        problems.append(Place(pointer="/timezone", message=message))
    ids: set[str] = set()
    for index, invoice in enumerate(account.invoices or ()):
        if invoice.id in ids:
            problems.append(Place(pointer=f"/invoices/{index}/id", message=f"Invoice {invoice.id!r} is there twice."))
        ids.add(invoice.id)
    if problems:
        detail = f"{problems[0].pointer}: {problems[0].message}"
        raise ProblemError("invalid-request", detail, problems=tuple(problems))
    return account


def write_etag(revision: int) -> str:
    """Write a revision as a strong ETag."""
    return f'"{revision}"'


async def read_expected_revision(scope: Scope, accounts: Accounts, account_id: str) -> int | None:
    """Read If-Match and If-None-Match: the revision that must be stored, 0 for none, ``None`` where anything goes."""
    if find_header(scope, b"if-none-match") == "*":
        return 0
    wanted = find_header(scope, b"if-match")
    if wanted is None:
        return None
    stored = await accounts.read(account_id)
    tags = [tag.strip() for tag in wanted.split(",")]
    if stored is None or ("*" not in tags and write_etag(stored.revision) not in tags):
        found = "it is not stored" if stored is None else f"its ETag is {write_etag(stored.revision)}"
        headers: dict[str, Any] = {} if stored is None else {"ETag": write_etag(stored.revision)}
        raise ProblemError("revision-mismatch", f"If-Match asks for {wanted}; {found}.", headers=headers)
    return stored.revision
