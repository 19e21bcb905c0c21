"""OpenAI's embeddings, and every endpoint that speaks like it (vLLM, LiteLLM, LM Studio, text-embeddings-inference …).

Source: the reference of `POST /v1/embeddings`.
"""

from collections.abc import Sequence

import msgspec
from yarl import URL

from turnkeeper.retrieval.embedders.remote import Wire

OPENAI_ADDRESS = "https://api.openai.com/v1"


class _Embedding(msgspec.Struct):
    index: int
    embedding: list[float]


class _Answer(msgspec.Struct):
    data: list[_Embedding]


def openai_wire(model: str, *, address: URL, key: str | None) -> Wire:
    """How the model is asked; `address` is what stands before `/embeddings`."""

    def body(texts: Sequence[str]) -> bytes:
        return msgspec.json.encode({"model": model, "input": texts, "encoding_format": "float"})

    return Wire(name=f"openai:{model}", url=address / "embeddings", key=key, body=body, read=_read)


def _read(answer: bytes) -> list[list[float]]:
    """The vectors by their index, which need not be the order of the answer."""
    found = sorted(msgspec.json.decode(answer, type=_Answer).data, key=lambda each: each.index)
    if [each.index for each in found] != list(range(len(found))):
        raise ValueError("their numbers are not those of the texts")
    return [each.embedding for each in found]
