"""Deliveries: what is sent, how it is signed, when it is tried again, and when it ends."""

import asyncio
import base64
import datetime as dt
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook as StandardWebhook

from api.delivering import Courier
from api.sending import DELAYS, Sender
from api.signing import write_public_key, write_secret
from store.deliveries import LEASED_FOR, MOST_AT_ONCE, Attempt, Result
from store.errors import Unavailable
from store.events import CaseOpened, Event, RunFinished
from store.outbox import tell
from store.statements import sql
from store.store import Store
from store.webhooks import Webhook, WebhookDraft
from tests.api.receiving import Received, Receiver
from tests.waiting import until

pytestmark = pytest.mark.anyio
SECOND = dt.timedelta(seconds=1)
Resolver = Callable[[str, int], Awaitable[list[str]]]


class Office:
    """A courier whose clock is set by hand, and what it needs."""

    def __init__(self, store: Store, sender: Sender, now: dt.datetime) -> None:
        self.store = store
        self.now = now
        self.jitter = 0.0
        self.courier = Courier(store.deliveries, sender, clock=lambda: self.now, jitter=lambda: self.jitter)

    async def subscribe(self, url: str, **how: object) -> Webhook:
        """Make a webhook to an endpoint of this machine."""
        return await self.store.webhooks.create(WebhookDraft(url=url, **({"allow_private": True} | how)))  # type: ignore[arg-type]  # of any field

    async def write(self, *events: Event) -> None:
        """Let something happen, a second ago by this clock."""
        async with self.store.database.transaction() as connection:
            await tell(connection, *events)
        self.now = max(self.now, await read_clock(self.store)) + SECOND

    async def finish(self, *runs: str) -> None:
        """Let runs finish."""
        await self.write(*(RunFinished(run=run) for run in runs))

    async def pass_by(self, length: dt.timedelta) -> int:
        """Let time pass, and then work; answers how much was sent."""
        self.now += length
        return await self.courier.work()


async def read_clock(store: Store) -> dt.datetime:
    """Read PostgreSQL's clock: what is written now is of then."""
    now: dt.datetime = await store.database.fetchval("SELECT clock_timestamp()")
    return now


@pytest.fixture
async def office(empty_database_url: str) -> AsyncIterator[Office]:
    """An office on a database of its own."""
    async with await Store.open(empty_database_url) as store, Sender() as sender:
        yield Office(store, sender, await read_clock(store))


async def test_an_event_is_sent_signed_with_ed25519(office: Office) -> None:
    """The body is the CloudEvent; its signature holds with the public key, over id, time and body."""
    async with Receiver() as receiver:
        webhook = await office.subscribe(receiver.url)
        await office.finish("one")
        assert await office.courier.work() == 1
        (got,) = receiver.received
        assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.path == "/hook"
    assert got.headers["content-type"] == "application/cloudevents+json"
    assert got.event["data"] == {"run": "one"}
    assert got.headers["webhook-id"] == got.event["id"]
    assert int(got.headers["webhook-timestamp"]) == int(office.now.timestamp())
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    scheme, _, signature = got.headers["webhook-signature"].partition(",")
    assert scheme == "v1a"
    public = base64.b64decode(write_public_key(webhook.secret).removeprefix("whpk_"))
    Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(signature), signed)


async def test_the_library_of_standard_webhooks_verifies_what_is_signed(office: Office) -> None:
    """With a shared secret, and during a rotation with the one before and the new one; after a day with the new one."""

    def is_signed_with(got: Received, secret: bytes) -> bool:
        signatures = got.headers["webhook-signature"].split()
        library = StandardWebhook(write_secret(secret))
        at = dt.datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), dt.UTC)
        return library.sign(got.headers["webhook-id"], at, got.body.decode()) in signatures

    async with Receiver() as receiver:
        webhook = await office.subscribe(receiver.url, scheme="v1")
        await office.finish("one")
        await office.courier.work()
        StandardWebhook(write_secret(webhook.secret)).verify(receiver.received[0].body, receiver.received[0].headers)
        rotated = await office.store.webhooks.rotate(webhook.id, office.now)
        await office.finish("two")
        await office.courier.work()
        for each in (webhook, rotated):
            StandardWebhook(write_secret(each.secret)).verify(receiver.received[1].body, receiver.received[1].headers)
        office.now += dt.timedelta(hours=25)
        await office.finish("three")
        await office.courier.work()
    last = receiver.received[2]
    assert is_signed_with(last, rotated.secret)
    assert not is_signed_with(last, webhook.secret)


