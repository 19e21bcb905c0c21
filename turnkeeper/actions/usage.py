"""What was spent, and the limits of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Limits
from turnkeeper.core.errors import InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.limits import LIMIT_NAMES, Ceilings, check_limit
from turnkeeper.core.usage import Grouping, Usage, UsageFilter, UsageReport
from turnkeeper.store import agents, audit, limits, usage
from turnkeeper.store.database import Connection, Database

MOST_DAYS = 3_660

Changes = Mapping[str, int | float | Decimal | None]
"""New values by the limit's name; None takes a limit away, or brings an agent's back to its default."""


class UsageActions:
    """What callers may know about spending, and admins may decide."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, caller: Caller, *, days: int, by: Grouping) -> UsageReport:
        """What was spent in the last `days` days, today included, in UTC. Members see what they spent themselves.

        Raises:
            InvalidError: `days` is out of bounds.
        """
        if not 1 <= days <= MOST_DAYS:
            raise InvalidError("days", f"The number of days must be from 1 to {MOST_DAYS:,}.")
        today = datetime.now(UTC).date()
        wanted = UsageFilter(first_day=today - timedelta(days=days - 1), last_day=today, by=(by,))
        return await self.report_of(caller, wanted)

    async def report_of(self, caller: Caller, wanted: UsageFilter) -> UsageReport:
        """What was spent on these days, in UTC. Members see what they spent themselves.

        Raises:
            InvalidError: the first day is behind the last one, or they are too far apart.
        """
        if not 1 <= (wanted.last_day - wanted.first_day).days + 1 <= MOST_DAYS:
            raise InvalidError(
                "from", f"The first day must not be behind the last one, and at most {MOST_DAYS:,} days are summed up."
            )
        async with self._database.connection() as connection:
            return await usage.report(connection, caller, wanted)

    async def of_conversation(self, caller: Caller, *, conversation: int | UUID) -> Usage:
        """What a conversation spent so far, in turns that ended.

        Raises:
            NotFoundError: there is no such conversation for this caller.
        """
        async with self._database.connection() as connection:
            found = await usage.of_conversation(connection, caller, conversation=conversation)
        if found is None:
            raise NotFoundError("conversation", str(conversation))
        return found

    async def ceilings(self, caller: Caller) -> Ceilings:
        """What the caller's organization allows its agents."""
        async with self._database.connection() as connection:
            return await limits.of_organization(connection, organization_id=caller.organization_id)

    async def change_ceilings(self, caller: Caller, changes: Changes) -> Ceilings:
        """Change what the organization allows; it counts for the turns that begin from now on.

        Raises:
            InvalidError: there is no such limit, or its value is out of bounds.
            NotAllowedError: members may not change limits.
        """
        return (await self.set_ceilings(caller, changes, key=None)).value

    async def set_ceilings(self, caller: Caller, changes: Changes, *, key: IdempotencyKey | None) -> Once[Ceilings]:
        """As `change_ceilings`, and not a second time for the same key.

        Raises:
            ConflictError: code `idempotency_key_reused`; and as `change_ceilings`.
        """
        _check(caller, changes)

        async def work(connection: Connection) -> Ceilings:
            changed = await limits.change_of_organization(
                connection, organization_id=caller.organization_id, changes=changes
            )
            await audit.append(connection, caller.actor, "limits.changed", details=_told(changes))
            return changed

        return await once(self._database, caller, key, Ceilings, work, is_one_statement=False)

    async def limits_of_agent(self, caller: Caller, *, slug: str) -> Limits:
        """The agent's own limits.

        Raises:
            NotFoundError: there is no such agent for this caller.
        """
        async with self._database.connection() as connection:
            agent = await agents.find(connection, caller, public_id=None, slug=slug)
        if agent is None:
            raise NotFoundError("agent", slug)
        return agent.limits

    async def change_limits_of_agent(self, caller: Caller, *, slug: str, changes: Changes) -> Limits:
        """Change an agent's own limits; they count for the turns that begin from now on.

        Raises:
            InvalidError: there is no such limit, or its value is out of bounds.
            NotAllowedError: members may not change limits.
            NotFoundError: there is no such agent for this caller.
        """
        _check(caller, changes)
        async with self._database.transaction() as connection:
            changed = await limits.change_of_agent(connection, caller, slug=slug, changes=changes)
            if changed is None:
                raise NotFoundError("agent", slug)
            await audit.append(connection, caller.actor, "limits.changed", target=slug, details=_told(changes))
        return changed


def _told(changes: Changes) -> dict[str, object]:
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in changes.items()}


def _check(caller: Caller, changes: Changes) -> None:
    if caller.role != "admin":
        raise NotAllowedError("Only admins may change limits; ask one, or use an admin's key.")
    for name, value in changes.items():
        if name not in LIMIT_NAMES:
            raise InvalidError(name, f"There is no limit {name!r}. The limits: {', '.join(LIMIT_NAMES)}.")
        check_limit(name, value)
