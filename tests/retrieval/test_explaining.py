"""A search explains its ranks by the figures that made them, and looks only where it is told to."""

import pytest

from tests.retrieval.house import House
from tests.retrieval.sources import MemorySource, page
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.ranking import Explanation, PassageFilter
from turnkeeper.retrieval.parsing import ParsedProduct
from turnkeeper.store.documents import public_ids

ROUTER = page("routers/r5.md", "Router R5", "# Router R5\n\nThe lamp blinks red when the line is down.")
LAMP = page(
    "lamps/desk.md", "Desk lamp", "# Desk lamp\n\nA red lamp for the desk.\n\n" + "It is warm. " * 100 + "A lamp."
)
BILLING = page("billing.md", "Billing", "# Billing\n\nInvoices are sent on the third working day.")
SHOP = MemorySource(
    address="shop.jsonl", items=[ParsedProduct(entry_id="r9", name="Router R9", description="Its lamp is green.")]
)
QUESTION = "which lamp is red?"


async def explained(
    house: House, question: str = QUESTION, only: PassageFilter | None = None
) -> list[tuple[Passage, Explanation]]:
    found = await house.actions.explain(
        house.people.member, house.people.data_set_id, question=question, limit=100, only=only
    )
    return [(each.passage, each.explanation) for each in found if each.explanation is not None]


async def test_an_explained_search_finds_what_a_search_finds(house: House) -> None:
    await house.bring(ROUTER, LAMP, BILLING, SHOP)
    await house.embed()
    plain = await house.search.search(house.people.data_set_id, QUESTION, 100)
    assert [passage for passage, _ in await explained(house)] == plain
    assert len(plain) > 3


async def test_the_parts_of_an_explanation_make_its_score(house: House) -> None:
    await house.bring(ROUTER, LAMP, BILLING, SHOP)
    await house.embed()
    found = await explained(house)
    for passage, reasons in found:
        assert reasons.words is not None
        assert reasons.meaning is not None
        assert reasons.document is not None
        assert reasons.words.score == pytest.approx(sum(term.score for term in reasons.words.terms))
        share, whole = reasons.meaning_share, reasons.document_share
        own = (1 - share) * reasons.words.scaled + share * reasons.meaning.scaled
        assert reasons.own == pytest.approx(own)
        assert reasons.fused == pytest.approx((own + whole * reasons.document.scaled) / (1 + whole))
        assert passage.score == pytest.approx((reasons.fused + reasons.support) / reasons.scale)
    assert {reasons.support > 0 for _, reasons in found} == {True, False}


async def test_each_word_tells_what_it_weighs_and_adds(house: House) -> None:
    await house.bring(ROUTER, LAMP, BILLING, SHOP)
    (passage, reasons), *_ = await explained(house, "blinks zebra lamp")
    assert passage.address == "routers/r5.md"
    assert reasons.words is not None
    assert reasons.words.rank == 1
    blink, lamp = reasons.words.terms
    assert [(term.word, term.frequency) for term in (blink, lamp)] == [("blink", 1), ("lamp", 1)]
    assert (blink.holding, lamp.holding) == (
        1,
        len(await house.rows("SELECT 1 FROM passages WHERE context || text ILIKE '%lamp%'")),
    )
    assert blink.weight > lamp.weight
    assert blink.score > lamp.score


async def test_without_vectors_words_stand_in_for_meaning(house: House) -> None:
    await house.bring(ROUTER, BILLING)
    ((_, reasons),) = await explained(house, "blinks")
    assert (reasons.meaning, reasons.document) == (None, None)
    assert reasons.own == reasons.fused == 1.0


async def test_a_passage_found_by_its_meaning_only_has_no_rank_by_words(house: House) -> None:
    await house.bring(ROUTER, BILLING)
    await house.embed()
    found = {passage.address: reasons for passage, reasons in await explained(house, "blinks")}
    words, meaning = found["billing.md"].words, found["billing.md"].meaning
    assert words is not None
    assert meaning is not None
    assert (words.rank, words.score, meaning.rank) == (None, 0.0, 2)


@pytest.mark.parametrize("exact_up_to", [10_000, 1])
async def test_filters_choose_among_documents(house: House, exact_up_to: int) -> None:
    await house.bring(ROUTER, LAMP, BILLING, SHOP)
    await house.embed()
    house.look_exactly(up_to=exact_up_to)
    ids = {row[1]: row[0] for row in await house.rows("SELECT id, address FROM documents")}
    async with house.database.connection() as connection:
        public = await public_ids(connection, document_ids=[int(str(each)) for each in ids.values()])
    desk = public[int(str(ids["lamps/desk.md"]))]
    filters = {
        "product": PassageFilter(kind="product"),
        "prefix": PassageFilter(address_prefix="routers/"),
        "one": PassageFilter(documents=(desk,)),
        "none": PassageFilter(documents=()),
        "both": PassageFilter(kind="product", address_prefix="routers/"),
    }
    found = {
        name: {each.address for each, _ in await explained(house, QUESTION, only)} for name, only in filters.items()
    }
    assert found == {
        "product": {"products/r9"},
        "prefix": {"routers/r5.md"},
        "one": {"lamps/desk.md"},
        "none": set(),
        "both": set(),
    }
