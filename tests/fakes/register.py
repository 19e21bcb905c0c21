"""A tool that changes something."""

import asyncio

from tests.patience import PATIENCE
from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput
from turnkeeper.core.effects import ToolKind


class Register:
    """A tool that changes something: keeps each call's effect id, and can die in the middle."""

    def __init__(
        self, name: str = "refund", *, kind: ToolKind = "at_most_once", dies: BaseException | None = None
    ) -> None:
        self.kind: ToolKind = kind
        self.spec = ToolSpec(name=name, description="Change something.", parameters={"type": "object"})
        self.keys: list[str] = []
        self.dies = dies
        self.begun = asyncio.Event()
        self._may_end = asyncio.Event()
        self._may_end.set()

    def hold(self) -> None:
        """Let no call come to its end until `release`."""
        self._may_end.clear()

    def release(self) -> None:
        """Let calls end."""
        self._may_end.set()

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        self.keys.append(str(context.effect_id))
        self.begun.set()
        await asyncio.wait_for(self._may_end.wait(), PATIENCE)
        if self.dies is not None:
            raise self.dies
        return ToolOutput(text=f"done {arguments}")
