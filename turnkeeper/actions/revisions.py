"""Revisions of agents: changing an agent, looking back, comparing, rolling back, and deploying."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from turnkeeper.actions.agents import (
    AgentActions,
    AgentName,
    NewAgent,
    check_admin,
    check_data_set,
    found,
    locked_agent,
    may_see_values,
)
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent
from turnkeeper.core.errors import CallerError, ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.revisions import (
    LONGEST_NOTE,
    AgentContent,
    Difference,
    Revision,
    content_of,
    differences,
    plain,
    with_content,
    without_values,
)
from turnkeeper.store import audit, revisions
from turnkeeper.store.database import Connection, Database

_TRIES = 5
"""At a change that others overtake: each time it is made of what the agent is then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What is to become of an agent. `make` gets the content to go on from, and may raise what its caller understands.

    A change that deploys goes on from what answers now, a draft from the newest revision, unless `base` says from which.
    """

    make: Callable[[AgentContent], NewAgent]
    deploys: bool = True
    base: int | None = None
    note: str | None = None
    version: int | None = None
    """The only version that may be changed; None for any."""
    is_rollback: bool = False
    """The content is that of an earlier revision: nothing new is reached, and the revision is made in any case."""


class _OvertakenError(Exception):
    """Somebody else changed the agent between the look at it and the change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Prepared:
    agent: Agent
    """As it was looked at."""
    content: AgentContent
    based_on: int


class RevisionActions:
    """What admins may do with the revisions of agents."""

    def __init__(self, database: Database, agents: AgentActions) -> None:
        self._database = database
        self._agents = agents

    async def change(
        self, caller: Caller, agent: AgentName, change: Change, *, key: IdempotencyKey | None = None
    ) -> Once[Agent]:
        """Change an agent: one more revision, which answers from now on unless it is a draft. Without a difference: none.

        Turns under way go on with the revision that they began with.

        Raises:
            InvalidError: as `AgentActions.create`; or the note is too long.
            ConflictError: code `precondition_failed`, or `busy` when others change it all the time.
            NotFoundError: there is no such agent, base or data set for this caller.
            NotAllowedError: members may not change agents.
        """
        check_admin(caller)
        if change.note is not None and len(change.note) > LONGEST_NOTE:
            raise InvalidError("note", f"The note has more than {LONGEST_NOTE:,} characters.", code="too_long")
        for _ in range(_TRIES):
            prepared = await self._prepared(caller, agent, change)
            try:
                return await once(
                    self._database,
                    caller,
                    key,
                    Agent,
                    lambda connection, ready=prepared: _written(connection, caller, agent, change, ready),
                    is_one_statement=False,
                )
            except _OvertakenError:
                continue
        raise ConflictError("Others change this agent all the time; try again.", code="busy")

    async def roll_back(
        self,
        caller: Caller,
        agent: AgentName,
        *,
        number: int,
        note: str | None,
        version: int | None,
        key: IdempotencyKey | None = None,
    ) -> Once[Agent]:
        """Have the agent answer as it did at an earlier revision: one more revision, made of the same.

        Raises:
            as `change`.
        """
        change = Change(
            make=as_it_was,
            base=number,
            note=note or f"Rolled back to revision {number}.",
            version=version,
            is_rollback=True,
        )
        return await self.change(caller, agent, change, key=key)

    async def deploy(
        self,
        caller: Caller,
        agent: AgentName,
        *,
        number: int | None = None,
        version: int | None = None,
        key: IdempotencyKey | None = None,
    ) -> Once[Agent]:
        """Have the agent answer with a revision, the newest if none is named; nothing changes when it does already.

        Raises:
            InvalidError: the revision names what is not there any more: a model, a tool, a secret, a data set.
            ConflictError: code `precondition_failed`.
            NotFoundError: there is no such agent or revision for this caller.
            NotAllowedError: members may not deploy agents.
        """
        check_admin(caller, "deploy")
        for _ in range(_TRIES):
            trouble = await self._trouble_of(caller, agent, number)
            try:
                return await once(
                    self._database,
                    caller,
                    key,
                    Agent,
                    lambda connection, known=trouble: _deployed(connection, caller, agent, number, version, known),
                    is_one_statement=False,
                )
            except _OvertakenError:
                continue
        raise ConflictError("Others change this agent all the time; try again.", code="busy")

    async def list(self, caller: Caller, agent: AgentName, *, before: int | None, limit: int) -> Sequence[Revision]:
        """Revisions of an agent, newest first, with numbers below `before`.

        Raises:
            NotFoundError: there is no such agent for this caller.
            NotAllowedError: members may not see what was changed.
        """
        _check_may_look(caller)
        async with self._database.connection() as connection:
            there = await found(connection, caller, agent)
            page = await revisions.page(connection, agent_id=there.id, before=before, limit=limit)
        return [_shown(caller, revision) for revision in page]

    async def get(self, caller: Caller, agent: AgentName, *, number: int) -> Revision:
        """One revision.

        Raises:
            NotFoundError: there is no such agent or revision for this caller.
            NotAllowedError: members may not see what was changed.
        """
        _check_may_look(caller)
        async with self._database.connection() as connection:
            there = await found(connection, caller, agent)
            return _shown(caller, await _revision(connection, there, number))

    async def compare(
        self, caller: Caller, agent: AgentName, *, number: int, against: int | None
    ) -> tuple[int, Sequence[Difference]]:
        """What `number` has that `against` has not, and the other way round; against what it is based on if left out.

        Returns which revision it was compared with, 0 for nothing at all, and the differences.

        Raises:
            as `get`.
        """
        new = await self.get(caller, agent, number=number)
        against = against if against is not None else new.based_on or 0
        old = (await self.get(caller, agent, number=against)).content if against else None
        known: object = dict[str, object]() if old is None else plain(old)
        return against, await asyncio.to_thread(differences, known, plain(new.content))

    async def _prepared(self, caller: Caller, agent: AgentName, change: Change) -> "_Prepared | Exception":
        """The agent as it is to be; or what is wrong with it, to be told unless the request was answered before."""
        async with self._database.connection() as connection:
            there = await found(connection, caller, agent)
            base = change.base or (there.revision if change.deploys else there.latest_revision)
            try:
                content = await _content(connection, there, base)
            except NotFoundError as error:
                return error
        try:
            checked = await self._agents.checked(caller, change.make(content))
            if not change.is_rollback:
                self._agents.check_reach(checked.settings, there.settings, content.settings)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised again where the request is carried out
            return error
        return _Prepared(agent=there, content=content_of(checked), based_on=base)

    async def _trouble_of(
        self, caller: Caller, agent: AgentName, number: int | None
    ) -> "tuple[int, CallerError | None]":
        """Which revision is to answer, and what keeps it from doing so."""
        async with self._database.connection() as connection:
            there = await found(connection, caller, agent)
            wanted = there.latest_revision if number is None else number
            if wanted == there.revision:
                return wanted, None
            try:
                content = await _content(connection, there, wanted)
            except NotFoundError as error:
                return wanted, error
        try:
            await self._agents.checked(caller, as_it_was(content))
        except CallerError as error:
            return wanted, error
        return wanted, None


