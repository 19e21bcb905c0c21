"""A model that streams 500 tokens on the wire it is asked on, as a bare protocol in a process of its own.

`/together/…` is written as fast as it goes, `/alone/…` an event each millisecond, in a write of its own. Prints its port;
ends when its standard input does.
"""

import asyncio
import re
import sys
from collections.abc import Sequence

import orjson
import uvloop

from bench.http_client import HEAD_END

TOKENS = 500
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_TOGETHER = 40
"""Events in one write."""
_PAUSE_SECONDS = 0.001


def _data(value: object, name: str = "") -> bytes:
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + orjson.dumps(value) + b"\n\n"


def _chat() -> list[bytes]:
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_760_000_000, "model": "tiny"}

    def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**common, "system_fingerprint": "fp_0000000000", "choices": [choice]})

    usage = {"prompt_tokens": 10, "completion_tokens": TOKENS, "total_tokens": TOKENS + 10}
    end = [chunk({}, "stop"), _data({**common, "choices": [], "usage": usage}), b"data: [DONE]\n\n"]
    return [chunk({"role": "assistant", "content": ""}), *([chunk({"content": " word"})] * TOKENS), *end]


def _messages() -> list[bytes]:
    usage = {"input_tokens": 10, "output_tokens": 1}
    message: dict[str, object] = {"id": "msg_1", "type": "message", "role": "assistant", "model": "tiny", "content": []}
    message |= {"stop_reason": None, "stop_sequence": None, "usage": usage}
    block = {"type": "text", "text": ""}
    delta = {"type": "text_delta", "text": " word"}
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    name = "content_block_delta"
    return [
        _data({"type": "message_start", "message": message}, "message_start"),
        _data({"type": "content_block_start", "index": 0, "content_block": block}, "content_block_start"),
        *([_data({"type": name, "index": 0, "delta": delta}, name)] * TOKENS),
        _data({"type": "content_block_stop", "index": 0}, "content_block_stop"),
        _data({"type": "message_delta", "delta": end, "usage": {"output_tokens": TOKENS}}, "message_delta"),
        _data({"type": "message_stop"}, "message_stop"),
    ]


def _google() -> list[bytes]:
    def chunk(text: str, **more: object) -> bytes:
        candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0, **more}
        usage = {"promptTokenCount": 10, "candidatesTokenCount": TOKENS, "totalTokenCount": TOKENS + 10}
        return _data({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "tiny", "responseId": "1"})

    return [*([chunk(" word")] * (TOKENS - 1)), chunk(" word", finishReason="STOP")]


_REPLIES = {b"/chat/completions": _chat(), b"/v1/messages": _messages(), b":streamGenerateContent": _google()}


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
        path = self._received.split(b" ", 2)[1]
        self._received = b""
        events = next(reply for part, reply in _REPLIES.items() if part in path)
        size = 1 if path.startswith(b"/alone/") else _TOGETHER
        parts = [b"".join(events[start : start + size]) for start in range(0, len(events), size)]
        self._write(0, parts, pause=_PAUSE_SECONDS if size == 1 else 0.0, due=asyncio.get_running_loop().time())

    def _write(self, number: int, parts: Sequence[bytes], *, pause: float, due: float) -> None:
        """Write this part, and the next ones when they are due: a late one does not make those after it late."""
        if self._transport is None or self._transport.is_closing():
            return
        part = parts[number]
        is_last = number == len(parts) - 1
        head = b"" if number else _HEAD
        self._transport.write(b"%s%x\r\n%s\r\n%s" % (head, len(part), part, b"0\r\n\r\n" if is_last else b""))
        if not is_last:
            next_due = due + pause
            loop = asyncio.get_running_loop()
            loop.call_at(next_due, lambda: self._write(number + 1, parts, pause=pause, due=next_due))


async def serve() -> None:
    """Listen on a free port until standard input ends."""
    server = await asyncio.get_running_loop().create_server(StubModel, "127.0.0.1", 0, backlog=1024)
    async with server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve())
