"""The scripted servers satisfy the vendors' own clients, so that what our wires are tested against is not our invention."""

import importlib
from base64 import b64encode
from collections.abc import AsyncIterator

import pytest

from tests.agents.wires import PAGE, PIXEL
from tests.fakes.models import KEY
from tests.fakes.scripted_anthropic import ScriptedAnthropic
from tests.fakes.scripted_google import ScriptedGoogle
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.scripted_server import BreaksOff, Call, CallsTools, Fails, Says
from tests.patience import PATIENCE

# The clients are slow to import, and their types are not ours to check.
# pyright: basic
# ruff: noqa: ANN001, ANN201

CALLS = (Call(tool="look", arguments='{"at": 1}', call_id="one"), Call(tool="stop", call_id="two"))
DATA = b64encode(PIXEL.data).decode()
PDF = b64encode(PAGE.data).decode()


class TestOpenAI:
    @pytest.fixture
    async def server(self) -> AsyncIterator[ScriptedModel]:
        async with ScriptedModel(key=KEY) as server:
            yield server

    @pytest.fixture
    async def client(self, server: ScriptedModel):
        openai = importlib.import_module("openai")
        async with openai.AsyncOpenAI(base_url=server.base_url, api_key=KEY, max_retries=0, timeout=PATIENCE) as client:
            yield client.chat.completions

    async def test_a_stream_with_its_usage(self, server: ScriptedModel, client) -> None:
        server.will(Says("Hello there", thinking="Hm hm", cached=1))
        stream = await client.create(
            model="tiny",
            messages=[{"role": "user", "content": "Hi you"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
        deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
        assert "".join(delta.content or "" for delta in deltas) == "Hello there"
        assert "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas) == "Hm hm"
        assert chunks[-2].choices[0].finish_reason == "stop"
        usage = chunks[-1].usage
        assert (usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details.cached_tokens) == (2, 2, 1)

    async def test_tool_calls_streamed_and_whole(self, server: ScriptedModel, client) -> None:
        server.will(CallsTools(CALLS), CallsTools(CALLS))
        question = [{"role": "user", "content": "Hi"}]
        whole = (await client.create(model="tiny", messages=question)).choices[0]
        assert whole.finish_reason == "tool_calls"
        assert [call.function.arguments for call in whole.message.tool_calls] == ['{"at": 1}', "{}"]
        pieces: dict[int, str] = {}
        async for chunk in await client.create(model="tiny", messages=question, stream=True):
            for part in chunk.choices[0].delta.tool_calls or ():
                pieces[part.index] = pieces.get(part.index, "") + part.function.arguments
        assert pieces == {0: '{"at": 1}', 1: "{}"}

    async def test_a_picture_and_the_answer_of_a_tool(self, server: ScriptedModel, client) -> None:
        url = f"data:image/png;base64,{DATA}"
        call = {"id": "one", "type": "function", "function": {"name": "look", "arguments": "{}"}}
        await client.create(
            model="tiny",
            messages=[
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": url}}],
                },
                {"role": "assistant", "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "one", "content": "Seen."},
            ],
        )
        messages = server.requests[0].messages
        assert (messages[0].images[0].media_type, messages[0].images[0].data) == ("image/png", DATA)
        assert messages[2].content == "Seen."

    async def test_a_pdf(self, server: ScriptedModel, client) -> None:
        openai = importlib.import_module("openai")
        for data in (f"data:application/pdf;base64,{PDF}", "data:text/plain;base64,SGk="):
            part = {"type": "file", "file": {"filename": "page.pdf", "file_data": data}}
            asked = client.create(model="tiny", messages=[{"role": "user", "content": [part]}])
            if data.startswith("data:text"):
                with pytest.raises(openai.BadRequestError):
                    await asked
            else:
                await asked
        (pdf,) = server.requests[0].messages[0].pdfs
        assert (pdf.name, pdf.data) == ("page.pdf", PDF)

    async def test_errors(self, server: ScriptedModel, client) -> None:
        openai = importlib.import_module("openai")
        server.will(Fails(429), Fails(500), BreaksOff("I was"))
        question = [{"role": "user", "content": "Hi"}]
        for kind in (openai.RateLimitError, openai.InternalServerError):
            with pytest.raises(kind):
                await client.create(model="tiny", messages=question)
        with pytest.raises(openai.APIConnectionError):
            async for _ in await client.create(model="tiny", messages=question, stream=True):
                pass
        with pytest.raises(openai.BadRequestError):
            await client.create(model="tiny", messages=[])


class TestAnthropic:
    @pytest.fixture
    async def server(self) -> AsyncIterator[ScriptedAnthropic]:
        async with ScriptedAnthropic(key=KEY) as server:
            yield server

    @pytest.fixture
    async def client(self, server: ScriptedAnthropic):
        anthropic = importlib.import_module("anthropic")
        async with anthropic.AsyncAnthropic(
            base_url=server.root, api_key=KEY, max_retries=0, timeout=PATIENCE
        ) as client:
            yield client.messages

    async def test_a_stream_with_thoughts_and_usage(self, server: ScriptedAnthropic, client) -> None:
        server.will(Says("Hello there", thinking="Hm hm", cached=1))
        async with client.stream(
            model="tiny", max_tokens=9, messages=[{"role": "user", "content": "Hi you"}]
        ) as stream:
            said = "".join([text async for text in stream.text_stream])
            message = await stream.get_final_message()
        assert said == "Hello there"
        assert [block.type for block in message.content] == ["thinking", "text"]
        assert (message.content[0].thinking, bool(message.content[0].signature)) == ("Hm hm", True)
        usage = message.usage
        assert (usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens) == (1, 1, 4)
        assert message.stop_reason == "end_turn"

    async def test_tool_calls_streamed_and_whole(self, server: ScriptedAnthropic, client) -> None:
        server.will(CallsTools(CALLS, text="I look."), CallsTools(CALLS))
        asked = {"model": "tiny", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
        async with client.stream(**asked) as stream:
            streamed = await stream.get_final_message()
        whole = await client.create(**asked)
        for message in (streamed, whole):
            assert message.stop_reason == "tool_use"
            calls = [block for block in message.content if block.type == "tool_use"]
            assert [(call.id, call.name, call.input) for call in calls] == [
                ("one", "look", {"at": 1}),
                ("two", "stop", {}),
            ]

    async def test_a_picture_and_the_answer_of_a_tool(self, server: ScriptedAnthropic, client) -> None:
        image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}}
        await client.create(
            model="tiny",
            max_tokens=9,
            system="Be brief.",
            messages=[
                {"role": "user", "content": [image, {"type": "text", "text": "See"}]},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "one", "name": "look", "input": {}}]},
                {
                    "role": "user",
                    "content": [{"type": "tool_result", "tool_use_id": "one", "content": "No.", "is_error": True}],
                },
            ],
        )
        messages = server.requests[0].messages
        assert (messages[1].images[0].media_type, messages[1].images[0].data) == ("image/png", DATA)
        assert (messages[3].content, messages[3].failed) == ("No.", True)

    async def test_a_pdf(self, server: ScriptedAnthropic, client) -> None:
        source = {"type": "base64", "media_type": "application/pdf", "data": PDF}
        document = {"type": "document", "source": source, "title": "page.pdf"}
        question = [{"role": "user", "content": [document, {"type": "text", "text": "See"}]}]
        await client.create(model="tiny", max_tokens=9, messages=question)
        (pdf,) = server.requests[0].messages[0].pdfs
        assert (pdf.name, pdf.data, server.requests[0].messages[0].images) == ("page.pdf", PDF, [])

    async def test_errors(self, server: ScriptedAnthropic, client) -> None:
        anthropic = importlib.import_module("anthropic")
        server.will(Fails(429), Fails(529), Fails(500), BreaksOff("I was"))
        asked = {"model": "tiny", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
        for kind, word in (
            (anthropic.RateLimitError, "rate_limit_error"),
            (anthropic.InternalServerError, "overloaded_error"),
            (anthropic.InternalServerError, "api_error"),
        ):
            with pytest.raises(kind) as caught:
                await client.create(**asked)
            assert caught.value.body["error"]["type"] == word
        with pytest.raises(Exception, match=r"peer closed|incomplete|disconnected|onnection"):
            async with client.stream(**asked) as stream:
                await stream.get_final_message()
        with pytest.raises(anthropic.BadRequestError):
            await client.create(model="tiny", max_tokens=9, messages=[])


class TestGoogle:
    @pytest.fixture
    async def server(self) -> AsyncIterator[ScriptedGoogle]:
        async with ScriptedGoogle(key=KEY) as server:
            yield server

    @pytest.fixture
    def models(self, server: ScriptedGoogle):
        genai = importlib.import_module("google.genai")
        return genai.Client(api_key=KEY, http_options={"base_url": server.root, "timeout": 5_000}).aio.models

    async def test_a_stream_with_thoughts_and_usage(self, server: ScriptedGoogle, models) -> None:
        server.will(Says("Hello there", thinking="Hm hm", cached=1))
        chunks = [chunk async for chunk in await models.generate_content_stream(model="tiny", contents="Hi you")]
        parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts]
        assert "".join(part.text for part in parts if not part.thought) == "Hello there"
        assert "".join(part.text for part in parts if part.thought) == "Hm hm"
        usage = chunks[-1].usage_metadata
        assert (usage.prompt_token_count, usage.candidates_token_count, usage.thoughts_token_count) == (2, 2, 2)
        assert usage.cached_content_token_count == 1
        assert chunks[-1].candidates[0].finish_reason.name == "STOP"

    async def test_tool_calls_streamed_and_whole(self, server: ScriptedGoogle, models) -> None:
        server.will(CallsTools(CALLS), CallsTools(CALLS))
        whole = await models.generate_content(model="tiny", contents="Hi")
        streamed = [chunk async for chunk in await models.generate_content_stream(model="tiny", contents="Hi")]
        for calls in (whole.function_calls, [call for chunk in streamed for call in chunk.function_calls or ()]):
            assert [(call.id, call.name, call.args) for call in calls] == [
                ("one", "look", {"at": 1}),
                ("two", "stop", {}),
            ]

    async def test_a_picture_and_the_answer_of_a_tool(self, server: ScriptedGoogle, models) -> None:
        types = importlib.import_module("google.genai.types")
        await models.generate_content(
            model="tiny",
            contents=[
                types.UserContent([types.Part.from_bytes(data=PIXEL.data, mime_type="image/png"), "See"]),
                types.ModelContent([types.Part.from_function_call(name="look", args={})]),
                types.UserContent([types.Part.from_function_response(name="look", response={"result": "Seen."})]),
            ],
            config=types.GenerateContentConfig(system_instruction="Be brief.", max_output_tokens=9),
        )
        seen = server.requests[0]
        assert (seen.messages[1].images[0].media_type, seen.messages[1].images[0].data) == ("image/png", DATA)
        assert (seen.messages[0].content, seen.messages[3].content, seen.max_tokens) == ("Be brief.", "Seen.", 9)

    async def test_a_pdf(self, server: ScriptedGoogle, models) -> None:
        types = importlib.import_module("google.genai.types")
        part = types.Part.from_bytes(data=PAGE.data, mime_type="application/pdf")
        await models.generate_content(model="tiny", contents=[types.UserContent([part, "See"])])
        (pdf,) = server.requests[0].messages[0].pdfs
        assert (pdf.data, server.requests[0].messages[0].images) == (PDF, [])

    async def test_errors(self, server: ScriptedGoogle, models) -> None:
        errors = importlib.import_module("google.genai.errors")
        server.will(Fails(429), Fails(503), Fails(400))
        for kind, status in (
            (errors.ClientError, "RESOURCE_EXHAUSTED"),
            (errors.ServerError, "UNAVAILABLE"),
            (errors.ClientError, "INVALID_ARGUMENT"),
        ):
            with pytest.raises(kind) as caught:
                await models.generate_content(model="tiny", contents="Hi")
            assert caught.value.status == status
