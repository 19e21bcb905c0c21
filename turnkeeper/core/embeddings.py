"""Embedding models by name, and the vectors of a data set that one of them made."""

from dataclasses import dataclass

MOST_DIMENSIONS = 4_000
"""What the database can hold and compare in half precision."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VectorIndex:
    """One generation of vectors of a data set: all by one model, all of one size."""

    organization_id: int
    data_set_id: int
    generation: int
    model: str
    dimensions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbeddingModel:
    """A model that a data set can have its vectors from; of providers with many, one or two that are usual."""

    name: str
    problem: str | None
    """A sentence about what keeps the organization from using it."""
