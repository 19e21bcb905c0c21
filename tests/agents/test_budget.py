"""The budget of a turn: what is counted, and what is asked before each call."""

from dataclasses import replace
from decimal import Decimal

import pytest

from turnkeeper.agents.budget import Budget, estimated_input_tokens
from turnkeeper.agents.model import AssistantMessage, Image, ModelRequest, ToolCall, ToolMessage, ToolSpec, UserMessage
from turnkeeper.agents.prices import ModelPrice, Prices, read_prices
from turnkeeper.core.agents import Limits
from turnkeeper.core.errors import RefusedError, TransientError
from turnkeeper.core.limits import Ceilings
from turnkeeper.core.usage import DaySpend, Usage

DOLLAR = Prices(read_prices("openai:a=1/10"))
"""A dollar a million tokens of input, ten a million of output."""


def request(characters: int = 4_000, *, output_tokens: int = 1_000) -> ModelRequest:
    """A request of about a token for 4 characters, and some more for its two parts."""
    return ModelRequest(
        instructions="",
        messages=(UserMessage(text="x" * characters),),
        tools=(),
        max_output_tokens=output_tokens,
    )


def budget(
    limits: Limits | None = None,
    ceilings: Ceilings | None = None,
    *,
    today: DaySpend | None = None,
    model: str = "openai:a",
) -> Budget:
    price = ModelPrice(name=model, prices=DOLLAR)
    return Budget(limits or Limits(), ceilings or Ceilings(), model_name=model, price=price, today=today)


def refusal(budget: Budget, asked: ModelRequest) -> str:
    with pytest.raises(RefusedError) as refused:
        budget.before_model_call(asked)
    assert refused.value.code == "limit_reached"
    return refused.value.message


def break_off(turn: Budget) -> None:
    with turn.model_call() as call:
        call.heard()
        raise TransientError("a", "Gone.")


def withhold(turn: Budget, usage: Usage) -> None:
    with turn.model_call() as call:
        call.finished(usage, reported="a")
        raise RefusedError("a", "Withheld.")


def test_without_limits_a_call_may_write_what_the_agent_allows() -> None:
    allowance = budget().before_model_call(request(output_tokens=8_192))
    assert (allowance.output_tokens, allowance.is_last) == (8_192, False)


def test_a_call_that_would_pass_the_limit_of_tokens_is_refused_with_all_that_one_wants_to_know() -> None:
    turn = budget(Limits(tokens=1_500))
    turn.spent("model:1", Usage(input_tokens=400, output_tokens=50))
    assert refusal(turn, request()) == (
        "The turn was stopped before it would pass the agent's limit of 1,500 tokens a turn: 1,050 of them are left, and "
        "the next call of the model takes about 1,008 before it writes a word. An admin can raise it: `turnkeeper limits "
        "set --agent AGENT --tokens N`."
    )


def test_a_limit_of_one_is_told_in_the_singular() -> None:
    turn = budget(Limits(model_calls=1, tool_calls=1, tokens=1, seconds=1))
    told = [turn.why_no_call().message, turn.why_no_time().message, turn.why_no_tool(), refusal(turn, request())]
    limits = [
        "limit of 1 model call a turn.",
        "limit of 1 second a turn.",
        "limit of 1 tool call a turn is",
        "limit of 1 token a turn:",
    ]
    assert [limit in sentence for limit, sentence in zip(limits, told, strict=True)] == [True] * 4
    assert "1 of them is left" in told[-1]


def test_a_call_writes_no_more_than_the_limit_leaves() -> None:
    allowance = budget(Limits(tokens=1_508)).before_model_call(request())
    assert allowance.output_tokens == 500
    assert allowance.limit == "the 500 output tokens that the agent's limit of 1,508 tokens a turn left"


def test_what_the_last_call_really_took_is_the_least_that_the_next_one_takes() -> None:
    turn = budget(Limits(tokens=5_000))
    turn.spent("model:1", Usage(input_tokens=3_000, output_tokens=10))
    assert "takes about 3,000" in refusal(turn, request())


def test_cost_is_asked_at_the_price_of_the_model() -> None:
    turn = budget(Limits(cost_usd=Decimal("0.006008")))
    assert turn.before_model_call(request()).output_tokens == 500
    turn.spent("model:1", Usage(input_tokens=1_000, output_tokens=100, cost_usd=Decimal("0.0035")))
    sentence = refusal(turn, request())
    assert "the agent's limit of $0.006008 a turn: $0.0025 of it is left" in sentence
    assert "takes about $0.0010" in sentence


def test_of_two_limits_the_lower_one_counts_and_is_named() -> None:
    ceilings = Ceilings(tokens=100, cost_usd=Decimal(5))
    assert "the organization's limit of 100 tokens a turn" in refusal(budget(Limits(tokens=200), ceilings), request())
    assert "the agent's limit of 50 tokens a turn" in refusal(budget(Limits(tokens=50), ceilings), request())
    assert "the organization's limit of 100 tokens a turn" in refusal(budget(Limits(), ceilings), request())


