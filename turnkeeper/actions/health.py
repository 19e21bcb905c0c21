"""Whether the server can do its work."""

from dataclasses import dataclass
from typing import Protocol

from turnkeeper.core.errors import TransientError
from turnkeeper.store import tasks
from turnkeeper.store.database import Database


class Readiness(Protocol):
    """Something that is loaded in the background."""

    @property
    def is_ready(self) -> bool:
        """Whether it is there."""
        ...


class QueueObserver(Protocol):
    """Who is told what the queue looks like."""

    def queue_looked_at(self, *, waiting: int, running: int, oldest_seconds: float, workers: int) -> None:
        """Note it."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """The parts a turn needs; `embedder` is None in a process that does not load it at its start."""

    database: bool
    queue: bool
    embedder: bool | None

    @property
    def is_ready(self) -> bool:
        """Whether messages that come in now will be answered."""
        return self.database and self.queue and self.embedder is not False


class HealthActions:
    """Looks at the parts. `embedder` is None in a process that does not load it at its start."""

    def __init__(self, database: Database, observer: QueueObserver, embedder: Readiness | None) -> None:
        self._database = database
        self._observer = observer
        self._embedder = embedder

    async def look(self) -> Health:
        """Ask the database for the queue's state; the observer hears of it."""
        embedder = None if self._embedder is None else self._embedder.is_ready
        try:
            async with self._database.connection() as connection:
                state = await tasks.state(connection)
        except TransientError:
            return Health(database=False, queue=False, embedder=embedder)
        self._observer.queue_looked_at(
            waiting=state.waiting,
            running=state.running,
            oldest_seconds=state.oldest_seconds,
            workers=state.workers,
        )
        return Health(database=True, queue=state.workers > 0, embedder=embedder)
