"""The chat-completions client against a server that really speaks the wire, and that sometimes does not."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import aclosing

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.fakes.scripted_model import (
    BreaksOff,
    Call,
    CallsTools,
    Fails,
    Raw,
    Says,
    ScriptedModel,
    Stalls,
)
from turnkeeper.agents.model import (
    AssistantMessage,
    Finished,
    ModelDelta,
    ModelRequest,
    TextDelta,
    ToolCall,
    ToolMessage,
    ToolSpec,
    UserMessage,
)
from turnkeeper.agents.models.openai_chat import Deadlines, OpenAIChat
from turnkeeper.core.errors import InvalidError, RefusedError, StartError, TransientError, UpstreamError
from turnkeeper.core.usage import Usage

KEY = "sk-very-secret-0123456789abcdef"
QUICK = Deadlines(connect=2.0, first_byte=0.2, between_bytes=0.2, after_end=0.2)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedModel]:
    async with ScriptedModel(key=KEY) as model:
        yield model


def asking(question: str = "Hi") -> ModelRequest:
    return ModelRequest(
        instructions="Be brief.", messages=(UserMessage(text=question),), tools=(), max_output_tokens=99
    )


async def ask(
    server: ScriptedModel,
    request: ModelRequest | None = None,
    *,
    key: str | None = KEY,
    deadlines: Deadlines | None = None,
) -> list[ModelDelta]:
    endpoint = OpenAIChat(base_url=server.base_url, api_key=key, deadlines=deadlines)
    await endpoint.open()
    try:
        async with asyncio.timeout(5):
            return [delta async for delta in endpoint.model("tiny").stream(request or asking())]
    finally:
        await endpoint.close()


async def failure(server: ScriptedModel, *, key: str | None = KEY, deadlines: Deadlines | None = None) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        await ask(server, key=key, deadlines=deadlines)
    return caught.value


def text_of(deltas: list[ModelDelta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


def events(*datas: str) -> Raw:
    return Raw(tuple(f"data: {data}\n\n".encode() for data in datas))


async def test_text_comes_in_deltas_and_ends_with_what_it_cost(server: ScriptedModel) -> None:
    server.will(Says("Ground control to Major Tom."))
    deltas = await ask(server)
    assert text_of(deltas) == "Ground control to Major Tom."
    assert deltas[-1] == Finished(usage=Usage(input_tokens=3, output_tokens=5), model="tiny", reason="stop")


async def test_the_request_on_the_wire(server: ScriptedModel) -> None:
    call = ToolCall(call_id="c1", tool="look", arguments='{"at":"it"}')
    spec = ToolSpec(name="look", description="Look at it.", parameters={"type": "object"})
    messages = (
        UserMessage(text="Look"),
        AssistantMessage(text="", tool_calls=(call,)),
        ToolMessage(call_id="c1", tool="look", content="Seen."),
    )
    await ask(server, ModelRequest(instructions="Be brief.", messages=messages, tools=(spec,), max_output_tokens=7))
    assert msgspec.json.decode(server.bodies[0]) == snapshot(
        {
            "model": "tiny",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Look"},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at":"it"}'}}
                    ],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "Seen."},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": 7,
            "tools": [
                {
                    "type": "function",
                    "function": {"name": "look", "description": "Look at it.", "parameters": {"type": "object"}},
                }
            ],
        }
    )


async def test_fragments_of_parallel_tool_calls_are_assembled(server: ScriptedModel) -> None:
    calls = (Call(tool="a", arguments='{"x": [1, 2, 3]}', call_id="one"), Call(tool="b", call_id="two", pieces=1))
    server.will(CallsTools(calls, text="Let me see."))
    deltas = await ask(server)
    assert text_of(deltas) == "Let me see."
    assert [delta for delta in deltas if isinstance(delta, ToolCall)] == [
        ToolCall(call_id="one", tool="a", arguments='{"x": [1, 2, 3]}'),
        ToolCall(call_id="two", tool="b", arguments="{}"),
    ]
    assert isinstance(deltas[-1], Finished)
    assert deltas[-1].reason == "tool_calls"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Gemini's wire: whole calls without an index; an object in place of JSON text.
        (
            '{"id":"one","function":{"name":"a","arguments":"{}"}}',
            '{"id":"two","function":{"name":"b","arguments":{}}}',
        ),
        # A server that numbers every call 0.
        (
            '{"index":0,"id":"one","function":{"name":"a","arguments":"{}"}}',
            '{"index":0,"id":"two","function":{"name":"b","arguments":"{}"}}',
        ),
    ],
)
async def test_calls_of_servers_that_number_them_badly_are_kept_apart(
    server: ScriptedModel, first: str, second: str
) -> None:
    delta = f'{{"tool_calls":[{first},{second}]}}'
    server.will(events(f'{{"choices":[{{"delta":{delta},"finish_reason":"stop"}}]}}', "[DONE]"))
    deltas = await ask(server)
    assert deltas[:2] == [
        ToolCall(call_id="one", tool="a", arguments="{}"),
        ToolCall(call_id="two", tool="b", arguments="{}"),
    ]


HALF, REST = b'{"choices":[{"delta":{"content":"H\xc3', b'\xa9y"},"finish_reason":"stop"}]}'
PARTS = (HALF + REST).replace(b'"H\xc3\xa9y"', b'[{"type":"thinking"},{"type":"text","text":"H\xc3\xa9y"}]')


@pytest.mark.parametrize(
    "chunks",
    [
        (b"data:" + HALF, REST + b"\r\n\r", b"\ndata: [DO", b"NE]\r\n\r\n"),
        (b": ping\n\n", b"event: m\nid: 7\ndata: " + HALF + REST + b"\n\n"),
        (b"data: " + HALF + REST.replace(b"}]}", b"}\ndata: ]}") + b"\n\ndata: [DONE]",),
        (b"data: " + HALF + REST,),
        (b"\xef\xbb\xbfdata: " + PARTS + b"\n\n",),
        (b" " + (HALF + REST).replace(b"delta", b"message"),),
    ],
    ids=[
        "cut anywhere, CRLF",
        "comments, ids, no DONE",
        "an event of two lines",
        "no last line end",
        "BOM, parts",
        "JSON",
    ],
)
async def test_every_lawful_framing_is_read_alike(server: ScriptedModel, chunks: tuple[bytes, ...]) -> None:
    server.will(Raw(chunks), Raw(chunks, content_type="text/plain"))
    for deltas in (await ask(server), await ask(server)):
        assert text_of(deltas) == "Héy"
        assert deltas[-1] == Finished(usage=Usage(), model="", reason="stop")


@pytest.mark.parametrize(
    ("word", "reason"), [("length", "length"), ("content_filter", "content_filter"), ("eos", "stop")]
)
async def test_the_reason_for_the_end_is_told(server: ScriptedModel, word: str, reason: str) -> None:
    server.will(Says("And", finish=word))
    last = (await ask(server))[-1]
    assert isinstance(last, Finished)
    assert last.reason == reason


async def test_a_rate_limit_is_transient_and_says_when(server: ScriptedModel) -> None:
    server.will(Fails(429, "Slow down.", headers={"Retry-After": "7"}))
    error = await failure(server)
    assert isinstance(error, TransientError)
    assert error.retry_after == 7.0


async def test_a_date_to_retry_after_in_the_past_means_now(server: ScriptedModel) -> None:
    server.will(Fails(503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}))
    error = await failure(server)
    assert isinstance(error, TransientError)
    assert error.retry_after == 0.0


@pytest.mark.parametrize("status", [408, 500, 502, 503, 529])
async def test_a_server_failure_is_transient(server: ScriptedModel, status: int) -> None:
    server.will(Fails(status))
    assert isinstance(await failure(server), TransientError)


@pytest.mark.parametrize("status", [302, 400, 403, 404, 422])
async def test_a_refusal_is_final(server: ScriptedModel, status: int) -> None:
    server.will(Fails(status))
    assert isinstance(await failure(server), RefusedError)


async def test_a_used_up_quota_is_final_although_its_status_is_429(server: ScriptedModel) -> None:
    server.will(Fails(429, "You exceeded your current quota.", code="insufficient_quota"))
    assert isinstance(await failure(server), RefusedError)


async def test_a_conversation_that_is_too_long_is_told_apart(server: ScriptedModel) -> None:
    server.will(Fails(400, "This model's maximum context length is 8192 tokens.", code="context_length_exceeded"))
    assert (await failure(server)).code == "context_too_long"


async def test_no_error_shows_a_key(server: ScriptedModel) -> None:
    wrong = f"{KEY}-wrong"
    server.will(Fails(400, f"Bad request with key {wrong} and Bearer abcdefghijkl."))
    refused = await failure(server, key=wrong)
    bad = await failure(server)
    assert isinstance(refused, RefusedError)
    assert wrong not in f"{refused} {bad}"
    assert "abcdefghijkl" not in str(bad)
    assert "Bad request with key" in str(bad)


@pytest.mark.parametrize(
    "reply",
    [
        Raw((b"<html>Sign in to the hotel's network</html>",), content_type="text/html"),
        Raw((b'{"hello": "world"}',), content_type="application/json"),
        Raw((b"[1]",), content_type="application/json"),
        Raw((b"data: not json\n\n",)),
        Raw((b'data: {"choices": 5}\n\n',)),
        Raw((b"\x00\xff\x00\xff" * 100,)),
        Raw((b"data: " + b"x" * (5 * 1024 * 1024),)),
    ],
    ids=["html", "other json", "a list", "no json", "wrong types", "binary", "an endless event"],
)
async def test_what_is_no_chat_completion_is_refused(server: ScriptedModel, reply: Raw) -> None:
    server.will(reply)
    assert isinstance(await failure(server), RefusedError)


async def test_a_cut_stream_is_transient(server: ScriptedModel) -> None:
    server.will(BreaksOff("I was about to"))
    assert isinstance(await failure(server), TransientError)


async def test_a_stream_that_ends_too_early_is_transient(server: ScriptedModel) -> None:
    server.will(events('{"choices":[{"delta":{"content":"I was"}}]}'))
    assert isinstance(await failure(server), TransientError)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ('{"error":{"message":"Overloaded","type":"server_error"}}', TransientError),
        ('{"error":"CUDA out of memory"}', TransientError),
        ('{"error":{"message":"Bad tool","code":400}}', RefusedError),
        ('{"object":"error","message":"Too long","code":400}', RefusedError),
    ],
)
async def test_an_error_within_the_stream_is_understood(
    server: ScriptedModel, error: str, kind: type[UpstreamError]
) -> None:
    server.will(events('{"choices":[{"delta":{"content":"I"}}]}', error))
    assert type(await failure(server)) is kind


@pytest.mark.parametrize("text", ["", "Half of"])
async def test_a_silent_model_is_given_up(server: ScriptedModel, text: str) -> None:
    server.will(Stalls(text))
    assert isinstance(await failure(server, deadlines=QUICK), TransientError)


async def test_a_server_that_keeps_the_stream_open_after_the_end_does_not_hold_the_answer(
    server: ScriptedModel,
) -> None:
    chunk = b'data: {"choices":[{"delta":{"content":"Done."},"finish_reason":"stop"}]}\n\n'
    async with RawServer(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + chunk) as address:
        server.base_url = address
        assert text_of(await ask(server, deadlines=QUICK)) == "Done."


async def test_an_unreachable_provider_is_transient(server: ScriptedModel) -> None:
    await server.close()
    assert isinstance(await failure(server), TransientError)


async def test_closing_the_reply_early_stops_the_call(server: ScriptedModel) -> None:
    server.will(Stalls("One two three"))
    endpoint = OpenAIChat(base_url=server.base_url, api_key=KEY)
    await endpoint.open()
    async with asyncio.timeout(5):
        async with aclosing(endpoint.model("tiny").stream(asking())) as deltas:
            assert isinstance(await anext(deltas), TextDelta)
        await server.hung_up.wait()
    await endpoint.close()


async def test_one_endpoint_serves_many_calls_at_once(server: ScriptedModel) -> None:
    endpoint = OpenAIChat(base_url=server.base_url, api_key=KEY)
    await endpoint.open()

    async def one(number: int) -> str:
        return text_of([delta async for delta in endpoint.model("tiny").stream(asking(f"say number {number}"))])

    async with asyncio.timeout(5):
        assert await asyncio.gather(*map(one, range(20))) == [f"number {number}" for number in range(20)]
    await endpoint.close()


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(StartError):
        OpenAIChat(base_url="localhost:8080/v1", api_key=None)


def test_a_model_needs_a_name() -> None:
    with pytest.raises(InvalidError):
        OpenAIChat(base_url="http://localhost/v1", api_key=None).model(" ")


@pytest.mark.parametrize("stream", [True, False])
async def test_the_scripted_server_satisfies_the_official_client(server: ScriptedModel, *, stream: bool) -> None:
    openai = importlib.import_module("openai")  # Slow, and its types are not ours to check
    client = openai.AsyncOpenAI(base_url=server.base_url, api_key=KEY, max_retries=0, timeout=5)
    question = [{"role": "user", "content": "say Hello there"}]
    reply = await client.chat.completions.create(model="tiny", messages=question, stream=stream)
    if stream:
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in reply])
    else:
        text = reply.choices[0].message.content
    assert text == "Hello there"
    server.will(CallsTools((Call(tool="look", arguments='{"at": 1}'),)))
    called = await client.chat.completions.create(model="tiny", messages=question)
    assert called.choices[0].message.tool_calls[0].function.arguments == '{"at": 1}'
    server.will(Fails(429))
    with pytest.raises(openai.RateLimitError):
        await client.chat.completions.create(model="tiny", messages=question)
    await client.close()


class RawServer:
    """A listener on loopback that answers every connection with the same bytes and keeps it open."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self._answer)
        await writer.drain()
        await reader.read()
        writer.close()
