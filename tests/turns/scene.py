"""A turn that acts, played by worker processes that can be killed: the model, a payment service, and a person."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import LiteralString
from uuid import uuid5

import psycopg

from tests.fakes.forked_workers import ForkedWorkers
from tests.fakes.payment_service import PaymentService
from tests.fakes.people import People, make_agent
from tests.fakes.scripted_model import Call, CallsTools, Reply, Rule, Says, ScriptedModel, SeenRequest, Stalls
from turnkeeper.actions.approvals import ApprovalActions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.agents import Agent, AgentSettings, ApprovalPolicy, ApprovalRule
from turnkeeper.core.approvals import Approval, ApprovalFilter, Verdict
from turnkeeper.core.conversations import FINISHED
from turnkeeper.core.overlap import Overlap
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.messages import Accepted
from turnkeeper.store.tasks import Rescue

DOOMED: LiteralString = "doomed"
LOCK: LiteralString = "4242"
_WAITS = ApprovalFilter(state="waiting", limit=10)

_TRIGGER: LiteralString = f"""
    CREATE SEQUENCE test_writes;
    CREATE TABLE test_armed (write bigint);
    INSERT INTO test_armed VALUES (0);
    CREATE FUNCTION test_count_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('test.worker', true) = '{DOOMED}' THEN
            IF nextval('test_writes') = (SELECT write FROM test_armed) THEN
                PERFORM pg_advisory_xact_lock({LOCK});
            END IF;
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER test_count AFTER UPDATE ON conversations FOR EACH STATEMENT EXECUTE FUNCTION test_count_write();
"""
_HELD: LiteralString = f"""
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK} AND NOT granted
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
    rule: Rule | None = None
    """What the model says instead."""

    def reply(self, seen: SeenRequest) -> Reply:
        """What the model says to this request."""
        if self.rule is not None:
            return self.rule(seen)
        number = 2 if seen.messages[-1].role == "tool" else 1
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

    async def send(self, accepted: Accepted, text: str = "Refund it.", overlap: Overlap | None = None) -> Accepted:
        """Accept one more message of the same conversation."""
        sent = await self.conversations.send(
            self.staff.admin, conversation=accepted.conversation_id, text=text, overlap=overlap
        )
        return sent.value

    async def waiting(self) -> Sequence[Approval]:
        """What people are asked."""
        return await self.approvals.list(self.staff.admin, _WAITS)

    async def start(self, text: str = "Refund it.") -> Accepted:
        """Accept the message."""
        started = await self.conversations.start(
            self.staff.admin, agent=self.agent, text=text, mode="execute", origin="api"
        )
        return started.value

    async def until_finished(self, accepted: Accepted) -> None:
        """Wait for the turn's end; meanwhile a person decides whatever is asked."""
        with self.changes.listening(accepted.conversation_id) as changed:
            while True:
                changed.clear()
                state = await self.conversations.state(self.staff.admin, message=accepted.message_public_id)
                if state.status in FINISHED:
                    return
                for approval in await self.waiting():
                    await self.decide(approval)
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), 0.5)

    async def decide(self, approval: Approval, verdict: Verdict = "approved") -> None:
        """Allow the call, or do as `verdict` says; where an outcome is unknown, look whether the e-mail was sent."""
        if approval.question == "outcome" and str(uuid5(approval.message_id, "tool:1:email")) in self.payments.emails:
            verdict, note = "denied", "It was sent."
        elif approval.question == "outcome":
            verdict, note = "approved", None
        else:
            note = None
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


@asynccontextmanager
async def set_scene(
    database: Database, conversations: ConversationActions, changes: Changes, staff: People, workers: ForkedWorkers
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
            workers=workers,
            payments=payments,
            model=await stack.enter_async_context(ScriptedModel(rule=rule)),
            control=control,
        )
        yield scene
