"""The files of a conversation as a turn meets them: what was attached, what may be read on, what the agent writes."""

from dataclasses import dataclass
from uuid import UUID

from turnkeeper.core.files import Attachment
from turnkeeper.core.ids import from_prefixed, new_id, prefixed
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.files import key_of

PREFIX = "att"
"""Of the ids by which models name files."""
MOST_FILES = 60
"""Files of one conversation that a turn is told of: the newest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """A file of the conversation. `is_new` is that it came with the message that is being answered."""

    attachment: Attachment
    is_new: bool
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    """A part of a file's text. `characters` is the length of the whole text, 0 for a picture."""

    id: str
    name: str
    media_type: str
    text: str
    characters: int


async def of_turn(
    connection: Connection, *, conversation_id: int, message_id: int, most_characters: int
) -> list[FoundFile]:
    """The newest files of the conversation up to a message, oldest first; only those of the new ones come with their text.

    What the agent wrote while it answered this message, in an attempt that was cut short, is not among them, and nothing of
    messages that it does not remember.
    """
    cursor = await connection.execute(
        """
        SELECT f.public_id, f.name, f.media_type, b.size, s.message_id = %(message)s,
               CASE WHEN s.message_id = %(message)s THEN left(b.text, %(most)s) END,
               CASE WHEN s.message_id = %(message)s THEN length(b.text) END,
               b.organization_id, b.hash, b.pages, s.message_id
        FROM message_files s JOIN files f ON f.id = s.file_id JOIN blobs b ON b.id = f.blob_id
        WHERE s.conversation_id = %(conversation)s AND s.message_id <= %(message)s
          AND NOT (s.is_written AND s.message_id = %(message)s)
          AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = s.message_id AND m.left_out IS NOT NULL)
        ORDER BY s.message_id DESC, s.is_written DESC, s.place DESC LIMIT %(limit)s
        """,
        {"conversation": conversation_id, "message": message_id, "most": most_characters, "limit": MOST_FILES},
    )
    return [
        FoundFile(
            attachment=Attachment(
                id=prefixed(PREFIX, row[0]),
                name=row[1],
                media_type=row[2],
                size=row[3],
                text=row[5] or "",
                characters=row[6] or 0,
                pages=row[9] or 0,
                message_id=row[10],
            ),
            is_new=row[4],
            key=key_of(row[7], row[8]),
        )
        for row in reversed(await cursor.fetchall())
    ]


async def write(connection: Connection, *, message_id: int, blob_id: int, name: str, media_type: str, most: int) -> int:
    """Add a file of the agent's to the message that it answers, in place of an earlier one of that name.

    Takes a transaction. Returns how many files the agent has written for this message, this one included; nothing is written
    and 0 returned when the message is finished, or `most + 1` when it would be too many.
    """
    values = {"message": message_id, "blob": blob_id, "name": name, "media_type": media_type, "public_id": new_id()}
    # The message's lock: parallel calls with one name come one after the other, and none comes after the turn's end.
    found = await connection.execute(
        "SELECT 1 FROM messages WHERE id = %(message)s AND status = 'pending' FOR NO KEY UPDATE", values
    )
    if await found.fetchone() is None:
        return 0
    counted = await connection.execute(
        "SELECT count(*), max(f.id) FILTER (WHERE f.name = %(name)s) FROM message_files s JOIN files f ON f.id = s.file_id"
        " WHERE s.message_id = %(message)s AND s.is_written",
        values,
    )
    row = await counted.fetchone()
    assert row is not None
    count, earlier = int(row[0]), row[1]
    if earlier is None and count >= most:
        return most + 1
    await connection.execute("UPDATE blobs SET unused_since = NULL WHERE id = %(blob)s", values)
    if earlier is not None:
        await connection.execute(
            "UPDATE files SET blob_id = %(blob)s, media_type = %(media_type)s WHERE id = %(earlier)s",
            {**values, "earlier": earlier},
        )
        return count
    await connection.execute(
        """
        WITH talk AS (
            UPDATE conversations SET has_files = true
            WHERE id = (SELECT conversation_id FROM messages WHERE id = %(message)s) RETURNING *
        ), file AS (
            INSERT INTO files (public_id, organization_id, account_id, blob_id, name, media_type, unused_since)
            SELECT %(public_id)s, organization_id, account_id, %(blob)s, %(name)s, %(media_type)s, NULL FROM talk
            RETURNING id
        )
        INSERT INTO message_files (message_id, file_id, conversation_id, place, is_written)
        SELECT %(message)s, file.id, talk.id, %(place)s, true FROM file, talk
        """,
        {**values, "place": count + 1},
    )
    return count + 1


class ConversationFiles:
    """The texts of a conversation's files, for the tool that reads on in them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def names(self, conversation_id: int) -> list[tuple[str, str]]:
        """Id and name of each file, newest first."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT f.public_id, f.name FROM message_files s JOIN files f ON f.id = s.file_id"
                " WHERE s.conversation_id = %s ORDER BY s.message_id DESC, s.place DESC LIMIT %s",
                (conversation_id, MOST_FILES),
            )
            return [(prefixed(PREFIX, row[0]), str(row[1])) for row in await cursor.fetchall()]

    async def excerpt(self, conversation_id: int, wanted: str, *, offset: int, most: int) -> Excerpt | None:
        """A part of the file with this id or, of several the newest, with this name; None when there is none."""
        public_id: UUID | None = from_prefixed((PREFIX,), wanted)
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT f.public_id, f.name, f.media_type, substr(b.text, %(from)s, %(most)s), length(b.text)
                FROM message_files s JOIN files f ON f.id = s.file_id JOIN blobs b ON b.id = f.blob_id
                WHERE s.conversation_id = %(conversation)s AND (f.public_id = %(public_id)s OR f.name = %(name)s)
                ORDER BY f.public_id = %(public_id)s DESC NULLS LAST, s.message_id DESC, s.place DESC LIMIT 1
                """,
                {
                    "conversation": conversation_id,
                    "public_id": public_id,
                    "name": wanted,
                    "from": offset + 1,
                    "most": most,
                },
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        return Excerpt(
            id=prefixed(PREFIX, row[0]), name=row[1], media_type=row[2], text=row[3] or "", characters=row[4] or 0
        )
