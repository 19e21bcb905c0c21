"""Waiting for a run of a data set to end: readers of this process, woken by hints."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from turnkeeper.store.notices import Notices

CHANNEL = "turnkeeper_syncs"


class SyncChanges:
    """Who waits for the end of which run in this process."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._waiting: dict[int, set[asyncio.Event]] = {}
        notices.subscribe(CHANNEL, self._heard, self._connected)

    def ended(self, sync_id: int) -> None:
        """Wake everybody who waits for the run, in this process and in others. To be called after the commit."""
        self._notices.send(CHANNEL, str(sync_id))

    @contextmanager
    def listening(self, sync_id: int) -> Generator[asyncio.Event]:
        """An event that is set when the run has ended. Listen first, then read, then wait."""
        changed = asyncio.Event()
        waiting = self._waiting.setdefault(sync_id, set())
        waiting.add(changed)
        try:
            yield changed
        finally:
            waiting.discard(changed)
            if not waiting:
                self._waiting.pop(sync_id, None)

    def _heard(self, item: str) -> None:
        for changed in self._waiting.get(int(item), ()) if item.isdecimal() else ():
            changed.set()

    def _connected(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        if is_connected:
            for waiting in self._waiting.values():
                for changed in waiting:
                    changed.set()
