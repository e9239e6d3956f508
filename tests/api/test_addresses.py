"""Where a webhook may not be sent: each spelling of what is not the public internet."""

import datetime as dt
import ipaddress

import httpx
import pytest

from api.addresses import refuse_address
from api.sending import Sender
from store.deliveries import Attempt
from store.outbox import ToldEvent

pytestmark = pytest.mark.anyio

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
# Addresses as a name may resolve to them; what may be allowed is marked.
PRIVATE = (
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "::1",
    "fc00::1",
    "fdff:ffff::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
)
NEVER = (
    "0.0.0.0",  # noqa: S104  nothing listens there
    "0.1.2.3",
    "169.254.0.1",
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "::ffff:100.100.100.200",
    "168.63.129.16",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
)
# The same in the spellings that a resolver takes, as the host of a URL.
SPELLED = (
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "127.1",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:a00:1]",
    "[64:ff9b::7f00:1]",
    "[fe80::1]",
    "169.254.169.254",
    "0xa9fea9fe",
    "10.1",
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "93.184.215.14", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.0",
          "169.253.255.255", "2606:4700:4700::1111", "2a00:1450:4001::64", "::ffff:8.8.8.8")  # fmt: skip


def _attempt(url: str, *, allow_private: bool = False) -> Attempt:
    event = ToldEvent(id="e", sequence=1, type="run.finished", subject="runs/1", at=NOW, data=b"{}")
    return Attempt(
        webhook_id="w", number=1, event=event, url=url, allow_private=allow_private, scheme="v1", secrets=(b"k" * 32,)
    )


def test_there_are_forty_and_more() -> None:
    """The table is long enough, and each row is one of its own."""
    assert len({ipaddress.ip_address(each) for each in (*PRIVATE, *NEVER)}) >= 40


@pytest.mark.parametrize("address", [*PRIVATE, *NEVER])
async def test_nothing_is_sent_where_a_name_leads_inside(address: str) -> None:
    """A name that resolves to it is refused before anything is connected, also as the second of two addresses."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["8.8.8.8", address]

    async with Sender(resolver=resolve) as sender:
        result = await sender.send(_attempt("https://hooks.example.com/"), NOW, jitter=0)
    assert (result.status, result.is_delivered) == (None, False)
    assert result.error is not None
    assert result.error.startswith(address)


@pytest.mark.parametrize("address", NEVER)
def test_what_is_nowhere_cannot_be_allowed(address: str) -> None:
    """Whoever may reach private addresses reaches none where machines keep their secrets, and none of no machine."""
    assert refuse_address(address, allow_private=True) is not None


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_private_can_be_allowed(address: str) -> None:
    """A webhook that was allowed to may reach private and loopback addresses."""
    assert refuse_address(address, allow_private=True) is None


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_not_refused(address: str) -> None:
    """The public internet begins right beside what is refused."""
    assert refuse_address(address, allow_private=False) is None


@pytest.mark.parametrize("host", SPELLED)
async def test_an_address_is_refused_in_every_spelling(client: httpx.AsyncClient, host: str) -> None:
    """A URL whose host is an address is refused when the webhook is made, and nothing is stored."""
    answer = await client.post("/v1/webhooks", json={"url": f"https://{host}/"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["problems"][0]["pointer"] == "/url"
    assert (await client.get("/v1/webhooks")).json() == {"webhooks": []}


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https:///hook",
        "hooks.example.com",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://hooks.exämple.com/",
        "https://hooks.example.com/a b",
        "https://[::1/",
        "file:///etc/passwd",
    ],
)
async def test_what_is_no_endpoint_is_refused(client: httpx.AsyncClient, url: str) -> None:
    """Only https with a host, and nothing in it that is for browsers."""
    answer = await client.post("/v1/webhooks", json={"url": url})
    assert answer.status_code == 422, answer.text
    assert answer.json()["problems"][0]["pointer"] == "/url"
