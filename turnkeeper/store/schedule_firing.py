"""One run of a schedule, in one transaction: its message is accepted, and the run is written beside it."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from turnkeeper.core.accounts import Caller, Role
from turnkeeper.core.conversations import summary_of
from turnkeeper.core.ids import new_id
from turnkeeper.core.schedules import PausedReason, Run, RunOutcome, Schedule
from turnkeeper.store import messages
from turnkeeper.store.conversations import NewConversation
from turnkeeper.store.database import Connection
from turnkeeper.store.messages import Accepted, NewMessage
from turnkeeper.store.schedules import SCHEDULE_COLUMNS, SCHEDULE_TABLES, runs

_NOT_ANSWERED = "The message before is not answered yet."
_AGENT_GONE = "The agent was deleted, or is no longer open to the account that made the schedule."
_ACCOUNT_INACTIVE = "The account that made the schedule is not active."


@dataclass(frozen=True, kw_only=True, slots=True)
class Fired:
    """What came of a run. `paused` is why the schedule must not go on, if it must not."""

    run: Run
    conversation_id: int | None
    paused: PausedReason | None


async def lock(connection: Connection, *, schedule_id: int) -> Schedule | None:
    """The schedule, which nobody else fires or changes until the transaction ends; None when it is gone."""
    await connection.execute("SELECT 1 FROM schedules WHERE id = %s FOR UPDATE", (schedule_id,))
    async with connection.cursor(row_factory=class_row(Schedule)) as cursor:
        await cursor.execute(
            f"SELECT {SCHEDULE_COLUMNS} FROM {SCHEDULE_TABLES} WHERE s.id = %s",
            (schedule_id,),
        )
        return await cursor.fetchone()


async def fire(connection: Connection, schedule: Schedule, *, tick_at: datetime | None, now: datetime) -> Fired:
    """Send the message of a schedule that was locked, in the name of its account, and note the run.

    `tick_at` is the tick that is due, None when somebody asked for it.
    """
    caller = await _account(connection, schedule)
    if caller is None:
        return await _noted(connection, schedule, tick_at, now, "refused", _ACCOUNT_INACTIVE, "account_inactive")
    if schedule.conversation is not None and await _is_answering(connection, schedule):
        return await _noted(connection, schedule, tick_at, now, "skipped", _NOT_ANSWERED)
    accepted = await _sent(connection, caller, schedule)
    if accepted is None:
        return await _noted(connection, schedule, tick_at, now, "refused", _AGENT_GONE, "agent_gone")
    if schedule.keeps_conversation:
        await connection.execute(
            "UPDATE schedules SET conversation_id = %s WHERE id = %s", (accepted.conversation_id, schedule.id)
        )
    return await _noted(connection, schedule, tick_at, now, "accepted", accepted=accepted)


async def _account(connection: Connection, schedule: Schedule) -> Caller | None:
    cursor = await connection.execute(
        "SELECT id, role FROM accounts WHERE public_id = %s AND is_active", (schedule.account,)
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    role: Role = row[1]
    return Caller(organization_id=schedule.organization_id, account_id=row[0], key_id=0, role=role)


async def _is_answering(connection: Connection, schedule: Schedule) -> bool:
    cursor = await connection.execute(
        """
        SELECT 1 FROM messages m JOIN schedules s ON s.conversation_id = m.conversation_id
        WHERE s.id = %s AND m.status IN ('queued', 'pending') LIMIT 1
        """,
        (schedule.id,),
    )
    return await cursor.fetchone() is not None


async def _sent(connection: Connection, caller: Caller, schedule: Schedule) -> Accepted | None:
    """Into the conversation that is kept, as long as it takes messages; else into a new one."""
    summary = summary_of(schedule.text)
    if schedule.conversation is not None:
        sent = await messages.send(
            connection,
            caller,
            NewMessage(
                public_id=new_id(),
                conversation=schedule.conversation,
                text=schedule.text,
                summary=summary,
                only_own=True,
                origin=None,
                data_set_id=None,
                request_id=None,
                overlap="enqueue",
            ),
        )
        if sent is not None:
            return sent
    new = NewConversation(
        public_id=new_id(), agent_id=schedule.agent_id, origin="api", mode=schedule.mode, summary=summary
    )
    return await messages.start(connection, caller, new, message=new_id(), text=schedule.text, request_id=None)


async def _noted(  # noqa: PLR0913, PLR0917 - one line of the log of runs
    connection: Connection,
    schedule: Schedule,
    tick_at: datetime | None,
    now: datetime,
    outcome: RunOutcome,
    reason: str | None = None,
    paused: PausedReason | None = None,
    *,
    accepted: Accepted | None = None,
) -> Fired:
    await connection.execute(
        """
        INSERT INTO schedule_runs (schedule_id, tick_at, fired_at, outcome, reason, message_id)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        (schedule.id, tick_at, now, outcome, reason, None if accepted is None else accepted.message_id),
    )
    (run,) = await runs(connection, schedule_id=schedule.id, before=None, limit=1)
    return Fired(run=run, conversation_id=None if accepted is None else accepted.conversation_id, paused=paused)
