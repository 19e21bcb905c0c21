"""Where a webhook may point: checked when it is registered, and by who sends once more each time."""

import asyncio
import re

from yarl import URL

from turnkeeper.agents.tools.http.look_up import LookUp
from turnkeeper.core.addresses import is_numeric, is_public
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.webhooks import LONGEST_URL

_LOOK_UP_SECONDS = 3.0
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f]")


class WebhookUrls:
    """Knows which addresses this server may call. `allows_private_addresses` is the operator's setting."""

    def __init__(self, look_up: LookUp, *, allows_private_addresses: bool) -> None:
        self._look_up = look_up
        self._allows_private_addresses = allows_private_addresses

    async def check(self, text: str) -> None:
        """Refuse what may not be called. A name without an address yet is none of that: it may get one later.

        Raises:
            InvalidError: the field `url` is no address of HTTPS, or points into a network that is not public.
        """
        url = self._parsed(text)
        if self._allows_private_addresses:
            return
        host = url.host or ""
        found = [host] if is_numeric(host) else await self._addresses(host, url.port or 443)
        if not all(is_public(address) for address in found):
            why = (
                f"{host!r} has an address that is not one of the public internet; "
                "the operator may allow such with TURNKEEPER_WEBHOOK_PRIVATE_ADDRESSES."
            )
            raise InvalidError("url", why, code="private_address")

    def _parsed(self, text: str) -> URL:
        if len(text) > LONGEST_URL:
            raise InvalidError("url", f"The address has more than {LONGEST_URL:,} characters.", code="too_long")
        try:
            url = URL(text)
            has_place = bool(url.host) and (url.port is None or url.port > 0)
        except ValueError as error:
            raise _no_url(text) from error
        if _NOT_IN_A_URL.search(text) or not has_place or url.scheme not in {"http", "https"}:
            raise _no_url(text)
        if url.user is not None or url.password is not None or url.raw_fragment:
            why = "The address of a webhook has no user, password or fragment; what it is sent is signed instead."
            raise InvalidError("url", why)
        if url.scheme == "http" and not self._allows_private_addresses:
            raise InvalidError("url", "The address must begin with https://, so that nobody on the way can read it.")
        return url

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            async with asyncio.timeout(_LOOK_UP_SECONDS):
                return await self._look_up.addresses(host, port)
        except (OSError, UnicodeError, TimeoutError):
            return []


def _no_url(text: str) -> InvalidError:
    shown = text if len(text) <= 100 else f"{text[:99]}…"
    return InvalidError("url", f"{shown!r} is no address that can be called, such as https://example.com/hooks.")
