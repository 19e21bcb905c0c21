"""What is particular about Anthropic's messages wire."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.agents.wires import LOOK, PIXEL, Stand, asking, calls_of, stand_of, talking, text_of, thoughts_of
from tests.fakes.models import lean_model
from tests.fakes.scripted_anthropic import SIGNATURE, event
from tests.fakes.scripted_server import Call, CallsTools, Fails, Raw, Says
from tests.patience import PATIENCE
from turnkeeper.agents.model import (
    AssistantMessage,
    Finished,
    ModelDelta,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from turnkeeper.agents.models.anthropic_messages import messages_url
from turnkeeper.agents.models.chat_providers import http_address
from turnkeeper.core.errors import RefusedError, TransientError, UpstreamError
from turnkeeper.core.usage import Usage

CALL = ToolCall(call_id="c1", tool="look", arguments='{"at":"it"}')
ANSWER = ToolMessage(call_id="c1", tool="look", content="Too dark.", failed=True)
HEAD = event("message_start", message={"model": "tiny", "content": [], "usage": {"input_tokens": 3}})


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with stand_of("anthropic") as stand:
        yield stand


def finished(deltas: list[ModelDelta]) -> Finished:
    assert isinstance(deltas[-1], Finished)
    return deltas[-1]


async def test_the_request_on_the_wire(stand: Stand) -> None:
    question = UserMessage(text="Look", images=(PIXEL,))

    await stand.ask(talking(question, AssistantMessage(text="I look.", tool_calls=(CALL,)), ANSWER, tools=(LOOK,)))

    sent = msgspec.json.decode(stand.server.bodies[0])
    sent["messages"][0]["content"][0]["source"]["data"] = "…"
    assert sent == snapshot(
        {
            "model": "tiny",
            "max_tokens": 99,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "…"}},
                        {"type": "text", "text": "Look"},
                    ],
                },
                {
                    "role": "assistant",
                    "content": [
                        {"type": "text", "text": "I look."},
                        {"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "it"}},
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "tool_use_id": "c1",
                            "content": "Too dark.",
                            "is_error": True,
                            "cache_control": {"type": "ephemeral"},
                        }
                    ],
                },
            ],
            "stream": True,
            "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
            "tools": [
                {
                    "name": "look",
                    "description": "Look at it.",
                    "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]},
                    "cache_control": {"type": "ephemeral"},
                }
            ],
        }
    )


async def test_a_model_that_is_told_to_think_gets_its_tokens_on_top(stand: Stand) -> None:
    for thinking in ("adaptive", "2000"):
        async with (
            asyncio.timeout(PATIENCE),
            lean_model("anthropic", address=stand.address, thinking=thinking) as model,
        ):
            assert [delta async for delta in model.stream(asking())]

    sent = [msgspec.json.decode(body, type=dict[str, object]) for body in stand.server.bodies]
    assert [(each["thinking"], each["max_tokens"]) for each in sent] == [
        ({"type": "adaptive", "display": "summarized"}, 99),
        ({"type": "enabled", "budget_tokens": 2000}, 2099),
    ]


async def test_signed_thoughts_come_back_before_the_calls_that_they_led_to(stand: Stand) -> None:
    stand.server.will(CallsTools((Call(tool="look", arguments='{"at":"it"}', call_id="c1"),), thinking="Dark in here."))
    carried = finished(await stand.ask(asking(tools=(LOOK,)))).carried

    await stand.ask(
        talking(UserMessage(text="Hi"), AssistantMessage(text="", tool_calls=(CALL,), carried=carried), ANSWER)
    )

    assert stand.server.requests[1].messages[2].thoughts == [SIGNATURE]
    sent = msgspec.json.decode(stand.server.bodies[1])
    assert [block["type"] for block in sent["messages"][1]["content"]] == ["thinking", "tool_use"]
    assert sent["messages"][1]["content"][0]["thinking"] == "Dark in here."


async def test_hidden_thoughts_come_back_too(stand: Stand) -> None:
    hidden = {"type": "redacted_thinking", "data": "opaque"}
    omitted = {"type": "thinking", "thinking": "", "signature": ""}
    signed = {"type": "signature_delta", "signature": SIGNATURE}
    stand.server.will(
        Raw(
            (
                HEAD,
                event("content_block_start", index=0, content_block=hidden),
                event("content_block_start", index=1, content_block=omitted),
                event("content_block_delta", index=1, delta=signed),
                event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1}),
                event("message_stop"),
            )
        )
    )
    deltas = await stand.ask()

    await stand.ask(
        talking(
            UserMessage(text="Hi"),
            AssistantMessage(text="", tool_calls=(CALL,), carried=finished(deltas).carried),
            ANSWER,
        )
    )

    assert thoughts_of(deltas) == ""
    assert stand.server.requests[1].messages[2].thoughts == ["opaque", SIGNATURE]


@pytest.mark.parametrize("carried", ["", "[]", "not ours", '{"a":1}', '[{"no":"type"}]', "[1]"])
async def test_what_another_model_left_behind_is_not_sent(stand: Stand, carried: str) -> None:
    await stand.ask(
        talking(UserMessage(text="Hi"), AssistantMessage(text="", tool_calls=(CALL,), carried=carried), ANSWER)
    )
    assert stand.server.requests[0].messages[2].thoughts == []


async def test_ids_of_other_providers_are_sent_in_the_letters_that_it_takes(stand: Stand) -> None:
    call = ToolCall(call_id="call_1-2.1", tool="look", arguments="{}")
    answer = ToolMessage(call_id="call_1-2.1", tool="look", content="Seen.")

    await stand.ask(talking(UserMessage(text="Hi"), AssistantMessage(text="", tool_calls=(call,)), answer))

    messages = stand.server.requests[0].messages
    assert messages[2].tool_calls[0].id == messages[3].tool_call_id


async def test_blank_texts_are_not_sent_as_blank(stand: Stand) -> None:
    deltas = await stand.ask(
        talking(UserMessage(text=" "), AssistantMessage(text=""), UserMessage(text="", images=(PIXEL,)))
    )
    assert isinstance(deltas[-1], Finished)


async def test_tokens_that_are_written_to_a_cache_are_input_too(stand: Stand) -> None:
    usage = {"input_tokens": 5, "cache_creation_input_tokens": 70, "cache_read_input_tokens": 20, "output_tokens": 1}
    head = event("message_start", message={"model": "tiny", "content": [], "usage": usage})
    end = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9})
    stand.server.will(Raw((head, end, event("message_stop"))))

    assert finished(await stand.ask()).usage == Usage(
        input_tokens=95, output_tokens=9, cache_read_tokens=20, cache_write_tokens=70
    )


@pytest.mark.parametrize(
    ("word", "reason"),
    [("model_context_window_exceeded", "length"), ("stop_sequence", "stop"), ("pause_turn", "stop"), ("new", "stop")],
)
async def test_every_word_for_the_end_is_understood(stand: Stand, word: str, reason: str) -> None:
    stand.server.will(Says("And", finish=word))
    assert finished(await stand.ask()).reason == reason


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("overloaded_error", TransientError),
        ("api_error", TransientError),
        ("rate_limit_error", TransientError),
        ("a new one", TransientError),
        ("invalid_request_error", RefusedError),
        ("authentication_error", RefusedError),
        ("billing_error", RefusedError),
    ],
)
async def test_an_error_within_the_stream_is_understood(stand: Stand, word: str, kind: type[UpstreamError]) -> None:
    text = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "I"})
    stand.server.will(Raw((HEAD, text, event("error", error={"type": word, "message": "No."}))))
    assert type(await stand.failure()) is kind


async def test_an_overloaded_provider_says_when_to_come_back(stand: Stand) -> None:
    stand.server.will(Fails(529, "Overloaded", headers={"Retry-After": "3"}))
    error = await stand.failure()
    assert isinstance(error, TransientError)
    assert error.retry_after == 3.0


async def test_a_conversation_that_is_too_long_is_told_apart(stand: Stand) -> None:
    stand.server.will(Fails(400, "prompt is too long: 210000 tokens > 200000 maximum"), Fails(413, "Too large."))
    assert [(await stand.failure()).code for _ in range(2)] == ["context_too_long"] * 2


async def test_credit_that_is_used_up_is_the_operators_to_mend(stand: Stand) -> None:
    stand.server.will(Fails(400, "Your credit balance is too low to access the Anthropic API."))
    error = await stand.failure()
    assert isinstance(error, RefusedError)
    assert "quota" in str(error)


async def test_a_stream_that_ends_too_early_is_transient(stand: Stand) -> None:
    stand.server.will(Raw((HEAD, event("content_block_delta", index=0, delta={"type": "text_delta", "text": "I"}))))
    assert isinstance(await stand.failure(), TransientError)


async def test_a_gateway_that_does_not_stream_is_understood(stand: Stand) -> None:
    whole = {
        "type": "message",
        "model": "tiny",
        "content": [
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "it"}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 2},
    }
    stand.server.will(Raw((msgspec.json.encode(whole),), content_type="application/json"))

    deltas = await stand.ask()

    assert (text_of(deltas), calls_of(deltas)) == ("I look.", [CALL])
    assert finished(deltas).usage == Usage(input_tokens=3, output_tokens=2)


async def test_events_that_are_not_known_are_passed_over(stand: Stand) -> None:
    new = event("content_block_delta", index=7, delta={"type": "new_delta", "something": [1]})
    end = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1})
    stand.server.will(Raw((HEAD, b": a comment\n\n", new, event("new_event", value=1), end, event("message_stop"))))
    assert finished(await stand.ask()).reason == "stop"


@pytest.mark.parametrize("address", ["https://gateway/x", "https://gateway/x/", "https://gateway/x/v1"])
def test_the_address_may_end_with_the_version_or_not(address: str) -> None:
    assert str(messages_url(http_address(address, "anthropic"))) == "https://gateway/x/v1/messages"