async def test_a_failure_is_tried_again_as_planned_and_then_given_up(office: Office) -> None:
    """After 5 s, 5 and 30 min, 2, 5, 10, 14, 20 and 24 h, not a second earlier; then the event is given up."""
    failures = ["500 Internal Server Error"] * (len(DELAYS) + 1)
    async with Receiver(*failures) as receiver:
        webhook = await office.subscribe(receiver.url)
        await office.finish("one")
        assert await office.courier.work() == 1
        for delay in DELAYS:
            assert await office.pass_by(delay - SECOND) == 0
            assert await office.pass_by(SECOND) == 1
        assert await office.pass_by(dt.timedelta(days=3)) == 0
    assert len(set(receiver.ids)) == 1
    (delivery,) = await office.store.deliveries.list(webhook.id)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("given_up", len(DELAYS) + 1, 500)
    assert [delay.total_seconds() for delay in DELAYS] == [
        5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600,
    ]  # fmt: skip


@pytest.mark.parametrize(("jitter", "seconds"), [(-1.0, 4.5), (1.0, 5.5)])
async def test_attempts_are_spread(office: Office, jitter: float, seconds: float) -> None:
    """Each waits up to a tenth longer or shorter."""
    async with Receiver("500 No") as receiver:
        webhook = await office.subscribe(receiver.url)
        await office.finish("one")
        office.jitter = jitter
        await office.courier.work()
        (delivery,) = await office.store.deliveries.list(webhook.id)
    assert delivery.next_at - office.now == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("120", dt.timedelta(seconds=120)),
        ("1", dt.timedelta(seconds=5)),
        ("99999999999999999999", dt.timedelta(hours=24)),
        ("soon", dt.timedelta(seconds=5)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", dt.timedelta(seconds=5)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", dt.timedelta(hours=24)),
    ],
)
async def test_who_asks_for_a_pause_gets_it(office: Office, asked: str, waits: dt.timedelta) -> None:
    """Retry-After makes the wait longer, by seconds or until an instant, up to a day; never shorter."""
    async with Receiver(f"503 Busy\r\nRetry-After: {asked}") as receiver:
        webhook = await office.subscribe(receiver.url)
        await office.finish("one")
        await office.courier.work()
    (delivery,) = await office.store.deliveries.list(webhook.id)
    assert delivery.next_at - office.now == waits


async def test_gone_ends_the_webhook(office: Office) -> None:
    """After 410 nothing is sent any more, what happens later neither, and it is said and logged."""
    async with Receiver("410 Gone") as receiver:
        webhook = await office.subscribe(receiver.url)
        await office.finish("one")
        await office.courier.work()
        await office.finish("two")
        assert await office.pass_by(dt.timedelta(days=1)) == 0
        assert len(receiver.received) == 1
        (said,) = await office.store.webhooks.list_troubles()
        assert said.startswith(f"webhook {webhook.id} is off: its endpoint answered 410 Gone;")
        lines = [line.fields["kind"] async for line in office.store.log.stream_others()]
        assert lines == ["webhook_made", "webhook_ended"]


async def test_an_endpoint_down_for_five_days_is_off_until_it_is_resumed(office: Office) -> None:
    """What fails for five days is sent nothing any more; resumed, what waits is sent."""
    async with Receiver(*["500 No"] * 3) as receiver:
        webhook = await office.subscribe(receiver.url)
        await office.finish("one")
        await office.courier.work()
        office.now += dt.timedelta(days=5) - SECOND
        await office.courier.work()
        assert await office.store.webhooks.list_troubles() == ()
        office.now += dt.timedelta(days=1)
        await office.courier.work()
        (said,) = await office.store.webhooks.list_troubles()
        assert "for five days" in said
        assert await office.pass_by(dt.timedelta(days=1)) == 0
        await office.store.webhooks.resume(webhook.id)
        assert await office.store.webhooks.list_troubles() == ()
        assert await office.courier.work() == 1
    (delivery,) = await office.store.deliveries.list(webhook.id)
    assert delivery.state == "delivered"
    assert (await office.store.webhooks.read(webhook.id)).failing_since is None


