"""How turns went, and how the server is."""

from turnkeeper.actions.health import Readiness
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import InvalidError, NotAllowedError
from turnkeeper.core.nodes import ServerState, TasksState
from turnkeeper.core.overview import LONGEST, MOST_TURNS, Overview, OverviewFilter, TurnSums, starts_of
from turnkeeper.store import accounts, nodes, overview, tasks
from turnkeeper.store.database import Database


class OverviewActions:
    """What callers may know of turns, and operators of the server."""

    def __init__(self, database: Database, embedder: Readiness | None) -> None:
        """`embedder` is None in a process that does not load it at its start."""
        self._database = database
        self._embedder = embedder

    async def of(self, caller: Caller, wanted: OverviewFilter) -> Overview:
        """How turns went: for admins all of the organization, for members their own.

        Raises:
            InvalidError: the time is empty, or too long for stretches of this length.
            TransientError: it took too long.
        """
        if not wanted.since < wanted.until <= wanted.since + LONGEST[wanted.by]:
            raise InvalidError("from", too_long(wanted))
        async with overview.reading(self._database) as connection:
            total, sums = await overview.sums(connection, caller, wanted)
            failures = await overview.failures(connection, caller, wanted) if total.failed else ()
            queue = await overview.queue_now(connection, organization_id=caller.organization_id)
        by_start = {each.at: each for each in sums}
        return Overview(
            wanted=wanted,
            total=total,
            sums=[by_start.get(at) or TurnSums(at=at) for at in starts_of(wanted)],
            failures=failures,
            queue=queue,
            is_cut=total.turns >= MOST_TURNS,
        )

    async def server(self, caller: Caller) -> ServerState:
        """The processes, the database and the queue: what all organizations share.

        Raises:
            NotAllowedError: the caller is no operator of the server.
        """
        async with self._database.connection() as connection:
            account = await accounts.get(connection, organization_id=caller.organization_id, account=caller.account_id)
            if not caller.rules or account is None or not account.is_operator:
                raise NotAllowedError(
                    "Only operators of the server see its processes; `turnkeeper accounts operator` names them."
                )
            state = await tasks.state(connection)
            return ServerState(
                nodes=await nodes.listed(connection),
                database=await nodes.database_state(connection),
                tasks=TasksState(waiting=state.waiting, running=state.running, oldest_seconds=state.oldest_seconds),
                embedder_is_ready=None if self._embedder is None else self._embedder.is_ready,
            )


def too_long(wanted: OverviewFilter) -> str:
    """Why the time that is wanted cannot be had."""
    most = LONGEST[wanted.by].days
    return f"The time must begin before it ends, and be no longer than {most} days when it is told by {wanted.by}."
