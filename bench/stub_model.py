"""A language model that costs nothing: the chat-completions wire, streamed, as a bare protocol in a process of its own.

Its reply has 40 tokens, each an event of its own as real servers send them, in 4 writes. A ticket in the question says how
long it thinks before the first byte, and begins the reply, so that a client can tell its own. Behind a stamped ticket stands
when the first byte was written, on this machine's clock (`bench.first_token`). Prints its port; ends when its standard input
does.
"""

import asyncio
import re
import secrets
import sys
import time

import orjson
import uvloop

from bench.http_client import HEAD_END

TOKENS = 40
WRITES = 4
TICKET = re.compile(rb"(?:Stamped )?Ticket (\d+)-[0-9a-f]{16}")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_WORDS = (" the", " answer", " is", " written", " in", " the", " service", " terms", " of", " your", " plan", ",")
_PLACE = b"@@@"


def new_ticket(delay_milliseconds: int) -> str:
    """A ticket that no other question has."""
    return f"Ticket {delay_milliseconds}-{secrets.token_hex(8)}"


def reply_of(ticket: str) -> str:
    """The whole reply to a question that contains this ticket."""
    return ticket + "".join(_WORDS[number % len(_WORDS)] for number in range(TOKENS - 1))


def event(delta: dict[str, object], *, finish: str | None = None) -> bytes:
    """One piece of a streamed reply."""
    chunk: dict[str, object] = {
        "id": "chatcmpl-bench0000000000000000000000",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": "stub",
        "system_fingerprint": "fp_0000000000",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    return b"data: " + orjson.dumps(chunk) + b"\n\n"


def ending(finish: str) -> bytes:
    """What stands behind the last piece."""
    return event({}, finish=finish) + _usage() + b"data: [DONE]\n\n"


def _usage() -> bytes:
    usage = {"prompt_tokens": 100, "completion_tokens": TOKENS, "total_tokens": 100 + TOKENS}
    return b"data: " + orjson.dumps({"id": "chatcmpl-bench", "model": "stub", "choices": [], "usage": usage}) + b"\n\n"


def _writes() -> list[bytes]:
    """The events of a reply, parted into writes; the first one has a place for the ticket."""
    words = [_PLACE.decode(), *(_WORDS[number % len(_WORDS)] for number in range(TOKENS - 1))]
    events = [event({"role": "assistant", "content": ""}), *(event({"content": word}) for word in words)]
    size = -(-len(events) // WRITES)
    parts = [b"".join(events[start : start + size]) for start in range(0, len(events), size)]
    parts[-1] += ending("stop")
    return parts


_PARTS = _writes()


class StubModel(asyncio.Protocol):
    """One connection of the server; requests come one at a time, the connection is kept."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - what both loops give to a stream
        self, transport: asyncio.Transport
    ) -> None:
        """Keep the transport."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when the whole request is there."""
        self._received += data
        head_end = self._received.find(HEAD_END)
        length = _LENGTH.search(self._received, 0, head_end + 2) if head_end >= 0 else None
        if length is None or len(self._received) < head_end + len(HEAD_END) + int(length[1]):
            return
        request, self._received = self._received, b""
        self.asked(request[head_end + len(HEAD_END) :])

    def asked(self, body: bytes) -> None:
        """Answer a request with this body."""
        self.answer(TICKET.search(body))

    def answer(self, ticket: re.Match[bytes] | None) -> None:
        """Write the reply to a question with this ticket, when it has thought."""
        if ticket is None:
            self._write(0, b"No ticket")
        elif int(ticket[1]):
            asyncio.get_running_loop().call_later(int(ticket[1]) / 1000, self._write, 0, ticket[0])
        else:
            self._write(0, ticket[0])

    def _write(self, number: int, ticket: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if ticket.startswith(b"Stamped"):
            ticket = b"%b @%d" % (ticket, time.monotonic_ns())
        part = _PARTS[number].replace(_PLACE, ticket) if number == 0 else _PARTS[number]
        is_last = number == len(_PARTS) - 1
        self.say(part, is_first=number == 0, is_last=is_last)
        if not is_last:
            asyncio.get_running_loop().call_soon(self._write, number + 1, ticket)

    def say(self, part: bytes, *, is_first: bool, is_last: bool) -> None:
        """Write a part of a reply."""
        if self._transport is not None and not self._transport.is_closing():
            head, tail = _HEAD if is_first else b"", b"0\r\n\r\n" if is_last else b""
            self._transport.write(b"%s%x\r\n%s\r\n%s" % (head, len(part), part, tail))


async def serve() -> None:
    """Listen on a free port until standard input ends."""
    server = await asyncio.get_running_loop().create_server(StubModel, "127.0.0.1", 0, backlog=1024)
    async with server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve())
