"""Opening everything for one command. Slow to import: use it through `commands.desk`."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from turnkeeper.actions.agents import NewAgent
from turnkeeper.actions.bundle import Actions
from turnkeeper.app import opened
from turnkeeper.commands.agent_files import read_agent, write_agent
from turnkeeper.core.accounts import Caller, Organization
from turnkeeper.core.agents import Agent, slug_of
from turnkeeper.core.data_sets import DataSet
from turnkeeper.core.errors import NotFoundError
from turnkeeper.demo import telecom_folder
from turnkeeper.retrieval.sources.folder import FoundFile, FoundFiles, find_files
from turnkeeper.settings import Settings
from turnkeeper.starting import database_ready
from turnkeeper.telemetry.logs import configure_logs

T = TypeVar("T")

_LONGEST_NUMBER = 18


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """What a command works with: the actions, the organization, and its oldest admin as the caller."""

    actions: Actions
    organization: Organization
    caller: Caller

    async def data_set(self, wanted: str) -> DataSet:
        """The data set with this name, or with this number.

        Raises:
            NotFoundError: there is none.
        """
        try:
            return await self.actions.data_sets.named(self.caller, wanted.strip())
        except NotFoundError:
            if not wanted.isdecimal() or len(wanted) > _LONGEST_NUMBER:
                raise
            return await self.actions.data_sets.get(self.caller, int(wanted))

    async def data_sets(self) -> list[DataSet]:
        """All of them, oldest first."""
        found: list[DataSet] = []
        while page := await self.actions.data_sets.list(self.caller, after_id=found[-1].id if found else 0):
            found.extend(page)
        return found

    async def create_agent(
        self,
        *,
        name: str,
        data_set_id: int | None,
        description: str | None = None,
        instructions: str | None = None,
        model: str | None = None,
    ) -> Agent:
        """Make an agent. Raises: InvalidError for a model that this server does not have."""
        new = NewAgent(
            name=name, data_set_id=data_set_id, description=description, instructions=instructions, model=model
        )
        return (await self.actions.agents.create(self.caller, new)).value

    async def apply_agent(self, text: str, folder: Path) -> tuple[Agent, bool]:
        """Make or change the agent that a definition describes; whether it is new.

        Raises:
            InvalidError: the definition does not fit, or names what this server does not have.
            NotFoundError: there is no such data set.
        """
        read = read_agent(text, folder=folder)
        wanted = read.definition
        new = NewAgent(
            name=wanted.name,
            description=wanted.description,
            data_set_id=None if wanted.data_set is None else (await self.data_set(wanted.data_set)).id,
            instructions=wanted.instructions,
            model=wanted.model,
            instances_count=wanted.instances_count,
            tools=wanted.tools,
            limits=wanted.limits,
            settings=read.settings,
        )
        return await self.actions.agents.save(self.caller, new, slug=read.slug)

    async def described_agent(self, name: str) -> str:
        """The definition of the agent with this name or slug. Raises: NotFoundError."""
        agent = await self.actions.agents.get(self.caller, slug=slug_of(name))
        data_set = None
        if agent.data_set_id is not None:
            data_set = (await self.actions.data_sets.get(self.caller, agent.data_set_id)).name
        return write_agent(agent, data_set=data_set)

    def files(self, paths: Sequence[Path]) -> FoundFiles:
        """The files worth reading below the paths. Raises: InvalidError for a path that does not exist."""
        return find_files(paths)


def run(settings: Settings, organization: str | None, work: Callable[[Desk], Coroutine[None, None, T]]) -> T:
    """See `commands.desk.at_desk`."""
    # A command's words are its result; of the log only trouble is wanted, unless all of it is asked for.
    configure_logs(
        level="warning" if settings.log_level == "info" else settings.log_level, log_format=settings.log_format
    )
    with database_ready(settings) as url:
        try:
            return asyncio.run(_at_desk(settings, url, organization, work))
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors


async def _at_desk(
    settings: Settings, url: str, organization: str | None, work: Callable[[Desk], Coroutine[None, None, T]]
) -> T:
    async with opened(settings, url, works=False) as turnkeeper:
        actions = turnkeeper.actions
        made = await actions.first_run(demo_sources=_demo_files if settings.demo else None)
        if made is not None:
            sys.stderr.write(
                "This database is new: an organization, an admin and an API key were made. "
                f"The key is shown once and stored nowhere: {made.secret}\n"
            )
        found = await _organization(actions, organization)
        return await work(Desk(actions=actions, organization=found, caller=await actions.accounts.admin_caller(found)))


async def _organization(actions: Actions, name: str | None) -> Organization:
    try:
        return await actions.accounts.organization(name=name)
    except NotFoundError as error:
        known = ", ".join(repr(each.name) for each in await actions.accounts.organizations())
        error.message = f"{error.message} There are: {known}."
        raise


def _demo_files() -> Sequence[FoundFile]:
    return find_files([telecom_folder()]).files


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first  # pyright: ignore[reportUnknownArgumentType]
