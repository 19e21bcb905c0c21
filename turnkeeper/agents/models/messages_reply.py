"""A reply of Anthropic's messages wire, read as its bytes come: no sockets here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from turnkeeper.agents.model import Finished, ModelDelta, ToolCall
from turnkeeper.agents.models.failures import Told, broken_off, failure_of, not_the_protocol
from turnkeeper.agents.models.messages_wire import (
    Block,
    BlockDelta,
    Event,
    Thought,
    TokenUsage,
    WireError,
    carried_of,
    reason_of,
    status_of,
    usage_of,
)
from turnkeeper.agents.models.reply_body import ReplyBody, deltas_of
from turnkeeper.core.errors import UpstreamError
from turnkeeper.core.providers import retry_after_of

_DECODER = msgspec.json.Decoder(Event)


@dataclass(slots=True)
class _Call:
    """A tool call under way."""

    call_id: str
    tool: str
    whole: str
    """The arguments, where the block brings them at once."""
    pieces: list[str] = field(default_factory=list[str])


class MessagesReply:
    """Turns the bytes of one reply into deltas: a stream of events or, where the server does not stream, one object."""

    def __init__(self, who: str) -> None:
        """`who` is the model's name, for errors."""
        self._who = who
        self._body = ReplyBody(who)
        self._calls: dict[int, _Call] = {}
        self._thoughts: dict[int, Thought] = {}
        self._shown: dict[int, list[str]] = {}
        self._usages: list[TokenUsage | None] = []
        self._model = ""
        self._stop_reason: str | None = None
        self._has_begun = False
        self.is_done = False
        """The server said that nothing follows."""

    @property
    def is_finished(self) -> bool:
        """The model's reply is whole; what it cost came with its last word."""
        return self.is_done or self._stop_reason is not None

    def feed(self, chunk: bytes) -> list[ModelDelta]:
        """What these bytes bring; see `connections.ReplyReader`."""
        return self._read(self._body.feed(chunk))

    def end(self) -> list[ModelDelta]:
        """What remains; see `connections.ReplyReader`."""
        deltas = self._read(self._body.end())
        if not self.is_finished:
            if self._body.size and not self._has_begun:
                raise not_the_protocol(self._who)
            raise broken_off(self._who)
        calls = [
            ToolCall(call_id=call.call_id, tool=call.tool, arguments="".join(call.pieces) or call.whole)
            for _, call in sorted(self._calls.items())
        ]
        finished = Finished(
            usage=usage_of(*self._usages),
            model=self._model,
            reason=reason_of(self._stop_reason, has_calls=bool(calls)),
            carried=carried_of(self._whole_thoughts()),
        )
        return [*deltas, *calls, finished]

    def _whole_thoughts(self) -> list[Thought]:
        for index, pieces in self._shown.items():
            self._thoughts[index].thinking = "".join(pieces)
        return [thought for _, thought in sorted(self._thoughts.items())]

    def _read(self, events: Sequence[bytes]) -> list[ModelDelta]:
        thoughts: list[str] = []
        texts: list[str] = []
        for data in events:
            try:
                event = _DECODER.decode(data)
            except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                raise not_the_protocol(self._who) from error
            self._take(event, thoughts, texts)
        return deltas_of(thoughts, texts)

    def _take(self, event: Event, thoughts: list[str], texts: list[str]) -> None:
        match event.type:
            case "content_block_delta" if event.delta is not None:
                self._add(event.index, event.delta, thoughts, texts)
            case "content_block_start" if event.content_block is not None:
                self._begin(event.index, event.content_block, thoughts, texts)
            case "message_start" if event.message is not None:
                self._has_begun = True
                self._model = event.message.model or ""
                self._usages.append(event.message.usage)
            case "message_delta":
                self._usages.append(event.usage)
                if event.delta is not None:
                    self._stop_reason = event.delta.stop_reason or self._stop_reason
            case "message_stop":
                self.is_done = True
            case "message":
                self._take_whole(event, thoughts, texts)
            case _ if event.error is not None:
                raise failure_of(status_of(event.error), _told(event.error), who=self._who)
            case _:
                pass  # pings, ends of blocks, and what may be added to the protocol later

    def _take_whole(self, reply: Event, thoughts: list[str], texts: list[str]) -> None:
        """A reply in one object."""
        self._has_begun = self.is_done = True
        self._model = reply.model or ""
        self._stop_reason = reply.stop_reason
        self._usages.append(reply.usage)
        for index, block in enumerate(reply.content or ()):
            self._begin(index, block, thoughts, texts)

    def _begin(self, index: int, block: Block, thoughts: list[str], texts: list[str]) -> None:
        match block.type:
            case "tool_use":
                self._calls[index] = _Call(block.id or "", block.name or "", bytes(block.input).decode() or "{}")
            case "thinking" | "redacted_thinking":
                self._thoughts[index] = Thought(type=block.type, signature=block.signature, data=block.data)
            case _:
                pass
        if block.thinking:
            self._shown.setdefault(index, []).append(block.thinking)
            thoughts.append(block.thinking)
        if block.text:
            texts.append(block.text)

    def _add(self, index: int, delta: BlockDelta, thoughts: list[str], texts: list[str]) -> None:
        if delta.text:
            texts.append(delta.text)
        elif delta.partial_json and index in self._calls:
            self._calls[index].pieces.append(delta.partial_json)
        elif delta.thinking and index in self._thoughts:
            self._shown.setdefault(index, []).append(delta.thinking)
            thoughts.append(delta.thinking)
        elif delta.signature and index in self._thoughts:
            self._thoughts[index].signature = (self._thoughts[index].signature or "") + delta.signature


def failure_of_response(status: int, headers: Mapping[str, str], body: bytes, *, who: str) -> UpstreamError:
    """The failure that an error response of this wire means."""
    try:
        error = _DECODER.decode(body).error or WireError()
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        error = WireError()
    return failure_of(status, _told(error), who=who, retry_after=retry_after_of(headers))


def _told(error: WireError) -> Told:
    return Told(message=error.message, codes=frozenset({error.type or ""}))