@pytest.mark.parametrize(
    ("limits", "ceilings", "named"),
    [
        (Limits(tokens_a_day=3_000), Ceilings(), "the agent's limit of 3,000 tokens a day"),
        (Limits(cost_usd_a_day=Decimal("0.03")), Ceilings(), "the agent's limit of $0.03 a day"),
        (Limits(), Ceilings(tokens_a_day=9_000), "the organization's limit of 9,000 tokens a day"),
        (Limits(), Ceilings(cost_usd_a_day=Decimal("0.09")), "the organization's limit of $0.09 a day"),
    ],
)
def test_a_day_counts_what_was_spent_before_and_in_this_turn(limits: Limits, ceilings: Ceilings, named: str) -> None:
    today = DaySpend(
        agent=Usage(input_tokens=1_000, cost_usd=Decimal("0.01")),
        organization=Usage(input_tokens=7_000, cost_usd=Decimal("0.07")),
    )
    turn = budget(limits, ceilings, today=today)
    assert turn.before_model_call(request()).output_tokens > 0
    turn.spent("model:1", Usage(input_tokens=1_000, cost_usd=Decimal("0.0195")))
    assert named in refusal(turn, request())


def test_under_a_limit_of_cost_a_model_without_a_price_is_not_called() -> None:
    sentence = refusal(budget(Limits(cost_usd=Decimal(1)), model="openai:unheard"), request())
    assert "TURNKEEPER_PRICES=openai:unheard=INPUT/OUTPUT" in sentence
    assert budget(Limits(tokens=5_000), model="openai:unheard").before_model_call(request()).output_tokens == 1_000


def test_models_that_cost_nothing_know_no_limit_of_cost() -> None:
    limits = Limits(cost_usd=Decimal(0), tokens=2_000)
    assert budget(limits, model="ollama:llama3").before_model_call(request()).output_tokens == 992
    program = budget(replace(limits, tokens=1), model="extractive")
    assert program.before_model_call(request()).output_tokens == 1_000


def test_when_there_is_room_for_one_call_only_it_is_the_last_one_once_tools_were_called() -> None:
    turn = budget(Limits(tokens=2_500))
    assert not turn.before_model_call(request()).is_last
    turn.before_tool_call()
    assert turn.before_model_call(request()).is_last
    roomy = budget(Limits(tokens=25_000))
    roomy.before_tool_call()
    assert not roomy.before_model_call(request()).is_last


def test_calls_of_tools_are_counted_and_those_beyond_the_limit_are_not_made() -> None:
    turn = budget(Limits(tool_calls=5), Ceilings(tool_calls=2))
    assert [turn.before_tool_call() for _ in range(3)] == [True, True, False]
    assert turn.is_out_of_tool_calls
    assert turn.why_no_tool() == ("This call was not made: the organization's limit of 2 tool calls a turn is reached.")


def test_a_step_that_is_told_again_is_counted_once() -> None:
    first = Usage(input_tokens=10, output_tokens=1, cost_usd=Decimal("0.1"))
    turn = Budget(Limits(), model_name="openai:a", spent={"model:1": first, "spent:1": Usage(unpriced_calls=1)})
    turn.spent("model:1", first)
    turn.spent("model:2", Usage(input_tokens=20, output_tokens=2, cost_usd=Decimal("0.2")))
    assert turn.total == Usage(input_tokens=30, output_tokens=3, cost_usd=Decimal("0.3"), unpriced_calls=1)
    assert turn.wasted == Usage()


def test_a_call_that_broke_off_is_counted_as_one_of_unknown_cost_if_the_model_had_begun() -> None:
    turn = budget()
    with pytest.raises(TransientError), turn.model_call():
        raise TransientError("a", "Busy.")
    assert turn.total == Usage()
    with pytest.raises(TransientError):
        break_off(turn)
    assert turn.total == turn.wasted == Usage(unpriced_calls=1)


def test_a_reply_that_is_withheld_was_paid_for() -> None:
    turn = budget()
    with pytest.raises(RefusedError):
        withhold(turn, Usage(input_tokens=1_000_000, output_tokens=1_000))
    assert turn.total.cost_usd == Decimal("1.01")


def test_a_call_whose_tokens_nobody_told_has_no_known_cost() -> None:
    assert budget().priced(Usage(), reported="a") == Usage(unpriced_calls=1)
    assert budget(model="extractive").priced(Usage(), reported="extractive") == Usage()


def test_the_estimate_takes_everything_that_is_sent() -> None:
    bare = estimated_input_tokens(request(0))
    full = ModelRequest(
        instructions="y" * 400,
        messages=(
            UserMessage(text="", images=(Image(media_type="image/png", data=b""),)),
            AssistantMessage(text="z" * 400, tool_calls=(ToolCall(call_id="1", tool="t", arguments="a" * 399),)),
            ToolMessage(call_id="1", tool="t", content="w" * 400),
        ),
        tools=(ToolSpec(name="t", description="d" * 399, parameters={}),),
        max_output_tokens=1,
    )
    assert 2_100 <= estimated_input_tokens(full) - bare <= 2_140
