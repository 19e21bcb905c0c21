"""The one place that builds every room and joins them; opens and closes what lives."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from litestar.types import ASGIApp, Receive, Scope, Send

from turnkeeper import web
from turnkeeper.actions.accounts import AccountActions
from turnkeeper.actions.agents import AgentActions
from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.actions.first_run import FirstRunAction
from turnkeeper.actions.health import HealthActions
from turnkeeper.actions.signin import SignIn
from turnkeeper.agents.model import LanguageModel
from turnkeeper.agents.models.extractive import Extractive
from turnkeeper.agents.registry import MakeModel, Registry
from turnkeeper.agents.tools.search_documents import SearchDocuments
from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects import enthusiast, nairi
from turnkeeper.engine.queue import Queue
from turnkeeper.http_kit.request_log import RequestLog
from turnkeeper.retrieval.embedders.minilm import MiniLm
from turnkeeper.retrieval.search import Search
from turnkeeper.settings import Settings
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import TASKS, Notices
from turnkeeper.store.passages import PassageIndex
from turnkeeper.store.tasks import Rescue
from turnkeeper.tasks.answer import AnswerMessage
from turnkeeper.tasks.index import IndexDataSet
from turnkeeper.tasks.table import CUT_SHORT, task_table
from turnkeeper.tasks.tidy import Tidy
from turnkeeper.telemetry.measures import Telemetry

OPENAI_ADDRESS = "https://api.openai.com/v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turnkeeper:
    """An open server: what can be asked of it, its queue of tasks, and the ASGI application of all doors."""

    actions: Actions
    queue: Queue
    embedder: MiniLm
    asgi: ASGIApp


@asynccontextmanager
async def opened(settings: Settings, database_url: str, *, works: bool) -> AsyncGenerator[Turnkeeper]:
    """Build everything over a database that is migrated, and close it at the end.

    `works` is whether this process will also answer turns, which makes the embedder part of its health.

    Raises:
        TransientError: the database does not answer.
        StartError: a setting names something that does not exist.
    """
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
            conversations=ConversationActions(database, changes),
            accounts=accounts,
            data_sets=data_sets,
            health=HealthActions(database, telemetry, embedder if works else None),
            first_run=FirstRunAction(database, accounts, agents, data_sets),
        )
        table = task_table(
            answer=AnswerMessage(database, changes, registry, telemetry),
            index=IndexDataSet(database, embedder),
            tidy=Tidy(database),
        )
        # Should one of these fail, which is a bug, the group ends the server instead of letting it limp.
        group = await stack.enter_async_context(asyncio.TaskGroup())
        queue = Queue(
            database.pool, table, rescue=Rescue(database), hint=partial(notices.send, TASKS, ""), cut_short=CUT_SHORT
        )
        notices.subscribe(TASKS, lambda _: queue.look(), lambda _: queue.look())
        for background in (notices.run(), signin.note_use_regularly()):
            stack.callback(group.create_task(background).cancel)
        yield Turnkeeper(
            actions=actions,
            queue=queue,
            embedder=embedder,
            asgi=RequestLog(_doors(settings, actions, telemetry), telemetry),
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


def _doors(settings: Settings, actions: Actions, telemetry: Telemetry) -> ASGIApp:
    """Each door is an application of its own, with its own errors and its own description; the path chooses."""
    origins = tuple(origin.strip() for origin in settings.cors_origins.split(",") if origin.strip())
    doors: tuple[tuple[str, ASGIApp], ...] = (
        ("/api/public/v1", nairi.build(actions)),
        ("/api", enthusiast.build(actions, cors_origins=origins)),
        ("", web.build(actions, metrics_page=telemetry.page)),
    )

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for prefix, door in doors:
            if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", "/"}:
                await door(scope, receive, send)
                return
        await doors[-1][1](scope, receive, send)

    return choose
