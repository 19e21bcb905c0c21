"""What turns text into vectors, as indexing and search need it."""

from collections.abc import Sequence
from typing import Protocol

Vector = Sequence[float]
"""A direction of length one: the product of two of them is the cosine of the angle between."""


class Embedder(Protocol):
    """Vectors for questions and for passages, such that what answers a question lies near to it."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has; fixed for the life of a database."""
        ...

    async def embed_query(self, text: str) -> Vector:
        """The vector of one question, at once.

        Raises:
            TransientError: too many questions wait already.
        """
        ...

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """The vectors of many passages, in the order of `texts`; slow, and never in the way of a question."""
        ...
