"""The writes of one turn: begin, go on, end. Each is one statement, and each but the first checks the claim.

The claim is a number on the conversation's row, raised whenever a turn begins or ends. A worker that was thought dead and
comes back holds an old number: its statements match no row, and it learns that it lost the claim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString
from uuid import UUID

import msgspec

from turnkeeper.core.agents import Agent
from turnkeeper.core.approvals import Question
from turnkeeper.core.conversations import MessageStatus, Mode, statuses_before
from turnkeeper.core.effects import Effect, EffectState
from turnkeeper.core.events import Answer, ApprovalAsked, EventBody
from turnkeeper.core.ids import new_id
from turnkeeper.core.limits import Ceilings
from turnkeeper.core.usage import NOTHING, Spent
from turnkeeper.store.agents import AGENT_COLUMNS
from turnkeeper.store.appending import Appended, appended_in, claim_lost, telling
from turnkeeper.store.connection import Connection, Texts
from turnkeeper.store.effects import WRITE_EFFECTS, effect_values
from turnkeeper.store.events import encoded
from turnkeeper.store.joined_endings import body_for_joined, with_joined
from turnkeeper.store.revisions import agent_of_turn
from turnkeeper.store.usage import counting, not_counting, spent_values


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """The right to answer one message, as long as `number` is the conversation's current claim."""

    message_id: int
    conversation_id: int
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A turn that may run now, with what it needs."""

    claim: Claim
    message_public_id: UUID
    attempt: int
    setbacks: int
    """Attempts since the message was accepted, or since people were last asked, that came to no end."""
    first_event: int
    text: str
    organization_id: int
    account_id: int
    data_set_id: int | None
    mode: Mode
    agent: Agent
    ceilings: Ceilings
    """What the organization allows."""
    waited_seconds: float
    """From acceptance to now."""
    has_files: bool = False
    """Whether any message of the conversation has files."""
    joining: int = 0
    """The first event of the conversation's newest message that may join a turn."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The message cannot be answered yet: an earlier one of the conversation is not finished."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parked:
    """The message, or an earlier one, waits for a person's decision, which will defer its task anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notes:
    """What happened since the last write, in order: events, finished steps (JSON texts by name), and effects."""

    events: Sequence[EventBody] = ()
    steps: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    intended: Sequence[Effect] = ()
    settled: Mapping[UUID, EffectState] = field(default_factory=dict[UUID, EffectState])


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What is written with the end of a turn, however it ends. `events` are the last ones, the closing event behind them."""

    events: Sequence[EventBody]
    spent: Spent | None = None
    """It is added to the conversation's sums and to those of the day."""
    has_joined: bool = False
    """Whether messages were taken in, which end with the turn."""
    reply: UUID = field(default_factory=new_id)
    """The public id of the reply; the closing event gets it."""


_CEILINGS = msgspec.json.Decoder(Ceilings)
_READY: tuple[MessageStatus, ...] = statuses_before("pending")

# Claims one message that is still to be answered, unless an earlier one of its conversation is. The first attempt notes
# the revision of the agent that answers then; later ones go on with that revision, whatever was deployed since. Should
# another worker begin or end a turn of this conversation meanwhile, the claim is no longer the one that was read and no row
# matches.
# `OFFSET 0` has the earlier messages of this conversation looked up by both columns of their index. A plan made while there
# are few messages, as in a database that is new, may look through all conversations' otherwise, and it is kept.
_BEGIN: LiteralString = f"""
    WITH turn AS (
        SELECT m.id, m.public_id, m.conversation_id, m.text, m.first_event, m.attempt + 1 AS attempt, m.counted_from,
               m.created_at, m.agent_revision, t.claim
        FROM messages m JOIN conversations t ON t.id = m.conversation_id
        WHERE m.id = %(message)s AND m.status = ANY(%(ready)s) AND NOT m.parked AND m.answered_with IS NULL AND NOT EXISTS (
            SELECT 1 FROM messages e
            WHERE e.conversation_id = m.conversation_id
              AND coalesce(e.reply_to, e.id) > t.answered AND coalesce(e.reply_to, e.id) < m.id
              AND e.status IN ('queued', 'pending') OFFSET 0)
    ), talk AS (
        UPDATE conversations c SET claim = c.claim + 1, last_event = c.last_event + 1
        FROM turn WHERE c.id = turn.conversation_id AND c.claim = turn.claim
        RETURNING c.*
    ), started AS (
        UPDATE messages m SET status = 'pending', attempt = turn.attempt, updated_at = clock_timestamp(),
               agent_revision = coalesce(turn.agent_revision, a.revision)
        FROM turn, talk JOIN agents a ON a.id = talk.agent_id WHERE m.id = turn.id
    ), logged AS (
        INSERT INTO events (conversation_id, number, message_id, kind, body)
        SELECT talk.id, talk.last_event, turn.id, 'turn.started', jsonb_build_object(
            'attempt', turn.attempt,
            'resumes_at', 1 + (SELECT count(*) FROM steps WHERE message_id = turn.id AND name LIKE 'model:%%'))
        FROM talk, turn
    )
    SELECT turn.id, talk.id, talk.claim, turn.public_id, turn.attempt, turn.attempt - turn.counted_from - 1,
           turn.first_event, turn.text, talk.organization_id,
           talk.account_id, talk.data_set_id, talk.mode,
           extract(epoch FROM clock_timestamp() - turn.created_at)::float8, o.limits::text, talk.has_files,
           talk.joining,
           turn.agent_revision, CASE WHEN turn.agent_revision <> a.revision THEN (
               SELECT r.content::text FROM agent_revisions r WHERE r.agent_id = a.id AND r.number = turn.agent_revision) END,
           {AGENT_COLUMNS}
    FROM turn, talk JOIN agents a ON a.id = talk.agent_id JOIN organizations o ON o.id = talk.organization_id
"""

