"""A logged answer says what its line says."""

import json
from typing import Any

import pytest

from store.store import Store
from store.verifying import verify_log
from tests.store.loggers import AS_OF, make_record

pytestmark = pytest.mark.anyio

WHOLE: dict[str, Any] = {
    "account_id": "A-1",
    "track": "dunning",
    "outcome": "act",
    "as_of": AS_OF.isoformat(),
    "ruleset": {"id": "nl", "version": 1, "digest": "sha256:a", "commit": None},
    "rule": {"id": "letter", "title": "Letter"},
    "action": {"type": "send_reminder", "channel": "email"},
}


def test_the_whole_answer_is_named() -> None:
    """The example says all that a line says."""
    assert len(WHOLE) + len(WHOLE["ruleset"]) + len(WHOLE["action"]) == 13


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({}, []),
        ({"outcome": "none"}, ["outcome"]),
        ({"account_id": "A-2"}, ["account_id"]),
        ({"as_of": "2026-11-20T09:30:01+01:00"}, ["as_of"]),
        ({"as_of": "2026-11-20T08:30:00Z"}, []),
        ({"rule": None}, ["rule"]),
        ({"rule": {"id": "other"}}, ["rule"]),
        ({"action": {"type": "send_reminder"}}, ["channel"]),
        ({"ruleset": {"id": "nl", "version": 2, "digest": "sha256:a"}}, ["version"]),
        ({"decision_id": "01a1ffc8-0154-76a0-b31c-66090b7cefe2"}, ["id"]),
        ({"rule": "letter"}, ["form"]),
    ],
)
async def test_an_answer_that_says_something_else_is_found(
    empty_database_url: str, change: dict[str, Any], names: list[str]
) -> None:
    """Logged with a line that says something else than the answer: found, though nothing was changed since."""
    record = make_record(
        account_id="A-1",
        ruleset_id="nl",
        version=1,
        digest="sha256:a",
        rule="letter",
        action="send_reminder",
        channel="email",
        as_of=AS_OF,
        related=None,
        related_accounts=(),
    )
    answer = {"decision_id": record.id} | WHOLE | change
    given = make_record(
        **{name: getattr(record, name) for name in record.__struct_fields__ if name != "answer"},
        answer=json.dumps(answer).encode(),
    )
    async with await Store.open(empty_database_url) as store:
        await store.decision_log.append(given)
        async with store.database.connection() as connection:
            findings = (await verify_log(connection)).findings
    assert [each.message.partition("says another ")[2].split()[0] for each in findings] == names