async def test_one_success_begins_the_five_days_anew(office: Office) -> None:
    """An endpoint that answers now and then is not off."""
    async with Receiver("500 No", "204 Yes", "500 No") as receiver:
        await office.subscribe(receiver.url)
        await office.finish("one")
        await office.courier.work()
        await office.pass_by(dt.timedelta(days=4))
        await office.finish("two")
        await office.courier.work()
        await office.pass_by(dt.timedelta(days=4))
        assert await office.store.webhooks.list_troubles() == ()


async def test_a_redirect_is_not_followed(office: Office) -> None:
    """Where it leads was not checked: nothing is sent there, and the delivery failed."""
    async with Receiver() as elsewhere, Receiver(f"302 Found\r\nLocation: {elsewhere.url}") as receiver:
        webhook = await office.subscribe(receiver.url)
        await office.finish("one")
        await office.courier.work()
    (delivery,) = await office.store.deliveries.list(webhook.id)
    assert (delivery.state, delivery.last_status) == ("waiting", 302)
    assert elsewhere.received == []


async def test_who_does_not_answer_is_not_waited_for(empty_database_url: str) -> None:
    """An endpoint that says nothing fails after the limit."""
    async with await Store.open(empty_database_url) as store, Receiver() as receiver:
        async with Sender(limit_seconds=0.05) as sender:
            office = Office(store, sender, await read_clock(store))
            receiver.may_answer.clear()
            webhook = await office.subscribe(receiver.url)
            await office.finish("one")
            await office.courier.work()
        (delivery,) = await store.deliveries.list(webhook.id)
        assert (delivery.state, delivery.last_error) == ("waiting", "no answer within 0.05 seconds")


@pytest.mark.parametrize("host", ["a" * 64 + ".example.com", "a..example.com"])
async def test_a_name_that_leads_nowhere_fails(office: Office, host: str) -> None:
    """What no name server could be asked for is a failure like others, and tried again."""
    webhook = await office.subscribe(f"https://{host}/")
    await office.finish("one")
    await office.courier.work()
    (delivery,) = await office.store.deliveries.list(webhook.id)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("waiting", 1, None)
    assert delivery.last_error == "its name leads to no address"


async def test_a_fault_does_not_end_the_courier(office: Office) -> None:
    """Whatever goes wrong in a turn, the next one is taken."""
    async with Receiver() as receiver:
        await office.subscribe(receiver.url)
        await office.finish("one")
        begin, faults = office.courier.begin, iter([RuntimeError("a fault"), Unavailable("gone")])

        async def fail_first() -> int:
            if (fault := next(faults, None)) is not None:
                await office.courier.wake()
                raise fault
            return await begin()

        office.courier.begin = fail_first  # type: ignore[method-assign]  # a fault that cannot be had otherwise
        running = asyncio.create_task(office.courier.run())
        await until(lambda: receiver.received)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_only_the_types_asked_for_are_sent(office: Office) -> None:
    """Events of other types are not sent, and none that happened before."""
    await office.finish("before")
    await office.store.outbox.arrange()
    async with Receiver() as receiver:
        await office.subscribe(receiver.url, types=["run.finished"])
        await office.write(_case("A-1"), RunFinished(run="one"))
        await office.courier.work()
    assert receiver.subjects == ["runs/one"]


async def test_events_of_one_account_go_in_order_where_asked(office: Office) -> None:
    """While the first of an account fails, those behind it wait; other accounts do not."""
    async with Receiver() as receiver:
        await office.subscribe(receiver.url, in_order=True)
        await office.write(_case("A-1", day=1))
        receiver.answers.append("500 No")
        await office.courier.work()
        await office.write(_case("A-1", day=2), _case("A-2"), RunFinished(run="r"), _case("A-1", day=3))
        await office.courier.work()
        assert sorted(receiver.subjects) == ["accounts/A-1", "accounts/A-2", "runs/r"]
        await office.pass_by(dt.timedelta(seconds=6))
    days = [each.event["data"]["due_on"] for each in receiver.received if each.event["subject"] == "accounts/A-1"]
    assert days == ["2026-11-01", "2026-11-01", "2026-11-02", "2026-11-03"]


