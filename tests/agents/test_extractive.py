"""The key-less model, as turns see it: over the demo data set, and over small pages of our own."""

import asyncio
import re
from collections.abc import Sequence
from functools import cache
from textwrap import wrap

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.agents.stage import agent
from tests.fakes.effects import MemoryEffects
from tests.fakes.keyword_search import KeywordSearch
from tests.fakes.steps import MemorySteps
from tests.patience import PATIENCE
from turnkeeper.agents.acting import Records
from turnkeeper.agents.models.extractive import EXTRACTIVE, NOT_FOUND, Extractive
from turnkeeper.agents.models.extractive_answer import answer_of
from turnkeeper.agents.models.extractive_question import take_apart
from turnkeeper.agents.tools.search_documents import SearchDocuments
from turnkeeper.agents.tools.tool import Tool
from turnkeeper.agents.turn import TurnRequest, run_turn
from turnkeeper.core.agents import Limits
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.errors import RefusedError
from turnkeeper.core.events import Answer, TextAdded, ToolCalled, ToolReturned, TurnEvent
from turnkeeper.core.history import HistoryTurn
from turnkeeper.core.ids import new_id
from turnkeeper.demo import questions_file, telecom_folder


class DemoQuestion(msgspec.Struct):
    question: str
    addresses: list[str]
    fact: str


@cache
def demo() -> KeywordSearch:
    return KeywordSearch.over_folder(telecom_folder())


def pages(**texts: str) -> KeywordSearch:
    search = KeywordSearch()
    for title, text in texts.items():
        search.add(f"{title.lower()}.md", title, text)
    return search


async def ask(
    search: KeywordSearch,
    question: str,
    *earlier: str,
    data_set_id: int | None = 1,
    events: list[TurnEvent] | None = None,
    tools: Sequence[Tool] | None = None,
) -> Answer:
    request = TurnRequest(
        agent=agent(),
        message_id=1,
        message_public_id=new_id(),
        conversation_id=1,
        account_id=1,
        model_name=EXTRACTIVE,
        instructions=None,
        history=tuple(HistoryTurn(question=each, answer="Something.") for each in earlier),
        question=question,
        data_set_id=data_set_id,
        ask_mode=True,
        limits=Limits(),
    )
    told: list[TurnEvent] = [] if events is None else events
    offered = [SearchDocuments(search)] if tools is None else tools
    async with asyncio.timeout(PATIENCE):
        records = Records(steps=MemorySteps(), effects=MemoryEffects())
        answer = await run_turn(request, model=Extractive(), tools=offered, records=records, emit=told.append)
    assert isinstance(answer, Answer)
    return answer


async def test_the_well_known_question_is_answered_with_its_source() -> None:
    answer = await ask(demo(), "Does FiberUP Business Duplex include an SLA?")
    assert [line for part in answer.text.splitlines() for line in wrap(part, 100)] == snapshot(
        [
            "Yes, FiberUP Business Duplex includes an SLA. The service level agreement guarantees an availability",
            "of 99.9 % per calendar month, a response time of 4 hours after a fault is reported, and restoration",
            "of the service within 8 hours, around the clock on every day of the year. [1]",
            "Sources:",
            "[1] FiberUP Business Duplex (plans/business-duplex.md)",
        ]
    )
    assert [(citation.title, citation.address) for citation in answer.citations] == [
        ("FiberUP Business Duplex", "plans/business-duplex.md")
    ]


async def test_a_turn_searches_once_and_streams_its_answer_in_pieces() -> None:
    events: list[TurnEvent] = []
    answer = await ask(demo(), "Does FiberUP Business Duplex include an SLA?", events=events)
    assert [type(event) for event in events[:2]] == [ToolCalled, ToolReturned]
    texts = [event.text for event in events if isinstance(event, TextAdded)]
    assert len(texts) > 2
    assert "".join(texts) == answer.text


@pytest.mark.parametrize(
    ("question", "fact", "address"),
    [
        ("What does FiberUP Business Duplex cost a month?", "89 euros", "plans/business-duplex.md"),
        ("How many VPN tunnels can the Router R9 hold?", "20 VPN tunnels", "products/hw-r9"),
        ("What is the notice period for Business Duplex?", "3 months", "contract/cancellation.md"),
        ("how long is the warranty on bought phones", "24 months", "contract/warranty-and-returns.txt"),
        ("Hello there. We are a small firm. When are invoices issued?", "1st of each month", "contract/billing-faq.md"),
    ],
)
async def test_the_answer_has_the_fact_and_cites_its_page(question: str, fact: str, address: str) -> None:
    answer = await ask(demo(), question)
    assert fact in answer.text
    assert address in {citation.address for citation in answer.citations}


@pytest.mark.parametrize(
    "question",
    [
        "Does Northwave GigaOffice 1000 include an SLA?",
        "What does the FiberUP Business Triplex plan cost?",
        "Does the Router R7 support Wi-Fi 7?",
        "What is the capital of Mongolia?",
        "Can I pay my invoice in Bitcoin?",
        "How many customers does the company have?",
        "Hello!",
        "???",
        "Was kostet die Straßenbahn nach Köln?",
    ],
)
async def test_what_the_data_set_does_not_know_is_not_answered(question: str) -> None:
    answer = await ask(demo(), question)
    assert answer.text == NOT_FOUND
    assert "not found in the data set" in answer.text.lower()
    assert answer.citations == ()


