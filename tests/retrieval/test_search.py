"""Search: by words, by meaning, by both; never beyond its data set, and never longer than its deadline."""

import asyncio

import pytest

from tests.fakes.rooms import open_pool
from tests.patience import PATIENCE
from tests.retrieval.house import House
from tests.retrieval.sources import page
from turnkeeper.core.errors import TransientError
from turnkeeper.retrieval.search import Search
from turnkeeper.store.database import Database
from turnkeeper.store.passages import PassageIndex

ROUTER = page("router.md", "Router R5", "# Router R5\n\nThe lamp blinks red when the line is down.")
BILLING = page("billing.md", "Billing", "# Billing\n\nInvoices are sent on the third working day.")
PHONE = page("phone.md", "Desk phone", "# Desk phone\n\nPress the star key to transfer a call.")


async def test_without_vectors_the_words_decide(house: House) -> None:
    await house.bring(ROUTER, BILLING, PHONE)
    assert await house.found("When are invoices sent?") == ["billing.md"]


async def test_with_vectors_every_passage_has_a_place(house: House) -> None:
    await house.bring(ROUTER, BILLING, PHONE)
    await house.embed()
    found = await house.found("When are invoices sent?")
    assert found[0] == "billing.md"
    assert sorted(found) == ["billing.md", "phone.md", "router.md"]


async def test_a_question_of_stop_words_is_answered_by_meaning(house: House) -> None:
    await house.bring(ROUTER, page("hamlet.md", "Hamlet", "To be, or not to be: that is the question."))
    await house.embed()
    assert (await house.found("to be or not to be"))[0] == "hamlet.md"


async def test_words_of_the_title_and_headings_count(house: House) -> None:
    await house.bring(
        page("a.md", "Fair use", "# Fair use\n\n## Roaming\n\nSpeed falls after 20 GB."),
        page("b.md", "Prices", "# Prices\n\nSpeed costs. Roaming once."),
    )
    assert (await house.found("roaming speed fair"))[0] == "a.md"


async def test_word_forms_accents_and_joints_do_not_matter(house: House) -> None:
    await house.bring(page("a.md", "Wi-Fi", "Configuring the Café's shared_buffers."), ROUTER)
    for question in ("configure", "cafe", "CAFÉ", "wifi", "wi fi", "shared buffers", "shared_buffers", "shared-buffer"):
        assert (await house.found(question))[:1] == ["a.md"], question


async def test_scores_fall_from_first_to_last(house: House) -> None:
    await house.bring(ROUTER, BILLING, PHONE)
    await house.embed()
    passages = await house.search.search(house.people.data_set_id, "press the red lamp", 3)
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


async def test_no_more_than_the_limit_is_returned(house: House) -> None:
    await house.bring(*(page(f"{n}.md", "Lamp", f"Lamp {n} is red.") for n in range(12)))
    for limit in (0, 1, 5):
        assert len(await house.search.search(house.people.data_set_id, "red lamp", limit)) == limit


@pytest.mark.parametrize("question", ["", "   ", "\0", "?!", "zzzunknown", "日本", "' OR 1=1 --", "a & b | !c <-> d:*"])
async def test_any_question_is_understood(house: House, question: str) -> None:
    await house.bring(ROUTER)
    assert await house.found(question) in ([], ["router.md"])


async def test_a_very_long_question_is_answered(house: House) -> None:
    await house.bring(ROUTER, BILLING)
    question = "lamp " + " ".join(f"word{number}" for number in range(5_000))
    assert await house.found(question) == ["router.md"]


async def test_an_empty_or_unknown_data_set_has_no_passages(house: House) -> None:
    assert await house.found("lamp") == []
    assert await house.search.search(999_999, "lamp", 5) == []


async def test_other_data_sets_are_never_searched(house: House) -> None:
    await house.bring(ROUTER)
    await house.actions.import_sources(house.people.admin, house.people.closed_data_set_id, [BILLING])
    await house.embed()
    assert await house.found("invoices lamp") == ["router.md"]


async def test_a_large_data_set_is_searched_through_its_index(house: House) -> None:
    await house.bring(*(page(f"{n}.md", f"Page {n}", f"Number {n} of many.") for n in range(300)))
    await house.embed()
    index = PassageIndex(house.database, exact_up_to=10)
    async with index.reading(house.people.data_set_id) as reader:
        vector = await house.embedder.embed_query("Page 7\nNumber 7 of many.")
        statistics = await reader.statistics("")
        assert statistics.index is not None
        hits = await reader.best_by_meaning(vector, statistics.index, 300, 5)
        (nearest,) = await reader.load(hits[:1])
    assert nearest.address == "7.md"
    assert len(hits) == 5


async def test_a_search_that_takes_too_long_is_stopped(house: House) -> None:
    await house.bring(ROUTER)
    hurried = Search(PassageIndex(house.database, deadline_seconds=0.05), house.embedders)
    async with house.database.transaction() as connection, asyncio.timeout(PATIENCE):
        await connection.execute("LOCK TABLE passages IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TransientError, match="took too long"):
            await hurried.search(house.people.data_set_id, "lamp", 5)


async def test_many_searches_at_once_are_all_answered(house: House, database_url: str) -> None:
    await house.bring(ROUTER, BILLING, PHONE)
    await house.embed()
    async with asyncio.timeout(PATIENCE), open_pool(Database(database_url, max_connections=3)) as database:
        search = Search(PassageIndex(database), house.embedders)
        found = await asyncio.gather(*(search.search(house.people.data_set_id, "red lamp", 1) for _ in range(40)))
    assert {passages[0].address for passages in found} == {"router.md"}
