"""Account documents at the edge: what is checked before one is stored, and the ETag of its revision."""

import re

from litestar.types import Scope

from api.accountmessages import Account
from api.problems import Fault, ProblemError
from api.requests import decode_json, decode_strictly, find_header
from engine.evaluation.reading import zone_of
from engine.model.exactjson import FREE_JSON, make_decoder
from engine.model.money import EXPONENTS
from store.accounts import Accounts

_SHAPE = make_decoder(Account)
_NO_NAMES = frozenset({".", ".."})  # clients and proxies take such a segment out of a path
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def check_document(document: bytes, account_id: str | None) -> Account:
    """Check an account's own keys; its facts are checked by the ruleset that covers it, when it decides."""
    decode_strictly(FREE_JSON, document)  # every number must be one that can be decided on
    account: Account = decode_json(_SHAPE, document)
    problems = []
    if account_id is not None and account.id != account_id:
        problems.append(Fault(pointer="/id", message=f"The path names {account_id!r}, the document {account.id!r}."))
    if account.id in _NO_NAMES:
        problems.append(Fault(pointer="/id", message=f"No path can name an account {account.id!r}."))
    if account.currency not in EXPONENTS:
        problems.append(Fault(pointer="/currency", message=f"{account.currency!r} is not a currency of ISO 4217."))
    if account.timezone is not None and zone_of(account.timezone) is None:
        message = f"{account.timezone!r} is no time zone such as Europe/Amsterdam."
        problems.append(Fault(pointer="/timezone", message=message))
    ids: set[str] = set()
    for index, invoice in enumerate(account.invoices or ()):
        if invoice.id in ids:
            problems.append(Fault(pointer=f"/invoices/{index}/id", message=f"Invoice {invoice.id!r} is there twice."))
        ids.add(invoice.id)
        for place, payment in enumerate(invoice.payments or ()):
            if payment.amount <= 0:
                pointer = f"/invoices/{index}/payments/{place}/amount"
                problems.append(Fault(pointer=pointer, message=f"A payment is above 0, not {payment.amount}."))
    if problems:
        detail = f"{problems[0].pointer}: {problems[0].message}"
        raise ProblemError("invalid-request", detail, problems=tuple(problems))
    return account


def write_etag(revision: int) -> str:
    """Write a revision as a strong ETag."""
    return f'"{revision}"'


async def read_expected_revision(scope: Scope, accounts: Accounts, account_id: str) -> int | None:
    """Read If-Match and If-None-Match: the revision that must be stored, 0 for none, ``None`` where anything goes."""
    wanted, unwanted = _read_tags(scope, "If-Match"), _read_tags(scope, "If-None-Match")
    if wanted is None and unwanted is None:
        return None
    stored = await accounts.read(account_id)
    tag = None if stored is None else write_etag(stored.revision)
    if wanted is not None and (tag is None or ("*" not in wanted and tag not in wanted)):
        raise _refuse_tags(f"If-Match asks for {', '.join(wanted)}", tag)
    if unwanted is not None and tag is not None and ("*" in unwanted or tag in [_strengthen(one) for one in unwanted]):
        raise _refuse_tags(f"If-None-Match asks for anything but {', '.join(unwanted)}", tag)
    if stored is None:
        return 0 if unwanted == ["*"] else None
    return stored.revision if wanted is not None else None


def _read_tags(scope: Scope, name: str) -> list[str] | None:
    """Read a header's ETags, or its star."""
    given = find_header(scope, name.lower().encode())
    if given is None:
        return None
    tags = [one.strip() for one in given.split(",")]
    if tags != ["*"] and not all(map(_TAG.fullmatch, tags)):
        message = f'{name} is * or ETags in quotes such as "7", not {given}.'
        raise ProblemError("invalid-request", message, problems=(Fault(header=name, message=message),))
    return tags


def _strengthen(tag: str) -> str:
    """If-None-Match compares weakly (RFC 9110, 13.1.2)."""
    return tag.removeprefix("W/")


def _refuse_tags(asked: str, tag: str | None) -> ProblemError:
    found = "the account is not stored" if tag is None else f"the account's ETag is {tag}"
    return ProblemError("revision-mismatch", f"{asked}; {found}.", headers={} if tag is None else {"ETag": tag})