async def test_a_follow_up_is_about_the_thing_before() -> None:
    first = "Does FiberUP Business Duplex include an SLA?"
    assert "89 euros" in (await ask(demo(), "And how much does it cost?", first)).text
    assert (
        "no service level agreement on Business Start" in (await ask(demo(), "What about Business Start?", first)).text
    )
    assert "3 months" in (await ask(demo(), "What is its notice period?", first, "And how much does it cost?")).text


async def test_a_question_of_its_own_is_not_bound_to_the_thing_before() -> None:
    answer = await ask(demo(), "How long does it take to port a mobile number?", "What does Business Duplex cost?")
    assert "within 1 working day" in answer.text


async def test_a_yes_or_no_is_only_said_when_the_sentence_says_just_that() -> None:
    search = pages(
        Plan="The Garden plan includes a water meter. The Garden plan has no night rate. A pump can be added for a fee.\n\n"
        "The Garden plan includes seeds only in spring."
    )
    assert (await ask(search, "Does the Garden plan include a water meter?")).text.startswith(
        "Yes: The Garden plan includes"
    )
    assert (await ask(search, "Does the Garden plan have a night rate?")).text.startswith("No: The Garden plan has no")
    assert (await ask(search, "Does the Garden plan include seeds?")).text.startswith(
        "The Garden plan includes seeds only"
    )


async def test_a_table_row_is_told_with_its_column_names() -> None:
    search = pages(Tides="# Tides\n\n| Harbour | High water |\n|---|---|\n| Dover | 11:14 |\n| Calais | 11:39 |\n")
    answer = await ask(search, "When is high water in Calais?")
    assert answer.text == "Harbour: Calais; High water: 11:39. [1]\n\nSources:\n[1] Tides (tides.md)"
    assert [citation.quote for citation in answer.citations] == ["| Calais | 11:39 |"]


async def test_steps_are_told_in_their_order() -> None:
    steps = "1. Fill the kettle with vinegar.\n2. Boil it.\n3. Rinse it twice."
    search = pages(Kettle=f"# Kettle\n\n## Descaling the kettle\n\n{steps}\n\nIt is blue.")
    answer = await ask(search, "How do I descale the kettle?")
    assert answer.text.startswith(f"{steps} [1]")


async def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    search = pages(Fox="The arctic fox lives on Jan Mayen. It weighs about 4 kilograms. Nobody feeds it.")
    assert (await ask(search, "What does the arctic fox weigh?")).text.startswith(
        "The arctic fox lives on Jan Mayen. It weighs about 4 kilograms."
    )


async def test_marks_of_markdown_go_and_code_stays_as_it_is() -> None:
    search = pages(Phone="Dial `*21*` and **then** the [number](https://example.org) to forward *all* calls.")
    answer = await ask(search, "How do I forward all calls?")
    assert answer.text.startswith("Dial *21* and then the number to forward all calls. [1]")


async def test_every_quote_is_an_exact_slice_and_every_word_of_an_answer_is_the_data_sets() -> None:
    search = demo()
    for asked in demo_questions()[::3]:
        answer = await ask(search, asked.question)
        passages = await search.search(1, search.asked[-1], 10)
        for citation in answer.citations:
            holder = next(
                each
                for each in passages
                if each.address == citation.address and each.start <= citation.start < each.end
            )
            assert holder.text[citation.start - holder.start : citation.end - holder.start] == citation.quote
        if answer.citations:
            known = words(" ".join(f"{each.title} {each.text}" for each in passages))
            assert words(answer.text.partition("\n\nSources:")[0]) - known <= {"yes", "no", "1", "2"}


async def test_most_demo_questions_are_answered_from_the_right_page_and_hardly_any_is_made_up() -> None:
    right = wrong = invented = 0
    questions = demo_questions()
    for asked in questions:
        cited = {citation.address for citation in (await ask(demo(), asked.question)).citations}
        right += bool(cited & set(asked.addresses))
        wrong += bool(cited) and not cited & set(asked.addresses)
        invented += bool(cited) and not asked.addresses
    answerable = sum(bool(asked.addresses) for asked in questions)
    assert right >= 0.8 * answerable
    assert wrong <= 0.1 * len(questions)
    assert invented <= 0.1 * (len(questions) - answerable)


def test_a_page_that_the_search_did_not_put_first_must_fit_better() -> None:
    question = take_apart("Do penguins keep their eggs on warm feet?")
    fits_in_part = _passage(1, "Birds", "Penguins keep their eggs on their feet.")
    unfit = _passage(2, "Fish", "Herring swim in schools.")
    assert answer_of(question, [fits_in_part, unfit]).excerpts
    assert not answer_of(question, [unfit, fits_in_part]).excerpts


async def test_an_agent_without_the_search_tool_says_so() -> None:
    with pytest.raises(RefusedError, match="search_documents"):
        await ask(demo(), "When are invoices issued?", tools=())


async def test_an_agent_without_a_data_set_says_so() -> None:
    with pytest.raises(RefusedError, match="no data set"):
        await ask(demo(), "When are invoices issued?", data_set_id=None)


def _passage(number: int, title: str, text: str) -> Passage:
    return Passage(
        id=number,
        document_id=number,
        title=title,
        address=f"{title.lower()}.md",
        start=0,
        end=len(text),
        text=text,
        score=1 / number,
    )


def demo_questions() -> Sequence[DemoQuestion]:
    return [msgspec.json.decode(line, type=DemoQuestion) for line in questions_file().read_text().splitlines()]


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.lower()))
