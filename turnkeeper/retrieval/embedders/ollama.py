"""Ollama's embedding models, by its own wire.

Source: the reference of `POST /api/embed`. What models want before a text is in their model cards; Ollama adds nothing.
"""

from collections.abc import Mapping, Sequence

import msgspec
from yarl import URL

from turnkeeper.retrieval.embedders.remote import Wire

OLLAMA_ADDRESS = "http://localhost:11434"
_PREFIXES: Mapping[str, tuple[str, str]] = {
    "nomic-embed-text": ("search_query: ", "search_document: "),
    "mxbai-embed-large": ("Represent this sentence for searching relevant passages: ", ""),
}


class _Answer(msgspec.Struct):
    embeddings: list[list[float]]


def ollama_wire(model: str, *, address: URL, key: str | None) -> Wire:
    """How the model is asked; an address that ends in `/v1`, which is Ollama's other wire, is understood too."""

    def body(texts: Sequence[str]) -> bytes:
        return msgspec.json.encode({"model": model, "input": texts, "truncate": True})

    base = address.parent if address.name == "v1" else address
    question, passage = _PREFIXES.get(model.partition(":")[0], ("", ""))
    return Wire(
        name=f"ollama:{model}",
        url=base / "api/embed",
        key=key,
        body=body,
        read=_read,
        question=question,
        passage=passage,
    )


def _read(answer: bytes) -> list[list[float]]:
    return msgspec.json.decode(answer, type=_Answer).embeddings
