"""A language model that says what a test tells it: a real HTTP server on loopback that speaks OpenAI chat completions.

In a test of ours: `async with ScriptedModel(Says("Hi")) as model:` and point a client to `model.base_url`. As a process of
its own, where the server under test is one too: `python -m tests.fakes.scripted_model --port 0` prints its address and
obeys the last message of the user (see `obey`).
"""

import argparse
import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, assert_never

import msgspec
from aiohttp import web

PATIENCE = 30.0
"""Seconds after which a stalled reply is given up, so that no test hangs on it."""


class Function(msgspec.Struct):
    name: str
    arguments: str = "{}"


class SeenCall(msgspec.Struct):
    id: str
    function: Function


class SeenMessage(msgspec.Struct):
    role: str
    content: str | None = None
    tool_calls: list[SeenCall] = []
    tool_call_id: str | None = None


class SeenTool(msgspec.Struct):
    function: dict[str, object]


class StreamOptions(msgspec.Struct):
    include_usage: bool = False


class SeenRequest(msgspec.Struct):
    """What the client sent. Fields that the wire does not know end up nowhere: `body` of `ScriptedModel` has them."""

    model: str
    messages: list[SeenMessage]
    stream: bool = False
    stream_options: StreamOptions | None = None
    tools: list[SeenTool] = []
    max_tokens: int | None = None
    max_completion_tokens: int | None = None

    @property
    def question(self) -> str:
        """The last thing that the user said."""
        return next((message.content or "" for message in reversed(self.messages) if message.role == "user"), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A tool call that the model makes; `pieces` is into how many fragments its arguments are cut on the wire."""

    tool: str
    arguments: str = "{}"
    call_id: str = ""
    pieces: int = 3


@dataclass(frozen=True, slots=True)
class Says:
    """Text, word by word; `finish` is the wire's reason."""

    text: str
    finish: str = "stop"
    delay: float = 0.0
    """Seconds before the first word."""


@dataclass(frozen=True, slots=True)
class CallsTools:
    """Tool calls, perhaps after some text."""

    calls: tuple[Call, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fails:
    """An error in place of a reply."""

    status: int
    message: str = "Scripted failure."
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class BreaksOff:
    """Some text, then the connection is cut."""

    text: str


@dataclass(frozen=True, slots=True)
class Stalls:
    """Some text (perhaps none), then nothing until `ScriptedModel.release` or the client leaves."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes, whatever they are, one write a chunk."""

    chunks: tuple[bytes, ...]
    content_type: str = "text/event-stream"
    status: int = 200


Reply = Says | CallsTools | Fails | BreaksOff | Stalls | Raw
Rule = Callable[[SeenRequest], Reply]


def obey(request: SeenRequest) -> Reply:
    """Do what the user's last message says; echo it when it says nothing of the kind.

    `say TEXT` · `tool NAME JSON` (then say what the tool answered) · `fail STATUS` · `break TEXT` · `stall TEXT`
    """
    last = request.messages[-1]
    if last.role == "tool":
        return Says(f"The tool said: {last.content}")
    verb, _, rest = request.question.strip().partition(" ")
    match verb:
        case "tool":
            name, _, arguments = rest.partition(" ")
            reply = CallsTools((Call(tool=name, arguments=arguments or "{}", call_id="call_1"),))
        case "say":
            reply = Says(rest)
        case "fail":
            reply = Fails(int(rest))
        case "break":
            reply = BreaksOff(rest)
        case "stall":
            reply = Stalls(rest)
        case _:
            reply = Says(f"You said: {request.question}")
    return reply


class ScriptedModel:
    """The server. It gives the scripted replies in order and then follows `rule`; it keeps every request it saw."""

    def __init__(self, *script: Reply, rule: Rule = obey, port: int = 0, key: str | None = None) -> None:
        self._script = list(script)
        self._rule = rule
        self._port = port
        self._key = key
        self._runner: web.AppRunner | None = None
        self._release = asyncio.Event()
        self.requests: list[SeenRequest] = []
        self.bodies: list[bytes] = []
        self.stalled = asyncio.Event()
        """Set when a reply stalls."""
        self.hung_up = asyncio.Event()
        """Set when a client left before its reply was whole."""
        self.base_url = ""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Listen on loopback; `base_url` is known afterwards."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def close(self) -> None:
        """Stop; replies under way are cut."""
        self._release.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def will(self, *replies: Reply) -> None:
        """Add replies to the script."""
        self._script.extend(replies)

    def release(self) -> None:
        """Let stalled replies come to their end."""
        self._release.set()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.bodies.append(body)
        if self._key is not None and request.headers.get("Authorization") != f"Bearer {self._key}":
            return _error(Fails(401, "Incorrect API key provided."))
        try:
            seen = msgspec.json.decode(body, type=SeenRequest)
        except msgspec.DecodeError as error:
            return _error(Fails(400, f"We could not parse the JSON body: {error}"))
        complaint = complaint_about(seen)
        if complaint is not None:
            return _error(Fails(400, complaint))
        self.requests.append(seen)
        reply = self._script.pop(0) if self._script else self._rule(seen)
        try:
            return await self._give(reply, request, seen)
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up.set()
            raise

    async def _give(self, reply: Reply, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        match reply:
            case Fails():
                return _error(reply)
            case Raw():
                return await _raw(reply, request)
            case Says() | CallsTools() | BreaksOff() | Stalls():
                pass
            case _:
                assert_never(reply)
        if isinstance(reply, Says) and reply.delay:
            await _wait(self._release, reply.delay)
        if not seen.stream and isinstance(reply, Says | CallsTools):
            return web.json_response(body=msgspec.json.encode(whole_reply(reply, seen)))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for chunk in chunks_of(reply, seen):
            await response.write(b"data: " + msgspec.json.encode(chunk) + b"\n\n")
        if isinstance(reply, BreaksOff):
            assert request.transport is not None
            request.transport.abort()
            return response
        if isinstance(reply, Stalls):
            self.stalled.set()
            await _wait(self._release, PATIENCE)
            await response.write(b"data: " + msgspec.json.encode(_chunk(seen, {}, finish="stop")) + b"\n\n")
        await response.write(b"data: [DONE]\n\n")
        return response


def complaint_about(seen: SeenRequest) -> str | None:
    """What the real wire refuses: no messages, calls without answers, answers without calls."""
    if not seen.messages:
        return "[] is too short - 'messages'"
    open_calls: set[str] = set()
    for message in seen.messages:
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
    chunks += [_chunk(seen, {"content": word}) for word in _words(reply.text)]
    if isinstance(reply, BreaksOff | Stalls):
        return chunks
    if isinstance(reply, CallsTools):
        for index, call in enumerate(reply.calls):
            chunks += [_chunk(seen, {"tool_calls": [fragment]}) for fragment in _fragments(index, call)]
    chunks.append(_chunk(seen, {}, finish=_finish(reply)))
    if seen.stream_options is not None and seen.stream_options.include_usage:
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


def _words(text: str) -> list[str]:
    """The text in pieces of one word and the space before it."""
    first, *others = text.split(" ")
    return [word for word in (first, *(f" {other}" for other in others)) if word]


def _fragments(index: int, call: Call) -> list[dict[str, object]]:
    size = max(1, -(-len(call.arguments) // call.pieces))
    fragments: list[dict[str, object]] = [
        {
            "index": index,
            "id": call.call_id or f"call_{index}",
            "type": "function",
            "function": {"name": call.tool, "arguments": ""},
        }
    ]
    cuts = range(0, len(call.arguments), size)
    pieces = (call.arguments[start : start + size] for start in cuts)
    return [*fragments, *({"index": index, "function": {"arguments": piece}} for piece in pieces)]


def _chunk(seen: SeenRequest, delta: dict[str, object], *, finish: str | None = None) -> dict[str, object]:
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": seen.model}
    return {**common, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}


def _usage(reply: Says | CallsTools, seen: SeenRequest) -> dict[str, object]:
    """A word counts as a token."""
    prompt = sum(len((message.content or "").split()) for message in seen.messages)
    completion = len(reply.text.split())
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _error(reply: Fails) -> web.Response:
    error = {"message": reply.message, "type": "scripted", "param": None, "code": reply.code}
    body = msgspec.json.encode({"error": error})
    return web.Response(status=reply.status, body=body, content_type="application/json", headers=reply.headers)


async def _raw(reply: Raw, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.content_type})
    await response.prepare(request)
    for chunk in reply.chunks:
        await response.write(chunk)
    return response


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most that long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


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
