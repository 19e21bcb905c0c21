"""A tool made of a function and the type of its arguments: the schema that the model is told comes from the type."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

import msgspec

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput, read_arguments
from turnkeeper.core.effects import ToolKind

Arguments = TypeVar("Arguments")


class TypedTool(Generic[Arguments]):
    """A `Tool` for those who write plug-ins.

    The type of the arguments is a dataclass or a `msgspec.Struct`; bounds and descriptions of its fields are written with
    `Annotated[int, msgspec.Meta(ge=1, description="How many days.")]`.
    """

    def __init__(
        self,
        *,
        name: str,
        description: str,
        kind: ToolKind,
        arguments: type[Arguments],
        call: Callable[[Arguments, ToolContext], Awaitable[str | ToolOutput]],
    ) -> None:
        """`call` gets arguments that were checked, and returns what the model reads; what it may raise, see `Tool.call`.

        Raises:
            TypeError: the type of the arguments is none that JSON can be read into.
        """
        self.kind: ToolKind = kind
        self.spec = ToolSpec(name=name, description=description, parameters=parameters_of(arguments))
        self._arguments = arguments
        self._call = call

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """See `Tool.call`."""
        output = await self._call(read_arguments(arguments, self._arguments), context)
        return ToolOutput(text=output) if isinstance(output, str) else output


def parameters_of(kind: type) -> Mapping[str, object]:
    """The JSON Schema of an object of this type, with everything that it refers to inside.

    Raises:
        TypeError: the type cannot be read from JSON, or is not an object there.
    """
    (schema,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    own = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if own in components:
        schema = components.pop(own)
    if schema.get("type") != "object":
        raise TypeError(f"{kind!r} is not the type of an object.")
    schema = {name: value for name, value in schema.items() if name != "title"}
    return {**schema, "additionalProperties": False} | ({"$defs": components} if components else {})
