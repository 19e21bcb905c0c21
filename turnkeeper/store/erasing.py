"""What an erasure removes, in pieces that each are safe to repeat. Takes transactions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from turnkeeper.core.erasures import Erasure
from turnkeeper.core.ids import new_id
from turnkeeper.store.blobs import Blobs
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.files import key_of

_ADDRESSES = 1_000
"""Documents that one run removes at most."""

_NEXT: LiteralString = """
    SELECT c.id FROM conversations c WHERE c.organization_id = %(organization)s AND {which}
    ORDER BY c.id LIMIT 1 FOR UPDATE OF c
"""
_WHICH: dict[str, LiteralString] = {
    "conversation": _NEXT.replace("{which}", "c.public_id = %(target)s"),
    "person": _NEXT.replace("{which}", "c.account_id = (SELECT id FROM accounts WHERE public_id = %(target)s)"),
    "end_user": _NEXT.replace("{which}", "c.metadata @> jsonb_build_object(%(label)s::text, %(value)s::text)"),
}

_MARK_TALK: LiteralString = """
    INSERT INTO erasure_marks (erasure_id, mark)
    SELECT %(erasure)s, public_id FROM conversations WHERE id = %(conversation)s
    UNION SELECT %(erasure)s, public_id FROM messages WHERE conversation_id = %(conversation)s
    UNION SELECT %(erasure)s, public_id FROM approvals WHERE conversation_id = %(conversation)s
    UNION SELECT %(erasure)s, public_id FROM files WHERE conversation_id = %(conversation)s OR id IN (
        SELECT file_id FROM message_files WHERE conversation_id = %(conversation)s)
    ON CONFLICT DO NOTHING
"""

_FORGET_FILES: LiteralString = """
    WITH gone AS (
        DELETE FROM files f WHERE f.id = ANY(%(files)s)
          AND NOT EXISTS (SELECT 1 FROM message_files WHERE file_id = f.id) RETURNING blob_id
    ), noted AS (
        INSERT INTO erasure_blobs (erasure_id, blob_id) SELECT DISTINCT %(erasure)s::bigint, blob_id FROM gone
        ON CONFLICT DO NOTHING
    )
    SELECT cardinality(%(files)s::bigint[]) - (SELECT count(*) FROM files WHERE id = ANY(%(files)s))
        + (SELECT count(*) FROM gone)
