"""A data set changes its embedding model: the old vectors serve until all new ones are there, whatever happens meanwhile."""

import asyncio
import logging
from collections.abc import Sequence

import pytest

from tests.fakes.hashing_embedder import HashingEmbedder, NamedEmbedders
from tests.patience import PATIENCE
from tests.retrieval.house import House
from tests.retrieval.sources import MemorySource, page
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.core.errors import InvalidError, RefusedError, TransientError
from turnkeeper.engine.queue import RetryLaterError
from turnkeeper.retrieval.embedder import EndpointAwayError, Vector
from turnkeeper.retrieval.indexing import Progress
from turnkeeper.retrieval.search import Search
from turnkeeper.store.passages import INDEXED_DIMENSIONS, PassageIndex
from turnkeeper.tasks.index import IndexDataSet

ROUTER = page("router.md", "Router R5", "# Router R5\n\nThe lamp blinks red when the line is down.")
BILLING = page("billing.md", "Billing", "# Billing\n\nInvoices are sent on the third working day.")
PHONE = page("phone.md", "Desk phone", "# Desk phone\n\nPress the star key to transfer a call.")
MEANT = "to be or not to be"
"""A question of stop words: only its vector finds anything."""
VECTORS = "SELECT generation, dimensions, count(*) FROM passage_vectors GROUP BY 1, 2 ORDER BY 1"


class Faulty(HashingEmbedder):
    """Raises what it is told to, from the given batch on."""

    def __init__(self, error: Exception, *, after: int = 0) -> None:
        super().__init__(dimensions=100)
        self.error: Exception | None = error
        self._after = after

    async def embed_query(self, text: str) -> Vector:
        if self.error is not None:
            raise EndpointAwayError("other", "It is away.")
        return await super().embed_query(text)

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        if self.error is not None and self._after == 0:
            raise self.error
        self._after -= 1
        return await super().embed_passages(texts)


class Waiting(HashingEmbedder):
    """Embeds nothing before `go_on` is set."""

    def __init__(self) -> None:
        super().__init__(dimensions=100)
        self.started, self.go_on = asyncio.Event(), asyncio.Event()

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.started.set()
        await self.go_on.wait()
        return await super().embed_passages(texts)


async def change(house: House, model: str = "other") -> None:
    await house.actions.set_embedding_model(house.people.admin, house.people.data_set_id, model=model)


async def models(house: House) -> tuple[str, str | None, str | None]:
    data_set = await house.actions.get(house.people.admin, house.people.data_set_id)
    return data_set.embedding_model, data_set.next_embedding_model, data_set.embedding_trouble


def index_with(house: House, other: HashingEmbedder) -> IndexDataSet:
    return IndexDataSet(house.database, NamedEmbedders(minilm=house.embedder, other=other))


def pages(count: int) -> list[MemorySource]:
    return [page(f"{number}.md", f"Page {number}", f"Number {number} of many.") for number in range(count)]


async def test_the_old_vectors_serve_until_all_new_ones_are_there(house: House) -> None:
    await house.bring(ROUTER, BILLING)
    await house.embed()
    await change(house)
    assert await models(house) == ("minilm", "other", None)
    assert len(await house.found(MEANT)) == 2
    assert house.other.embedded == []

    await house.embed()

    assert await models(house) == ("other", None, None)
    assert await house.rows(VECTORS) == [(2, 100, 2)]
    assert await house.rows("SELECT generation, count(*) FROM document_vectors GROUP BY 1") == [(2, 2)]
    assert len(await house.found(MEANT)) == 2
    assert (await house.found("When are invoices sent?"))[0] == "billing.md"


async def test_a_change_defers_its_task_and_shows_how_far_it_is(house: House) -> None:
    await house.bring(*pages(40))
    await house.embed()
    heard: list[Progress] = []
    await change(house)
    totals = await house.actions.totals(house.people.admin, house.people.data_set_id)
    assert (totals.unembedded, totals.left_to_change) == (0, 40)
    assert await house.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'index'") == [(2,)]

    await house.actions.embed(house.people.admin, house.people.data_set_id, report=heard.append)

    assert [(each.done, each.total) for each in heard] == [(32, 40), (40, 40)]


