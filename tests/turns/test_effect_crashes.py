"""The worker is killed at every moment of a turn that acts: nothing is lost, doubled, or paid twice.

The moments are found, not listed: a trigger counts what the worker writes and holds the write that is armed until the
process is dead. Then the write is either lost with the process or kept, although nobody heard that it was. Besides, the
process is killed in the middle of each call of the model and of a tool, before and after the call took effect.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, LiteralString

import psycopg
import pytest

from tests.fakes.forked_workers import ForkedWorkers, forked_workers
from tests.fakes.payment_service import Moment, PaymentService
from tests.fakes.people import People, make_agent
from tests.fakes.scripted_model import Call, CallsTools, Reply, Says, ScriptedModel, SeenRequest, Stalls
from turnkeeper.actions.approvals import ApprovalActions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.agents import Agent, AgentSettings, ApprovalPolicy, ApprovalRule
from turnkeeper.core.approvals import Approval, ApprovalFilter
from turnkeeper.core.conversations import FINISHED
from turnkeeper.core.events import ApprovalAsked, MessageCompleted, ToolReturned
from turnkeeper.store import events
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.messages import Accepted
from turnkeeper.store.tasks import Rescue

PLUGINS = Path(__file__).parents[1] / "fakes" / "payment_tools"
DOOMED: LiteralString = "doomed"
_LOCK: LiteralString = "4242"
_WAITS = ApprovalFilter(state="waiting", limit=10)
_MOST_WRITES = 40
MOMENTS: tuple[Moment, ...] = (
    ("model 1", "before"),
    ("model 2", "before"),
    ("look", "before"),
    ("refund", "before"),
    ("refund", "after"),
    ("email", "before"),
    ("email", "after"),
)

_TRIGGER: LiteralString = f"""
    CREATE SEQUENCE test_writes;
    CREATE TABLE test_armed (write bigint);
    INSERT INTO test_armed VALUES (0);
    CREATE FUNCTION test_count_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('test.worker', true) = '{DOOMED}' THEN
            IF nextval('test_writes') = (SELECT write FROM test_armed) THEN
                PERFORM pg_advisory_xact_lock({_LOCK});
            END IF;
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER test_count AFTER UPDATE ON conversations FOR EACH STATEMENT EXECUTE FUNCTION test_count_write();
"""
_HELD: LiteralString = f"""
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {_LOCK} AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(kw_only=True)
class Scene:
    """A turn with two model calls, parallel tools of three kinds and an approval; and who looks on."""

    database: Database
    conversations: ConversationActions
    approvals: ApprovalActions
    changes: Changes
    staff: People
    agent: Agent
    workers: ForkedWorkers
    payments: PaymentService
    model: ScriptedModel
    control: psycopg.AsyncConnection[tuple[object, ...]]
    stalls_at: int = 0
    """The number of the model call that does not come to its end; 0 for none."""

    def reply(self, seen: SeenRequest) -> Reply:
        """What the model says to this request."""
        number = 2 if any(message.role == "tool" for message in seen.messages) else 1
        if number == self.stalls_at:
            self.stalls_at = 0
            return Stalls("Half a thou")
        if number == 2:
            return Says("Refunded.")
        return CallsTools(tuple(Call(tool=name, call_id=name) for name in ("look", "refund", "email")))

    async def worker(self, name: str) -> int:
        """A new worker, known to the database by this name."""
        return await self.workers.start(
            {
                "TURNKEEPER_DATABASE_URL": self.database.url,
                "PGOPTIONS": f"-c test.worker={name}",
                "TURNKEEPER_DATABASE_CONNECTIONS": "4",
                "TURNKEEPER_MODEL": "openai:scripted",
                "TURNKEEPER_OPENAI_BASE_URL": self.model.base_url,
                "TURNKEEPER_OPENAI_API_KEY": "key",
                "PAYMENTS_URL": self.payments.url,
            }
        )

    async def start(self) -> Accepted:
        """Accept the message."""
        started = await self.conversations.start(
            self.staff.admin, agent=self.agent, text="Refund it.", mode="execute", origin="api"
        )
        return started.value

    async def until_finished(self, accepted: Accepted) -> None:
        """Wait for the turn's end; meanwhile a person decides whatever is asked."""
        with self.changes.listening(accepted.conversation_id) as changed:
            while True:
                changed.clear()
                state = await self.conversations.state(self.staff.admin, message=accepted.message_id)
                if state.status in FINISHED:
                    return
                for approval in await self.approvals.list(self.staff.admin, _WAITS):
                    await self._decide(approval)
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), 0.5)

    async def _decide(self, approval: Approval) -> None:
        """The call itself is allowed; where the outcome is unknown, the person looks whether the e-mail was sent."""
        if approval.question == "outcome" and self.payments.emails:
            verdict, note = "denied", "It was sent."
        else:
            verdict, note = "approved", None
        await self.approvals.decide(self.staff.admin, approval=approval.id, verdict=verdict, note=note)

    async def arm(self, write: int) -> None:
        """Hold the worker's write of this number; 0 for none."""
        await self.control.execute("ALTER SEQUENCE test_writes RESTART")
        await self.control.execute("UPDATE test_armed SET write = %s", (write,))

    async def held_write(self) -> int:
        """Wait until the armed write is held; the process id of its connection."""
        while True:
            row = await (await self.control.execute(_HELD)).fetchone()
            if row is not None:
                assert isinstance(row[0], int)
                return row[0]
            await self.control.execute("SELECT pg_sleep(0.01)")

    async def bury(self) -> None:
        """Let time pass for the queue: who was killed has not been heard of for long, and its tasks are free again."""
        await self.control.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        await Rescue(self.database)(stalled_seconds=30)

    async def recorded_models(self) -> int:
        """How many model calls of all turns stand in the records."""
        row = await (await self.control.execute("SELECT count(*) FROM steps WHERE name LIKE 'model:%'")).fetchone()
        assert row is not None
        assert isinstance(row[0], int)
        return row[0]


