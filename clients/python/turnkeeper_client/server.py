"""Where the server is, and what every request to it says."""

from __future__ import annotations

import os

from turnkeeper_client.version import USER_AGENT


def address_of(address: str | None) -> str:
    """The server's address without a slash at the end."""
    return (address or os.environ.get("TURNKEEPER_URL") or "http://127.0.0.1:8000").rstrip("/")


def head_of(key: str | None) -> dict[str, str]:
    """What every request says of itself.

    Raises:
        ValueError: there is no key.
    """
    found = key or os.environ.get("TURNKEEPER_KEY")
    if not found:
        raise ValueError("An API key is needed: give `key`, or set TURNKEEPER_KEY.")
    return {"Authorization": f"Bearer {found}", "User-Agent": USER_AGENT}
