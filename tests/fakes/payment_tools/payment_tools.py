"""A plug-in for tests: tools that call a payment service over HTTP, in the worker's own process."""

import os

import aiohttp

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import OutcomeUnknownError, TransientError


class PaymentTool:
    """Calls the service at the path of its name, with the effect's id as the key."""

    def __init__(self, name: str, kind: ToolKind) -> None:
        self.kind: ToolKind = kind
        self.spec = ToolSpec(name=name, description=f"Call {name}.", parameters={"type": "object"})

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Make the call."""
        headers = {"Idempotency-Key": str(context.effect_id)}
        address = f"{os.environ['PAYMENTS_URL']}/{self.spec.name}"
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(address, data=arguments, headers=headers) as response,
            ):
                return ToolOutput(text=await response.text())
        except aiohttp.ClientError as error:
            if self.kind == "at_most_once":
                raise OutcomeUnknownError("The payment service broke off.") from error
            raise TransientError("payments", "The payment service broke off.") from error


def tools() -> list[PaymentTool]:
    """One of each kind."""
    return [PaymentTool("look", "pure"), PaymentTool("refund", "keyed"), PaymentTool("email", "at_most_once")]
