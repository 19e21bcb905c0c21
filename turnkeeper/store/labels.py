"""What people say about a conversation, at rest: read under its lock, and written over."""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import msgspec

from turnkeeper.core.accounts import Caller
from turnkeeper.core.labels import Labels
from turnkeeper.store.conversations import THIS_IS_VISIBLE, label_values
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

_STRINGS = msgspec.json.Decoder(dict[str, str])
_WRITE: LiteralString = """
    UPDATE conversations SET title = %(title)s, tags = %(tags)s::text[], metadata = %(metadata)s::jsonb,
        archived_at = CASE WHEN %(archived)s THEN coalesce(archived_at, clock_timestamp()) END,
        revision = revision + 1, updated_at = clock_timestamp()
    WHERE id = %(conversation)s
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """A conversation's labels as they stand."""

    conversation_id: int
    labels: Labels
    is_archived: bool
    revision: int


async def hold(connection: Connection, caller: Caller, *, conversation: UUID) -> Labelled | None:
    """The labels of a conversation that the caller may see; nobody else changes them until the transaction ends."""
    cursor = await connection.execute(
        f"""
        SELECT c.id, c.title, c.tags, c.metadata::text, c.archived_at IS NOT NULL, c.revision FROM conversations c
        WHERE {THIS_IS_VISIBLE} AND c.public_id = %(conversation)s FOR NO KEY UPDATE
        """,
        {**scope(caller), "only_own": False, "conversation": conversation},
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    labels = Labels(title=row[1], tags=tuple(row[2] or ()), metadata=_STRINGS.decode(row[3] or "{}"))
    return Labelled(conversation_id=row[0], labels=labels, is_archived=row[4], revision=row[5])


async def write(connection: Connection, *, conversation_id: int, labels: Labels, archived: bool) -> None:
    """Write labels over those of a conversation that is held."""
    await connection.execute(_WRITE, {**label_values(labels), "archived": archived, "conversation": conversation_id})
