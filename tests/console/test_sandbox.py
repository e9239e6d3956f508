"""The sandbox: what is wrong with a draft, what it decides, how that differs from what is in use, and publishing it."""

import json
import re
from html import unescape
from typing import Any

import httpx
import pytest

from store.decisions import DecisionFilter
from tests.api.asking import ANNA_THEN, ASKED_AT, Asking
from tests.console.conftest import APPROVED, Visit
from tests.console.reading import Reader

pytestmark = pytest.mark.anyio

DRAFT = APPROVED.replace("days_overdue: 3..}", "days_overdue: 8..}")
EVERYTHING = DecisionFilter()
DAY = f"{ASKED_AT:%Y-%m-%d}"
DESK = {"ruleset": "nl-consumer", "version": "1", "account": json.dumps(ANNA_THEN), "day": DAY}


async def ask(browser: httpx.AsyncClient, text: str = DRAFT, **more: str) -> Reader:
    """Send what lies on the desk."""
    answer = await browser.post("/console/sandbox", data=DESK | {"text": text} | more)
    assert answer.status_code == 200, answer.text
    return Reader(answer.text)


def texts_of(page: str) -> dict[str, str]:
    """Return what stands in the fields that hold texts, as a browser would send it."""
    return {
        name: unescape(text)
        for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    }


async def count_lines(asking: Asking) -> int:
    """Count what the log holds."""
    return len([line async for line in asking.store.log.stream_others()])


async def test_it_begins_with_what_is_in_use(browser: httpx.AsyncClient) -> None:
    """The version in use and an account, already asked; it differs in nothing."""
    answer = await browser.get("/console/sandbox")
    assert answer.status_code == 200, answer.text
    texts = texts_of(answer.text)
    assert texts["text"] == APPROVED
    assert json.loads(texts["account"])["currency"] == "EUR"
    assert texts_of((await browser.get("/console/sandbox")).text) == texts
    begun = await browser.get(f"/console/sandbox?ruleset=nl-consumer&version=1&account=anna&day={DAY}")
    page = Reader(begun.text)
    assert json.loads(texts_of(begun.text)["account"])["id"] == "anna"
    assert "Send reminder by email" in page.said
    assert "The same decision." in page.said


async def test_a_draft_is_asked_beside_what_is_in_use(browser: httpx.AsyncClient) -> None:
    """What it decides, what differs, and on which days the steps come on either side."""
    page = await ask(browser)
    assert "Friendly reminder will on 2090-11-09 if nothing is paid" in page.said
    assert "outcome act wait" in page.said
    assert "action: type send_reminder –" in page.said
    assert "2090-11-06 , day 5 email" in page.said
    assert "2090-11-09 , day 8 email" in page.said
    pictures = [each["src"] or "" for tag, each in page.found if tag == "img"]
    assert [each.startswith("data:image/svg+xml;base64,") for each in pictures] == [True]


async def test_what_is_in_use_is_not_asked_about_a_very_large_account(browser: httpx.AsyncClient) -> None:
    """It is asked in the server, without the bounds of a draft; the page says so, and tells what the draft decides."""
    page = await ask(browser, account=json.dumps(ANNA_THEN) + " " * (64 << 10))
    assert "not asked about an account of more than 65,536 characters" in page.said
    assert "Send reminder by email" in page.said or "Friendly reminder" in page.said


async def test_who_publishes_reads_the_version_that_it_was_begun_from(visit: Visit, asking: Asking) -> None:
    """Its facts and its suite are examined with the draft: whoever may not read them is told nothing of them."""
    async with visit("publish") as browser:
        answer = await publish(browser, DRAFT)
        assert answer.status_code == 403
        assert "'audit'" in Reader(answer.text).said
    assert len(await asking.store.rulesets.list_versions("nl-consumer")) == 1


async def test_findings_stand_at_their_lines(browser: httpx.AsyncClient) -> None:
    """Each with its place, its code and its hint; the account is not asked about what cannot be read."""
    page = await ask(browser, DRAFT.replace("action: send_reminder", "action: send_remainder"))
    (found,) = [each for tag, each in page.found if tag == "li" and each.get("data-line")]
    assert (found["class"], found["data-line"], "data-own" in found) == ("error", "14", True)
    assert "send_reminder" in page.said
    assert "as soon as the draft can be read" in page.said


