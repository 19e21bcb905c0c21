"""The task `index`: give vectors to the passages of a data set that wait for them. Deferred by every import."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from turnkeeper.retrieval.embedder import Embedder
from turnkeeper.retrieval.indexing import fill_embeddings
from turnkeeper.store import passages
from turnkeeper.store.database import Database

PASSAGES_A_BATCH = 32
"""Two seconds of work: what is lost when a worker dies, and how long one transaction stays open."""


class IndexDataSet:
    """Fills in vectors, batch by batch, each batch in its own transaction. Several workers share the work."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def __call__(self, data_set_id: int) -> None:
        """Embed until no passage of the data set is left to take; repeatable at any point."""

        @asynccontextmanager
        async def take() -> AsyncGenerator[passages.UnembeddedPassages]:
            async with self._database.transaction() as connection:
                yield await passages.take_unembedded(connection, data_set_id=data_set_id, limit=PASSAGES_A_BATCH)

        await fill_embeddings(take, self._embedder)
