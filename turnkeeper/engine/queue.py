"""The queue of durable tasks: Procrastinate with a fence, quick rescue of what a dead worker held, and draining.

Tasks are deferred by the SQL function `defer_task`, inside the statement or transaction that causes them. A task that is
cut short by a crash starts again from the top, elsewhere; what it had finished is its own business (see `steps`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import LiteralString, Protocol

import procrastinate
from procrastinate import exceptions, jobs, manager, retry
from procrastinate.connector import BaseConnector
from procrastinate.worker import Worker
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from turnkeeper.core.errors import ClaimLostError, TransientError

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]
TaskFunction = Callable[..., Awaitable[None]]
"""Called with the task's arguments by keyword."""

HEARTBEAT_SECONDS = 1.0
STALLED_SECONDS = 4.0
"""A worker that was not heard of for so long is dead, and its tasks go to others."""
_RESCUE_SECONDS = 1.5
_POLL_SECONDS = 2.0
_PAUSE_SECONDS = 0.5
_NEVER_SECONDS = 1e9
TIDY = "tidy"
_TIDY_CRON = "*/10 * * * *"
_MOST_ATTEMPTS = 50
_LONGEST_WAIT_SECONDS = 30.0

_WAKE: LiteralString = 'pg_notify(\'procrastinate_any_queue_v1\', \'{"type": "job_inserted", "job_id": 0}\')'
"""Makes every worker look for tasks, as the library's own trigger does for new ones."""

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

    def __init__(self, pool: Pool, tasks: Mapping[str, TaskFunction], *, rescue: Rescue) -> None:
        self._pool = pool
        self._rescue = rescue
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        self._app.job_manager = _FencedJobs(self._app.connector)
        self._stopping = asyncio.Event()
        for name, function in tasks.items():
            self._app.task(name=name, retry=_Again())(_coroutine_function(function))
        if TIDY in tasks:
            self._app.periodic(cron=_TIDY_CRON)(self._app.tasks[TIDY])  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]

    async def work(self, *, concurrency: int, drain_seconds: float) -> None:
        """Run tasks until `stop` is called; then let those under way end, for at most `drain_seconds`.

        What is not done by then goes back into the queue at once. Trouble with the database ends in another try, not in
        the end of the worker.
        """
        async with self._app.open_async(self._pool):  # pyright: ignore[reportArgumentType] - rows are tuples here
            while not self._stopping.is_set():
                await self._work_until_trouble(concurrency, drain_seconds)

    def stop(self) -> None:
        """Take no further task, and let `work` come to its end."""
        self._stopping.set()

    async def _work_until_trouble(self, concurrency: int, drain_seconds: float) -> None:
        worker = Worker(
            app=self._app,
            concurrency=concurrency,
            install_signal_handlers=False,
            fetch_job_polling_interval=_POLL_SECONDS,
            # The library's heart stops when a drain begins, which would let others take what is still under way.
            update_heartbeat_interval=_NEVER_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=drain_seconds,
        )
        running = asyncio.create_task(worker.run(), name="worker")
        helpers = [
            asyncio.create_task(self._beat(worker), name="heartbeat"),
            asyncio.create_task(self._rescue_regularly(), name="rescue"),
            asyncio.create_task(self._stop_when_asked(worker), name="stop"),
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

    async def _stop_when_asked(self, worker: Worker) -> None:
        await self._stopping.wait()
        worker.stop()

    async def _beat(self, worker: Worker) -> None:
        """Say regularly that this worker lives. Missing a beat is no failure: the rest goes on, and the next may come."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if worker.worker_id is not None:
                with contextlib.suppress(exceptions.ConnectorException):
                    await self._app.job_manager.update_heartbeat(worker.worker_id)

    async def _rescue_regularly(self) -> None:
        while True:
            await asyncio.sleep(_RESCUE_SECONDS)
            with contextlib.suppress(TransientError):
                rescued = await self._rescue(stalled_seconds=STALLED_SECONDS)
                if rescued:
                    _log.warning("tasks of a dead worker were taken over", extra={"tasks": rescued})


def _coroutine_function(function: TaskFunction) -> TaskFunction:
    """The library runs what is not plainly `async def` in a thread, and does not cancel it when a drain ends."""

    async def run(**arguments: object) -> None:
        await function(**arguments)

    return run


class _Again(retry.BaseRetryStrategy):
    """When a task that did not end well is run again."""

    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> retry.RetryDecision | None:
        if isinstance(exception, ClaimLostError):
            return None
        if isinstance(exception, RetryLaterError):
            return retry.RetryDecision(retry_in={"milliseconds": round(exception.seconds * 1000)})
        if isinstance(exception, asyncio.CancelledError | exceptions.JobAborted):
            return retry.RetryDecision(retry_at=datetime.now(UTC))
        if job.attempts >= _MOST_ATTEMPTS:
            return None
        return retry.RetryDecision(retry_in={"seconds": min(2**job.attempts, _LONGEST_WAIT_SECONDS)})


class _FencedJobs(manager.JobManager):
    """Ends a job only while this worker still has it, and does not give up when the database is away for a moment.

    Without the fence a worker that was thought dead would end the job under the hands of the one that took it over;
    without the patience a job could stay `doing` for ever in the hands of a worker that is alive.
    """

    def __init__(self, connector: BaseConnector) -> None:
        super().__init__(connector)
        self._wakes: set[asyncio.Task[None]] = set()

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:  # noqa: FBT001 - the library's
        """End a job; should another one wait for its lock, the workers are told, who otherwise look every 2 seconds."""
        await self._patiently(
            f"""
            SELECT procrastinate_finish_job_v1(j.id, %(status)s::procrastinate_job_status, %(delete_job)s),
                   CASE WHEN j.lock IS NOT NULL AND EXISTS (
                       SELECT 1 FROM procrastinate_jobs w WHERE w.lock = j.lock AND w.status = 'todo') THEN {_WAKE} END
            FROM procrastinate_jobs j
            WHERE j.id = %(job_id)s AND j.worker_id = %(worker_id)s AND j.status = 'doing' FOR UPDATE
            """,
            job_id=job.id,
            worker_id=job.worker_id,
            status=status.value,
            delete_job=delete_job,
        )

    async def retry_job(
        self,
        job: jobs.Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job back; the workers are told when its moment has come."""
        moment = retry_at or datetime.now(UTC)
        await self._patiently(
            """
            SELECT procrastinate_retry_job_v2(id, %(retry_at)s, %(priority)s, %(queue)s, %(lock)s)
            FROM procrastinate_jobs
            WHERE id = %(job_id)s AND worker_id = %(worker_id)s AND status = 'doing' FOR UPDATE
            """,
            job_id=job.id,
            worker_id=job.worker_id,
            retry_at=moment,
            priority=priority,
            queue=queue,
            lock=lock,
        )
        self._wake_in((moment - datetime.now(UTC)).total_seconds())

    def _wake_in(self, seconds: float) -> None:
        if seconds > _POLL_SECONDS:
            return
        task = asyncio.create_task(self._wake_after(seconds))
        self._wakes.add(task)
        task.add_done_callback(self._wakes.discard)

    async def _wake_after(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) + 0.005)
        # Should it fail, the workers look by themselves a little later.
        with contextlib.suppress(exceptions.ConnectorException):
            await self.connector.execute_query_all_async(f"SELECT {_WAKE}")

    async def _patiently(self, query: LiteralString, **values: object) -> None:
        wait = 0.1
        while True:
            try:
                await self.connector.execute_query_all_async(query, **values)  # pyright: ignore[reportArgumentType]
                return
            except exceptions.ConnectorException:
                await asyncio.sleep(wait)
                wait = min(wait * 2, 2.0)
