"""All providers of models by name, as the operator's accounts make them; their wires are loaded when first used."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from turnkeeper.agents.model import LanguageModel
from turnkeeper.agents.models.bridge_providers import BRIDGED_PROVIDERS, BridgedProvider
from turnkeeper.agents.models.chat_providers import CHAT_PROVIDERS, chat_url, http_address, provider_at
from turnkeeper.agents.models.extractive import EXTRACTIVE, Extractive
from turnkeeper.agents.providers import Provider
from turnkeeper.core.errors import StartError

if TYPE_CHECKING:
    from turnkeeper.agents.models.bridge import Bridge
    from turnkeeper.agents.models.connections import Connections

ANTHROPIC = "anthropic"
_ANTHROPIC_ADDRESS = "https://api.anthropic.com"
_LEAST_THINKING = 1_024
"""Tokens; Anthropic refuses less."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelAccount:
    """What the operator says about one provider. All of it may be left out."""

    key: str | None = None
    address: str | None = None
    """In place of the provider's own."""
    api_version: str | None = None
    """Azure's: `v1`, or a date."""
    thinking: str | None = None
    """Anthropic's: `adaptive`, or how many tokens a model may think."""


class Wires:
    """What all models of a process share. A wire is loaded, in a thread, when the first of its models is wanted."""

    def __init__(self) -> None:
        self._loading = asyncio.Lock()
        self._connections: Connections | None = None
        self._bridge: Bridge | None = None

    async def close(self) -> None:
        """Close all connections; calls under way break off."""
        if self._connections is not None:
            await self._connections.close()
        if self._bridge is not None:
            await self._bridge.close()

    async def connections(self) -> "Connections":
        """The connections of the lean wires."""
        async with self._loading:
            if self._connections is None:
                self._connections = await asyncio.to_thread(_build_connections)
            return self._connections

    async def bridge(self) -> "Bridge":
        """The bridge to pydantic-ai, which must be installed."""
        async with self._loading:
            if self._bridge is None:
                self._bridge = await asyncio.to_thread(_build_bridge)
            return self._bridge


def model_providers(accounts: Mapping[str, ModelAccount], wires: Wires) -> dict[str, Provider]:
    """Every provider by name. `accounts` is by the same names; a provider without one uses its own address.

    Raises:
        StartError: an account has an address that is none, or says something that its provider does not understand.
    """
    none = ModelAccount()
    providers = {EXTRACTIVE: Provider(make=_extractive, title="Extractive", has_models=False)}
    for name in CHAT_PROVIDERS:
        providers[name] = _chat_provider(name, accounts.get(name, none), wires)
    providers[ANTHROPIC] = _anthropic_provider(accounts.get(ANTHROPIC, none), wires)
    for name, bridged in BRIDGED_PROVIDERS.items():
        providers[name] = _bridged_provider(name, bridged, accounts.get(name, none), wires)
    return providers


async def _extractive(_name: str, _key: str | None) -> LanguageModel:
    return Extractive()


def _chat_provider(name: str, account: ModelAccount, wires: Wires) -> Provider:
    own = CHAT_PROVIDERS[name]
    address = account.address or own.address
    missing = None
    if address is None:
        missing = f"The address of {own.title} is not known here; the operator must set {_setting(name, 'BASE_URL')}."
    else:
        http_address(address, name)
    return Provider(
        make=partial(_chat_model, wires, name, account),
        title=own.title,
        key_name=_key_name(name),
        key_setting=_setting(name, "API_KEY"),
        key=account.key,
        needs_key=own.needs_key and (account.address is None or name == "azure"),
        missing=missing,
    )


async def _chat_model(wires: Wires, name: str, account: ModelAccount, model: str, key: str | None) -> LanguageModel:
    address = account.address or CHAT_PROVIDERS[name].address
    assert address is not None, "a provider without an address is not asked for models"
    url = chat_url(name, address, model, api_version=account.api_version)
    connections = await wires.connections()
    from turnkeeper.agents.models.openai_chat import OpenAIChat  # noqa: PLC0415 - slow import

    provider = provider_at(name, address)
    return OpenAIChat(provider_name=name, provider=provider, url=url, name=model, key=key, connections=connections)


def _anthropic_provider(account: ModelAccount, wires: Wires) -> Provider:
    http_address(account.address or _ANTHROPIC_ADDRESS, ANTHROPIC)
    thinking = account.thinking or "adaptive"
    if thinking != "adaptive" and not (thinking.isdecimal() and int(thinking) >= _LEAST_THINKING):
        raise StartError(
            f"{_setting(ANTHROPIC, 'THINKING')} is {thinking!r}; it must be adaptive, or a number of tokens "
            f"from {_LEAST_THINKING:,} on."
        )
    return Provider(
        make=partial(_anthropic_model, wires, account),
        title="Anthropic",
        key_name=_key_name(ANTHROPIC),
        key_setting=_setting(ANTHROPIC, "API_KEY"),
        key=account.key,
        needs_key=account.address is None,
    )


async def _anthropic_model(wires: Wires, account: ModelAccount, model: str, key: str | None) -> LanguageModel:
    connections = await wires.connections()
    from turnkeeper.agents.models import anthropic_messages  # noqa: PLC0415 - slow import

    base = http_address(account.address or _ANTHROPIC_ADDRESS, ANTHROPIC)
    return anthropic_messages.AnthropicMessages(
        url=anthropic_messages.messages_url(base),
        name=model,
        key=key,
        connections=connections,
        thinking=account.thinking or None,
    )


def _bridged_provider(name: str, bridged: BridgedProvider, account: ModelAccount, wires: Wires) -> Provider:
    missing = None
    if not _is_installed("pydantic_ai"):
        missing = (
            f"Models of {bridged.title} need an extra that is not installed here; "
            "the operator can add it: pip install 'turnkeeper[bridge]'"
        )
    elif not _is_installed(bridged.module):
        missing = (
            f"Models of {bridged.title} need a package that is not installed here; "
            f"the operator can add it: pip install 'pydantic-ai-slim[{bridged.extra}]'"
        )
    if account.address is not None:
        http_address(account.address, name)
    return Provider(
        make=partial(_bridged_model, wires, bridged, account),
        title=bridged.title,
        key_name=bridged.key_name,
        key_setting=_setting(name, "API_KEY") if bridged.has_setting else None,
        key=account.key,
        needs_key=bridged.needs_key,
        missing=missing,
    )


async def _bridged_model(
    wires: Wires, bridged: BridgedProvider, account: ModelAccount, model: str, key: str | None
) -> LanguageModel:
    bridge = await wires.bridge()
    # Making one reads certificates and imports the provider's own library: not on the event loop.
    return await asyncio.to_thread(bridge.model, bridged, model, key=key, address=account.address)


def _build_connections() -> "Connections":
    from turnkeeper.agents.models.connections import Connections  # noqa: PLC0415 - slow import

    return Connections()


def _build_bridge() -> "Bridge":
    from turnkeeper.agents.models.bridge import Bridge  # noqa: PLC0415 - slow import

    return Bridge()


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _key_name(provider: str) -> str:
    return "AZURE_OPENAI_API_KEY" if provider == "azure" else f"{provider.upper()}_API_KEY"


def _setting(provider: str, what: str) -> str:
    return f"TURNKEEPER_{provider.upper()}_{what}"
