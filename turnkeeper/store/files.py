"""Files at rest: rows of files and of their bytes, which messages have them, and who may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString
from uuid import UUID

from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.files import File, PlacedFile
from turnkeeper.core.ids import new_id
from turnkeeper.store.conversations import THIS_IS_VISIBLE
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

_COLUMNS: LiteralString = """
    f.id, f.public_id, f.name, f.media_type, b.size, f.conversation_id, f.created_at, b.organization_id, b.hash
"""

# An upload is its account's alone until a message has it; then whoever sees the conversation sees the file.
_IS_VISIBLE: LiteralString = f"""
    f.organization_id = %(organization)s AND (f.account_id = %(account)s OR EXISTS (
        SELECT 1 FROM message_files s JOIN conversations c ON c.id = s.conversation_id
        WHERE s.file_id = f.id AND {THIS_IS_VISIBLE}))
"""


# With the first message that has the file, of one conversation if `within` says so.
_PLACED: LiteralString = f"""
    SELECT {_COLUMNS}, s.is_written, m.public_id, t.public_id
    FROM files f JOIN blobs b ON b.id = f.blob_id
    LEFT JOIN LATERAL (
        SELECT e.message_id, e.conversation_id, e.is_written FROM message_files e
        WHERE e.file_id = f.id AND (%(within)s::bigint IS NULL OR e.conversation_id = %(within)s)
        ORDER BY e.message_id LIMIT 1) s ON true
    LEFT JOIN messages m ON m.id = s.message_id LEFT JOIN conversations t ON t.id = s.conversation_id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A file, and under which key its bytes lie."""

    file: File
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFile:
    """A file that is to be written down. Its bytes are stored already."""

    blob_id: int
    name: str
    media_type: str
    conversation_id: int | None = None
    """The only conversation that it may be attached in; None for any."""


def key_of(organization_id: int, digest: bytes) -> str:
    """Under which key the storage has these bytes of an organization."""
    name = digest.hex()
    return f"{organization_id}/{name[:2]}/{name}"


async def take_blob(connection: Connection, *, organization_id: int, digest: bytes) -> int | None:
    """The bytes with this hash, kept from being purged for a while; None when they are not stored and read yet."""
    return await _take(connection, organization_id, digest, must_be_read=True)


async def take_unread_blob(connection: Connection, *, organization_id: int, digest: bytes) -> int | None:
    """As `take_blob`, for whoever needs the bytes and no text of them."""
    return await _take(connection, organization_id, digest, must_be_read=False)


async def _take(connection: Connection, organization_id: int, digest: bytes, *, must_be_read: bool) -> int | None:
    cursor = await connection.execute(
        "UPDATE blobs SET unused_since = CASE WHEN unused_since IS NULL THEN NULL ELSE now() END"
        " WHERE organization_id = %s AND hash = %s AND is_stored AND (is_read OR NOT %s) RETURNING id",
        (organization_id, digest, must_be_read),
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def bytes_of_organization(connection: Connection, *, organization_id: int) -> int:
    """How many bytes the organization has in the storage."""
    cursor = await connection.execute(
        "SELECT coalesce(sum(size), 0)::bigint FROM blobs WHERE organization_id = %s", (organization_id,)
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def reserve_blob(connection: Connection, *, organization_id: int, digest: bytes, size: int) -> int:
    """Write down that these bytes are about to be stored; while a purge removes the same bytes this waits for its end."""
    cursor = await connection.execute(
        "INSERT INTO blobs (organization_id, hash, size) VALUES (%s, %s, %s) ON CONFLICT (organization_id, hash)"
        " DO UPDATE SET unused_since = CASE WHEN blobs.unused_since IS NULL THEN NULL ELSE now() END RETURNING id",
        (organization_id, digest, size),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def note_stored(connection: Connection, *, blob_id: int, text: str | None, pages: int | None) -> None:
    """The bytes are in the storage; `text` is what a model reads of them, `pages` those of a PDF that anybody may open."""
    await connection.execute(
        "UPDATE blobs SET is_stored = true, is_read = true, text = %s, pages = %s WHERE id = %s", (text, pages, blob_id)
    )


async def note_stored_unread(connection: Connection, *, blob_id: int) -> None:
    """The bytes are in the storage; nobody made a text of them."""
    await connection.execute("UPDATE blobs SET is_stored = true WHERE id = %s", (blob_id,))


async def create(connection: Connection, caller: Caller, new: NewFile) -> File | None:
    """Write a file down as the caller's; None when its bytes were purged meanwhile."""
    cursor = await connection.execute(
        f"""
        WITH b AS (
            UPDATE blobs SET unused_since = NULL WHERE id = %(blob)s AND is_stored RETURNING *
        ), f AS (
            INSERT INTO files (public_id, organization_id, account_id, conversation_id, blob_id, name, media_type)
            SELECT %(public_id)s, %(organization)s, %(account)s, %(conversation)s, b.id, %(name)s, %(media_type)s FROM b
            RETURNING *
        ) SELECT {_COLUMNS} FROM f, b
        """,
        {
            **scope(caller),
            "blob": new.blob_id,
            "public_id": new_id(),
            "conversation": new.conversation_id,
            "name": new.name,
            "media_type": new.media_type,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else _stored(row).file


async def find(
    connection: Connection, caller: Caller, *, file: int | UUID, only_own: bool, conversation_id: int | None = None
) -> StoredFile | None:
    """The file with this integer or public id, if the caller may see it; with a conversation, only one of its files."""
    which: LiteralString = "f.id = %(wanted)s" if isinstance(file, int) else "f.public_id = %(wanted)s"
    within: LiteralString = """
        (%(conversation)s::bigint IS NULL OR f.conversation_id = %(conversation)s OR EXISTS (
            SELECT 1 FROM message_files s WHERE s.file_id = f.id AND s.conversation_id = %(conversation)s))
    """
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM files f JOIN blobs b ON b.id = f.blob_id WHERE {which} AND {_IS_VISIBLE} AND {within}",
        {**scope(caller), "only_own": only_own, "wanted": file, "conversation": conversation_id},
    )
    row = await cursor.fetchone()
    return None if row is None else _stored(row)


async def visible_blob(connection: Connection, caller: Caller, *, digest: bytes) -> int | None:
    """The bytes with this hash, if a file that the caller may see has them; kept from being purged for a while."""
    cursor = await connection.execute(
        f"""
        UPDATE blobs b SET unused_since = CASE WHEN unused_since IS NULL THEN NULL ELSE now() END
        WHERE b.organization_id = %(organization)s AND b.hash = %(digest)s AND b.is_stored
          AND EXISTS (SELECT 1 FROM files f WHERE f.blob_id = b.id AND {_IS_VISIBLE})
        RETURNING b.id
        """,
        {**scope(caller), "only_own": False, "digest": digest},
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def attach(
    connection: Connection,
    caller: Caller,
    wanted: Sequence[int | UUID],
    *,
    message_id: int,
    conversation_id: int,
    only_own: bool,
) -> tuple[int | UUID, ...]:
    """Give a message its files, in this order; returns those that the caller may not attach in this conversation."""
    is_public = any(isinstance(file, UUID) for file in wanted)
    which: LiteralString = "f.public_id" if is_public else "f.id"
    kind: LiteralString = "uuid[]" if is_public else "bigint[]"
    # Rows are locked in the order of their ids: two messages with the same files in other orders cannot block each other.
    cursor = await connection.execute(
        f"""
        WITH locked AS (
            SELECT f.id, w.place FROM unnest(%(wanted)s::{kind}) WITH ORDINALITY AS w(id, place)
            JOIN files f ON {which} = w.id
            WHERE {_IS_VISIBLE} AND (f.conversation_id IS NULL OR f.conversation_id = %(conversation)s)
            ORDER BY f.id FOR UPDATE OF f
        ), used AS (
            UPDATE files SET unused_since = NULL FROM locked WHERE files.id = locked.id
        ), flagged AS (
            UPDATE conversations SET has_files = true WHERE id = %(conversation)s AND NOT has_files
        )
        INSERT INTO message_files (message_id, file_id, conversation_id, place)
        SELECT %(message)s, id, %(conversation)s, place FROM locked RETURNING place
        """,
        {
            **scope(caller),
            "only_own": only_own,
            "wanted": list(wanted),
            "message": message_id,
            "conversation": conversation_id,
        },
    )
    places = {int(row[0]) for row in await cursor.fetchall()}
    return tuple(file for place, file in enumerate(wanted, 1) if place not in places)


async def placed(connection: Connection, caller: Caller, *, file: UUID) -> PlacedFile | None:
    """The file with this public id, and where it is, if the caller may see it."""
    cursor = await connection.execute(
        f"{_PLACED} WHERE f.public_id = %(wanted)s AND {_IS_VISIBLE}",
        {**scope(caller), "only_own": False, "wanted": file, "within": None},
    )
    row = await cursor.fetchone()
    return None if row is None else _placed(row)


async def of_conversation(
    connection: Connection, *, conversation_id: int, is_written: bool | None, before: int | None, limit: int
) -> list[PlacedFile]:
    """The files of a conversation that the caller may see, newest first, with numbers below `before`."""
    cursor = await connection.execute(
        f"""{_PLACED}
        WHERE f.id IN (SELECT file_id FROM message_files WHERE conversation_id = %(within)s)
          AND (%(before)s::bigint IS NULL OR f.id < %(before)s)
          AND (%(is_written)s::boolean IS NULL OR s.is_written = %(is_written)s)
        ORDER BY f.id DESC LIMIT %(limit)s
        """,
        {"within": conversation_id, "is_written": is_written, "before": before, "limit": limit},
    )
    return [_placed(row) for row in await cursor.fetchall()]


async def delete(connection: Connection, caller: Caller, *, file: UUID) -> Literal["done", "absent", "in use"]:
    """Remove a file that the caller may see, from the messages that have it too, unless one is still to be answered.

    To be called in a transaction.
    """
    # First the lock, alone: the next statement must see who took the file until the lock was free.
    cursor = await connection.execute(
        f"SELECT f.id FROM files f WHERE f.public_id = %(wanted)s AND {_IS_VISIBLE} FOR UPDATE OF f",
        {**scope(caller), "only_own": False, "wanted": file},
    )
    row = await cursor.fetchone()
    if row is None:
        return "absent"
    deleted = await connection.execute(
        """
        DELETE FROM files WHERE id = %(file)s AND NOT EXISTS (
            SELECT 1 FROM message_files s JOIN messages m ON m.id = s.message_id
            WHERE s.file_id = %(file)s AND m.status IN ('queued', 'pending'))
        """,
        {"file": row[0]},
    )
    return "done" if deleted.rowcount else "in use"


def _placed(row: TupleRow) -> PlacedFile:
    return PlacedFile(
        file=_stored(row).file,
        digest=bytes(row[8]).hex(),
        is_written=bool(row[9]),
        message_id=row[10],
        conversation_id=row[11],
    )


def _stored(row: TupleRow) -> StoredFile:
    file = File(
        id=row[0],
        public_id=row[1],
        name=row[2],
        media_type=row[3],
        size=row[4],
        conversation_id=row[5],
        created_at=row[6],
    )
    return StoredFile(file=file, key=key_of(row[7], row[8]))
