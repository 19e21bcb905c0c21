"""Calls that touch the world: asked for, written down, and never made twice."""

import asyncio
from typing import Literal

import msgspec
import pytest

from tests.agents.stage import Stage
from tests.fakes.register import Register
from tests.fakes.scripted_model import Call, CallsTools, Reply, Says
from tests.patience import PATIENCE
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput
from turnkeeper.core.agents import AgentSettings, ApprovalPolicy, ApprovalRule
from turnkeeper.core.approvals import Decision, Question
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import ClaimLostError, OutcomeUnknownError, RefusedError, ToolFailedError, TransientError
from turnkeeper.core.events import ToolReturned

TOO_DEEP = '{"amount": ' + "[" * 5_000 + "]" * 5_000 + "}"
REFUND = CallsTools((Call(tool="refund", arguments='{"amount": 50}', call_id="c1"),))


class Ledger(Register):
    """A tool that can look up what became of a call."""

    def __init__(self, found: ToolOutput | OutcomeUnknownError | None) -> None:
        super().__init__()
        self._found = found

    async def verify(self, arguments: str, context: ToolContext) -> ToolOutput | None:
        if isinstance(self._found, OutcomeUnknownError):
            raise self._found
        return self._found


class ProcessDiedError(BaseException):
    """Ends an attempt without anybody catching it, as the death of the process would."""


def asking(**rule: object) -> AgentSettings:
    return AgentSettings(approvals=ApprovalPolicy(rules=(msgspec.convert(rule, ApprovalRule),)))


def returned(stage: Stage) -> list[str]:
    return [event.output for event in stage.events if isinstance(event, ToolReturned)]


async def die_in(stage: Stage, tool: Register, *script: Reply) -> None:
    """An attempt whose process dies in the middle of the tool's call."""
    tool.dies = ProcessDiedError()
    with pytest.raises(ProcessDiedError):
        await stage.attempt(*script, tools=[tool])
    tool.dies = None


async def test_a_call_that_changes_something_is_written_down_before_and_after_it_is_made(stage: Stage) -> None:
    tool = Register()

    await stage.turn(REFUND, Says("Done."), tools=[tool])

    (effect,) = stage.effects.intended
    assert (str(effect.id), effect.tool, effect.kind, effect.arguments, effect.tries) == (
        tool.keys[0],
        "refund",
        "at_most_once",
        '{"amount": 50}',
        1,
    )
    assert stage.effects.effects[effect.id].state == "done"


async def test_who_stood_still_after_the_intent_was_written_makes_no_call_whose_outcome_another_declared_unknown(
    stage: Stage,
) -> None:
    tool = Register()
    stage.effects.loss = ClaimLostError("Another worker has this message.")

    with pytest.raises(ClaimLostError):
        await stage.attempt(REFUND, Says("Done."), tools=[tool])

    assert (len(stage.effects.intended), tool.keys) == (1, [])


async def test_what_only_reads_is_not_an_effect(stage: Stage) -> None:
    await stage.turn(REFUND, Says("Done."), tools=[Register(kind="pure")])

    assert stage.effects.intended == []


@pytest.mark.parametrize("kind", ["idempotent", "keyed"])
async def test_a_cut_call_that_may_be_repeated_is_made_again_under_the_same_key(stage: Stage, kind: ToolKind) -> None:
    tool = Register(kind=kind)
    await die_in(stage, tool, REFUND)

    answer = await stage.turn(Says("Done."), tools=[tool])

    assert (answer.text, len(tool.keys), len(set(tool.keys))) == ("Done.", 2, 1)
    assert [effect.tries for effect in stage.effects.intended] == [1, 2]


async def test_a_cut_call_that_may_happen_once_at_most_is_a_question_to_a_person(stage: Stage) -> None:
    tool = Register()
    await die_in(stage, tool, REFUND)

    (question,) = await stage.waits(tools=[tool])

    assert (question.question, question.tool, question.tries, question.is_new) == ("outcome", "refund", 1, True)
    assert "may or may not have happened" in question.reason
    assert len(tool.keys) == 1


async def test_a_person_may_have_the_cut_call_made_again_and_is_asked_anew_when_it_is_cut_again(stage: Stage) -> None:
    tool = Register()
    await die_in(stage, tool, REFUND)
    (first,) = await stage.waits(tools=[tool])
    stage.effects.decide(first, "approved")
    await die_in(stage, tool)

    (second,) = await stage.waits(tools=[tool])
    stage.effects.decide(second, "approved")
    answer = await stage.turn(Says("Done."), tools=[tool])

    assert (first.tries, second.tries, len(tool.keys), answer.text) == (1, 2, 3, "Done.")


async def test_a_person_who_looked_tells_the_model_what_became_of_the_cut_call(stage: Stage) -> None:
    tool = Register()
    await die_in(stage, tool, REFUND)
    (question,) = await stage.waits(tools=[tool])
    stage.effects.decide(question, "denied", "It went through: re_77.")

    await stage.turn(Says("Refunded as re_77."), tools=[tool])

    assert len(tool.keys) == 1
    assert "It went through: re_77." in returned(stage)[0]


