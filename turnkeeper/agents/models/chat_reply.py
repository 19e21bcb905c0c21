"""A reply of the chat-completions wire, read as its bytes come: no sockets here."""

import msgspec

from turnkeeper.agents.model import Finished, ModelDelta, TextDelta
from turnkeeper.agents.models.chat_errors import failure_in_stream, not_the_protocol
from turnkeeper.agents.models.chat_wire import CallAssembly, Chunk, TokenUsage, reason_of, text_of, usage_of
from turnkeeper.agents.models.event_stream import EventStream, TooLongError
from turnkeeper.core.errors import TransientError

LONGEST_EVENT = 4 * 1024 * 1024
LONGEST_REPLY = 64 * 1024 * 1024
"""Bytes on the wire; a token takes some 200 of them in a stream."""

_DECODER = msgspec.json.Decoder(Chunk)


class ReplyReader:
    """Turns the bytes of one reply into deltas: a stream of events or, where the server does not stream, one object."""

    def __init__(self, who: str) -> None:
        """`who` is the model's name, for errors."""
        self._who = who
        self._size = 0
        self._head = b""
        self._is_stream: bool | None = None
        self._events = EventStream(LONGEST_EVENT)
        self._assembly = CallAssembly()
        self._chunks = 0
        self._usage: TokenUsage | None = None
        self._model = ""
        self._finish_reason: str | None = None
        self.is_done = False
        """The server said that nothing follows."""

    @property
    def is_finished(self) -> bool:
        """The model's reply is whole; only what it cost may still follow."""
        return self.is_done or self._finish_reason is not None

    def feed(self, chunk: bytes) -> TextDelta | None:
        """The text that these bytes bring, if any.

        Raises:
            TransientError: the stream tells of a failure that may get better.
            RefusedError: it tells of one that will not, or is no chat completion, or is far too long.
        """
        self._size += len(chunk)
        if self._size > LONGEST_REPLY:
            raise not_the_protocol(self._who)
        if self._is_stream is None:
            self._head += chunk
            start = self._head.lstrip(b"\xef\xbb\xbf \t\r\n")
            if not start:
                return None
            self._is_stream = not start.startswith((b"{", b"<", b"["))
            chunk, self._head = start, b""
        if not self._is_stream:
            self._head += chunk
            if len(self._head) > LONGEST_EVENT:
                raise not_the_protocol(self._who)
            return None
        try:
            events = self._events.feed(chunk)
        except TooLongError as error:
            raise not_the_protocol(self._who) from error
        return self._read(events)

    def end(self) -> list[ModelDelta]:
        """What remains when no more bytes come: text, tool calls, and the end.

        Raises:
            TransientError: the reply is not whole.
            RefusedError: what came is no chat completion.
        """
        if self._is_stream:
            text = self._read(self._events.end())
        else:
            text = self._read([self._head] if self._head else [])
            self.is_done = self._chunks > 0
        if not self.is_finished:
            if self._size and not self._chunks:
                raise not_the_protocol(self._who)
            raise TransientError(self._who, "The model provider broke off in the middle of the reply.")
        calls = self._assembly.calls()
        reason = reason_of(self._finish_reason, has_calls=bool(calls))
        finished = Finished(usage=usage_of(self._usage), model=self._model, reason=reason)
        return [*([text] if text else []), *calls, finished]

    def _read(self, events: list[bytes]) -> TextDelta | None:
        texts: list[str] = []
        for event in events:
            if event.strip() == b"[DONE]":
                self.is_done = True
                break
            try:
                chunk = _DECODER.decode(event)
            except (msgspec.DecodeError, UnicodeError) as error:
                raise not_the_protocol(self._who) from error
            self._take(chunk, texts)
        text = texts[0] if len(texts) == 1 else "".join(texts)
        return TextDelta(text=text) if text else None

    def _take(self, chunk: Chunk, texts: list[str]) -> None:
        if (error := chunk.error_told()) is not None:
            raise failure_in_stream(error, who=self._who)
        if chunk.choices is None and chunk.usage is None:
            return  # a notice of the server's own, such as a ping
        self._chunks += 1
        self._usage = chunk.usage or self._usage
        self._model = chunk.model or self._model
        for choice in chunk.choices or ():
            self._finish_reason = choice.finish_reason or self._finish_reason
            delta = choice.delta or choice.message
            if delta is None:
                continue
            if delta.content:
                texts.append(text_of(delta.content))
            if delta.refusal:
                texts.append(delta.refusal)
            if delta.tool_calls:
                self._assembly.add(delta.tool_calls)