"""

_FORGET_RESULTS: LiteralString = """
    DELETE FROM idempotency_keys k WHERE k.organization_id = %(organization)s AND EXISTS (
        SELECT 1 FROM regexp_matches(k.result::text, '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'g') AS found(ids)
        JOIN erasure_marks e ON e.erasure_id = %(erasure)s AND e.mark = found.ids[1]::uuid)
"""

_MARK_PERSON: LiteralString = """
    INSERT INTO erasure_marks (erasure_id, mark)
    SELECT %(erasure)s, public_id FROM accounts WHERE id = %(account)s
    UNION SELECT %(erasure)s, public_id FROM schedules WHERE account_id = %(account)s
    UNION SELECT %(erasure)s, public_id FROM files WHERE account_id = %(account)s
    UNION SELECT %(erasure)s, public_id FROM api_keys WHERE account_id = %(account)s
    UNION SELECT %(erasure)s, public_id FROM syncs WHERE account_id = %(account)s
    ON CONFLICT DO NOTHING
"""

# In this order: a run that goes on finds itself gone before what it wrote is looked for. The files go from the messages of
# other people too, to whose conversations they were added.
_OF_PERSON: tuple[tuple[str, LiteralString], ...] = (
    ("schedules", "DELETE FROM schedules WHERE account_id = %(account)s"),
    ("feedback", "DELETE FROM feedback WHERE account_id = %(account)s"),
    ("notes", "UPDATE approvals SET note = NULL WHERE decided_by = %(account)s AND note IS NOT NULL"),
    ("keys", "DELETE FROM api_keys WHERE account_id = %(account)s"),
    ("memberships", "DELETE FROM data_set_members WHERE account_id = %(account)s"),
    ("runs", "DELETE FROM syncs WHERE account_id = %(account)s"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """A conversation to be erased, held."""

    id: int
    files: Sequence[int]


async def next_talk(connection: Connection, erasure: Erasure) -> Talk | None:
    """The next conversation, held until the transaction ends; None when there is none any more."""
    values = {
        "organization": erasure.organization_id,
        "target": erasure.target,
        "label": erasure.label,
        "value": erasure.value,
    }
    row = await (await connection.execute(_WHICH[erasure.kind], values)).fetchone()
    if row is None:
        return None
    files = await connection.execute(
        "SELECT file_id FROM message_files WHERE conversation_id = %(talk)s UNION"
        " SELECT id FROM files WHERE conversation_id = %(talk)s ORDER BY 1",
        {"talk": row[0]},
    )
    return Talk(id=row[0], files=[each[0] for each in await files.fetchall()])


async def before_talk(connection: Connection, erasure: Erasure, talk: Talk) -> int:
    """What is about the conversation and does not go with it: deliveries of webhooks; how many."""
    values = {"erasure": erasure.id, "conversation": talk.id, "files": list(talk.files)}
    await connection.execute(_MARK_TALK, values)
    # A file that may be attached only here goes with the conversation's row; its bytes must be known before.
    await connection.execute(
        "INSERT INTO erasure_blobs (erasure_id, blob_id) SELECT DISTINCT %(erasure)s::bigint, blob_id FROM files"
        " WHERE id = ANY(%(files)s) ON CONFLICT DO NOTHING",
        values,
    )
    cursor = await connection.execute("DELETE FROM webhook_deliveries WHERE conversation_id = %s", (talk.id,))
    return cursor.rowcount


async def forget_files(connection: Connection, erasure: Erasure, files: Sequence[int]) -> int:
    """Remove those files that no message has any more. Their bytes are noted, to go when they are of no use.

    Returns how many of these are gone, with those that went before.
    """
    cursor = await connection.execute(_FORGET_FILES, {"erasure": erasure.id, "files": list(files)})
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


async def forget_results(connection: Connection, erasure: Erasure) -> int:
    """Remove the stored first results of requests that tell of anything that went; how many."""
    values = {"organization": erasure.organization_id, "erasure": erasure.id}
    return (await connection.execute(_FORGET_RESULTS, values)).rowcount


async def account_of(connection: Connection, erasure: Erasure) -> int | None:
    """The number of the account; None when it is gone."""
    cursor = await connection.execute(
        "SELECT id FROM accounts WHERE organization_id = %s AND public_id = %s FOR UPDATE",
        (erasure.organization_id, erasure.target),
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def remove_of_person(connection: Connection, erasure: Erasure, *, account_id: int) -> dict[str, int]:
    """Remove what a person wrote, made and uploaded outside of conversations; how much, by kind."""
    values = {"account": account_id, "erasure": erasure.id}
    await connection.execute(_MARK_PERSON, values)
    removed: dict[str, int] = {}
    cursor = await connection.execute("SELECT id FROM files WHERE account_id = %(account)s", values)
    files = [row[0] for row in await cursor.fetchall()]
    await connection.execute("DELETE FROM message_files WHERE file_id = ANY(%s)", (files,))
    removed["files"] = await forget_files(connection, erasure, files)
    for kind, statement in _OF_PERSON:
        removed[kind] = (await connection.execute(statement, values)).rowcount
    # What runs have read lies unused until it is swept.
    await connection.execute(
        "INSERT INTO erasure_blobs (erasure_id, blob_id) SELECT %s, id FROM blobs"
        " WHERE organization_id = %s AND unused_since IS NOT NULL ON CONFLICT DO NOTHING",
        (erasure.id, erasure.organization_id),
    )
    return removed


async def have_documents_removed(connection: Connection, *, account_id: int) -> tuple[int, bool]:
    """Have a run remove documents that were made from the person's uploads: how many, and whether a run is under way.

    (0, False) says that there are none any more.
    """
    cursor = await connection.execute(
        "SELECT s.data_set_id, EXISTS (SELECT 1 FROM syncs y WHERE y.data_set_id = s.data_set_id"
        " AND y.state IN ('queued', 'running')) FROM sources s WHERE s.account_id = %s ORDER BY 1 LIMIT 1",
        (account_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        return 0, False
    data_set_id, is_busy = row
    if is_busy:
        return 0, True
    await connection.execute(
        "DELETE FROM sources s WHERE s.account_id = %s AND NOT EXISTS (SELECT 1 FROM documents WHERE source_id = s.id)",
        (account_id,),
    )
    cursor = await connection.execute(
        """
        WITH gone AS (
            SELECT d.address FROM documents d JOIN sources s ON s.id = d.source_id
            WHERE s.account_id = %(account)s AND d.data_set_id = %(data_set)s ORDER BY d.id LIMIT %(most)s
        ), run AS (
            INSERT INTO syncs (public_id, data_set_id, origin, mode, files)
            SELECT %(public_id)s, %(data_set)s, 'upload', 'remove', count(*) FROM gone HAVING count(*) > 0
            RETURNING id, files
        ), listed AS (
            INSERT INTO sync_files (sync_id, number, address, kind)
            SELECT run.id, row_number() OVER (ORDER BY gone.address), gone.address, 'gone' FROM gone, run
        )
        SELECT files, defer_task('sync', 'sync:' || %(data_set)s, jsonb_build_object('sync_id', id)) FROM run
        """,
        {"account": account_id, "data_set": data_set_id, "most": _ADDRESSES, "public_id": new_id()},
    )
    row = await cursor.fetchone()
    return (0 if row is None else int(row[0])), True


async def bury(connection: Connection, *, account_id: int) -> None:
    """Put a tombstone in the place of the person: the row stays, without name, address, password or rights."""
    await connection.execute(
        """
        UPDATE accounts SET name = CASE kind WHEN 'user' THEN 'erased-' || id || '@erased.invalid' ELSE 'erased-' || id END,
            password_hash = CASE kind WHEN 'user' THEN '!' END, role = 'member', is_active = false, is_operator = false,
            erased_at = coalesce(erased_at, now())
        WHERE id = %s
        """,
        (account_id,),
    )


async def remove_bytes(database: Database, blobs: Blobs, erasure: Erasure) -> bool:
    """Remove the bytes of one noted blob that nothing else uses; whether there may be more.

    As in `file_purge`: first the row says that they are not to be relied upon, then the bytes go, then the row.
    """
    async with database.connection() as connection:
        row = await (
            await connection.execute(
                "SELECT blob_id FROM erasure_blobs WHERE erasure_id = %s ORDER BY blob_id LIMIT 1", (erasure.id,)
            )
        ).fetchone()
        if row is None:
            return False
        await connection.execute(
            "UPDATE blobs SET is_stored = false WHERE id = %s AND unused_since IS NOT NULL", (row[0],)
        )
    async with database.transaction() as connection:
        found = await (
            await connection.execute(
                "SELECT hash, size FROM blobs WHERE id = %s AND organization_id = %s AND unused_since IS NOT NULL"
                " AND NOT is_stored FOR UPDATE",
                (row[0], erasure.organization_id),
            )
        ).fetchone()
        if found is not None:
            await blobs.delete(key_of(erasure.organization_id, found[0]))
            await connection.execute("DELETE FROM blobs WHERE id = %s", (row[0],))
            await connection.execute(
                "UPDATE erasures SET removed = removed || jsonb_build_object('bytes', %s +"
                " coalesce((removed ->> 'bytes')::bigint, 0)) WHERE id = %s",
                (found[1], erasure.id),
            )
        await connection.execute(
            "DELETE FROM erasure_blobs WHERE erasure_id = %s AND blob_id = %s", (erasure.id, row[0])
        )
    return True
