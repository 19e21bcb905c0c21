"""The model that needs no key: it searches, picks the sentences that answer, cites them, or says that it found nothing.

It never writes a fact of its own: an answer is made of sentences as they stand in the data set.
"""

from collections.abc import AsyncGenerator, Sequence
from itertools import takewhile

import msgspec

from turnkeeper.agents.citations import cite
from turnkeeper.agents.model import (
    ONLY_TEXT,
    Finished,
    ModelDelta,
    ModelMessage,
    ModelRequest,
    TextDelta,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from turnkeeper.agents.models.extractive_answer import Excerpt, answer_of
from turnkeeper.agents.models.extractive_question import take_apart
from turnkeeper.agents.tools.search_documents import SEARCH_DOCUMENTS
from turnkeeper.core.errors import RefusedError
from turnkeeper.core.usage import Usage

EXTRACTIVE = "extractive"

PASSAGES = 8
"""How many passages are searched for sentences."""

NOT_FOUND = (
    "Not found in the data set: I could not find an answer to this question in the documents I have. "
    "Try other words, or ask about something that the data set covers."
)


_NO_SEARCH = (
    f"The model {EXTRACTIVE!r} answers with the help of the tool {SEARCH_DOCUMENTS!r} only, "
    "and this agent does not have it."
)


class Extractive:
    """Answers from the passages that the search tool finds, in two calls: one to search, one to answer."""

    takes = ONLY_TEXT

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Ask for a search or, once it is done, answer from it; see `LanguageModel.stream`.

        Raises:
            RefusedError: the agent lacks the search tool, or the search itself says that it failed.
        """
        questions = [
            message.question or message.text for message in request.messages if isinstance(message, UserMessage)
        ]
        question = take_apart(questions[-1], questions[:-1])
        results = _results(request.messages)
        if not results:
            if all(tool.name != SEARCH_DOCUMENTS for tool in request.tools):
                raise RefusedError(EXTRACTIVE, _NO_SEARCH)
            arguments = msgspec.json.encode({"query": question.query, "limit": PASSAGES}).decode()
            yield ToolCall(call_id="search", tool=SEARCH_DOCUMENTS, arguments=arguments)
            yield _finished("tool_calls", ())
            return
        if results[-1].failed:
            raise RefusedError(EXTRACTIVE, f"The data set could not be searched: {results[-1].content}")
        answer = answer_of(question, results[-1].passages)
        for piece in _pieces(answer.opening, answer.excerpts):
            yield TextDelta(text=piece)
        yield _finished("stop", answer.excerpts)


def _results(messages: Sequence[ModelMessage]) -> list[ToolMessage]:
    """What the searches of this turn returned: everything after the last question."""
    turn = list(takewhile(lambda message: not isinstance(message, UserMessage), reversed(messages)))
    return [message for message in reversed(turn) if isinstance(message, ToolMessage)]


def _pieces(opening: str, excerpts: Sequence[Excerpt]) -> list[str]:
    """The text of the answer, in pieces as a person would read them."""
    if not excerpts:
        return [NOT_FOUND]
    pieces = [opening] if opening else []
    for number, excerpt in enumerate(excerpts, 1):
        pieces += [f"{' ' if number > 1 else ''}{excerpt.text} [{number}]"]
    sources = [
        f"\n[{number}] {excerpt.passage.title} ({excerpt.passage.address})"
        for number, excerpt in enumerate(excerpts, 1)
    ]
    return [*pieces, "\n\nSources:", *sources]


def _finished(reason: str, excerpts: Sequence[Excerpt]) -> Finished:
    citations = tuple(cite(excerpt.passage, place) for excerpt in excerpts for place in excerpt.places)
    return Finished(
        usage=Usage(), model=EXTRACTIVE, reason="tool_calls" if reason == "tool_calls" else "stop", citations=citations
    )
