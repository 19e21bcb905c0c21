"""The task `index`: give vectors to the passages of a data set that wait for them.

Deferred by every import, and by every change of a data set's embedding model.
"""

from turnkeeper.core.errors import InvalidError, RefusedError, TransientError
from turnkeeper.engine.queue import RetryLaterError
from turnkeeper.retrieval.embedder import Embedders
from turnkeeper.retrieval.embedding import Embedding
from turnkeeper.store.database import Database
from turnkeeper.store.embeddings import VectorShelf

_WAIT_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 60.0


class IndexDataSet:
    """Fills in vectors; repeatable at any point, and several workers share the work."""

    def __init__(self, database: Database, embedders: Embedders) -> None:
        self._embedding = Embedding(VectorShelf(database), embedders)

    async def __call__(self, data_set_id: int) -> None:
        """Embed until no passage of the data set is left to take.

        What a model refuses is told with the data set, and tried again at the next import or by `data-sets embed`.

        Raises:
            RetryLaterError: a model's endpoint does not answer; it is to be tried again after a while.
        """
        try:
            await self._embedding(data_set_id)
        except TransientError as error:
            wait = max(error.retry_after or 0.0, _WAIT_SECONDS)
            raise RetryLaterError(min(wait, _LONGEST_WAIT_SECONDS)) from error
        except (RefusedError, InvalidError):
            return
