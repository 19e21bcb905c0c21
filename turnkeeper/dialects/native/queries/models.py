"""The queries about models and secrets."""

from dataclasses import dataclass
from datetime import datetime

from turnkeeper.core.secrets import Secret
from turnkeeper.dialects.native.queries.agents import text
from turnkeeper.dialects.native.queries.reading import Parameters
from turnkeeper.http_kit.paging import cursor_of

_ORDER = "secrets"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelsQuery:
    """Which models are wanted."""

    provider: str | None
    search: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretsQuery:
    """Which secrets are wanted."""

    after: datetime | None
    limit: int


def models_query(query: bytes) -> ModelsQuery:
    """What is wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("provider", "search"))
    wanted = ModelsQuery(
        provider=fields.read("provider", text("provider")), search=fields.read("search", text("search"))
    )
    fields.check()
    return wanted


def secrets_query(query: bytes) -> SecretsQuery:
    """What is wanted. Raises: as `models_query`."""
    fields = Parameters(query, known=("limit", "cursor"))
    behind, limit = fields.position(_ORDER), fields.limit()
    fields.check()
    return SecretsQuery(after=None if behind is None else behind[0], limit=limit)


def secret_behind(secret: Secret) -> str:
    """The cursor for what was first set after this one."""
    return cursor_of(secret.created_at, 0, _ORDER)
