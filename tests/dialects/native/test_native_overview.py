"""How turns went over time, and the server's processes."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native, Shop
from tests.fakes.scripted_model import Fails


class Spread(msgspec.Struct):
    p50: float
    p95: float
    p99: float


class Sums(msgspec.Struct):
    turns: int
    completed: int
    failed: int
    cancelled: int
    waited: Spread | None
    answered: Spread | None
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    at: str | None = None


class Failure(msgspec.Struct):
    message_id: str
    conversation_id: str
    agent: str
    reason: str


class Queue(msgspec.Struct):
    waiting: int
    running: int
    oldest_seconds: float


class Overview(msgspec.Struct):
    by: str
    total: Sums
    items: list[Sums]
    failures: list[Failure]
    queue: Queue
    is_cut: bool


class Node(msgspec.Struct):
    name: str
    kind: str
    version: str
    connections: int
    running: int | None
    is_alive: bool


class Database(msgspec.Struct):
    milliseconds: float
    size_bytes: int
    connections: int
    most_connections: int


class Nodes(msgspec.Struct):
    items: list[Node]
    database: Database
    queue: Queue


async def overview(native: Native, query: str = "") -> Overview:
    answer = await native.get(f"/overview{query}")
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=Overview)


def written(at: datetime) -> str:
    return quote(at.isoformat())


@pytest.mark.requirement("native.overview")
async def test_turns_are_counted_by_what_came_of_them(
    stage: Stage, shop: Shop, admin: Native, member: Native, outsider: Native
) -> None:
    stage.model.will(Fails(400, "No."))
    async with shop.working():
        failed = await admin.finished(await shop.ask(stage.keys.admin, "say no"))
        await admin.finished(await shop.ask(stage.keys.member, "say yes"))
    waiting = await shop.ask(stage.keys.admin, "say later")
    await admin.cancel(await shop.ask(stage.keys.admin, "say never"))

    told = await overview(admin)

    sums = told.total
    assert (sums.turns, sums.completed, sums.failed, sums.cancelled, sums.input_tokens > 0) == (4, 1, 1, 1, True)
    assert sums.waited is not None
    assert sums.answered is not None
    assert 0 < sums.answered.p50 == sums.answered.p99 < 60_000
    assert (len(told.items) in {24, 25}, sum(each.turns for each in told.items)) == (True, 4)
    assert [each.message_id for each in told.failures] == [failed.id]
    # What was cancelled is still in the queue, until a worker takes it and lets it fall.
    assert (told.queue.waiting, told.queue.running) == (2, 0)
    assert (await admin.get(f"/messages/{waiting}")).message.status == "queued"
    assert (await overview(member)).total.turns == 1
    theirs = await overview(outsider)
    assert (theirs.total.turns, theirs.failures, theirs.queue.waiting) == (0, [], 0)


@pytest.mark.requirement("native.overview")
async def test_turns_are_chosen_by_time_agent_account_and_model(stage: Stage, shop: Shop, admin: Native) -> None:
    async with shop.working():
        await admin.finished(await shop.ask(stage.keys.admin, "say one"))
    stage.execute("UPDATE messages SET created_at = created_at - interval '3 days' WHERE role = 'user'")
    stage.execute(
        "UPDATE messages SET public_id = (lpad(to_hex((extract(epoch FROM created_at) * 1000)::bigint), 12, '0')"
        " || substr(replace(public_id::text, '-', ''), 13))::uuid WHERE role = 'user'"
    )
    now = datetime.now(UTC)

    assert (await overview(admin)).total.turns == 0
    days = await overview(admin, f"?by=day&from={written(now - timedelta(days=5))}")
    assert [each.turns for each in days.items] in ([0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0])
    since = f"?from={written(now - timedelta(days=5))}"
    assert (await overview(admin, f"{since}&model=openai:scripted")).total.turns == 1
    assert (await overview(admin, f"{since}&model=other")).total.turns == 0
    agents = msgspec.json.decode((await admin.get("/agents")).body)["items"]
    turns = {each["slug"]: (await overview(admin, f"{since}&agent={each['id']}")).total.turns for each in agents}
    assert sorted(turns.values()) == [0] * (len(turns) - 1) + [1]
    me = msgspec.json.decode((await admin.get("/me")).body)["account"]["id"]
    assert (await overview(admin, f"{since}&account={me}")).total.turns == 1


@pytest.mark.requirement("native.overview")
@pytest.mark.parametrize(
    "query",
    [
        "by=week",
        "from=x",
        "from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z",
        "from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z",
        "agent=1",
        "model=",
        "nothing=1",
    ],
)
async def test_what_cannot_be_told_is_refused(admin: Native, query: str) -> None:
    assert (await admin.get(f"/overview?{query}")).status == 400


@pytest.mark.requirement("native.overview")
async def test_operators_see_the_processes_and_others_do_not(stage: Stage, admin: Native, member: Native) -> None:
    assert (await admin.get("/nodes")).status == 403
    assert (await member.get("/nodes")).status == 403
    stage.execute(f"UPDATE accounts SET is_operator = true WHERE id = {stage.people.admin.account_id}")
    async with stage.working():
        await admin.get("/agents")

        answer = await admin.get("/nodes")

    assert answer.status == 200, answer.body
    told = msgspec.json.decode(answer.body, type=Nodes)
    (own,) = told.items
    assert (own.kind, own.running is not None, own.is_alive, own.connections >= 1) == ("work", True, True, True)
    assert told.database.size_bytes > 1_000_000
    assert 0 < told.database.connections <= told.database.most_connections


@pytest.mark.requirement("native.overview")
async def test_a_worker_that_fell_silent_is_shown_as_such(stage: Stage, admin: Native) -> None:
    stage.execute(f"UPDATE accounts SET is_operator = true WHERE id = {stage.people.admin.account_id}")
    stage.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat, process)"
        " VALUES (now() - interval '1 minute', 'turnkeeper 0.1.0 work far-away:7 1700000000')"
    )

    told = msgspec.json.decode((await admin.get("/nodes")).body, type=Nodes)

    silent = [(each.name, each.version, each.running, each.connections) for each in told.items if not each.is_alive]
    assert silent == [("far-away:7", "0.1.0", 0, 0)]