async def test_a_tool_that_says_it_does_not_know_makes_the_same_question(stage: Stage) -> None:
    tool = Register(dies=OutcomeUnknownError("The payment service did not answer in time."))

    (question,) = await stage.waits(REFUND, tools=[tool])

    assert question.question == "outcome"
    assert question.reason.startswith("The payment service did not answer in time.")


async def test_a_tool_that_breaks_unexpectedly_may_have_acted_before(stage: Stage) -> None:
    (question,) = await stage.waits(REFUND, tools=[Register(dies=KeyError("boom"))])

    assert (question.question, len(stage.broken)) == ("outcome", 1)


async def test_a_keyed_tool_that_breaks_unexpectedly_is_called_again_under_its_key(stage: Stage) -> None:
    tool = Register(kind="keyed", dies=KeyError("boom"))
    with pytest.raises(TransientError):
        await stage.attempt(REFUND, tools=[tool])
    tool.dies = None

    await stage.turn(Says("Done."), tools=[tool])

    assert (len(tool.keys), len(set(tool.keys))) == (2, 1)


async def test_a_tool_that_is_away_has_done_nothing_and_nobody_is_asked(stage: Stage) -> None:
    tool = Register(dies=TransientError("payments", "The payment service is away."))
    with pytest.raises(TransientError):
        await stage.attempt(REFUND, tools=[tool])
    tool.dies = None

    answer = await stage.turn(Says("Done."), tools=[tool])

    assert (answer.text, len(tool.keys)) == ("Done.", 2)


async def test_a_tool_that_failed_plainly_tells_the_model_and_the_effect_is_known(stage: Stage) -> None:
    await stage.turn(REFUND, Says("It failed."), tools=[Register(dies=ToolFailedError("There is no such charge."))])

    assert returned(stage) == ["There is no such charge."]
    assert [known.state for known in stage.effects.effects.values()] == ["failed"]


@pytest.mark.parametrize(
    ("found", "calls", "told"),
    [(ToolOutput(text="It happened: re_1"), 1, "It happened: re_1"), (None, 2, 'done {"amount": 50}')],
)
async def test_a_tool_that_can_look_up_its_call_spares_the_person(
    stage: Stage, found: ToolOutput | None, calls: int, told: str
) -> None:
    tool = Ledger(found)
    await die_in(stage, tool, REFUND)

    await stage.turn(Says("Done."), tools=[tool])

    assert (len(tool.keys), returned(stage)) == (calls, [told])


async def test_a_look_up_that_cannot_tell_leaves_it_to_a_person(stage: Stage) -> None:
    tool = Ledger(OutcomeUnknownError("The ledger is not closed yet."))
    await die_in(stage, tool, REFUND)

    (question,) = await stage.waits(tools=[tool])

    assert question.question == "outcome"


async def test_a_policy_holds_a_call_until_a_person_says_yes(stage: Stage) -> None:
    stage.settings, tool = asking(tool="refund"), Register(kind="keyed")

    (question,) = await stage.waits(REFUND, tools=[tool])
    before = len(tool.keys)
    stage.effects.decide(question, "approved")
    await stage.turn(Says("Done."), tools=[tool])

    assert (question.question, before, len(tool.keys)) == ("call", 0, 1)
    assert len(stage.server.requests) == 2


async def test_a_denied_call_is_not_made_and_the_model_reads_why(stage: Stage) -> None:
    stage.settings, tool = asking(kinds=("keyed",)), Register(kind="keyed")
    (question,) = await stage.waits(REFUND, tools=[tool])
    stage.effects.decide(question, "denied", "Too much.")

    await stage.turn(Says("I may not."), tools=[tool])

    assert (tool.keys, returned(stage)) == ([], ["A person denied this call. They wrote: Too much."])


@pytest.mark.parametrize("on_expiry", ["deny", "fail"])
async def test_what_nobody_decided_in_time_follows_the_policy(stage: Stage, on_expiry: Literal["deny", "fail"]) -> None:
    policy = ApprovalPolicy(rules=(ApprovalRule(tool="refund"),), expires_after_seconds=60, on_expiry=on_expiry)
    stage.settings, tool = AgentSettings(approvals=policy), Register()
    (question,) = await stage.waits(REFUND, tools=[tool])
    stage.effects.decisions[question.step, "call", 0] = Decision(id=question.id, state="expired", note=None)

    if on_expiry == "deny":
        await stage.turn(Says("Nobody was there."), tools=[tool])
    else:
        with pytest.raises(RefusedError) as refused:
            await stage.turn(tools=[tool])
        assert refused.value.code == "approval_expired"

    assert (question.expires_after_seconds, tool.keys) == (60, [])


