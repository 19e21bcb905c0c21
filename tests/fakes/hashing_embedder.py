"""An embedder that needs no network model: texts that share words lie near to each other. Obeys `Embedder`'s contract."""

import hashlib
import math
import re
from collections.abc import Sequence

from turnkeeper.core.embeddings import VectorIndex
from turnkeeper.core.errors import InvalidError
from turnkeeper.retrieval.embedder import Embedder, Vector

_DIMENSIONS = 384
_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Each word has a direction of its own, and a text points where its words do. `embedded` is all that was asked for."""

    def __init__(self, dimensions: int = _DIMENSIONS) -> None:
        self.embedded: list[str] = []
        self._dimensions = dimensions

    @property
    def dimensions(self) -> int:
        return self._dimensions

    @property
    def passages_a_batch(self) -> int:
        return 32

    async def embed_query(self, text: str) -> Vector:
        return _vector(text, self._dimensions)

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.embedded.extend(texts)
        return [_vector(text, self._dimensions) for text in texts]


class NamedEmbedders:
    """`Embedders` with these, by the names of their models."""

    def __init__(self, **embedders: Embedder) -> None:
        self._embedders = embedders

    async def embedder(self, index: VectorIndex) -> Embedder:
        return self._named(index.model)

    async def measure(self, model: str, organization_id: int) -> int:
        return self._named(model).dimensions

    def _named(self, model: str) -> Embedder:
        if model not in self._embedders:
            raise InvalidError("model", f"There is no embedding model {model!r}.")
        return self._embedders[model]


def _vector(text: str, dimensions: int) -> Vector:
    numbers = [0.0] * dimensions
    for word in ["", *_WORD.findall(text.lower())]:
        place = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % dimensions
        numbers[place] += 1.0
    length = math.sqrt(sum(number * number for number in numbers))
    return [number / length for number in numbers]