async def test_for_whom_a_draft_changes_what_is_decided(browser: httpx.AsyncClient) -> None:
    """Over all accounts, each with one to look at; and that it changes nothing for anybody."""
    page = await ask(browser)
    assert "“Friendly reminder” comes 5 days later" in page.said
    samples = [each["data-day"] for tag, each in page.found if tag == "details" and each.get("class") == "sample"]
    assert len(samples) == 1
    same = await ask(browser, APPROVED.replace("title: Dutch consumers", "title: Consumers in the Netherlands"))
    assert "For nobody: it decides as version 1 about every account." in same.said
    assert "For whom it changes" not in (await ask(browser, passing="yes")).said


async def test_an_answer_is_a_case_of_the_suite(browser: httpx.AsyncClient) -> None:
    """As the suite would have it; none where outcomes are given, which a case of it would leave out."""
    assert (
        "expect: {outcome: wait, upcoming.rule: friendly-reminder, upcoming.on: 2090-11-09}"
        in (await ask(browser)).said
    )
    came = {"outcomes": [{"id": "P-1", "type": "payment", "at": f"{DAY}T00:00:00Z", "amount": 1}]}
    page = await ask(browser, account=json.dumps(ANNA_THEN | came))
    assert ("If nobody pays" in page.said, "As a case of the suite" in page.said) == (True, False)


async def test_the_analysis_comes_in_a_pause(browser: httpx.AsyncClient) -> None:
    """In passing nobody waits for it; asked in full, a rule that never wins is found, with an account to look at."""
    late = "{id: late, level: 1, when: {days_overdue: 20..}, then: {action: send_reminder, channel: email}}"
    shadowed = f"{DRAFT}  - {late}\n"
    assert "It can be read." in (await ask(browser, shadowed, passing="yes")).said
    page = await ask(browser, shadowed)
    assert [each["class"] for tag, each in page.found if tag == "li" and each.get("data-line")]
    assert "Nothing is wrong with it." not in page.said


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "an account is a JSON object"),
        ('{"history": 1}', "/history it must be a JSON array."),
        (json.dumps(ANNA_THEN | {"channels": None, "country": 5}), "/country"),
    ],
)
async def test_what_is_wrong_with_the_account_is_said(browser: httpx.AsyncClient, account: str, said: str) -> None:
    """Beside the draft, which is no worse for it."""
    page = await ask(browser, account=account)
    assert said.lower() in page.said.lower()
    assert "It cannot be decided" in page.said


async def test_nothing_of_it_is_logged(browser: httpx.AsyncClient, asking: Asking) -> None:
    """Neither decisions nor versions."""
    before = await count_lines(asking), len((await asking.store.decisions.list(EVERYTHING)).decisions)
    await ask(browser)
    await browser.post("/console/sandbox/file", data=DESK | {"text": DRAFT})
    assert (await count_lines(asking), len((await asking.store.decisions.list(EVERYTHING)).decisions)) == before


async def test_a_decision_is_asked_again_with_other_facts(browser: httpx.AsyncClient, asking: Asking) -> None:
    """What if: its version, its account and its day lie on the desk, and it decides as it did."""
    (decision, *_) = (await asking.store.decisions.list(EVERYTHING)).decisions
    answer = await browser.get(f"/console/sandbox?decision={decision.id}")
    assert "Send reminder by email" in Reader(answer.text).said
    texts = texts_of(answer.text)
    disputed = json.dumps(json.loads(texts["account"]) | {"disputed": True})
    assert "The debt is disputed." in (await ask(browser, texts["text"], account=disputed)).said


async def test_a_draft_is_a_file_and_never_an_address(browser: httpx.AsyncClient) -> None:
    """As it was written, under its ruleset's name."""
    text = f"\n# mine – ä\n{DRAFT}\n\n"
    answer = await browser.post("/console/sandbox/file", data=DESK | {"text": text.replace("\n", "\r\n")})
    assert answer.text == text
    assert answer.headers["content-disposition"] == 'attachment; filename="nl-consumer.yaml"'
    assert (await ask(browser, text)).found
    for tag, each in (await ask(browser)).found:
        assert tag != "a" or "days_overdue" not in (each["href"] or "")


