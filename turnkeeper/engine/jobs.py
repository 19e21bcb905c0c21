"""Procrastinate's rows in our hands: taken and ended in batches, behind a fence, and not given up in an outage.

The library takes and ends one job a statement, does not ask who has a job when it is ended, and fails when the database is
away at that moment. Here one statement takes as many jobs as there is room for, and all that end while another such
statement is under way end together; a worker that lost a job changes nothing; and whoever is alive tries until it is done:
otherwise a job could stay `doing` for ever in the hands of a worker that is alive.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import LiteralString, Protocol, TypeVar

import psycopg
from procrastinate import exceptions, jobs, manager
from procrastinate.connector import BaseConnector
from psycopg.rows import TupleRow

_T = TypeVar("_T")

_MOST_AT_ONCE = 16
_SHARES = 8
"""One in so many places of a worker is kept free of a queue that has all the others."""
_MOST_SERVED = 100
_LOOK_AFTER_TROUBLE_SECONDS = 0.1
_NAMES = (
    "id",
    "status",
    "task_name",
    "priority",
    "lock",
    "queueing_lock",
    "args",
    "scheduled_at",
    "queue_name",
    "attempts",
    "worker_id",
)
_COLUMNS: LiteralString = ", ".join(_NAMES)

# Of the tasks with one lock only the first may run, and only when none of them runs. A kind of task that this program does
# not have waits for a worker of the version that has it: the library would take it, and end it as failed.
_IS_READY: LiteralString = """
    j.task_name = ANY(%(names)b::text[])
    AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())
    AND (j.lock IS NULL OR NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs o
        WHERE o.lock = j.lock AND (
            o.status = 'doing'
            OR o.status = 'todo' AND (o.priority > j.priority OR o.priority = j.priority AND o.id < j.id))))
"""
_TAKEN: LiteralString = f"""
    , taken AS (
        UPDATE procrastinate_jobs j SET status = 'doing', worker_id = %(worker_id)s
        FROM ready WHERE j.id = ready.id RETURNING j.*
    )
    SELECT {_COLUMNS} FROM taken ORDER BY priority DESC, id
"""

# When there is room for all, whose they are does not matter.
_TAKE: LiteralString = (
    f"""
    WITH ready AS (
        SELECT j.id FROM procrastinate_jobs j WHERE j.status = 'todo' AND {_IS_READY}
        ORDER BY j.priority DESC, j.id LIMIT %(room)s
        FOR UPDATE OF j SKIP LOCKED
    )"""
    + _TAKEN
)

# The same when not all can be taken: the next one is always of the queue that has the least in hand at this worker, among
# equals of the one whose turn was longest ago, and no queue gets the last places. The heads of all queues are found by
# jumping from one to the next in their index. More heads are looked at than there is room for, because other workers may be
# taking some of them at this moment.
_TAKE_FAIRLY: LiteralString = (
    """
    WITH RECURSIVE queues AS (
        (SELECT queue_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY queue_name LIMIT 1)
        UNION ALL
        SELECT (
            SELECT j.queue_name FROM procrastinate_jobs j WHERE j.status = 'todo' AND j.queue_name > q.queue_name
            ORDER BY j.queue_name LIMIT 1)
        FROM queues q WHERE q.queue_name IS NOT NULL
    ), in_hand AS (
        SELECT queue_name, count(*) AS many FROM procrastinate_jobs
        WHERE status = 'doing' AND worker_id = %(worker_id)s GROUP BY queue_name
    ), heads AS (
        SELECT h.id, q.queue_name, coalesce(i.many, 0) + row_number() OVER (PARTITION BY q.queue_name ORDER BY h.id) AS place
        FROM queues q LEFT JOIN in_hand i ON i.queue_name = q.queue_name CROSS JOIN LATERAL (
            SELECT j.id FROM procrastinate_jobs j
            WHERE j.status = 'todo' AND j.queue_name = q.queue_name AND {ready}
            ORDER BY j.id LIMIT 4 * %(room)s + 8) h
    ), ready AS (
        SELECT j.id FROM heads h JOIN procrastinate_jobs j ON j.id = h.id
        WHERE j.status = 'todo' AND h.place <= %(most)s
        ORDER BY h.place, array_position(%(served)s::text[], h.queue_name::text) NULLS FIRST, j.id LIMIT %(room)s
        FOR UPDATE OF j SKIP LOCKED
    )""".replace("{ready}", _IS_READY)
    + _TAKEN
)

# A run is known by its worker and by how often the task was run before. A worker that was thought dead, and took the task
# again itself, has two runs of it: should the earlier one end it, nobody would take it over when the later one is killed.
_END: LiteralString = """
    WITH ended AS (
        UPDATE procrastinate_jobs j
        SET status = e.status::procrastinate_job_status, attempts = j.attempts + 1
        FROM unnest(%(ids)b::bigint[], %(workers)b::bigint[], %(attempts)b::int[], %(statuses)b::text[])
             AS e(id, worker_id, attempts, status)
        WHERE j.id = e.id AND j.worker_id = e.worker_id AND j.attempts = e.attempts AND j.status = 'doing'
        RETURNING j.lock
    )
    SELECT EXISTS (
        SELECT 1 FROM ended JOIN procrastinate_jobs w ON w.lock = ended.lock AND w.status = 'todo') AS has_waiting
