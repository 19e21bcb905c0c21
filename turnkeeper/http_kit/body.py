"""The body of a request, read whole within bounds of size and time."""

import asyncio

from litestar.types import Receive

from turnkeeper.core.errors import InvalidError

MOST_DISCARDED_BYTES = 64_000_000
_LONGEST_SECONDS = 60.0


async def body_of(receive: Receive, *, most_bytes: int) -> bytes:
    """The whole body.

    A body that is too long is read on for a while and thrown away: a client that is still sending would otherwise see
    its connection cut instead of the answer that says why.

    Raises:
        InvalidError: field `body`; code `too_large`, `too_slow` or `cut` (the client went away).
    """
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            return await _read(receive, most_bytes)
    except TimeoutError as error:
        raise InvalidError(
            "body", f"The body did not arrive within {_LONGEST_SECONDS:g} seconds.", code="too_slow"
        ) from error


async def _read(receive: Receive, most_bytes: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise InvalidError("body", "The connection ended before the body did.", code="cut")
        size += len(message["body"])
        if size <= most_bytes:
            pieces.append(message["body"])
        else:
            pieces.clear()
        if not message["more_body"] or size > MOST_DISCARDED_BYTES:
            break
    if size > most_bytes:
        raise InvalidError("body", f"The body is too large; the most is {most_bytes:,} bytes.", code="too_large")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
