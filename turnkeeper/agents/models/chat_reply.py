"""A reply of the chat-completions wire, read as its bytes come: no sockets here."""

from collections.abc import Mapping

import msgspec

from turnkeeper.agents.model import Finished, ModelDelta
from turnkeeper.agents.models.chat_wire import (
    CallAssembly,
    Chunk,
    TokenUsage,
    WireError,
    reason_of,
    text_of,
    thoughts_of,
    usage_of,
)
from turnkeeper.agents.models.failures import Told, broken_off, failure_of, not_the_protocol
from turnkeeper.agents.models.reply_body import ReplyBody, deltas_of
from turnkeeper.core.errors import UpstreamError
from turnkeeper.core.providers import retry_after_of

_DECODER = msgspec.json.Decoder(Chunk)


class ChatReply:
    """Turns the bytes of one reply into deltas: a stream of events or, where the server does not stream, one object."""

    def __init__(self, who: str) -> None:
        """`who` is the model's name, for errors."""
        self._who = who
        self._body = ReplyBody(who)
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

    def feed(self, chunk: bytes) -> list[ModelDelta]:
        """What these bytes bring; see `connections.ReplyReader`."""
        return self._read(self._body.feed(chunk))

    def end(self) -> list[ModelDelta]:
        """What remains; see `connections.ReplyReader`."""
        deltas = self._read(self._body.end())
        if not self._body.is_stream and self._chunks:
            self.is_done = True
        if not self.is_finished:
            if self._body.size and not self._chunks:
                raise not_the_protocol(self._who)
            raise broken_off(self._who)
        calls = self._assembly.calls()
        reason = reason_of(self._finish_reason, has_calls=bool(calls))
        return [*deltas, *calls, Finished(usage=usage_of(self._usage), model=self._model, reason=reason)]

    def _read(self, events: list[bytes]) -> list[ModelDelta]:
        thoughts: list[str] = []
        texts: list[str] = []
        for event in events:
            if event[:1] != b"{" and event.strip() == b"[DONE]":
                self.is_done = True
                break
            try:
                chunk = _DECODER.decode(event)
            except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                raise not_the_protocol(self._who) from error
            self._take(chunk, thoughts, texts)
        return deltas_of(thoughts, texts)

    def _take(self, chunk: Chunk, thoughts: list[str], texts: list[str]) -> None:
        # Once a token: what is not there is not asked for further.
        if (chunk.error is not None or chunk.object == "error") and (error := chunk.error_told()) is not None:
            # An error within a stream has no status of its own; an unknown one may get better.
            raise failure_of(error.code if isinstance(error.code, int) else 500, _told(error), who=self._who)
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
            content = delta.content
            if (delta.reasoning_content or delta.reasoning or type(content) is list) and (
                thought := thoughts_of(delta)
            ):
                thoughts.append(thought)
            if content:
                texts.append(content if type(content) is str else text_of(content))
            if delta.refusal:
                texts.append(delta.refusal)
            if delta.tool_calls:
                self._assembly.add(delta.tool_calls)


def failure_of_response(status: int, headers: Mapping[str, str], body: bytes, *, who: str) -> UpstreamError:
    """The failure that an error response of this wire means."""
    try:
        chunk = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        chunk = Chunk()
    error = chunk.error_told() or WireError(message=chunk.message, code=chunk.code)
    return failure_of(status, _told(error), who=who, retry_after=retry_after_of(headers))


def _told(error: WireError) -> Told:
    return Told(message=error.message, codes=frozenset({str(error.code), str(error.type)}))
