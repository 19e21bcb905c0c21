"""Workers die in the middle of slow tasks, as processes really do: nothing is half visible, and nothing is done twice."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native
from tests.dialects.native.data_client import DataClient, run_of
from tests.dialects.native.talks import Talks, talks_of
from tests.fakes.doomed import Doomed
from tests.fakes.embedding_server import EmbeddingServer
from tests.fakes.forked_workers import ForkedWorkers
from tests.fakes.hashing_embedder import NamedEmbedders
from tests.fakes.people import people
from tests.patience import PATIENCE
from tests.retrieval.house import House
from tests.retrieval.sources import page
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.store import message_words
from turnkeeper.store.database import Database

MODEL = "openai:model"
PAGES = 300
SAVED_BEFORE_THE_LAST = 256
"""Of these, in whole batches."""
MESSAGES = 1_200

SYNC_MOMENTS = (
    # Nothing is changed yet; some is; all is, and the run is not ended.
    "LOCK TABLE sources IN EXCLUSIVE MODE",
    "LOCK TABLE passages IN EXCLUSIVE MODE",
    "LOCK TABLE sync_files IN EXCLUSIVE MODE",
)
# The same rows, written and not committed: who writes them waits.
LAST_VECTOR = """
    INSERT INTO passage_vectors (passage_id, data_set_id, generation, dimensions, embedding)
    SELECT max(id), data_set_id, 2, 64, array_fill(1, '{64}')::vector::halfvec FROM passages GROUP BY data_set_id
"""
EMBED_MOMENTS = (LAST_VECTOR, "LOCK TABLE data_sets IN EXCLUSIVE MODE")
SERVES_ALONE = """
    SELECT FROM data_sets WHERE name = 'open' AND generation = 2
    AND NOT EXISTS (SELECT FROM passage_vectors WHERE generation = 1)
"""
LATE_WORDS = """
    INSERT INTO message_words (message_id, conversation_id, words)
    SELECT id, conversation_id, '' FROM messages ORDER BY id OFFSET 1000 LIMIT 1
