"""The console: who may see and do what, what its pages hold, and that they load nothing from elsewhere."""

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from litestar.routes import HTTPRoute

from api.console.routing import CONSOLE
from api.console.screen import SCREEN_KEY, Screen
from api.operation import SCOPES
from tests.api.asking import Asking
from tests.console.conftest import Visit
from tests.console.reading import Reader, read

pytestmark = pytest.mark.anyio

PAGES = (
    "",
    "?state=approval&channel=&ruleset=",
    "/accounts",
    "/accounts?prefix=an",
    "/accounts/anna",
    "/decisions",
    "/decisions?account=anna",
    "/rulesets",
    "/rulesets/nl-consumer/versions/1",
    "/sandbox",
    "/figures",
    "/figures?by=channel&from=2090-01-01&to=&as_of=2090-11-06&within_days=14",
    "/figures/experiments",
    "/figures/shadows",
    "/runs",
    "/search",
    "/search?q=friendly",
    "/audit",
    "/audit/accesses",
    "/audit/erasures",
    "/audit/events",
)


async def find_work(browser: httpx.AsyncClient) -> str:
    """Find the address at which something is said of the only item."""
    answer = await browser.get("/console")
    (found,) = set(re.findall(r"/console/work/[^/\"]+", answer.text))
    return str(found)


def every_screen() -> Iterator[tuple[str, str, Screen]]:
    """Yield method, path and screen of each handler of the console."""
    for handler in CONSOLE.routes:
        assert isinstance(handler, HTTPRoute)
        for each in handler.route_handlers:
            for method in sorted(each.http_methods - {"OPTIONS"}):
                yield method, handler.path, each.opt[SCREEN_KEY]


