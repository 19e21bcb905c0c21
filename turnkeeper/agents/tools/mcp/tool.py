"""One tool of an MCP server, as a turn sees it."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput, read_arguments
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import ToolRetryError

MOST_DEPTH = 100
"""Arguments nested deeper are not sent: the library that writes them would give up in the middle."""

EFFECT_KEY = "turnkeeper.dev/idempotency-key"
"""Under this name in `_meta` the effect id goes out with every call: the same at every try of the same call."""


class Link(Protocol):
    """A server that can be called, connected or not."""

    async def call(self, tool: str, arguments: Mapping[str, object], meta: Mapping[str, str], kind: ToolKind) -> str:
        """The text of the answer. Raises what `Tool.call` raises."""
        ...


class McpTool:
    """Passes calls on to the server."""

    def __init__(self, *, spec: ToolSpec, kind: ToolKind, tool: str, link: Link) -> None:
        """`tool` is what the server itself calls it."""
        self.spec = spec
        self.kind: ToolKind = kind
        self._tool = tool
        self._link = link

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Call. Raises: as `Tool.call`; the server checks the arguments, and what it says of them is told to the model."""
        wanted = read_arguments(arguments, dict[str, object])
        if _is_deeper_than(MOST_DEPTH, wanted):
            raise ToolRetryError("The arguments are nested too deep. Mend them and call again.")
        meta = {EFFECT_KEY: str(context.effect_id)}
        return ToolOutput(text=await self._link.call(self._tool, wanted, meta, self.kind))


def _is_deeper_than(most: int, value: object) -> bool:
    """Whether objects and lists stand inside each other more than `most` times."""
    level: list[object] = [value]
    for _ in range(most + 1):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()  # pyright: ignore[reportUnknownVariableType] - JSON
    return value if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType] - JSON
