"""Limits at rest: those of an organization, and changes of an agent's."""

from collections.abc import Mapping
from decimal import Decimal
from typing import LiteralString

import msgspec

from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Limits
from turnkeeper.core.limits import Ceilings
from turnkeeper.store.database import Connection

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
    """Change the limits of a live agent of the caller's organization; None when there is none of this slug."""
    cursor = await connection.execute(
        f"""
        UPDATE agents SET limits = {_CHANGED}, updated_at = clock_timestamp()
        WHERE organization_id = %(organization)s AND slug = %(slug)s AND deleted_at IS NULL RETURNING limits::text
        """,
        {**_values(changes), "organization": caller.organization_id, "slug": slug},
    )
    row = await cursor.fetchone()
    return None if row is None else _LIMITS.decode(row[0])


def _values(changes: Changes) -> dict[str, object]:
    kept = {name: value for name, value in changes.items() if value is not None}
    return {"removed": list(changes), "set": msgspec.json.encode(kept).decode()}
