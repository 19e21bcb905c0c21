"""Network addresses: which belong to the public internet, and where one that is listened on is reached."""

import ipaddress

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses behind NAT64: the last four bytes."""
_WITHIN_A_CLOUD = ipaddress.IPv4Address("168.63.129.16")
"""Azure's own service for a machine; it answers, like link-local metadata, only from inside.

Source: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
"""
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - not listened on


def reached_at(host: str, port: int) -> str:
    """The URL under which this machine reaches a server of its own that listens there."""
    host = _EVERY_ADDRESS.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def is_public(address: str) -> bool:
    """Whether the numeric address is one of the public internet; False for what is no address.

    Not public are loopback, private, link-local (where clouds serve their metadata), multicast and reserved ones, also when
    they are IPv4 inside IPv6.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = _ipv4_inside(parsed)
        if inner is not None:
            return _is_global(inner)
    return _is_global(parsed)


def canonical(host: str) -> str:
    """The host, in its one usual spelling when it is an address."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host


def is_numeric(host: str) -> bool:
    """Whether the host of a URL is an address and not a name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def reads_as_public(host: str) -> bool:
    """Whether the host of a URL may be a public one, as far as it can be read off; where a name leads is not looked up."""
    host = host.rstrip(".").lower()
    if is_numeric(host):
        return is_public(host)
    return "." in host and not host.endswith((".localhost", ".local", ".internal"))


def _is_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved and address != _WITHIN_A_CLOUD


def _ipv4_inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