_NUMBERED: LiteralString = """
    talk AS (
        UPDATE conversations SET last_event = last_event + %(count)s{touched}
        WHERE id = %(conversation)s AND claim = %(claim)s
        RETURNING id, organization_id, agent_id, account_id, last_event - %(count)s AS base, joining
    )
"""

_APPEND: LiteralString = f"""
    WITH {_NUMBERED.replace("{touched}", "")}{{effects}}, kept AS (
        INSERT INTO steps (message_id, name, value)
        SELECT %(message)s, name, value::jsonb FROM talk, unnest(%(names)b::text[], %(values)b::text[]) AS s(name, value)
    ), logged AS (
        INSERT INTO events (conversation_id, number, message_id, kind, body)
        SELECT talk.id, talk.base + e.n, %(message)s, e.kind, e.body::jsonb
        FROM talk, unnest(%(kinds)b::text[], %(bodies)b::text[]) WITH ORDINALITY AS e(kind, body, n)
    )
    SELECT joining FROM talk
"""

_APPEND_WITHOUT_EFFECTS: LiteralString = _APPEND.replace("{effects}", "")
_APPEND_WITH_EFFECTS: LiteralString = _APPEND.replace("{effects}", WRITE_EFFECTS)

_PARK: LiteralString = f"""
    WITH {_NUMBERED.replace("{touched}", ", claim = claim + 1, updated_at = clock_timestamp()")}, logged AS (
        INSERT INTO events (conversation_id, number, message_id, kind, body)
        SELECT talk.id, talk.base + e.n, %(message)s, e.kind, e.body::jsonb
        FROM talk, unnest(%(kinds)b::text[], %(bodies)b::text[]) WITH ORDINALITY AS e(kind, body, n)
    ), parked AS (
        UPDATE messages m SET counted_from = m.attempt, updated_at = clock_timestamp(), parked = NOT EXISTS (
            SELECT 1 FROM approvals p WHERE p.public_id = ANY(%(waits_for)s::uuid[]) AND p.state <> 'waiting')
        FROM talk WHERE m.id = %(message)s
    ), asked AS (
        INSERT INTO approvals (public_id, organization_id, conversation_id, message_id, step, call_id, tool, arguments,
                               question, tries, reason, expires_at)
        SELECT q.id, c.organization_id, c.id, %(message)s, q.step, q.call_id, q.tool, q.arguments, q.question, q.tries,
               q.reason, now() + make_interval(secs => q.seconds)
        FROM talk JOIN conversations c ON c.id = talk.id,
             unnest(%(ids)s::uuid[], %(steps)s::text[], %(calls)s::text[], %(tools)s::text[], %(arguments)s::text[],
                    %(questions)s::text[], %(tries)s::integer[], %(reasons)s::text[], %(seconds)s::float8[])
                 AS q(id, step, call_id, tool, arguments, question, tries, reason, seconds)
        RETURNING public_id, expires_at
    )
    SELECT base, (
        SELECT count(defer_task('expire', NULL, jsonb_build_object('approval', public_id), run_at => expires_at))
        FROM asked WHERE expires_at IS NOT NULL)
    FROM talk
"""

