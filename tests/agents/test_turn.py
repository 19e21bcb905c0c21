"""The turn loop, over the real chat-completions client and a scripted server."""

import asyncio

import pytest

from tests.agents.stage import BEACON, Echo, Meeting, Shelf, Stage, echo
from tests.fakes.scripted_model import BreaksOff, Call, CallsTools, Fails, Says, Stalls
from tests.patience import PATIENCE
from turnkeeper.agents.tools.search_documents import SearchDocuments
from turnkeeper.core.agents import Limits
from turnkeeper.core.errors import (
    ClaimLostError,
)
from turnkeeper.core.events import Answer, ModelReturned, TextAdded, ToolCalled, ToolReturned
from turnkeeper.core.history import HistoryTurn
from turnkeeper.core.usage import Usage


async def test_a_plain_answer_is_streamed_and_returned(stage: Stage) -> None:
    answer = await stage.turn(Says("All is well."))
    assert answer == Answer(
        text="All is well.", model="tiny", usage=Usage(input_tokens=stage_tokens(stage), output_tokens=3)
    )
    assert stage.text_of_call(1) == answer.text


def stage_tokens(stage: Stage) -> int:
    return sum(len((message.content or "").split()) for message in stage.server.requests[0].messages)


async def test_the_model_reads_what_its_tools_returned(stage: Stage) -> None:
    answer = await stage.turn(CallsTools((echo("ping"),), text="Wait."), Says("It said ping."), tools=[Echo()])
    assert answer.text == "It said ping."
    assert [event for event in stage.events if not isinstance(event, TextAdded | ModelReturned)] == [
        ToolCalled(call_id="c1", tool="echo", input='{"text":"ping"}'),
        ToolReturned(call_id="c1", tool="echo", outcome="completed", output="ping"),
    ]
    assert stage.text_of_call(1) == "Wait."
    assert [message.role for message in stage.server.requests[1].messages[-2:]] == ["assistant", "tool"]
    assert stage.server.requests[1].messages[-1].content == "ping"


async def test_usage_is_summed_over_the_model_calls(stage: Stage) -> None:
    answer = await stage.turn(CallsTools((echo("ping"),), text="One two."), Says("Three."), tools=[Echo()])
    assert answer.usage.output_tokens == 3


async def test_tools_of_one_reply_run_side_by_side_and_answer_in_the_models_order(stage: Stage) -> None:
    calls = tuple(Call(tool="meet", arguments=f'"{name}"', call_id=name) for name in "abc")
    await stage.turn(CallsTools(calls), Says("Met."), tools=[Meeting(3)])
    answers = [message for message in stage.server.requests[1].messages if message.role == "tool"]
    assert [answer.tool_call_id for answer in answers] == ["a", "b", "c"]
    assert [answer.content for answer in answers] == ['"a"', '"b"', '"c"']


async def test_what_ran_says_when_and_a_search_what_it_found(stage: Stage) -> None:
    search = Call(tool="search_documents", arguments='{"query": "lamp"}', call_id="s")
    await stage.turn(CallsTools((search,)), Says("There."), tools=[SearchDocuments(Shelf(BEACON))])
    first, second = (event for event in stage.events if isinstance(event, ModelReturned))
    (found,) = (event for event in stage.events if isinstance(event, ToolReturned))
    assert first.timing is not None
    assert found.timing is not None
    assert second.timing is not None
    assert second.timing.first_ms is not None
    order = [first.timing.began_ms, first.timing.ended_ms, found.timing.began_ms, found.timing.ended_ms]
    order += [second.timing.began_ms, second.timing.first_ms, second.timing.ended_ms]
    assert order == sorted(order)
    assert [(each.mark, each.title, each.score) for each in found.passages] == [(1, BEACON.title, BEACON.score)]
    assert second.asked is not None
    assert (second.asked.finish_reason, second.asked.tools) == ("stop", 1)


async def test_no_more_than_eight_tools_run_at_once(stage: Stage) -> None:
    meeting = Meeting(8)
    calls = tuple(Call(tool="meet", call_id=f"c{number}") for number in range(20))
    await stage.turn(CallsTools(calls), Says("Met."), tools=[meeting])
    assert meeting.most == 8
    assert len(stage.returned) == 20


async def test_a_second_attempt_replays_what_is_done_and_is_silent_about_it(stage: Stage) -> None:
    tool = Echo()
    await stage.failed_turn(CallsTools((echo("ping"),), text="Wait."), BreaksOff("I was"), tools=[tool])
    stage.events.clear()
    answer = await stage.turn(Says("Done."), tools=[tool])
    assert answer.text == "Done."
    assert {type(event) for event in stage.events} == {TextAdded, ModelReturned}
    assert stage.text_of_call(2) == "Done."
    assert stage.steps.ran == ["model:1", "tool:1:c1", "model:2", "model:2"]
    assert len(tool.seen) == 1
    assert len(stage.server.requests) == 3


