"""Models and tools by name, as an agent's row names them."""

from collections.abc import Callable, Mapping, Sequence

from turnkeeper.agents.model import LanguageModel
from turnkeeper.agents.tools.tool import Tool
from turnkeeper.core.errors import InvalidError

MakeModel = Callable[[str], LanguageModel]
"""From what stands behind the colon of `provider:model` to the model."""


class Registry:
    """What agents may be made of. `providers` is by the part before the colon of a model's name."""

    def __init__(self, *, providers: Mapping[str, MakeModel], tools: Sequence[Tool], default_model: str) -> None:
        """Remember what there is.

        Raises:
            InvalidError: `default_model` names none of the models.
        """
        self._providers = dict(providers)
        self._tools = {tool.spec.name: tool for tool in tools}
        self.default_model = default_model
        self.model(default_model)

    def model_name(self, name: str | None) -> str:
        """The name of the model that an agent uses: its own, else the server's default."""
        return name or self.default_model

    def model(self, name: str | None) -> LanguageModel:
        """The model with this `provider:model` name; None is the server's default.

        Raises:
            InvalidError: the field `model` names no provider of this server, or no model.
        """
        provider, _, model = self.model_name(name).partition(":")
        make = self._providers.get(provider)
        if make is None:
            known = ", ".join(sorted(self._providers))
            raise InvalidError("model", f"There is no model provider {provider!r} here. The providers: {known}.")
        return make(model)

    def tools(self, names: Sequence[str]) -> tuple[Tool, ...]:
        """The tools with these names, each once, in their order.

        Raises:
            InvalidError: the field `tools` names a tool that this server does not have.
        """
        for name in names:
            if name not in self._tools:
                known = ", ".join(sorted(self._tools)) or "none"
                raise InvalidError("tools", f"There is no tool {name!r}. The tools of this server: {known}.")
        return tuple(self._tools[name] for name in dict.fromkeys(names))
