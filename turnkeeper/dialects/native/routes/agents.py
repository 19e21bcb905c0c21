"""`/agents` and what is below, but for tools."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from litestar.types import ASGIApp

from turnkeeper.actions.agents import AgentName
from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.revisions import Change
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent
from turnkeeper.core.errors import NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.core.revisions import Difference
from turnkeeper.dialects.native.answers import answer, cut, nothing
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.faults import Fault, FaultsError, shown
from turnkeeper.dialects.native.forms.agents import (
    MOST_BODY_BYTES,
    AgentForm,
    agent_form,
    deploy_form,
    roll_back_form,
)
from turnkeeper.dialects.native.operations import agents as operations
from turnkeeper.dialects.native.queries.agents import (
    against_query,
    agent_behind,
    agent_filter,
    change_query,
    number_in,
    revision_behind,
    revisions_query,
)
from turnkeeper.dialects.native.shapes.agents import AgentsShape, ComparisonShape, RevisionsShape
from turnkeeper.dialects.native.translate.agents import agent_shape, difference_shape, revision_shape
from turnkeeper.dialects.native.translate.ids import agent_named, data_set_in


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with agents and their revisions."""
    agents, revisions = AgentRoutes(actions), RevisionRoutes(actions)
    return [
        Endpoint(operation=operations.LIST, handle=agents.list_agents),
        Endpoint(operation=operations.CREATE, handle=agents.create),
        Endpoint(operation=operations.GET, handle=agents.get),
        Endpoint(operation=operations.CHANGE, handle=agents.change),
        Endpoint(operation=operations.DELETE, handle=agents.delete),
        Endpoint(operation=operations.REVISIONS, handle=revisions.list_revisions),
        Endpoint(operation=operations.REVISION, handle=revisions.get),
        Endpoint(operation=operations.COMPARE, handle=revisions.compare),
        Endpoint(operation=operations.ROLL_BACK, handle=revisions.roll_back),
        Endpoint(operation=operations.DEPLOY, handle=revisions.deploy),
    ]


class AgentRoutes:
    """Agents as they answer now."""

    def __init__(self, actions: Actions) -> None:
        self._agents = actions.agents
        self._revisions = actions.revisions
        self._told = _Telling(actions)

    async def list_agents(self, asked: Asked) -> ASGIApp:
        """A part of the agents that the caller may use, newest first."""
        wanted = agent_filter(asked.query)
        found = await self._agents.page(asked.caller, replace(wanted, limit=wanted.limit + 1))
        shown_ones, has_more = cut(found, wanted.limit)
        data_sets = await self._told.data_sets(shown_ones)
        return answer(
            AgentsShape(
                items=[agent_shape(self._agents.shown(asked.caller, agent), data_sets) for agent in shown_ones],
                has_more=has_more,
                next_cursor=agent_behind(shown_ones[-1]) if has_more else None,
            )
        )

    async def create(self, asked: Asked) -> ASGIApp:
        """Make an agent."""
        body = await asked.body(MOST_BODY_BYTES)
        form = agent_form(body, asked.content_type, takes_note=False)
        new = form.new_agent(await self._data_set(asked.caller, form))
        made = await self._agents.create(asked.caller, new, key=asked.key(body))
        return await self._told.agent(asked, made.value, status=201, replayed=made.replayed)

    async def get(self, asked: Asked) -> ASGIApp:
        """One agent."""
        name = named(asked)
        if isinstance(name, UUID):
            found = await self._agents.get(asked.caller, public_id=name)
        else:
            found = await self._agents.get(asked.caller, slug=name)
        return await self._told.agent(asked, found)

    async def change(self, asked: Asked) -> ASGIApp:
        """Change an agent, or draft a change."""
        name, query = named(asked), change_query(asked.query)
        body = await asked.body(MOST_BODY_BYTES)
        form = agent_form(body, asked.content_type, takes_note=True)
        change = Change(
            make=form.change(await self._data_set(asked.caller, form)),
            deploys=query.deploys,
            base=query.base,
            note=form.note,
            version=asked.version_wanted,
        )
        done = await self._revisions.change(asked.caller, name, change, key=_with_query(asked.key(body), asked.query))
        return await self._told.agent(asked, done.value, replayed=done.replayed)

    async def delete(self, asked: Asked) -> ASGIApp:
        """Take an agent out of use."""
        replayed = await self._agents.delete(
            asked.caller, named(asked), version=asked.version_wanted, key=asked.key(b"")
        )
        return nothing(replayed=replayed)

    async def _data_set(self, caller: Caller, form: AgentForm) -> int | None:
        """The number of the data set that the body names."""
        if form.data_set is None:
            return None
        wanted = data_set_in(form.data_set)
        number = await self._agents.data_set_number(caller, wanted)
        if number is None:
            why = f"There is no data set {shown(form.data_set)} for you."
            raise FaultsError([Fault(where="body", place="/data_set", why=why, code="not_found")])
        return number


