"""Parts of a task that are done once: run, recorded, and replayed after a crash."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Journal(Protocol):
    """Where finished steps are written down."""

    def note(self, name: str, value: bytes) -> None:
        """Remember a finished step; it is written with the next flush."""
        ...

    async def flush(self) -> None:
        """Write all that was noted, in one transaction.

        Raises:
            ClaimLostError: another worker has this task; nothing was written.
        """
        ...


class Steps:
    """The steps of one attempt at a task; `recorded` is what earlier attempts finished, as JSON by name.

    A step is noted when it ends and written before the next one begins, at the latest: nothing outside is touched while
    the outcome of an earlier call rests in memory only. The last step of a task is thereby written together with the
    task's own result, in one transaction.
    """

    def __init__(self, recorded: Mapping[str, bytes], journal: Journal) -> None:
        self._recorded = recorded
        self._journal = journal

    def is_done(self, name: str) -> bool:
        """Whether an earlier attempt recorded step `name`."""
        return name in self._recorded

    async def once(self, name: str, kind: type[T], call: Callable[[], Awaitable[T]]) -> T:
        """The value that step `name` was recorded with, else that of `call`, which is noted.

        What `call` raises is passed on and not recorded. Steps may be under way at the same time.

        Raises:
            ClaimLostError: another worker has this task.
        """
        recorded = self._recorded.get(name)
        if recorded is not None:
            return msgspec.json.decode(recorded, type=kind)
        await self._journal.flush()
        value = await call()
        self._journal.note(name, msgspec.json.encode(value))
        return value
