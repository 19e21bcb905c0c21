"""The shapes of Anthropic's messages: what we send, and the parts of what comes back that we read.

Source: the reference of `POST /v1/messages` (version 2026-10-21), its pages on streaming, thinking and prompt caching.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import assert_never

import msgspec

from turnkeeper.agents.model import (
    AssistantMessage,
    FinishReason,
    Image,
    ModelMessage,
    ModelRequest,
    Pdf,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from turnkeeper.core.usage import Usage

Json = dict[str, object]

_CACHED: Json = {"type": "ephemeral"}
"""Up to here the prompt is kept at the provider for five minutes; reading it again costs a tenth."""

_NOTHING_SAID = "(no text)"
"""The wire refuses messages and texts that are blank."""


class Block(msgspec.Struct):
    """A part of a reply: text, thoughts with their signature, hidden thoughts (`data`), or a tool call."""

    type: str = ""
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw()


class BlockDelta(msgspec.Struct):
    """What an event adds to a block, or (`stop_reason`) says of the whole reply."""

    type: str = ""
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class TokenUsage(msgspec.Struct):
    """What the call cost so far. `input_tokens` are those that no cache had to do with."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class Reply(msgspec.Struct):
    """The reply's head in a stream, or all of it."""

    model: str | None = None
    content: list[Block] | None = None
    stop_reason: str | None = None
    usage: TokenUsage | None = None


class WireError(msgspec.Struct):
    """Why the server refused. `type` is one of a few fixed words."""

    type: str | None = None
    message: str | None = None


class Event(msgspec.Struct):
    """One event of a stream; also a whole reply (`type` is `message`) or an error response (`error`)."""

    type: str = ""
    index: int = 0
    message: Reply | None = None
    content_block: Block | None = None
    delta: BlockDelta | None = None
    usage: TokenUsage | None = None
    error: WireError | None = None
    model: str | None = None
    content: list[Block] | None = None
    stop_reason: str | None = None


def body_of(request: ModelRequest, *, model: str, thinking: str | None = None) -> Json:
    """The JSON of a streaming request.

    `thinking` is `adaptive`, or a number of tokens that the model may think in addition to its answer; None leaves it to
    the model. What is the same in every call of an agent (tools, instructions) is marked to be cached, and so is the talk
    while tools are being called, as the next call repeats it.
    """
    body: Json = {
        "model": model,
        "max_tokens": request.max_output_tokens,
        "messages": _messages(request.messages),
        "stream": True,
    }
    if request.instructions.strip():
        body["system"] = [{"type": "text", "text": request.instructions, "cache_control": _CACHED}]
    if request.tools:
        tools: list[Json] = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
            for tool in request.tools
        ]
        tools[-1]["cache_control"] = _CACHED
        body["tools"] = tools
    if thinking == "adaptive":
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
    elif thinking is not None:
        body["thinking"] = {"type": "enabled", "budget_tokens": int(thinking)}
        body["max_tokens"] = request.max_output_tokens + int(thinking)
    return body


def _messages(messages: Sequence[ModelMessage]) -> list[Json]:
    """The talk. Answers of tools are said by the user, all those to one reply in one message."""
    found: list[Json] = []
    blocks: list[Json] = []
    role = ""
    for message in messages:
        its_role = "assistant" if isinstance(message, AssistantMessage) else "user"
        if its_role != role:
            blocks = []
            role = its_role
            found.append({"role": role, "content": blocks})
        blocks += _blocks(message)
    if blocks and isinstance(messages[-1], ToolMessage):
        blocks[-1]["cache_control"] = _CACHED
    return found