async def _written(
    connection: Connection, caller: Caller, agent: AgentName, change: Change, ready: "_Prepared | Exception"
) -> Agent:
    there = await locked_agent(connection, caller, agent, version=change.version)
    if isinstance(ready, Exception):
        raise ready
    if there.version != ready.agent.version:
        raise _OvertakenError
    present = content_of(there) if change.deploys else await _content(connection, there, there.latest_revision)
    if ready.content == present and not change.is_rollback:
        return there
    await check_data_set(connection, caller, ready.content.data_set_id)
    written = await revisions.add(
        connection,
        with_content(there, ready.content),
        deploys=change.deploys,
        note=change.note,
        based_on=ready.based_on,
        author=caller.account_id,
    )
    details = {"revision": written.latest_revision, "based_on": ready.based_on, "answers": change.deploys}
    await audit.append(connection, caller.actor, "agent.updated", target=there.public_id, details=details)
    return written


async def _deployed(
    connection: Connection,
    caller: Caller,
    agent: AgentName,
    number: int | None,
    version: int | None,
    known: tuple[int, CallerError | None],
) -> Agent:
    there = await locked_agent(connection, caller, agent, version=version)
    wanted, trouble = known
    if wanted != (there.latest_revision if number is None else number):
        raise _OvertakenError
    if trouble is not None:
        raise trouble
    if wanted == there.revision:
        return there
    content = await _content(connection, there, wanted)
    await check_data_set(connection, caller, content.data_set_id)
    deployed = await revisions.deploy(connection, with_content(there, content), number=wanted)
    details = {"revision": wanted, "before": there.revision}
    await audit.append(connection, caller.actor, "agent.deployed", target=there.public_id, details=details)
    return deployed


async def _content(connection: Connection, agent: Agent, number: int) -> AgentContent:
    """What the agent is or was made of at a revision; for the one that answers, what it is made of."""
    return content_of(agent) if number == agent.revision else (await _revision(connection, agent, number)).content


async def _revision(connection: Connection, agent: Agent, number: int) -> Revision:
    revision = await revisions.find(connection, agent_id=agent.id, number=number)
    if revision is None:
        raise NotFoundError("revision", number)
    return revision


def as_it_was(content: AgentContent) -> NewAgent:
    """An agent made of this."""
    return NewAgent(
        name=content.name,
        description=content.description,
        data_set_id=content.data_set_id,
        instructions=content.instructions,
        model=content.model,
        instances_count=content.instances_count,
        tools=content.tools,
        limits=content.limits,
        settings=content.settings,
    )


def _check_may_look(caller: Caller) -> None:
    if caller.role != "admin":
        raise NotAllowedError("Only admins may see what was changed in agents; ask one, or use an admin's key.")


def _shown(caller: Caller, revision: Revision) -> Revision:
    if may_see_values(caller):
        return revision
    content = replace(revision.content, settings=without_values(revision.content.settings))
    return replace(revision, content=content)
