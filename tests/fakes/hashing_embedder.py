"""An embedder that needs no network model: texts that share words lie near to each other. Obeys `Embedder`'s contract."""

import hashlib
import math
import re
from collections.abc import Sequence

from turnkeeper.retrieval.embedder import Vector

_DIMENSIONS = 384
_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Each word has a direction of its own, and a text points where its words do. `embedded` is all that was asked for."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    @property
    def dimensions(self) -> int:
        return _DIMENSIONS

    async def embed_query(self, text: str) -> Vector:
        return _vector(text)

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.embedded.extend(texts)
        return [_vector(text) for text in texts]


def _vector(text: str) -> Vector:
    numbers = [0.0] * _DIMENSIONS
    for word in ["", *_WORD.findall(text.lower())]:
        place = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % _DIMENSIONS
        numbers[place] += 1.0
    length = math.sqrt(sum(number * number for number in numbers))
    return [number / length for number in numbers]
