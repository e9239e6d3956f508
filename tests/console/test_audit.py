"""The screens of the audit: the log signed and proved, evidence, accesses, erasures, events and deliveries."""

import io
import re
import zipfile
from collections.abc import AsyncIterator

import httpx
import pytest

from store.checkpoints import Signer
from store.webhooks import WebhookDraft
from tests.api.asking import Asking, start
from tests.api.examples import REMINDER
from tests.console.conftest import ORIGIN, sign_in
from tests.console.reading import Reader

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def asking(database_url: str) -> AsyncIterator[Asking]:
    """A service with a key for its log, of which one account was asked about and another was erased."""
    async with start(database_url) as made:
        made.service.signer = Signer.make()
        await made.publish(REMINDER)
        for name in ("anna", "gone"):
            await made.put(name)
        await made.ask_all()
        await made.client.delete("/v1/accounts/gone")
        yield made


@pytest.fixture(scope="module")
async def browser(asking: Asking) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an auditor."""
    async with sign_in(asking, "audit") as made:
        yield made


async def prove(browser: httpx.AsyncClient, asking: Asking, **form: str) -> Reader:
    """Prove the log by the form, and read what came of it once it ended."""
    answer = await browser.post("/console/audit/verifications", data=form, headers={"Origin": ORIGIN})
    assert answer.status_code == 303, answer.text
    await asking.service.verifier.finish()
    return Reader((await browser.get(answer.headers["location"])).text)


async def test_the_log_is_signed_and_what_was_signed_is_taken_away(browser: httpx.AsyncClient, asking: Asking) -> None:
    """The file is the checkpoint, which the log's key signed for as many lines as the page says."""
    answer = await browser.post("/console/audit/checkpoints", headers={"Origin": ORIGIN})
    page = await browser.get(answer.headers["location"])
    assert "lines is signed" in page.text
    address = re.findall(r'href="([^"]+checkpoint.txt[^"]+)"', page.text)[0].replace("&amp;", "&")
    note = (await browser.get(address)).text
    assert asking.service.signer is not None
    opened = asking.service.signer.verifier.open(note)
    assert answer.headers["location"].endswith(f"#checkpoints-{opened.size}")
    assert f"{opened.size} lines" in Reader(page.text).said
    assert (await browser.get("/console/audit/checkpoint.txt?lines=1&log=none")).status_code == 404


async def test_the_log_is_proved_in_words(browser: httpx.AsyncClient, asking: Asking) -> None:
    """By itself it agrees with itself; with a checkpoint that was kept elsewhere it is whole."""
    _, note = await asking.store.log.sign(asking.service.signer)
    said = (await prove(browser, asking)).said
    assert "The log agrees with itself" in said
    assert "No checkpoint kept elsewhere was given" in said
    said = (await prove(browser, asking, checkpoint=note)).said
    assert "The log is whole" in said
    assert "are those of the checkpoint that was kept elsewhere" in said
    assert "Nothing was changed" in Reader((await browser.get("/console/audit")).text).said


@pytest.mark.parametrize("note", ["none", "a\n1\nxxx\n\n\u2014 a xxx\n"])
async def test_what_is_no_checkpoint_of_the_log_is_refused(browser: httpx.AsyncClient, note: str) -> None:
    """In words, and nothing is begun."""
    before = (await browser.get("/console/audit?csv=verifications")).text
    answer = await browser.post("/console/audit/verifications", data={"checkpoint": note}, headers={"Origin": ORIGIN})
    assert answer.status_code == 422
    assert "This is no checkpoint of this log" in Reader(answer.text).said
    assert (await browser.get("/console/audit?csv=verifications")).text == before


async def test_a_change_is_found_at_its_place(browser: httpx.AsyncClient, asking: Asking) -> None:
    """With the line on which it shows; the tables of findings are sorted as others are."""
    tamper = "UPDATE dunning.decisions SET outcome = $1 WHERE account_id = 'anna'"
    for outcome in ("wait", "act"):
        async with asking.store.database.transaction() as connection:
            await connection.execute("ALTER TABLE dunning.decisions DISABLE TRIGGER USER")
            await connection.execute(tamper, outcome)
            await connection.execute("ALTER TABLE dunning.decisions ENABLE TRIGGER USER")
        if outcome == "wait":
            page = await prove(browser, asking)
            head = next(each["href"] for tag, each in page.found if tag == "a" and "findings.kind" in str(each["href"]))
    assert "The log is not whole" in page.said
    assert re.search(r"\b(\d+) \1 edit ", page.said), page.said
    assert head == "?sort=findings.kind#findings"
    assert "finding" in Reader((await browser.get("/console/audit")).text).said


