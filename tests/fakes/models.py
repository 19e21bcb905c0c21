"""Models of a provider at an address of a test's, as the registry makes them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from turnkeeper.agents.model import LanguageModel
from turnkeeper.agents.models.anthropic_messages import AnthropicMessages, messages_url
from turnkeeper.agents.models.bridge import Bridge
from turnkeeper.agents.models.bridge_providers import BRIDGED_PROVIDERS
from turnkeeper.agents.models.chat_providers import chat_url, http_address, provider_at
from turnkeeper.agents.models.connections import Connections, Deadlines
from turnkeeper.agents.models.openai_chat import OpenAIChat
from turnkeeper.agents.models.providers import ModelAccount, Wires, model_providers
from turnkeeper.agents.registry import Registry
from turnkeeper.agents.secrets import NoSecrets

KEY = "sk-very-secret-0123456789abcdef"
QUICK = Deadlines(connect=2.0, first_byte=0.2, between_bytes=0.2, after_end=0.2)


MODEL = "openai:scripted"
"""The scripted model, as agents name it."""


@asynccontextmanager
async def scripted_registry(address: str) -> AsyncGenerator[Registry]:
    """A registry whose own model is the scripted one at this address."""
    wires = Wires()
    try:
        yield Registry(
            providers=model_providers({"openai": ModelAccount(key=KEY, address=address)}, wires),
            default_model=MODEL,
            secrets=NoSecrets(),
        )
    finally:
        await wires.close()


@asynccontextmanager
async def lean_model(
    provider: str,
    *,
    address: str,
    key: str | None = KEY,
    deadlines: Deadlines | None = None,
    api_version: str | None = None,
    thinking: str | None = None,
    gathers_after: int = 8,
) -> AsyncGenerator[LanguageModel]:
    """The provider's model `tiny` on one of the lean wires."""
    connections = Connections(deadlines, gathers_after=gathers_after)
    try:
        if provider == "anthropic":
            url = messages_url(http_address(address, provider))
            yield AnthropicMessages(url=url, name="tiny", key=key, connections=connections, thinking=thinking)
        else:
            yield OpenAIChat(
                provider_name=provider,
                provider=provider_at(provider, address),
                url=chat_url(provider, address, "tiny", api_version=api_version),
                name="tiny",
                key=key,
                connections=connections,
            )
    finally:
        await connections.close()


@asynccontextmanager
async def bridged_model(
    provider: str, *, address: str, key: str | None = KEY, deadlines: Deadlines | None = None
) -> AsyncGenerator[LanguageModel]:
    """The provider's model `tiny` through the bridge."""
    bridge = Bridge(deadlines)
    try:
        yield bridge.model(BRIDGED_PROVIDERS[provider], "tiny", key=key, address=address)
    finally:
        await bridge.close()
