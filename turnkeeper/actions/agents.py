"""Making agents and finding them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from turnkeeper.actions.agent_reach import check_reach
from turnkeeper.actions.once import once
from turnkeeper.agents.prices import PROGRAMS
from turnkeeper.agents.registry import Registry
from turnkeeper.agents.toolbox import Toolbox
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent, AgentFilter, AgentSettings, Limits, slug_of
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.ids import new_id
from turnkeeper.core.limits import check_limits
from turnkeeper.core.retention import check_agent_retention
from turnkeeper.core.revisions import content_of, with_content, without_values
from turnkeeper.store import agents, audit, data_sets, revisions
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


AgentName = UUID | str
"""An agent by its public id, or by its slug."""


class AgentActions:
    """What callers may do with agents."""

    def __init__(
        self, database: Database, registry: Registry, toolbox: Toolbox, *, admins_are_operators: bool = True
    ) -> None:
        """`admins_are_operators`: whether admins may let agents into the server's own machine and network."""
        self._database = database
        self._registry = registry
        self._toolbox = toolbox
        self._admins_are_operators = admins_are_operators

    async def list(self, caller: Caller) -> Sequence[Agent]:
        """The newest thousand agents that the caller may use, newest first."""
        async with self._database.connection() as connection:
            return await agents.listed(connection, caller, limit=MOST_AGENTS)

    async def page(self, caller: Caller, wanted: AgentFilter) -> Sequence[Agent]:
        """A part of the agents that the caller may use, newest first."""
        async with self._database.connection() as connection:
            return await agents.page(connection, caller, wanted)

    async def get(self, caller: Caller, *, public_id: UUID | None = None, slug: str | None = None) -> Agent:
        """An agent by its public id or its slug.

        Raises:
            NotFoundError: there is no such agent for this caller.
        """
        async with self._database.connection() as connection:
            return await found(connection, caller, public_id or slug or "")

    def shown(self, caller: Caller, agent: Agent) -> Agent:
        """The agent as this caller may see it: passwords in its settings only if it may change it."""
        return agent if may_see_values(caller) else replace(agent, settings=without_values(agent.settings))

    async def data_set_number(self, caller: Caller, wanted: UUID | str) -> int | None:
        """The number of the data set with this public id or name; None when the caller has none."""
        async with self._database.connection() as connection:
            known = await data_sets.find_any(connection, caller, wanted)
        return None if known is None else known.id

    async def data_sets_of(self, numbers: Sequence[int]) -> Mapping[int, UUID]:
        """The public ids of the data sets that agents of the caller's have."""
        async with self._database.connection() as connection:
            return await revisions.data_set_ids(connection, numbers)

    async def create(self, caller: Caller, new: NewAgent, *, key: IdempotencyKey | None = None) -> Once[Agent]:
        """Make an agent; it can be talked to at once.

        Raises:
            InvalidError: a field is out of bounds, or names a model, a tool or a secret that cannot be used here.
            NotFoundError: there is no such data set for this caller.
            NotAllowedError: members may not make agents.
        """
        check_admin(caller, "create")
        agent = await self.checked(caller, new)
        self.check_reach(agent.settings)

        async def work(connection: Connection) -> Agent:
            await check_data_set(connection, caller, agent.data_set_id)
            made = await agents.create(connection, agent, author=caller.account_id)
            await audit.append(connection, caller.actor, "agent.created", target=made.public_id)
            return made

        return await once(self._database, caller, key, Agent, work, is_one_statement=False)

    async def save(self, caller: Caller, new: NewAgent, *, slug: str) -> tuple[Agent, bool]:
        """Make the live agent with this slug be as described, or make it; repeatable. True when it is new.

        For operators. A change is a revision that answers from now on; turns under way go on as they began.

        Raises:
            InvalidError: as `create`; or the slug is none.
            NotFoundError: there is no such data set for this caller.
            NotAllowedError: members may not change agents.
        """
        check_admin(caller)
        if slug != slug_of(slug):
            raise InvalidError("slug", f"{slug!r} is no slug; write it like {slug_of(slug)!r}.")
        agent = replace(await self.checked(caller, new), slug=slug)
        async with self._database.transaction() as connection:
            await check_data_set(connection, caller, agent.data_set_id)
            await agents.hold_slugs(connection, caller)
            present = await agents.find(connection, caller, public_id=None, slug=slug)
            locked = None if present is None else await revisions.lock(connection, agent_id=present.id)
            if locked is None:
                made = await agents.create(connection, agent, author=caller.account_id)
                await audit.append(connection, caller.actor, "agent.created", target=made.public_id)
                return made, True
            content = content_of(agent)
            if content == content_of(locked):
                return locked, False
            changed = with_content(locked, content)
            author, based_on = caller.account_id, locked.revision
            saved = await revisions.add(
                connection, changed, deploys=True, note="Applied from a file.", based_on=based_on, author=author
            )
            details = {"revision": saved.latest_revision, "based_on": based_on, "answers": True}
            await audit.append(connection, caller.actor, "agent.updated", target=saved.public_id, details=details)
            return saved, False

    async def delete(
        self, caller: Caller, agent: AgentName, *, version: int | None, key: IdempotencyKey | None
    ) -> bool:
        """Take an agent out of use. What was accepted is still answered; its conversations and revisions stay.

        Returns whether it was done by an earlier request with this key.

        Raises:
            ConflictError: code `precondition_failed`: it has another version than `version`.
            NotFoundError: there is no such agent for this caller.
            NotAllowedError: members may not delete agents.
        """
        check_admin(caller, "delete")

        async def work(connection: Connection) -> bool:
            there = await locked_agent(connection, caller, agent, version=version)
            is_deleted = await agents.delete(connection, caller, agent_id=there.id)
            await audit.append(connection, caller.actor, "agent.deleted", target=there.public_id)
            return is_deleted

        return (await once(self._database, caller, key, bool, work, is_one_statement=False)).replayed

    async def checked(self, caller: Caller, new: NewAgent) -> Agent:
        """The agent as described, with everything that it names; its data set is still to be looked for.

        Raises:
            InvalidError: as `create`.
        """
        tools = new.tools
        if tools is None:
            tools = () if new.data_set_id is None else (SEARCH_TOOL,)
        agent = _agent(caller, new, tools)
        await self._registry.check(new.model, caller.organization_id)
        if new.settings.memory == "summary" and self._registry.model_name(new.model) in PROGRAMS:
            raise InvalidError(
                "settings.memory",
                f'The model {self._registry.model_name(new.model)!r} cannot write summaries; set `memory` to "window", '
                "or give the agent a language model.",
            )
        check_agent_retention(new.settings.retention)
        await self._toolbox.check(caller.organization_id, tools, new.settings)
        return agent

    def check_reach(self, wanted: AgentSettings, *before: AgentSettings) -> None:
        """Refuse ways into the server's machine and network that are new, unless admins may open them.

        Raises:
            InvalidError: code `operators_only`.
        """
        if not self._admins_are_operators:
            check_reach(wanted, before)


