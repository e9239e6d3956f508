"""Which addresses a webhook may be sent to: those of the public internet, and private ones where that was allowed.

Whoever may make a webhook could otherwise let the service ask what only the service can reach.
"""

import ipaddress
import socket
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Of the special-purpose registries (RFC 6890). Python's own `is_global` differs from release to release.
_PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",  # shared by customers of one provider
    "127.0.0.0/8",
    "::1/128",
    "fc00::/7",
)
_NEVER = (
    "0.0.0.0/8",
    "169.254.0.0/16",  # link-local: where clouds keep the secrets of their machines
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "100.100.100.200/32",  # such a place too, in a network that may be allowed
    "168.63.129.16/32",  # public in form, and the metadata of a cloud all the same
    "fd00:ec2::254/128",  # as above, private in form
    "fd20:ce::254/128",
    # Beyond 2000::/3 nothing is public; within it these are not, or lead to an IPv4 address that nobody sees.
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
)
_IPV4 = 4
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
_PRIVATE_NETWORKS = tuple(map(ipaddress.ip_network, _PRIVATE))
_NEVER_NETWORKS = tuple(map(ipaddress.ip_network, _NEVER))


def refuse_address(text: str, *, allow_private: bool) -> str | None:
    """Say why nothing may be sent to an address; None where it may."""
    address: Address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    is_public = address.version == _IPV4 or (address in _PUBLIC_IPV6 and not text.partition("%")[2])
    if any(address in network for network in _PRIVATE_NETWORKS) and not _is_nowhere(address):
        return None if allow_private else f"{text} is private, and this webhook was not allowed to be"
    return None if is_public and not _is_nowhere(address) else f"{text} is no address of the public internet"


def _is_nowhere(address: Address) -> bool:
    return any(address in network for network in _NEVER_NETWORKS)


def read_literal(host: str) -> str | None:
    """Read a host that is an address, in any spelling that a resolver takes for one; None where it is a name."""
    try:
        found: Sequence[tuple[object, ...]] = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    address = found[0][4]
    assert isinstance(address, tuple)  # noqa: S101  what getaddrinfo answers
    return str(address[0])
