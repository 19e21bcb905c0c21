"""All of a server that is slow to import, opened together: the rooms, what a first start makes, and the doors."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from turnkeeper.actions.first_run import FirstRun
from turnkeeper.app import Turnkeeper, opened
from turnkeeper.demo import telecom_folder
from turnkeeper.doors import Doors
from turnkeeper.retrieval.sources.folder import FoundFile, find_files
from turnkeeper.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenServer:
    """A server that can answer."""

    turnkeeper: Turnkeeper
    doors: Doors
    made: FirstRun | None
    """What a first start made."""


@asynccontextmanager
async def opened_server(settings: Settings, database_url: str, *, works: bool) -> AsyncGenerator[OpenServer]:
    """Open it over a database that is migrated, and close it at the end; `works` is whether it also answers turns.

    Raises:
        StartError: one sentence for the operator.
    """
    async with opened(settings, database_url, works=works, kind="serve") as turnkeeper:
        made = await turnkeeper.actions.first_run(demo_sources=_demo_files if settings.demo else None)
        yield OpenServer(turnkeeper=turnkeeper, doors=Doors(settings, turnkeeper), made=made)


def _demo_files() -> Sequence[FoundFile]:
    return find_files([telecom_folder()]).files