class RevisionRoutes:
    """What agents were and will be."""

    def __init__(self, actions: Actions) -> None:
        self._agents = actions.agents
        self._revisions = actions.revisions
        self._told = _Telling(actions)

    async def list_revisions(self, asked: Asked) -> ASGIApp:
        """A part of an agent's revisions, newest first."""
        name, wanted = named(asked), revisions_query(asked.query)
        found = await self._revisions.list(asked.caller, name, before=wanted.before, limit=wanted.limit + 1)
        shown_ones, has_more = cut(found, wanted.limit)
        agent = await self._agent(asked, name)
        numbers = [each.content.data_set_id for each in shown_ones]
        data_sets = await self._agents.data_sets_of([number for number in numbers if number is not None])
        return answer(
            RevisionsShape(
                items=[revision_shape(revision, agent, data_sets) for revision in shown_ones],
                has_more=has_more,
                next_cursor=revision_behind(shown_ones[-1]) if has_more else None,
            )
        )

    async def get(self, asked: Asked) -> ASGIApp:
        """One revision."""
        name = named(asked)
        revision = await self._revisions.get(asked.caller, name, number=_number(asked))
        number = revision.content.data_set_id
        data_sets = await self._agents.data_sets_of([] if number is None else [number])
        return answer(revision_shape(revision, await self._agent(asked, name), data_sets))

    async def compare(self, asked: Asked) -> ASGIApp:
        """What one revision has that another has not."""
        number = _number(asked)
        against, differences = await self._revisions.compare(
            asked.caller, named(asked), number=number, against=against_query(asked.query)
        )
        data_sets = await self._agents.data_sets_of(_data_sets_in(differences))
        return answer(
            ComparisonShape(
                number=number,
                against=against,
                differences=[difference_shape(each, data_sets) for each in differences],
            )
        )

    async def roll_back(self, asked: Asked) -> ASGIApp:
        """Go back to an earlier revision."""
        name, body = named(asked), await asked.body()
        form = roll_back_form(body, asked.content_type)
        done = await self._revisions.roll_back(
            asked.caller, name, number=form.number, note=form.note, version=asked.version_wanted, key=asked.key(body)
        )
        return await self._told.agent(asked, done.value, replayed=done.replayed)

    async def deploy(self, asked: Asked) -> ASGIApp:
        """Have the agent answer with a revision."""
        name, body = named(asked), await asked.body()
        number = deploy_form(body, asked.content_type)
        done = await self._revisions.deploy(
            asked.caller, name, number=number, version=asked.version_wanted, key=asked.key(body)
        )
        return await self._told.agent(asked, done.value, replayed=done.replayed)

    async def _agent(self, asked: Asked, name: AgentName) -> Agent:
        if isinstance(name, UUID):
            return await self._agents.get(asked.caller, public_id=name)
        return await self._agents.get(asked.caller, slug=name)


class _Telling:
    """How agents are told of."""

    def __init__(self, actions: Actions) -> None:
        self._agents = actions.agents

    async def agent(self, asked: Asked, agent: Agent, *, status: int = 200, replayed: bool = False) -> ASGIApp:
        """One agent, with its version."""
        shape = agent_shape(self._agents.shown(asked.caller, agent), await self.data_sets([agent]))
        return answer(
            shape,
            status=status,
            replayed=replayed,
            version=agent.version,
            location=f"/v1/agents/{shape.id}" if status == 201 else None,
        )

    async def data_sets(self, agents: Sequence[Agent]) -> Mapping[int, UUID]:
        """The ids of their data sets."""
        return await self._agents.data_sets_of([each.data_set_id for each in agents if each.data_set_id is not None])


def named(asked: Asked) -> AgentName:
    """The agent that the path names. Raises: NotFoundError when it can name none."""
    return asked.named("agent_id", "agent", agent_named)


def _number(asked: Asked) -> int:
    number = number_in(asked.path("revision"))
    if not number:
        raise NotFoundError("revision", asked.path("revision"))
    return number


def _data_sets_in(differences: Sequence[Difference]) -> list[int]:
    found = [value for each in differences if each.pointer == "/data_set_id" for value in (each.old, each.new)]
    return [value for value in found if isinstance(value, int)]


def _with_query(key: IdempotencyKey | None, query: bytes) -> IdempotencyKey | None:
    """The key, with a fingerprint of the query too: the same body may be a draft or not."""
    if key is None or not query:
        return key
    return replace(key, fingerprint=hashlib.sha256(key.fingerprint + query).digest())
