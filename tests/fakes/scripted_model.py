"""A language model that says what a test tells it: a real HTTP server on loopback that speaks OpenAI chat completions.

In a test of ours: `async with ScriptedModel(Says("Hi")) as model:` and point a client to `model.base_url`. As a process of
its own, where the server under test is one too: `python -m tests.fakes.scripted_model --port 0` prints its address and
obeys the last message of the user (see `obey`).
"""

import argparse
import asyncio
from collections.abc import Sequence

import msgspec
from aiohttp import web

from tests.fakes.scripted_server import (
    BreaksOff,
    Call,
    CallsTools,
    Fails,
    Function,
    Raw,
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

__all__ = [
    "BreaksOff",
    "Call",
    "CallsTools",
    "Fails",
    "Raw",
    "Reply",
    "Rule",
    "Says",
    "ScriptedModel",
    "SeenRequest",
    "Stalls",
    "obey",
]


class ImageUrl(msgspec.Struct):
    url: str


class File(msgspec.Struct):
    filename: str
    file_data: str


class Part(msgspec.Struct):
    type: str
    text: str = ""
    image_url: ImageUrl | None = None
    file: File | None = None


class ChatMessage(msgspec.Struct):
    role: str
    content: str | list[Part] | None = None
    tool_calls: list[SeenCall] = []
    tool_call_id: str | None = None


class StreamOptions(msgspec.Struct):
    include_usage: bool = False


class ChatRequest(msgspec.Struct):
    model: str
    messages: list[ChatMessage]
    stream: bool = False
    stream_options: StreamOptions | None = None
    tools: list[SeenTool] = []
    max_tokens: int | None = None
    max_completion_tokens: int | None = None


class ScriptedModel(ScriptedServer):
    """OpenAI's chat completions, and Azure's addresses of them."""

    def __init__(self, *script: Reply, rule: Rule = obey, port: int = 0, key: str | None = None) -> None:
        super().__init__(ChatWire(), *script, rule=rule, port=port, key=key)
        self._base_url: str | None = None

    @property
    def base_url(self) -> str:
        """What stands before `/chat/completions`."""
        return self._base_url or f"{self.root}/v1"


class ChatWire:
    """See `scripted_server.Wire`."""

    paths = (
        "/v1/chat/completions",
        "/openai/v1/chat/completions",
        "/openai/deployments/{deployment}/chat/completions",
    )

    def key_in(self, request: web.Request) -> str | None:
        header = request.headers.get("Authorization", "")
        return header.removeprefix("Bearer ") if header.startswith("Bearer ") else request.headers.get("api-key")

    def read(self, body: bytes, request: web.Request) -> SeenRequest:
        asked = msgspec.json.decode(body, type=ChatRequest)
        messages = [_seen(message) for message in asked.messages]
        if (complaint := complaint_about(messages)) is not None:
            raise ValueError(complaint)
        return SeenRequest(
            model=asked.model,
            messages=messages,
            stream=asked.stream,
            wants_usage=asked.stream_options is not None and asked.stream_options.include_usage,
            tools=asked.tools,
            max_tokens=asked.max_tokens or asked.max_completion_tokens,
        )

    def events(self, reply: Says | CallsTools | BreaksOff | Stalls, seen: SeenRequest) -> list[bytes]:
        events = [b"data: " + msgspec.json.encode(chunk) + b"\n\n" for chunk in chunks_of(reply, seen)]
        return events if isinstance(reply, BreaksOff | Stalls) else [*events, b"data: [DONE]\n\n"]

    def closing(self, reply: Stalls, seen: SeenRequest) -> list[bytes]:
        last = msgspec.json.encode(_chunk(seen, {}, finish="stop"))
        return [b"data: " + last + b"\n\n", b"data: [DONE]\n\n"]

    def whole(self, reply: Says | CallsTools, seen: SeenRequest) -> bytes:
        return msgspec.json.encode(whole_reply(reply, seen))

    def error(self, reply: Fails) -> bytes:
        error = {"message": reply.message, "type": "scripted", "param": None, "code": reply.code}
        return msgspec.json.encode({"error": error})


def _seen(message: ChatMessage) -> SeenMessage:
    content, images, pdfs = message.content, list[SeenImage](), list[SeenPdf]()
    if isinstance(content, list):
        for part in content:
            if part.image_url is not None:
                head, _, data = part.image_url.url.partition(";base64,")
                images.append(SeenImage(media_type=head.removeprefix("data:"), data=data))
            if part.file is not None:
                head, _, data = part.file.file_data.partition(";base64,")
                if message.role != "user" or head != "data:application/pdf" or not part.file.filename:
                    raise ValueError("Invalid file data: expected a base64-encoded data URL of a PDF.")
                pdfs.append(SeenPdf(name=part.file.filename, data=data))
        content = "".join(part.text for part in content)
    return SeenMessage(
        role=message.role,
        content=content,
        tool_calls=message.tool_calls,
        tool_call_id=message.tool_call_id,
        images=images,
        pdfs=pdfs,
    )


def complaint_about(messages: Sequence[SeenMessage]) -> str | None:
    """What the real wire refuses: no messages, calls without answers, answers without calls."""
    if not messages:
        return "[] is too short - 'messages'"
    open_calls: set[str] = set()
    for message in messages:
        if message.role == "tool":
            if message.tool_call_id not in open_calls:
                return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            open_calls.discard(message.tool_call_id)
        elif open_calls:
            return f"An assistant message with 'tool_calls' must be followed by tool messages for {sorted(open_calls)}."
        else:
            open_calls = {call.id for call in message.tool_calls}
    return None


def chunks_of(reply: Says | CallsTools | BreaksOff | Stalls, seen: SeenRequest) -> list[dict[str, object]]:
    """The stream's chunks, as OpenAI sends them: the role, words or fragments of calls, the reason, the usage."""
    chunks = [_chunk(seen, {"role": "assistant", "content": ""})]
    if isinstance(reply, Says | CallsTools):
        chunks += [_chunk(seen, {"reasoning_content": word}) for word in words(reply.thinking)]
    chunks += [_chunk(seen, {"content": word}) for word in words(reply.text)]
    if isinstance(reply, BreaksOff | Stalls):
        return chunks
    if isinstance(reply, CallsTools):
        for index, call in enumerate(reply.calls):
            chunks += [_chunk(seen, {"tool_calls": [fragment]}) for fragment in _fragments(index, call)]
    chunks.append(_chunk(seen, {}, finish=_finish(reply)))
    if seen.wants_usage:
        chunks.append({**_chunk(seen, {}), "choices": [], "usage": _usage(reply, seen)})
    return chunks


def whole_reply(reply: Says | CallsTools, seen: SeenRequest) -> dict[str, object]:
    """The reply in one JSON object, for a request that did not ask for a stream."""
    message: dict[str, object] = {"role": "assistant", "content": reply.text or None}
    if isinstance(reply, CallsTools):
        message["tool_calls"] = [
            {
                "id": call.call_id or f"call_{index}",
                "type": "function",
                "function": {"name": call.tool, "arguments": call.arguments},
            }
            for index, call in enumerate(reply.calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply), "logprobs": None}
    common = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": seen.model}
    return {**common, "choices": [choice], "usage": _usage(reply, seen)}


def _finish(reply: Says | CallsTools) -> str:
    return reply.finish if isinstance(reply, Says) else "tool_calls"


def _fragments(index: int, call: Call) -> list[dict[str, object]]:
    function = Function(name=call.tool, arguments="")
    first: dict[str, object] = {
        "index": index,
        "id": call.call_id or f"call_{index}",
        "type": "function",
        "function": function,
    }
    rest = pieces(call.arguments, call.pieces)
    return [first, *({"index": index, "function": {"arguments": piece}} for piece in rest)]


def _chunk(seen: SeenRequest, delta: dict[str, object], *, finish: str | None = None) -> dict[str, object]:
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": seen.model}
    return {**common, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}


def _usage(reply: Says | CallsTools, seen: SeenRequest) -> dict[str, object]:
    """A word counts as a token."""
    prompt, completion = tokens_in(seen), len(reply.text.split())
    usage: dict[str, object] = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    if isinstance(reply, Says) and reply.cached:
        usage["prompt_tokens_details"] = {"cached_tokens": reply.cached}
    return usage


async def _serve(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay-ms", type=float, default=0.0, help="before the first word of every answer")
    parser.add_argument("--words", type=int, default=0, help="answer with so many words in place of an echo")
    options = parser.parse_args(arguments)

    def rule(request: SeenRequest) -> Reply:
        reply = Says(" ".join(["word"] * options.words)) if options.words else obey(request)
        return Says(reply.text, reply.finish, options.delay_ms / 1000) if isinstance(reply, Says) else reply

    async with ScriptedModel(rule=rule, port=options.port) as model:
        print(model.base_url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(_serve())
    except KeyboardInterrupt:
        raise SystemExit(0) from None
