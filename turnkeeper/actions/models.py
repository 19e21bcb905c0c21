"""Models: which there are, whose keys they are used with, and what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from turnkeeper.agents.prices import KnownModel, Prices
from turnkeeper.agents.providers import ProviderState
from turnkeeper.agents.registry import Registry
from turnkeeper.core.accounts import Caller
from turnkeeper.core.embeddings import EmbeddingModel
from turnkeeper.core.errors import NotFoundError
from turnkeeper.retrieval.embedders.choice import ModelEmbedders


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderModels:
    """A provider, and those of its models that are known by name. Others can be used too."""

    state: ProviderState
    models: Sequence[KnownModel]


class ModelActions:
    """What callers may know of models."""

    def __init__(self, registry: Registry, prices: Prices, embedders: ModelEmbedders) -> None:
        self._registry = registry
        self._prices = prices
        self._embedders = embedders

    @property
    def default(self) -> str:
        """The model of agents that name none."""
        return self._registry.default_model

    async def list(self, caller: Caller, *, provider: str | None = None) -> Sequence[ProviderModels]:
        """All providers by name, or one of them; no provider is asked.

        Raises:
            NotFoundError: there is no such provider here.
            TransientError: the organization's secrets cannot be read now.
        """
        states = await self._registry.provider_states(caller.organization_id)
        wanted = [state for state in states if provider is None or state.name == provider]
        if not wanted and provider is not None:
            raise NotFoundError("model provider", provider)
        return [ProviderModels(state=state, models=await self._prices.models_of(state.name)) for state in wanted]

    async def embedding_models(self, caller: Caller) -> Sequence[EmbeddingModel]:
        """Models that data sets may have their vectors from; no provider is asked."""
        return await self._embedders.known_models(caller.organization_id)