# The reply, the message's end, and the closing event with the reply's id become visible together.
_END_OF_TALKS_TURN: LiteralString = """,
            claim = claim + 1, answered = %(message)s, status = %(talk_status)s,
            updated_at = clock_timestamp(){spent}"""
_END_TURN: LiteralString = f"""
    WITH {_NUMBERED.replace("{touched}", _END_OF_TALKS_TURN)}, reply AS (
        INSERT INTO messages
            (public_id, conversation_id, role, status, text, reply_to, first_event, model, usage, citations,
             agent_revision)
        SELECT %(reply)s, talk.id, %(role)s, 'completed', %(text)s, %(message)s, talk.base + %(count)s, %(model)s,
               %(usage)s::jsonb, %(citations)s::jsonb, (SELECT agent_revision FROM messages WHERE id = %(message)s)
        FROM talk RETURNING id
    ), ended AS (
        UPDATE messages SET status = %(status)s, updated_at = clock_timestamp()
        FROM talk WHERE messages.id = %(message)s
    ), logged AS (
        INSERT INTO events (conversation_id, number, message_id, kind, body)
        SELECT talk.id, talk.base + e.n, %(message)s, e.kind,
               CASE WHEN e.n = %(count)s THEN e.body::jsonb || jsonb_build_object('reply_id', reply.id)
                    ELSE e.body::jsonb END
        FROM talk, reply, unnest(%(kinds)b::text[], %(bodies)b::text[]) WITH ORDINALITY AS e(kind, body, n)
    ){{counted}}
    SELECT joining FROM talk
"""
_END = not_counting(_END_TURN)
_END_COUNTING = counting(_END_TURN)

_END_WITH_JOINED_TURN: LiteralString = with_joined(_END_TURN)
_END_WITH_JOINED = not_counting(_END_WITH_JOINED_TURN)
_END_WITH_JOINED_COUNTING = counting(_END_WITH_JOINED_TURN)


async def begin(connection: Connection, *, message_id: int) -> Begun | Waiting | Parked | None:
    """Claim a message: it becomes `pending` and its next attempt starts.

    Returns `Waiting` when an earlier message of the conversation must be answered first, `Parked` when a person must
    decide first, and None when the message is finished already, gone, or part of an earlier one's turn.
    """
    cursor = await connection.execute(_BEGIN, {"message": message_id, "ready": list(_READY)})
    row = await cursor.fetchone()
    if row is None:
        return await _why_not(connection, message_id)
    return Begun(
        claim=Claim(message_id=row[0], conversation_id=row[1], number=row[2]),
        message_public_id=row[3],
        attempt=row[4],
        setbacks=row[5],
        first_event=row[6],
        text=row[7],
        organization_id=row[8],
        account_id=row[9],
        data_set_id=row[10],
        mode=row[11],
        waited_seconds=row[12],
        ceilings=_CEILINGS.decode(row[13]),
        has_files=row[14],
        joining=row[15],
        agent=agent_of_turn(row[18:], number=row[16], content=row[17]),
    )


async def append(connection: Connection, claim: Claim, notes: Notes, *, tells: bool = False) -> Appended:
    """Write what happened since the last write; with nothing to write, only check the claim.

    With `tells` it also returns what readers are told of the events beside what they say.

    Raises:
        ClaimLostError: another worker answers this message now; nothing was written.
    """
    kinds, bodies = encoded(notes.events)
    touches = bool(notes.intended or notes.settled)
    statement = _APPEND_WITH_EFFECTS if touches else _APPEND_WITHOUT_EFFECTS
    cursor = await connection.execute(
        telling(statement) if tells else statement,
        {
            **_claimed(claim, len(notes.events)),
            "kinds": kinds,
            "bodies": bodies,
            "names": Texts(notes.steps),
            "values": Texts([value.decode() for value in notes.steps.values()]),
            **(effect_values(notes.intended, notes.settled) if touches else {}),
        },
    )
    return appended_in(await cursor.fetchone())


