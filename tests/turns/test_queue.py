"""The queue itself, with tasks made for the test."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import LiteralString

import psycopg
import pytest

from tests.fakes.standing import until_somebody_waits_for_a_lock
from tests.patience import PATIENCE
from turnkeeper.engine.queue import ROUND_SECONDS, TIDY, Queue, RetryLaterError
from turnkeeper.store import tasks
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.notices import TASKS, Notices
from turnkeeper.store.tasks import Rescue

_GIVING_BACK_WAITS: LiteralString = """
    CREATE FUNCTION wait_when_giving_back() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_query() LIKE '%status = ''todo'', worker_id = NULL%' THEN PERFORM pg_advisory_xact_lock(1); END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER giving_back_waits BEFORE UPDATE ON procrastinate_jobs EXECUTE FUNCTION wait_when_giving_back();
"""


_IS_GONE_OR_GIVES_BACK_TWICE: LiteralString = """
    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM procrastinate_workers)
        OR (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted) = 2
"""


@asynccontextmanager
async def working(
    database: Database,
    notices: Notices,
    functions: Mapping[str, Callable[..., Awaitable[None]]],
    *,
    concurrency: int = 8,
    work_for: Callable[[Hashable], None] | None = None,
    drain_seconds: float = 5,
    round_seconds: float = ROUND_SECONDS,
) -> AsyncGenerator[Queue]:
    """A worker with these tasks, until the end of the block."""
    hint = partial(notices.send, TASKS, "")
    queue = Queue(database.pool, functions, rescue=Rescue(database), hint=hint, cut_short=("long",), work_for=work_for)
    notices.subscribe(TASKS, lambda _: queue.look(), lambda _: None)
    task = asyncio.create_task(
        queue.work(concurrency=concurrency, drain_seconds=drain_seconds, round_seconds=round_seconds)
    )
    try:
        yield queue
    finally:
        queue.stop()
        await asyncio.wait_for(task, PATIENCE)


async def defer(database: Database, notices: Notices, name: str, *, lock: str | None = None, count: int = 1) -> None:
    async with database.connection() as connection:
        for number in range(count):
            await connection.execute(
                "SELECT defer_task(%s, %s, jsonb_build_object('number', %s::int))", (name, lock, number)
            )
    notices.send(TASKS, "")


async def test_many_tasks_of_one_lock_run_one_at_a_time_in_order(database: Database, notices: Notices) -> None:
    ran: list[int] = []
    running = 0
    done = asyncio.Event()

    async def note(number: int) -> None:
        nonlocal running
        running += 1
        assert running == 1
        async with database.connection() as connection:
            await connection.execute("SELECT 1")
        ran.append(number)
        running -= 1
        if len(ran) == 20:
            done.set()

    await defer(database, notices, "note", lock="one", count=20)
    async with working(database, notices, {"note": note}):
        await asyncio.wait_for(done.wait(), PATIENCE)
    assert ran == list(range(20))


async def test_no_more_tasks_run_at_once_than_there_is_room_for(database: Database, notices: Notices) -> None:
    most = running = ran = 0
    done, go_on = asyncio.Event(), asyncio.Event()

    async def hold(number: int) -> None:
        nonlocal most, running, ran
        running += 1
        most = max(most, running)
        if running == 3:
            go_on.set()
        await go_on.wait()
        running -= 1
        ran += 1
        if ran == 30:
            done.set()

    await defer(database, notices, "hold", count=30)
    async with working(database, notices, {"hold": hold}, concurrency=3):
        await asyncio.wait_for(done.wait(), PATIENCE)
    assert most == 3


async def test_what_a_stopping_worker_took_but_did_not_begin_goes_back(database: Database, notices: Notices) -> None:
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def hold(number: int) -> None:
        begun.set()
        await go_on.wait()

    await defer(database, notices, "hold", count=30)
    async with working(database, notices, {"hold": hold}, concurrency=2) as queue:
        await asyncio.wait_for(begun.wait(), PATIENCE)
        queue.stop()
        go_on.set()
    async with database.connection() as connection:
        state = await tasks.state(connection)
    assert state.running == 0
    assert state.waiting >= 27


async def test_what_a_worker_was_taking_when_it_was_told_to_stop_goes_back_while_it_drains(
    database: Database, notices: Notices
) -> None:
    ran: list[int] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold(number: int) -> None:
        ran.append(number)
        begun.set()
        await go_on.wait()

    await defer(database, notices, "hold")
    async with working(database, notices, {"hold": hold}) as queue:
        await asyncio.wait_for(begun.wait(), PATIENCE)
        async with await psycopg.AsyncConnection.connect(database.url) as holding:
            await holding.execute("LOCK TABLE procrastinate_jobs IN ACCESS EXCLUSIVE MODE")
            queue.look()
            await until_somebody_waits_for_a_lock(database.url)
            await holding.execute("SELECT defer_task('hold', NULL, '{\"number\": 1}')")
            queue.stop()
        async with asyncio.timeout(PATIENCE), database.connection() as connection:
            waiting = "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND worker_id IS NULL"
            while await (await connection.execute(waiting)).fetchone() is None:
                await connection.execute("SELECT pg_sleep(0.01)")
        go_on.set()

    assert ran == [0]


async def test_what_is_being_given_back_as_the_last_task_ends_goes_back(database: Database, notices: Notices) -> None:
    go_on = asyncio.Event()

    async def stop_and_hold(number: int) -> None:
        queue.stop()
        await go_on.wait()

    await defer(database, notices, "hold", count=2)
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as holding:
        await holding.execute(_GIVING_BACK_WAITS)
        await holding.execute("SELECT pg_advisory_lock(1)")
        async with working(database, notices, {"hold": stop_and_hold}, concurrency=2) as queue:
            await until_somebody_waits_for_a_lock(database.url)
            go_on.set()
            async with asyncio.timeout(PATIENCE):
                while not await (await holding.execute(_IS_GONE_OR_GIVES_BACK_TWICE)).fetchone():
                    pass
            await holding.execute("SELECT pg_advisory_unlock(1)")
    async with database.connection() as connection:
        state = await tasks.state(connection)
    assert (state.waiting, state.running) == (1, 0)


async def test_a_drain_does_not_wait_for_a_task_that_may_be_cut_short(database: Database, notices: Notices) -> None:
    begun = asyncio.Event()

    async def for_ever(number: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    await defer(database, notices, "long")
    async with working(database, notices, {"long": for_ever}):
        await asyncio.wait_for(begun.wait(), PATIENCE)
    async with database.connection() as connection:
        state = await tasks.state(connection)
    assert (state.waiting, state.running) == (1, 0)


@pytest.mark.parametrize("loses_by", [None, RetryLaterError(0)])
async def test_a_run_that_lost_its_task_to_a_later_one_of_the_same_worker_does_not_end_it(
    database: Database, notices: Notices, loses_by: Exception | None
) -> None:
    begun: asyncio.Queue[asyncio.Event] = asyncio.Queue()
    runs = 0

    async def hold(number: int) -> None:
        nonlocal runs
        runs += 1
        is_first, go_on = runs == 1, asyncio.Event()
        begun.put_nowait(go_on)
        await go_on.wait()
        if is_first and loses_by is not None:
            raise loses_by

    async def note(number: int) -> None:
        pass

    await defer(database, notices, "hold")
    async with working(database, notices, {"hold": hold, "note": note}):
        first = await asyncio.wait_for(begun.get(), PATIENCE)
        # As when its heart was not heard for long, although it lives.
        assert await Rescue(database)(stalled_seconds=-1) == 1
        notices.send(TASKS, "")
        second = await asyncio.wait_for(begun.get(), PATIENCE)
        first.set()
        await defer(database, notices, "note")
        async with asyncio.timeout(PATIENCE):
            while await status_of(database, "note") != "succeeded":
                pass
        # Ended, nobody would take it over when this worker is killed now.
        assert await status_of(database, "hold") == "doing"
        second.set()
    assert await status_of(database, "hold") == "succeeded"
    assert runs == 2


async def status_of(database: Database, name: str) -> str:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT status::text FROM procrastinate_jobs WHERE task_name = %s", (name,))
        row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("concurrency", [8, 1], ids=["with room", "with one place"])
async def test_a_kind_of_task_that_a_worker_does_not_have_waits_for_one_that_has_it(
    database: Database, notices: Notices, concurrency: int
) -> None:
    old, new = asyncio.Event(), asyncio.Event()

    async def known(number: int) -> None:
        old.set()

    async def added(number: int) -> None:
        new.set()

    await defer(database, notices, "added")
    await defer(database, notices, "known")
    async with working(database, notices, {"known": known}, concurrency=concurrency):
        await asyncio.wait_for(old.wait(), PATIENCE)
    assert await status_of(database, "added") == "todo"

    async with working(database, notices, {"known": known, "added": added}, concurrency=concurrency):
        await asyncio.wait_for(new.wait(), PATIENCE)
    assert await status_of(database, "added") == "succeeded"


async def test_a_task_that_asks_for_another_run_gets_it_soon(database: Database, notices: Notices) -> None:
    runs = 0
    done = asyncio.Event()

    async def fail_first(number: int) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RetryLaterError(0.05)
        if runs == 2:
            done.set()

    await defer(database, notices, "fail_first")
    # The worker does not look by itself, which would find it anyway.
    async with working(database, notices, {"fail_first": fail_first}, round_seconds=3_600):
        await asyncio.wait_for(done.wait(), PATIENCE)
    assert runs == 2


async def test_a_task_that_failed_however_often_is_tried_again_and_told(
    database: Database, notices: Notices, caplog: pytest.LogCaptureFixture
) -> None:
    tried = asyncio.Event()

    async def fail(number: int) -> None:
        tried.set()
        raise ValueError(number)

    await defer(database, notices, "fail")
    async with database.connection() as connection:
        await connection.execute("UPDATE procrastinate_jobs SET attempts = 1000")
    async with working(database, notices, {"fail": fail}):
        await asyncio.wait_for(tried.wait(), PATIENCE)
    async with database.connection() as connection:
        state = await tasks.state(connection)
    assert (state.waiting, state.running) == (1, 0)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("turnkeeper.")]
    assert ours == ["a task failed and is tried again"]


async def test_a_worker_that_starts_again_after_trouble_is_known_to_the_database_all_the_time(
    database: Database, notices: Notices
) -> None:
    done = asyncio.Event()

    async def note(number: int) -> None:
        done.set()

    async def newest(connection: Connection) -> int:
        row = await (await connection.execute("SELECT coalesce(max(id), 0) FROM procrastinate_workers")).fetchone()
        assert row is not None
        return int(row[0])

    await defer(database, notices, "note")
    async with working(database, notices, {"note": note}), database.connection() as connection:
        await asyncio.wait_for(done.wait(), PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while (await tasks.state(connection)).running:
                await connection.execute("SELECT pg_sleep(0.01)")
        before = await newest(connection)
        await connection.execute(
            """
            CREATE TABLE test_left (workers bigint);
            CREATE FUNCTION test_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO test_left SELECT count(*) FROM procrastinate_workers; RETURN NULL;
            END $$;
            CREATE TRIGGER test_count AFTER DELETE ON procrastinate_workers FOR EACH STATEMENT EXECUTE FUNCTION test_count();
            ALTER TABLE procrastinate_jobs RENAME TO test_away
            """
        )
        notices.send(TASKS, "")
        try:
            async with asyncio.timeout(PATIENCE):
                while await newest(connection) == before:
                    await connection.execute("SELECT pg_sleep(0.01)")
        finally:
            await connection.execute("ALTER TABLE test_away RENAME TO procrastinate_jobs")
        done.clear()
        await defer(database, notices, "note")
        await asyncio.wait_for(done.wait(), PATIENCE)
        left = [int(row[0]) for row in await (await connection.execute("SELECT workers FROM test_left")).fetchall()]
        present = (await tasks.state(connection)).workers
    assert left
    assert min(left) == 1
    assert present == 1


async def test_what_comes_by_the_clock_waits_for_the_database_and_ends_nothing_that_runs(
    database: Database, notices: Notices
) -> None:
    begun, tidied, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold(number: int) -> None:
        begun.set()
        await go_on.wait()

    async def tidy(timestamp: int) -> None:
        tidied.set()

    await defer(database, notices, "hold")
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE procrastinate_periodic_defers RENAME TO test_away")
        async with working(database, notices, {"hold": hold, TIDY: tidy}, drain_seconds=0.1):
            await asyncio.wait_for(begun.wait(), PATIENCE)
            await connection.execute("ALTER TABLE test_away RENAME TO procrastinate_periodic_defers")
            await asyncio.wait_for(tidied.wait(), PATIENCE)
            go_on.set()
        cursor = await connection.execute("SELECT task_name, attempts FROM procrastinate_jobs ORDER BY task_name")
        assert await cursor.fetchall() == [("hold", 1), (TIDY, 1)]


async def test_a_connection_that_broke_does_not_make_tasks_wait_for_those_that_run(
    database_url: str, database: Database, notices: Notices
) -> None:
    begun, other_ran, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold(number: int) -> None:
        begun.set()
        await go_on.wait()

    async def note(number: int) -> None:
        other_ran.set()

    await defer(database, notices, "hold")
    # Far longer than anybody waits here for the other task.
    drain_seconds = 2 * PATIENCE
    async with working(database, notices, {"hold": hold, "note": note}, drain_seconds=drain_seconds) as queue:
        await asyncio.wait_for(begun.wait(), PATIENCE)
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            await other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await other.execute("SELECT defer_task('note', NULL, jsonb_build_object('number', 1))")
        queue.look()
        await asyncio.wait_for(other_ran.wait(), PATIENCE)
        go_on.set()


async def test_old_finished_tasks_are_purged_and_others_kept(database: Database, notices: Notices) -> None:
    done = asyncio.Event()

    async def note(number: int) -> None:
        done.set()

    await defer(database, notices, "note")
    async with working(database, notices, {"note": note}):
        await asyncio.wait_for(done.wait(), PATIENCE)
    await defer(database, notices, "note")
    async with database.connection() as connection:
        assert await tasks.purge(connection, older_than_hours=1) == 0
        await connection.execute("UPDATE procrastinate_jobs SET deferred_at = now() - interval '2 hours'")
        assert await tasks.purge(connection, older_than_hours=1) == 1
        assert (await tasks.state(connection)).waiting == 1


async def test_a_worker_ends_although_its_database_is_gone_for_good(database_url: str, notices: Notices) -> None:
    mine = Database(database_url, max_connections=2)
    await mine.open()
    began = asyncio.Event()

    async def lose(number: int) -> None:
        await mine.close()
        began.set()

    async with working(mine, notices, {"lose": lose}, drain_seconds=0.1):
        await defer(mine, notices, "lose")
        await asyncio.wait_for(began.wait(), PATIENCE)
