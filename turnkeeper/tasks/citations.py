"""The last thing before an answer is kept: its citations are held against the stored documents."""

import logging
from dataclasses import replace

from turnkeeper.agents.citations import checked
from turnkeeper.core.errors import TransientError
from turnkeeper.core.events import Answer
from turnkeeper.store.database import Database
from turnkeeper.store.documents import StoredDocuments

_log = logging.getLogger(__name__)


async def with_checked_citations(database: Database, data_set_id: int | None, answer: Answer) -> Answer:
    """The answer, each of its citations verified where the stored text bears it out.

    When the database does not answer, the citations stay unverified: an answer that was paid for is not given up for them.
    """
    if not answer.citations or data_set_id is None:
        return answer
    try:
        citations = await checked(answer.citations, StoredDocuments(database, data_set_id))
    except TransientError as error:
        _log.warning("citations could not be checked", extra={"reason": error.message})
        return answer
    return replace(answer, citations=citations)