"""

_PUT_BACK: LiteralString = """
    SELECT procrastinate_retry_job_v2(id, %(retry_at)s, %(priority)s, %(queue)s, %(lock)s) FROM procrastinate_jobs
    WHERE id = %(job_id)s AND worker_id = %(worker_id)s AND attempts = %(attempts)s AND status = 'doing' FOR UPDATE
"""

_GIVE_BACK: LiteralString = """
    UPDATE procrastinate_jobs j SET status = 'todo', worker_id = NULL
    FROM unnest(%(ids)b::bigint[], %(workers)b::bigint[], %(attempts)b::int[]) AS e(id, worker_id, attempts)
    WHERE j.id = e.id AND j.worker_id = e.worker_id AND j.attempts = e.attempts AND j.status = 'doing' RETURNING j.id
"""


def raise_if_cancelled() -> None:
    """End a task that was cancelled although nobody told it.

    Python 3.11's `wait_for`, inside the pool, may forget it; and the driver may tell of a broken connection instead,
    having cut that itself.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling() > 0:
        raise asyncio.CancelledError


class OnNotification(Protocol):
    """The library's callback."""

    def __call__(self, *, channel: str, notification: jobs.Notification) -> Awaitable[None]:
        """Hear of a new job."""
        ...


class RunStatement(Protocol):
    """Runs one statement on a connection of its own; the connector of the library does the same at three times the cost."""

    async def __call__(self, statement: LiteralString, values: Mapping[str, object]) -> Sequence[TupleRow]:
        """The rows that it returned.

        Raises:
            psycopg.Error: trouble with the database.
        """
        ...


