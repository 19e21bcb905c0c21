"""What every wire must do alike, against servers that really speak it: lean ones, and Google's through the bridge."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from tests.agents.wires import (
    LEAN,
    LOOK,
    PAGE,
    PIXEL,
    WIRES,
    Stand,
    WireName,
    asking,
    calls_of,
    stand_of,
    talking,
    text_of,
    thoughts_of,
)
from tests.fakes.models import KEY, QUICK, lean_model
from tests.fakes.scripted_server import BreaksOff, Call, CallsTools, Fails, Raw, Says, Stalls
from tests.patience import PATIENCE
from turnkeeper.agents.model import AssistantMessage, Finished, TextDelta, ToolCall, ToolMessage, UserMessage
from turnkeeper.core.errors import RefusedError, TransientError
from turnkeeper.core.usage import Usage


@pytest.fixture(params=WIRES)
async def stand(request: pytest.FixtureRequest) -> AsyncIterator[Stand]:
    async with stand_of(request.param) as stand:
        yield stand


@pytest.fixture(params=LEAN)
async def lean(request: pytest.FixtureRequest) -> AsyncIterator[Stand]:
    async with stand_of(request.param) as stand:
        yield stand


async def test_text_comes_in_deltas_and_ends_with_what_it_cost(stand: Stand) -> None:
    stand.server.will(Says("Ground control to Major Tom."))

    deltas = await stand.ask()

    assert text_of(deltas) == "Ground control to Major Tom."
    assert deltas[-1] == Finished(usage=Usage(input_tokens=3, output_tokens=5), model="tiny", reason="stop")


async def test_tokens_from_a_cache_are_counted_as_input_and_told_apart(stand: Stand) -> None:
    stand.server.will(Says("Yes.", cached=2))

    last = (await stand.ask())[-1]

    assert isinstance(last, Finished)
    assert last.usage == Usage(input_tokens=3, output_tokens=1, cache_read_tokens=2)


async def test_thoughts_come_before_the_text_and_are_no_part_of_it(stand: Stand) -> None:
    stand.server.will(Says("It is 4.", thinking="Two and two."))

    deltas = await stand.ask()

    assert (thoughts_of(deltas), text_of(deltas)) == ("Two and two.", "It is 4.")


async def test_parallel_tool_calls_come_whole_and_in_their_order(stand: Stand) -> None:
    calls = (Call(tool="look", arguments='{"at": [1, 2, 3]}', call_id="one"), Call(tool="b", call_id="two", pieces=1))
    stand.server.will(CallsTools(calls, text="Let me see."))

    deltas = await stand.ask(asking(tools=(LOOK,)))

    assert text_of(deltas) == "Let me see."
    assert [(call.call_id, call.tool, call.arguments.replace(" ", "")) for call in calls_of(deltas)] == [
        ("one", "look", '{"at":[1,2,3]}'),
        ("two", "b", "{}"),
    ]
    assert isinstance(deltas[-1], Finished)
    assert deltas[-1].reason == "tool_calls"


async def test_the_talk_with_calls_and_answers_is_sent_as_it_was(stand: Stand) -> None:
    calls = tuple(ToolCall(call_id=call_id, tool="look", arguments='{"at":"it"}') for call_id in ("c1", "c2"))
    answers = (
        ToolMessage(call_id="c1", tool="look", content="Seen."),
        ToolMessage(call_id="c2", tool="look", content="Too dark.", failed=True),
    )

    await stand.ask(
        talking(UserMessage(text="Look"), AssistantMessage(text="", tool_calls=calls), *answers, tools=(LOOK,))
    )

    seen = stand.server.requests[0]
    assert [(message.role, message.content or "") for message in seen.messages[:3]] == [
        ("system", "Be brief."),
        ("user", "Look"),
        ("assistant", ""),
    ]
    assert [call.function.arguments for call in seen.messages[2].tool_calls] == ['{"at":"it"}'] * 2
    assert [message.tool_call_id for message in seen.messages[3:]] == ["c1", "c2"]
    assert "Seen." in (seen.messages[3].content or "")
    assert "Too dark." in (seen.messages[4].content or "")
    assert (seen.max_tokens, [tool.function["name"] for tool in seen.tools]) == (99, ["look"])


async def test_a_picture_reaches_the_model(stand: Stand) -> None:
    await stand.ask(talking(UserMessage(text="What is it?", images=(PIXEL,))))

    message = stand.server.requests[0].messages[-1]
    assert message.content == "What is it?"
    assert [(image.media_type, image.data) for image in message.images] == [
        ("image/png", b64encode(PIXEL.data).decode())
    ]


async def test_a_pdf_reaches_the_model_as_it_is(stand: Stand) -> None:
    await stand.ask(talking(UserMessage(text="What is it?", pdfs=(PAGE,), images=(PIXEL,))))

    message = stand.server.requests[0].messages[-1]
    assert message.content == "What is it?"
    assert [(pdf.name, pdf.data) for pdf in message.pdfs] == [
        ("" if stand.name == "google" else "page.pdf", b64encode(PAGE.data).decode())
    ]
    assert len(message.images) == 1


async def test_arguments_that_are_no_json_do_not_spoil_the_next_call(stand: Stand) -> None:
    call = ToolCall(call_id="c1", tool="look", arguments='{"at": ')
    answer = ToolMessage(call_id="c1", tool="look", content="Not valid JSON.", failed=True)

    deltas = await stand.ask(talking(UserMessage(text="Look"), AssistantMessage(text="", tool_calls=(call,)), answer))

    assert isinstance(deltas[-1], Finished)


async def test_a_call_with_arguments_beyond_any_depth_does_not_end_the_talk(lean: Stand) -> None:
    depth = 5_000
    call = ToolCall(call_id="c1", tool="look", arguments='{"at":' + "[" * depth + "]" * depth + "}")
    answer = ToolMessage(call_id="c1", tool="look", content="Nested too deep.", failed=True)

    deltas = await lean.ask(talking(UserMessage(text="Look"), AssistantMessage(text="", tool_calls=(call,)), answer))

    assert isinstance(deltas[-1], Finished)


@pytest.mark.parametrize(("finish", "reason"), [("length", "length"), ("content_filter", "content_filter")])
async def test_the_reason_for_the_end_is_told(stand: Stand, finish: str, reason: str) -> None:
    stand.server.will(Says("And", finish=finish))

    last = (await stand.ask())[-1]

    assert isinstance(last, Finished)
    assert last.reason == reason


async def test_a_rate_limit_is_transient_and_says_when(stand: Stand) -> None:
    stand.server.will(Fails(429, "Slow down.", headers={"Retry-After": "7"}))

    error = await stand.failure()

    assert isinstance(error, TransientError)
    assert error.retry_after == 7.0


@pytest.mark.parametrize("status", [500, 503, 529])
async def test_a_server_failure_is_transient(stand: Stand, status: int) -> None:
    stand.server.will(Fails(status))
    assert isinstance(await stand.failure(), TransientError)


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_refusal_is_final(stand: Stand, status: int) -> None:
    stand.server.will(Fails(status))
    assert isinstance(await stand.failure(), RefusedError)


async def test_no_error_shows_a_key(stand: Stand) -> None:
    wrong = f"{KEY}-wrong"
    stand.server.will(Fails(400, f"Bad request with key {wrong} and Bearer abcdefghijkl."))

    refused, bad = await stand.failure(key=wrong), await stand.failure()

    assert isinstance(refused, RefusedError)
    assert wrong not in f"{refused} {bad}"
    assert "abcdefghijkl" not in str(bad)
    assert "Bad request with key" in str(bad)


@pytest.mark.parametrize(
    "reply",
    [
        Raw((b"<html>Sign in to the hotel's network</html>",), content_type="text/html"),
        Raw((b'{"hello": "world"}',), content_type="application/json"),
        Raw((b"data: not json\n\n",)),
        Raw((b"\x00\xff\x00\xff" * 100,)),
        Raw((b"data: " + b"x" * (5 * 1024 * 1024),)),
    ],
    ids=["html", "other json", "no json", "binary", "an endless event"],
)
async def test_what_is_no_reply_is_refused(lean: Stand, reply: Raw) -> None:
    lean.server.will(reply)
    assert isinstance(await lean.failure(), RefusedError)


@pytest.mark.parametrize(
    "body", [b"data: not json\n\n", b"data: {\n\n", b'data: {"candidates": 5, "choices": 5, "type": 5}\n\n']
)
async def test_garbage_within_the_stream_ends_in_our_error(stand: Stand, body: bytes) -> None:
    stand.server.will(Raw((body,)))
    assert isinstance(await stand.failure(), RefusedError | TransientError)


async def test_a_reply_without_anything_is_transient(stand: Stand) -> None:
    stand.server.will(Raw(()))
    assert isinstance(await stand.failure(), TransientError)


async def test_a_cut_stream_is_transient(stand: Stand) -> None:
    stand.server.will(BreaksOff("I was about to"))
    assert isinstance(await stand.failure(), TransientError)


@pytest.mark.parametrize("text", ["", "Half of"])
async def test_a_silent_model_is_given_up(stand: Stand, text: str) -> None:
    stand.server.will(Stalls(text))
    assert isinstance(await stand.failure(deadlines=QUICK), TransientError)


@pytest.mark.parametrize("name", LEAN)
async def test_a_reply_whose_pieces_are_gathered_is_whole_and_ends_at_once(name: WireName) -> None:
    text = " ".join(["word"] * 2_000)
    async with stand_of(name) as stand, lean_model(name, address=stand.address, gathers_after=0) as model:
        stand.server.will(Says(text), BreaksOff(text))
        async with asyncio.timeout(PATIENCE):
            deltas = [delta async for delta in model.stream(asking())]
            with pytest.raises(TransientError):
                assert not [delta async for delta in model.stream(asking())]
    assert text_of(deltas) == text
    assert len(deltas) < 1_000


async def test_an_unreachable_provider_is_transient(stand: Stand) -> None:
    await stand.server.close()
    assert isinstance(await stand.failure(), TransientError)


async def test_closing_the_reply_early_stops_the_call(stand: Stand) -> None:
    stand.server.will(Stalls("One two three"))
    async with asyncio.timeout(PATIENCE), stand.model() as model:
        async with aclosing(model.stream(asking())) as deltas:
            assert isinstance(await anext(deltas), TextDelta)
        await stand.server.hung_up.wait()


async def test_one_pool_serves_many_calls_at_once(stand: Stand) -> None:
    async with asyncio.timeout(PATIENCE), stand.model() as model:

        async def one(number: int) -> str:
            return text_of([delta async for delta in model.stream(asking(f"say number {number}"))])

        assert await asyncio.gather(*map(one, range(20))) == [f"number {number}" for number in range(20)]
