"""Each request has an id, in its answer and in what is logged while it is answered."""

import json
import logging
import re

import httpx
import pytest
from litestar import Litestar

from api.logs import JsonLines, TextLines
from api.requestids import request_id
from api.service import STATE_KEY

pytestmark = pytest.mark.anyio
_OURS = re.compile("[0-9a-f]{16}-[0-9a-f]+")


@pytest.mark.parametrize("path", ["/healthz", "/v1/rulesets", "/nowhere", "/healthz/", "/v1/accounts/a/next-action"])
async def test_every_answer_names_its_request(anonymous: httpx.AsyncClient, path: str) -> None:
    """Refusals of the router and of strangers too; each has another id, and HEAD and OPTIONS have one."""
    ids = [
        (await anonymous.request(method, path)).headers["X-Request-Id"] for method in ("GET", "GET", "HEAD", "OPTIONS")
    ]
    assert all(map(_OURS.fullmatch, ids))
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("sent", "is_taken"), [("run-7/42", True), ("a" * 129, False), ("two words", False), ("", False)]
)
async def test_the_callers_id_is_taken(anonymous: httpx.AsyncClient, sent: str, *, is_taken: bool) -> None:
    """What comes from elsewhere is found again here; what could forge a line of the log is not taken."""
    answered = (await anonymous.get("/healthz", headers={"X-Request-Id": sent})).headers["X-Request-Id"]
    assert (answered == sent) == is_taken
    assert is_taken or _OURS.fullmatch(answered)


async def test_a_fault_is_logged_with_its_request(
    client: httpx.AsyncClient, app: Litestar, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reports a 500 with its id has its traceback found: as text and as JSON."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        """Writes each line as the server would."""

        def emit(self, record: logging.LogRecord) -> None:
            lines.extend((TextLines().format(record), JsonLines().format(record)))

    async def fail() -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(app.state[STATE_KEY].store.rulesets, "list_versions", fail)
    log = logging.getLogger("dunning.api")
    keeper = Keeper()
    log.addHandler(keeper)
    answer = await client.get("/v1/rulesets", headers={"X-Request-Id": "reported"})
    log.removeHandler(keeper)
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (500, "reported")
    assert "on purpose" not in answer.text
    text, line = lines
    assert "(request reported)" in text
    assert "on purpose" in text
    told = json.loads(line)
    assert (told["level"], told["logger"], told["request_id"]) == ("error", "dunning.api", "reported")
    assert told["at"].endswith("Z")
    assert "RuntimeError: on purpose" in told["error"]
    assert caplog.records


def test_outside_of_a_request_there_is_none() -> None:
    """What the server says of itself carries no id of a request that is over."""
    assert request_id.get() is None
    record = logging.LogRecord("dunning.server", logging.INFO, "", 0, "Listening on %s", ("here",), None)
    assert json.loads(JsonLines().format(record)).keys() == {"at", "level", "logger", "message"}
    assert "request" not in TextLines().format(record)
