"""Settings of tools whose values are secrets: written as references, revealed for a call, never shown to a model."""

import re
from collections.abc import Iterable, Mapping

from turnkeeper.agents.secrets import Secrets
from turnkeeper.core.errors import ToolFailedError

_REFERENCE = re.compile(r"(?:^|(?<=\s))vault:(\S*)$")
_SHORTEST_HIDDEN = 6
"""A shorter secret is no secret, and hiding it would garble ordinary words."""


def secret_names(values: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets that these values refer to, each once, in their order.

    A value refers to a secret when it is `vault:NAME`, or ends with it after a space, as in `Bearer vault:NAME`.
    """
    found = (_REFERENCE.search(value) for value in values.values())
    return tuple(dict.fromkeys(match[1] for match in found if match))


async def revealed(secrets: Secrets, organization_id: int, values: Mapping[str, str]) -> dict[str, str]:
    """The values with secrets in place of their references.

    Raises:
        ToolFailedError: the organization has no such secret.
        TransientError: the database is away.
    """
    return {name: await _revealed(secrets, organization_id, value) for name, value in values.items()}


def hidden(text: str, written: Mapping[str, str], known: Mapping[str, str]) -> str:
    """The text without the secrets that stand in `known` where `written` has references."""
    for secret in _secrets_in(written, known):
        text = text.replace(secret, "[secret]")
    return text


def _secrets_in(written: Mapping[str, str], known: Mapping[str, str]) -> Iterable[str]:
    for name, value in written.items():
        match = _REFERENCE.search(value)
        secret = known.get(name, "")[match.start() :] if match else ""
        if len(secret) >= _SHORTEST_HIDDEN:
            yield secret


async def _revealed(secrets: Secrets, organization_id: int, value: str) -> str:
    match = _REFERENCE.search(value)
    if match is None:
        return value
    secret = await secrets.secret(organization_id, match[1])
    if secret is None:
        raise ToolFailedError(
            f"The tool is not set up: the organization's vault has no secret {match[1]!r}. Tell the operator."
        )
    return f"{value[: match.start()]}{secret}"
