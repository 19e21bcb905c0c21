"""Who has little to do does not wait behind who has much: workers take from the queues of all organizations in turn."""

import asyncio
from collections.abc import Sequence

from tests.fakes.people import People
from tests.patience import PATIENCE
from tests.turns.test_queue import working
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.notices import TASKS, Notices

CONCURRENCY = 8


class Desk:
    """Holds what runs, and notes in which order it began."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.running = 0
        self.most = 0
        self._changed = asyncio.Condition()
        self._may_end = 0

    async def run(self, owner: str) -> None:
        """The task."""
        async with self._changed:
            self.begun.append(owner)
            self.running += 1
            self.most = max(self.most, self.running)
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._may_end > 0)
            self._may_end -= 1
            self.running -= 1

    async def until_begun(self, count: int) -> None:
        """Wait until so many began."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.begun) >= count)

    async def let_end(self, count: int) -> None:
        """So many of those that run, or will, may end."""
        async with self._changed:
            self._may_end += count
            self._changed.notify_all()


async def defer(connection: Connection, owner: str, *, count: int, locks: Sequence[str | None] = (None,)) -> None:
    for number in range(count):
        await connection.execute(
            "SELECT defer_task('run', %s, jsonb_build_object('owner', %s::text), 'organization:' || %s)",
            (locks[number % len(locks)], owner, owner),
        )


async def test_one_task_does_not_wait_behind_a_hundred_of_another_organization(
    database: Database, notices: Notices
) -> None:
    desk = Desk()
    async with database.connection() as connection:
        await defer(connection, "noisy", count=100)
        async with working(database, notices, {"run": desk.run}, concurrency=CONCURRENCY):
            await desk.until_begun(CONCURRENCY - 1)
            await defer(connection, "quiet", count=1)
            await desk.let_end(1)
            await desk.until_begun(CONCURRENCY + 1)
            await desk.let_end(200)

    # The place that was kept is for the quiet one, that which became free for either; they are taken together or in turn.
    assert sorted(desk.begun[: CONCURRENCY + 1]) == ["noisy"] * CONCURRENCY + ["quiet"]


async def test_the_last_places_of_a_worker_are_kept_for_organizations_that_have_none(
    database: Database, notices: Notices
) -> None:
    desk = Desk()
    async with (
        database.connection() as connection,
        working(database, notices, {"run": desk.run}, concurrency=2 * CONCURRENCY),
    ):
        for _ in range(3):
            await defer(connection, "noisy", count=10)
            notices.send(TASKS, "")
        await desk.until_begun(2 * CONCURRENCY - 2)
        await defer(connection, "quiet", count=1)
        notices.send(TASKS, "")
        await desk.until_begun(2 * CONCURRENCY - 1)
        noted = list(desk.begun)
        await desk.let_end(200)

    assert noted == ["noisy"] * (2 * CONCURRENCY - 2) + ["quiet"]


async def test_a_place_that_was_kept_free_is_no_reason_to_idle_when_a_task_ends(
    database: Database, notices: Notices
) -> None:
    desk = Desk()
    async with database.connection() as connection:
        await defer(connection, "noisy", count=30)
        # The worker does not look by itself, which would find them anyway.
        rounds = working(database, notices, {"run": desk.run}, concurrency=CONCURRENCY, round_seconds=3_600)
        async with rounds:
            await desk.until_begun(CONCURRENCY - 1)
            for begun in range(CONCURRENCY, 30):
                await desk.let_end(1)
                await desk.until_begun(begun)
            await desk.let_end(200)

    assert desk.most <= CONCURRENCY


async def test_places_are_shared_in_turn_and_the_order_of_a_conversation_holds(
    database: Database, notices: Notices
) -> None:
    desk = Desk()
    async with database.connection() as connection:
        await defer(connection, "a", count=40, locks=[f"a{number}" for number in range(20)])
        await defer(connection, "b", count=40, locks=[f"b{number}" for number in range(20)])
        await desk.let_end(1_000)
        async with working(database, notices, {"run": desk.run}, concurrency=1):
            await desk.until_begun(80)
        cursor = await connection.execute(
            "SELECT count(*) FROM procrastinate_jobs a JOIN procrastinate_jobs b ON a.lock = b.lock AND a.id < b.id"
            " WHERE a.status <> 'succeeded' OR b.status <> 'succeeded'"
        )
        unfinished = await cursor.fetchone()

    # The first is taken before it is known that there are more.
    assert abs(desk.begun[1:41].count("a") - desk.begun[1:41].count("b")) <= 1
    assert unfinished == (0,)


async def test_turns_stand_in_the_queue_of_their_organization(
    conversations: ConversationActions, staff: People, database: Database
) -> None:
    started = await conversations.start(staff.admin, agent=staff.agent, text="One?", mode="execute", origin="api")
    await conversations.send(staff.admin, conversation=started.value.conversation_id, text="Two?")

    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT DISTINCT queue_name FROM procrastinate_jobs WHERE task_name = 'answer'"
        )
        queues = await cursor.fetchall()
    assert queues == [(f"organization:{staff.admin.organization_id}",)]


async def test_a_task_works_for_its_queue_wherever_connections_are_waited_for(
    database: Database, notices: Notices
) -> None:
    told: list[object] = []
    ended = asyncio.Event()

    def work_for(owner: object) -> None:
        database.work_for(owner)
        told.append(owner)
        if owner is None:
            ended.set()

    async def run(owner: str) -> None:
        told.append((owner, database.pool.owner.get()))

    async with (
        database.connection() as connection,
        working(database, notices, {"run": run}, work_for=work_for),
    ):
        await defer(connection, "quiet", count=1)
        notices.send(TASKS, "")
        async with asyncio.timeout(PATIENCE):
            await ended.wait()

    assert told == ["organization:quiet", ("quiet", "organization:quiet"), None]
