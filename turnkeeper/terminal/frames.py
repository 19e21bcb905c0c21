"""Server-sent events, read: bytes in, whole frames out."""

from dataclasses import dataclass

from turnkeeper.core.errors import RefusedError

_MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One frame; of a frame that only says when to come back, `data` is empty."""

    data: bytes
    retry_seconds: float | None


class FrameReader:
    """Takes the bytes of one stream in any pieces. What is no whole frame yet waits for the rest."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._cut_off = b""
        """A carriage return at the end of what came: half of a line's end."""

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that these bytes complete. Raises: RefusedError when a frame is endless."""
        # Looking again from the start at each chunk would take forever for a long frame in small pieces.
        start = max(0, len(self._held) - 3)
        chunk = self._cut_off + chunk
        self._cut_off = b"\r" if chunk.endswith(b"\r") else b""
        self._held += chunk.removesuffix(b"\r").replace(b"\r\n", b"\n")
        found: list[Frame] = []
        while (end := self._held.find(b"\n\n", start)) >= 0:
            found.append(_frame(bytes(self._held[:end])))
            del self._held[: end + 2]
            start = 0
        if len(self._held) > _MOST_BYTES:
            raise RefusedError("server", "The server sent an event that is too large to be read.")
        return [frame for frame in found if frame.data or frame.retry_seconds is not None]


def _frame(text: bytes) -> Frame:
    data: list[bytes] = []
    retry = None
    for line in text.split(b"\n"):
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            data.append(value)
        elif name == b"retry" and value.isdigit():
            retry = int(value) / 1000
    return Frame(data=b"\n".join(data), retry_seconds=retry)