async def test_what_waits_for_one_before_it_is_not_looked_at_meanwhile(office: Office) -> None:
    """It is put off until that is tried again; let go when that is delivered, or given up, whatever came in between."""
    webhook = await office.subscribe("http://127.0.0.1:9/", in_order=True)
    await office.write(*(_case("A-1", day=day) for day in range(1, 5)))
    deliveries = office.store.deliveries
    waiting = "SELECT count(*) FROM dunning.deliveries WHERE state = 'waiting' AND next_at <= $1"

    async def claim() -> Attempt:
        (attempt,) = await deliveries.claim(office.now, most=10)
        assert await deliveries.claim(office.now, most=10) == ()
        return attempt

    attempt = await claim()
    assert await office.store.database.fetchval(waiting, office.now) == 1
    hour = office.now + dt.timedelta(hours=1)
    await deliveries.note(attempt, Result(error="down", next_at=hour), office.now)
    office.now += 2 * LEASED_FOR
    assert await deliveries.claim(office.now, most=10) == ()
    assert await office.store.database.fetchval(waiting, office.now) == 0
    office.now = hour
    for result in (Result(is_delivered=True), Result(error="never"), Result(is_delivered=True)):
        attempt = await claim()
        await deliveries.note(attempt, result, office.now)
    assert (await claim()).event.sequence == attempt.event.sequence + 1
    states = [each.state for each in await deliveries.list(webhook.id)]
    assert states == ["waiting", "delivered", "given_up", "delivered"]


async def test_an_endpoint_is_sent_a_few_at_once_however_many_take_them(office: Office) -> None:
    """Who takes some while another does waits for it, and counts what that one took."""
    await office.subscribe("http://127.0.0.1:9/")
    await office.finish(*(f"run {number}" for number in range(40)))
    await office.store.outbox.arrange()
    database = office.store.database
    async with database.transaction() as connection:
        await connection.execute(sql("deliveries.hold_claims"))
        leased_until = office.now + LEASED_FOR
        rows = await connection.fetch(sql("deliveries.claim"), office.now, leased_until, MOST_AT_ONCE, 32)
        other = asyncio.create_task(office.store.deliveries.claim(office.now, most=32))
        await until(lambda: database.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))
    assert (len(rows), await other) == (MOST_AT_ONCE, ())


async def test_events_are_not_held_up_where_no_order_is_asked(office: Office) -> None:
    """Those behind one that fails are sent."""
    async with Receiver("500 No") as receiver:
        await office.subscribe(receiver.url)
        await office.write(_case("A-1", day=1))
        await office.courier.work()
        await office.write(_case("A-1", day=2))
        await office.courier.work()
    assert len(receiver.received) == 2


async def test_two_couriers_send_each_event_once(office: Office) -> None:
    """Several processes share the work; nothing is sent twice, and nothing left."""
    async with Receiver() as receiver, Sender() as sender:
        await office.subscribe(receiver.url)
        await office.finish(*(f"r{n}" for n in range(60)))
        others = [Courier(office.store.deliveries, sender, clock=lambda: office.now) for _ in range(3)]
        await asyncio.gather(office.courier.work(), *(other.work() for other in others))
        await office.courier.work()
    assert len(receiver.ids) == len(set(receiver.ids)) == 60


async def test_a_courier_that_died_is_another_s_work_after_its_lease(office: Office) -> None:
    """What was claimed and never noted is sent again, under the same id, once the lease is over; not before."""
    async with Receiver() as receiver:
        await office.subscribe(receiver.url)
        await office.finish("one")
        (lost,) = await office.store.deliveries.claim(office.now, most=5)
        assert await office.pass_by(dt.timedelta(seconds=59)) == 0
        assert await office.pass_by(dt.timedelta(seconds=1)) == 1
    assert receiver.ids == [lost.event.id]


async def test_a_slow_endpoint_delays_no_other(office: Office) -> None:
    """Of one endpoint only a few are under way at once, and others are served beside it."""
    async with Receiver() as slow, Receiver() as quick:
        slow.may_answer.clear()
        await office.subscribe(slow.url)
        await office.subscribe(quick.url)
        await office.finish(*(f"r{n}" for n in range(30)))
        assert await office.courier.begin() == 16
        running = asyncio.create_task(office.courier.work())
        while len(quick.received) < 30:
            await office.courier.begin()
            await asyncio.gather(*(_next_turn() for _ in range(5)))
        assert len(slow.received) <= 8
        slow.may_answer.set()
        await running
        while len(slow.received) < 30:
            await office.courier.work()


