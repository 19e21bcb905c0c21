"""A shop floor for turns that act: a worker with a refund tool, an agent that needs a yes for it, and who decides."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from tests.fakes.people import People, make_agent
from tests.fakes.register import Register
from tests.fakes.scripted_model import Call, CallsTools, ScriptedModel
from tests.fakes.worker import Ends, working
from tests.patience import PATIENCE
from turnkeeper.actions.approvals import ApprovalActions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.messages import MessageActions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import AgentSettings, ApprovalPolicy, ApprovalRule
from turnkeeper.core.approvals import Approval, ApprovalFilter
from turnkeeper.core.conversations import Message
from turnkeeper.core.events import EventBody, TextAdded
from turnkeeper.store import events
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.messages import Accepted
from turnkeeper.store.notices import Notices

ASKS_FOR_REFUNDS = ApprovalPolicy(rules=(ApprovalRule(tool="refund"),))


def refund(*call_ids: str) -> CallsTools:
    """A model that wants refunds."""
    return CallsTools(tuple(Call(tool="refund", arguments='{"amount": 50}', call_id=one) for one in call_ids))


@dataclass(kw_only=True)
class Floor:
    """Everything that a test of an acting turn handles."""

    database: Database
    notices: Notices
    changes: Changes
    conversations: ConversationActions
    messages: MessageActions
    approvals: ApprovalActions
    staff: People
    model: ScriptedModel
    tool: Register = field(default_factory=Register)

    def working(self, *, drain_seconds: float = 5.0) -> AbstractAsyncContextManager[Ends]:
        """A worker, until the end of the block."""
        return working(
            self.database, self.notices, self.changes, self.model, drain_seconds=drain_seconds, tools=[self.tool]
        )

    async def start(self, policy: ApprovalPolicy = ASKS_FOR_REFUNDS, *, caller: Caller | None = None) -> Accepted:
        """A conversation, of the admin's when nobody is named, with an agent of this policy."""
        async with self.database.connection() as connection:
            agent = await make_agent(
                connection,
                self.staff.admin,
                name="Refunder",
                data_set_id=None,
                model="openai:scripted",
                tools=("refund",),
                settings=AgentSettings(approvals=policy),
            )
        started = await self.conversations.start(
            caller or self.staff.admin, agent=agent, text="Refund it.", mode="execute", origin="api"
        )
        return started.value

    async def asked(self, accepted: Accepted, count: int = 1) -> Sequence[Approval]:
        """The approvals that wait, newest first, once there are so many."""
        wanted = ApprovalFilter(state="waiting", conversation=accepted.conversation_public_id, limit=100)
        found: Sequence[Approval] = ()

        async def enough() -> bool:
            nonlocal found
            found = await self.approvals.list(self.staff.admin, wanted)
            return len(found) >= count

        await self.until(accepted, enough)
        return found

    async def until(self, accepted: Accepted, condition: Callable[[], object]) -> None:
        """Wait until a condition on the conversation holds; it is looked at after each change."""
        with self.changes.listening(accepted.conversation_id) as changed:
            async with asyncio.timeout(PATIENCE):
                while True:
                    changed.clear()
                    outcome = condition()
                    if (await outcome) if asyncio.iscoroutine(outcome) else outcome:
                        return
                    await changed.wait()

    async def until_said(self, accepted: Accepted, *, pieces: int = 1) -> None:
        """Wait for written text; more of it may follow at any time."""

        async def enough() -> bool:
            return len(await self._texts(accepted)) >= pieces

        await self.until(accepted, enough)

    async def said(self, accepted: Accepted) -> str:
        """All text that was written, one after the other."""
        return "".join(await self._texts(accepted))

    async def _texts(self, accepted: Accepted) -> list[str]:
        return [body.text for body in await self.log(accepted) if isinstance(body, TextAdded)]

    async def finished(self, accepted: Accepted) -> list[Message]:
        """The talk, once the message is finished."""
        await self.conversations.message(self.staff.admin, message=accepted.message_public_id, wait_seconds=PATIENCE)
        return await self.talk(accepted)

    async def talk(self, accepted: Accepted) -> list[Message]:
        """The messages by now."""
        read = await self.conversations.read(self.staff.admin, conversation=accepted.conversation_id)
        return list(read.messages)

    async def log(self, accepted: Accepted) -> list[EventBody]:
        """What happened, in order and without gaps."""
        async with self.database.connection() as connection:
            log = await events.of_conversation(connection, conversation_id=accepted.conversation_id, limit=1_000)
        assert [event.number for event in log] == list(range(1, len(log) + 1))
        return [event.body for event in log]

    async def jobs(self) -> int:
        """Tasks that wait or run."""
        async with self.database.connection() as connection:
            cursor = await connection.execute(
                "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name = 'answer'"
            )
            row = await cursor.fetchone()
        assert row is not None
        return int(row[0])