async def test_who_is_signed_out_comes_back_to_what_was_asked(asking: Asking, visit: Visit) -> None:
    """A page asked for leads over the sign-in to itself; nothing is told before."""
    secret = (await asking.store.tokens.create("dora", frozenset(SCOPES))).secret
    async with visit() as browser:
        asked = await browser.get("/console/accounts?prefix=an")
        assert (asked.status_code, asked.content) == (303, b"")
        page = await browser.get(asked.headers["location"])
        (onward,) = (each for tag, each in Reader(page.text).found if tag == "input" and each["name"] == "next")
        answer = await browser.post("/console/sign-in", data={"token": secret, "next": onward["value"]})
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/accounts?prefix=an")
        cookie = answer.headers["set-cookie"]
        assert all(word in cookie for word in ("__Host-", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"))


@pytest.mark.parametrize(
    "onward", ["https://evil.test/", "//evil.test", "/v1/worklist", "/console.evil", "javascript:x"]
)
async def test_a_sign_in_leads_nowhere_else(asking: Asking, visit: Visit, onward: str) -> None:
    """Whatever the address names, one goes on within the console."""
    secret = (await asking.store.tokens.create("dora", frozenset(SCOPES))).secret
    async with visit() as browser:
        answer = await browser.post("/console/sign-in", data={"token": secret, "next": onward})
        assert answer.headers["location"] == "/console"


async def test_an_unknown_token_opens_nothing(visit: Visit) -> None:
    """It is said, and no cookie is given."""
    async with visit() as browser:
        answer = await browser.post("/console/sign-in", data={"token": "dun_none"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
        assert "unknown, has expired or was revoked" in Reader(answer.text).said


async def test_signing_in_again_ends_the_session_before(asking: Asking, visit: Visit) -> None:
    """One browser has one session."""
    secret = (await asking.store.tokens.create("dora", frozenset(SCOPES))).secret
    async with visit(*SCOPES) as browser:
        kept = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
        await browser.post("/console/sign-in", data={"token": secret})
        assert (await browser.get("/console")).status_code == 200
        assert (await browser.get("/console", headers=kept)).status_code == 303


async def test_cookies_of_others_do_not_matter(browser: httpx.AsyncClient) -> None:
    """A cookie of a neighbour, written as it likes, hides no session; a secret of another form is none."""
    own = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    assert (await browser.get("/console", headers={"Cookie": f'odd; a[]="x; {own}; b'})).status_code == 200
    assert (await browser.get("/console", headers={"Cookie": "__Host-dunning=x"})).status_code == 303


async def test_what_the_paths_know_is_told(visit: Visit) -> None:
    """OPTIONS and a method that a page does not know are answered, by no fault."""
    async with visit() as browser:
        answer = await browser.options("/console")
        assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
        answer = await browser.get("/console/sign-out")
        assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")
        assert answer.headers["content-type"].startswith("text/html")
        answer = await browser.post("/console/sign-in", data={f"f{number}": "x" for number in range(51)})
        assert answer.status_code == 422


async def test_a_form_leads_back_to_where_it_stood(browser: httpx.AsyncClient, asking: Asking) -> None:
    """With its filter, and to an account whatever its id."""
    page = await browser.get("/console?state=approval&channel=email")
    assert 'name="back" value="/console?state=approval&amp;channel=email"' in page.text
    await asking.put("müller &%?#")
    await asking.ask_all()
    page = await browser.get("/console/accounts/m%C3%BCller%20%26%25%3F%23")
    (back,) = set(re.findall(r'name="back" value="([^"]+)"', page.text))
    work = re.findall(r"/console/work/[^/\"]+", page.text)[0]
    answer = await browser.post(f"{work}/assign", data={"to": "x", "back": unescape(back)})
    assert (await browser.get(answer.headers["location"])).text.count("müller") > 1
    await asking.client.delete("/v1/accounts/m%C3%BCller%20%26%25%3F%23")


async def test_a_session_ends(asking: Asking, visit: Visit) -> None:
    """By signing out, and with its token."""
    async with visit(*SCOPES) as browser:
        kept = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
        await browser.post("/console/sign-out")
        assert (await browser.get("/console", headers=kept)).status_code == 303
    async with visit(*SCOPES) as browser:
        token = (await asking.store.tokens.list())[-1]
        await asking.store.tokens.revoke(token.id)
        assert (await browser.get("/console")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_form_of_another_site_does_nothing(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """A form that another page sends with one's cookie is refused."""
    work = await find_work(browser)
    answer = await browser.post(f"{work}/approve", headers=headers)
    assert answer.status_code == 403
    assert "was not sent by a page of this console" in Reader(answer.text).said
    assert "approval" in (await read(browser, "")).said


RIGHTS = {
    "/console": "decide",
    "/console/work/{decision_id:str}/approve": "approve",
    "/console/work/{decision_id:str}/refuse": "approve",
    "/console/work/{decision_id:str}/snooze": "decide",
    "/console/work/{decision_id:str}/assign": "decide",
    "/console/accounts": "accounts",
    "/console/accounts/{account_id:str}": "accounts",
    "/console/accounts/{account_id:str}/course.svg": "accounts",
    "/console/decisions": "audit",
    "/console/decisions/{decision_id:str}": "audit",
    "/console/decisions/{decision_id:str}/replay": "audit",
    "/console/decisions/{decision_id:str}/proof.json": "audit",
    "/console/audit": "audit",
    "/console/audit/checkpoints": "audit",
    "/console/audit/checkpoint.txt": "audit",
    "/console/audit/verifications": "audit",
    "/console/audit/verifications/{verification_id:str}": "audit",
    "/console/audit/evidence.zip": "audit",
    "/console/audit/accesses": "admin",
    "/console/audit/erasures": "audit",
    "/console/audit/events": "events",
    "/console/audit/webhooks/{webhook_id:str}": "events",
    "/console/audit/webhooks/{webhook_id:str}/again": "events",
    "/console/audit/webhooks/{webhook_id:str}/resume": "events",
    "/console/rulesets": "audit",
    "/console/rulesets/{ruleset_id:str}/versions/{number:int}": "audit",
    "/console/rulesets/{ruleset_id:str}/versions/{number:int}/ladder.svg": "audit",
    "/console/sandbox": "audit",
    "/console/sandbox/account": "accounts",
    "/console/sandbox/file": "audit",
    "/console/sandbox/publish": "publish",
    "/console/figures": "audit",
    "/console/figures/pictures/{currency:str}/{name:str}": "audit",
    "/console/figures/tables/{name:str}": "audit",
    "/console/figures/experiments": "audit",
    "/console/figures/experiments/sizes.svg": "audit",
    "/console/figures/experiments/differences.svg": "audit",
    "/console/figures/shadows": "audit",
    "/console/runs": "decide",
    "/console/runs/{run_id:str}": "decide",
    "/console/runs/{run_id:str}/days.svg": "decide",
    "/console/runs/{run_id:str}/exclude": "decide",
    "/console/runs/{run_id:str}/hold": "decide",
    "/console/runs/{run_id:str}/approve": "approve",
    "/console/runs/{run_id:str}/approve-all": "approve",
    "/console/runs/{run_id:str}/release": "approve",
    "/console/runs/{run_id:str}/cancel": "decide",
}


def test_each_screen_asks_for_the_right_that_the_api_asks_for() -> None:
    """The table of rights; only the sign-in and what pages load are open to anybody."""
    asked = {path: screen.scope for _, path, screen in every_screen() if screen.scope is not None}
    assert asked == RIGHTS
    is_open = {path.rpartition("/")[0] for _, path, screen in every_screen() if screen.is_open and screen.scope is None}
    assert is_open == {"/console", "/console/static"}


async def test_an_account_shows_no_more_than_ones_rights(visit: Visit) -> None:
    """What is due and comes needs `decide`, what was decided `audit`, as over the API."""
    async with visit("accounts") as browser:
        page = await browser.get("/console/accounts/anna")
        assert not any(word in page.text for word in ("What comes", "/decisions", "/work/", "Friendly reminder"))
        assert "I-1" in page.text
    async with visit("accounts", "decide", "audit") as browser:
        page = await browser.get("/console/accounts/anna")
        assert all(word in page.text for word in ("What comes", "/decisions", "/work/", "Friendly reminder"))


async def test_no_page_leads_where_one_may_not_go(visit: Visit) -> None:
    """What is due names an account and its step; only who may see them finds links there, and on decisions too."""
    async with visit("decide") as browser:
        page = await browser.get("/console")
        assert "anna" in page.text
        assert not any(way in page.text for way in ("/console/accounts", "/console/decisions"))
    async with visit("audit") as browser:
        assert "/console/accounts" not in (await browser.get("/console/decisions")).text


async def test_who_may_not_see_what_is_due_begins_elsewhere(asking: Asking, visit: Visit) -> None:
    """One begins with the first screen of one's rights, sees only these, and can sign out of a page that is refused."""
    secret = (await asking.store.tokens.create("aud", frozenset({"audit"}))).secret
    async with visit() as browser:
        answer = await browser.post("/console/sign-in", data={"token": secret})
        assert answer.headers["location"] == "/console/decisions"
        refused = Reader((await browser.get("/console")).text)
        assert [word in refused.said for word in ("Sign out", "Decisions", "Rulesets", "Accounts")] == [True] * 3 + [
            False
        ]


@pytest.mark.parametrize(("method", "path", "screen"), [*every_screen()], ids=lambda each: str(each) if each else "")
async def test_no_page_and_no_action_without_its_right(visit: Visit, method: str, path: str, screen: Screen) -> None:
    """Every right but the one that a screen asks for is refused, before anything is looked up."""
    if screen.scope is None and screen.is_open:
        return
    address = re.sub(r"\{[a-z_]+:int\}", "1", re.sub(r"\{[a-z_]+:str\}", "none", path))
    async with visit() as browser:
        assert (await browser.request(method, address)).headers["location"].startswith("/console/sign-in")
    if screen.scope is None:
        return
    others = tuple(scope for scope in SCOPES if scope != screen.scope)
    async with visit(*others) as browser:
        answer = await browser.request(method, address)
        assert answer.status_code == 403
        assert f"the right '{screen.scope}'" in Reader(answer.text).said


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_nothing_from_elsewhere(browser: httpx.AsyncClient, path: str) -> None:
    """Its policy lets nothing in but its own style, scripts and pictures, and it asks for nothing else."""
    answer = await browser.get(f"/console{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-security-policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src"
    )
    assert answer.headers["cache-control"] == "private, no-store"
    page = Reader(answer.text)
    assert not any(tag == "style" or "style" in each or "onclick" in each for tag, each in page.found)
    assert "<script>" not in answer.text
    tags = {"link": "href", "img": "src", "script": "src"}
    loaded = [each[tags[tag]] or "" for tag, each in page.found if tag in tags]
    loaded = [address for address in loaded if not address.startswith("data:")]
    assert all(address.startswith("/console/") for address in loaded)
    for address in loaded:
        assert (await browser.get(unescape(address))).status_code == 200


async def test_every_label_and_table_says_what_it_is(browser: httpx.AsyncClient) -> None:
    """A field stands in its label, and a row or column has its heading."""
    for path in PAGES:
        page = await browser.get(f"/console{path}")
        bare = re.sub(r"<label[^>]*>.*?</label>|<input type=\"hidden\"[^>]*>", "", page.text, flags=re.DOTALL)
        assert not any(field in bare for field in ("<input", "<textarea", "<select"))
        assert page.text.count("<table") == page.text.count("<thead")


async def test_from_what_is_due_to_why(browser: httpx.AsyncClient) -> None:
    """Three clicks: the item, its decision, the version that said so; each says what it is."""
    today = await read(browser, "")
    assert "Friendly reminder" in today.said
    assert "49.95\N{NARROW NO-BREAK SPACE}EUR".replace("\N{NARROW NO-BREAK SPACE}", " ") in today.said
    links = [each["href"] or "" for tag, each in today.found if tag == "a"]
    decision = await read(browser, next(each for each in links if "/decisions/" in each).removeprefix("/console"))
    assert "5 days overdue" in decision.said
    assert "the same, byte for byte" in decision.said
    links = [each["href"] or "" for tag, each in decision.found if tag == "a"]
    version = await read(browser, next(each for each in links if "/versions/" in each).removeprefix("/console"))
    assert "Dutch consumers" in version.said
    assert "applies_to: {country: NL}" in version.said


async def test_people_say_what_becomes_of_an_item(browser: httpx.AsyncClient, asking: Asking) -> None:
    """Assigned, put to rest, refused and approved from its row, each as over the API; and one comes back."""
    work = await find_work(browser)
    for deed, form, told, said in (
        ("assign", {"to": "carla"}, "The step is carla's now.", "carla"),
        (
            *("snooze", {"until": "2091-01-01", "reason": "on holiday"}),
            *("The step rests until 2091-01-01: on holiday", "until 2091-01-01 00:00 UTC on holiday"),
        ),
        (
            *("refuse", {"reason": "paid by hand"}),
            *("The step is refused until the account changes: paid by hand", "refused carla paid by hand"),
        ),
    ):
        answer = await browser.post(f"{work}/{deed}", data=form | {"back": "/console/accounts/anna"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/accounts/anna"), answer.text
        assert told in (await read(browser, "/accounts/anna")).said
        assert said in (await read(browser, "")).said
    async with asking.connect("dora") as other:
        item = (await other.get("/v1/worklist")).json()["items"][0]
        assert (item["assigned_to"], item["is_refused"]) == ("carla", True)
    assert (await browser.post(f"{work}/approve", data={"back": "https://evil.test"})).headers["location"] == "/console"
    refusals = [line async for line in asking.store.log.stream_others() if line.kind == "action_refused"]
    assert [line.fields["until"] for line in refusals] == [None]
    assert "until 2091-01-01 00:00 UTC on holiday" in (await read(browser, "?state=snoozed")).said


@pytest.mark.parametrize(
    ("deed", "form", "said"),
    [
        ("snooze", {"until": "2020-01-01", "reason": "x"}, "a day to come"),
        ("snooze", {"until": "soon", "reason": "x"}, "a day to come"),
        ("snooze", {"until": "2091-01-01"}, "A reason is needed"),
        ("refuse", {"reason": "x" * 1001}, "A reason is needed"),
        ("assign", {"to": "x" * 257}, "A name is needed"),
    ],
)
async def test_what_cannot_be_meant_is_said(
    browser: httpx.AsyncClient, deed: str, form: dict[str, str], said: str
) -> None:
    """A form that says nothing sensible is refused in words, and changes nothing."""
    before = (await browser.get("/console")).text
    answer = await browser.post(f"{await find_work(browser)}/{deed}", data=form)
    assert answer.status_code == 422
    assert said in Reader(answer.text).said
    assert (await browser.get("/console")).text == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts/nobody", 404),
        ("/decisions/none", 404),
        ("/rulesets/none/versions/1", 404),
        ("/nowhere", 404),
        ("/rulesets/nl-consumer/versions/99999999999", 404),
        ("?state=none", 422),
        ("?nothing=1", 422),
        ("/accounts?cursor=%00", 422),
        ("/figures?from=2091-01-01", 422),
        ("/figures?by=luck", 422),
        ("/figures/pictures/EUR/none.svg", 404),
        ("/figures/pictures/XXX/ages.svg", 404),
        ("/figures/tables/none.csv", 404),
        ("/figures/shadows?ruleset=none", 404),
        ("/runs/none", 404),
        ("/runs?cursor=none", 422),
    ],
)
async def test_what_is_not_there_is_said_on_a_page(browser: httpx.AsyncClient, path: str, status: int) -> None:
    """A wrong address is answered by a page with the way back, never by JSON."""
    answer = await browser.get(f"/console{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert any(way in Reader(answer.text).said for way in ("To Today", "To the console"))


async def test_who_looks_at_personal_facts_is_noted(browser: httpx.AsyncClient, asking: Asking) -> None:
    """As over the API: who, when, at what."""
    await browser.get("/console/accounts/anna")
    accesses = await asking.store.accesses.list()
    assert any("/console/accounts/anna" in each.what and each.name == "carla" for each in accesses.accesses)