async def test_what_was_made_before_a_crash_is_not_made_again(house: House) -> None:
    await house.bring(*pages(70))
    await house.embed()
    await change(house)
    with pytest.raises(ZeroDivisionError):
        await index_with(house, Faulty(ZeroDivisionError(), after=1))(house.people.data_set_id)
    assert await house.rows(VECTORS) == [(1, 384, 70), (2, 100, 32)]
    assert len(await house.found(MEANT)) == 10

    await change(house)
    await house.embed()

    assert len(house.other.embedded) == 38
    assert await models(house) == ("other", None, None)
    assert await house.rows(VECTORS) == [(2, 100, 70)]


async def test_several_processes_share_a_change(house: House) -> None:
    await house.bring(*pages(150))
    await house.embed()
    await change(house)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(house.embed(), house.embed(), house.embed())
    await house.embed()
    assert len(house.other.embedded) == len(set(house.other.embedded)) == 150
    assert await house.rows(VECTORS) == [(2, 100, 150)]


async def test_an_import_meanwhile_goes_to_both(house: House) -> None:
    await house.bring(ROUTER, BILLING)
    await house.embed()
    await change(house)
    await house.bring(ROUTER, PHONE)
    totals = await house.actions.totals(house.people.admin, house.people.data_set_id)
    assert (totals.unembedded, totals.left_to_change) == (1, 2)

    with pytest.raises(RetryLaterError):
        await index_with(house, Faulty(TransientError("other", "Away.")))(house.people.data_set_id)
    assert sorted(await house.found(MEANT)) == ["phone.md", "router.md"]
    await house.embed()

    assert await models(house) == ("other", None, None)
    assert await house.rows(VECTORS) == [(2, 100, 2)]


async def test_an_import_keeps_the_vectors_of_both_where_the_text_stays(house: House) -> None:
    first, second = ("The first part. " * 50).strip(), ("The second part. " * 50).strip()
    await house.bring(page("long.md", "Long", f"{first}\n\n{second}"), *pages(40))
    await house.embed()
    await change(house)
    with pytest.raises(RetryLaterError):
        await index_with(house, Faulty(TransientError("other", "Away."), after=1))(house.people.data_set_id)
    before = await house.actions.totals(house.people.admin, house.people.data_set_id)
    await house.bring(page("long.md", "Long", f"{second}\n\n{first}\n\nA third part is new and short."), *pages(40))
    after = await house.actions.totals(house.people.admin, house.people.data_set_id)
    assert before.left_to_change > 0
    assert 0 < after.unembedded == after.left_to_change - before.left_to_change < after.passages - 40


async def test_an_import_waits_for_no_change_and_a_change_waits_for_an_import(house: House) -> None:
    await house.bring(*pages(3))
    await house.embed()
    await change(house)
    waiting = Waiting()
    async with asyncio.timeout(PATIENCE):
        embedding = asyncio.create_task(index_with(house, waiting)(house.people.data_set_id))
        await waiting.started.wait()
        await house.bring(*pages(3), ROUTER)
        waiting.go_on.set()
        await embedding
    await house.embed()
    assert await house.rows(VECTORS) == [(2, 100, 4)]
    assert await models(house) == ("other", None, None)


async def test_a_change_of_mind_leaves_nothing_behind(house: House) -> None:
    await house.bring(*pages(40))
    await house.embed()
    await change(house)
    waiting = Waiting()
    async with asyncio.timeout(PATIENCE):
        embedding = asyncio.create_task(index_with(house, waiting)(house.people.data_set_id))
        await waiting.started.wait()
        await change(house, "minilm")
        assert await models(house) == ("minilm", None, None)
        going_back = asyncio.create_task(house.embed())
        waiting.go_on.set()
        await asyncio.gather(embedding, going_back)
    await house.embed()
    assert await house.rows(VECTORS) == [(1, 384, 40)]
    assert await house.rows("SELECT count(*) FROM passages_to_embed") == [(0,)]
    assert await house.rows("SELECT DISTINCT generation FROM document_vectors") == [(1,)]


async def test_the_model_that_serves_is_no_change(house: House) -> None:
    await house.bring(ROUTER)
    await house.embed()
    await change(house, " minilm ")
    assert await models(house) == ("minilm", None, None)
    assert len(house.embedder.embedded) == 1


