"""How a turn ends that took other messages in: they end with it, by the same statement, and have the same reply."""

from dataclasses import replace
from typing import LiteralString

from turnkeeper.core.events import EventBody, MessageCompleted
from turnkeeper.core.usage import NOTHING
from turnkeeper.store.events import encoded

_JOINED: LiteralString = """WITH joined AS (
        SELECT id, row_number() OVER (ORDER BY id) AS n FROM messages WHERE answered_with = %(message)s
    ),"""
_THEIR_EVENTS: LiteralString = """WITH ORDINALITY AS e(kind, body, n)
        UNION ALL
        SELECT talk.id, talk.base + %(count)s + joined.n, joined.id, (%(kinds)b::text[])[%(count)s],
               %(joined_body)s::jsonb || jsonb_build_object('reply_id', reply.id)
        FROM talk, reply, joined"""


def with_joined(statement: LiteralString) -> LiteralString:
    """The statement that ends a turn, such that it also ends what the turn took in, with a closing event each.

    Theirs come behind the turn's own; `joined_body` is a parameter more. Who was taken in is read from the rows: an attempt
    that ends before it has read what earlier ones took in leaves nobody behind.
    """
    return (
        statement.replace("WITH", _JOINED, 1)
        .replace("last_event + %(count)s", "last_event + %(count)s + (SELECT count(*) FROM joined)")
        .replace("last_event - %(count)s", "last_event - %(count)s - (SELECT count(*) FROM joined)")
        .replace("messages.id = %(message)s", "(messages.id = %(message)s OR messages.answered_with = %(message)s)")
        .replace("WITH ORDINALITY AS e(kind, body, n)", _THEIR_EVENTS)
    )


def body_for_joined(closing: EventBody) -> str:
    """The closing event of a message that was taken in; what the turn spent is told once, with its own."""
    if isinstance(closing, MessageCompleted):
        closing = replace(closing, usage=NOTHING)
    _, (body,) = encoded([closing])
    return body
