"""Messages that are too long to be held: the line is read to its end, and only its beginning kept.

A tool may answer with 50 MB. A model reads a few thousand characters of it, so the rest is dropped as it comes, and the
message is closed again as the answer to the same request.
"""

import json
import re
from collections.abc import Callable

MOST_BYTES = 2 * 1024 * 1024
"""A longer message is shortened."""
HEAD_BYTES = 256 * 1024
_TAIL_BYTES = 512
_ID_FIRST = re.compile(rb'\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d+|"[^"\\]{1,200}")\s*,')
_ID_LAST = re.compile(rb',\s*"id"\s*:\s*(\d+|"[^"\\]{1,200}")\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$')
_TEXT = re.compile(rb'"text"\s*:\s*"')
_IS_ERROR = re.compile(rb'"isError"\s*:\s*true')

Shorten = Callable[[bytes, bytes, int], bytes]
"""From the beginning and the end of a line and its length in bytes to the line that takes its place."""


class LongLines:
    """Bytes in, whole lines out; none is held that is longer than the limit."""

    def __init__(self, shorten: Shorten, *, splits: bool = True) -> None:
        """`splits` is False where all that comes is one line."""
        self._shorten = shorten
        self._splits = splits
        self._line = bytearray()
        self._tail = b""
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes, without their line ends."""
        if not self._splits:
            self._add(chunk)
            return []
        *ended, rest = chunk.split(b"\n")
        lines: list[bytes] = []
        for piece in ended:
            self._add(piece)
            lines.append(self.end())
        self._add(rest)
        return lines

    def end(self) -> bytes:
        """What came since the last line's end."""
        whole = (
            bytes(self._line) if self._size <= MOST_BYTES else self._shorten(bytes(self._line), self._tail, self._size)
        )
        self._line.clear()
        self._tail, self._size = b"", 0
        return whole

    def _add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= MOST_BYTES:
            self._line += piece
            return
        if len(self._line) > HEAD_BYTES or not self._tail:
            self._tail = bytes(self._line[-_TAIL_BYTES:])
            self._line += piece[:HEAD_BYTES]
            del self._line[HEAD_BYTES:]
        self._tail = (self._tail + piece[-_TAIL_BYTES:])[-_TAIL_BYTES:]


def shortened(head: bytes, tail: bytes, size: int) -> bytes:
    """The answer to a call of a tool with the text as far as it is in `head`; blank when no request can be told from it."""
    found = _ID_FIRST.match(head) or _ID_LAST.search(tail)
    if found is None:
        return b""
    text = _text_in(head)
    notice = f"[Cut: the tool answered with {size:,} bytes, and only the beginning was read.]"
    result: dict[str, object] = {
        "content": [{"type": "text", "text": f"{text}\n\n{notice}" if text else notice}],
        "isError": bool(_IS_ERROR.search(head[:200]) or _IS_ERROR.search(tail)),
        "resultType": "complete",
    }
    return json.dumps({"jsonrpc": "2.0", "id": json.loads(found[1]), "result": result}).encode()


def shortened_event(head: bytes, tail: bytes, size: int) -> bytes:
    """As `shortened`, for a line of a stream of events."""
    if not head.startswith(b"data:"):
        return b""
    return b"data: " + shortened(head[5:], tail, size)


def _text_in(head: bytes) -> str:
    """The first text of an answer's content, as far as it goes; blank when it begins with something else."""
    begin = _TEXT.search(head)
    if begin is None:
        return ""
    raw = head[begin.end() :]
    quote = re.search(rb'(?<!\\)(?:\\\\)*"', raw)
    if quote is not None:
        raw = raw[: quote.end() - 1]
    text = raw.decode("utf-8", "ignore")
    for cut in range(13):  # an escape may be cut in two: \uD83D\uDE00 is the longest
        try:
            return str(json.loads(f'"{text[: len(text) - cut]}"', strict=False)).encode("utf-8", "ignore").decode()
        except ValueError:
            continue
    return ""
