"""Sending one event to one endpoint: to the very address that was checked, within a time, and no further."""

import asyncio
import datetime as dt
import email.utils
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx
import msgspec

from api.addresses import refuse_address
from api.answers import encode
from api.eventmessages import MEDIA_TYPE, write_event
from api.signing import sign
from store.deliveries import Attempt, Result

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

LIMIT_SECONDS = 15.0
DELAYS = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""How long after each failure the next attempt is made; after the last one an event is given up."""
_LONGEST_ASKED = dt.timedelta(hours=24)
_USER_AGENT = "dunning-webhooks/1"


class Unsent(Exception):
    """Nothing was answered, or nothing may be sent to this address."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Find the addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Sender:
    """The way out. It takes no proxy, no cookie and no redirect, and keeps no connection."""

    def __init__(
        self,
        *,
        resolver: Resolver = resolve,
        context: ssl.SSLContext | None = None,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it would write down whole addresses
        self._resolve = resolver
        self._limit_seconds = limit_seconds
        # A connection that is kept would be used for another host of the same address, past its certificate.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(
            verify=context or ssl.create_default_context(),
            trust_env=False,
            follow_redirects=False,
            limits=limits,
            timeout=limit_seconds,
        )

    async def send(self, attempt: Attempt, now: dt.datetime, *, jitter: float) -> Result:
        """Send an event; never raises for what the other side does. `jitter`, -1 to 1, moves the next attempt."""
        try:
            response = await self._post(attempt, now)
        except Unsent as unsent:
            return _fail(attempt, now, jitter, str(unsent))
        if response.is_success:
            return Result(status=response.status_code, is_delivered=True)
        if response.status_code == HTTPStatus.GONE:
            return Result(status=response.status_code, error="410 Gone", is_gone=True)
        said = "a redirect, which is not followed" if response.is_redirect else "no success"
        asked = _read_retry_after(response.headers.get("Retry-After"), now)
        failed = _fail(attempt, now, jitter, f"it answered {response.status_code}: {said}", at_least=asked)
        return msgspec.structs.replace(failed, status=response.status_code)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def _post(self, attempt: Attempt, now: dt.datetime) -> httpx.Response:
        try:
            async with asyncio.timeout(self._limit_seconds):
                return await self._post_to_address(attempt, now)
        except TimeoutError:
            raise Unsent(f"no answer within {self._limit_seconds:g} seconds") from None
        except (OSError, UnicodeError):  # UnicodeError: no name server could be asked for such a name
            raise Unsent("its name leads to no address") from None
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise Unsent(f"no answer: {type(problem).__name__}") from None

    async def _post_to_address(self, attempt: Attempt, now: dt.datetime) -> httpx.Response:
        """Send it to the address that was checked; the name stays in the header Host and in the certificate."""
        url = httpx.URL(attempt.url)
        port = url.port or (443 if url.scheme == "https" else 80)
        address = await self._find_address(url.host, port, allow_private=attempt.allow_private)
        body = encode(write_event(attempt.event))
        headers = sign(attempt.scheme, attempt.secrets, attempt.event.id, now, body)
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers=headers
            | {"Host": url.netloc.decode("ascii"), "Content-Type": MEDIA_TYPE, "User-Agent": _USER_AGENT},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        response = await self._client.send(request, stream=True)
        await response.aclose()  # nobody wants its body, of whatever length
        return response

    async def _find_address(self, host: str, port: int, *, allow_private: bool) -> str:
        """Find the address to send to; one that is refused among several spoils all."""
        addresses = await self._resolve(host, port)
        for address in addresses:
            refusal = refuse_address(address, allow_private=allow_private)
            if refusal is not None:
                raise Unsent(refusal)
        if not addresses:
            raise Unsent("its name has no address")
        return addresses[0]


def _fail(
    attempt: Attempt, now: dt.datetime, jitter: float, error: str, *, at_least: dt.timedelta = dt.timedelta(0)
) -> Result:
    """Say when it is tried again, if it is."""
    if attempt.number > len(DELAYS):
        return Result(error=error)
    delay = DELAYS[attempt.number - 1] * (1 + jitter / 10)
    return Result(error=error, next_at=now + max(delay, min(at_least, _LONGEST_ASKED)))


def _read_retry_after(text: str | None, now: dt.datetime) -> dt.timedelta:
    """Read how long the other side wants to be left alone: in seconds, or until an instant."""
    if text is None:
        return dt.timedelta(0)
    if text.strip().isdecimal() and text.isascii():
        return dt.timedelta(seconds=min(int(text.strip()[:9]), 10**8))
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return dt.timedelta(0)
    return (until if until.tzinfo is not None else until.replace(tzinfo=dt.UTC)) - now
