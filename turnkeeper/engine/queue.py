"""The queue of durable tasks: Procrastinate, with quick rescue of what a dead worker held, and draining.

Tasks are deferred by the SQL function `defer_task`, inside the statement or transaction that causes them. A task that is
cut short by a crash starts again from the top, elsewhere; what it had finished is its own business (see `steps`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import LiteralString, Protocol, TypeVar

import procrastinate
from procrastinate import JobContext, exceptions, jobs, retry
from procrastinate.types import JSONDict
from procrastinate.worker import Worker
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from turnkeeper.core.errors import ClaimLostError, TransientError
from turnkeeper.engine.heart import HEARTBEAT_SECONDS, STALLED_SECONDS, Heart
from turnkeeper.engine.jobs import Jobs, raise_if_cancelled

_Connection = TypeVar("_Connection", bound=AsyncConnection[TupleRow])
TaskFunction = Callable[..., Awaitable[None]]
"""Called with the task's arguments by keyword."""

_RESCUE_SECONDS = 1.5
ROUND_SECONDS = 2.0
"""How long a worker waits for a hint, at the most, before it looks for tasks all the same."""
_PAUSE_SECONDS = 0.5
_FORGOTTEN_SECONDS = 60.0
"""A worker that starts forgets who was not heard of for so long; sooner, it would forget whom an outage silenced."""
_NEVER_SECONDS = 1e9
TIDY = "tidy"
_TIDY_CRON = "*/10 * * * *"
_MOST_ATTEMPTS_AT_TIDYING = 3
"""It comes again by the clock; otherwise each of these would be tried for ever."""
_LONGEST_WAIT_SECONDS = 60.0
_MANY_ATTEMPTS = 10
"""An outage is told of only when it lasts longer than these take, some five minutes."""

_log = logging.getLogger(__name__)


class RetryLaterError(Exception):
    """Raised by a task function: run me again, from the top, in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:g} s")
        self.seconds = seconds


class Rescue(Protocol):
    """Puts the tasks of dead workers back into the queue."""

    async def __call__(self, *, stalled_seconds: float) -> int:
        """Do it for workers that were not heard of for so long; returns how many tasks."""
        ...


class Queue:
    """The tasks that this process can run, and the worker that runs them."""

    def __init__(
        self,
        pool: AsyncConnectionPool[_Connection],
        tasks: Mapping[str, TaskFunction],
        *,
        rescue: Rescue,
        hint: Callable[[], None],
        cut_short: Collection[str] = (),
        work_for: Callable[[Hashable], None] | None = None,
    ) -> None:
        """`hint` tells every process that there may be tasks; each then calls its own queue's `look`.

        The tasks named in `cut_short` lose little when they are cut: a drain does not wait for them. `work_for` hears for
        whose queue each task is about to run, in the task's own context, and of None at its end.
        """
        self._rescue = rescue
        self._hint = hint
        self._heart = Heart()
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        self._opened = partial(self._app.open_async, pool)
        self._jobs = Jobs(self._app.connector, tasks, partial(_rows_of, pool), hint)
        self._app.job_manager = self._jobs
        self._stopping = asyncio.Event()
        for name, function in tasks.items():
            run = self._until_stopped(function) if name in cut_short else function
            self._app.task(name=name, retry=_Again(comes_by_itself=name == TIDY), pass_context=True)(
                _for_its_queue(run, work_for)
            )
        if TIDY in tasks:
            self._app.periodic(cron=_TIDY_CRON)(self._app.tasks[TIDY])  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]

    async def work(self, *, concurrency: int, drain_seconds: float, round_seconds: float = ROUND_SECONDS) -> None:
        """Run tasks until `stop` is called; then let those under way end, for at most `drain_seconds`.

        What is not done by then goes back into the queue at once. Trouble with the database ends in another try, not in
        the end of the worker.
        """
        async with self._opened():
            while not self._stopping.is_set():
                await self._work_until_trouble(concurrency, drain_seconds, round_seconds)

    def look(self) -> None:
        """There may be tasks: have the worker look now instead of at its next round, `ROUND_SECONDS` later at the most."""
        self._jobs.look()

    def stop(self) -> None:
        """Take no further task, and let `work` come to its end."""
        self._jobs.leave()
        self._stopping.set()

    def _until_stopped(self, function: TaskFunction) -> TaskFunction:
        async def run(**arguments: object) -> None:
            working = asyncio.ensure_future(function(**arguments))
            stopping = asyncio.ensure_future(self._stopping.wait())
            try:
                await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not working.done():
                    raise RetryLaterError(0)
                await working
            finally:
                stopping.cancel()
                working.cancel()
                await asyncio.gather(working, stopping, return_exceptions=True)

        return run

    async def _work_until_trouble(self, concurrency: int, drain_seconds: float, round_seconds: float) -> None:
        self._jobs.have_room_for(concurrency)
        worker = _Worker(
            app=self._app,
            concurrency=concurrency,
            install_signal_handlers=False,
            fetch_job_polling_interval=round_seconds,
            # The library's heart stops when a drain begins, which would let others take what is still under way.
            update_heartbeat_interval=_NEVER_SECONDS,
            # Nothing is aborted through the queue's rows.
            abort_job_polling_interval=_NEVER_SECONDS,
            stalled_worker_timeout=_FORGOTTEN_SECONDS,
            shutdown_graceful_timeout=drain_seconds,
        )
        running = asyncio.create_task(worker.run(), name="worker")
        helpers = [
            asyncio.create_task(self._beat(worker), name="heartbeat"),
            asyncio.create_task(self._rescue_regularly(), name="rescue"),
            asyncio.create_task(self._stop_when_asked(worker, drain_seconds), name="stop"),
        ]
        try:
            await running
        except Exception:  # noqa: BLE001 - whatever stopped the worker, the queue must be worked on
            _log.warning("the worker stopped and starts again", exc_info=True)
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
        if not self._stopping.is_set():
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _stop_when_asked(self, worker: Worker, drain_seconds: float) -> None:
        await self._stopping.wait()
        self._jobs.give_up_in(drain_seconds)
        worker.stop()
        await self._jobs.give_back()

    async def _beat(self, worker: Worker) -> None:
        """Say regularly that this worker lives. Missing a beat is no failure: the rest goes on, and the next may come."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if worker.worker_id is not None:
                with contextlib.suppress(exceptions.ConnectorException):
                    await self._jobs.update_heartbeat(worker.worker_id)
                    self._heart.heard()
                raise_if_cancelled()

    async def _rescue_regularly(self) -> None:
        while True:
            await asyncio.sleep(_RESCUE_SECONDS)
            if not self._heart.may_judge():
                continue
            with contextlib.suppress(TransientError):
                rescued = await self._rescue(stalled_seconds=STALLED_SECONDS)
                if rescued:
                    self._hint()
                    _log.warning("tasks of a dead worker were taken over", extra={"tasks": rescued})


