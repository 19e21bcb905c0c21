"""Approvals at rest: what turns ask people, and what people decide."""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.approvals import Approval, ApprovalFilter, ApprovalQuestion, ApprovalState, Decision
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

Asked = tuple[str, ApprovalQuestion, int]
"""What a question is about: the step, the kind of question, and how often the call was begun before."""

_COLUMNS: LiteralString = """
    p.public_id, p.organization_id, c.public_id, m.public_id, a.slug, p.call_id, p.tool, p.arguments, p.question, p.reason,
    p.state, p.note, d.public_id, p.created_at, p.expires_at, p.decided_at, p.id
"""
_WIDTH = 17
_TABLES: LiteralString = """
    approvals p JOIN conversations c ON c.id = p.conversation_id JOIN messages m ON m.id = p.message_id
    JOIN agents a ON a.id = c.agent_id LEFT JOIN accounts d ON d.id = p.decided_by
"""
# Admins see all of the organization, owners those of their own conversations.
_IS_VISIBLE: LiteralString = "p.organization_id = %(organization)s AND (%(is_admin)s OR c.account_id = %(account)s)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An approval for somebody who wants to decide it."""

    approval: Approval
    conversation_id: int
    owners_may_decide: bool


async def of_message(connection: Connection, *, message_id: int) -> dict[Asked, Decision]:
    """What was asked about a message's calls, and what became of it."""
    cursor = await connection.execute(
        "SELECT step, question, tries, public_id, state, note FROM approvals WHERE message_id = %s", (message_id,)
    )
    return {(row[0], row[1], row[2]): Decision(id=row[3], state=row[4], note=row[5]) for row in await cursor.fetchall()}


async def listed(connection: Connection, caller: Caller, wanted: ApprovalFilter) -> list[Approval]:
    """Those that the caller may see, newest first."""
    cursor = await connection.execute(
        f"""
        SELECT {_COLUMNS} FROM {_TABLES}
        WHERE {_IS_VISIBLE} AND (%(state)s::text IS NULL OR p.state = %(state)s)
          AND (%(conversation)s::uuid IS NULL OR c.public_id = %(conversation)s)
          AND (%(message)s::uuid IS NULL OR m.public_id = %(message)s)
          AND (%(before)s::bigint IS NULL OR p.id < %(before)s)
        ORDER BY p.id DESC LIMIT %(limit)s
        """,
        {
            **scope(caller),
            "state": wanted.state,
            "conversation": wanted.conversation,
            "message": wanted.message,
            "before": wanted.before,
            "limit": wanted.limit,
        },
    )
    return [_approval(row) for row in await cursor.fetchall()]


async def find(connection: Connection, caller: Caller, *, approval: UUID) -> Found | None:
    """The approval with this id, if the caller may see it."""
    cursor = await connection.execute(
        f"""
        SELECT {_COLUMNS}, c.id, c.account_id = %(account)s AND a.settings #>> '{{approvals,deciders}}' = 'owners'
        FROM {_TABLES} WHERE {_IS_VISIBLE} AND p.public_id = %(approval)s
        """,
        {**scope(caller), "approval": approval},
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return Found(approval=_approval(row), conversation_id=row[_WIDTH], owners_may_decide=bool(row[_WIDTH + 1]))


async def decide(
    connection: Connection, *, approval: UUID, state: ApprovalState, note: str | None, account_id: int | None
) -> int | None:
    """Write a decision, its event, and the task that goes on with the turn: the conversation's id.

    None when it was decided before, or is not to expire yet. To be called in a transaction: the conversation's row is
    locked first, as by everybody who parks a message or sends one.
    """
    await connection.execute(
        """
        SELECT 1 FROM conversations WHERE id = (SELECT conversation_id FROM approvals WHERE public_id = %s) FOR UPDATE
        """,
        (approval,),
    )
    cursor = await connection.execute(
        """
        WITH decided AS (
            UPDATE approvals SET state = %(state)s, note = %(note)s, decided_by = %(account)s, decided_at = clock_timestamp()
            WHERE public_id = %(approval)s AND state = 'waiting' AND (%(state)s <> 'expired' OR expires_at <= now())
            RETURNING *
        ), talk AS (
            UPDATE conversations c SET last_event = c.last_event + 1, updated_at = clock_timestamp()
            FROM decided WHERE c.id = decided.conversation_id RETURNING c.id, c.last_event
        ), logged AS (
            INSERT INTO events (conversation_id, number, message_id, kind, body)
            SELECT talk.id, talk.last_event, decided.message_id, 'approval.decided', jsonb_build_object(
                'approval_id', decided.public_id, 'call_id', decided.call_id, 'tool', decided.tool,
                'state', decided.state, 'note', decided.note)
            FROM talk, decided
        ), woken AS (
            UPDATE messages SET parked = false FROM decided WHERE messages.id = decided.message_id
        )
        SELECT conversation_id, message_id FROM decided
        """,
        {"state": state, "note": note, "account": account_id, "approval": approval},
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    await defer_answers(connection, conversation_id=row[0], from_message=row[1])
    return int(row[0])


async def withdraw(connection: Connection, *, message_id: int) -> None:
    """Ask no more about a message that comes to its end. To be called in the transaction that ends it."""
    await connection.execute(
        """
        UPDATE approvals SET state = 'cancelled', decided_at = clock_timestamp()
        WHERE message_id = %s AND state = 'waiting'
        """,
        (message_id,),
    )


async def defer_answers(connection: Connection, *, conversation_id: int, from_message: int) -> None:
    """Have this message and all later ones that wait answered, in their order.

    Their own tasks ended when they found a parked message before them. One task too many does no harm.
    """
    await connection.execute(
        """
        SELECT defer_task('answer', 'conversation:' || m.conversation_id, jsonb_build_object('message_id', m.id),
                          'organization:' || m.organization_id)
        FROM (
            SELECT m.id, m.conversation_id, c.organization_id
            FROM messages m JOIN conversations c ON c.id = m.conversation_id
            WHERE c.id = %s AND coalesce(m.reply_to, m.id) >= %s AND m.status IN ('queued', 'pending') AND NOT m.parked
            ORDER BY m.id
        ) m
        """,
        (conversation_id, from_message),
    )


async def defer_again(connection: Connection, *, message_id: int, seconds: float) -> None:
    """Answer this message with a new task, which stands behind all that wait for the conversation now.

    To try the same task again would never do: the earlier message's task may stand behind it, when it was deferred anew.
    """
    await connection.execute(
        """
        SELECT defer_task('answer', 'conversation:' || c.id, jsonb_build_object('message_id', m.id),
                          'organization:' || c.organization_id, now() + make_interval(secs => %s))
        FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.id = %s
        """,
        (seconds, message_id),
    )


def _approval(row: TupleRow) -> Approval:
    return Approval(
        id=row[0],
        number=row[16],
        organization_id=row[1],
        conversation_id=row[2],
        message_id=row[3],
        agent=row[4],
        call_id=row[5],
        tool=row[6],
        arguments=row[7],
        question=row[8],
        reason=row[9],
        state=row[10],
        note=row[11],
        decided_by=row[12],
        created_at=row[13],
        expires_at=row[14],
        decided_at=row[15],
    )


async def organization_of(connection: Connection, *, approval: UUID) -> int | None:
    """The number of the organization whose approval this is."""
    cursor = await connection.execute("SELECT organization_id FROM approvals WHERE public_id = %s", (approval,))
    row = await cursor.fetchone()
    return None if row is None else int(row[0])
