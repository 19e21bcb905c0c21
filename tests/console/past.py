"""Moves what has just happened into the past, so that pictures show days of use: the server tells time by itself."""

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg

from turnkeeper.core.ids import from_ulid

DAYS = 30
_HOURS = (0, 0, 0, 0, 0, 1, 3, 9, 16, 19, 17, 15, 9, 13, 17, 18, 14, 9, 6, 5, 4, 3, 2, 1)
"""How busy each hour of the day is."""
_ORIGINS = ("api", "web", "api", "slack", "web", "api", "discord")


def move(url: str, talks: Sequence[str]) -> None:
    """Spread these conversations and their turns over the last days; their doors become different ones."""
    chance = random.Random(7)
    now = datetime.now(UTC)
    with psycopg.connect(url) as connection:
        for number, talk in enumerate(talks):
            rows = connection.execute(_TURNS, {"talk": _uuid(talk)}).fetchall()
            at = _moment(chance, now)
            began = at
            for message, conversation in rows:
                waited, took = chance.lognormvariate(-2.6, 0.7), chance.lognormvariate(0.5, 0.6)
                values = {"message": message, "at": at, "conversation": conversation}
                values |= {"started": at + timedelta(seconds=waited), "ended": at + timedelta(seconds=waited + took)}
                values |= {"id": _stamp(at), "reply": _stamp(at + timedelta(seconds=waited + took))}
                for statement in _MOVES:
                    connection.execute(statement, values)
                at += timedelta(minutes=chance.uniform(2, 190))
                if at > now - timedelta(minutes=20):
                    at = now - timedelta(minutes=chance.uniform(20, 300))
            end = connection.execute(_LAST, {"talk": _uuid(talk)}).fetchone()
            assert end is not None
            connection.execute(
                _TALK,
                {"began": began, "ended": end[0], "talk": _uuid(talk), "origin": _ORIGINS[number % len(_ORIGINS)]},
            )
        for day in range(1, DAYS):
            weight = 0.35 + 0.65 * abs(math.sin(day * 1.1))
            connection.execute(_USAGE, {"day": day, "weight": weight})


def name_receivers(url: str) -> None:
    """Webhooks point to this machine, and shall look as if they did not."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE webhooks SET url = 'https://hooks.fiberup.example' || substring(url FROM '/[a-z]+$')"
        )


def _moment(chance: random.Random, now: datetime) -> datetime:
    while True:
        at = now - timedelta(hours=chance.uniform(1, DAYS * 24))
        busy = _HOURS[at.hour] * (0.3 if at.weekday() > 4 else 1)
        if chance.uniform(0, 19) < busy:
            return at


def _stamp(at: datetime) -> str:
    """The first twelve digits of an id that was made then."""
    return f"{int(at.timestamp() * 1000):012x}"


def _uuid(public: str) -> UUID:
    found = from_ulid(public.rpartition("_")[2])
    assert found is not None, public
    return found


_TURNS = """
    SELECT m.id, c.id FROM messages m JOIN conversations c ON c.id = m.conversation_id
    WHERE c.public_id = %(talk)s AND m.role = 'user' ORDER BY m.id
"""
_AGED = "(%(id)s || substr(replace(public_id::text, '-', ''), 13))::uuid"
_MOVES = (
    f"UPDATE messages SET created_at = %(at)s, updated_at = %(ended)s, public_id = {_AGED} WHERE id = %(message)s",
    f"""UPDATE messages SET created_at = %(ended)s, updated_at = %(ended)s, public_id = {_AGED.replace("id)s", "reply)s")}
        WHERE reply_to = %(message)s""",
    """UPDATE events SET created_at = CASE WHEN kind IN ('message.accepted', 'message.queued') THEN %(at)s
            WHEN kind = 'turn.started' THEN %(started)s ELSE %(ended)s END
        WHERE conversation_id = %(conversation)s AND message_id = %(message)s""",
)
_LAST = """
    SELECT max(m.updated_at) FROM messages m JOIN conversations c ON c.id = m.conversation_id
    WHERE c.public_id = %(talk)s
"""
_TALK = """
    UPDATE conversations SET created_at = %(began)s, updated_at = %(ended)s, origin = %(origin)s
    WHERE public_id = %(talk)s
"""
_USAGE = """
    INSERT INTO usage_days
    SELECT organization_id, day - %(day)s, agent_id, account_id, model, slot, ceil(turns * %(weight)s),
           ceil(input_tokens * %(weight)s), ceil(output_tokens * %(weight)s), cache_read_tokens, cache_write_tokens,
           cost_usd * %(weight)s, unpriced_calls
    FROM usage_days WHERE day = (SELECT max(day) FROM usage_days)
    ON CONFLICT DO NOTHING
"""