class _Worker(Worker):
    """The library's worker; for its log lines about each task, which nobody reads, it would describe the task in full."""

    def _log_extra(self, *_: object, **__: object) -> JSONDict:
        return {}


async def _rows_of(
    pool: AsyncConnectionPool[_Connection], statement: LiteralString, values: Mapping[str, object]
) -> Sequence[TupleRow]:
    connection = await pool.getconn()
    try:
        return await (await connection.execute(statement, values)).fetchall()
    finally:
        await pool.putconn(connection)


def _for_its_queue(
    function: TaskFunction, work_for: Callable[[Hashable], None] | None
) -> Callable[..., Awaitable[None]]:
    """The function as the library calls it: what is not plainly `async def` would run in a thread, and outlive a drain."""

    async def run(context: JobContext, **arguments: object) -> None:
        if work_for is None:
            await function(**arguments)
            return
        work_for(context.job.queue)
        try:
            await function(**arguments)
        finally:
            # The end of the task is written for all tasks that end now.
            work_for(None)

    return run


class _Again(retry.BaseRetryStrategy):
    """When a task that did not end well is run again: what was promised is never given up."""

    def __init__(self, *, comes_by_itself: bool) -> None:
        self._comes_by_itself = comes_by_itself

    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> retry.RetryDecision | None:
        if isinstance(exception, ClaimLostError):
            return None
        if isinstance(exception, RetryLaterError):
            return retry.RetryDecision(retry_in={"milliseconds": round(exception.seconds * 1000)})
        if isinstance(exception, asyncio.CancelledError | exceptions.JobAborted):
            return retry.RetryDecision(retry_at=datetime.now(UTC))
        if self._comes_by_itself and job.attempts >= _MOST_ATTEMPTS_AT_TIDYING:
            return None
        seconds = min(2**job.attempts, _LONGEST_WAIT_SECONDS)
        if job.attempts >= _MANY_ATTEMPTS or not isinstance(exception, TransientError):
            # The library tells only of those that are not tried again.
            told = {"task": job.task_name, "arguments": job.task_kwargs, "attempts": job.attempts, "seconds": seconds}
            _log.error("a task failed and is tried again", extra=told, exc_info=exception)
        return retry.RetryDecision(retry_in={"seconds": seconds})