async def test_one_verification_runs_at_a_time(browser: httpx.AsyncClient, asking: Asking) -> None:
    """Who asks for a second is led to the page that says how far the first is; one that went silent is told as lost."""
    begun = await asking.store.verifications.begin(actor="other", name="other")
    await asking.store.verifications.advance(begun, 1024, 2048)
    answer = await browser.post("/console/audit/verifications", headers={"Origin": ORIGIN})
    assert answer.headers["location"] == "/console/audit"
    assert "It is being proved : 1,024 of 2,048 lines so far" in Reader((await browser.get("/console/audit")).text).said
    page = Reader((await browser.get(f"/console/audit/verifications/{begun}")).text)
    assert "1,024 of 2,048 lines so far" in page.said
    old = "UPDATE dunning.verifications SET seen_at = seen_at - interval '2 minutes' WHERE id = $1::text::uuid"
    await asking.store.database.fetch(old, begun)
    page = Reader((await browser.get(f"/console/audit/verifications/{begun}")).text)
    assert "The server that did it ended" in page.said
    assert "agrees with itself" in (await prove(browser, asking)).said
    assert (await browser.get("/console/audit/verifications/none")).status_code == 404


async def test_evidence_of_a_period_is_packed(browser: httpx.AsyncClient, asking: Asking) -> None:
    """The archive that the command writes, as a file; who took it away is written down."""
    answer = await browser.get("/console/audit/evidence.zip?since=2020-01-01&to=2089-12-31&sample=1")
    assert answer.status_code == 200, answer.text
    assert 'filename="evidence-2020-01-01-to-2089-12-31.zip"' in answer.headers["content-disposition"]
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"index.html", "checkpoint.txt", "verification.json", "verify_evidence.py"} < set(names)
    assert sum(name.startswith("decisions/") for name in names) == 1
    assert any("evidence.zip" in each.what for each in (await asking.store.accesses.list()).accesses)


async def test_without_a_key_nothing_is_signed_or_packed(browser: httpx.AsyncClient, asking: Asking) -> None:
    """The page says so, and the log is proved all the same."""
    kept, asking.service.signer = asking.service.signer, None
    said = Reader((await browser.get("/console/audit")).text).said
    assert "without a key for its log" in said
    assert (await browser.get("/console/audit/evidence.zip")).status_code == 501
    assert "agrees with itself" in (await prove(browser, asking)).said
    asking.service.signer = kept


async def test_readings_are_listed_to_whoever_watches_them(asking: Asking) -> None:
    """Newest first, and those of one token; an auditor does not see them, for they are of auditors."""
    async with sign_in(asking, "admin", "audit") as browser:
        await browser.get("/console/decisions?account=anna")
        page = await browser.get("/console/audit/accesses")
        assert "GET /console/decisions?account=anna" in page.text
        actor = re.findall(r"accesses\?actor=([^\"]+)\"", page.text)[0]
        assert "carla" in (await browser.get(f"/console/audit/accesses?actor={actor}")).text
        assert "Nobody read any" in (await browser.get("/console/audit/accesses?to=2020-01-01")).text
    async with sign_in(asking, "audit") as browser:
        assert "/audit/accesses" not in (await browser.get("/console/audit")).text


async def test_erasures_are_listed_with_who_asked(browser: httpx.AsyncClient) -> None:
    """The account's id stays, as it does in the log; its facts do not."""
    said = Reader((await browser.get("/console/audit/erasures")).text).said
    assert "an account gone" in said
    rows = (await browser.get("/console/audit/erasures?csv=erasures")).text.splitlines()
    assert len(rows) == 2


async def test_a_delivery_is_sent_again_and_an_endpoint_taken_up_again(asking: Asking) -> None:
    """What waited or was given up, by the button beside it."""
    async with sign_in(asking, "events") as browser:
        # A private address: whoever sends refuses it at once, and nothing leaves this machine.
        hook = (await asking.store.webhooks.create(WebhookDraft(url="https://127.0.0.1:9/hook"))).id
        await asking.put("berta")
        await asking.ask_all()
        assert "https://127.0.0.1:9/hook" in (await browser.get("/console/audit/events")).text
        path = f"/console/audit/webhooks/{hook}"
        page = await browser.get(path)
        event = re.findall(r'name="event" value="([^"]+)"', page.text)[0]
        given_up = "UPDATE dunning.deliveries SET state = 'given_up' WHERE webhook_id = $1::text::uuid"
        await asking.store.database.fetch(given_up, hook)
        assert "None." in (await browser.get(f"{path}?state=waiting")).text
        answer = await browser.post(f"{path}/again", data={"event": event}, headers={"Origin": ORIGIN})
        assert answer.headers["location"] == path
        page = await browser.get(f"{path}?state=waiting")
        assert event in page.text
        assert "The event is sent again." in page.text
        await browser.post(f"{path}/again", data={"event": "none"}, headers={"Origin": ORIGIN})
        assert "Nothing is sent" in (await browser.get(path)).text
        ended = "UPDATE dunning.webhooks SET ended_at = now(), ended_why = 'it is gone' WHERE id = $1::text::uuid"
        await asking.store.database.fetch(ended, hook)
        assert "it is gone" in (await browser.get(path)).text
        await browser.post(f"{path}/resume", headers={"Origin": ORIGIN})
        assert "it is gone" not in (await browser.get(path)).text
        assert (await browser.get("/console/audit/webhooks/none")).status_code == 404
