"""A data set in a fresh database, and what works on it."""

from tests.fakes.hashing_embedder import HashingEmbedder, NamedEmbedders
from tests.fakes.people import People
from tests.fakes.rooms import rows_of
from tests.retrieval.sources import MemorySource
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.core.imports import ImportReport
from turnkeeper.retrieval.search import Search
from turnkeeper.store.database import Database
from turnkeeper.store.passages import PassageIndex
from turnkeeper.tasks.index import IndexDataSet


class House:
    """A data set in a fresh database, and what works on it."""

    def __init__(self, database: Database, made: People) -> None:
        self.database = database
        self.people = made
        self.embedder = HashingEmbedder()
        self.other = HashingEmbedder(dimensions=100)
        self.embedders = NamedEmbedders(minilm=self.embedder, other=self.other)
        self.search = Search(PassageIndex(database), self.embedders)
        self.actions = DataSetActions(database, self.search, self.embedders)

    def look_exactly(self, *, up_to: int) -> None:
        """From now on, compare the vectors of larger data sets by their index."""
        self.search = Search(PassageIndex(self.database, exact_up_to=up_to), self.embedders)
        self.actions = DataSetActions(self.database, self.search, self.embedders)

    async def bring(self, *sources: MemorySource) -> ImportReport:
        return await self.actions.import_sources(self.people.admin, self.people.data_set_id, sources)

    async def embed(self) -> None:
        await IndexDataSet(self.database, self.embedders)(self.people.data_set_id)

    async def found(self, question: str) -> list[str]:
        return [passage.address for passage in await self.search.search(self.people.data_set_id, question, 10)]

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        return await rows_of(self.database, query)
