"""Models by name, as an agent's row names them."""

import re
from collections.abc import Mapping
from typing import Literal

from turnkeeper.agents.model import LanguageModel
from turnkeeper.agents.providers import Provider, ProviderState
from turnkeeper.agents.secrets import Secrets
from turnkeeper.core.errors import InvalidError

_MODEL = re.compile(r"(?!.*\.\.)[^\s\x00-\x1f?#%\\]{1,200}")
"""What may be a model's name: no spaces, and nothing that would lead to another address where it becomes part of one."""


class Registry:
    """What agents may be made of. `providers` is by the part before the colon of a model's name."""

    def __init__(self, *, providers: Mapping[str, Provider], default_model: str, secrets: Secrets) -> None:
        """Remember what there is.

        Raises:
            InvalidError: `default_model` names no model that this server could ask, whoever's key it had.
        """
        self._providers = dict(providers)
        self._secrets = secrets
        self.default_model = default_model
        self._provider_of(default_model)

    def model_name(self, name: str | None) -> str:
        """The name of the model that an agent uses: its own, else the server's default."""
        return name or self.default_model

    async def check(self, name: str | None, organization_id: int) -> None:
        """See whether the organization can use the model with this `provider:model` name; None is the server's default.

        Raises:
            InvalidError: the field `model` names no provider of this server or no model, or a setting, a key or an
                extra is missing; the sentence says which.
            TransientError: the organization's secrets cannot be read now.
        """
        await self.model(name, organization_id)

    async def model(self, name: str | None, organization_id: int) -> LanguageModel:
        """The model with this name, with the organization's own key, else the server's; the provider is not asked.

        Raises:
            InvalidError: as `check`; a model that could be used when its agent was saved may have lost its key.
            RefusedError: its provider's library cannot make it.
            TransientError: the organization's secrets cannot be read now.
        """
        wanted = self.model_name(name)
        provider, model = self._provider_of(wanted)
        key = await self._key(provider, organization_id)
        if provider.needs_key and key is None:
            raise InvalidError("model", f"The model {wanted!r} cannot be used: {_key_missing(provider)}")
        return await provider.make(model, key)

    async def provider_states(self, organization_id: int) -> tuple[ProviderState, ...]:
        """All providers by name, and what keeps the organization from using each, if anything.

        Raises:
            TransientError: the organization's secrets cannot be read now.
        """
        states: list[ProviderState] = []
        for name, provider in sorted(self._providers.items()):
            problem = provider.missing
            if problem is None:
                problem = await self._problem_of_key(provider, organization_id)
            states.append(
                ProviderState(
                    name=name,
                    title=provider.title,
                    problem=problem,
                    key_from=await self._key_from(provider, organization_id),
                    key_name=provider.key_name,
                    needs_key=provider.needs_key,
                )
            )
        return tuple(states)

    async def _key_from(self, provider: Provider, organization_id: int) -> Literal["vault", "server"] | None:
        if provider.key_name and await self._secrets.secret(organization_id, provider.key_name):
            return "vault"
        return "server" if provider.key else None

    async def _problem_of_key(self, provider: Provider, organization_id: int) -> str | None:
        try:
            key = await self._key(provider, organization_id)
        except InvalidError as error:
            return error.why
        return _key_missing(provider) if provider.needs_key and key is None else None

    def _provider_of(self, name: str) -> tuple[Provider, str]:
        """Who makes the model of this name, and what stands behind the colon."""
        word, colon, model = name.partition(":")
        provider = self._providers.get(word)
        if provider is None:
            known = ", ".join(sorted(self._providers))
            raise InvalidError("model", f"There is no model provider {word!r} here. The providers: {known}.")
        if not provider.has_models and colon:
            raise InvalidError("model", f"The model {word} has no variant {model!r}; write just {word}.")
        if provider.has_models and not _MODEL.fullmatch(model):
            raise InvalidError("model", f"{name!r} names no model; write {word}: and the provider's name of the model.")
        if provider.missing is not None:
            raise InvalidError("model", provider.missing)
        return provider, model

    async def _key(self, provider: Provider, organization_id: int) -> str | None:
        own = await self._secrets.secret(organization_id, provider.key_name) if provider.key_name else None
        key = (own or provider.key or "").strip()
        if not (key.isascii() and key.isprintable()):
            # It would go into a header, which cannot hold it.
            whose = f"{provider.key_name} in the organization's vault" if own else f"{provider.key_setting}"
            raise InvalidError("model", f"{whose} holds no key of {provider.title}: it has characters that no key has.")
        return key or None


def _key_missing(provider: Provider) -> str:
    server = f"the operator sets {provider.key_setting}, or " if provider.key_setting else ""
    return f"there is no key for {provider.title}; {server}an admin puts {provider.key_name} into the organization's vault."
