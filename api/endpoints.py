"""Which endpoints may be subscribed: what can be told of an address before anything is asked of a name server."""

import httpx

from api.addresses import read_literal, refuse_address

_LAST_PORT = 65535
_SCHEMES = ("https", "http")


def refuse_endpoint(text: str, *, allow_private: bool) -> str | None:
    """Say why a URL cannot be an endpoint; None where it can. Where a name leads is looked at when it is sent to."""
    if not text.isascii() or not text.isprintable() or " " in text:
        return "a URL holds printable ASCII characters only; write others percent-encoded, and a host in Punycode."
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return "it is no URL."
    if url.scheme not in (_SCHEMES if allow_private else _SCHEMES[:1]) or not url.host:
        return "it must begin with https:// and a host; http only where private addresses are allowed."
    if url.userinfo or url.fragment:
        return "it can have neither a user nor a fragment; what is sent is signed."
    if url.port is not None and not 0 < url.port <= _LAST_PORT:
        return f"port {url.port} is none."
    literal = read_literal(url.host)
    refusal = None if literal is None else refuse_address(literal, allow_private=allow_private)
    return None if refusal is None else f"{refusal}."