def check_admin(caller: Caller, what: str = "change") -> None:
    """Refuse changes of agents to members; `what` is the verb for it.

    Raises:
        NotAllowedError: the caller is no admin.
    """
    if caller.role != "admin":
        raise NotAllowedError(f"Only admins may {what} agents; ask one, or use an admin's key.")


def may_see_values(caller: Caller) -> bool:
    """Whether the caller may change agents, and so may see what stands in their settings in place of a secret."""
    return caller.role == "admin" and "manage_agents" in caller.scopes


async def check_data_set(connection: Connection, caller: Caller, data_set_id: int | None) -> None:
    """Raises: NotFoundError when the caller has no such data set."""
    if data_set_id is not None and await data_sets.find(connection, caller, data_set_id=data_set_id) is None:
        raise NotFoundError("data set", data_set_id)


async def found(connection: Connection, caller: Caller, agent: AgentName) -> Agent:
    """The live agent with this id or slug. Raises: NotFoundError when the caller has none."""
    if isinstance(agent, UUID):
        there = await agents.find(connection, caller, public_id=agent, slug=None)
    else:
        there = await agents.find(connection, caller, public_id=None, slug=agent)
    if there is None:
        raise NotFoundError("agent", str(agent))
    return there


async def locked_agent(connection: Connection, caller: Caller, agent: AgentName, *, version: int | None) -> Agent:
    """The live agent as it is from now until the transaction ends.

    Raises:
        ConflictError: code `precondition_failed`: it has another version than `version`.
        NotFoundError: there is no such agent for this caller.
    """
    there = await revisions.lock(connection, agent_id=(await found(connection, caller, agent)).id)
    if there is None:
        raise NotFoundError("agent", str(agent))
    if version is not None and there.version != version:
        raise ConflictError(
            f"The agent {there.slug!r} was changed meanwhile; read it again, then change it.",
            code="precondition_failed",
        )
    return there


def _agent(caller: Caller, new: NewAgent, tools: tuple[str, ...]) -> Agent:
    name = new.name.strip()
    if not name:
        raise InvalidError("name", "An agent needs a name.", code="blank")
    if len(name) > 255:
        raise InvalidError("name", "The name has more than 255 characters.", code="too_long")
    if "\x00" in name:
        raise InvalidError("name", "The name contains a NUL character, which cannot be stored.", code="nul")
    _refuse_nul(new)
    try:
        check_limits(new.limits)
    except InvalidError as error:
        raise InvalidError(f"limits.{error.field}", error.why, code=error.code) from error
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
