"""A model of Anthropic's that says what a test tells it: `POST /v1/messages` over real HTTP on loopback.

Source: the reference of the Messages API, and its pages on streaming, tool use, thinking and errors. The official client
is a client of this one in its test, so that the script is not our own misunderstanding.
"""

import re
from collections.abc import Sequence

import msgspec
from aiohttp import web

from tests.fakes.scripted_server import (
    BreaksOff,
    CallsTools,
    Fails,
    Function,
    Reply,
    Rule,
    Says,
    ScriptedServer,
    SeenCall,
    SeenImage,
    SeenMessage,
    SeenPdf,
    SeenRequest,
    SeenTool,
    Stalls,
    obey,
    pieces,
    tokens_in,
    words,
)

SIGNATURE = "EqQBCgIYAhIM-signed"
_PDF = "application/pdf"
_IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class Source(msgspec.Struct):
    type: str
    media_type: str
    data: str


class Block(msgspec.Struct):
    type: str
    text: str | None = None
    source: Source | None = None
    title: str | None = None
    id: str | None = None
    name: str | None = None
    input: dict[str, object] | None = None
    tool_use_id: str | None = None
    content: str | None = None
    is_error: bool = False
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    cache_control: dict[str, str] | None = None


class AnthropicMessage(msgspec.Struct):
    role: str
    content: str | list[Block]


class Tool(msgspec.Struct):
    name: str
    input_schema: dict[str, object]
    description: str = ""
    cache_control: dict[str, str] | None = None


class Thinking(msgspec.Struct):
    type: str
    budget_tokens: int = 0
    display: str | None = None


class AnthropicRequest(msgspec.Struct, forbid_unknown_fields=True):
    model: str
    messages: list[AnthropicMessage]
    max_tokens: int
    system: str | list[Block] = ""
    stream: bool = False
    tools: list[Tool] = []
    thinking: Thinking | None = None


class ScriptedAnthropic(ScriptedServer):
    """The server; `root` is the address that the official client takes."""

    def __init__(self, *script: Reply, rule: Rule = obey, port: int = 0, key: str | None = None) -> None:
        super().__init__(AnthropicWire(), *script, rule=rule, port=port, key=key)


class AnthropicWire:
    """See `scripted_server.Wire`."""

    paths = ("/v1/messages",)

    def key_in(self, request: web.Request) -> str | None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return request.headers.get("x-api-key") or bearer

    def read(self, body: bytes, request: web.Request) -> SeenRequest:
        if request.headers.get("anthropic-version") not in {"2023-06-01", "2026-10-21"}:
            raise ValueError("anthropic-version: header is required")
        asked = msgspec.json.decode(body, type=AnthropicRequest)
        _check(asked)
        system = asked.system if isinstance(asked.system, str) else "".join(each.text or "" for each in asked.system)
        messages = [SeenMessage(role="system", content=system)] if system else []
        for message in asked.messages:
            messages += _seen(message)
        return SeenRequest(
            model=asked.model,
            messages=messages,
            stream=asked.stream,
            wants_usage=True,
            tools=[SeenTool(function={"name": tool.name, "parameters": tool.input_schema}) for tool in asked.tools],
            max_tokens=asked.max_tokens,
        )

    def events(self, reply: Says | CallsTools | BreaksOff | Stalls, seen: SeenRequest) -> list[bytes]:
        head: dict[str, object] = {"id": "msg_01", "type": "message", "role": "assistant", "model": seen.model}
        usage = _usage(reply, seen) | {"output_tokens": 1}
        head |= {"content": (), "stop_reason": None, "stop_sequence": None, "usage": usage}
        events = [event("message_start", message=head), event("ping")]
        for index, block in enumerate(_blocks(reply)):
            events += _block_events(index, block, reply)
        return events if isinstance(reply, BreaksOff | Stalls) else [*events, *_end(reply)]

    def closing(self, reply: Stalls, seen: SeenRequest) -> list[bytes]:
        return _end(Says(reply.text))

    def whole(self, reply: Says | CallsTools, seen: SeenRequest) -> bytes:
        common = {"id": "msg_01", "type": "message", "role": "assistant", "model": seen.model, "stop_sequence": None}
        rest = {"content": _blocks(reply), "stop_reason": _stop_reason(reply), "usage": _usage(reply, seen)}
        return msgspec.json.encode(common | rest)

    def error(self, reply: Fails) -> bytes:
        kind = reply.code or _TYPES.get(reply.status, "api_error")
        error = {"type": kind, "message": reply.message}
        return msgspec.json.encode({"type": "error", "error": error, "request_id": "req_01"})