async def test_a_model_in_trouble_is_told_and_does_not_keep_the_other_from_its_work(house: House) -> None:
    await house.bring(ROUTER)
    await change(house)
    refuses = Faulty(RefusedError("other", "The key was refused."))
    await index_with(house, refuses)(house.people.data_set_id)
    assert await models(house) == ("minilm", "other", "The key was refused.")
    assert await house.rows(VECTORS) == [(1, 384, 1)]
    with pytest.raises(RefusedError, match="The key was refused"):
        await _actions_with(house, refuses).embed(house.people.admin, house.people.data_set_id)

    await house.embed()

    assert await models(house) == ("other", None, None)


async def test_a_model_that_is_gone_does_not_keep_the_data_set_from_another(house: House) -> None:
    await change(house)
    await house.embed()
    await house.bring(ROUTER)
    await change(house, "minilm")
    await index_with(house, Faulty(RefusedError("other", "Gone.")))(house.people.data_set_id)
    assert await models(house) == ("minilm", None, None)
    assert await house.found(MEANT) == ["router.md"]


async def test_while_the_endpoint_is_away_words_decide(house: House, caplog: pytest.LogCaptureFixture) -> None:
    await house.bring(ROUTER, BILLING)
    await change(house)
    await house.embed()
    away = NamedEmbedders(minilm=house.embedder, other=Faulty(ZeroDivisionError()))
    search = Search(PassageIndex(house.database), away)
    with caplog.at_level(logging.WARNING):
        found = await search.search(house.people.data_set_id, "When are invoices sent?", 5)
    assert [passage.address for passage in found] == ["billing.md"]
    assert "searching by words alone" in caplog.text


async def test_a_model_whose_key_is_gone_leaves_the_words(house: House) -> None:
    await house.bring(ROUTER, BILLING)
    await change(house)
    await house.embed()
    search = Search(PassageIndex(house.database), NamedEmbedders(minilm=house.embedder))
    assert [each.address for each in await search.search(house.people.data_set_id, "red lamp", 5)] == ["router.md"]


async def test_an_unknown_model_changes_nothing(house: House) -> None:
    with pytest.raises(InvalidError):
        await change(house, "nobody:model")
    assert await models(house) == ("minilm", None, None)


@pytest.mark.parametrize("dimensions", sorted(INDEXED_DIMENSIONS | {1, 100, 4_000}))
async def test_vectors_of_any_size_are_found(house: House, dimensions: int) -> None:
    house.embedders = NamedEmbedders(minilm=house.embedder, other=HashingEmbedder(dimensions))
    await house.bring(*pages(30))
    await _actions_with(house, HashingEmbedder(dimensions)).set_embedding_model(
        house.people.admin, house.people.data_set_id, model="other"
    )
    await house.embed()
    index = PassageIndex(house.database, exact_up_to=10)
    async with index.reading(house.people.data_set_id) as reader:
        statistics = await reader.statistics("")
        assert statistics.index is not None
        vector = await HashingEmbedder(dimensions).embed_query("Page 7\nNumber 7 of many.")
        hits = await reader.best_by_meaning(vector, statistics.index, 30, 5)
        near = {passage.address for passage in await reader.load(hits)}
    assert len(hits) == 5
    assert "7.md" in near or dimensions == 1


async def test_each_usual_size_is_searched_through_an_index_of_its_own(house: House) -> None:
    async with house.database.transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL enable_sort = off")
        for size in sorted(INDEXED_DIMENSIONS):
            vector = f"'[1{',0' * (size - 1)}]'::halfvec({size})"
            query = f"""
                EXPLAIN SELECT passage_id FROM passage_vectors
                WHERE data_set_id = 1 AND generation = 1 AND dimensions = {size}
                ORDER BY embedding::halfvec({size}) <=> {vector} LIMIT 5
            """
            cursor = await connection.execute(query.encode())
            assert f"passage_vectors_nearest_{size}" in str(await cursor.fetchall())


def _actions_with(house: House, other: HashingEmbedder) -> DataSetActions:
    embedders = NamedEmbedders(minilm=house.embedder, other=other)
    return DataSetActions(house.database, Search(PassageIndex(house.database), embedders), embedders)