async def test_taking_an_account_needs_its_right_and_is_noted(visit: Visit, asking: Asking) -> None:
    """As over the API."""
    async with visit("audit", "accounts") as browser:
        answer = await browser.post("/console/sandbox/account", data=DESK | {"text": DRAFT, "account_id": "anna"})
        assert json.loads(texts_of(answer.text)["account"])["id"] == "anna"
        assert texts_of(answer.text)["text"] == DRAFT
    assert any("/console/sandbox/account anna" in each.what for each in (await asking.store.accesses.list()).accesses)
    async with visit("audit") as browser:
        assert (await browser.get("/console/sandbox?account=anna")).status_code == 403
        assert "Stored account" not in Reader((await browser.get("/console/sandbox")).text).said


async def publish(browser: httpx.AsyncClient, text: str, **more: str) -> httpx.Response:
    """Publish what lies on the desk."""
    return await browser.post("/console/sandbox/publish", data=DESK | {"text": text} | more)


async def test_a_draft_is_published_once_and_never_over_anothers(visit: Visit, asking: Asking) -> None:
    """It becomes the next version; who began from the one before is told, and loses nothing; errors publish nothing."""
    async with visit("audit", "publish") as browser:
        broken = await publish(browser, DRAFT.replace("level: 1", "level: one"))
        assert broken.status_code == 422
        assert "nothing was published" in Reader(broken.text).said
        answer = await publish(browser, DRAFT)
        assert answer.headers["location"] == "/console/rulesets/nl-consumer/versions/2", answer.text
        for said in ("nl-consumer version 2 is published.", "This is nl-consumer version 2 already."):
            assert said in Reader((await browser.get(answer.headers["location"])).text).said
            answer = await publish(browser, DRAFT)
        other = DRAFT.replace("8..", "9..")
        late = await publish(browser, other)
        assert late.status_code == 412
        assert "is 2, and this draft was begun from nl-consumer version 1. Save it" in Reader(late.text).said
        assert texts_of(late.text)["text"] == other
        assert (await publish(browser, other, ruleset="")).status_code == 412
        assert (await publish(browser, other, version="2")).status_code == 303
        heads = await asking.store.rulesets.list_versions("nl-consumer")
        assert [(head.number, head.provenance.publisher_name) for head in heads][:2] == [(3, "carla"), (2, "carla")]
    async with visit("audit") as browser:
        assert "Publish it" not in Reader((await browser.get("/console/sandbox")).text).said


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?version=1", 422),
        ("?ruleset=none", 404),
        ("?ruleset=nl-consumer&version=99", 404),
        ("?account=nobody", 404),
        ("?decision=none", 404),
        ("?day=1234-01-01", 422),
    ],
)
async def test_what_one_cannot_begin_from_is_said(browser: httpx.AsyncClient, path: str, status: int) -> None:
    """On a page."""
    answer = await browser.get(f"/console/sandbox{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")


@pytest.mark.parametrize("more", [{"day": "soon"}, {"day": "1234-01-01"}, {"version": "one"}, {"version": "9" * 5000}])
async def test_a_form_of_nobodys_is_refused(browser: httpx.AsyncClient, more: dict[str, Any]) -> None:
    """What no page of ours sends."""
    answer = await browser.post("/console/sandbox", data=DESK | {"text": DRAFT} | more)
    assert answer.status_code == 422


async def test_a_draft_has_the_scorecards_of_its_version(browser: httpx.AsyncClient, asking: Asking) -> None:
    """What lies beside the version that a draft was begun from is read with it: its rules may ask for a score."""
    text = APPROVED.replace("nl-consumer", "scored").replace("country: NL", "country: XX")
    text = text.replace("days_overdue: 3..}", "days_overdue: 3.., risk_score: 9}")
    card = "scorecards: {risk_score: {base: 9, points: {vip: {classes: [{when: true, points: 1}], otherwise: 0}}}}"
    published = await asking.client.post("/v1/rulesets", json={"text": text, "scorecard": card})
    assert published.status_code == 201, published.text
    account = json.dumps(ANNA_THEN | {"country": "XX"})
    page = await ask(browser, text, ruleset="scored", account=account)
    assert "risk score 9 (9)" in page.said
