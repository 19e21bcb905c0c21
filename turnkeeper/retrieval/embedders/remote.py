"""Embedding models behind an endpoint: what is sent, and what of the answer is believed."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yarl import URL

from turnkeeper.core.errors import RefusedError, UpstreamError
from turnkeeper.core.sentences import counted
from turnkeeper.retrieval.embedder import EndpointAwayError, Vector
from turnkeeper.retrieval.embedders.endpoint import Endpoints, Patience

_LONGEST_TEXT = 8_000
"""Characters that are sent of a text: within the 8,192 tokens that the usual models read, whatever the language."""
_PASSAGES_A_REQUEST = 64
_REQUESTS_AT_A_TIME = 4
"""Enough to hide the way there and back; more would only run into the limits of usual accounts."""
_FOR_QUESTIONS = Patience(seconds=5.0, attempts=2)
_FOR_PASSAGES = Patience(seconds=90.0, attempts=5)
_REST_SECONDS = 10.0
"""After an endpoint failed, how long questions are not sent to it: each would wait in vain."""
_FEW_NUMBERS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Wire:
    """How one provider is asked. `read` returns vectors in the order of the texts, and raises ValueError for nonsense."""

    name: str
    """`provider:model`, for errors."""
    url: URL
    key: str | None
    body: Callable[[Sequence[str]], bytes]
    read: Callable[[bytes], Sequence[Sequence[float]]]
    question: str = ""
    passage: str = ""
    """What some models want before a question, and before a passage."""


class RemoteEmbedder:
    """An `Embedder` whose model is elsewhere."""

    def __init__(self, endpoints: Endpoints, wire: Wire, *, dimensions: int) -> None:
        self._endpoints = endpoints
        self._wire = wire
        self._dimensions = dimensions
        self._resting_until = 0.0

    @property
    def dimensions(self) -> int:
        """As many as the data set has."""
        return self._dimensions

    @property
    def passages_a_batch(self) -> int:
        """As many as are on their way at a time."""
        return _PASSAGES_A_REQUEST * _REQUESTS_AT_A_TIME

    async def embed_query(self, text: str) -> Vector:
        """See `Embedder.embed_query`."""
        if time.monotonic() < self._resting_until:
            message = (
                f"The endpoint of the embedding model {self._wire.name} failed a moment ago; it is left alone for now."
            )
            raise EndpointAwayError(self._wire.name, message)
        try:
            (vector,) = await ask(self._endpoints, self._wire, [self._wire.question + text], patience=_FOR_QUESTIONS)
            return self._checked(vector)
        except UpstreamError as error:
            self._resting_until = time.monotonic() + _REST_SECONDS
            raise EndpointAwayError(self._wire.name, error.message) from error

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """See `Embedder.embed_passages`. A few requests are made at a time; when one fails, the others are given up."""
        batches = [texts[start : start + _PASSAGES_A_REQUEST] for start in range(0, len(texts), _PASSAGES_A_REQUEST)]
        room = asyncio.Semaphore(_REQUESTS_AT_A_TIME)
        try:
            async with asyncio.TaskGroup() as group:
                made = [group.create_task(self._embedded(batch, room)) for batch in batches]
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        return [vector for batch in made for vector in batch.result()]

    async def _embedded(self, batch: Sequence[str], room: asyncio.Semaphore) -> Sequence[Vector]:
        async with room:
            passages = [self._wire.passage + text for text in batch]
            made = await ask(self._endpoints, self._wire, passages, patience=_FOR_PASSAGES)
        return [self._checked(vector) for vector in made]

    def _checked(self, vector: Vector) -> Vector:
        if len(vector) != self._dimensions:
            message = (
                f"The embedding model {self._wire.name} answered with vectors of {counted(len(vector), 'number')}, and the "
                f"data set has {self._dimensions:,}; another model has its name now. Embed the data set again under that "
                "model."
            )
            raise RefusedError(self._wire.name, message)
        return vector


async def ask(endpoints: Endpoints, wire: Wire, texts: Sequence[str], *, patience: Patience) -> Sequence[Vector]:
    """The vectors of the texts, in their order, scaled to length one.

    Raises:
        TransientError: the endpoint does not answer.
        RefusedError: it refuses, or its answer is not as many vectors as there are texts.
    """
    body = wire.body([text[:_LONGEST_TEXT] if text.strip() else "-" for text in texts])
    answer = await endpoints.post(wire.url, body, key=wire.key, who=wire.name, patience=patience)
    try:
        if len(answer) < _FEW_NUMBERS:
            return _vectors(wire, answer, len(texts))
        return await asyncio.to_thread(_vectors, wire, answer, len(texts))
    except ValueError as error:
        message = (
            f"The endpoint of the embedding model {wire.name} answered with something else than its vectors: {error}."
        )
        raise RefusedError(wire.name, message) from error


def _vectors(wire: Wire, answer: bytes, count: int) -> list[Vector]:
    vectors = wire.read(answer)
    if len(vectors) != count:
        raise ValueError(f"{len(vectors)} for {count} texts")
    return [_scaled(vector) for vector in vectors]


def _scaled(vector: Sequence[float]) -> Vector:
    length = math.sqrt(sum(number * number for number in vector))
    if not length or not math.isfinite(length):
        raise ValueError("one of them has no direction")
    return [number / length for number in vector]
