"""Tools: which there are, what an agent has of them, and trying one out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from turnkeeper.agents.toolbox import Toolbox
from turnkeeper.agents.tools.absent import why_absent
from turnkeeper.agents.tools.tool import Tool, ToolContext
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import InvalidError, NotAllowedError, NotFoundError, ToolFailedError, ToolRetryError
from turnkeeper.store import agents
from turnkeeper.store.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolSummary:
    """A tool as people see it."""

    name: str
    kind: ToolKind
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentTools:
    """What an agent has at this moment, and sentences about what it misses."""

    tools: tuple[ToolSummary, ...]
    missing: tuple[str, ...]


class ToolActions:
    """What operators may ask of tools."""

    def __init__(self, database: Database, toolbox: Toolbox) -> None:
        self._database = database
        self._toolbox = toolbox

    def list(self) -> Sequence[ToolSummary]:
        """The tools that agents can choose by name."""
        return [_summary(tool) for tool in self._toolbox.tools]

    async def of_agent(self, caller: Caller, slug: str) -> AgentTools:
        """The tools that a turn of this agent would have now; its MCP servers are asked.

        Raises:
            NotFoundError: there is no such agent for this caller.
        """
        async with self._toolbox.opened(await self._agent(caller, slug)) as found:
            missing = tuple(dict.fromkeys(found.absent.values()))
            return AgentTools(tools=tuple(_summary(tool) for tool in found.tools), missing=missing)

    async def call(self, caller: Caller, slug: str, tool: str, arguments: str) -> str:
        """Call a tool of the agent as a turn would, outside any conversation and without any approval.

        Raises:
            NotAllowedError: members may not.
            NotFoundError: there is no such agent for this caller, or it has no such tool.
            InvalidError: the field `arguments` does not fit, or the tool says that it did not work.
            UpstreamError: the tool's other side does not answer.
        """
        if caller.role != "admin":
            raise NotAllowedError("Only admins may try tools; ask one, or use an admin's key.")
        agent = await self._agent(caller, slug)
        async with self._toolbox.opened(agent) as found:
            wanted = next((each for each in found.tools if each.spec.name == tool), None)
            if wanted is None:
                why = why_absent(found.absent, tool)
                raise InvalidError("tool", why) if why else NotFoundError("tool", tool)
            try:
                return (await wanted.call(arguments, _context(caller, agent))).text
            except (ToolRetryError, ToolFailedError) as error:
                raise InvalidError("arguments", str(error)) from error

    async def _agent(self, caller: Caller, slug: str) -> Agent:
        async with self._database.connection() as connection:
            agent = await agents.find(connection, caller, public_id=None, slug=slug)
        if agent is None:
            raise NotFoundError("agent", slug)
        return agent


def _context(caller: Caller, agent: Agent) -> ToolContext:
    """Of no conversation; each try is a call of its own."""
    return ToolContext(
        organization_id=caller.organization_id,
        account_id=caller.account_id,
        conversation_id=0,
        message_id=0,
        data_set_id=agent.data_set_id,
        first_mark=1,
        effect_id=uuid4(),
    )


def _summary(tool: Tool) -> ToolSummary:
    return ToolSummary(name=tool.spec.name, kind=tool.kind, description=tool.spec.description)