@pytest.fixture
async def scene(
    database: Database, conversations: ConversationActions, changes: Changes, staff: People
) -> AsyncGenerator[Scene]:
    """Everything, with no worker yet."""
    policy = ApprovalPolicy(rules=(ApprovalRule(tool="refund"),))
    async with AsyncExitStack() as stack:
        async with database.connection() as connection:
            agent = await make_agent(
                connection,
                staff.admin,
                name="Refunder",
                data_set_id=None,
                model="openai:scripted",
                tools=("look", "refund", "email"),
                settings=AgentSettings(approvals=policy),
            )
        control = await psycopg.AsyncConnection.connect(database.url, autocommit=True)
        stack.push_async_callback(control.close)
        await control.execute(_TRIGGER)
        payments = await stack.enter_async_context(PaymentService())
        scene: Scene | None = None

        def rule(seen: SeenRequest) -> Reply:
            assert scene is not None
            return scene.reply(seen)

        scene = Scene(
            database=database,
            conversations=conversations,
            approvals=ApprovalActions(database, changes),
            changes=changes,
            staff=staff,
            agent=agent,
            workers=await stack.enter_async_context(forked_workers(PLUGINS)),
            payments=payments,
            model=await stack.enter_async_context(ScriptedModel(rule=rule)),
            control=control,
        )
        yield scene


