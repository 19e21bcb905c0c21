"""What tools do to a turn, and the citations that come of it."""

import pytest

from tests.agents.stage import BEACON, Echo, Shelf, Stage, echo
from tests.fakes.scripted_model import Call, CallsTools, Says
from turnkeeper.agents.tool_reply import OUTPUT_CHARACTERS
from turnkeeper.agents.tools.search_documents import SearchDocuments
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.errors import (
    RefusedError,
    ToolFailedError,
    ToolRetryError,
    TransientError,
)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (echo("x", tool="nothing"), "There is no tool 'nothing'. The tools that can be called: echo."),
        (Call(tool="echo", arguments='{"text": '), "not valid JSON"),
        (Call(tool="echo", arguments='{"more": ' + "[" * 5_000 + "]" * 5_000 + "}"), "nested too deep"),
        (Call(tool="echo", arguments='{"text": 5}'), "$.text"),
        (Call(tool="echo", arguments="[]"), "do not fit"),
        (Call(tool="echo", arguments=""), "text"),
    ],
)
async def test_a_wrong_call_becomes_a_sentence_for_the_model(stage: Stage, call: Call, words: str) -> None:
    assert (await stage.turn(CallsTools((call,)), Says("I see."), tools=[Echo()])).text == "I see."
    assert [event.outcome for event in stage.returned] == ["error"]
    assert words in stage.returned[0].output


@pytest.mark.parametrize(
    ("error", "output"),
    [
        (ToolRetryError("Name a city."), "Name a city."),
        (ToolFailedError("The oven is cold."), "The oven is cold."),
        (RefusedError("shop", "The shop is closed."), "The shop is closed."),
    ],
)
async def test_what_a_tool_says_went_wrong_is_told_to_the_model(stage: Stage, error: Exception, output: str) -> None:
    await stage.turn(CallsTools((echo("x"),)), Says("I see."), tools=[Echo(raises=error)])
    assert [(event.outcome, event.output) for event in stage.returned] == [("error", output)]
    assert stage.broken == []


async def test_a_broken_tool_is_noted_and_its_inner_life_kept_from_the_model(stage: Stage) -> None:
    await stage.turn(CallsTools((echo("x"),)), Says("I see."), tools=[Echo(raises=KeyError("password=hunter2"))])
    assert stage.returned[0].outcome == "error"
    assert "hunter2" not in stage.returned[0].output
    assert [type(error) for _, error in stage.broken] == [KeyError]


async def test_a_tool_whose_helper_is_away_makes_the_turn_try_again_later(stage: Stage) -> None:
    away = TransientError("database", "The database is away.")
    assert await stage.failed_turn(CallsTools((echo("x"),)), tools=[Echo(raises=away)]) == "upstream_unavailable"
    assert "tool:1:c1" not in stage.steps.recorded


async def test_long_output_is_capped_and_says_so(stage: Stage) -> None:
    await stage.turn(CallsTools((echo("x" * 50_000),)), Says("Long."), tools=[Echo()])
    output = stage.returned[0].output
    assert len(output) < OUTPUT_CHARACTERS + 200
    assert "50,000 characters" in output


async def test_ask_mode_offers_and_runs_only_what_changes_nothing(stage: Stage) -> None:
    order = Echo("order", kind="keyed")
    await stage.turn(CallsTools((echo("x", tool="order"),)), Says("No."), tools=[Echo(), order], ask_mode=True)
    assert [tool.function["name"] for tool in stage.server.requests[0].tools] == ["echo"]
    assert order.seen == []
    assert "ask mode" in stage.returned[0].output


async def test_characters_that_cannot_be_stored_are_dropped(stage: Stage) -> None:
    answer = await stage.turn(CallsTools((echo("a\\u0000b"),), text="o\0ne"), Says("t\0wo"), tools=[Echo()])
    assert answer.text == "two"
    assert stage.text_of_call(1) == "one"
    assert stage.returned[0].output == "ab"


async def test_marks_of_the_answer_become_exact_citations(stage: Stage) -> None:
    search = Call(tool="search_documents", arguments='{"query":"beacon"}')
    answer = await stage.turn(
        CallsTools((search,)), Says("The beacon burns oil [1], they say [9]."), tools=[SearchDocuments(Shelf(BEACON))]
    )
    [citation] = answer.citations
    assert (citation.document_id, citation.address, citation.quote) == (11, "beacon.md", "It burns oil.")
    assert BEACON.text[citation.start - BEACON.start : citation.end - BEACON.start] == citation.quote
    assert "[1] Beacon (beacon.md)\nThe beacon is lit" in stage.returned[0].output


async def test_an_answer_without_marks_cites_the_passage_whose_words_it_repeats(stage: Stage) -> None:
    search = Call(tool="search_documents", arguments='{"query":"beacon"}')
    other = Passage(
        id=2, document_id=12, title="Pie", address="pie.md", start=0, end=14, text="Eat more pies.", score=0.5
    )
    answer = await stage.turn(
        CallsTools((search,)),
        Says("Nobody guards the burning beacon at dusk."),
        tools=[SearchDocuments(Shelf(other, BEACON))],
    )
    assert [citation.quote for citation in answer.citations] == ["The beacon is lit at dusk."]


async def test_passages_of_two_searches_bear_different_marks(stage: Stage) -> None:
    search = CallsTools((Call(tool="search_documents", arguments='{"query":"beacon"}'),))
    answer = await stage.turn(search, search, Says("Oil [11]."), tools=[SearchDocuments(Shelf(BEACON))])
    assert stage.returned[1].output.startswith("[11] Beacon")
    assert [citation.quote for citation in answer.citations] == ["It burns oil."]


@pytest.mark.parametrize("arguments", ['{"query":"  "}', '{"query":"a","limit":0}', '{"query":"a","limit":11}', "{}"])
async def test_a_search_that_makes_no_sense_is_sent_back_to_the_model(stage: Stage, arguments: str) -> None:
    call = Call(tool="search_documents", arguments=arguments)
    await stage.turn(CallsTools((call,)), Says("Oh."), tools=[SearchDocuments(Shelf(BEACON))])
    assert stage.returned[0].outcome == "error"
