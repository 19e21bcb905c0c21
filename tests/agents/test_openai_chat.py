"""What is particular about the chat-completions wire and the providers that speak it."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.agents.wires import asking, talking, text_of, thoughts_of
from tests.fakes.models import KEY, QUICK, lean_model
from tests.fakes.scripted_model import Fails, Raw, ScriptedModel
from tests.patience import PATIENCE
from turnkeeper.agents.model import (
    AssistantMessage,
    Finished,
    ModelDelta,
    ModelRequest,
    ToolCall,
    ToolMessage,
    ToolSpec,
    UserMessage,
)
from turnkeeper.agents.models.chat_providers import CHAT_PROVIDERS, chat_url
from turnkeeper.agents.models.connections import Deadlines
from turnkeeper.core.errors import InvalidError, RefusedError, StartError, TransientError, UpstreamError
from turnkeeper.core.usage import Usage


@pytest.fixture
async def server() -> AsyncIterator[ScriptedModel]:
    async with ScriptedModel(key=KEY) as model:
        yield model


async def ask(
    server: ScriptedModel,
    request: ModelRequest | None = None,
    *,
    provider: str = "openai",
    address: str | None = None,
    api_version: str | None = None,
    deadlines: Deadlines | None = None,
) -> list[ModelDelta]:
    address = address or server.base_url
    async with (
        asyncio.timeout(PATIENCE),
        lean_model(provider, address=address, api_version=api_version, deadlines=deadlines) as model,
    ):
        return [delta async for delta in model.stream(request or asking())]


async def failure(server: ScriptedModel) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        await ask(server)
    return caught.value


def events(*datas: str) -> Raw:
    return Raw(tuple(f"data: {data}\n\n".encode() for data in datas))


async def test_the_request_on_the_wire(server: ScriptedModel) -> None:
    call = ToolCall(call_id="c1", tool="look", arguments='{"at":"it"}')
    spec = ToolSpec(name="look", description="Look at it.", parameters={"type": "object"})
    messages = (
        UserMessage(text="Look"),
        AssistantMessage(text="", tool_calls=(call,)),
        ToolMessage(call_id="c1", tool="look", content="Seen."),
    )
    await ask(server, talking(*messages, tools=(spec,)))
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
            "max_tokens": 99,
            "tools": [
                {
                    "type": "function",
                    "function": {"name": "look", "description": "Look at it.", "parameters": {"type": "object"}},
                }
            ],
        }
    )


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


async def test_a_server_that_keeps_the_stream_open_after_the_end_does_not_hold_the_answer(
    server: ScriptedModel,
) -> None:
    chunk = b'data: {"choices":[{"delta":{"content":"Done."},"finish_reason":"stop"}]}\n\n'
    async with RawServer(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + chunk) as address:
        assert text_of(await ask(server, address=address, deadlines=QUICK)) == "Done."


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_thoughts_are_read_under_both_of_their_names(server: ScriptedModel, field: str) -> None:
    thought = f'{{"choices":[{{"delta":{{"{field}":"Hm."}}}}]}}'
    server.will(events(thought, '{"choices":[{"delta":{"content":"Yes"},"finish_reason":"stop"}]}'))
    deltas = await ask(server)
    assert (thoughts_of(deltas), text_of(deltas)) == ("Hm.", "Yes")


async def test_thoughts_of_mistral_are_parts_of_the_content(server: ScriptedModel) -> None:
    parts = '[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"Yes"}]'
    server.will(events(f'{{"choices":[{{"delta":{{"content":{parts}}},"finish_reason":"stop"}}]}}'))
    deltas = await ask(server)
    assert (thoughts_of(deltas), text_of(deltas)) == ("Hm.", "Yes")


@pytest.mark.parametrize(
    ("provider", "fields"),
    [
        ("openai", {"max_tokens", "stream_options"}),  # at another address it is taken for a compatible server
        ("azure", {"max_completion_tokens", "stream_options"}),
        ("mistral", {"max_tokens"}),
        ("groq", {"max_completion_tokens", "stream_options"}),
        ("ollama", {"max_tokens", "stream_options"}),
        ("vllm", {"max_tokens", "stream_options"}),
        ("compatible", {"max_tokens", "stream_options"}),
    ],
)
async def test_each_provider_is_asked_in_its_own_way(server: ScriptedModel, provider: str, fields: set[str]) -> None:
    deltas = await ask(server, provider=provider, address=server.root if provider == "azure" else None)
    sent = msgspec.json.decode(server.bodies[0], type=dict[str, object])
    assert sent.keys() - {"model", "messages", "stream"} == fields
    assert text_of(deltas) == "You said: Hi"


def test_openai_at_its_own_address_is_asked_with_the_newer_limit() -> None:
    assert CHAT_PROVIDERS["openai"].limit_field == "max_completion_tokens"
    assert str(chat_url("openai", "https://api.openai.com/v1/", "x")) == "https://api.openai.com/v1/chat/completions"


@pytest.mark.parametrize(
    ("api_version", "url"),
    [
        ("v1", "/openai/v1/chat/completions"),
        ("2024-10-21", "/openai/deployments/tiny/chat/completions?api-version=2024-10-21"),
    ],
)
async def test_azure_has_its_own_addresses_and_header(server: ScriptedModel, api_version: str, url: str) -> None:
    await ask(server, provider="azure", address=server.root, api_version=api_version)
    assert server.urls == [url]
    assert server.headers[0]["api-key"] == KEY
    assert "Authorization" not in server.headers[0]


def test_a_deployment_of_azure_cannot_lead_to_another_address() -> None:
    with pytest.raises(InvalidError):
        chat_url("azure", "https://x.openai.azure.com", "../../files", api_version="2024-10-21")


async def test_azures_content_filter_is_told_apart(server: ScriptedModel) -> None:
    server.will(Fails(400, "The response was filtered.", code="content_filter"))
    assert (await failure(server)).code == "content_filtered"


async def test_mistral_gets_ids_of_nine_letters_that_fit_together(server: ScriptedModel) -> None:
    calls = tuple(ToolCall(call_id=call_id, tool="look", arguments="{}") for call_id in ("call_1-2.1", "abcdefghi"))
    answers = tuple(ToolMessage(call_id=call.call_id, tool="look", content="Seen.") for call in calls)
    await ask(
        server,
        talking(UserMessage(text="Look"), AssistantMessage(text="", tool_calls=calls), *answers),
        provider="mistral",
    )
    messages = server.requests[0].messages
    ids = [call.id for call in messages[2].tool_calls]
    assert [len(each) for each in ids] == [9, 9]
    assert ids[1] == "abcdefghi"
    assert [message.tool_call_id for message in messages[3:]] == ids


@pytest.mark.parametrize(
    ("provider", "model", "sees"),
    [
        ("openai", "gpt-4.1-mini", True),
        ("openai", "gpt-3.5-turbo", False),
        ("openai", "o3-mini", False),
        ("mistral", "mistral-medium-latest", True),
        ("mistral", "codestral-latest", False),
        ("groq", "llama-3.3-70b-versatile", False),
        ("groq", "meta-llama/llama-4-scout-17b-16e-instruct", True),
        ("ollama", "qwen2.5vl:7b", True),
        ("ollama", "qwen3:8b", False),
        ("azure", "my-deployment", True),
    ],
)
def test_models_that_cannot_see_are_known(provider: str, model: str, *, sees: bool) -> None:
    assert bool(CHAT_PROVIDERS[provider].takes(model).images) is sees


@pytest.mark.parametrize(
    ("provider", "model", "reads"),
    [
        ("openai", "gpt-4.1-mini", True),
        ("openai", "gpt-5.2", True),
        ("openai", "gpt-4-turbo", False),
        ("openai", "o3-mini", False),
        ("azure", "my-deployment", False),
        ("mistral", "mistral-medium-latest", False),
        ("ollama", "qwen2.5vl:7b", False),
        ("compatible", "gpt-4.1-mini", False),
    ],
)
def test_models_that_take_pdfs_are_known(provider: str, model: str, *, reads: bool) -> None:
    assert bool(CHAT_PROVIDERS[provider].takes(model).pdf_pages) is reads


@pytest.mark.parametrize("address", ["localhost:8080/v1", "", "ftp://host/v1", "http://", "http://[::1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(StartError):
        chat_url("compatible", address, "x")


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