def event(name: str, **fields: object) -> bytes:
    """One event as it stands on the wire."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode({"type": name, **fields}))


def _check(asked: AnthropicRequest) -> None:
    """What the real one answers 400 to."""
    if not asked.messages or asked.messages[0].role != "user":
        raise ValueError('messages: first message must use the "user" role')
    if asked.messages[-1].role != "user":
        raise ValueError("This model does not support assistant message prefill.")
    open_calls: set[str] = set()
    for message in asked.messages:
        blocks = message.content if isinstance(message.content, list) else []
        if not message.content:
            raise ValueError("messages: all messages must have non-empty content")
        for block in blocks:
            _check_block(block, message.role)
        answered = {block.tool_use_id or "" for block in blocks if block.type == "tool_result"}
        if answered != open_calls:
            raise ValueError("tool_use ids were found without tool_result blocks immediately after, or the reverse")
        open_calls = {block.id or "" for block in blocks if block.type == "tool_use"}
    thinking = asked.thinking
    if thinking is not None and thinking.type == "enabled" and not 1_024 <= thinking.budget_tokens < asked.max_tokens:
        raise ValueError("max_tokens must be greater than thinking.budget_tokens, which is at least 1024")
    marked = [tool for tool in asked.tools if tool.cache_control]
    marked_blocks = [block for message in asked.messages for block in message.content if _is_marked(block)]
    if len(marked) + len(marked_blocks) + sum(map(_is_marked, asked.system)) > 4:
        raise ValueError("A maximum of 4 blocks with cache_control may be provided.")


def _is_marked(block: Block | str) -> bool:
    return isinstance(block, Block) and block.cache_control is not None


def _check_block(block: Block, role: str) -> None:
    """Refuse a block as the real one does."""
    writer, complaint, is_right = {
        "text": (role, "text content blocks must contain non-whitespace text", bool((block.text or "").strip())),
        "image": ("user", "image source is wrong", block.source is not None and block.source.media_type in _IMAGES),
        "document": (
            "user",
            "document.source is wrong",
            block.source is not None and (block.source.type, block.source.media_type) == ("base64", _PDF),
        ),
        "tool_use": (
            "assistant",
            "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
            re.fullmatch(r"[a-zA-Z0-9_-]+", block.id or "") is not None and block.input is not None,
        ),
        "tool_result": ("user", "tool_result.tool_use_id: Field required", bool(block.tool_use_id)),
        "thinking": (
            "assistant",
            "Invalid `signature` in `thinking` block",
            block.signature == SIGNATURE and block.thinking is not None,
        ),
        "redacted_thinking": ("assistant", "redacted_thinking.data: Field required", bool(block.data)),
    }.get(block.type, ("", f"Input tag {block.type!r} is not known", False))
    if role != writer or not is_right:
        raise ValueError(f"messages: {complaint}")


def _seen(message: AnthropicMessage) -> list[SeenMessage]:
    """The message as one of the chat wire: answers of tools are messages of their own there."""
    if isinstance(message.content, str):
        return [SeenMessage(role=message.role, content=message.content)]
    answers = [
        SeenMessage(role="tool", content=block.content, tool_call_id=block.tool_use_id, failed=block.is_error)
        for block in message.content
        if block.type == "tool_result"
    ]
    others = [block for block in message.content if block.type != "tool_result"]
    if not others:
        return answers
    said = SeenMessage(
        role=message.role,
        content="".join(block.text or "" for block in others),
        tool_calls=[_seen_call(block) for block in others if block.type == "tool_use"],
        images=[
            SeenImage(media_type=block.source.media_type, data=block.source.data)
            for block in others
            if block.source is not None and block.type == "image"
        ],
        pdfs=[
            SeenPdf(name=block.title or "", data=block.source.data)
            for block in others
            if block.source is not None and block.type == "document"
        ],
        thoughts=[block.signature or block.data or "" for block in others if "thinking" in block.type],
    )
    return [*answers, said]


def _seen_call(block: Block) -> SeenCall:
    arguments = msgspec.json.encode(block.input).decode()
    return SeenCall(id=block.id or "", function=Function(name=block.name or "", arguments=arguments))


def _blocks(reply: Says | CallsTools | BreaksOff | Stalls) -> list[dict[str, object]]:
    """The whole content of the reply."""
    blocks: list[dict[str, object]] = []
    if isinstance(reply, Says | CallsTools) and reply.thinking:
        blocks.append({"type": "thinking", "thinking": reply.thinking, "signature": SIGNATURE})
    if reply.text:
        blocks.append({"type": "text", "text": reply.text})
    if isinstance(reply, CallsTools):
        for number, call in enumerate(reply.calls):
            made = {"id": call.call_id or f"toolu_{number}", "name": call.tool}
            blocks.append({"type": "tool_use", **made, "input": msgspec.json.decode(call.arguments)})
    return blocks


def _block_events(
    index: int, block: dict[str, object], reply: Says | CallsTools | BreaksOff | Stalls
) -> Sequence[bytes]:
    match block:
        case {"type": "text", "text": str(text)}:
            begun: dict[str, object] = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": word} for word in words(text)]
        case {"type": "thinking", "thinking": str(text), "signature": str(signature)}:
            begun = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": word} for word in words(text)]
            deltas.append({"type": "signature_delta", "signature": signature})
        case _:
            assert isinstance(reply, CallsTools)
            call = next(each for each in reply.calls if block["name"] == each.tool)
            begun = {**block, "input": {}}
            fragments = ["", *pieces(call.arguments, call.pieces)] if call.arguments != "{}" else [""]
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in fragments]
    return [
        event("content_block_start", index=index, content_block=begun),
        *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
        event("content_block_stop", index=index),
    ]


def _end(reply: Says | CallsTools) -> list[bytes]:
    delta = {"stop_reason": _stop_reason(reply), "stop_sequence": None}
    return [
        event("message_delta", delta=delta, usage={"output_tokens": _output_tokens(reply)}),
        event("message_stop"),
    ]


_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def _stop_reason(reply: Says | CallsTools) -> str:
    return _REASONS.get(reply.finish, reply.finish) if isinstance(reply, Says) else "tool_use"


def _output_tokens(reply: Says | CallsTools) -> int:
    return len(reply.text.split()) + len(reply.thinking.split())


def _usage(reply: Says | CallsTools | BreaksOff | Stalls, seen: SeenRequest) -> dict[str, int]:
    """A word counts as a token; what came from the cache is not counted as input here."""
    cached = reply.cached if isinstance(reply, Says) else 0
    output = _output_tokens(reply) if isinstance(reply, Says | CallsTools) else 0
    return {
        "input_tokens": tokens_in(seen) - cached,
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": 0,
        "output_tokens": output,
    }
