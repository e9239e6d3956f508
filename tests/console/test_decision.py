"""The screen of a decision: why it came out so, where its rule is written, and that it is in the log as it was made."""

import base64
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from store.checkpoints import Signer
from store.merkle import follow, hash_leaf
from tests.api.asking import Asking, start
from tests.console.conftest import ORIGIN, sign_in
from tests.console.reading import Reader

pytestmark = pytest.mark.anyio

FEES = """ruleset: nl-fees
title: Fees
owner: billing
currency: EUR
timezone: Europe/Amsterdam
applies_to: {country: NL}
dunning_interval_days: 1
fees:
  late: {basis: overdue_balance, percent: 25}
rules:
  - id: much-later
    title: Much later
    when: {days_overdue: 30..}
    then: {action: send_dunning_notice, channel: email, template: a}
  - id: a-fee
    title: A fee
    when: {days_overdue: 3..}
    then: {action: charge_fee, fee: late}
"""


@pytest.fixture(scope="module")
async def asking(database_url: str) -> AsyncIterator[Asking]:
    """A service that charged an account a fee, and passed over a rule for later days."""
    async with start(database_url) as made:
        made.service.signer = Signer.make()
        await made.publish(FEES)
        await made.put("anna")
        await made.ask_all()
        yield made


@pytest.fixture(scope="module")
async def browser(asking: Asking) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an auditor."""
    async with sign_in(asking, "audit") as made:
        yield made


@pytest.fixture(scope="module")
async def path(asking: Asking) -> str:
    """The address of the decision."""
    page = await asking.client.get("/v1/decisions?account=anna")
    return f"/console/decisions/{page.json()['decisions'][0]['decision_id']}"


async def test_it_says_what_each_earlier_rule_lacked_and_what_came_nearest(
    browser: httpx.AsyncClient, path: str
) -> None:
    """The first condition that did not hold, with its value and what it needs."""
    said = Reader((await browser.get(path)).text).said
    assert "Much later" not in said
    assert "much later days overdue 5 at least 30" in said
    assert "Nearest miss: much later . It lacked days overdue: 5 , needed at least 30" in said


async def test_a_fee_is_worked_through(browser: httpx.AsyncClient, path: str) -> None:
    """What is open, the fee and how it comes about, and what is claimed in all."""
    rows = (await browser.get(path)).text.partition("The claim, worked through")[2].partition("</table>")[0]
    assert [re.sub(r"\s", " ", each) for each in re.findall(r'figure">([^<]+)<', rows)] == [
        "49.95 EUR",
        "12.49 EUR",
        "62.44 EUR",
    ]


async def test_each_rule_leads_to_its_line(browser: httpx.AsyncClient, path: str) -> None:
    """The link of the winner goes to the line of the version's text on which the rule stands."""
    page = await browser.get(path)
    address, line = re.findall(r'href="([^"]+/versions/1)#(L\d+)"[^>]*>a fee<', page.text)[0]
    version = await browser.get(address)
    assert f'<span id="{line}">  - id: a-fee' in version.text


async def test_it_is_proved_in_the_log(browser: httpx.AsyncClient, path: str) -> None:
    """The hashes on the page lead from the line in the file to the root on the page; the file is signed."""
    page = await browser.get(path)
    assert "Proved in the log" in page.text
    root, *hashes = (base64.b64decode(each) for each in re.findall(r"<code>([\w+/]{43}=)</code>", page.text))
    proof = json.loads((await browser.get(f"{path}/proof.json")).content)
    size = int(re.findall(r"as line [\d,]+ of ([\d,]+)", page.text)[0].replace(",", ""))
    assert follow(hash_leaf(proof["line"].encode()), proof["index"], size, hashes) == root
    assert proof["checkpoint"].splitlines()[1] == str(proof["size"])


async def _tamper(asking: Asking, decision_id: str, change: str) -> None:
    """Change a decision past the program."""
    async with asking.store.database.transaction() as connection:
        await connection.execute("ALTER TABLE dunning.decisions DISABLE TRIGGER USER")
        await connection.execute(f"UPDATE dunning.decisions SET {change} WHERE id = $1::text::uuid", decision_id)  # noqa: S608  our own
        await connection.execute("ALTER TABLE dunning.decisions ENABLE TRIGGER USER")


async def test_what_was_changed_is_not_proved(asking: Asking, browser: httpx.AsyncClient, path: str) -> None:
    """An answer or a column changed past the program is told on the page, and so is another answer of the rules."""
    decision_id = path.rpartition("/")[2]
    for change, undo, said in (
        (
            "answer = replace(answer, 'A fee', 'A sum')",
            "answer = replace(answer, 'A sum', 'A fee')",
            "its answer or input is not what its line commits to",
        ),
        (
            "rule = 'other'",
            "rule = 'a-fee'",
            "what stands in the table is not what its line was hashed from",
        ),
    ):
        await _tamper(asking, decision_id, change)
        page = Reader((await browser.get(path)).text)
        await _tamper(asking, decision_id, undo)
        assert said in page.said.lower()
        assert "Not proved in the log" in page.said
        assert ("another answer" in page.said, "/rule/title" in page.said) == ("answer" in change,) * 2


async def test_it_is_replayed_by_a_button(browser: httpx.AsyncClient, path: str, asking: Asking) -> None:
    """Which says when it was done, and is written down as a reading."""
    page = await browser.get(path)
    (action,) = re.findall(r'action="([^"]+/replay)#replay"', page.text)
    answer = await browser.post(action, headers={"Origin": ORIGIN})
    assert answer.status_code == 200, answer.text
    assert "2090-11-06 08:00 UTC: with the versions and facts of then it comes out the same" in Reader(answer.text).said
    assert any("/replay" in each.what for each in (await asking.store.accesses.list()).accesses)


async def test_facts_that_were_erased_are_not_decided_on_again(asking: Asking, browser: httpx.AsyncClient) -> None:
    """What names nobody is kept, and is still proved."""
    await asking.put("gone")
    await asking.ask_all()
    page = await asking.client.get("/v1/decisions?account=gone")
    await asking.client.delete("/v1/accounts/gone")
    said = Reader((await browser.get(f"/console/decisions/{page.json()['decisions'][0]['decision_id']}")).text).said
    assert "The facts of this decision were erased" in said
    assert "Not decided again" in said
    assert "Proved in the log" in said
