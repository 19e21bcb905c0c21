"""What is particular about models behind the bridge, at the example of Google's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import msgspec
import pytest

from tests.agents.wires import LOOK, Stand, asking, calls_of, stand_of, talking
from tests.fakes.models import KEY
from tests.fakes.scripted_google import SIGNATURE
from tests.fakes.scripted_server import Call, CallsTools, Fails, Raw
from tests.patience import PATIENCE
from turnkeeper.agents.model import AssistantMessage, Finished, ToolMessage, UserMessage
from turnkeeper.agents.models.bridge import Bridge
from turnkeeper.agents.models.bridge_providers import BRIDGED_PROVIDERS
from turnkeeper.core.errors import RefusedError, TransientError


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with stand_of("google") as stand:
        yield stand


async def test_a_signed_reply_comes_back_as_it_was_under_the_ids_of_the_turn(stand: Stand) -> None:
    stand.server.will(CallsTools((Call(tool="look", arguments='{"at":"it"}', call_id="c1"),), thinking="Hm."))
    deltas = await stand.ask(asking(tools=(LOOK,)))
    last = deltas[-1]
    assert isinstance(last, Finished)
    call = replace(calls_of(deltas)[0], call_id="renamed")

    await stand.ask(
        talking(
            UserMessage(text="Hi"),
            AssistantMessage(text="", tool_calls=(call,), carried=last.carried),
            ToolMessage(call_id=call.call_id, tool="look", content="Seen."),
            tools=(LOOK,),
        )
    )

    assert stand.server.requests[1].messages[2].thoughts == [SIGNATURE]


@pytest.mark.parametrize("carried", ["", "not ours", "[]", '[{"kind":"request","parts":[]}]'])
async def test_what_another_model_left_behind_is_not_sent(stand: Stand, carried: str) -> None:
    stand.server.will(CallsTools((Call(tool="look", arguments='{"at":"it"}', call_id="c1"),)))
    call = calls_of(await stand.ask(asking(tools=(LOOK,))))[0]

    await stand.ask(
        talking(
            UserMessage(text="Hi"),
            AssistantMessage(text="", tool_calls=(call,), carried=carried),
            ToolMessage(call_id=call.call_id, tool="look", content="Seen."),
        )
    )

    assert [each.function.name for each in stand.server.requests[1].messages[2].tool_calls] == ["look"]


async def test_an_error_within_the_stream_is_understood(stand: Stand) -> None:
    error = b'data: {"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}\r\n\r\n'
    stand.server.will(Raw((error,)))
    assert isinstance(await stand.failure(), TransientError)


async def test_a_blocked_question_ends_as_filtered(stand: Stand) -> None:
    blocked = b'data: {"promptFeedback":{"blockReason":"SAFETY"},"modelVersion":"tiny"}\r\n\r\n'
    stand.server.will(Raw((blocked,)))
    last = (await stand.ask())[-1]
    assert isinstance(last, Finished)
    assert last.reason == "content_filter"


async def test_what_is_no_reply_ends_in_our_error(stand: Stand) -> None:
    stand.server.will(
        Raw((b"<html>Sign in to the hotel's network</html>",), content_type="text/html"),
        Raw((b"\x00\xff\x00\xff" * 100,)),
        Raw((b'{"hello": "world"}',), content_type="application/json"),
    )
    for _ in range(3):
        assert isinstance(await stand.failure(), RefusedError | TransientError)


async def test_a_conversation_that_is_too_long_is_told_apart(stand: Stand) -> None:
    told = "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576)."
    stand.server.will(Fails(400, told))
    assert (await stand.failure()).code == "context_too_long"


async def test_gemini_is_asked_to_show_its_thoughts(stand: Stand) -> None:
    bridge = Bridge()
    model = bridge.model(BRIDGED_PROVIDERS["google"], "gemini-2.5-flash", key=KEY, address=stand.address)
    async with asyncio.timeout(PATIENCE):
        assert [delta async for delta in model.stream(asking())]
    await bridge.close()
    sent = msgspec.json.decode(stand.server.bodies[0])
    assert sent["generationConfig"]["thinkingConfig"] == {"include_thoughts": True}


async def test_a_provider_whose_package_is_missing_is_refused() -> None:
    bridge = Bridge()
    with pytest.raises(RefusedError):
        bridge.model(BRIDGED_PROVIDERS["cohere"], "command-a", key=KEY, address=None)
    await bridge.close()
