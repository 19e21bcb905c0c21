"""Giving every passage of a data set its vector, by the model that serves and by the one that is to take its place."""

import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from turnkeeper.core.embeddings import VectorIndex
from turnkeeper.core.errors import InvalidError, UpstreamError
from turnkeeper.retrieval.embedder import Embedders, Vector
from turnkeeper.retrieval.indexing import Progress, Report, no_report

_log = logging.getLogger(__name__)


class PassagesInHand(Protocol):
    """Some passages that nobody else is embedding."""

    @property
    def texts(self) -> Sequence[str]: ...

    async def save(self, vectors: Sequence[Vector]) -> None: ...


class Shelf(Protocol):
    """Where vectors are kept."""

    async def indexes(self, data_set_id: int) -> list[VectorIndex]: ...

    def take(self, index: VectorIndex, limit: int) -> AbstractAsyncContextManager[PassagesInHand]: ...

    async def unembedded(self, index: VectorIndex) -> int: ...

    async def change_over(self, data_set_id: int) -> bool: ...

    async def purge(self, data_set_id: int) -> None: ...

    async def note_trouble(self, data_set_id: int, trouble: str | None) -> None: ...


class Embedding:
    """Fills in vectors, batch by batch, each batch in its own transaction. Any number of processes share the work."""

    def __init__(self, shelf: Shelf, embedders: Embedders) -> None:
        self._shelf = shelf
        self._embedders = embedders

    async def __call__(self, data_set_id: int, *, report: Report = no_report) -> int:
        """Embed until no passage of the data set is left to take, and change over to a model whose vectors are complete.

        May be cut off at any point, and repeated. A model in trouble does not keep the other from its work.

        Returns:
            How many vectors were made here.

        Raises:
            TransientError: the endpoint of a model does not answer; the message is kept with the data set.
            RefusedError: it refuses.
            InvalidError: its key is missing.
        """
        indexes = await self._shelf.indexes(data_set_id)
        tally = _Tally(sum([await self._shelf.unembedded(index) for index in indexes]), report)
        troubles: list[UpstreamError | InvalidError] = []
        for index in indexes:
            try:
                await self._fill(index, tally)
            except (UpstreamError, InvalidError) as error:
                troubles.append(error)
                _log.warning(
                    "vectors could not be made",
                    extra={"data_set_id": data_set_id, "model": index.model, "reason": error.message},
                )
        if await self._shelf.change_over(data_set_id):
            troubles.clear()  # what kept the earlier model from its work matters no more
        await self._shelf.purge(data_set_id)
        await self._shelf.note_trouble(data_set_id, troubles[-1].message if troubles else None)
        if troubles:
            raise troubles[-1]
        return tally.done

    async def _fill(self, index: VectorIndex, tally: "_Tally") -> None:
        if not await self._shelf.unembedded(index):
            return
        embedder = await self._embedders.embedder(index)
        while True:
            async with self._shelf.take(index, embedder.passages_a_batch) as passages:
                if not passages.texts:
                    return
                await passages.save(await embedder.embed_passages(passages.texts))
            tally.add(len(passages.texts))


class _Tally:
    """How far it is."""

    def __init__(self, total: int, report: Report) -> None:
        self.done = 0
        self._total = total
        self._report = report

    def add(self, count: int) -> None:
        self.done += count
        self._report(Progress(done=self.done, total=max(self._total, self.done)))
