"""Making agents and finding them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from turnkeeper.actions.once import once
from turnkeeper.agents.prices import PROGRAMS
from turnkeeper.agents.registry import Registry
from turnkeeper.agents.toolbox import Toolbox
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent, AgentSettings, Limits, slug_of
from turnkeeper.core.errors import InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.ids import new_id
from turnkeeper.core.limits import check_limits
from turnkeeper.store import agents, data_sets
from turnkeeper.store.database import Connection, Database

MOST_AGENTS = 1_000
"""Agents shown at once."""
MOST_INSTANCES = 1_000
SEARCH_TOOL = "search_documents"
_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAgent:
    """What a caller decides about a new agent. With a data set it can search it."""

    name: str
    description: str | None = None
    data_set_id: int | None = None
    instructions: str | None = None
    model: str | None = None
    instances_count: int = 1
    tools: tuple[str, ...] | None = None
    """None for what the agent can use: the search, where there is a data set."""
    limits: Limits = field(default_factory=Limits)
    settings: AgentSettings = field(default_factory=AgentSettings)


class AgentActions:
    """What callers may do with agents."""

    def __init__(self, database: Database, registry: Registry, toolbox: Toolbox) -> None:
        self._database = database
        self._registry = registry
        self._toolbox = toolbox

    async def list(self, caller: Caller) -> Sequence[Agent]:
        """The newest thousand agents that the caller may use, newest first."""
        async with self._database.connection() as connection:
            return await agents.listed(connection, caller, limit=MOST_AGENTS)

    async def get(self, caller: Caller, *, public_id: UUID | None = None, slug: str | None = None) -> Agent:
        """An agent by its public id or its slug.

        Raises:
            NotFoundError: there is no such agent for this caller.
        """
        async with self._database.connection() as connection:
            return await _found(connection, caller, public_id=public_id, slug=slug)

    async def create(self, caller: Caller, new: NewAgent, *, key: IdempotencyKey | None = None) -> Once[Agent]:
        """Make an agent; it can be talked to at once.

        Raises:
            InvalidError: a field is out of bounds, or names a model, a tool or a secret that cannot be used here.
            NotFoundError: there is no such data set for this caller.
            NotAllowedError: members may not make agents.
        """
        if caller.role != "admin":
            raise NotAllowedError("Only admins may create agents; ask one, or use an admin's key.")
        agent = await self._checked(caller, new)

        async def work(connection: Connection) -> Agent:
            wanted = new.data_set_id
            if wanted is not None and await data_sets.find(connection, caller, data_set_id=wanted) is None:
                raise NotFoundError("data set", wanted)
            return await agents.create(connection, agent)

        return await once(self._database, caller, key, Agent, work, is_one_statement=False)

    async def save(self, caller: Caller, new: NewAgent, *, slug: str) -> tuple[Agent, bool]:
        """Make the live agent with this slug be as described, or make it; repeatable. True when it is new.

        Turns under way go on as they began.

        Raises:
            InvalidError: as `create`; or the slug is none.
            NotFoundError: there is no such data set for this caller.
            NotAllowedError: members may not change agents.
        """
        if caller.role != "admin":
            raise NotAllowedError("Only admins may change agents; ask one, or use an admin's key.")
        if slug != slug_of(slug):
            raise InvalidError("slug", f"{slug!r} is no slug; write it like {slug_of(slug)!r}.")
        agent = replace(await self._checked(caller, new), slug=slug)
        async with self._database.transaction() as connection:
            wanted = agent.data_set_id
            if wanted is not None and await data_sets.find(connection, caller, data_set_id=wanted) is None:
                raise NotFoundError("data set", wanted)
            await agents.hold_slugs(connection, caller)
            present = await agents.find(connection, caller, public_id=None, slug=slug)
            if present is None:
                return await agents.create(connection, agent), True
            saved = await agents.update(connection, replace(agent, id=present.id))
            assert saved is not None, "nobody else changes slugs meanwhile"
            return saved, False

    async def _checked(self, caller: Caller, new: NewAgent) -> Agent:
        """The agent as described, with everything that it names."""
        tools = new.tools
        if tools is None:
            tools = () if new.data_set_id is None else (SEARCH_TOOL,)
        await self._registry.check(new.model, caller.organization_id)
        if new.settings.memory == "summary" and self._registry.model_name(new.model) in PROGRAMS:
            raise InvalidError(
                "settings.memory",
                f'The model {self._registry.model_name(new.model)!r} cannot write summaries; set `memory` to "window", '
                "or give the agent a language model.",
            )
        await self._toolbox.check(caller.organization_id, tools, new.settings)
        return _agent(caller, new, tools)

    async def deploy(
        self,
        caller: Caller,
        *,
        public_id: UUID | None = None,
        slug: str | None = None,
        key: IdempotencyKey | None = None,
    ) -> Once[Agent]:
        """Note a deployment. Agents here need none to be talked to; clients that deploy find it done.

        Raises:
            NotFoundError: there is no such agent for this caller.
            NotAllowedError: members may not deploy agents.
        """
        if caller.role != "admin":
            raise NotAllowedError("Only admins may deploy agents; ask one, or use an admin's key.")

        async def work(connection: Connection) -> Agent:
            agent = await _found(connection, caller, public_id=public_id, slug=slug)
            await agents.mark_deployed(connection, caller, agent_id=agent.id)
            return agent

        return await once(self._database, caller, key, Agent, work, is_one_statement=False)


async def _found(connection: Connection, caller: Caller, *, public_id: UUID | None, slug: str | None) -> Agent:
    agent = await agents.find(connection, caller, public_id=public_id, slug=slug)
    if agent is None:
        raise NotFoundError("agent", slug if public_id is None else str(public_id))
    return agent


def _agent(caller: Caller, new: NewAgent, tools: tuple[str, ...]) -> Agent:
    name = new.name.strip()
    if not name:
        raise InvalidError("name", "An agent needs a name.", code="blank")
    if len(name) > 255:
        raise InvalidError("name", "The name has more than 255 characters.", code="too_long")
    if "\x00" in name:
        raise InvalidError("name", "The name contains a NUL character, which cannot be stored.", code="nul")
    _refuse_nul(new)
    check_limits(new.limits)
    if not 1 <= new.instances_count <= MOST_INSTANCES:
        raise InvalidError("instances_count", f"instances_count must be between 1 and {MOST_INSTANCES:,}.")
    now = datetime.now(UTC)
    return Agent(
        id=0,
        public_id=new_id(),
        organization_id=caller.organization_id,
        slug=slug_of(name),
        name=name,
        description=new.description,
        data_set_id=new.data_set_id,
        instructions=new.instructions,
        model=new.model,
        tools=tools,
        limits=new.limits,
        settings=new.settings,
        instances_count=new.instances_count,
        deployed_at=None,
        created_at=now,
        updated_at=now,
        deleted_at=None,
    )


def _refuse_nul(new: NewAgent) -> None:
    """The database stores no NUL characters, neither in text nor in JSON."""
    places = {"description": new.description, "instructions": new.instructions, "settings": new.settings}
    for field_name, value in places.items():
        if _NUL_IN_JSON.search(msgspec.json.encode(value)):
            raise InvalidError(
                field_name, f"The field {field_name!r} contains a NUL character, which cannot be stored.", code="nul"
            )