def _blocks(message: ModelMessage) -> list[Json]:
    match message:
        case UserMessage():
            shown = [*map(_document, message.pdfs), *map(_image, message.images)]
            return [*shown, *_text(message.text, is_needed=not shown)]
        case AssistantMessage():
            calls = [_tool_use(call) for call in message.tool_calls]
            return [*carried_blocks(message.carried), *_text(message.text, is_needed=not calls), *calls]
        case ToolMessage():
            answer: Json = {
                "type": "tool_result",
                "tool_use_id": _id_for(message.call_id),
                "content": message.content,
            }
            return [answer | {"is_error": True}] if message.failed else [answer]
        case _:
            assert_never(message)


def _document(pdf: Pdf) -> Json:
    source = {"type": "base64", "media_type": "application/pdf", "data": b64encode(pdf.data).decode()}
    return {"type": "document", "source": source, "title": pdf.name}


def _image(image: Image) -> Json:
    source = {"type": "base64", "media_type": image.media_type, "data": b64encode(image.data).decode()}
    return {"type": "image", "source": source}


def _text(text: str, *, is_needed: bool) -> list[Json]:
    if text.strip():
        return [{"type": "text", "text": text}]
    return [{"type": "text", "text": _NOTHING_SAID}] if is_needed else []


def _tool_use(call: ToolCall) -> Json:
    return {"type": "tool_use", "id": _id_for(call.call_id), "name": call.tool, "input": _object(call.arguments)}


def _object(arguments: str) -> dict[str, msgspec.Raw]:
    """The arguments as the object that the wire wants; an empty one where the model wrote none."""
    try:
        return msgspec.json.decode(arguments, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


_ID = re.compile(r"[a-zA-Z0-9_-]+")


def _id_for(call_id: str) -> str:
    """The call's id in the letters that the wire takes; always the same for the same id."""
    return call_id if _ID.fullmatch(call_id) else f"call_{sha256(call_id.encode()).hexdigest()[:24]}"


class Thought(msgspec.Struct, omit_defaults=True):
    """A block of thinking as it must come back with the reply: shown and signed, or hidden in `data`."""

    type: str
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None


def carried_of(thoughts: Sequence[Thought]) -> str | None:
    """The thoughts as text to carry. Without a signature the provider would refuse them, so these are left out."""
    whole = [thought for thought in thoughts if thought.signature or thought.data]
    return msgspec.json.encode(whole).decode() if whole else None


def carried_blocks(carried: str | None) -> list[Json]:
    """The thoughts to send back; none when the text is not what `carried_of` made."""
    try:
        thoughts = msgspec.json.decode(carried or "[]", type=list[Thought])
    except msgspec.DecodeError:
        return []
    blocks: list[Json] = []
    for thought in thoughts:
        if thought.data:
            blocks.append({"type": thought.type, "data": thought.data})
        else:
            # A thought that is not displayed is empty, and its signature is what counts: the field must be there.
            blocks.append({"type": thought.type, "thinking": thought.thinking or "", "signature": thought.signature})
    return blocks


def usage_of(*told: TokenUsage | None) -> Usage:
    """What the call cost: of each count the last that was told. Tokens read from or written to a cache are input too."""
    plain = output = read = written = 0
    for usage in told:
        if usage is not None:
            plain = plain if usage.input_tokens is None else usage.input_tokens
            output = output if usage.output_tokens is None else usage.output_tokens
            read = read if usage.cache_read_input_tokens is None else usage.cache_read_input_tokens
            written = written if usage.cache_creation_input_tokens is None else usage.cache_creation_input_tokens
    return Usage(
        input_tokens=plain + read + written,
        output_tokens=output,
        cache_read_tokens=read,
        cache_write_tokens=written,
    )


def reason_of(stop_reason: str | None, *, has_calls: bool) -> FinishReason:
    """Why the reply ended; an unknown word counts as `stop`."""
    match stop_reason:
        case "max_tokens" | "model_context_window_exceeded":
            return "length"
        case "refusal":
            return "content_filter"
        case _:
            return "tool_calls" if has_calls else "stop"


_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def status_of(error: WireError) -> int:
    """The status that an error within a stream would have had as a response; an unknown one may get better."""
    return _STATUSES.get(error.type or "", 500)
