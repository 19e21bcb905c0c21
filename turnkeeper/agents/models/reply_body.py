"""The body of a model's reply, whatever the wire: bytes in, the JSON of each event out."""

from turnkeeper.agents.model import ModelDelta, TextDelta, ThinkingDelta
from turnkeeper.agents.models.event_stream import EventStream, TooLongError
from turnkeeper.agents.models.failures import not_the_protocol

LONGEST_EVENT = 4 * 1024 * 1024
LONGEST_REPLY = 64 * 1024 * 1024
"""Bytes on the wire; a token takes some 200 of them in a stream."""


class ReplyBody:
    """Judges a body by its first bytes, not by its content type: a stream of events, or one JSON object."""

    def __init__(self, who: str) -> None:
        """`who` is the model's name, for errors."""
        self._who = who
        self._events = EventStream(LONGEST_EVENT)
        self._held = bytearray()
        self.size = 0
        """Bytes that came so far."""
        self.is_stream: bool | None = None
        """None until the first byte that is not a space."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that these bytes complete.

        Raises:
            RefusedError: the reply is longer than any reply could be.
        """
        self.size += len(chunk)
        if self.size > LONGEST_REPLY:
            raise not_the_protocol(self._who)
        if self.is_stream is None:
            start = (bytes(self._held) + chunk).lstrip(b"\xef\xbb\xbf \t\r\n")
            self._held[:] = b"" if start else bytes(self._held) + chunk
            if not start:
                return []
            self.is_stream = not start.startswith((b"{", b"<", b"["))
            chunk = start
        if not self.is_stream:
            self._held += chunk
            if len(self._held) > LONGEST_EVENT:
                raise not_the_protocol(self._who)
            return []
        try:
            return self._events.feed(chunk)
        except TooLongError as error:
            raise not_the_protocol(self._who) from error

    def end(self) -> list[bytes]:
        """What is left when no more bytes come: the stream's last event, or the one object."""
        if self.is_stream:
            return self._events.end()
        return [bytes(self._held)] if self.is_stream is False else []


def deltas_of(thoughts: list[str], texts: list[str]) -> list[ModelDelta]:
    """What came at once, as few deltas as possible; thoughts come before the text that they lead to."""
    deltas: list[ModelDelta] = []
    if thoughts:
        deltas.append(ThinkingDelta(text="".join(thoughts)))
    text = texts[0] if len(texts) == 1 else "".join(texts)
    if text:
        deltas.append(TextDelta(text=text))
    return deltas