async def test_a_whole_replay_calls_nobody_and_gives_the_same_answer(stage: Stage) -> None:
    tools = [SearchDocuments(Shelf(BEACON))]
    search = Call(tool="search_documents", arguments='{"query":"beacon"}')
    first = await stage.turn(CallsTools((search,)), Says("It is lit at dusk [1]."), tools=tools)
    stage.events.clear()
    assert await stage.turn(tools=tools) == first
    assert stage.events == []
    assert len(stage.server.requests) == 2


async def test_a_lost_claim_ends_the_turn_even_amid_parallel_tools(stage: Stage) -> None:
    stage.steps.recorded["model:1"] = (
        b'{"text":"","tool_calls":[{"call_id":"a","tool":"echo","arguments":"{}"},'
        b'{"call_id":"b","tool":"echo","arguments":"{}"}],'
        b'"usage":{},"model":"tiny","reason":"tool_calls","citations":[]}'
    )
    stage.steps.lost = True
    with pytest.raises(ClaimLostError):
        await stage.turn(tools=[Echo()])


async def test_ids_that_a_server_repeats_are_made_unique(stage: Stage) -> None:
    again = CallsTools((echo("x", "call_0"), echo("y", "call_0")))
    await stage.turn(again, again, Says("Done."), tools=[Echo()])
    ids = [event.call_id for event in stage.events if isinstance(event, ToolCalled)]
    assert len(set(ids)) == 4
    assert ids == [event.call_id for event in sorted(stage.returned, key=lambda event: ids.index(event.call_id))]


async def test_the_last_model_call_gets_no_tools_so_that_an_answer_comes(stage: Stage) -> None:
    loop = CallsTools((echo("x"),))
    answer = await stage.turn(loop, loop, Says("Enough."), tools=[Echo()], limits=Limits(model_calls=3))
    assert answer.text == "Enough."
    assert [len(request.tools) for request in stage.server.requests] == [1, 1, 0]


async def test_a_model_that_will_not_stop_calling_tools_meets_its_limit(stage: Stage) -> None:
    loop = CallsTools((echo("x"),))
    assert await stage.failed_turn(loop, loop, tools=[Echo()], limits=Limits(model_calls=2)) == "limit_reached"
    assert len(stage.server.requests) == 2


async def test_a_turn_that_takes_too_long_meets_its_limit_and_hangs_up(stage: Stage) -> None:
    assert await stage.failed_turn(Stalls("Well"), limits=Limits(seconds=0.2)) == "limit_reached"
    async with asyncio.timeout(PATIENCE):
        await stage.server.hung_up.wait()


async def test_an_empty_answer_is_asked_for_once_more(stage: Stage) -> None:
    assert (await stage.turn(Says(" \n"), Says("Here."))).text == "Here."


async def test_a_model_that_has_nothing_to_say_fails(stage: Stage) -> None:
    assert await stage.failed_turn(Says(""), Says("")) == "empty_answer"


async def test_a_cut_answer_says_that_it_is_cut(stage: Stage) -> None:
    answer = await stage.turn(Says("And then", finish="length"), limits=Limits(output_tokens=2))
    assert answer.text == "And then\n\n[The answer is cut here: the model reached its limit of 2 output tokens.]"
    assert stage.text_of_call(1) == answer.text
    assert stage.server.requests[0].max_tokens == 2


async def test_a_withheld_answer_fails_with_the_reason(stage: Stage) -> None:
    assert await stage.failed_turn(Says("I", finish="content_filter")) == "content_filtered"


async def test_what_the_model_refuses_is_not_recorded(stage: Stage) -> None:
    assert await stage.failed_turn(Fails(400)) == "upstream_refused"
    assert stage.steps.recorded == {}


async def test_history_goes_along_and_tells_of_a_failed_turn_that_it_failed(stage: Stage) -> None:
    history = (
        HistoryTurn(question="Who lit it?", answer="Ann."),
        HistoryTurn(question="And who else?", answer="", failure="The model was away."),
    )
    await stage.turn(Says("Bob."), history=history)
    said = [(message.role, message.content) for message in stage.server.requests[0].messages[1:]]
    assert said == [
        ("user", "Who lit it?"),
        ("assistant", "Ann."),
        ("user", "And who else?"),
        ("assistant", "[This was not answered. The server's note: The model was away.]"),
        ("user", "What now?"),
    ]
    assert "Thursday, 2026-01-01" in (stage.server.requests[0].messages[0].content or "")


async def test_history_is_cut_by_whole_turns_newest_first(stage: Stage) -> None:
    history = tuple(HistoryTurn(question=f"Q{number}", answer="x" * 400) for number in range(10))
    await stage.turn(Says("Yes."), history=history, limits=Limits(history_tokens=350))
    contents = [message.content for message in stage.server.requests[0].messages if message.role == "user"]
    assert contents == ["Q7", "Q8", "Q9", "What now?"]
