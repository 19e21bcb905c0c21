"""Turns whose tools are missing for now."""

from tests.agents.stage import Echo, Stage, echo
from tests.fakes.scripted_model import Call, CallsTools, Says
from turnkeeper.agents.secrets import NoSecrets
from turnkeeper.agents.tools.http.client import HttpClient
from turnkeeper.agents.tools.http.tools import HttpTools
from turnkeeper.core.agents import AgentSettings, ApprovalPolicy, ApprovalRule, HttpRule
from turnkeeper.core.errors import TransientError

AWAY = "The server 'pay' does not answer: it cannot be reached."


async def test_the_model_is_told_what_is_missing_and_the_turn_goes_on(stage: Stage) -> None:
    stage.absent_tools["pay__"] = AWAY

    answer = await stage.turn(CallsTools((echo("x", tool="pay__refund"),)), Says("Later."), tools=[Echo()])

    assert answer.text == "Later."
    assert AWAY in (stage.server.requests[0].messages[0].content or "")
    assert [(event.outcome, event.output) for event in stage.returned] == [("error", AWAY)]


async def test_a_call_that_was_begun_waits_for_its_tool_to_come_back(stage: Stage) -> None:
    script = (CallsTools((echo("x", tool="pay__refund"),)), Says("Done."))
    cut_off = Echo("pay__refund", kind="keyed", raises=TransientError("pay", AWAY))

    first = await stage.failed_turn(*script, tools=[cut_off])
    stage.absent_tools["pay__"] = AWAY
    second = await stage.failed_turn(tools=[])
    stage.absent_tools.clear()
    answer = await stage.turn(tools=[Echo("pay__refund", kind="keyed")])

    assert (first, second, answer.text) == ("upstream_unavailable", "upstream_unavailable", "Done.")
    assert [effect.tries for effect in stage.effects.intended] == [1, 2]
    assert len({effect.id for effect in stage.effects.intended}) == 1


async def test_the_kind_of_a_call_depends_on_its_arguments(stage: Stage) -> None:
    rules = [HttpRule(host="gone.test", methods=("POST",), kind="keyed"), HttpRule(host="*.test", methods=("POST",))]
    stage.settings = AgentSettings(approvals=ApprovalPolicy(rules=(ApprovalRule(kinds=("at_most_once",)),)))
    calls = tuple(
        Call(tool="http_request", arguments=f'{{"method": "POST", "url": "http://{host}/"}}', call_id=host)
        for host in ("gone.test", "other.test")
    )
    async with HttpTools(NoSecrets(), HttpClient()) as http:
        (question,) = await stage.waits(CallsTools(calls[1:]), tools=http.tools(rules))

    assert question.call_id == "other.test"
    assert stage.effects.intended == []
