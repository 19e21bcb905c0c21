"""Limits at rest: those of an organization, and changes of an agent's."""

from collections.abc import Mapping
from decimal import Decimal
from typing import LiteralString

import msgspec

from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Limits
from turnkeeper.core.limits import Ceilings
from turnkeeper.store.database import Connection
from turnkeeper.store.revisions import CONTENT_OF_ROW

Changes = Mapping[str, int | float | Decimal | None]
"""New values by the limit's name; None takes a limit away."""

_CHANGED: LiteralString = "(limits - %(removed)s::text[]) || %(set)s::jsonb"
_CEILINGS = msgspec.json.Decoder(Ceilings)
_LIMITS = msgspec.json.Decoder(Limits)


def ceilings_from(text: str) -> Ceilings:
    """What the column `limits` of an organization says."""
    return _CEILINGS.decode(text)


async def of_organization(connection: Connection, *, organization_id: int) -> Ceilings:
    """What the organization allows."""
    cursor = await connection.execute("SELECT limits::text FROM organizations WHERE id = %s", (organization_id,))
    row = await cursor.fetchone()
    return Ceilings() if row is None else _CEILINGS.decode(row[0])


async def change_of_organization(connection: Connection, *, organization_id: int, changes: Changes) -> Ceilings:
    """Change what the organization allows; from its next turns on."""
    cursor = await connection.execute(
        f"UPDATE organizations SET limits = {_CHANGED} WHERE id = %(organization)s RETURNING limits::text",
        {**_values(changes), "organization": organization_id},
    )
    row = await cursor.fetchone()
    return Ceilings() if row is None else _CEILINGS.decode(row[0])


async def change_of_agent(connection: Connection, caller: Caller, *, slug: str, changes: Changes) -> Limits | None:
    """Change the limits of a live agent of the caller's organization, as a revision that answers from now on.

    None when there is no agent of this slug.
    """
    cursor = await connection.execute(
        f"""
        WITH old AS (
            SELECT id, revision FROM agents
            WHERE organization_id = %(organization)s AND slug = %(slug)s AND deleted_at IS NULL FOR UPDATE
        ), a AS (
            UPDATE agents SET limits = {_CHANGED}, revision = latest_revision + 1, latest_revision = latest_revision + 1,
                   version = version + 1, deployed_at = now(), updated_at = clock_timestamp()
            WHERE id = (SELECT id FROM old) RETURNING *
        ), made AS (
            INSERT INTO agent_revisions (agent_id, number, content, note, based_on, account_id, deployed_at)
            SELECT a.id, a.revision, {CONTENT_OF_ROW}, 'Limits changed.', old.revision, %(account)s, now() FROM a, old
        )
        SELECT limits::text FROM a
        """,
        {
            **_values(changes),
            "organization": caller.organization_id,
            "slug": slug,
            "account": caller.account_id,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else _LIMITS.decode(row[0])


def _values(changes: Changes) -> dict[str, object]:
    kept = {name: value for name, value in changes.items() if value is not None}
    return {"removed": list(changes), "set": msgspec.json.encode(kept).decode()}