async def _next_turn() -> None:
    loop = asyncio.get_running_loop()
    turned = loop.create_future()
    loop.call_soon(turned.set_result, None)
    await turned


async def test_deliveries_are_sent_again_by_id_and_in_a_range(office: Office) -> None:
    """What was delivered is sent again under its id; what happened before the webhook was made, for the first time."""
    await office.finish("early")
    await office.store.outbox.arrange()
    async with Receiver() as receiver:
        webhook = await office.subscribe(receiver.url, types=["run.finished"])
        await office.write(RunFinished(run="late"), _case("A-1"))
        await office.courier.work()
        (late,) = receiver.ids
        deliveries = office.store.deliveries
        assert await deliveries.send_again(webhook.id, office.now, events=[late, "no-id"]) == 1
        await office.courier.work()
        assert receiver.ids == [late, late]
        assert await deliveries.send_again(webhook.id, office.now, after=0, until=3) == 2
        await office.courier.work()
        assert sorted(receiver.subjects[2:]) == ["runs/early", "runs/late"]
    assert [delivery.subject for delivery in await deliveries.list(webhook.id)] == ["runs/late", "runs/early"]


def _case(account: str, *, day: int = 1) -> CaseOpened:
    return CaseOpened(account_id=account, currency="EUR", due_on=dt.date(2026, 11, day))


def _certify(host: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate of a host, and what serves and what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "endpoint.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cafile=str(file))


@pytest.mark.parametrize(("host", "is_delivered"), [("hooks.test", True), ("other.test", False)])
async def test_the_name_is_in_the_certificate_and_asked_once(
    empty_database_url: str, tmp_path: Path, host: str, *, is_delivered: bool
) -> None:
    """It is sent to the address that was checked, with no second look-up, and the certificate must be of the name."""
    serving, trusting = _certify("hooks.test", tmp_path)
    asked: list[str] = []

    async def resolve(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    async with (
        await Store.open(empty_database_url) as store,
        Receiver(context=serving) as receiver,
        Sender(resolver=resolve, context=trusting) as sender,
    ):
        office = Office(store, sender, await read_clock(store))
        webhook = await office.subscribe(f"https://{host}:{receiver.port}/hook?key=1")
        await office.finish("one")
        await office.courier.work()
        (delivery,) = await store.deliveries.list(webhook.id)
        assert (delivery.state == "delivered") is is_delivered
        assert asked == [host]
        heads = [(got.path, got.headers["host"]) for got in receiver.received]
        assert heads == ([("/hook?key=1", f"{host}:{receiver.port}")] if is_delivered else [])


async def test_neither_secrets_nor_bodies_are_written_down(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is logged of deliveries, at any level, names no address, no secret and no content."""
    caplog.set_level(logging.DEBUG)
    async with Receiver("500 No") as receiver:
        webhook = await office.subscribe(f"{receiver.url}?key=very-secret", scheme="v1")
        await office.finish("hidden-run")
        (attempt,) = await office.store.deliveries.claim(office.now, most=1)
        assert "secret" not in f"{attempt!r}{webhook!r}"
        office.now += dt.timedelta(minutes=2)
        await office.courier.work()
    assert len(receiver.received) == 1
    written = caplog.text + "".join([line.line.decode() async for line in office.store.log.stream_others()])
    for hidden in ("very-secret", "hidden-run", write_secret(webhook.secret), webhook.secret.hex()):
        assert hidden not in written


async def test_what_is_not_noted_in_time_does_not_count(office: Office) -> None:
    """A result of an attempt whose lease ended, and that another made since, changes nothing."""
    async with Receiver("500 No") as receiver:
        webhook = await office.subscribe(receiver.url)
        await office.finish("one")
        (late,) = await office.store.deliveries.claim(office.now, most=1)
        assert await office.pass_by(dt.timedelta(seconds=61)) == 1
        sent = await office.store.deliveries.list(webhook.id)
        async with Sender() as sender:
            result = await sender.send(late, office.now, jitter=0)
        await office.store.deliveries.note(late, result, office.now)
    assert await office.store.deliveries.list(webhook.id) == sent
    assert msgspec.json.decode(receiver.received[0].body)["type"] == "run.finished"