"""


@pytest.fixture
async def house(database: Database) -> House:
    """A data set with vectors by a model of this process."""
    house = House(database, await people(database))
    await house.bring(*(page(f"{number}.md", f"Page {number}", f"Number {number} of many.") for number in range(PAGES)))
    await house.embed()
    return house


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


async def until(url: str, query: str) -> None:
    """Wait until the query finds anything."""
    async with asyncio.timeout(PATIENCE), await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while await (await connection.execute(query.encode())).fetchone() is None:
            await connection.execute("SELECT pg_sleep(0.01)")


def counts(url: str) -> list[tuple[object, ...]]:
    """What is counted of the passages, and how many there are: of all of them, and of each word."""
    return rows(
        url,
        "SELECT passage_count, (SELECT count(*) FROM passages p WHERE p.data_set_id = d.id),"
        " (SELECT sum(passages) FROM terms t WHERE t.data_set_id = d.id),"
        " (SELECT sum(cardinality(terms)) FROM passages p WHERE p.data_set_id = d.id) FROM data_sets d WHERE name = 'open'",
    )


async def test_killed_at_any_moment_a_run_is_seen_whole_or_not_at_all(
    stage: Stage, admin: Native, tmp_path: Path, forks: ForkedWorkers
) -> None:
    data = DataClient(admin)
    workers = Doomed(url=stage.database_url, forks=forks, settings={"TURNKEEPER_DATA_DIR": str(tmp_path / "data")})
    first = await workers.start()
    await data.brought(("a.md", b"# A\n\nRed."), ("b.md", b"# B\n\nGreen."), ("c.md", b"# C\n\nBlue."))
    await until(stage.database_url, "SELECT WHERE NOT EXISTS (SELECT FROM passages_to_embed)")
    forks.kill(first)
    before = {item.address: item.id for item in (await data.page("/documents")).items}

    new = [("a.md", b"# A\n\nCrimson."), ("b.md", b"# B\n\nGreen."), ("d.md", b"# D\n\nGold.")]
    asked = run_of(await data.upload("/syncs?mode=replace", new))
    for moment in SYNC_MOMENTS:
        await workers.killed_at(moment)
        assert {item.address: item.id for item in (await data.page("/documents")).items} == before
        assert run_of(await data.get(f"/syncs/{asked.id}")).state == "running"
    await workers.start()
    done = run_of(await data.get(f"/syncs/{asked.id}", Prefer="wait=30"))

    after = {item.address: item.id for item in (await data.page("/documents")).items}
    assert (done.state, done.added, done.removed) == ("completed", 1, 1)
    assert sorted(after) == ["a.md", "b.md", "d.md"]
    assert {address: after[address] for address in ("a.md", "b.md")} == {
        address: before[address] for address in ("a.md", "b.md")
    }
    assert [run.id for run in (await data.page("/syncs?limit=1")).items] == [asked.id]
    ((counted, there, counted_words, words),) = counts(stage.database_url)
    assert (counted, counted_words) == (there, words)
    assert there == 3


async def test_killed_at_any_moment_a_change_of_model_goes_on_and_the_old_vectors_serve_meanwhile(
    house: House, forks: ForkedWorkers
) -> None:
    async with EmbeddingServer() as server:
        workers = Doomed(
            url=house.database.url,
            forks=forks,
            settings={"TURNKEEPER_OPENAI_BASE_URL": server.openai_address, "TURNKEEPER_OPENAI_API_KEY": "key"},
        )
        found = await house.found("Number 7")
        embedders = NamedEmbedders(minilm=house.embedder, **{MODEL: server.embedder})
        actions = DataSetActions(house.database, house.search, embedders)
        await actions.set_embedding_model(house.people.admin, house.people.data_set_id, model=MODEL)

        saved: list[object] = []
        for moment in EMBED_MOMENTS:
            await workers.killed_at(moment)
            assert await house.rows("SELECT generation FROM data_sets WHERE name = 'open'") == [(1,)]
            assert await house.found("Number 7") == found
            saved += (await house.rows("SELECT count(*) FROM passage_vectors WHERE generation = 2"))[0]
        await workers.start()
        await until(house.database.url, SERVES_ALONE)
        made = [text for texts in server.texts for text in texts]

    assert await house.rows("SELECT generation, count(*) FROM passage_vectors GROUP BY 1") == [(2, PAGES)]
    assert await house.rows("SELECT generation, count(*) FROM document_vectors GROUP BY 1") == [(2, PAGES)]
    assert await house.rows("SELECT count(*) FROM passages_to_embed") == [(0,)]
    # Only what was cut was made again.
    assert (saved, len(set(made))) == ([SAVED_BEFORE_THE_LAST, PAGES], PAGES)
    assert len(made) == 2 * PAGES - SAVED_BEFORE_THE_LAST


async def test_killed_in_the_middle_the_reading_of_messages_goes_on(
    stage: Stage, admin: Native, forks: ForkedWorkers
) -> None:
    talk = await Talks(admin).begin()
    stage.execute(
        "INSERT INTO messages (id, public_id, conversation_id, role, status, text, first_event, created_at)"
        " OVERRIDING SYSTEM VALUE SELECT nextval('messages_id_seq'), gen_random_uuid(), c.id, 'user', 'completed',"
        f" 'needle ' || n, 1, now() - interval '1 hour' FROM conversations c, generate_series(1, {MESSAGES}) n"
    )
    workers = Doomed(url=stage.database_url, forks=forks)
    async with stage.turnkeeper.rooms.database.connection() as connection:
        assert await message_words.ask_to_read(connection)

    await workers.killed_at(LATE_WORDS)
    read_before = rows(stage.database_url, "SELECT count(*) FROM message_words")
    await workers.start()
    await until(
        stage.database_url,
        "SELECT FROM procrastinate_jobs WHERE task_name = 'read_messages' AND status = 'succeeded'",
    )

    assert read_before == [(1_000,)]
    assert rows(stage.database_url, "SELECT count(*), count(DISTINCT message_id) FROM message_words") == [
        (MESSAGES, MESSAGES)
    ]
    page_found = talks_of(await admin.get(f"/conversations?search=%22needle+{MESSAGES}%22"))
    assert ([found.id for found in page_found.items], page_found.has_all_words) == ([talk], True)
