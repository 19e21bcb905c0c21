"""A tool that touches the world: it refunds, and counts what it did."""

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput
from turnkeeper.core.effects import ToolKind


class Refund:
    """Refunds by the idempotency key that it is given."""

    def __init__(self) -> None:
        self.made: list[str] = []
        """The arguments of each call."""

    @property
    def spec(self) -> ToolSpec:
        """What the model is told."""
        return ToolSpec(name="refund", description="Refund a charge.", parameters={"type": "object"})

    @property
    def kind(self) -> ToolKind:
        """It takes a key."""
        return "keyed"

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Refund."""
        self.made.append(arguments)
        return ToolOutput(text=f"Refunded under the key {context.effect_id}.")