class Jobs(manager.JobManager):
    """The jobs of one worker. `hint` tells every worker, in every process, to look for tasks."""

    def __init__(
        self, connector: BaseConnector, names: Iterable[str], run: RunStatement, hint: Callable[[], None]
    ) -> None:
        """Of the tasks of these names."""
        super().__init__(connector)
        self._names = list(names)
        self._run = run
        self._hint = hint
        self._room = 1
        self._kept_free = 0
        self._most = 1
        self._has_more = False
        self._left_some = False
        self._gained_room = False
        self._served: dict[str, None] = {}
        self._taken: deque[jobs.Job] = deque()
        self._ended: list[tuple[jobs.Job, jobs.Status, asyncio.Future[None]]] = []
        self._ending: asyncio.Task[None] | None = None
        self._is_asked_to_look = asyncio.Event()
        self._looks_again = False
        self._is_leaving = False
        self._left: list[int] = []
        self._tries_until: float | None = None

    def look(self) -> None:
        """There may be tasks: have the worker look."""
        self._looks_again = True
        self._is_asked_to_look.set()

    def leave(self) -> None:
        """Take nothing more; the worker that ends next is the last one of this process."""
        self._is_leaving = True

    def give_up_in(self, seconds: float) -> None:
        """Try for so long yet to write what became of jobs; what is not written by then, others find and take over."""
        self._tries_until = time.monotonic() + seconds

    async def register_worker(self) -> int:
        """A new worker; only now those that ended before it in trouble are forgotten.

        In between nobody is there for a moment, but somebody will be: the server stays ready.
        """
        worker_id = await super().register_worker()
        while self._left:
            await super().unregister_worker(self._left[-1])
            self._left.pop()
        return worker_id

    async def unregister_worker(self, worker_id: int) -> None:
        """Forget a worker that ended, unless another one takes its place.

        Whoever is forgotten has nothing more to give back: only the rescue would find it.
        """
        await self.give_back()
        if self._is_leaving:
            await super().unregister_worker(worker_id)
        else:
            self._left.append(worker_id)

    def have_room_for(self, concurrency: int) -> None:
        """From now on as many jobs may be in hand; of one queue not quite as many: the last places are for others."""
        self._room = concurrency
        self._kept_free = concurrency // _SHARES
        self._most = concurrency - self._kept_free

    async def listen_for_jobs(self, *, on_notification: OnNotification, queues: Iterable[str] | None = None) -> None:
        """Pass on each `look`; the notifications of the library's own trigger are not used (see decision 3)."""
        del queues
        while True:
            await self._is_asked_to_look.wait()
            self._is_asked_to_look.clear()
            await on_notification(channel="", notification={"type": "job_inserted", "job_id": 0})

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        """The next job, out of those that were taken together.

        Who is asked to look while the statement is under way looks again: the library would forget it.
        """
        del queues
        while not self._taken:
            self._looks_again = self._gained_room = False
            try:
                self._taken.extend(await self._take(worker_id))
            except psycopg.Error as error:
                raise_if_cancelled()
                if not (error.sqlstate is None or isinstance(error, psycopg.OperationalError)):
                    raise
                # Raised, it would end the worker: nothing more would be taken before all that runs has come to its end.
                asyncio.get_running_loop().call_later(_LOOK_AFTER_TROUBLE_SECONDS, self.look)
                return None
            if self._is_leaving:  # told so while the statement was under way
                await self.give_back()
                return None
            if not self._taken and not self._looks_again and not (self._left_some and self._gained_room):
                return None
        self._room -= 1
        return self._taken.popleft()

    async def _take(self, worker_id: int) -> list[jobs.Job]:
        """Take jobs: fairly when there may be more than can be taken, else in the simplest way."""
        is_tight = self._has_more or self._room <= self._kept_free
        room = max(1, min(_MOST_AT_ONCE, self._room if is_tight else self._room - self._kept_free))
        values: dict[str, object] = {"room": room, "worker_id": worker_id, "names": self._names}
        if is_tight:
            rows = await self._run(_TAKE_FAIRLY, {**values, "most": self._most, "served": list(self._served)})
        else:
            rows = await self._run(_TAKE, values)
        taken = [jobs.Job.from_row(dict(zip(_NAMES, row, strict=True))) for row in rows]
        if is_tight:
            self._note_served(job.queue for job in taken)
        self._has_more = len(rows) == room
        self._left_some = is_tight and not self._has_more
        return taken

    def _note_served(self, queues: Iterable[str]) -> None:
        """Remember whose turn it was, the latest last."""
        for queue in queues:
            self._served.pop(queue, None)
            self._served[queue] = None
        while len(self._served) > _MOST_SERVED:
            del self._served[next(iter(self._served))]

    def _gain_room(self) -> None:
        """A job is no longer in hand; where room was left free although jobs waited, one of them may be taken now."""
        self._room += 1
        self._gained_room = True
        if self._left_some:
            self.look()

    async def give_back(self) -> None:
        """Let others have what was taken but not begun.

        Whoever is cut short in this has given nothing back, and it is still here for the next who does.
        """
        given = tuple(self._taken)
        if given:
            await self._patiently(_GIVE_BACK, **_runs(given))
            self._taken = deque(job for job in self._taken if job not in given)
            self._hint()

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:  # noqa: FBT001 - the library's
        """End a job, together with others that end now. Those that wait for its lock are looked for at once."""
        del delete_job
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended.append((job, status, done))
        if self._ending is None or self._ending.done():
            self._ending = asyncio.create_task(self._end_jobs())
        await done
        self._gain_room()

    async def retry_job(
        self,
        job: jobs.Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job back; the workers look when its moment has come."""
        moment = retry_at or datetime.now(UTC)
        await self._patiently(
            _PUT_BACK,
            job_id=job.id,
            worker_id=job.worker_id,
            attempts=job.attempts,
            retry_at=moment,
            priority=priority,
            queue=queue,
            lock=lock,
        )
        self._gain_room()
        seconds = (moment - datetime.now(UTC)).total_seconds()
        asyncio.get_running_loop().call_later(max(0.0, seconds) + 0.005, self._hint)

    async def defer_periodic_job(self, job: jobs.Job, periodic_id: str, defer_timestamp: int) -> int | None:
        """Have what comes by the clock done; an error here would end the worker, and cut short what it runs."""
        defer = partial(super().defer_periodic_job, job, periodic_id, defer_timestamp)
        return await self._until_done(defer, exceptions.ConnectorException)

    async def _end_jobs(self) -> None:
        while self._ended:
            batch, self._ended = self._ended, []
            try:
                rows = await self._patiently(
                    _END,
                    **_runs(job for job, _, _ in batch),
                    statuses=[status.value for _, status, _ in batch],
                )
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
                for _, _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                continue
            for _, _, done in batch:
                if not done.done():
                    done.set_result(None)
            if any(row[0] for row in rows):
                self._hint()

    async def _patiently(self, statement: LiteralString, **values: object) -> Sequence[TupleRow]:
        return await self._until_done(partial(self._run, statement, values), psycopg.Error)

    async def _until_done(self, attempt: Callable[[], Awaitable[_T]], trouble: type[Exception]) -> _T:
        wait = 0.1
        while True:
            try:
                return await attempt()
            except trouble as error:
                raise_if_cancelled()
                if self._tries_until is not None and time.monotonic() >= self._tries_until:
                    raise exceptions.ConnectorException(
                        "The database stayed away until the end of the worker."
                    ) from error
                await asyncio.sleep(wait)
                wait = min(wait * 2, 2.0)


def _runs(taken: Iterable[jobs.Job]) -> Mapping[str, object]:
    """Which runs these are, as they were when the jobs were taken."""
    known = [(job.id, job.worker_id, job.attempts) for job in taken]
    return {name: [run[place] for run in known] for place, name in enumerate(("ids", "workers", "attempts"))}
