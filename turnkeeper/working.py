"""A process that works on turns: the queue with all its tasks, beside the doors or alone."""

import asyncio
import logging
from functools import partial

from turnkeeper.app import Turnkeeper, opened
from turnkeeper.engine.queue import Queue
from turnkeeper.process import run, stop_signal
from turnkeeper.settings import Settings
from turnkeeper.store.notices import TASKS
from turnkeeper.store.tasks import Rescue
from turnkeeper.tasks.answer import AnswerMessage
from turnkeeper.tasks.deliver import DeliverLater, DeliverWebhooks
from turnkeeper.tasks.erase import Erase
from turnkeeper.tasks.expire import ExpireApproval
from turnkeeper.tasks.fire import FireSchedule
from turnkeeper.tasks.index import IndexDataSet
from turnkeeper.tasks.read_messages import ReadMessages
from turnkeeper.tasks.remember import RememberConversation
from turnkeeper.tasks.sync import SyncDataSet
from turnkeeper.tasks.table import CUT_SHORT, task_table
from turnkeeper.tasks.tidy import Tidy
from turnkeeper.tasks.turn_files import TurnFiles

_log = logging.getLogger(__name__)


def work(settings: Settings, database_url: str) -> None:
    """Work on turns, without any door, until SIGINT or SIGTERM.

    Raises:
        StartError: one sentence for the operator.
    """
    run(_work(settings, database_url))


async def answer_turns(turnkeeper: Turnkeeper, settings: Settings, stop: asyncio.Event) -> None:
    """Work on turns until `stop` is set and those under way are drained."""
    queue = queue_of(turnkeeper)
    async with asyncio.TaskGroup() as group:
        rooms = turnkeeper.rooms
        if settings.embed_at_start:
            group.create_task(rooms.embedder.load(), name="load the embedder")
        group.create_task(rooms.prices.load_for(rooms.registry.default_model), name="load the prices")
        working = group.create_task(
            queue.work(concurrency=settings.concurrency, drain_seconds=settings.drain_seconds), name="turns"
        )
        await stop.wait()
        queue.stop()
        await working


def queue_of(turnkeeper: Turnkeeper) -> Queue:
    """The queue with all its tasks, told by every process when there may be some."""
    rooms = turnkeeper.rooms
    hint = partial(rooms.notices.send, TASKS, "")
    table = task_table(
        answer=AnswerMessage(
            rooms.database,
            rooms.changes,
            rooms.registry,
            rooms.toolbox,
            turnkeeper.telemetry,
            prices=rooms.prices,
            files=TurnFiles(rooms.database, rooms.blobs),
        ),
        deliver=DeliverWebhooks(rooms.database, rooms.signing, rooms.webhook_post),
        deliver_later=DeliverLater(rooms.database, hint=hint),
        erase=Erase(rooms.database, rooms.blobs, rooms.changes, default_model=rooms.registry.default_model),
        expire=ExpireApproval(rooms.database, rooms.changes),
        fire=FireSchedule(rooms.database, rooms.changes),
        index=IndexDataSet(rooms.database, rooms.embedders),
        read_messages=ReadMessages(rooms.database),
        remember=RememberConversation(rooms.database, rooms.registry, rooms.prices),
        sync=SyncDataSet(rooms.database, rooms.blobs, rooms.sync_changes),
        tidy=Tidy(rooms.database, rooms.blobs),
    )
    queue = Queue(
        rooms.database.pool,
        table,
        rescue=Rescue(rooms.database),
        hint=hint,
        cut_short=CUT_SHORT,
        work_for=rooms.database.work_for,
    )
    rooms.notices.subscribe(TASKS, lambda _: queue.look(), lambda _: queue.look())
    return queue


async def _work(settings: Settings, database_url: str) -> None:
    async with opened(settings, database_url, works=True) as turnkeeper, stop_signal() as stop:
        _log.info("working")
        async with asyncio.TaskGroup() as group:
            group.create_task(answer_turns(turnkeeper, settings, stop))
            await stop.wait()
            _log.info("stopping: turns under way may end")