async def test_calls_that_need_nobody_are_finished_before_the_turn_waits_and_are_not_made_again(stage: Stage) -> None:
    stage.settings = asking(tool="refund")
    refund, email, look = Register(), Register("email", kind="keyed"), Register("look", kind="pure")
    calls = CallsTools(
        (
            Call(tool="email", arguments="{}", call_id="a"),
            Call(tool="refund", arguments="{}", call_id="b"),
            Call(tool="look", arguments="{}", call_id="c"),
            Call(tool="refund", arguments='{"n": 2}', call_id="d"),
        )
    )

    first, second = await stage.waits(calls, tools=[refund, email, look])
    stage.effects.decide(second, "approved")
    (left,) = await stage.waits(tools=[refund, email, look])
    stage.effects.decide(left, "approved")
    await stage.turn(Says("Done."), tools=[refund, email, look])

    assert left.step == first.step
    assert [len(tool.keys) for tool in (refund, email, look)] == [2, 1, 1]
    assert [message.tool_call_id for message in stage.server.requests[-1].messages if message.role == "tool"] == [
        "a",
        "b",
        "c",
        "d",
    ]


async def test_a_question_that_was_asked_keeps_its_id(stage: Stage) -> None:
    stage.settings, tool = asking(tool="refund"), Register()
    (first,) = await stage.waits(REFUND, tools=[tool])
    stage.effects.decisions[first.step, "call", 0] = Decision(id=first.id, state="waiting", note=None)

    (again,) = await stage.waits(tools=[tool])

    assert (again.id, again.is_new) == (first.id, False)


@pytest.mark.parametrize(
    ("rule", "arguments", "asks"),
    [
        ({"argument": "/amount", "above": 40}, '{"amount": 50}', True),
        ({"argument": "/amount", "above": 50}, '{"amount": 50}', False),
        ({"argument": "/amount", "above": 40}, '{"amount": "41.5"}', True),
        ({"argument": "/amount", "above": 40}, '{"amount": "40"}', False),
        ({"argument": "/amount", "above": 40}, '{"amount": "everything"}', True),
        ({"argument": "/amount", "above": 40}, '{"amount": "NaN"}', True),
        ({"argument": "/amount", "above": 40}, "{}", True),
        ({"argument": "/to/0/country", "one_of": ("US", "CU")}, '{"to": [{"country": "CU"}]}', True),
        ({"argument": "/to/0/country", "one_of": ("US", "CU")}, '{"to": [{"country": "DE"}]}', False),
        ({"argument": "/to/0/country", "one_of": ("US", "CU")}, '{"to": []}', False),
        ({"argument": "/a~1b"}, '{"a/b": null}', True),
        ({"argument": "/force"}, "{}", False),
        ({"tool": "ref*"}, "{}", True),
        ({"tool": "ref"}, "{}", False),
        ({"tool": "refund", "kinds": ("keyed",)}, "{}", False),
        ({"kinds": ("at_most_once",)}, "{}", True),
        ({}, "{}", True),
    ],
)
async def test_a_rule_fits_by_tool_kind_and_argument(
    *, stage: Stage, rule: dict[str, object], arguments: str, asks: bool
) -> None:
    stage.settings, tool = asking(**rule), Register()

    ended = await stage.attempt(
        CallsTools((Call(tool="refund", arguments=arguments, call_id="c1"),)), Says("Done."), tools=[tool]
    )

    assert (hasattr(ended, "questions"), len(tool.keys)) == (asks, 0 if asks else 1)


@pytest.mark.parametrize(
    "arguments", ["{", "[1]", '"refund"', "null", TOO_DEEP], ids=["{", "[]", "text", "null", "deep"]
)
async def test_arguments_that_nobody_can_judge_reach_neither_the_person_nor_the_tool(
    stage: Stage, arguments: str
) -> None:
    stage.settings, tool = asking(tool="refund"), Register()

    await stage.turn(
        CallsTools((Call(tool="refund", arguments=arguments, call_id="c1"),)), Says("Sorry."), tools=[tool]
    )

    assert tool.keys == []
    assert returned(stage) == ["The arguments are not the JSON of an object. Mend them and call again."]


async def test_in_ask_mode_only_what_reads_is_on_offer_and_the_rest_is_refused(stage: Stage) -> None:
    stage.settings, tool, look = asking(tool="refund"), Register(), Register("look", kind="pure")

    ended = await stage.attempt(REFUND, Says("I may not."), tools=[tool, look], ask_mode=True)

    assert not isinstance(ended, Question)
    assert tool.keys == []
    assert [one.function["name"] for one in stage.server.requests[0].tools] == ["look"]
    assert "ask mode" in returned(stage)[0]


async def test_two_equal_calls_of_one_turn_are_two_effects(stage: Stage) -> None:
    tool = Register(kind="keyed")
    twice = CallsTools(tuple(Call(tool="refund", arguments="{}", call_id=one) for one in ("c1", "c2")))

    await asyncio.wait_for(stage.turn(twice, Says("Done."), tools=[tool]), PATIENCE)

    assert len(set(tool.keys)) == 2
