"""Embedding models by name: `minilm`, `openai:NAME`, `ollama:NAME`."""

from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from turnkeeper.core.embeddings import MOST_DIMENSIONS, EmbeddingModel, VectorIndex
from turnkeeper.core.errors import InvalidError, RefusedError
from turnkeeper.retrieval.embedder import Embedder

if TYPE_CHECKING:
    from turnkeeper.retrieval.embedders.endpoint import Endpoints
    from turnkeeper.retrieval.embedders.remote import Wire

MINILM = "minilm"
_PROVIDERS = "minilm, openai:NAME such as openai:text-embedding-3-small, ollama:NAME such as ollama:nomic-embed-text"
_USUAL = (MINILM, "openai:text-embedding-3-small", "openai:text-embedding-3-large", "ollama:nomic-embed-text")
_LONGEST_NAME = 200
_MOST_KEPT = 256
_MEASURE_SECONDS = 60.0
"""A small machine may have to load the model first."""
_MEASURE_ATTEMPTS = 3


class Secrets(Protocol):
    """Where an organization's own keys are."""

    async def secret(self, organization_id: int, name: str) -> str | None:
        """The secret with this name; None when there is none."""
        ...


class ModelEmbedders:
    """The `Embedders` of a server. Build one a process and close it; nothing is opened before it is needed."""

    def __init__(
        self,
        *,
        minilm: Embedder,
        secrets: Secrets,
        openai_base_url: str | None = None,
        openai_api_key: str | None = None,
        ollama_base_url: str | None = None,
    ) -> None:
        """Remember where models are. The organization's own key in the vault wins over `openai_api_key`."""
        self._minilm = minilm
        self._secrets = secrets
        self._openai_base_url = openai_base_url
        self._openai_api_key = openai_api_key
        self._ollama_base_url = ollama_base_url
        self._endpoints: Endpoints | None = None
        self._kept: OrderedDict[tuple[str, str, str | None, int], Embedder] = OrderedDict()

    async def close(self) -> None:
        """Close the connections to endpoints."""
        if self._endpoints is not None:
            await self._endpoints.close()

    async def embedder(self, index: VectorIndex) -> Embedder:
        """See `Embedders.embedder`."""
        if index.model == MINILM:
            return self._minilm
        from turnkeeper.retrieval.embedders.remote import RemoteEmbedder  # noqa: PLC0415 - slow import

        wire = await self._wire(index.model, index.organization_id)
        place = (wire.name, str(wire.url), wire.key, index.dimensions)
        kept = self._kept.get(place)
        if kept is None:
            kept = RemoteEmbedder(self._opened(), wire, dimensions=index.dimensions)
            self._kept[place] = kept
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return kept

    async def known_models(self, organization_id: int) -> tuple[EmbeddingModel, ...]:
        """Models that the organization may choose, and what keeps it from using them; no provider is asked."""
        models: list[EmbeddingModel] = []
        for name in _USUAL:
            problem: str | None = None
            try:
                if name != MINILM:
                    await self._wire(name, organization_id)
            except InvalidError as error:
                problem = error.why
            models.append(EmbeddingModel(name=name, problem=problem))
        return tuple(models)

    async def measure(self, model: str, organization_id: int) -> int:
        """See `Embedders.measure`."""
        if model == MINILM:
            return self._minilm.dimensions
        from turnkeeper.retrieval.embedders import endpoint, remote  # noqa: PLC0415 - slow import

        wire = await self._wire(model, organization_id)
        try:
            patience = endpoint.Patience(seconds=_MEASURE_SECONDS, attempts=_MEASURE_ATTEMPTS)
            (vector,) = await remote.ask(self._opened(), wire, ["How long is a vector?"], patience=patience)
        except RefusedError as error:
            if error.code == endpoint.KEY_REFUSED:
                raise InvalidError("model", f"{error.message} {_where_keys_are(wire.name)}") from error
            raise InvalidError("model", error.message) from error
        if len(vector) > MOST_DIMENSIONS:
            why = (
                f"The vectors of {model} have {len(vector):,} numbers; at most {MOST_DIMENSIONS:,} can be kept. "
                "Choose a smaller model."
            )
            raise InvalidError("model", why)
        return len(vector)

    async def _wire(self, model: str, organization_id: int) -> "Wire":
        from turnkeeper.retrieval.embedders.endpoint import address  # noqa: PLC0415 - slow import
        from turnkeeper.retrieval.embedders.ollama import OLLAMA_ADDRESS, ollama_wire  # noqa: PLC0415 - slow import
        from turnkeeper.retrieval.embedders.openai import OPENAI_ADDRESS, openai_wire  # noqa: PLC0415 - slow import

        provider, _, name = model.partition(":")
        if not name.strip() or len(model) > _LONGEST_NAME or not model.isprintable():
            why = f"There is no embedding model {model[:_LONGEST_NAME]!r} here. There are: {_PROVIDERS}."
            raise InvalidError("model", why)
        if provider == "openai":
            key = await self._secrets.secret(organization_id, "OPENAI_API_KEY") or self._openai_api_key
            if not key and not self._openai_base_url:
                raise InvalidError("model", f"The embedding model {model} needs a key. {_where_keys_are(model)}")
            url = address(self._openai_base_url or OPENAI_ADDRESS, "TURNKEEPER_OPENAI_BASE_URL")
            return openai_wire(name.strip(), address=url, key=key)
        if provider == "ollama":
            key = await self._secrets.secret(organization_id, "OLLAMA_API_KEY")
            url = address(self._ollama_base_url or OLLAMA_ADDRESS, "TURNKEEPER_OLLAMA_BASE_URL")
            return ollama_wire(name.strip(), address=url, key=key)
        raise InvalidError("model", f"There is no provider {provider!r} of embedding models. There are: {_PROVIDERS}.")

    def _opened(self) -> "Endpoints":
        from turnkeeper.retrieval.embedders.endpoint import Endpoints  # noqa: PLC0415 - slow import

        if self._endpoints is None:
            self._endpoints = Endpoints()
        return self._endpoints


def _where_keys_are(model: str) -> str:
    name = f"{model.partition(':')[0].upper()}_API_KEY"
    setting = "set TURNKEEPER_OPENAI_API_KEY, or " if name == "OPENAI_API_KEY" else ""
    return f"To give one, {setting}put it into the vault: turnkeeper vault set {name}"
