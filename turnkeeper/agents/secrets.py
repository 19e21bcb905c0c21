"""Secrets of an organization, as models and tools need them."""

from typing import Protocol


class Secrets(Protocol):
    """Where secrets are kept. In settings of tools a value `vault:NAME` stands for the secret with that name.

    Keys of model providers have the names that their own documentation uses, such as `OPENAI_API_KEY`.
    """

    async def secret(self, organization_id: int, name: str) -> str | None:
        """The organization's secret with this name; None when it has none.

        Raises:
            TransientError: the database is away.
        """
        ...


class NoSecrets:
    """A server without a vault: no organization has any secret."""

    async def secret(self, organization_id: int, name: str) -> str | None:  # noqa: ARG002 - the Protocol's
        """Always None."""
        return None
