"""The processes that serve and work, by the name under which each is connected to the database."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

NodeKind = Literal["serve", "work"]

_NAME = re.compile(r"turnkeeper (\S+) (serve|work) (\S+) (\d{1,11})")
_LONGEST_HOST = 18


def process_name(*, version: str, kind: NodeKind, host: str, pid: int, started_at: datetime) -> str:
    """What a process calls itself; PostgreSQL keeps 63 bytes of it."""
    place = re.sub(r"[^\x21-\x7e]", "-", host)[:_LONGEST_HOST] or "-"
    return f"turnkeeper {version} {kind} {place}:{pid} {int(started_at.timestamp())}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A process."""

    name: str
    """Its host and process id."""
    kind: NodeKind
    version: str
    started_at: datetime
    connections: int
    """To the database; 0 when it is gone."""
    running: int | None
    """Tasks that it works on; None when it does not work."""
    last_heartbeat_at: datetime | None
    """When its worker was last heard of."""
    is_alive: bool


def node_named(name: str) -> Node | None:
    """What a process says of itself by its name; None when the name is nobody's of ours."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return Node(
        name=found[3],
        kind="serve" if found[2] == "serve" else "work",
        version=found[1],
        started_at=datetime.fromtimestamp(int(found[4]), UTC),
        connections=0,
        running=None,
        last_heartbeat_at=None,
        is_alive=False,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseState:
    """The database, as this process sees it."""

    milliseconds: float
    """How long a statement that does nothing takes, there and back."""
    size_bytes: int
    connections: int
    most_connections: int
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TasksState:
    """The queue of all organizations, with every kind of task."""

    waiting: int
    running: int
    oldest_seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerState:
    """The server as a whole."""

    nodes: Sequence[Node]
    database: DatabaseState
    tasks: TasksState
    embedder_is_ready: bool | None
    """Of the process that answers; None when it does not load it at its start."""
