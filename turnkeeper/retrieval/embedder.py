"""What turns text into vectors, as indexing and search need it."""

from collections.abc import Sequence
from typing import Protocol

from turnkeeper.core.embeddings import VectorIndex
from turnkeeper.core.errors import UpstreamError

Vector = Sequence[float]
"""A direction of length one: the product of two of them is the cosine of the angle between."""


class EndpointAwayError(UpstreamError):
    """The endpoint that embeds questions does not answer, or refuses to: search does without meaning."""

    code = "embedding_endpoint_away"


class Embedder(Protocol):
    """Vectors for questions and for passages, such that what answers a question lies near to it."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has; always the same."""
        ...

    @property
    def passages_a_batch(self) -> int:
        """How many passages are best embedded together: what is lost when a worker dies."""
        ...

    async def embed_query(self, text: str) -> Vector:
        """The vector of one question, at once.

        Raises:
            TransientError: too many questions wait already.
            EndpointAwayError: there is an endpoint, and it does not answer as it should.
        """
        ...

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """The vectors of many passages, in the order of `texts`; slow, and never in the way of a question.

        Raises:
            TransientError: the endpoint does not answer; try again later.
            RefusedError: the endpoint refuses, or what it answers is no set of vectors of this size.
        """
        ...


class Embedders(Protocol):
    """The embedder for each model. Embedders live as long as this does."""

    async def embedder(self, index: VectorIndex) -> Embedder:
        """The one that makes, and made, the vectors of this index.

        Raises:
            InvalidError: the field `model` names no model that can be used here, because of a provider or a key.
            RefusedError: the key in the vault cannot be opened.
            TransientError: the database is away.
        """
        ...

    async def measure(self, model: str, organization_id: int) -> int:
        """How many numbers the model's vectors have; the model is asked, so that what is wrong with it shows now.

        Raises:
            InvalidError: there is no such model or provider, a key is missing or refused, or its vectors are too long.
            RefusedError: the key in the vault cannot be opened.
            TransientError: its endpoint does not answer.
        """
        ...
