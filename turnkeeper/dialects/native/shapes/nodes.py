"""The server's processes on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.core.nodes import NodeKind
from turnkeeper.dialects.native.shapes.common import Moment


class NodeShape(msgspec.Struct, kw_only=True):
    """A process."""

    name: Annotated[str, Meta(description="Its host and process id.", examples=["web-1:4711"])]
    kind: NodeKind
    version: str
    started_at: Moment
    connections: Annotated[int, Meta(description="To the database.")]
    running: Annotated[int | None, Meta(description="Tasks that it works on; null when it only serves.")]
    last_heartbeat_at: Annotated[Moment | None, Meta(description="When its worker was last heard of.")]
    is_alive: bool


class DatabaseShape(msgspec.Struct, kw_only=True):
    """The database."""

    milliseconds: Annotated[float, Meta(description="How long a statement takes that does nothing.")]
    size_bytes: int
    connections: int
    most_connections: int
    version: str


class TasksShape(msgspec.Struct, kw_only=True):
    """The queue of all organizations, with every kind of task."""

    waiting: int
    running: int
    oldest_seconds: float


class NodesShape(msgspec.Struct, kw_only=True):
    """The server as a whole."""

    items: list[NodeShape]
    database: DatabaseShape
    queue: TasksShape
    embedder_is_ready: Annotated[
        bool | None, Meta(description="In the process that answers; null when it does not load it at its start.")
    ]