async def park(connection: Connection, claim: Claim, questions: Sequence[Question]) -> None:
    """Give the message up to people: questions are asked, and the claim is free until one of them is decided.

    To be called in a transaction, with everything else written before. When a question was decided since this attempt
    began, the message is not parked, and the task that came with the decision goes on with it.

    Raises:
        ClaimLostError: another worker answers this message now; nothing was written.
    """
    # First the lock, alone: the next statement must see what was decided until the lock was free.
    await connection.execute("SELECT 1 FROM conversations WHERE id = %s FOR UPDATE", (claim.conversation_id,))
    asked = [question for question in questions if question.is_new]
    events = [
        ApprovalAsked(approval_id=one.id, call_id=one.call_id, tool=one.tool, question=one.question, reason=one.reason)
        for one in asked
    ]
    kinds, bodies = encoded(events)
    cursor = await connection.execute(
        _PARK,
        {
            **_claimed(claim, len(events)),
            "kinds": kinds,
            "bodies": bodies,
            "waits_for": [question.id for question in questions],
            "ids": [one.id for one in asked],
            "steps": [one.step for one in asked],
            "calls": [one.call_id for one in asked],
            "tools": [one.tool for one in asked],
            "arguments": [one.arguments for one in asked],
            "questions": [one.question for one in asked],
            "tries": [one.tries for one in asked],
            "reasons": [one.reason for one in asked],
            "seconds": [one.expires_after_seconds for one in asked],
        },
    )
    _check(cursor.rowcount)


async def complete(
    connection: Connection, claim: Claim, ending: Ending, *, answer: Answer, tells: bool = False
) -> Appended:
    """End the turn with its reply. With `tells` it also returns what readers are told of its own events.

    Raises:
        ClaimLostError: another worker answers this message now; nothing was written.
    """
    values = {
        "role": "assistant",
        "text": answer.text,
        "model": answer.model,
        "usage": msgspec.json.encode(answer.usage).decode(),
        "citations": msgspec.json.encode(answer.citations).decode() if answer.citations else None,
        "status": "completed",
        "talk_status": "active",
    }
    return await _end(connection, claim, ending, values, tells=tells)


async def fail(connection: Connection, claim: Claim, ending: Ending, *, reason: str, tells: bool = False) -> Appended:
    """End the turn without an answer: a system message with the reason. What was spent is kept with that.

    Raises:
        ClaimLostError: another worker answers this message now; nothing was written.
    """
    spent = ending.spent
    values = {
        "role": "system",
        "text": reason,
        "model": None if spent is None else spent.called,
        "usage": None if spent is None else msgspec.json.encode(spent.usage).decode(),
        "citations": None,
        "status": "failed",
        "talk_status": "error",
    }
    return await _end(connection, claim, ending, values, tells=tells)


async def steps_of(connection: Connection, claim: Claim) -> dict[str, bytes]:
    """What earlier attempts at this message finished: JSON texts by the step's name."""
    cursor = await connection.execute("SELECT name, value::text FROM steps WHERE message_id = %s", (claim.message_id,))
    return {name: value.encode() for name, value in await cursor.fetchall()}


async def _end(
    connection: Connection, claim: Claim, ending: Ending, values: Mapping[str, object], *, tells: bool
) -> Appended:
    events, spent = ending.events, ending.spent
    kinds, bodies = encoded(events)
    values = {**_claimed(claim, len(events)), "reply": ending.reply, "kinds": kinds, "bodies": bodies, **values}
    plain, counted = (_END_WITH_JOINED, _END_WITH_JOINED_COUNTING) if ending.has_joined else (_END, _END_COUNTING)
    if ending.has_joined:
        values["joined_body"] = body_for_joined(events[-1])
    statement = plain
    if spent is not None and spent.usage != NOTHING:
        statement, values = counted, {**values, **spent_values(spent)}
    # Behind the turn's own events come those of the messages that it took in: whoever follows reads all of them back.
    cursor = await connection.execute(telling(statement) if tells and not ending.has_joined else statement, values)
    return appended_in(await cursor.fetchone())


def _claimed(claim: Claim, count: int) -> dict[str, object]:
    return {
        "conversation": claim.conversation_id,
        "claim": claim.number,
        "message": claim.message_id,
        "count": count,
    }


def _check(rows: int) -> None:
    if rows != 1:
        raise claim_lost()


async def _why_not(connection: Connection, message_id: int) -> Waiting | Parked | None:
    cursor = await connection.execute(
        """
        SELECT EXISTS (
            SELECT 1 FROM messages e WHERE e.conversation_id = m.conversation_id AND e.id <= m.id AND e.parked
        ) FROM messages m WHERE m.id = %s AND m.status = ANY(%s) AND m.answered_with IS NULL
        """,
        (message_id, list(_READY)),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return Parked() if row[0] else Waiting()
