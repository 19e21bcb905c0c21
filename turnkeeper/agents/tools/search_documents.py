"""The tool that searches the conversation's data set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput, read_arguments
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import ToolFailedError, ToolRetryError

SEARCH_DOCUMENTS = "search_documents"

USUAL_PASSAGES = 6
MOST_PASSAGES = 10
LONGEST_QUERY = 1_000

NOTHING_FOUND = "The search found no passage. Try other words, or say that it was not found in the data set."


class Search(Protocol):
    """Finds passages."""

    async def search(self, data_set_id: int, question: str, limit: int) -> Sequence[Passage]:
        """At most `limit` passages of the data set, best first."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchArguments:
    """What the model says to look for."""

    query: str
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_PASSAGES)] = USUAL_PASSAGES


class SearchDocuments:
    """Searches the data set and hands the model numbered passages."""

    kind: ToolKind = "pure"
    spec = ToolSpec(
        name=SEARCH_DOCUMENTS,
        description=(
            "Search the documents and products of the organization's data set. Returns the best passages, each with its "
            "mark, title, address and text. Search again with other words when they do not answer the question."
        ),
        parameters={
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "What to look for: a question or keywords."},
                "limit": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MOST_PASSAGES,
                    "description": f"How many passages to return; {USUAL_PASSAGES} when left out.",
                },
            },
            "required": ["query"],
            "additionalProperties": False,
        },
    )

    def __init__(self, search: Search) -> None:
        self._search = search

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Search. The passages are marked from `context.first_mark` on, in the order of the search.

        Raises:
            ToolRetryError: the query is missing or blank, or the limit is out of bounds.
            ToolFailedError: the conversation has no data set.
        """
        wanted = read_arguments(arguments, SearchArguments)
        query = " ".join(wanted.query.split())[:LONGEST_QUERY]
        if not query:
            raise ToolRetryError("The query is blank. Say what to look for.")
        if context.data_set_id is None:
            raise ToolFailedError("This agent has no data set that could be searched.")
        passages = tuple(await self._search.search(context.data_set_id, query, wanted.limit))
        return ToolOutput(text=_printed(passages, context.first_mark) or NOTHING_FOUND, passages=passages)


def _printed(passages: Sequence[Passage], first_mark: int) -> str:
    """The passages as a model reads them: a line with mark, title and address, then the text."""
    return "\n\n".join(
        f"[{mark}] {passage.title} ({passage.address})\n{passage.text.strip()}"
        for mark, passage in enumerate(passages, first_mark)
    )
