"""A provider of models as the registry knows it: how its models are made, whose key is used, and what is missing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from turnkeeper.agents.model import LanguageModel

MakeModel = Callable[[str, str | None], Awaitable[LanguageModel]]
"""From what stands behind the colon of `provider:model`, and a key, to the model. Nobody outside is asked.

Raises:
    InvalidError: the field `model` cannot be a model of this provider.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """Who makes the models whose names begin with one word and a colon."""

    make: MakeModel
    title: str = ""
    """What people call it."""
    has_models: bool = True
    """Whether a model must be named behind the colon; where not, none may be."""
    key_name: str | None = None
    """Under which name an organization keeps a key of its own in its vault; None where keys are not known."""
    key_setting: str | None = None
    """Which setting holds the server's key."""
    key: str | None = None
    """The server's own key, for organizations without one."""
    needs_key: bool = False
    missing: str | None = None
    """A sentence about what the operator has to set or install first; None when nothing is missing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderState:
    """Whether the models of a provider can be used, and if not, a sentence that says why."""

    name: str
    title: str
    problem: str | None
    key_from: Literal["vault", "server"] | None = None
    """Whose key is used: the organization's own, or the server's; None when there is none."""
    key_name: str | None = None
    """Under which name the organization keeps a key of its own in its vault."""
    needs_key: bool = False
