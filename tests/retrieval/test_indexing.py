"""Imports: a data set equals its sources afterwards, in one step, and only what changed is read."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.fakes.hashing_embedder import HashingEmbedder, NamedEmbedders
from tests.patience import PATIENCE
from tests.retrieval.house import House
from tests.retrieval.sources import MemorySource, page
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.imports import Failure
from turnkeeper.retrieval.indexing import Progress, import_sources
from turnkeeper.retrieval.parsing import ParsedDocument, ParsedProduct, Unreadable
from turnkeeper.store.imports import Import
from turnkeeper.tasks.index import IndexDataSet

ROUTER = page("router.md", "Router R5", "# Router R5\n\nThe lamp blinks red when the line is down.")
BILLING = page("billing.md", "Billing", "# Billing\n\nInvoices are sent on the third working day.")
ROUTER_9 = ParsedProduct(entry_id="r9", name="Router R9", description="Ten gigabit.", sku="R-9", price=199.5)


async def test_what_was_imported_is_found_by_its_words_at_once(house: House) -> None:
    report = await house.bring(ROUTER, BILLING)
    assert (report.added, report.documents, report.passages, report.unembedded) == (2, 2, 2, 2)
    assert await house.found("which lamp is red?") == ["router.md"]
    assert house.embedder.embedded == []


async def test_an_import_defers_the_embedding_once_it_is_needed(house: House) -> None:
    query = "SELECT task_name, lock, args ->> 'data_set_id' FROM procrastinate_jobs"
    await house.bring(ROUTER)
    number = str(house.people.data_set_id)
    assert await house.rows(query) == [("index", f"index:{number}", number)]
    await house.embed()
    await house.bring(ROUTER)
    assert len(await house.rows(query)) == 1


async def test_an_unchanged_source_is_neither_read_nor_embedded_again(house: House) -> None:
    await house.bring(ROUTER, BILLING)
    await house.embed()
    again = [page(source.address, "x", "") for source in (ROUTER, BILLING)]
    for source, old in zip(again, (ROUTER, BILLING), strict=True):
        source.items = old.items
    report = await house.bring(*again)
    assert (report.added, report.changed, report.unchanged, report.removed, report.unembedded) == (0, 0, 2, 0, 0)
    assert [source.reads for source in again] == [0, 0]
    assert len(house.embedder.embedded) == 2


async def test_a_changed_source_keeps_its_document_and_loses_its_old_words(house: House) -> None:
    await house.bring(ROUTER, BILLING)
    before = await house.rows("SELECT id, public_id FROM documents ORDER BY address")
    report = await house.bring(page("router.md", "Router R5", "The lamp glows green."), BILLING)
    assert (report.changed, report.unchanged) == (1, 1)
    assert await house.rows("SELECT id, public_id FROM documents ORDER BY address") == before
    assert await house.found("blinks") == []
    assert await house.found("green") == ["router.md"]


async def test_a_vanished_source_takes_everything_of_it_along(house: House) -> None:
    await house.bring(ROUTER, MemorySource(address="shop.jsonl", items=[ROUTER_9]))
    await house.embed()
    report = await house.bring(ROUTER)
    assert report.removed == 1
    assert await house.rows("SELECT count(*) FROM products") == [(0,)]
    assert await house.rows("SELECT count(*) FROM passages") == [(1,)]
    assert await house.rows("SELECT count(*) FROM passage_vectors") == [(1,)]
    assert await house.rows("SELECT count(*) FROM terms WHERE lexeme = 'gigabit'") == [(0,)]


async def test_statistics_stay_those_of_a_fresh_import(house: House) -> None:
    statistics = (
        "SELECT lexeme, t.passages, d.passage_count, d.passage_length"
        " FROM terms t JOIN data_sets d ON d.id = t.data_set_id ORDER BY 1"
    )
    await house.bring(page("a.md", "A", "red green blue"), page("b.md", "B", "red green"), BILLING)
    await house.bring(page("a.md", "A", "red"), page("c.md", "C", "red yellow"))
    after_changes = await house.rows(statistics)
    await house.bring()
    assert await house.rows("SELECT count(*) FROM terms") == [(0,)]
    await house.bring(page("a.md", "A", "red"), page("c.md", "C", "red yellow"))
    assert await house.rows(statistics) == after_changes
    assert ("red", 2, 2) in [row[:3] for row in after_changes]


async def test_vectors_of_passages_that_only_moved_are_kept(house: House) -> None:
    first, second = ("The first part. " * 50).strip(), ("The second part. " * 50).strip()
    await house.bring(page("long.md", "Long", f"{first}\n\n{second}"))
    await house.embed()
    embedded = len(house.embedder.embedded)
    report = await house.bring(page("long.md", "Long", f"{second}\n\n{first}\n\nA third part is new and short."))
    assert 0 < report.unembedded < report.passages
    assert len(house.embedder.embedded) == embedded


async def test_a_document_is_about_all_that_its_passages_are_about(house: House) -> None:
    query = """
        SELECT t.address, round((v.total <=> s.total)::numeric, 3), count(*) OVER () FROM documents t
        JOIN document_vectors v ON v.document_id = t.id
        JOIN (SELECT p.document_id, sum(e.embedding::vector) AS total
              FROM passages p JOIN passage_vectors e ON e.passage_id = p.id GROUP BY 1) s ON s.document_id = t.id ORDER BY 1
    """
    first, second = ("The first part. " * 50).strip(), ("The second part. " * 50).strip()
    await house.bring(page("long.md", "Long", f"{first}\n\n{second}"), ROUTER)
    await house.embed()
    assert [(row[0], float(str(row[1]))) for row in await house.rows(query)] == [("long.md", 0.0), ("router.md", 0.0)]
    await house.bring(page("long.md", "Long", f"{second}\n\n{first}\n\nA third part is new and short."))
    await house.embed()
    assert [(row[0], float(str(row[1]))) for row in await house.rows(query)] == [("long.md", 0.0)]


async def test_a_product_has_a_page_of_its_own_that_is_cited(house: House) -> None:
    report = await house.bring(MemorySource(address="shop.jsonl", items=[ROUTER_9]))
    assert (report.products, report.documents) == (1, 0)
    (passage,) = await house.search.search(house.people.data_set_id, "What does the R9 cost?", 5)
    assert (passage.address, passage.title) == ("products/r9", "Router R9")
    assert "Price: 199.50" in passage.text
    products = await house.actions.products(house.people.member, house.people.data_set_id)
    assert [(product.entry_id, product.price) for product in products] == [("r9", 199.5)]


async def test_a_product_that_moves_to_another_file_stays_the_same(house: House) -> None:
    await house.bring(MemorySource(address="z.jsonl", items=[ROUTER_9]))
    before = await house.rows("SELECT id, document_id FROM products")
    report = await house.bring(MemorySource(address="a.jsonl", items=[ROUTER_9]))
    assert report.failures == ()
    assert await house.rows("SELECT id, document_id FROM products") == before


async def test_of_two_products_with_one_id_the_first_stays_and_the_other_is_reported(house: House) -> None:
    other = ParsedProduct(entry_id="r9", name="An impostor")
    report = await house.bring(
        MemorySource(address="a.jsonl", items=[ROUTER_9]), MemorySource(address="b.jsonl", items=[other])
    )
    assert [failure.address for failure in report.failures] == ["products/r9"]
    assert await house.rows("SELECT name FROM products") == [("Router R9",)]


async def test_what_could_not_be_read_is_told_at_every_import(house: House) -> None:
    broken = Unreadable(address="shop.jsonl", why="Line 2 is no JSON.")
    sources = (
        MemorySource(address="shop.jsonl", items=[ROUTER_9, broken]),
        MemorySource(address="scan.pdf", items=[Unreadable(address="scan.pdf", why="It holds no text.")]),
    )
    expected = {
        Failure(address="shop.jsonl", why="Line 2 is no JSON."),
        Failure(address="scan.pdf", why="It holds no text."),
    }
    assert set((await house.bring(*sources)).failures) == expected
    assert set((await house.bring(*sources)).failures) == expected


async def test_offsets_point_at_the_passage_in_the_stored_text(house: House) -> None:
    text = "# Größe\n\n" + "Die Höhe beträgt 12 cm – ohne Fuß. 🛰️ " * 80
    await house.bring(page("size.md", "Größe", text))
    for passage in await house.search.search(house.people.data_set_id, "Höhe ohne Fuß", 100):
        document = await house.actions.document(house.people.member, passage.document_id)
        assert document.text[passage.start : passage.end] == passage.text


async def test_a_failing_import_leaves_all_as_it_was(house: House) -> None:
    class Broken(MemorySource):
        def read(self) -> Sequence[ParsedDocument]:
            raise ZeroDivisionError

    await house.bring(ROUTER, BILLING)
    with pytest.raises(ZeroDivisionError):
        await house.bring(page("router.md", "Router", "All new."), Broken(address="broken", items=[]))
    assert sorted(await house.found("lamp invoices")) == ["billing.md", "router.md"]
    assert await house.rows("SELECT count(*) FROM sources") == [(2,)]


async def test_readers_see_the_old_state_until_the_new_one_is_complete(house: House) -> None:
    await house.bring(ROUTER)
    async with house.database.transaction() as connection:
        await import_sources(Import(connection, house.people.data_set_id), [BILLING])
        assert await house.found("lamp") == ["router.md"]
        assert await house.found("invoices") == []
    assert await house.found("lamp") == []
    assert await house.found("invoices") == ["billing.md"]


async def test_two_imports_of_one_data_set_happen_one_after_the_other(house: House) -> None:
    many = [page(f"{number}.md", f"Page {number}", f"Number {number}.") for number in range(30)]
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(house.bring(*many[start : start + 10]) for start in (0, 10, 20)))
    addresses = {str(row[0]) for row in await house.rows("SELECT address FROM documents")}
    assert addresses in [{source.address for source in many[start : start + 10]} for start in (0, 10, 20)]
    assert await house.rows("SELECT passage_count FROM data_sets WHERE name = 'open'") == [(10,)]


async def test_two_sources_with_one_address_are_refused(house: House) -> None:
    with pytest.raises(InvalidError, match=r"router\.md"):
        await house.bring(ROUTER, ROUTER)


async def test_progress_reaches_the_total(house: House) -> None:
    heard: list[Progress] = []
    sources = [page(f"{number}.md", "Page", f"Number {number}.") for number in range(450)]
    await house.actions.import_sources(house.people.admin, house.people.data_set_id, sources, report=heard.append)
    assert [progress.done for progress in heard] == [0, 200, 400, 450]
    assert {progress.total for progress in heard} == {450}


async def test_several_processes_share_the_embedding(house: House) -> None:
    await house.bring(*(page(f"{number}.md", f"Page {number}", f"Number {number}.") for number in range(150)))
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(house.embed(), house.embed(), house.embed())
    assert len(house.embedder.embedded) == len(set(house.embedder.embedded)) == 150
    assert await house.rows("SELECT count(*) FROM passage_vectors") == [(150,)]


async def test_an_import_that_removes_passages_waits_for_their_embedding(house: House) -> None:
    await house.bring(ROUTER, BILLING)
    started, go_on = asyncio.Event(), asyncio.Event()

    class SlowEmbedder(HashingEmbedder):
        async def embed_passages(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            started.set()
            await go_on.wait()
            return await super().embed_passages(texts)

    async with asyncio.timeout(PATIENCE):
        index = IndexDataSet(house.database, NamedEmbedders(minilm=SlowEmbedder()))
        embedding = asyncio.create_task(index(house.people.data_set_id))
        await started.wait()
        importing = asyncio.create_task(house.bring(BILLING))
        await asyncio.wait([importing], timeout=0.2)
        assert not importing.done()
        go_on.set()
        await asyncio.gather(embedding, importing)
    assert await house.rows("SELECT count(*) FROM passage_vectors") == [(1,)]
