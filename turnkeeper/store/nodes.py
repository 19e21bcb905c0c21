"""The processes at this database: by their connections, and by the hearts of their workers."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from turnkeeper.core.nodes import DatabaseState, Node, node_named
from turnkeeper.store.database import Connection

_SILENT_SECONDS = 10
_MOST = 1_000


async def listed(connection: Connection) -> Sequence[Node]:
    """Every process that is connected or whose worker was not forgotten yet; the oldest first."""
    cursor = await connection.execute(
        """
        SELECT application_name, count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'turnkeeper %%' GROUP BY 1 LIMIT %s
        """,
        (_MOST,),
    )
    nodes: dict[str, Node] = {}
    for name, connections in await cursor.fetchall():
        node = node_named(name)
        if node is not None:
            nodes[name] = replace(node, connections=connections, is_alive=True)
    cursor = await connection.execute(
        """
        SELECT w.process, w.last_heartbeat, w.last_heartbeat > now() - make_interval(secs => %s),
               (SELECT count(*) FROM procrastinate_jobs j WHERE j.worker_id = w.id AND j.status = 'doing')
        FROM procrastinate_workers w ORDER BY w.last_heartbeat LIMIT %s
        """,
        (_SILENT_SECONDS, _MOST),
    )
    for name, heard_at, beats, running in await cursor.fetchall():
        node = nodes.get(name) or node_named(name) or _unknown(heard_at)
        nodes[name] = replace(node, running=running, last_heartbeat_at=heard_at, is_alive=beats)
    return sorted(nodes.values(), key=lambda node: (node.started_at, node.name))


async def database_state(connection: Connection) -> DatabaseState:
    """How big, how busy and how near the database is."""
    await connection.execute("SELECT 1")
    began = time.perf_counter()
    await connection.execute("SELECT 1")
    milliseconds = (time.perf_counter() - began) * 1000
    cursor = await connection.execute(
        """
        SELECT pg_database_size(current_database()),
               (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
               current_setting('max_connections')::int, current_setting('server_version')
        """
    )
    row = await cursor.fetchone()
    assert row is not None
    return DatabaseState(
        milliseconds=milliseconds, size_bytes=row[0], connections=row[1], most_connections=row[2], version=row[3]
    )


def _unknown(heard_at: datetime) -> Node:
    """A worker of a release that did not say who it is."""
    return Node(
        name="unknown",
        kind="work",
        version="",
        started_at=heard_at,
        connections=0,
        running=0,
        last_heartbeat_at=heard_at,
        is_alive=False,
    )