async def check(scene: Scene, accepted: Accepted, *, requests: int, interrupted_calls: int) -> None:
    """The turn was answered once; the world was touched once; no finished model call was made again."""
    talk = (await scene.conversations.read(scene.staff.admin, conversation=accepted.conversation_id)).messages
    async with scene.database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=accepted.conversation_id, limit=1_000)
    bodies = [event.body for event in log]

    assert [(message.role, message.status, message.text) for message in talk] == [
        ("user", "completed", "Refund it."),
        ("assistant", "completed", "Refunded."),
    ]
    assert [event.number for event in log] == list(range(1, len(log) + 1))
    assert len([body for body in bodies if isinstance(body, MessageCompleted)]) == 1
    assert (len(scene.payments.refunds), len(scene.payments.emails)) == (1, 1)
    assert requests == 2 + interrupted_calls
    asked = [body.question for body in bodies if isinstance(body, ApprovalAsked)]
    assert asked.count("call") == 1
    assert asked.count("outcome") <= 1
    assert sorted(body.tool for body in bodies if isinstance(body, ToolReturned)) == ["email", "look", "refund"]


@asynccontextmanager
async def finishing(scene: Scene, accepted: Accepted) -> AsyncGenerator["asyncio.Task[None]"]:
    """A person who decides, until the turn is finished."""
    task = asyncio.create_task(scene.until_finished(accepted))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def die_at_write(scene: Scene, write: int, fate: Literal["lost", "kept"]) -> bool:
    """One turn whose worker is killed in the middle of its write of this number; False when it never wrote so often."""
    scene.payments.forget()
    scene.model.requests.clear()
    before = await scene.recorded_models()
    await scene.arm(write)
    await scene.control.execute("SELECT pg_advisory_lock(%s::bigint)", (_LOCK,))
    doomed = await scene.worker(DOOMED)
    accepted = await scene.start()
    async with asyncio.timeout(30), finishing(scene, accepted) as finished:
        held = asyncio.create_task(scene.held_write())
        await asyncio.wait({held, finished}, return_when=asyncio.FIRST_COMPLETED)
        died = held.done()
        scene.workers.kill(doomed)
        if died and fate == "lost":
            await scene.control.execute("SELECT pg_terminate_backend(%s, 5000)", (held.result(),))
        held.cancel()
        await asyncio.gather(held, return_exceptions=True)
        await scene.control.execute("SELECT pg_advisory_unlock(%s::bigint)", (_LOCK,))
        await scene.arm(0)
        await scene.bury()
        interrupted = len(scene.model.requests) - (await scene.recorded_models() - before)
        rescuer = await scene.worker("rescuer") if died else None
        await finished
    if rescuer is not None:
        scene.workers.kill(rescuer)
        await scene.bury()
        await check(scene, accepted, requests=len(scene.model.requests), interrupted_calls=max(0, interrupted))
    return died


@pytest.mark.parametrize("fate", ["lost", "kept"])
@pytest.mark.parametrize("half", [0, 1])
async def test_killed_at_any_write_a_turn_is_answered_once_and_acts_once(
    scene: Scene, fate: Literal["lost", "kept"], half: int
) -> None:
    writes = 0
    for write in range(1 + half, _MOST_WRITES, 2):
        if not await die_at_write(scene, write, fate):
            break
        writes += 1

    assert 3 <= writes < _MOST_WRITES / 2


@pytest.mark.parametrize("name", ["model", "look", "refund", "email"])
async def test_killed_in_the_middle_of_any_call_a_turn_is_answered_once_and_acts_once(scene: Scene, name: str) -> None:
    for moment in (one for one in MOMENTS if one[0].startswith(name)):
        scene.payments.forget()
        scene.model.requests.clear()
        scene.model.stalled.clear()
        if name == "model":
            scene.stalls_at = int(moment[0].removeprefix("model "))
        else:
            scene.payments.hold_at = moment
        doomed = await scene.worker(DOOMED)
        accepted = await scene.start()
        async with asyncio.timeout(30), finishing(scene, accepted) as finished:
            await (scene.model.stalled if name == "model" else scene.payments.held).wait()
            scene.workers.kill(doomed)
            await scene.bury()
            rescuer = await scene.worker("rescuer")
            await finished
        scene.workers.kill(rescuer)
        await scene.bury()
        await check(scene, accepted, requests=len(scene.model.requests), interrupted_calls=1 if name == "model" else 0)
