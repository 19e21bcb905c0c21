"""The one place that builds every room below the doors and joins them; opens and closes what lives."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from turnkeeper.actions.accounts import AccountActions
from turnkeeper.actions.agents import AgentActions
from turnkeeper.actions.approvals import ApprovalActions
from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.actions.first_run import FirstRunAction
from turnkeeper.actions.health import HealthActions
from turnkeeper.actions.signin import SignIn
from turnkeeper.actions.usage import UsageActions
from turnkeeper.agents.model import LanguageModel
from turnkeeper.agents.models.extractive import Extractive
from turnkeeper.agents.prices import Prices, read_prices
from turnkeeper.agents.registry import MakeModel, Registry
from turnkeeper.agents.tools.search_documents import SearchDocuments
from turnkeeper.core.errors import InvalidError
from turnkeeper.retrieval.embedders.minilm import MiniLm
from turnkeeper.retrieval.search import Search
from turnkeeper.settings import Settings
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices
from turnkeeper.store.passages import PassageIndex
from turnkeeper.telemetry.measures import Telemetry

OPENAI_ADDRESS = "https://api.openai.com/v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rooms:
    """What work on turns needs."""

    database: Database
    notices: Notices
    changes: Changes
    registry: Registry
    prices: Prices
    embedder: MiniLm


@dataclass(frozen=True, kw_only=True, slots=True)
class Turnkeeper:
    """An open Turnkeeper: what can be asked of it, what is behind, and how it tells what it does."""

    actions: Actions
    rooms: Rooms
    telemetry: Telemetry


@asynccontextmanager
async def opened(settings: Settings, database_url: str, *, works: bool) -> AsyncGenerator[Turnkeeper]:
    """Build everything over a database that is migrated, and close it at the end.

    `works` is whether this process will also answer turns, which makes the embedder part of its health.

    Raises:
        TransientError: the database does not answer.
        StartError: a setting names something that does not exist.
    """
    prices = Prices(read_prices(settings.prices or ""))
    async with AsyncExitStack() as stack:
        database = Database(database_url, max_connections=settings.database_connections)
        await database.open()
        stack.push_async_callback(database.close)
        embedder = MiniLm()
        stack.push_async_callback(embedder.close)
        search = Search(PassageIndex(database), embedder)
        registry = Registry(
            providers=await _providers(settings, stack),
            tools=(SearchDocuments(search),),
            default_model=settings.model,
        )
        notices, telemetry = Notices(database), Telemetry()
        changes, signin = Changes(notices), SignIn(database, notices)
        accounts, agents = AccountActions(database), AgentActions(database, registry)
        data_sets = DataSetActions(database, search, embedder)
        actions = Actions(
            signin=signin,
            agents=agents,
            approvals=ApprovalActions(database, changes),
            conversations=ConversationActions(database, changes, default_model=settings.model),
            accounts=accounts,
            data_sets=data_sets,
            health=HealthActions(database, telemetry, embedder if works else None),
            first_run=FirstRunAction(database, accounts, agents, data_sets),
            usage=UsageActions(database),
        )
        # Should one of these fail, which is a bug, the group ends the server instead of letting it limp.
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for background in (notices.run(), signin.note_use_regularly()):
            stack.callback(group.create_task(background).cancel)
        yield Turnkeeper(
            actions=actions,
            rooms=Rooms(
                database=database,
                notices=notices,
                changes=changes,
                registry=registry,
                prices=prices,
                embedder=embedder,
            ),
            telemetry=telemetry,
        )


async def _providers(settings: Settings, stack: AsyncExitStack) -> dict[str, MakeModel]:
    """The model providers that the settings allow, by name."""
    providers: dict[str, MakeModel] = {"extractive": _extractive}
    if settings.openai_base_url or settings.openai_api_key:
        from turnkeeper.agents.models.openai_chat import OpenAIChat  # noqa: PLC0415 - slow import

        openai = OpenAIChat(base_url=settings.openai_base_url or OPENAI_ADDRESS, api_key=settings.openai_api_key)
        await openai.open()
        stack.push_async_callback(openai.close)
        providers["openai"] = openai.model
    return providers


def _extractive(name: str) -> LanguageModel:
    if name:
        raise InvalidError("model", f"The model extractive has no variant {name!r}; write just extractive.")
    return Extractive()
