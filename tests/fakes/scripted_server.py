"""A server on loopback that answers as a test tells it, whatever the wire: the script, and what clients do to it.

A wire is a `Wire`: how requests are read and replies written. `scripted_model` has OpenAI's, `scripted_anthropic`
and `scripted_google` theirs. What is refused here is refused by the real ones.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self, assert_never

import msgspec
from aiohttp import web

from tests.patience import PROCESS_PATIENCE


class Function(msgspec.Struct):
    name: str
    arguments: str = "{}"


class SeenCall(msgspec.Struct):
    id: str
    function: Function


class SeenImage(msgspec.Struct):
    media_type: str
    data: str
    """Base64."""


class SeenPdf(msgspec.Struct):
    name: str
    """Empty where the wire has none."""
    data: str
    """Base64."""


class SeenMessage(msgspec.Struct):
    role: str
    content: str | None = None
    tool_calls: list[SeenCall] = []
    tool_call_id: str | None = None
    failed: bool = False
    images: list[SeenImage] = []
    pdfs: list[SeenPdf] = []
    thoughts: list[str] = []
    """Signatures of the thoughts that came back."""


class SeenTool(msgspec.Struct):
    function: dict[str, object]


class SeenRequest(msgspec.Struct):
    """What the client sent, whatever the wire; `bodies` of the server has all of it."""

    model: str
    messages: list[SeenMessage]
    stream: bool = False
    wants_usage: bool = False
    tools: list[SeenTool] = []
    max_tokens: int | None = None

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
    thinking: str = ""
    """Thoughts before the text, word by word."""
    cached: int = 0
    """Tokens of the prompt that came from a cache."""


@dataclass(frozen=True, slots=True)
class CallsTools:
    """Tool calls, perhaps after some text."""

    calls: tuple[Call, ...]
    text: str = ""
    thinking: str = ""
    delay: float = 0.0
    """Seconds before the first word, at most: `release` ends them."""


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


class Wire(Protocol):
    """How one provider speaks."""

    @property
    def paths(self) -> Sequence[str]:
        """Where requests are posted, as aiohttp's routes."""
        ...

    def key_in(self, request: web.Request) -> str | None:
        """The key that came along."""
        ...

    def read(self, body: bytes, request: web.Request) -> SeenRequest:
        """What the client wants. Raises: msgspec.DecodeError, ValueError where the real one would refuse it."""
        ...

    def events(self, reply: Says | CallsTools | BreaksOff | Stalls, seen: SeenRequest) -> list[bytes]:
        """The stream of a reply; of one that breaks off or stalls, only what comes before."""
        ...

    def closing(self, reply: Stalls, seen: SeenRequest) -> list[bytes]:
        """The rest of a stream that stalled."""
        ...

    def whole(self, reply: Says | CallsTools, seen: SeenRequest) -> bytes:
        """The reply in one JSON object."""
        ...

    def error(self, reply: Fails) -> bytes:
        """The body of an error."""
        ...


class ScriptedServer:
    """The server. It gives the scripted replies in order and then follows `rule`; it keeps every request it saw."""

    def __init__(self, wire: Wire, *script: Reply, rule: Rule = obey, port: int = 0, key: str | None = None) -> None:
        self._wire = wire
        self._script = list(script)
        self.rule = rule
        self._port = port
        self._key = key
        self._runner: web.AppRunner | None = None
        self._release = asyncio.Event()
        self.requests: list[SeenRequest] = []
        self.bodies: list[bytes] = []
        self.urls: list[str] = []
        """Path and query of each request."""
        self.headers: list[dict[str, str]] = []
        self.stalled = asyncio.Event()
        """Set when a reply stalls."""
        self.hung_up = asyncio.Event()
        """Set when a client left before its reply was whole."""
        self.root = ""
        """The address without a path."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Listen on loopback; `root` is known afterwards."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        for path in self._wire.paths:
            app.router.add_post(path, self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.root = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

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
        """Let stalled replies come to their end, and later ones not stall."""
        self._release.set()

    def release_once(self) -> None:
        """Let those come to their end that stall now."""
        self._release.set()
        self._release.clear()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.bodies.append(body)
        self.urls.append(request.raw_path)
        self.headers.append(dict(request.headers))
        if self._key is not None and self._wire.key_in(request) != self._key:
            return self._error(Fails(401, "Incorrect API key provided."))
        try:
            seen = self._wire.read(body, request)
        except (msgspec.DecodeError, ValueError) as error:
            return self._error(Fails(400, str(error)))
        self.requests.append(seen)
        reply = self._script.pop(0) if self._script else self.rule(seen)
        try:
            return await self._give(reply, request, seen)
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up.set()
            raise

    async def _give(self, reply: Reply, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        match reply:
            case Fails():
                return self._error(reply)
            case Raw():
                return await _raw(reply, request)
            case Says() | CallsTools() | BreaksOff() | Stalls():
                pass
            case _:
                assert_never(reply)
        if isinstance(reply, Says | CallsTools) and reply.delay:
            await _wait(self._release, reply.delay)
        if not seen.stream and isinstance(reply, Says | CallsTools):
            return web.Response(body=self._wire.whole(reply, seen), content_type="application/json")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for event in self._wire.events(reply, seen):
            await response.write(event)
        if isinstance(reply, BreaksOff):
            assert request.transport is not None
            request.transport.abort()
            return response
        if isinstance(reply, Stalls):
            self.stalled.set()
            await _wait(self._release, PROCESS_PATIENCE)
            for event in self._wire.closing(reply, seen):
                await response.write(event)
        return response

    def _error(self, reply: Fails) -> web.Response:
        return web.Response(
            status=reply.status, body=self._wire.error(reply), content_type="application/json", headers=reply.headers
        )


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


def words(text: str) -> list[str]:
    """The text in pieces of one word and the space before it."""
    first, *others = text.split(" ")
    return [word for word in (first, *(f" {other}" for other in others)) if word]


def pieces(text: str, count: int) -> list[str]:
    """The text cut into so many fragments."""
    size = max(1, -(-len(text) // count))
    return [text[start : start + size] for start in range(0, len(text), size)]


def tokens_in(seen: SeenRequest) -> int:
    """What the prompt costs: a word counts as a token."""
    return sum(len((message.content or "").split()) for message in seen.messages)
