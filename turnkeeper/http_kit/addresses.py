"""Where clients come from: which addresses count as one client, and which are those of proxies."""

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # A process says that it lives before this is imported.
    from litestar.types import Scope

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PREFIX_OF_A_HOUSE = 64
"""Whoever has one address of IPv6 has all of the same first 64 bits."""


def client_of(scope: "Scope") -> str | None:
    """The address that a request came from; behind a proxy that is trusted (`serving`), what that says."""
    client = scope["client"] if "client" in scope else None  # noqa: SIM401 - `get` has no type here
    return client[0] if client else None


def house_of(address: str | None) -> str | None:
    """What counts as one client: an address of IPv4, the first 64 bits of one of IPv6; None for what is no address."""
    parsed = None if address is None else parsed_address(address)
    if parsed is None:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((parsed, _PREFIX_OF_A_HOUSE), strict=False))
    return str(parsed)


def networks_in(text: str) -> tuple[Network, ...]:
    """The networks of a list such as `10.0.0.0/8, 192.0.2.7`.

    Raises:
        ValueError: one of them is none.
    """
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_in(networks: Sequence[Network], address: Address) -> bool:
    """Whether one of the networks has the address."""
    return any(address in network for network in networks)


def parsed_address(text: str) -> Address | None:
    """The address, that of IPv4 where it is one inside IPv6; None for what is none."""
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, ipaddress.IPv6Address) else parsed
