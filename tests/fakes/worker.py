"""A worker inside the test's own event loop: the real queue, the real task, a scripted model."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from tests.fakes.scripted_model import ScriptedModel
from tests.patience import PATIENCE
from turnkeeper.agents.models.providers import ModelAccount, Wires, model_providers
from turnkeeper.agents.prices import Prices
from turnkeeper.agents.registry import Registry
from turnkeeper.agents.secrets import NoSecrets
from turnkeeper.agents.toolbox import Toolbox
from turnkeeper.agents.tools.search_documents import SearchDocuments
from turnkeeper.agents.tools.tool import Tool
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.turns import TurnEnd
from turnkeeper.engine.queue import Queue
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import TASKS, Notices
from turnkeeper.store.tasks import Rescue
from turnkeeper.tasks.answer import AnswerMessage
from turnkeeper.tasks.expire import ExpireApproval
from turnkeeper.tasks.remember import RememberConversation
from turnkeeper.tasks.turn_files import TurnFiles

MODEL = "openai:scripted"


class NothingToFind:
    """A search that finds nothing."""

    async def search(self, data_set_id: int, question: str, limit: int) -> list[Passage]:
        """No passage."""
        return []


class Ends:
    """Keeps how turns ended."""

    def __init__(self) -> None:
        self.ends: list[TurnEnd] = []
        self.any = asyncio.Event()
        """Set when an attempt has ended, however."""

    def turn_ended(self, end: TurnEnd) -> None:
        """Keep it."""
        self.ends.append(end)
        self.any.set()


@asynccontextmanager
async def working(
    database: Database,
    notices: Notices,
    changes: Changes,
    model: ScriptedModel,
    *,
    drain_seconds: float = 5.0,
    tools: Sequence[Tool] = (),
    prices: Prices | None = None,
    files: TurnFiles | None = None,
) -> AsyncGenerator[Ends]:
    """A worker that runs until the end of the block, then drains. `tools` are offered beside the search."""
    wires = Wires()
    account = ModelAccount(key="key", address=model.base_url)
    registry = Registry(
        providers=model_providers({"openai": account}, wires),
        default_model=MODEL,
        secrets=NoSecrets(),
    )
    toolbox = Toolbox(tools=(SearchDocuments(NothingToFind()), *tools), secrets=NoSecrets())
    ends = Ends()
    queue = Queue(
        database.pool,
        {
            "answer": AnswerMessage(database, changes, registry, toolbox, ends, prices=prices, files=files),
            "expire": ExpireApproval(database, changes),
            "remember": RememberConversation(database, registry, prices),
        },
        rescue=Rescue(database),
        hint=partial(notices.send, TASKS, ""),
    )
    notices.subscribe(TASKS, lambda _: queue.look(), lambda _: None)
    task = asyncio.create_task(queue.work(concurrency=8, drain_seconds=drain_seconds))
    try:
        async with toolbox:
            yield ends
    finally:
        queue.stop()
        await asyncio.wait_for(task, PATIENCE)
        await wires.close()
